"""Who says what of the incident, and what that rests on. Nothing is merged: what differs stands apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from tocsin.cases.picture.view import Asserted, Corroboration, Description, SourceView
from tocsin.cases.telling.details import CODED
from tocsin.cases.telling.teller import cut
from tocsin.core.records import Source
from tocsin.web.casebook.shown.naming import MAX_VALUE_CHARACTERS, Namer

MAX_VALUES = 12
MAX_SOURCES = 12

_ONE_OF: Final = ("event", "severity", "relation")
_Values = Iterable[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Value:
    """What is said, and the members who say it: none where the picture does not tell them apart."""

    text: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A field of the description: its values, those said by most first, and how many `more` there are.

    `differ`: there can be one alone, and members say different ones.
    """

    field: str
    values: tuple[Value, ...]
    more: int
    differ: bool


@dataclass(frozen=True, slots=True)
class Cited:
    """A source, counted once: by what it can be found, its kind, who cites it and who repeats that.

    `others` are other ways in which it is cited. `on_word`: nobody else can look at it. `ref` is the record
    of the first who cites it, if that is one alone.
    """

    what: str
    kind: str
    first: tuple[str, ...]
    repeaters: tuple[str, ...]
    others: tuple[str, ...]
    on_word: bool
    ref: str | None


def described(said: Description, namer: Namer) -> tuple[Told, ...]:
    """The fields of which anything is said."""
    language = namer.language
    fields: Mapping[str, tuple[_Values, int]] = {
        **{field: _coded(getattr(said, field), CODED[field], namer) for field in CODED},
        "systems": _plain(map(namer.system, said.systems), len(said.systems)),
        "operators": _plain(map(namer.operator, said.operators), len(said.operators)),
        "moments": (
            ((namer.moment(one.moment), (one.member,)) for one in said.moments),
            len(said.moments),
        ),
        "fingerprints": (
            ((_fingerprint(one.value, namer), one.by) for one in said.fingerprints),
            len(said.fingerprints),
        ),
    }
    return tuple(
        Told(
            field=language.word("Described", field),
            values=tuple(
                Value(cut(text, MAX_VALUE_CHARACTERS), by) for text, by in islice(values, MAX_VALUES)
            ),
            more=max(0, count - MAX_VALUES),
            differ=field in _ONE_OF and count > 1,
        )
        for field, (values, count) in fields.items()
        if count
    )


def cited(found: Corroboration, namer: Namer) -> tuple[tuple[Cited, ...], int]:
    """The sources, and how many more there are."""
    return (
        tuple(_cited(one, namer) for one in found.sources[:MAX_SOURCES]),
        max(0, len(found.sources) - MAX_SOURCES),
    )


def _coded(values: Sequence[Asserted], name: str, namer: Namer) -> tuple[_Values, int]:
    return ((namer.language.word(name, one.value), one.by) for one in values), len(values)


def _plain(texts: Iterable[str], count: int) -> tuple[_Values, int]:
    return ((text, ()) for text in texts), count


def _fingerprint(value: str, namer: Namer) -> str:
    kind, _, text = value.partition(":")
    return namer.language.pair(namer.language.word("FingerprintKind", kind), text)


def _cited(source: SourceView, namer: Namer) -> Cited:
    first, *others = source.citations
    return Cited(
        what=_what(first),
        kind=namer.language.listed(_kind(first, namer)),
        first=tuple(member for member in source.members if member not in source.repeaters),
        repeaters=source.repeaters,
        others=tuple(sorted({_what(other) for other in others} - {_what(first)}))[:3],
        on_word=not source.verifiable,
        ref=str(source.first) if source.first else None,
    )


def _kind(source: Source, namer: Namer) -> Iterator[str]:
    yield namer.language.word("SourceKind", source.kind)
    if source.obtained:
        yield namer.language.word("Obtained", source.obtained)


def _what(source: Source) -> str:
    return cut(source.locator or str(source.record or "?"), MAX_VALUE_CHARACTERS)
