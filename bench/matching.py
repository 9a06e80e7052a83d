"""Matching: an ask against 100,000 observations of a node's own; what they take, and how fast they come.

The observations are invented: words of a made-up language whose frequencies fall much as those of a real one
do (the share of the n-th commonest word goes with 1/(n + 2)), 6 to 16 of them in a title. One in five has a
hash, one in five a URL, one in twenty a perceptual hash; all name one of 3,000 systems, and a page whose path
has every second word of the title and three others. Asks are titles of which every third word was changed.
"""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.figures import Figure, Report, percentile, resident_bytes
from tocsin.cases.matching import Asked, Index, Observation, Text, asked
from tocsin.cases.matching.canonical import Key
from tocsin.core.records import Fingerprint, Source, System

OBSERVATIONS = 100_000
ASKS = 1_000
_WORDS = 60_000
_SYSTEMS = 3_000
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]


def matching(report: Report, folder: Path, scale: float) -> None:
    """Ask, add, and what it takes."""
    del folder
    chance = random.Random(1)
    observations = list(itertools.islice(observations_of(chance), int(OBSERVATIONS * scale)))
    index = Index()
    before = resident_bytes()
    start = time.perf_counter()
    for observation in observations:
        index.add(observation)
    took_s = time.perf_counter() - start
    report.add(
        Figure(
            "matching.add",
            f"observations taken into the index, to {len(observations):,}",
            len(observations) / took_s,
            "1/s",
            samples=len(observations),
        )
    )
    report.add(
        Figure(
            "matching.memory",
            f"memory of the index of {len(observations):,} observations",
            (resident_bytes() - before) / 1e6,
            "MB",
        )
    )
    for name, what, asks in (
        ("title", "by a title of which a third was changed", _by_title(chance, observations)),
        ("exact", "by a hash, a perceptual hash, a URL and a system", _by_keys(chance, observations)),
    ):
        times_ms = []
        for ask in asks:
            start = time.perf_counter()
            index.match(ask)
            times_ms.append(1000 * (time.perf_counter() - start))
        for share, unit in ((0.5, "p50"), (0.99, "p99")):
            report.add(
                Figure(
                    f"matching.{name}.{unit}",
                    f"an ask against {len(observations):,} observations, {what}, {unit}",
                    percentile(times_ms, share),
                    "ms",
                    samples=len(times_ms),
                )
            )


def observations_of(chance: random.Random) -> Iterator[Observation]:
    """Invented observations, without end."""
    made = ("".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4)))) for _ in range(_WORDS))
    words = list(dict.fromkeys(made))
    shares = list(itertools.accumulate(1 / (place + 3) for place in range(len(words))))
    for number in itertools.count():
        said = chance.choices(words, cum_weights=shares, k=chance.randint(6, 16))
        slug = "-".join([*said[::2], *chance.choices(words, cum_weights=shares, k=3)])
        fingerprints = []
        if number % 20 == 0:
            fingerprints.append(Fingerprint(kind="pdq", value=chance.randbytes(32).hex()))
        if number % 5 == 0:
            fingerprints.append(Fingerprint(kind="sha256", value=chance.randbytes(32).hex()))
        if number % 5 == 1:
            fingerprints.append(Fingerprint(kind="url", value=f"https://news.example/{number}"))
        yield Observation(
            id=str(number),
            at_ms=number,
            source=Source(
                kind="website", locator=f"https://cited.example/{number}/{slug}", obtained="published"
            ),
            texts=(Text(text=" ".join(said), lang="en"),),
            systems=(System(name=f"System {int(chance.paretovariate(0.8)) % _SYSTEMS}"),),
            fingerprints=tuple(fingerprints),
        )


def retold(chance: random.Random, title: str, by: str) -> str:
    """A title of which about every third word is one of another's."""
    pairs = zip(title.split(), itertools.cycle(by.split()), strict=False)
    return " ".join(other if chance.random() < 1 / 3 else word for word, other in pairs)


def _by_title(chance: random.Random, observations: Sequence[Observation]) -> Iterator[Asked]:
    for observation in chance.sample(observations, min(ASKS, len(observations))):
        yield asked([retold(chance, observation.texts[0].text, chance.choice(observations).texts[0].text)])


def _by_keys(chance: random.Random, observations: Sequence[Observation]) -> Iterator[Asked]:
    for observation in chance.sample(observations, min(ASKS, len(observations))):
        keys = [
            Key("sha256", chance.randbytes(32).hex()),
            Key("pdq", chance.randbytes(32).hex()),
            Key("url", observation.source.locator or ""),
        ]
        yield asked((), [(observation.systems[0].name, None)], keys)
