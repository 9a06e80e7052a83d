"""The sources of a case, on whose word each rests, and who only repeats."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tocsin.cases.picture.citing import Citations
from tocsin.cases.picture.describing import Told
from tocsin.cases.picture.sources import is_verifiable
from tocsin.cases.picture.view import SourceView
from tocsin.core.records import Ref, Source
from tocsin.core.views import Knowledge


class _Cited(NamedTuple):
    ref: Ref
    member: str
    source: Source


def source_views(told: Iterable[Told], citations: Citations, knowledge: Knowledge) -> tuple[SourceView, ...]:
    """The sources of these records, which are in the order of the timeline, by who came first."""
    components = citations.components
    found: dict[int, list[_Cited]] = {}
    for ref, member, record in told:
        located = (source for source in record.sources or () if source.record is None)
        for source, one in zip(located, citations.sources[ref], strict=True):
            found.setdefault(components.find(one), []).append(_Cited(ref, member, source))
    members = {bits: citations.named(bits) for bits in components.resting}
    return tuple(
        _source_view(cited, members[components.members(one)], knowledge) for one, cited in found.items()
    )


def _source_view(cited: Sequence[_Cited], members: tuple[str, ...], knowledge: Knowledge) -> SourceView:
    first = _firsts(cited)
    originals = [
        one for one in first.values() if len(first) == 1 or not _repeats(one, first.values(), knowledge)
    ]
    independent = {one.member for one in originals}
    sources = tuple(dict.fromkeys(one.source for one in cited))
    return SourceView(
        citations=sources,
        members=members,
        refs=tuple(dict.fromkeys(one.ref for one in cited)),
        repeaters=tuple(member for member in members if member not in independent),
        verifiable=any(is_verifiable(source) for source in sources),
        first=originals[0].ref if len(originals) == 1 else None,
    )


def _firsts(cited: Iterable[_Cited]) -> dict[str, _Cited]:
    """The first citation of each member."""
    first: dict[str, _Cited] = {}
    for one in cited:
        first.setdefault(one.member, one)
    return first


def _repeats(one: _Cited, others: Iterable[_Cited], knowledge: Knowledge) -> bool:
    """Whether its author's node held another member's citation when it was written."""
    saw = knowledge.saw(one.ref.log, one.ref.index)
    return any(other.ref.index < saw.get(other.ref.log, 0) for other in others if other.member != one.member)
