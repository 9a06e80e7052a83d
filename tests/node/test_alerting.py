import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.delivery.circle import CIRCLE, Contexts, entry, log_of, ref, report, terms, view
from tests.cases.delivery.test_delivery import acknowledgement, answer
from tests.simulation.clock import START_MS, VirtualClock
from tests.simulation.loop import VirtualLoop, new_loop

from tocsin.cases.duty import Bell, Policy
from tocsin.cases.picture.view import CaseSummary, CaseView, State, TimelineEntry
from tocsin.circles.plaintext import plain_line
from tocsin.core.records import Ref, Reminder, Tlp, parse_record
from tocsin.core.records.errors import UnknownCase
from tocsin.core.views import Cosigned, Holdings, Knowledge, Party, Terms
from tocsin.log.store import StorageFull
from tocsin.node.alerting.channels import Channel
from tocsin.node.alerting.desks import zone
from tocsin.node.alerting.ringing import FIRST_RETRY_S, GAP_S, LONGEST_RETRY_S, Alerting
from tocsin.node.alerting.settings import WebhookSettings
from tocsin.node.alerting.telling import MAX_LINE_CHARACTERS, Message, compose, rings_of
from tocsin.node.alerting.watching import LOOK_AGAIN_S, SETTLE_S, Watched
from tocsin.node.casework.types import Cases
from tocsin.node.config import LogSettings
from tocsin.node.errors import AlertFailed
from tocsin.node.watching.logs import make_logger

DAY_S = 86_400.0
QUARTER_S = 900.0
AGAIN_S = QUARTER_S * 0.33
LOG = make_logger(LogSettings(level="error"))


@dataclass
class Office:
    """The cases of one circle at one node: one case, to which records come while it runs."""

    me: str = "cedar"
    timeline: list[TimelineEntry] = field(default_factory=list)
    arrived: dict[Ref, int] = field(default_factory=dict)
    confirmed_s: int = 0
    listeners: list[Callable[[Ref], None]] = field(default_factory=list)
    rebuilding: bool = False
    lags: bool = False
    full: bool = False
    written: list[Reminder] = field(default_factory=list)
    viewed: int = 0
    terms: Terms = field(default_factory=terms)
    state: State = "open"

    def come(self, new: TimelineEntry, now_ms: int) -> None:
        """A record comes."""
        self.timeline.append(new)
        self.arrived[new.ref] = now_ms
        for heard in self.listeners:
            heard(self.timeline[0].ref)

    async def write(self, record: bytes) -> None:
        """Write a reminder; with `lags`, the case does not show it yet."""
        if self.full:
            raise StorageFull
        reminder = parse_record(record).record
        assert isinstance(reminder, Reminder)
        self.written.append(reminder)
        if not self.lags:
            self.come(entry(self.me, 100 + len(self.written), reminder), reminder.at_ms)

    async def summaries(
        self,
        state: State | None = None,
        after: str | None = None,
        limit: int = 50,
        *,
        since_closing: bool = False,
    ) -> Cases:
        """The case, if there is one and it is chosen, on the second page."""
        del limit
        since = sum(each.since_closing for each in self.timeline)
        if state not in (None, self.state) or (since_closing and not since) or not self.timeline:
            return Cases(cases=(), rebuilding=self.rebuilding)
        if after is None:
            return Cases(cases=(), rebuilding=self.rebuilding, next="more")
        summary = CaseSummary(
            ref=self.timeline[0].ref,
            opened_by="birch",
            opened_at_ms=0,
            last_at_ms=max(each.record.at_ms for each in self.timeline),
            state=self.state,
            outcome=None,
            event=None,
            severity=None,
            summary=None,
            lang=None,
            records=len(self.timeline),
            open_asks=0,
            independent_sources=0,
            corroborated=False,
            since_closing=since,
        )
        return Cases(cases=(summary,), rebuilding=self.rebuilding)

    async def view(self, case: Ref) -> CaseView:
        """The case."""
        self.viewed += 1
        if not self.timeline:
            raise UnknownCase(f"no {case}")
        return view(self.timeline, state=self.state)

    async def holdings(self, case: Ref) -> Holdings:
        """Cedar has confirmed birch's records at `confirmed_s`."""
        del case
        cosigned = {log_of("birch"): {"cedar": (Cosigned(9, self.confirmed_s),)}} if self.confirmed_s else {}
        return Holdings(self.me, cosigned, dict(self.arrived))

    def knowledge(self) -> Knowledge:
        """Nobody has seen anything."""
        return Contexts()

    def listen(self, heard: Callable[[Ref], None]) -> Callable[[], None]:
        """As casework has it."""
        self.listeners.append(heard)
        return lambda: self.listeners.remove(heard)


@dataclass
class Phone:
    """A way out that notes when it was rung; `fails` so many times, or hangs for good."""

    loop: VirtualLoop
    fails: int = 0
    hangs: bool = False
    rung: list[tuple[float, Message]] = field(default_factory=list)
    tried: list[float] = field(default_factory=list)

    async def send(self, message: Message, now_ms: int) -> None:
        """Ring."""
        del now_ms
        self.tried.append(self.loop.time())
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails > 0:
            self.fails -= 1
            raise AlertFailed
        self.rung.append((self.loop.time(), message))

    @property
    def times(self) -> list[float]:
        """When it was rung, in seconds."""
        return [at_s for at_s, _ in self.rung]


@dataclass
class Remembered:
    """What is kept across starts."""

    documents: dict[str, bytes] = field(default_factory=dict)
    calm: dict[str, bytes] = field(default_factory=dict)
    full: bool = False

    async def remember(self, case: str, mark: bytes) -> None:
        """Keep how much there is of a case in which nothing is owed."""
        if self.full:
            raise StorageFull
        self.calm[case] = mark

    def read(self, channel: str) -> bytes | None:
        """The document of a channel."""
        return self.documents.get(channel)

    async def write(self, channel: str, data: bytes) -> None:
        """Keep it."""
        if self.full:
            raise StorageFull
        self.documents[channel] = data


@dataclass
class Place:
    """A node's alerts, on virtual time."""

    loop: VirtualLoop
    office: Office
    phones: Mapping[str, Phone]
    memory: Remembered = field(default_factory=Remembered)
    policy: Policy = field(default_factory=Policy)
    max_tlp: Tlp = "TLP:GREEN"

    @property
    def now_ms(self) -> int:
        """What time it is."""
        return START_MS + int(self.loop.time() * 1000)

    def alerting(self, clock: VirtualClock | None = None) -> Alerting:
        """The alerts, not running."""
        channels = [
            Channel(
                WebhookSettings(
                    name=name,
                    url="https://example.org/",
                    secret_file="secret",  # type: ignore[arg-type]
                    to="deputy" if name == "deputy" else "duty",
                    max_tlp=self.max_tlp,
                ),
                phone,
            )
            for name, phone in self.phones.items()
        ]
        made = Alerting(
            channels, self.policy, "Desk", self.memory, clock=clock or VirtualClock(self.loop), log=LOG
        )
        made.add(CIRCLE, self.watched(self.office))
        return made

    def watched(self, office: Office) -> Watched:
        """An office, as it is watched."""
        return Watched(office, dict, office.write, self.memory.calm, self.memory.remember)

    async def run(self, seconds: float, alerting: Alerting | None = None) -> None:
        """Let it run for so long, and stop it at any point."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await (alerting or self.alerting()).run()

    def open(self) -> None:
        """Birch opens a case."""
        self.office.come(entry("birch", 1, report(self.now_ms)), self.now_ms)


def play(scenario: Callable[[VirtualLoop], Coroutine[object, object, None]]) -> None:
    """Run a scenario on virtual time."""
    loop = new_loop()
    try:
        loop.run(scenario(loop), 400 * DAY_S)
    finally:
        loop.close()


def moments(first_s: float, until_s: float) -> list[float]:
    """Each 33 % of fifteen minutes, from the first on."""
    return [first_s + n * AGAIN_S for n in range(int((until_s - first_s) / AGAIN_S) + 1)]


def rang_at(phone: Phone, *expected_s: float) -> bool:
    """Whether it rang at these moments: not before, and within half a second."""
    pairs = zip(phone.times, expected_s, strict=False)
    return len(phone.rung) == len(expected_s) and all(0 <= at - moment <= 0.5 for at, moment in pairs)


def test_it_rings_until_somebody_is_aware() -> None:
    """At once, at each moment after that, the deputy's from half of the time on; then there is silence."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop), "deputy": Phone(loop)})
        place.open()

        async def acknowledge() -> None:
            await asyncio.sleep(2000)
            place.office.come(entry("cedar", 1, acknowledgement(1, ("birch", 1))), place.now_ms)

        aware = asyncio.ensure_future(acknowledge())
        await place.run(DAY_S)
        await aware
        assert rang_at(place.phones["duty"], *moments(0, 2000))
        assert rang_at(place.phones["deputy"], *moments(QUARTER_S / 2, 2000))

    play(scenario)


def test_what_comes_while_it_runs_rings_in_less_than_a_second() -> None:
    """A case that is new rings when it comes, whenever the node last looked."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)})

        async def later() -> None:
            await asyncio.sleep(7777)
            place.open()

        coming = asyncio.ensure_future(later())
        await place.run(7779)
        await coming
        ((at_s, _),) = place.phones["duty"].rung
        assert 7777 <= at_s <= 7777 + 2 * SETTLE_S

    play(scenario)


@pytest.mark.parametrize("turns", range(0, 60, 3))
def test_it_can_be_stopped_at_any_moment(turns: int) -> None:
    """Whatever it is at, and whatever comes just then: it ends, and waits for nothing."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)})
        place.open()
        running = asyncio.ensure_future(place.alerting().run())
        for turn in range(turns):
            if turn % 7 == 0:
                place.office.come(entry("elm", 1 + turn, report(1, case=ref("birch", 1))), place.now_ms)
            await asyncio.sleep(0 if turn % 5 else SETTLE_S)
        place.office.come(entry("elm", 99, report(1, case=ref("birch", 1))), place.now_ms)
        running.cancel()
        await asyncio.wait([running], timeout=0.001)
        assert running.cancelled()

    play(scenario)


def test_a_way_that_fails_is_tried_again_and_one_that_hangs_keeps_no_other() -> None:
    """After one second, two, four and so on up to a minute; the others ring at their moments."""

    async def scenario(loop: VirtualLoop) -> None:
        phones = {"failing": Phone(loop, fails=9), "hanging": Phone(loop, hangs=True), "duty": Phone(loop)}
        place = Place(loop, Office(), phones)
        place.open()
        alerting = place.alerting()

        async def look() -> None:
            await asyncio.sleep(100)
            assert set(alerting.failing()) == {"failing"}

        looking = asyncio.ensure_future(look())
        await place.run(280, alerting)
        await looking
        tried = phones["failing"].tried
        waits = [round(later - earlier) for earlier, later in pairwise(tried)]
        assert waits == [min(2**n * FIRST_RETRY_S, LONGEST_RETRY_S) for n in range(9)]
        assert len(phones["failing"].rung) == 1
        assert len(phones["hanging"].tried) == 1
        assert rang_at(phones["duty"], 0)
        assert alerting.failing() == {}

    play(scenario)


def test_what_is_done_meanwhile_does_not_go_out_any_more() -> None:
    """An alert that could not be sent is forgotten as soon as somebody is aware."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop, fails=3)})
        place.open()

        async def acknowledge() -> None:
            await asyncio.sleep(2)
            place.office.come(entry("cedar", 1, acknowledgement(1, ("birch", 1))), place.now_ms)

        aware = asyncio.ensure_future(acknowledge())
        await place.run(DAY_S)
        await aware
        assert place.phones["duty"].rung == []
        assert len(place.phones["duty"].tried) == 2

    play(scenario)


@pytest.mark.parametrize("full", [False, True])
def test_a_new_start_rings_for_what_it_missed_and_for_nothing_twice(full: bool) -> None:
    """What went out is remembered; where it could not be, on a full disk, it is said again: never lost."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)}, Remembered(full=full))
        place.open()
        await place.run(100)
        await place.run(100)
        assert rang_at(place.phones["duty"], *[0, 100][: 1 + full])
        await asyncio.sleep(10 * AGAIN_S)
        await place.run(10)
        assert len(place.phones["duty"].rung) == 2 + full
        assert place.phones["duty"].times[-1] == pytest.approx(200 + 10 * AGAIN_S, abs=1)

    play(scenario)


@pytest.mark.parametrize("memory", [b"", b"[]", b"\xff", b'{"x": "y"}', b'{"x": 99999999999999999999}'])
def test_a_memory_that_cannot_be_read_is_none(memory: bytes) -> None:
    """Then it rings again: rather twice than never."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)}, Remembered({"duty": memory}))
        place.open()
        await place.run(10)
        assert rang_at(place.phones["duty"], 0)

    play(scenario)


def test_many_cases_are_one_message_and_two_have_time_between_them() -> None:
    """Whoever opens a thousand cases does not ring a thousand times."""

    async def scenario(loop: VirtualLoop) -> None:
        phone = Phone(loop)
        offices = [Office(terms=terms()) for _ in range(100)]
        place = Place(loop, Office(), {"duty": phone})
        alerting = place.alerting()
        for number, office in enumerate(offices):
            office.come(entry("birch", 1, report(place.now_ms)), place.now_ms)
            alerting.add(f"{number:064d}", place.watched(office))
        await place.run(AGAIN_S - 1, alerting)
        assert len(phone.rung) <= 2
        assert all(later - one >= GAP_S for one, later in pairwise(phone.times))
        assert "90 more cases wait for you at Desk." in [
            line for _, each in phone.rung for line in each.lines
        ]

    play(scenario)


def test_reminders_are_written_when_the_time_is_over() -> None:
    """By the node of the member that opened the case, when cedar has had it for so long."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(me="birch"), {"duty": Phone(loop)})
        place.open()

        async def confirm() -> None:
            await asyncio.sleep(100)
            place.office.confirmed_s = place.now_ms // 1000
            for member in ("cedar", "elm"):
                alerting.confirmed(CIRCLE, member)

        alerting = place.alerting()
        confirming = asyncio.ensure_future(confirm())
        await place.run(DAY_S, alerting)
        await confirming
        assert [(one.step, one.member) for one in place.office.written] == [
            ("reminder", "cedar"),
            ("deputy", "cedar"),
        ]
        after_s = [(one.at_ms - START_MS) / 1000 for one in place.office.written]
        assert after_s == pytest.approx([100 + QUARTER_S, 100 + QUARTER_S * 1.5], abs=1)
        assert place.phones["duty"].rung == []

    play(scenario)


def test_a_reminder_is_written_once_however_late_the_case_shows_it() -> None:
    """Nor while not all is here that was written; on a full disk it is tried again."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(me="birch", lags=True, confirmed_s=START_MS // 1000), {})
        place.open()
        place.office.rebuilding = True
        await place.run(QUARTER_S * 1.2)
        assert place.office.written == []
        place.office.rebuilding, place.office.full = False, True
        alerting = place.alerting()
        running = asyncio.ensure_future(place.run(200, alerting))
        await asyncio.sleep(60)
        assert place.office.written == []
        place.office.full = False
        await running
        assert [one.step for one in place.office.written] == ["reminder"]

    play(scenario)


@pytest.mark.parametrize("full", [False, True])
def test_a_new_start_passes_over_cases_in_which_nothing_is_owed(full: bool) -> None:
    """As long as there is no more of them than there was; where that is not remembered, it looks again."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)}, Remembered(full=full))
        place.open()
        place.office.come(entry("cedar", 1, acknowledgement(1, ("birch", 1))), place.now_ms)
        await place.run(10)
        assert place.office.viewed == 1
        await place.run(10)
        assert place.office.viewed == 1 + full
        place.office.timeline.append(entry("birch", 2, report(place.now_ms, case=ref("birch", 1))))
        place.office.arrived[ref("birch", 2)] = place.now_ms
        await place.run(10)
        assert len(place.phones["duty"].rung) == 1

    play(scenario)


@pytest.mark.parametrize("at_start", [False, True])
def test_what_comes_into_a_closed_case_rings_until_somebody_is_aware(at_start: bool) -> None:
    """When it comes, or when the node starts after that; nothing of what was there before rings."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(state="closed"), {"duty": Phone(loop)})
        place.open()
        late = entry("elm", 1, report(1, case=ref("birch", 1)), since_closing=True)

        async def later() -> None:
            await asyncio.sleep(1000)
            place.office.come(late, place.now_ms)
            await asyncio.sleep(1000)
            place.office.come(entry("cedar", 1, acknowledgement(1, ("elm", 1))), place.now_ms)

        coming = asyncio.ensure_future(later())
        if at_start:
            await asyncio.sleep(1001)
        await place.run(DAY_S)
        await coming
        assert rang_at(place.phones["duty"], 1000 + at_start, *moments(1000 + AGAIN_S, 2000))
        assert "acknowledge the report by Desk elm" in place.phones["duty"].rung[0][1].lines[0]
        viewed = place.office.viewed
        await place.run(10)
        await place.run(10)
        assert place.office.viewed <= viewed + 1

    play(scenario)


def test_a_closed_case_into_which_nothing_came_is_not_looked_at() -> None:
    """There may be very many."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(state="closed"), {"duty": Phone(loop)})
        place.open()
        await place.run(DAY_S)
        assert place.office.viewed == 0
        assert place.phones["duty"].rung == []

    play(scenario)


def test_a_clock_that_jumps_is_noticed() -> None:
    """Nothing waits longer than half a minute for a wall clock that was put right."""

    async def scenario(loop: VirtualLoop) -> None:
        clock = VirtualClock(loop)
        place = Place(loop, Office(), {"duty": Phone(loop)})
        place.open()
        running = asyncio.ensure_future(place.run(100, place.alerting(clock)))
        await asyncio.sleep(10)
        clock._start_ms += int(AGAIN_S * 1000)
        await running
        assert len(place.phones["duty"].rung) == 2
        assert place.phones["duty"].times[1] <= 10 + LOOK_AGAIN_S

    play(scenario)


def test_a_case_that_cannot_be_looked_at_keeps_nobody_from_the_others() -> None:
    """An error of this program about one case is told, and the others ring."""

    class Broken(Office):
        async def holdings(self, case: Ref) -> Holdings:
            raise ZeroDivisionError(str(case))

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)})
        place.open()
        broken = Broken()
        broken.come(entry("birch", 1, report(0)), 0)
        alerting = place.alerting()
        alerting.add("0" * 64, place.watched(broken))
        await place.run(10, alerting)
        assert rang_at(place.phones["duty"], 0)

    play(scenario)


def test_what_failed_is_begun_again() -> None:
    """After a defect somewhere in it, it can be run again, and hears of what comes then."""

    class Broken(Phone):
        async def send(self, message: Message, now_ms: int) -> None:
            if not self.tried:
                self.tried.append(self.loop.time())
                raise RuntimeError
            await super().send(message, now_ms)

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Broken(loop)})
        place.open()
        alerting = place.alerting()
        with pytest.raises(ExceptionGroup):
            await alerting.run()
        running = asyncio.ensure_future(place.run(400, alerting))
        await asyncio.sleep(100)
        place.office.come(
            entry("elm", 1, report(place.now_ms, case=ref("birch", 1)), standing="counts"), place.now_ms
        )
        place.office.come(entry("cedar", 1, acknowledgement(1, ("birch", 1), ("elm", 1))), place.now_ms)
        await running
        assert rang_at(place.phones["duty"], 0)
        assert place.office.listeners == []

    play(scenario)


def test_a_case_that_is_gone_rings_no_more() -> None:
    """All of it was erased: there is nothing to be aware of."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {"duty": Phone(loop)})
        place.open()
        case = place.office.timeline[0].ref
        running = asyncio.ensure_future(place.run(DAY_S))
        await asyncio.sleep(10)
        place.office.timeline.clear()
        place.office.listeners[0](case)
        await running
        assert rang_at(place.phones["duty"], 0)

    play(scenario)


def test_whoever_listens_is_told_at_once_that_a_case_is_gone() -> None:
    """A siren falls silent when the case is erased, and not when it looks again by itself."""

    async def scenario(loop: VirtualLoop) -> None:
        place = Place(loop, Office(), {})
        place.open()
        case = place.office.timeline[0].ref
        alerting = place.alerting()
        told: list[tuple[float, int]] = []
        alerting.listen(lambda: told.append((loop.time(), len(alerting.rings()))))

        async def erase() -> None:
            await asyncio.sleep(10)
            place.office.timeline.clear()
            place.office.listeners[0](case)

        erasing = asyncio.ensure_future(erase())
        await place.run(10 + 2 * SETTLE_S, alerting)
        await erasing
        (_, rang), *_, (at_s, left) = told
        assert rang > 0
        assert at_s >= 10
        assert left == 0

    play(scenario)


# What is said

LINES = st.text(max_size=300)


def bell(tlp: Tlp = "TLP:GREEN", **changes: object) -> Bell:
    """A bell for birch's report."""
    fields: dict[str, object] = {
        "case": ref("birch", 1),
        "due": "acknowledgement",
        "audience": "duty",
        "of": ref("birch", 1),
        "count": 1,
        "due_by_ms": START_MS,
        "overdue": False,
        "tlp": tlp,
        "last_ms": START_MS,
        "next_ms": None,
    }
    return Bell(**(fields | changes))  # type: ignore[arg-type]


def told(summary: str | None, tlp: Tlp, max_tlp: Tlp, charter: Terms | None = None) -> Message:
    """What is said of one bell."""
    picture = view([entry("birch", 1, report(START_MS))], summary=summary)
    return compose(rings_of(picture, [bell(tlp)], CIRCLE, charter or terms()), "Desk", max_tlp)


@given(LINES.filter(bool), LINES)
def test_whatever_others_wrote_is_one_plain_line(label: str, summary: str) -> None:
    """No text by anyone is a second line, moves a cursor or turns the writing around, nor is it endless."""
    charter = terms(birch=Party("birch", label, "KR"))

    message = told(summary, "TLP:CLEAR", "TLP:CLEAR", charter)

    (line,) = message.lines
    assert len(line) <= MAX_LINE_CHARACTERS
    assert len(line.splitlines()) == 1
    assert line == plain_line(line)
    assert msgspec.json.decode(msgspec.json.encode(message), type=Message) == message


def test_a_line_says_what_is_urgent() -> None:
    """What to do, whose it is, until when, in which case, and what it is about."""
    assert told("Bridge closed", "TLP:GREEN", "TLP:GREEN").lines == (
        'acknowledge the report by Desk birch, by 2023-05-22 14:00 UTC, case birch.1.1: "Bridge closed"',
    )


def test_a_line_says_that_the_case_was_closed() -> None:
    """And of which kind the record is that came since."""
    late = entry("elm", 1, answer(1, ("birch", 2)), since_closing=True)
    picture = view([entry("birch", 1, report(START_MS)), late], state="closed")
    (ring,) = rings_of(picture, [bell(of=late.ref, due_by_ms=None)], CIRCLE, terms())

    assert ring.line == "acknowledge the answer by Desk elm, case birch.1.1 (closed)"


@given(st.sampled_from(["TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]), st.text(min_size=8, max_size=40))
def test_above_its_label_nothing_is_told(tlp: Tlp, summary: str) -> None:
    """That something waits is all: not what, not whose, not in which case or circle."""
    message = told(summary, tlp, "TLP:GREEN")

    assert message.lines == (f"something at {tlp} waits for you at Desk",)
    assert (message.told, message.withheld) == ((), tlp)
    sent = msgspec.json.encode(message).decode()
    for word in ("birch", CIRCLE, "report", "acknowledge"):
        assert word not in sent


def test_what_may_be_told_and_what_may_not() -> None:
    """Of two cases, the one within the label is told, and of the other its label."""
    picture = view([entry("birch", 1, report(START_MS))])
    rings = rings_of(picture, [bell("TLP:RED"), bell(count=3)], CIRCLE, terms())

    message = compose(rings, "Desk", "TLP:GREEN")

    assert message.lines[0].endswith("case birch.1.1 and 2 more of it")
    assert message.lines[1] == "something at TLP:RED waits for you at Desk"
    assert [one.case for one in message.told] == ["birch.1.1"]


def test_a_drill_says_so_first() -> None:
    """Nobody takes an exercise for the real thing, also where no more is told; what is real comes first."""
    drill = replace(terms(), drill=True)
    picture = view([entry("birch", 1, report(START_MS))])

    assert told("x", "TLP:CLEAR", "TLP:CLEAR", drill).lines[0].startswith("EXERCISE: acknowledge")
    above = told("x", "TLP:RED", "TLP:CLEAR", drill)
    assert above.lines == ("EXERCISE: something at TLP:RED waits for you at Desk",)
    exercise = rings_of(picture, [bell(overdue=True)], CIRCLE, drill)
    both = [*exercise, *rings_of(picture, [bell()], CIRCLE, terms())]
    assert [line.startswith("EXERCISE") for line in compose(both, "Desk", "TLP:GREEN").lines] == [False, True]


@pytest.mark.parametrize("due_by_ms", [None, 0, 10**30, -(10**30)])
def test_any_time_can_be_told(due_by_ms: int | None) -> None:
    """A time beyond all calendars is left out."""
    picture = view([entry("birch", 1, report(START_MS))])

    (ring,) = rings_of(picture, [bell(due_by_ms=due_by_ms)], CIRCLE, terms())

    assert "case birch.1.1" in ring.line


@pytest.mark.parametrize(
    "name",
    ["", "America", "../../etc/passwd", "/etc/passwd", "Asia/Nowhere", "Asia/Seoul\0", "x" * 1000, "."],
)
def test_no_name_of_a_zone_does_harm(name: str) -> None:
    """What is no zone is none, whatever a card says."""
    assert zone(name) is None


def test_zones_are_those_of_iana() -> None:
    """UTC and the names of the tz database."""
    assert zone("UTC") is not None
    assert zone("Asia/Seoul") is not None
