"""Readings: what it takes to fuse those of a case, to find the next question, and to score closed cases.

The case has 200 sources, each seen by one to three of 64 members, and eight leaves: five kinds and three
hypotheses. Every member reads 4 to 12 sources, in the other case, too. Fusing is the whole of it: with the
range over leaving out any source and any member, as the view shows it.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.readings.evidences import CASE, hypothesis, reading, source

from bench.figures import Figure, Report, percentile
from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import Evidence, ReadOn
from tocsin.readings import fuse
from tocsin.readings.arithmetic import permille_of
from tocsin.readings.asking import next_questions
from tocsin.readings.fusion import Fusion
from tocsin.readings.hypotheses import KINDS, Leaves
from tocsin.readings.posterior import Found
from tocsin.readings.scoring import Forecast, scores
from tocsin.readings.weighing import Judgements, said_of

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
    case, asked = _evidence(chance, SOURCES, MEMBERS), _evidence(chance, ASKED_SOURCES, ASKED_MEMBERS)
    members = [_member(number) for number in range(ASKED_MEMBERS)]
    closed = [_forecast(chance) for _ in range(int(CLOSED * scale))]
    fusing = f"fusing a case of {SOURCES} sources and {len(fuse(case).leaves)} leaves"
    for name, what, work, times in (
        ("readings.fuse", fusing, lambda: fuse(case), rounds),
        ("readings.whole", f"{fusing}, without its ranges", lambda: _whole(case), rounds),
        (
            "readings.question",
            f"the next question among {ASKED_MEMBERS} members and {ASKED_SOURCES} sources",
            lambda: next_questions(asked, members, me=members[0]),
            rounds // 4,
        ),
        ("readings.scores", f"the scores of {len(closed):,} closed cases", lambda: scores(closed), 5),
    ):
        taken_ms = [_taken_ms(work) for _ in range(times)]
        report.add(Figure(name, f"{what}, p50", percentile(taken_ms, 0.5), "ms", samples=times))


def _whole(case: Evidence) -> Found:
    leaves = Leaves.of(case)
    return Fusion(case, leaves, Judgements.of(said_of(case, leaves, {}))).whole()


def _taken_ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _forecast(chance: random.Random) -> Forecast:
    parts = permille_of([chance.randint(1, 99) ** 2 for _ in KINDS])
    return Forecast(parts, chance.choices(range(len(KINDS)), parts)[0])


def _member(number: int) -> str:
    return f"member-{number:02}"


def _evidence(chance: random.Random, count: int, of: int) -> Evidence:
    """So many sources, and readings of so many members."""
    members = [_member(number) for number in range(of)]
    sources = [
        source(chance.choice(_SOURCE_KINDS), *chance.sample(members, chance.randint(1, 3)), name=str(number))
        for number in range(count)
    ]
    hypotheses = tuple(hypothesis(member, under) for member, under in zip(members, _NARROWER, strict=False))
    spread = [chance.sample(range(count), chance.randint(4, 12)) for _ in members]
    spread[0] += [number for number in range(count) if not any(number in some for some in spread)]
    return Evidence(
        case=CASE,
        sources=tuple(sources),
        hypotheses=hypotheses,
        readings=tuple(
            ReadOn(reading(member, _masses(chance, chance.choice(hypotheses).ref)), tuple(sorted(some)))
            for member, some in zip(members, spread, strict=True)
        ),
    )


def _masses(chance: random.Random, narrower: Ref) -> dict[str | Ref, int]:
    permille = [chance.randint(1, 20) * 10 for _ in KINDS[1:]]
    permille = (
        [1_000 - 10 - sum(permille), *permille] if chance.random() < 0.5 else [*permille, 990 - sum(permille)]
    )
    return {**dict(zip(KINDS, permille, strict=True)), narrower: 10}
