"""The sources of a case, on whose word each rests, and who only repeats."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter

from tocsin.cases.picture.citing import Citations
from tocsin.cases.picture.sources import Cited, is_verifiable
from tocsin.cases.picture.view import SourceView
from tocsin.core.records import Ref
from tocsin.core.views import Knowledge


def source_views(
    citations: Citations, knowledge: Knowledge, places: Mapping[Ref, int], *, anew: bool
) -> tuple[SourceView, ...]:
    """The sources of these records, by who came first. `places` are those of records in the timeline.

    One of which nothing is new is as it was shown, if not all are shown `anew`.
    """
    shown, named = [], cache(citations.named)
    for one in citations.components:
        if anew or one.shown is None:
            cited = sorted(one.cited, key=lambda cited: (places[cited.ref], cited.nth))
            first = places[cited[0].ref], cited[0].nth
            one.shown = first, _source_view(cited, named(one.members), knowledge)
        shown.append(one.shown)
    return tuple(view for _, view in sorted(shown, key=itemgetter(0)))


def _source_view(cited: Sequence[Cited], members: tuple[str, ...], knowledge: Knowledge) -> SourceView:
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


def _firsts(cited: Iterable[Cited]) -> dict[str, Cited]:
    """The first citation of each member."""
    first: dict[str, Cited] = {}
    for one in cited:
        first.setdefault(one.member, one)
    return first


def _repeats(one: Cited, others: Iterable[Cited], knowledge: Knowledge) -> bool:
    """Whether its author's node held another member's citation when it was written."""
    saw = knowledge.saw(one.ref.log, one.ref.index)
    return any(other.ref.index < saw.get(other.ref.log, 0) for other in others if other.member != one.member)
