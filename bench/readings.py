"""Readings: what it takes to fuse those of a case, to find the next question, and to score closed cases.

The case has 200 sources, each seen by some of 64 members, and eight leaves: five kinds and three hypotheses.
Every member has a reading, which rests on 4 to 12 sources that it saw itself and on up to three records of
others. Fusing is the whole of it: with the range over leaving out any source and any member, as the view
shows it. In the case whose next question is looked for each has seen one or two. Every member has a reading
there, too, so that each question is one of its own: that is the longest search.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.readings.evidences import Desk, hypothesis, source

from bench.figures import Figure, Report, percentile
from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import Evidence
from tocsin.readings import fuse
from tocsin.readings.arithmetic import permille_of
from tocsin.readings.asking import next_questions
from tocsin.readings.fusion import Found, Fusion
from tocsin.readings.hypotheses import KINDS, Leaves
from tocsin.readings.scoring import Forecast, scores
from tocsin.readings.weighing import voices_of

SOURCES = 200
MEMBERS = 64
ASKED_SOURCES = 20
ASKED_MEMBERS = 50
CLOSED = 10_000
ROUNDS = 200
_SOURCE_KINDS: tuple[SourceKind, ...] = ("document", "person", "post", "sensor", "website")
_NARROWER: tuple[What, ...] = ("attack", "attack", "misuse")


def readings(report: Report, folder: Path, scale: float) -> None:
    """Fusing one case, the next question in another, and the scores of many."""
    del folder
    chance = random.Random(6)
    rounds = max(5, int(ROUNDS * scale))
    case = _evidence(chance, SOURCES, MEMBERS, (4, 12))
    asked = _evidence(chance, ASKED_SOURCES, ASKED_MEMBERS, (1, 2))
    members = [_member(number) for number in range(ASKED_MEMBERS)]
    closed = [_forecast(chance) for _ in range(int(CLOSED * scale))]
    fusing = f"fusing a case of {SOURCES} sources and {len(fuse(case).leaves)} leaves"
    for name, what, reach_ms, work, times in (
        ("readings.fuse", fusing, 5.0, lambda: fuse(case), rounds),
        ("readings.whole", f"{fusing}, without its ranges", 5.0, lambda: _whole(case), rounds),
        (
            "readings.question",
            f"the next question among {ASKED_MEMBERS} members and {ASKED_SOURCES} sources",
            100.0,
            lambda: next_questions(asked, members, me=members[0]),
            rounds // 4,
        ),
        (
            "readings.scores",
            f"the scores of {len(closed):,} closed cases",
            2_000.0,
            lambda: scores(closed),
            5,
        ),
    ):
        taken_ms = [_taken_ms(work) for _ in range(times)]
        report.add(Figure(name, f"{what}, p50", percentile(taken_ms, 0.5), "ms", reach_ms, samples=times))


def _whole(case: Evidence) -> Found:
    leaves = Leaves.of(case)
    return Fusion(case, leaves, list(voices_of(case, leaves, {}))).whole()


def _taken_ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _forecast(chance: random.Random) -> Forecast:
    parts = permille_of([chance.randint(1, 99) ** 2 for _ in KINDS])
    return Forecast(parts, chance.choices(range(len(KINDS)), parts)[0])


def _member(number: int) -> str:
    return f"member-{number:02}"


def _evidence(chance: random.Random, count: int, of: int, each: tuple[int, int]) -> Evidence:
    """So many sources, and readings of so many members, by what each saw itself and by others' records."""
    members = [_member(number) for number in range(of)]
    saw = {member: chance.sample(range(count), chance.randint(*each)) for member in members}
    for number in {*range(count)}.difference(*saw.values()):
        saw[chance.choice(members)].append(number)
    desk = Desk(
        [
            source(
                chance.choice(_SOURCE_KINDS),
                *(one for one in members if number in saw[one]),
                name=f"{number}",
            )
            for number in range(count)
        ],
        [hypothesis(member, under) for member, under in zip(members, _NARROWER, strict=False)],
    )
    for member in members:
        narrower = chance.choice(desk.hypotheses).ref
        desk.read(member, _masses(chance, narrower), *saw[member], others=chance.randint(0, 3))
    return desk.evidence


def _masses(chance: random.Random, narrower: Ref) -> dict[str | Ref, int]:
    permille = [chance.randint(1, 20) * 10 for _ in KINDS[1:]]
    permille = (
        [1_000 - 10 - sum(permille), *permille] if chance.random() < 0.5 else [*permille, 990 - sum(permille)]
    )
    return {**dict(zip(KINDS, permille, strict=True)), narrower: 10}
