"""From what is to be said about a case to the record that says it.

(1) What is named as people name it becomes a reference to the version that is here: `unknown-record`;
(2) sets come into their one order; (3) circle, time and marking; (4) the record's own rules. Whether it would
count for anything, `tocsin.cases.writing` says of every record of a case before it is written.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, get_args

import msgspec

from tocsin.cases.writing import Ended, check_asked, check_wish
from tocsin.core.records import GroundTruth, Hypothesis, OfCases, Probability, Reading, Ref, Source, Tlp
from tocsin.core.records.errors import MalformedRecord, UnknownCase
from tocsin.node.api.cases.naming import goes_on
from tocsin.node.api.cases.types import Cited, Likely, SayOfCase
from tocsin.node.casework.casework import Casework

_KINDS: Final[dict[str, type[OfCases]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(OfCases)
}
_NAMED: Final = ("ask", "case", "handover", "hypothesis", "other")
_ALL_NAMED: Final = ("cases", "dissent")
_SETS: Final[dict[str, Callable[[Any], Any] | None]] = {
    "attachments": lambda one: one.sha256,
    "cases": None,
    "cleared": None,
    "dissent": None,
    "economies": None,
    "fingerprints": None,
    "harms": None,
    "moments": lambda one: (one.clock, one.asserted_by, one.name or ""),
    "probabilities": lambda one: one.key,
    "questions": None,
    "tasks": None,
    "to": None,
    "translations": lambda one: one.lang,
    "who": lambda one: one.name,
}


def record_of(say: SayOfCase, circle: str, at_ms: int, handling: Tlp, ref: Callable[[str], Ref]) -> OfCases:
    """The record. `ref` says what is meant by a name. Raises what `ref` raises, and MalformedRecord."""
    given: dict[str, Any] = msgspec.structs.asdict(say)
    fields = {name: value for name, value in given.items() if value is not None}
    # (1) names
    _put_references(fields, ref)
    # (2) sets
    for name, key in _SETS.items():
        if not isinstance(fields.get(name), str | None):
            fields[name] = _in_order(fields[name], key)
    # (3) common fields
    fields |= {"circle": circle, "at_ms": at_ms, "tlp": say.tlp or handling}
    # (4) the record's rules
    tag = str(say.__struct_config__.tag)
    kind = _KINDS[tag]
    if unknown := sorted(fields.keys() - set(kind.__struct_fields__)):
        raise MalformedRecord(f"Expected no {', '.join(unknown)} in records of the kind {tag}, found some.")
    return kind(**fields)


async def check(record: OfCases, member: str, casework: Casework) -> None:
    """That it would count if `member` said it, and reach somebody. Raises what `cases.writing` does."""
    ended = await _ended(record, casework)
    check_wish(record, member, casework.said, lambda case: goes_on(casework, case), lambda _: ended)
    check_asked(record, member, casework.said, casework.terms)


async def _ended(record: OfCases, casework: Casework) -> Ended:
    """What has ended in its case, if that matters to a record of this kind. Raises Rebuilding."""
    if not isinstance(record, Hypothesis | Reading | GroundTruth) or record.case is None:
        return Ended()
    try:
        view = await casework.view(record.case)
    except UnknownCase:
        return Ended()  # as is said of every record alike
    return Ended(
        closed_by={closing.member for closing in view.closings},
        withdrawn={entry.ref for entry in view.timeline if entry.withdrawn_by is not None},
    )


def _put_references(fields: dict[str, Any], ref: Callable[[str], Ref]) -> None:
    """In the place of the names that stand in any of these fields."""
    for name in _NAMED:
        if name in fields:
            fields[name] = ref(fields[name])
    for name in _ALL_NAMED:
        if name in fields:
            fields[name] = tuple(map(ref, fields[name]))
    if "of" in fields:
        of = fields["of"]
        fields["of"] = ref(of) if isinstance(of, str) else tuple(sorted(set(map(ref, of))))
    if "sources" in fields:
        fields["sources"] = tuple(_source(cited, ref) for cited in fields["sources"])
    if "probabilities" in fields:
        fields["probabilities"] = tuple(_probability(likely, ref) for likely in fields["probabilities"])


def _source(cited: Cited, ref: Callable[[str], Ref]) -> Source:
    fields: dict[str, Any] = msgspec.structs.asdict(cited)
    return Source(**fields | {"record": None if cited.record is None else ref(cited.record)})


def _probability(likely: Likely, ref: Callable[[str], Ref]) -> Probability:
    hypothesis = None if likely.hypothesis is None else ref(likely.hypothesis)
    return Probability(permille=likely.permille, what=likely.what, hypothesis=hypothesis)


def _in_order(values: Iterable[Any], key: Callable[[Any], Any] | None) -> tuple[Any, ...]:
    """Ascending, and what stands there twice once; a record that differs in more says so itself."""
    ordered = sorted(values, key=key)
    return tuple(one for at, one in enumerate(ordered) if at == 0 or one != ordered[at - 1])
