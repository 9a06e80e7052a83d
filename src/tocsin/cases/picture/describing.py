"""What is said of an incident, each value with who says it: nothing is merged that could disagree."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from msgspec.json import Encoder

from tocsin.cases.picture.reckoning import moments
from tocsin.cases.picture.view import (
    COUNTING,
    Asserted,
    AssertedMoment,
    Corrected,
    Description,
    TimelineEntry,
)
from tocsin.core.records import Answer, Moment, Report

_ONE_OF = ("event", "severity", "relation")
_SOME_OF = ("harms", "tasks", "economies", "systems", "operators", "attachments")
_encode = Encoder(order="deterministic").encode

_TELLING = (Report, Corrected, Answer)
_Telling: TypeAlias = Report | Corrected | Answer
"""What tells of the incident: if it counts, as its corrections leave it."""


@dataclass(slots=True, eq=False)
class _Value:
    """At which places of the timeline something is said.

    `shown` is how it was shown last, after what comes before it by `rank`, None as soon as that may be
    otherwise.
    """

    places: list[int] = field(default_factory=list)
    rank: tuple[int, str | bytes] = (0, "")
    shown: Any = None


class Described:
    """What is said by those of the timeline's `entries` that count, which may change."""

    def __init__(self, entries: Sequence[TimelineEntry]) -> None:
        self._entries = entries
        self._values: defaultdict[str, dict[Hashable, _Value]] = defaultdict(dict)
        self._moments: dict[int, tuple[Moment, ...]] = {}
        self._description: Description | None = Description()

    def change(self, place: int, before: TimelineEntry | None) -> None:
        """That the entry at a place is there, or is another than before."""
        was, now = _telling(before) if before else None, _telling(self._entries[place])
        if was is now:
            return
        self._description = None
        self._moments.pop(place, None)
        if was:
            for name, value in _said(was):
                _take_back(self._values[name], value, place)
        if now:
            if not isinstance(now, Answer) and (told := moments(now)):
                self._moments[place] = told
            for name, value in _said(now):
                _tell(self._values[name], value, place)

    @property
    def description(self) -> Description:
        """Each value with all who say it: what most members say first."""
        if self._description is None:
            for name, values in self._values.items():
                for value, said in values.items():
                    if said.shown is None:
                        self._show(value, said)
                # Next time, they are nearly in order.
                self._values[name] = dict(sorted(values.items(), key=lambda item: item[1].rank))
            shown = {
                name: tuple(said.shown for said in values.values()) for name, values in self._values.items()
            }
            self._description = Description(moments=tuple(self._asserted_moments()), **shown)
        return self._description

    def _asserted_moments(self) -> Iterator[AssertedMoment]:
        for place, told in sorted(self._moments.items()):
            entry = self._entries[place]
            for moment in told:
                yield AssertedMoment(moment=moment, member=entry.member, ref=entry.ref)

    def _show(self, value: Hashable, said: _Value) -> None:
        told = [self._entries[place] for place in said.places]
        by = tuple(sorted({one.member for one in told}))
        if isinstance(value, str):
            said.rank = -len(by), value
            said.shown = Asserted(value=value, by=by, refs=tuple(one.ref for one in told))
        else:
            said.rank = -len(by), _encode(value)
            said.shown = value


def _tell(values: dict[Hashable, _Value], value: Hashable, place: int) -> None:
    if (said := values.get(value)) is None:
        said = values[value] = _Value()
    insort(said.places, place)
    said.shown = None


def _take_back(values: dict[Hashable, _Value], value: Hashable, place: int) -> None:
    said = values[value]
    del said.places[bisect_left(said.places, place)]
    said.shown = None
    if not said.places:
        del values[value]


def _telling(entry: TimelineEntry) -> _Telling | None:
    record = entry.corrected or entry.record
    return record if isinstance(record, _TELLING) and entry.standing in COUNTING else None


def _said(record: _Telling) -> set[tuple[str, Hashable]]:
    """The fields and values of a record."""
    said: set[tuple[str, Hashable]] = {
        ("fingerprints", f"{one.kind}:{one.value}") for one in record.fingerprints or ()
    }
    if not isinstance(record, Answer):
        said.update((name, value) for name in _ONE_OF if (value := getattr(record, name)))
        said.update((name, value) for name in _SOME_OF for value in getattr(record, name) or ())
    return said
