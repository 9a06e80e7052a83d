"""What is wrong with records that stay to be seen all the same: each typed, none a reason to lose it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Final

from tocsin.cases.picture.places import about, is_of_one_member, place, says, sources_of
from tocsin.cases.picture.reckoning import Reckoning
from tocsin.cases.picture.view import Finding
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    GroundTruth,
    Hypothesis,
    Link,
    OperatorPosition,
    Reading,
    Ref,
    Report,
)
from tocsin.core.views import Said

SAYS_MORE: Final = (Answer, Ask, Hypothesis, Link, OperatorPosition, Reading, Report)
"""What says more of an incident: by a member that had closed the case, it is *after-closing*."""


def findings(
    here: Mapping[Ref, Said[CaseRecord]],
    absent: Mapping[Ref, Sequence[Said[CaseRecord]]],
    elsewhere: Collection[Ref],
    far_off: Iterable[Ref],
    reckoning: Reckoning,
) -> Mapping[Ref, tuple[Finding, ...]]:
    """What is wrong with which of the records here, in ascending order of codes and of what they are about.

    `absent` is what they name that is not here, and which of them do; some of it is `elsewhere`.
    """
    found: dict[Ref, set[Finding]] = {}
    for wrong in (
        _about_effects(reckoning),
        _about_absent(absent, elsewhere),
        _about_closings(here, reckoning),
        _about_answers(here),
        _about_citations(here, reckoning),
        _about_assessments(here),
        ((ref, Finding(code="far-off-time")) for ref in far_off),
    ):
        for ref, finding in wrong:
            found.setdefault(ref, set()).add(finding)
    return {ref: tuple(sorted(these, key=_by_code)) for ref, these in found.items()}


_Found = Iterator[tuple[Ref, Finding]]


def _by_code(finding: Finding) -> tuple[str, str, Ref | None]:
    return finding.code, str(finding.about), finding.about


def _about_effects(reckoning: Reckoning) -> _Found:
    for ref, reasons in reckoning.refused.items():
        yield from ((ref, reason) for reason in reasons)


def _about_absent(absent: Mapping[Ref, Sequence[Said[CaseRecord]]], elsewhere: Collection[Ref]) -> _Found:
    for ref, named_by in absent.items():
        for said in named_by:
            if ref not in elsewhere:
                yield said.ref, Finding(code="dangling", about=ref)
            elif not says(said, Link):
                yield said.ref, Finding(code="not-in-case", about=ref)


def _about_closings(here: Mapping[Ref, Said[CaseRecord]], reckoning: Reckoning) -> _Found:
    if not reckoning.closings:
        return
    for one in here.values():
        closing = reckoning.closings.get(one.member)
        if closing and isinstance(one.record, SAYS_MORE) and place(closing.ref) < place(one.ref):
            yield one.ref, Finding(code="after-closing", about=closing.ref)


def _about_answers(here: Mapping[Ref, Said[CaseRecord]]) -> _Found:
    for one in here.values():
        record = one.record
        if isinstance(record, Answer):
            ask = here.get(record.ask)
            if ask and says(ask, Ask) and ask.record.to and one.member not in ask.record.to:
                yield one.ref, Finding(code="not-asked", about=ask.ref)


def _about_citations(here: Mapping[Ref, Said[CaseRecord]], reckoning: Reckoning) -> _Found:
    citations = reckoning.citations
    for ref, cited in citations.cited.items():
        for record in cited:
            if record in here and not isinstance(here[record].record, Report | Answer):
                yield ref, Finding(code="wrong-kind", about=record)
        if not citations.sources[ref] and all(is_of_one_member(record, ref) for record in cited):
            yield ref, Finding(code="self-citation")
    for ref in citations.in_circles():
        yield ref, Finding(code="circular-citation")


def _about_assessments(here: Mapping[Ref, Said[CaseRecord]]) -> _Found:
    for ref, said in here.items():
        if not isinstance(said.record, Reading | GroundTruth):
            continue
        for named, kinds in _meant(said.record):
            if named in here and not (
                isinstance(here[named].record, kinds) and _is_of_its_kind(here[named].record, said.record)
            ):
                yield ref, Finding(code="wrong-kind", about=named)
        cited = [source.record for source in sources_of(said.record)]
        if says(said, Reading) and cited and all(one and _is_bare(one, ref, here) for one in cited):
            yield ref, Finding(code="self-citation")


def _is_of_its_kind(named: CaseRecord, by: CaseRecord) -> bool:
    """Whether a hypothesis that a ground truth names is of the kind which that says."""
    if not (isinstance(named, Hypothesis) and isinstance(by, GroundTruth)):
        return True
    return named.under == by.what


def _is_bare(cited: Ref, by: Ref, here: Mapping[Ref, Said[CaseRecord]]) -> bool:
    """Whether it is a record of the same member, and names no source."""
    return is_of_one_member(cited, by) and not (cited in here and sources_of(here[cited].record))


def _meant(record: Reading | GroundTruth) -> Iterator[tuple[Ref, type[CaseRecord] | UnionType]]:
    """What it names, and as what."""
    yield from ((ref, Hypothesis) for ref in about(record))
    for source in record.sources or ():
        if source.record is not None:
            yield source.record, Report | Answer
