"""From what was typed into a form to what the node takes: a wish, which is not yet a record.

- What was left empty was not said. A row in which nothing stands is no row; another has all that it needs.
- A time says by its form how exactly it is known (`core.records.cases.times`).
- Percentages make 100. Nothing typed and nought are the same: it was not said.
- A field that no form of this kind has is refused; what a record does not allow, the node says.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, cast, get_args

import msgspec

from tocsin.cases.telling.readings import percent
from tocsin.core.records import Answer, Source
from tocsin.core.records.cases.parts import MAX_SOURCES, RECORD_NAME
from tocsin.core.records.cases.reading import WHOLE_PERMILLE
from tocsin.core.records.cases.times import read_time
from tocsin.core.records.cases.vocabulary import Precision, Undetermined
from tocsin.core.records.errors import NotADistribution
from tocsin.node.api.cases.types import SayOfCase, SayReading
from tocsin.node.api.checks.types import SayOfCheck
from tocsin.node.api.types import SayNote
from tocsin.web.acting.fields import Field, Kind, Shape
from tocsin.web.serving.errors import MalformedForm
from tocsin.web.serving.person import Person

Typed = Mapping[str, list[str]]

BESIDES: Final = frozenset({"circle", "tlp", "urgent", "saw", "add", "drop"})
"""What every form has besides the fields of its record."""

_MINUTE_MS: Final = 60_000
_UNDETERMINED: Final = get_args(Undetermined)
_SHARE: Final = re.compile(rf"probabilities-(?:(?P<what>[a-z-]+)|(?P<hypothesis>{RECORD_NAME}))")
_PERCENT: Final = re.compile(r"(?P<whole>\d{1,3})(?:[.,](?P<tenths>\d))?\s?%?")
_PATH = re.compile(r"`\$\.(\w+)")


class NotTyped(MalformedForm):
    """Something in the form is missing, or cannot be read. `field` is what, by its name in the record.

    `part`: of its rows. `missing`: nothing stands there, and something has to.
    """

    def __init__(self, field: str, message: str = "", *, missing: bool = False, part: str = "") -> None:
        super().__init__(message)
        self.field = field
        self.part = part
        self.missing = missing


class NotWhole(NotTyped):
    """The percentages of a form do not make 100."""

    code = NotADistribution.code


def wish(kind: Kind, typed: Typed, person: Person, now_ms: int) -> SayNote | SayOfCase | SayOfCheck:
    """What is to be said, by that person as an officer. Raises NotTyped, MalformedForm, MalformedRecord."""
    _check_names(kind, typed)
    given: dict[str, Any] = {"author": person.role_name, "author_kind": "officer"}
    if tlp := one_of(typed, "tlp"):
        given["tlp"] = tlp
    for field in kind.fields:
        value = _value(field, typed, person, now_ms)
        if value is not None:
            given[field.name] = value
        elif field.required:
            raise NotTyped(field.name, missing=True)
    if not ({"text", "summary"} & given.keys()):
        given.pop("lang", None)
    if kind.say is SayReading and "sources" not in given and not _is_open(given["probabilities"]):
        raise NotTyped("sources", missing=True)
    try:
        say = msgspec.convert(given | {"kind": kind.name}, kind.say)
    except msgspec.ValidationError as error:
        at = _PATH.search(str(error))
        raise NotTyped(at[1] if at else "", f"{error}.") from None
    return cast("SayNote | SayOfCase | SayOfCheck", say)


def rows(field: Field, typed: Typed) -> list[dict[str, str]]:
    """What was typed in each row, by part; rows that are empty are among them."""
    found: dict[int, dict[str, str]] = {}
    for part in field.parts:
        pattern = re.compile(rf"{field.name}-(\d{{1,2}})-{part.name}")
        for name, values in typed.items():
            if match := pattern.fullmatch(name):
                found.setdefault(int(match[1]), {})[part.name] = values[0] if values else ""
    return [found[at] for at in sorted(found)]


def together(typed: Typed) -> int:
    """The permille that all percentages of a reading make; what is none counts for nothing."""
    return sum(
        _permille(values[0]) or 0 for name, values in typed.items() if _SHARE.fullmatch(name) and values
    )


def hypotheses_in(typed: Typed) -> set[str]:
    """The hypotheses of which it was typed how likely they are, by name."""
    found = (match["hypothesis"] for name in typed if (match := _SHARE.fullmatch(name)))
    return {name for name in found if name}


def as_typed(answer: Answer) -> dict[str, list[str]]:
    """An answer that is proposed, as if somebody had typed it."""
    typed: dict[str, list[str]] = {"seen": [answer.seen]}
    if answer.count:
        typed["count"] = [answer.count]
    return typed | sources_as_typed(answer.sources or ())


def sources_as_typed(sources: Iterable[Source]) -> dict[str, list[str]]:
    """Sources, as if somebody had typed them: as many as a record has room for."""
    typed: dict[str, list[str]] = {}
    for number, source in enumerate(islice(sources, MAX_SOURCES)):
        at_ms = source.obtained_at_ms
        values = {
            "kind": source.kind,
            "locator": str(source.record) if source.record else source.locator,
            "obtained": source.obtained,
            "obtained_at_ms": None if at_ms is None else _time(at_ms),
            "sha256": source.sha256,
        }
        typed |= {f"sources-{number}-{name}": [value] for name, value in values.items() if value}
    return typed


def _time(at_ms: int) -> str | None:
    try:
        return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return None


def _check_names(kind: Kind, typed: Typed) -> None:
    plain = {one.name for one in kind.fields if one.shape not in (Shape.ROWS, Shape.SHARES)} | BESIDES
    of_rows = [
        rf"{field.name}-\d{{1,2}}-(?:{'|'.join(part.name for part in field.parts)})"
        for field in kind.fields
        if field.shape is Shape.ROWS
    ]
    of_rows += [
        rf"{field.name}-(?:{'|'.join((*field.codes, *_UNDETERMINED))}|{RECORD_NAME})"
        for field in kind.fields
        if field.shape is Shape.SHARES
    ]
    for name in typed:
        if name not in plain and not any(re.fullmatch(pattern, name) for pattern in of_rows):
            raise MalformedForm(f"Expected the fields of a {kind.name}, found a field {name[:64]!r}.")


def _value(field: Field, typed: Typed, person: Person, now_ms: int) -> Any:  # noqa: ANN401 - as records have it
    match field.shape:
        case Shape.ROWS:
            make = _ROWS[field.name]
            written = [row for row in rows(field, typed) if any(map(str.strip, row.values()))]
            for row in written:
                _check_whole(field, row)
            return [make(row, person, field.name) for row in written] or None
        case Shape.SHARES:
            return _shares(field.name, typed)
        case Shape.CHOICES | Shape.PICKS:
            return typed.get(field.name) or None
        case Shape.FILES:
            return [_attachment(one) for one in typed.get(field.name, ())] or None
        case Shape.BY:
            if (text := one_of(typed, field.name)) is None:
                return None
            minutes = _number(text, field.name)
            return now_ms + minutes * _MINUTE_MS if field.name.endswith("_ms") else minutes
    text = one_of(typed, field.name)
    if field.name == "economies" and text:
        return re.split(r"[\s,;、，]+", text.upper().strip())
    return text


def _shares(field: str, typed: Typed) -> list[dict[str, Any]] | None:
    """What is held to be how likely. Raises NotTyped, NotWhole."""
    said: list[dict[str, Any]] = []
    for name, values in typed.items():
        match = _SHARE.fullmatch(name)
        if match is None or not values or not values[0].strip():
            continue
        permille = _permille(values[0])
        if permille is None:
            raise NotTyped(
                field, f"Expected 0 to 100 percent, one decimal at most, found {values[0][:64]!r}."
            )
        if permille:
            named = {key: value for key, value in match.groupdict().items() if value}
            said.append(named | {"permille": permille})
    whole = sum(one["permille"] for one in said)
    if said and whole != WHOLE_PERMILLE:
        raise NotWhole(field, f"Expected percentages that make 100 together, found {percent(whole)}.")
    return said or None


def _permille(text: str) -> int | None:
    """A percentage; None if it is none."""
    found = _PERCENT.fullmatch(text.strip())
    permille = int(found["whole"] + (found["tenths"] or "0")) if found else None
    return permille if permille is not None and permille <= WHOLE_PERMILLE else None


def _is_open(said: list[dict[str, Any]]) -> bool:
    """Whether a reading holds all to be undetermined."""
    return all(one.get("what") in _UNDETERMINED for one in said)


def one_of(typed: Typed, name: str) -> str | None:
    """What stands in a field, without spaces around it."""
    values = typed.get(name, ())
    return (values[0].strip() or None) if values else None


def _check_whole(field: Field, row: Mapping[str, str]) -> None:
    """Raises NotTyped."""
    for part in field.parts:
        # How a record was obtained, that record says.
        is_said_there = part.name == "obtained" and row.get("kind") == "record"
        if part.required and not is_said_there and not row.get(part.name, "").strip():
            raise NotTyped(field.name, missing=True, part=part.name)


def _number(text: str, field: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise NotTyped(field, f"Expected a number of minutes, found {text[:64]!r}.")
    return int(text)


def _time_in(row: Mapping[str, str], part: str, field: str) -> tuple[int, Precision]:
    try:
        return read_time(row.get(part, "").strip())
    except ValueError as error:
        raise NotTyped(field, str(error), part=part) from None


def _said(row: Mapping[str, str], *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := row.get(name, "").strip())}


def _source(row: Mapping[str, str], _: Person, field: str) -> dict[str, Any]:
    if row.get("kind") == "record":
        return {"kind": "record", "record": row.get("locator", "").strip()}
    source = _said(row, "kind", "locator", "obtained", "sha256")
    if row.get("obtained_at_ms", "").strip():
        source["obtained_at_ms"], _precision = _time_in(row, "obtained_at_ms", field)
    return source


def _moment(row: Mapping[str, str], _: Person, field: str) -> dict[str, Any]:
    at_ms, precision = _time_in(row, "at", field)
    return _said(row, "clock", "asserted_by", "name") | {"at_ms": at_ms, "precision": precision}


def _certified(row: Mapping[str, str], _: Person, field: str) -> dict[str, Any]:
    """A system, or an operator; of a certificate both halves are needed."""
    said = _said(row, "name", "version", "role")
    certificate = _said(row, "number", "issuer")
    if len(certificate) == 1:
        raise NotTyped(field, "Expected the number of a certificate and who issued it, found one of them.")
    return said | ({"certificates": [certificate]} if certificate else {})


def _fingerprint(row: Mapping[str, str], _: Person, __: str) -> dict[str, Any]:
    return _said(row, "kind", "value")


def _translation(row: Mapping[str, str], person: Person, _: str) -> dict[str, Any]:
    return _said(row, "lang", "text") | {"by": person.role_name, "by_kind": "officer"}


def _actor(row: Mapping[str, str], _: Person, field: str) -> dict[str, Any]:
    permille = _permille(row.get("percent", ""))
    if not permille:
        found = row.get("percent", "")[:64]
        raise NotTyped(
            field, f"Expected 0.1 to 100 percent, one decimal at most, found {found!r}.", part="percent"
        )
    return _said(row, "name") | {"permille": permille}


def _attachment(text: str) -> object:
    try:
        found: object = msgspec.json.decode(text)
    except msgspec.DecodeError:
        raise NotTyped("attachments", "Expected what was uploaded, found something else.") from None
    return found


_ROWS: Final[Mapping[str, Callable[[Mapping[str, str], Person, str], dict[str, Any]]]] = {
    "fingerprints": _fingerprint,
    "moments": _moment,
    "operators": _certified,
    "sources": _source,
    "systems": _certified,
    "translations": _translation,
    "who": _actor,
}
