"""From a case to the 29 criteria, as JSON and as a table to read (docs/formats.md).

Each value is one that a record says, with who says it; where members differ, both stand. Severities are
those of the OECD's own scale, and never converted from another. An exercise says so first.
"""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from tocsin.cases.formats.account import urn_of
from tocsin.cases.formats.ids import stamp
from tocsin.cases.formats.leaving import Leaving, Told, leaving
from tocsin.cases.formats.oecd.criteria import CRITERIA, Criterion
from tocsin.cases.formats.terms import Exported, Outgoing
from tocsin.cases.formats.trees import Json, Object, write
from tocsin.cases.picture.view import CaseView
from tocsin.cases.telling.markdown import in_cell
from tocsin.core.records import CaseRecord, Closing, Operator, OperatorPosition, Source, System
from tocsin.core.records.cases.vocabulary import Precision

_FRAMEWORK: Final = "OECD common reporting framework for AI incidents (OECD AI Papers No. 34, 2025)"
_EXERCISE: Final = "EXERCISE: nothing of this happened."
_NOT_SAID: Final = "not said"
_CHARACTERS_OF_DATES: Final[dict[Precision, int]] = {
    "year": 4,
    "month": 7,
    "day": 10,
    "hour": 13,
    "minute": 16,
    "second": 19,
}


class Answered(Struct, frozen=True):
    """A value that was said, and who says so."""

    value: str
    by: tuple[str, ...]


def write_oecd(view: CaseView, out: Outgoing) -> Exported:
    """The criteria as JSON. Raises NothingLeaves."""
    case = leaving(view, out, "oecd", _fits)
    criteria: list[Json] = []
    for criterion, values in _answered(case):
        row: Object = {
            "number": criterion.number,
            "name": criterion.name,
            "mandatory": criterion.mandatory,
            "mapping": criterion.mapping,
            "by": criterion.by,
            "values": [{"value": one.value, "said_by": list(one.by)} for one in values],
        }
        criteria.append(row)
    document: Object = {
        "framework": _FRAMEWORK,
        "exercise": case.drill,
        "tlp": case.label,
        "case": case.case,
        "criteria": criteria,
    }
    return Exported(data=write(document), media_type="application/json", no_place=case.stays)


def write_oecd_table(view: CaseView, out: Outgoing) -> Exported:
    """The criteria as a table in Markdown; what others wrote cannot become markup. Raises NothingLeaves."""
    case = leaving(view, out, "oecd", _fits)
    lines = [f"# {_FRAMEWORK}", ""]
    lines += [f"**{_EXERCISE}**", ""] if case.drill else []
    lines += [f"{case.label}, case {case.case}", ""]
    lines += ["| # | criterion | mapping | value |", "|---|---|---|---|"]
    for criterion, values in _answered(case):
        said = "<br>".join(f"{in_cell(one.value)} ({in_cell(', '.join(one.by))})" for one in values)
        number = f"{criterion.number}*" if criterion.mandatory else str(criterion.number)
        lines.append(f"| {number} | {criterion.name} | {criterion.mapping} | {said or _NOT_SAID} |")
    lines += ["", "\\* mandatory", ""]
    return Exported(
        data="\n".join(lines).encode(), media_type="text/markdown; charset=utf-8", no_place=case.stays
    )


def _answered(case: Leaving) -> Iterator[tuple[Criterion, list[Answered]]]:
    for criterion in CRITERIA:
        yield criterion, list(_VALUES.get(criterion.number, _nothing)(case))


def _fits(record: CaseRecord) -> bool:
    return isinstance(record, Closing | OperatorPosition)


def _nothing(_: Leaving) -> Iterator[Answered]:
    yield from ()


def _said(case: Leaving, values: Callable[[Told], Iterator[str]]) -> Iterator[Answered]:
    """Each value once, with all who say it."""
    said: dict[str, dict[str, None]] = {}
    for told in case.told:
        for value in values(told):
            said.setdefault(value, {})[told.by.name] = None
    return (Answered(value, tuple(by)) for value, by in said.items())


def _field(field: str, only: str | None = None) -> Callable[[Leaving], Iterator[Answered]]:
    """The values of a report's field; `only` if it is that one."""

    def values(told: Told) -> Iterator[str]:
        found = getattr(told.report, field)
        for value in (found,) if isinstance(found, str) else found or ():
            if only is None or value == only:
                yield value

    return lambda case: _said(case, values)


def _title(case: Leaving) -> Iterator[Answered]:
    first = case.told[0]
    lines = (first.report.summary or "").splitlines()
    if lines and lines[0]:
        yield Answered(lines[0], (first.by.name,))


def _submitters(case: Leaving) -> Iterator[Answered]:
    for name in dict.fromkeys(told.by.name for told in case.told):
        yield Answered(name, (name,))


def _occurred(case: Leaving) -> Iterator[Answered]:
    """The earliest, as precisely as it is said."""
    moments = [
        (moment.at_ms, at[: _CHARACTERS_OF_DATES.get(moment.precision, 10)], told.by.name)
        for told in case.told
        for moment in told.report.moments or ()
        if moment.clock == "occurred" and (at := stamp(moment.at_ms)) is not None
    ]
    if moments:
        _, at, name = min(moments)
        yield Answered(at, (name,))


def _sources(case: Leaving) -> Iterator[Answered]:
    return _said(case, lambda told: (_source(one) for one in told.report.sources))


def _source(source: Source) -> str:
    if source.record is not None:
        return urn_of(source.record)
    how = f", {source.obtained}" if source.obtained else ""
    return f"{source.locator} ({source.kind}{how})"


def _systems(case: Leaving) -> Iterator[Answered]:
    return _said(case, lambda told: (_system(one) for one in told.report.systems or ()))


def _system(system: System) -> str:
    return system.name if system.version is None else f"{system.name} {system.version}"


def _operators(case: Leaving) -> Iterator[Answered]:
    return _said(case, lambda told: (_operator(one) for one in told.report.operators or ()))


def _operator(operator: Operator) -> str:
    return f"{operator.name} ({operator.role})"


def _several(case: Leaving) -> Iterator[Answered]:
    return _said(
        case,
        lambda told: iter(
            [f"{len(systems)} systems"] if len(systems := told.report.systems or ()) > 1 else []
        ),
    )


def _certificates(case: Leaving) -> Iterator[Answered]:
    return _said(
        case,
        lambda told: (
            f"{system.name}: {one.issuer} {one.number}"
            for system in told.report.systems or ()
            for one in system.certificates or ()
        ),
    )


def _actions(case: Leaving) -> Iterator[Answered]:
    for one in case.others:
        match one.record:
            case Closing(outcome=outcome):
                yield Answered(f"closed: {outcome}", (one.by.name,))
            case OperatorPosition(operator=operator, position=position):
                yield Answered(f"{operator}: {position}", (one.by.name,))


def _further(case: Leaving) -> Iterator[Answered]:
    return _said(
        case,
        lambda told: iter(
            [
                *(f"{one.kind} {one.value}" for one in told.report.fingerprints or ()),
                *(f"attachment sha256 {one.sha256}" for one in told.report.attachments or ()),
            ]
        ),
    )


_VALUES: Final[dict[int, Callable[[Leaving], Iterator[Answered]]]] = {
    1: _title,
    2: _field("summary"),
    3: _field("relation"),
    4: _submitters,
    5: _occurred,
    6: _field("economies"),
    7: _sources,
    8: _systems,
    9: _operators,
    10: _field("severity"),
    11: _field("harms"),
    13: _field("relation", only="intentional-misuse"),
    15: _field("harms", only="rights"),
    19: _field("harms", only="public-interest"),
    22: _certificates,
    24: _several,
    25: _field("tasks"),
    27: _actions,
    29: _further,
}
