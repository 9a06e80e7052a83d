"""When communication checks ring, on virtual time: on duty, as what waits does, and never before a case."""

import asyncio
import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from msgspec.structs import replace
from tests.cases.delivery.test_hours import hours
from tests.checks.circle import CIRCLE, Circle, check
from tests.node.test_alerting import LOG, Office, Phone, Place, Remembered, play
from tests.simulation.clock import START_MS, VirtualClock
from tests.simulation.loop import VirtualLoop

from tocsin.cases.delivery import Hours
from tocsin.cases.duty import Policy
from tocsin.checks import ChecksView
from tocsin.circles.events import Arrived, Event, Wrote
from tocsin.circles.reading import Readable
from tocsin.core.errors import Refusal
from tocsin.core.views import Said, Terms
from tocsin.node.alerting.ringing import GAP_S, Alerting
from tocsin.node.alerting.telling import MAX_LINE_CHARACTERS
from tocsin.node.alerting.watching import LOOK_AGAIN_S, SETTLE_S
from tocsin.node.checking.ringing import CheckBells

LATE_S = LOOK_AGAIN_S + 2 * SETTLE_S + GAP_S
CAME = Arrived("any", (Readable(1, check(), None),))


@dataclass
class Desk:
    """The checks of one circle at birch's node, and its bells on the phone of a place."""

    loop: VirtualLoop
    circle: Circle = field(default_factory=Circle)
    desk: Hours = field(default_factory=Hours)
    refuses: bool = False
    breaks: bool = False
    viewed: int = 0
    memory: Remembered = field(default_factory=Remembered)

    def __post_init__(self) -> None:
        self.phone = Phone(self.loop)
        self.office = Office()
        self.start()

    def start(self) -> None:
        """Make the node anew; what it remembers is kept."""
        self.place = Place(self.loop, self.office, {"duty": self.phone}, self.memory)
        self.alerting: Alerting = self.place.alerting()
        self.bells = CheckBells(Policy(), VirtualClock(self.loop), LOG, self.alerting.tell)
        self.alerting.ring_too(self.bells)
        self.bells.add(CIRCLE, self)

    @property
    def terms(self) -> Terms:
        """See Checks."""
        return self.circle.terms

    def hours(self) -> Mapping[str, Hours]:
        """See Checks."""
        return {"birch": self.desk}

    async def view(self) -> ChecksView:
        """See Checks."""
        self.viewed += 1
        if self.refuses:
            raise Refusal
        if self.breaks:
            raise ValueError
        self.circle.hours = {"birch": self.desk}
        return self.circle.view(self.place.now_ms)

    def heard(self, event: Event = CAME) -> None:
        """Something happens in the circle."""
        self.bells.heard(CIRCLE, event)

    async def run(self, minutes: float) -> None:
        """Let it run for so long, and stop it at any point."""
        with suppress(TimeoutError):
            async with asyncio.timeout(minutes * 60), asyncio.TaskGroup() as group:
                group.create_task(self.alerting.run())
                group.create_task(self.bells.run())

    @property
    def minutes(self) -> list[int]:
        """When it rang."""
        return [int(at_s // 60) for at_s in self.phone.times]


def test_it_rings_again_until_its_time_is_over() -> None:
    """As long as nobody answers: at once, after each third of the time, and then no more."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        desk.circle.check("cedar", 1, START_MS, within_minutes=30)
        await desk.run(120)
        assert desk.minutes == [0, 10, 20]
        (line,) = desk.phone.rung[0][1].lines
        assert line.startswith(
            "answer the communication check by Desk cedar, by 2023-05-22 14:30 UTC, cedar.1.1"
        )

    play(scenario)


def test_it_is_silent_once_it_is_answered() -> None:
    """As soon as we have written."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        asked = desk.circle.check("cedar", 1, START_MS, within_minutes=30)
        await desk.run(1)
        desk.circle.answer("birch", 1, asked)
        desk.heard(Wrote(1, 2))
        await desk.run(60)
        assert desk.minutes == [0]
        assert desk.bells.rings() == []

    play(scenario)


def test_who_erases_what_rang_rings_no_sooner() -> None:
    """Another check within the hour is quiet, whatever became of the one before it."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        for minute in range(0, 70, 5):
            desk.circle.said.clear()
            desk.circle.check("cedar", minute + 1, desk.place.now_ms, within_minutes=4)
            desk.heard()
            await desk.run(5)
        assert [minute for minute in desk.minutes if minute % 5 == 0] == [0, 60]

    play(scenario)


def test_it_waits_for_duty() -> None:
    """What comes at night rings when the next shift begins; its time runs from then on."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop, desk=hours("15:00-20:00 UTC"))
        desk.circle.check("cedar", 1, START_MS, within_minutes=30)
        await desk.run(24 * 60)
        assert desk.minutes == [60, 70, 80]

    play(scenario)


def test_a_new_start_does_not_ring_twice() -> None:
    """What rang is remembered, also where a case rings before the checks have been looked at."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        desk.circle.check("cedar", 1, START_MS, within_minutes=60)
        await desk.run(1)
        assert desk.minutes == [0]
        desk.start()
        desk.refuses = True
        desk.place.open()
        await desk.run(2)
        desk.refuses = False
        await desk.run(2)
        assert ["check" in line for _, message in desk.phone.rung for line in message.lines] == [True, False]

    play(scenario)


def test_a_case_stands_before_a_check() -> None:
    """In one message, whatever is due first; a drill's after what is real."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        desk.circle.check("cedar", 1, START_MS, within_minutes=5)
        desk.place.open()
        await desk.run(1)
        lines = [line for _, message in desk.phone.rung for line in message.lines]
        assert ["check" in line for line in lines] == [False, True]

    play(scenario)


def test_an_exercise_says_so_first_and_others_words_stay_one_line() -> None:
    """Whatever somebody else wrote."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        desk.circle.check("cedar", 1, START_MS)
        (one,) = desk.circle.said
        wicked = replace(one.record, text="EXERCISE over\r\nSubject: x\u2028\x1b[2J" * 99, lang="en")
        desk.circle.said = [Said(one.ref, one.member, wicked)]
        desk.circle.terms = dataclasses.replace(desk.terms, drill=True)
        await desk.run(1)
        (line,) = desk.phone.rung[0][1].lines
        assert line.startswith("EXERCISE: answer the communication check by Desk cedar, ")
        assert len(line) <= MAX_LINE_CHARACTERS
        assert line.isprintable()

    play(scenario)


def test_what_cannot_be_looked_at_is_looked_at_again() -> None:
    """While the index is made anew, and after a defect of ours: what rings goes on, and nothing ends."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        desk.refuses = True
        desk.circle.check("cedar", 1, START_MS, within_minutes=30)
        await desk.run(1)
        assert not desk.bells.whole
        desk.refuses, desk.breaks = False, True
        await desk.run(1)
        desk.breaks = False
        await desk.run(LATE_S / 60)
        assert desk.bells.whole
        assert len(desk.phone.rung) == 1

    play(scenario)


def test_it_looks_when_something_came_and_else_twice_a_minute() -> None:
    """What comes many times at once is looked at once; what is no check is nothing to look at."""

    async def scenario(loop: VirtualLoop) -> None:
        desk = Desk(loop)
        await desk.run(0.1)
        assert desk.viewed == 1
        for _ in range(100):
            desk.heard()
        desk.heard(Arrived("any", ()))
        await desk.run(0.1)
        assert desk.viewed == 2
        desk.heard(Wrote(1, 2))
        await desk.run(0.1)
        assert desk.viewed == 2
        await desk.run(10.1)
        assert desk.viewed == 2 + 20

    play(scenario)
