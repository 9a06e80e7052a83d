"""How charts say things: words by their keys, names as their members chose them, times and how long it takes.

What others chose stands between marks that keep its direction of writing to itself, beside the slug.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from tocsin.cases.telling.teller import time
from tocsin.core.legible import in_one_line
from tocsin.core.views import Terms
from tocsin.web.charts.drawing.fitting import clusters

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_UNITS = (
    ("charts.days", DAY_MS),
    ("charts.hours", HOUR_MS),
    ("charts.minutes", MINUTE_MS),
    ("charts.seconds", SECOND_MS),
)
_MOST_CLUSTERS = 200


class Say(Protocol):
    """A sentence of ours in the reader's language, by its key."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence, with these values in it."""
        ...


class Word(Protocol):
    """The word for a code of a closed list, which goes by its name."""

    def __call__(self, name: str, code: str, /) -> str:
        """The word."""
        ...


@dataclass(frozen=True, slots=True)
class Telling:
    """In whose words a chart is told, and what the charter says who the members are."""

    terms: Terms
    say: Say
    word: Word

    def label(self, slug: str) -> str:
        """What a member calls itself."""
        party = self.terms.parties.get(slug)
        return party.label if party else slug

    def called(self, slug: str) -> str:
        """The same, and its slug."""
        return named(self.label(slug), slug)


@lru_cache(maxsize=4_096)
def isolated(text: str) -> str:
    """What somebody wrote, within a sentence: legible, in one line, of bearable length."""
    seen = list(clusters(in_one_line(text)))
    cut = "".join(seen[:_MOST_CLUSTERS]) + "…" * (len(seen) > _MOST_CLUSTERS)
    return f"\u2068{cut}\u2069"


def named(label: str, slug: str) -> str:
    """A member under the label that it gave itself, and its slug."""
    return f"{isolated(label)} ({slug})" if label != slug else slug


def begun(text: str) -> str:
    """The beginning of a sentence."""
    return text[:1].upper() + text[1:]


def roughly(span_ms: int, say: Say) -> str:
    """How long, in the largest unit that it has."""
    unit, unit_ms = next((one for one in _UNITS if span_ms >= one[1]), _UNITS[-1])
    return say(unit, n=max(0, span_ms) // unit_ms)


def lasting(span_ms: int, say: Say) -> str:
    """How long, before or after: from an hour on to the minute, from a day on to the hour.

    What takes less than a second is told in milliseconds.
    """
    span_ms = abs(span_ms)
    if span_ms < SECOND_MS:
        return say("charts.milliseconds", n=span_ms)
    rest_ms = span_ms % (DAY_MS if span_ms >= DAY_MS else HOUR_MS)
    least_ms = HOUR_MS if span_ms >= DAY_MS else MINUTE_MS
    told = roughly(span_ms, say)
    return f"{told} {roughly(rest_ms, say)}" if span_ms >= HOUR_MS and rest_ms >= least_ms else told


def moment(at_ms: int) -> str:
    """A moment in UTC, to the minute."""
    return time(at_ms)


def listed(slugs: Iterable[str], say: Say) -> str:
    """Several, one after the other."""
    return say("comma").join(slugs)
