"""What is said of an incident, each value with who says it: nothing is merged that could disagree."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from msgspec.json import Encoder

from tocsin.cases.picture.reckoning import moments
from tocsin.cases.picture.view import Asserted, AssertedMoment, Corrected, Description
from tocsin.core.records import Answer, Ref, Report

_Value = TypeVar("_Value", bound=Hashable)
_encode = Encoder(order="deterministic").encode


class Told(NamedTuple):
    """A report or answer that counts, as its corrections leave it."""

    ref: Ref
    member: str
    record: Report | Corrected | Answer


def describe(told: Sequence[Told]) -> Description:
    """What these say, which are in the order of the timeline."""
    reports = [(ref, member, record) for ref, member, record in told if not isinstance(record, Answer)]
    return Description(
        event=_asserted((ref, member, (r.event,)) for ref, member, r in reports if r.event),
        severity=_asserted((ref, member, (r.severity,)) for ref, member, r in reports if r.severity),
        relation=_asserted((ref, member, (r.relation,)) for ref, member, r in reports if r.relation),
        harms=_asserted((ref, member, r.harms) for ref, member, r in reports if r.harms),
        tasks=_asserted((ref, member, r.tasks) for ref, member, r in reports if r.tasks),
        economies=_asserted((ref, member, r.economies) for ref, member, r in reports if r.economies),
        systems=_values((ref, member, r.systems) for ref, member, r in reports if r.systems),
        operators=_values((ref, member, r.operators) for ref, member, r in reports if r.operators),
        fingerprints=_asserted(
            (ref, member, [f"{one.kind}:{one.value}" for one in record.fingerprints])
            for ref, member, record in told
            if record.fingerprints
        ),
        moments=tuple(
            AssertedMoment(moment=moment, member=member, ref=ref)
            for ref, member, report in reports
            for moment in moments(report)
        ),
        attachments=_values((ref, member, r.attachments) for ref, member, r in reports if r.attachments),
    )


def _asserted(said: Iterable[tuple[Ref, str, Iterable[str]]]) -> tuple[Asserted, ...]:
    return tuple(
        Asserted(value=value, by=tuple(sorted(members)), refs=tuple(refs))
        for value, members, refs in _by_value(said, str)
    )


def _values(said: Iterable[tuple[Ref, str, Iterable[_Value]]]) -> tuple[_Value, ...]:
    return tuple(value for value, _, _ in _by_value(said, _encode))


def _by_value(
    said: Iterable[tuple[Ref, str, Iterable[_Value]]], written: Callable[[_Value], str | bytes]
) -> Sequence[tuple[_Value, set[str], dict[Ref, None]]]:
    """Each value, the members and the records that say it: what most members say first."""
    found: dict[_Value, tuple[set[str], dict[Ref, None]]] = {}
    for ref, member, values in said:
        for value in values:
            if (by := found.get(value)) is None:
                by = found[value] = (set(), {})
            by[0].add(member)
            by[1][ref] = None
    ordered = sorted((-len(members), written(value), value) for value, (members, _) in found.items())
    return [(value, *found[value]) for _, _, value in ordered]
