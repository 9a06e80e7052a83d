from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.cases.delivery.circle import CIRCLE, Contexts, entry, holdings, ref, report, terms, view
from tests.cases.delivery.test_delivery import acknowledgement, answer, ask
from tests.cases.delivery.test_hours import NIGHTS, OFFICE, at, hours

from tocsin.cases.delivery import Hours
from tocsin.cases.delivery.hours import MINUTE_MS
from tocsin.cases.duty import Bell, Look, Policy, look
from tocsin.cases.duty.ladder import Ladder
from tocsin.cases.picture.view import CaseView, Standing, TimelineEntry
from tocsin.core.records import Reminder, encode_record
from tocsin.core.views import Holdings

START_MS = at("2026-11-20T10:00")
AGAIN_MS = 15 * MINUTE_MS * 330 // 1000
POLICY = Policy()
ALWAYS = Hours()


def seen(picture: CaseView, known: Holdings, now_ms: int, policy: Policy = POLICY, **desks: Hours) -> Look:
    """One look, by whose node the holdings say."""
    return look(picture, known, Contexts(), terms(), hours=desks, policy=policy, now_ms=now_ms)


def opened(*more: TimelineEntry) -> CaseView:
    """Birch's case, with what else there is."""
    return view([entry("birch", 1, report(START_MS)), *more])


def bell(found: Look, due: str = "acknowledgement", audience: str = "duty") -> Bell:
    """One of the bells."""
    return next(one for one in found.bells if (one.due, one.audience) == (due, audience))


def reminder(
    member: str, index: int, step: str, to: str = "cedar", standing: Standing = "counts"
) -> TimelineEntry:
    """A reminder to a member of the opening report."""
    return entry(
        member,
        index,
        Reminder(
            circle=CIRCLE,
            at_ms=START_MS,
            author="node",
            author_kind="machine",
            answerable="duty",
            tlp="TLP:GREEN",
            case=ref("birch", 1),
            of=ref("birch", 1),
            member=to,
            due="acknowledgement",
            due_by_ms=START_MS,
            step=step,  # type: ignore[arg-type]
        ),
        standing=standing,
    )


@dataclass
class Desk:
    """Cedar's node and birch's, run on virtual time: one rings for people, the other reminds.

    What they remember is what is kept: the moments that were rung, and the records that were written.
    """

    cedar: Hours
    timeline: list[TimelineEntry] = field(default_factory=lambda: [entry("birch", 1, report(START_MS))])
    rung: dict[tuple[str, str], int] = field(default_factory=dict)
    rings: list[tuple[int, Bell]] = field(default_factory=list)

    def ring(self, now_ms: int, *, crash: bool = False) -> int | None:
        """Cedar's node looks, and rings; crashing, it forgets that it did. When to look again."""
        found = self._look("cedar", now_ms)
        for one in found.bells:
            key = (one.due, one.audience)
            if one.rings(self.rung.get(key), now_ms) and one.last_ms is not None:
                self.rings.append((now_ms, one))
                if crash:
                    return found.again_ms
                self.rung[key] = one.last_ms
        return found.again_ms

    def remind(self, now_ms: int, *, crash: bool = False) -> int | None:
        """Birch's node looks, and writes; crashing, it has decided and not written."""
        found = self._look("birch", now_ms)
        if not crash:
            for record in found.write:
                assert encode_record(record)
                self.timeline.append(entry("birch", len(self.timeline) + 2, record))
        return found.again_ms

    def _look(self, me: str, now_ms: int) -> Look:
        arrived = {"birch_1": START_MS} if me == "cedar" else {}
        known = holdings(me, [("birch", "cedar", 2, START_MS // 1000)], **arrived)
        return seen(view(self.timeline), known, now_ms, cedar=self.cedar)


def moments(ladder: Ladder, until_ms: int) -> list[int]:
    """All moments of a ladder, each found from the one before."""
    found = []
    now_ms = ladder.since_ms - 1
    while (next_ms := ladder.next(now_ms)) is not None and next_ms <= until_ms:
        found.append(next_ms)
        now_ms = next_ms
    return found


@given(st.sampled_from([OFFICE, NIGHTS, None]), st.integers(0, 10**9), st.booleans(), st.integers(0, 10**9))
def test_a_ladder_has_one_order_of_moments(text: str | None, since: int, at_once: bool, now: int) -> None:
    """The last moment up to now and the first after it are neighbours, each with its share of duty."""
    desk = hours(text) if text else ALWAYS
    ladder = Ladder(desk, START_MS + since, 0, 7 * MINUTE_MS, at_once=at_once)
    now_ms = START_MS + now

    last_ms, next_ms = ladder.last(now_ms), ladder.next(now_ms)

    assert last_ms is None or last_ms <= now_ms
    assert next_ms is not None
    assert next_ms > now_ms
    assert ladder.last(next_ms) == next_ms
    assert ladder.last(next_ms - 1) == last_ms
    if last_ms != ladder.since_ms:
        assert desk.worked(ladder.since_ms, next_ms) % (7 * MINUTE_MS) == 0


@pytest.mark.parametrize("text", [OFFICE, NIGHTS, None])
def test_it_rings_at_its_moments_and_stops_when_acknowledged(text: str | None) -> None:
    """Looked at when it says so, it rings at once, and then at each 33 % of 15 minutes on duty.

    The deputy is called as well, from half of the time on; both until somebody is aware.
    """
    desk = Desk(hours(text) if text else ALWAYS)
    end_ms = START_MS + 4 * 86_400_000
    now_ms: int | None = START_MS
    while now_ms is not None and now_ms < end_ms:
        now_ms = desk.ring(now_ms)
    duty = moments(Ladder(desk.cedar, START_MS, 0, AGAIN_MS, at_once=True), end_ms - 1)
    deputy = moments(Ladder(desk.cedar, START_MS, 15 * MINUTE_MS // 2, AGAIN_MS), end_ms - 1)

    assert [at_ms for at_ms, one in desk.rings if one.audience == "duty"] == duty
    assert [at_ms for at_ms, one in desk.rings if one.audience == "deputy"] == deputy

    desk.timeline.append(entry("cedar", 1, acknowledgement(5, ("birch", 1))))
    assert desk.ring(end_ms) is None
    assert all(at_ms < end_ms for at_ms, _ in desk.rings)


@settings(max_examples=60)
@given(
    st.sampled_from([OFFICE, NIGHTS, None]),
    st.lists(st.tuples(st.integers(1, 40_000_000), st.booleans()), min_size=1, max_size=12),
)
def test_no_ring_is_early_and_none_is_lost(text: str | None, looks: list[tuple[int, bool]]) -> None:
    """Whenever it was stopped, and looks again: it rings if a moment has passed since it last rang.

    It rings once for all that it missed, never before a moment, and a ring that was forgotten is rung again.
    """
    desk = Desk(hours(text) if text else ALWAYS)
    expected = moments(Ladder(desk.cedar, START_MS, 0, AGAIN_MS, at_once=True), START_MS + 12 * 40_000_000)
    now_ms = START_MS
    for wait_ms, crash in looks:
        before = desk.rung.get(("acknowledgement", "duty"))
        rung = len(desk.rings)
        desk.ring(now_ms, crash=crash)
        missed = [at_ms for at_ms in expected if at_ms <= now_ms and (before is None or at_ms > before)]
        new = [one for _, one in desk.rings[rung:] if one.audience == "duty"]
        assert [one.last_ms for one in new] == missed[-1:]
        now_ms += wait_ms


@settings(max_examples=60)
@given(
    st.sampled_from([OFFICE, NIGHTS, None]),
    st.lists(st.tuples(st.integers(1, 40_000_000), st.booleans()), min_size=1, max_size=12),
)
def test_each_reminder_is_written_once(text: str | None, looks: list[tuple[int, bool]]) -> None:
    """Stopped between deciding and writing, or after it: each stands in the log once, in order, not early."""
    desk = Desk(hours(text) if text else ALWAYS)
    due_by_ms = desk.cedar.after(START_MS, 15 * MINUTE_MS) or 0
    deputy_ms = desk.cedar.after(due_by_ms, 15 * MINUTE_MS // 2) or 0
    now_ms = START_MS
    for wait_ms, crash in looks:
        desk.remind(now_ms, crash=crash)
        now_ms += wait_ms
    for _ in range(3):
        desk.remind(now_ms)
    written = [one.record for one in desk.timeline if isinstance(one.record, Reminder)]

    steps = [(one.step, one.at_ms) for one in written]
    assert [step for step, _ in steps] == ["reminder", "deputy"][
        : (due_by_ms <= now_ms) + (deputy_ms <= now_ms)
    ]
    assert all(at_ms >= moment for (_, at_ms), moment in zip(steps, (due_by_ms, deputy_ms), strict=False))
    assert {(one.due_by_ms, one.member, one.of) for one in written} <= {(due_by_ms, "cedar", ref("birch", 1))}


def test_reminders_come_at_their_moments() -> None:
    """Looked at when it says so: one when the time is over, one to the deputy half as much later."""
    desk = Desk(ALWAYS)
    now_ms: int | None = START_MS
    while now_ms is not None:
        written_before = len(desk.timeline)
        again_ms = desk.remind(now_ms)
        # What was written is a change, after which it looks again.
        now_ms = again_ms if len(desk.timeline) == written_before else now_ms

    written = [one.record for one in desk.timeline if isinstance(one.record, Reminder)]
    assert [(one.step, one.at_ms - START_MS) for one in written] == [
        ("reminder", 15 * MINUTE_MS),
        ("deputy", 15 * MINUTE_MS * 3 // 2),
    ]
    assert {(one.author_kind, one.answerable, one.tlp) for one in written} == {
        ("machine", "duty", "TLP:GREEN")
    }


def test_nobody_is_reminded_of_what_has_not_reached_it() -> None:
    """Elm and oak have confirmed nothing: that is no delay of theirs. It may change at any moment."""
    known = holdings("birch", [("birch", "cedar", 2, START_MS // 1000)])

    found = seen(opened(), known, START_MS + 10**9)

    assert {one.member for one in found.write} == {"cedar"}
    assert found.unreached == {"elm", "oak"}


def test_others_asks_and_later_reports_bring_no_reminders() -> None:
    """A node reminds others of what they owe its own asks and its own case, and of nothing else."""
    picture = opened(
        entry("birch", 2, report(START_MS, case=ref("birch", 1))), entry("elm", 1, ask(START_MS))
    )
    cosigned = [(author, "cedar", 9, START_MS // 1000) for author in ("birch", "elm")]

    assert {one.of for one in seen(picture, holdings("birch", cosigned), START_MS + 10**9).write} == {
        ref("birch", 1)
    }
    assert {one.of for one in seen(picture, holdings("elm", cosigned), START_MS + 10**9).write} == {
        ref("elm", 1)
    }
    assert seen(picture, holdings("birch", cosigned), START_MS + 10**9, Policy(remind=False)).write == ()


def test_who_answers_for_an_ask_answers_for_its_reminder() -> None:
    """Where a machine asked, an officer does; so for what the node writes of it too, under its label."""
    by_machine = {"author": "scout", "author_kind": "machine", "answerable": "night"}
    asked = replace(ask(START_MS), **by_machine, tlp="TLP:AMBER")
    known = holdings("birch", [("birch", "cedar", 9, START_MS // 1000)])
    found = seen(opened(entry("birch", 2, asked)), known, START_MS + 10**9)

    written = {(one.due, one.answerable, one.tlp) for one in found.write if one.of == ref("birch", 2)}
    assert written == {("acknowledgement", "night", "TLP:AMBER"), ("answer", "night", "TLP:AMBER")}


def test_what_another_wrote_is_not_written_yet() -> None:
    """Whoever reminds others in a member's place keeps it from nothing."""
    known = holdings("birch", [("birch", "cedar", 2, START_MS // 1000)])
    now_ms = START_MS + 16 * MINUTE_MS

    by_another = seen(opened(reminder("elm", 2, "reminder")), known, now_ms)
    by_itself = seen(opened(reminder("birch", 2, "reminder")), known, now_ms)

    assert [(one.member, one.step) for one in by_another.write] == [("cedar", "reminder")]
    assert by_itself.write == ()


def test_a_bell_is_for_what_was_received_first() -> None:
    """Whichever has the smaller place; and while nothing rings, it is looked at when the time is over."""
    more = entry("elm", 2, report(START_MS, case=ref("birch", 1)))
    known = holdings("cedar", birch_1=START_MS + 50, birch_2=START_MS + 60, elm_2=START_MS)
    now_ms, policy = START_MS + 8 * MINUTE_MS, Policy(again=9_000)
    found = seen(opened(more), known, now_ms, policy)
    reminded = seen(opened(more, reminder("birch", 2, "reminder")), known, now_ms, policy)

    assert (bell(found).of, bell(found).count) == (more.ref, 2)
    assert found.again_ms == START_MS + 15 * MINUTE_MS
    # Whichever of the two it is reminded of.
    assert (bell(found).last_ms, bell(reminded).last_ms) == (START_MS, START_MS + 60)


@given(st.integers(0, 400), st.integers(1, 60))
def test_a_flood_rings_no_oftener(flood: int, minutes: int) -> None:
    """Whoever writes any number of reports into a case makes nothing ring more than the first of them did."""
    now_ms = START_MS + minutes * MINUTE_MS
    more = [entry("elm", 2 + n, report(START_MS, case=ref("birch", 1))) for n in range(flood)]
    known = holdings("cedar", birch_1=START_MS, **{f"elm_{2 + n}": START_MS + 1 + n for n in range(flood)})  # type: ignore[arg-type]

    one = bell(seen(opened(), holdings("cedar", birch_1=START_MS), now_ms))
    many = bell(seen(opened(*more), known, now_ms))

    assert (many.last_ms, many.next_ms, many.of) == (one.last_ms, one.next_ms, one.of)
    assert many.count == flood + 1


def test_what_comes_after_everything_was_acknowledged_rings_at_once() -> None:
    """A bell that has fallen silent rings for the next record when it comes, and waits for nothing."""
    more = entry("elm", 2, report(START_MS, case=ref("birch", 1)))
    aware = entry("cedar", 1, acknowledgement(5, ("birch", 1)))
    now_ms = START_MS + MINUTE_MS

    found = bell(seen(opened(aware, more), holdings("cedar", birch_1=START_MS, elm_2=now_ms), now_ms))

    assert found.rings(START_MS, now_ms)
    assert not found.rings(now_ms, now_ms)


def test_what_came_since_the_closing_rings_as_a_new_report_does() -> None:
    """Of a closed case nothing else rings; and it is silent as soon as somebody is aware of that."""
    late = entry("elm", 2, answer(START_MS, ("birch", 2)), since_closing=True)
    unread = entry("elm", 1, report(START_MS, case=ref("birch", 1)))
    known = holdings("cedar", birch_1=START_MS, elm_1=START_MS, elm_2=START_MS + MINUTE_MS)
    now_ms = START_MS + 2 * MINUTE_MS

    def closed(*more: TimelineEntry) -> Look:
        timeline = [*opened(unread, entry("birch", 2, ask(START_MS))).timeline, *more]
        return seen(view(timeline, state="closed"), known, now_ms)

    silent = Look(bells=(), write=(), again_ms=None, unreached=frozenset())
    assert closed() == silent
    found = bell(closed(late))
    new_report = bell(seen(opened(), holdings("cedar", birch_1=START_MS + MINUTE_MS), now_ms))
    assert (found.of, found.count, found.last_ms) == (late.ref, 1, START_MS + MINUTE_MS)
    assert (found.last_ms, found.next_ms, found.due_by_ms) == (
        new_report.last_ms,
        new_report.next_ms,
        new_report.due_by_ms,
    )
    assert closed(late, entry("cedar", 1, acknowledgement(5, ("elm", 2)))) == silent


def test_what_others_owe_is_seen_when_all_reminders_are_written() -> None:
    """A case in which somebody is late is not calm, though nothing more is to be done about it by itself."""
    desk = Desk(ALWAYS)
    late_ms = START_MS + 86_400_000
    for _ in range(2):
        desk.remind(late_ms)

    found = desk._look("birch", late_ms)

    assert found.write == ()
    assert [due.state for due in found.dues if due.member == "cedar"] == ["overdue"]
    assert not found.calm


def test_an_answer_is_called_for_later_and_on_its_own() -> None:
    """Who is aware of an ask is called for the answer when half of its time has gone, and its deputy too."""
    picture = opened(
        entry("birch", 2, ask(START_MS)), entry("cedar", 1, acknowledgement(5, ("birch", 1), ("birch", 2)))
    )
    known = holdings("cedar", birch_1=START_MS, birch_2=START_MS)
    half_ms = START_MS + 120 * MINUTE_MS

    assert bell(seen(picture, known, half_ms - 1), "answer").last_ms is None
    for audience in ("duty", "deputy"):
        found = bell(seen(picture, known, half_ms), "answer", audience)
        assert (found.last_ms, found.overdue, found.due_by_ms) == (half_ms, False, START_MS + 240 * MINUTE_MS)
    answered = view([*picture.timeline, entry("cedar", 2, answer(9, ("birch", 2)))])
    assert seen(answered, known, half_ms).bells == ()


def test_a_reminder_by_who_asked_rings_when_it_comes() -> None:
    """Each step once, to whom it goes; one by anyone else, or that was taken back, rings nothing."""
    known = holdings(
        "cedar", birch_1=START_MS, birch_2=START_MS + 40, birch_3=START_MS + 45, elm_2=START_MS + 50
    )
    now_ms = START_MS + MINUTE_MS

    by_author = seen(opened(reminder("birch", 2, "deputy")), known, now_ms)
    again = seen(opened(reminder("birch", 2, "deputy"), reminder("birch", 3, "deputy")), known, now_ms)
    by_another = seen(opened(reminder("elm", 2, "deputy")), known, now_ms)
    taken_back = seen(opened(reminder("birch", 2, "deputy", standing="withdrawn")), known, now_ms)
    to_another = seen(opened(reminder("birch", 2, "deputy", to="oak")), known, now_ms)

    assert bell(by_author, audience="deputy").last_ms == START_MS + 40
    assert bell(again, audience="deputy").last_ms == START_MS + 40
    assert bell(by_author).last_ms == START_MS
    # Its clock was ahead when that came, and has been set right since.
    too_early = seen(opened(reminder("birch", 2, "deputy")), known, START_MS + 39)
    assert bell(too_early, audience="deputy").last_ms is None
    assert bell(by_another, audience="deputy").last_ms is None
    assert bell(taken_back, audience="deputy").last_ms is None
    assert bell(to_another, audience="deputy").last_ms is None


def test_a_moment_that_was_rung_by_a_wrong_clock_does_not_silence_it() -> None:
    """A clock that was years ahead when it rang, and is right again, leaves nothing silent for years."""
    found = bell(seen(opened(), holdings("cedar", birch_1=START_MS), START_MS + MINUTE_MS))

    assert found.rings(START_MS + 10**12, START_MS + MINUTE_MS)


def test_a_bell_knows_how_much_of_it_may_be_told() -> None:
    """Its label is the highest in the case, whichever record rings."""
    red = entry("elm", 2, report(START_MS, case=ref("birch", 1), tlp="TLP:AMBER"))

    assert bell(seen(opened(red), holdings("cedar", birch_1=START_MS, elm_2=0), START_MS)).tlp == "TLP:AMBER"
    assert bell(seen(opened(), holdings("cedar", birch_1=START_MS), START_MS)).tlp == "TLP:GREEN"


def test_outside_its_hours_a_desk_is_called_once_and_then_when_it_is_back() -> None:
    """The first ring waits for nobody's hours; what follows does."""
    desk = Desk(hours(OFFICE))
    evening_ms = at("2026-11-20T13:00")  # 22:00 in Seoul, a Friday
    ladder = Ladder(desk.cedar, evening_ms, 0, AGAIN_MS, at_once=True)

    assert ladder.last(evening_ms) == evening_ms
    assert ladder.next(evening_ms) == at("2026-11-22T23:00")  # 08:00 in Seoul, the Monday after
