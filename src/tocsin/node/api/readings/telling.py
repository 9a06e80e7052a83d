"""From what a node makes of a case's readings to what programs are given. It takes nothing else."""

from collections.abc import Iterable, Iterator

from tocsin.core.views import Evidence
from tocsin.node.api.readings.types import (
    CommonReadings,
    GroundTruthOf,
    HeldResponsible,
    MemberReading,
    ReadSource,
    Supposed,
)
from tocsin.node.casework.assessing.assessment import Assessment
from tocsin.node.casework.assessing.lessons import truth_of


def common(assessment: Assessment) -> CommonReadings:
    """All that members have in common of a case's readings."""
    evidence, view = assessment.evidence, assessment.view
    truth, supposed = truth_of(evidence), {said.ref for said in evidence.hypotheses}
    return CommonReadings(
        case=evidence.case,
        view=view,
        turning=view.turning,
        sources=tuple(_sources(evidence, (one.source for one in view.sources))),
        readings=tuple(
            MemberReading(
                member=read.said.member,
                ref=read.said.ref,
                at_ms=read.said.record.at_ms,
                author=read.said.record.author,
                author_kind=read.said.record.author_kind,
                probabilities=read.said.record.probabilities,
                confidence=read.said.record.confidence,
                sources=read.sources,
                own=read.own,
                others=read.others,
                as_undetermined=tuple(
                    one.hypothesis
                    for one in read.said.record.probabilities
                    if one.hypothesis is not None and one.hypothesis not in supposed
                ),
                text=read.said.record.text,
                lang=read.said.record.lang,
            )
            for read in evidence.readings
        ),
        hypotheses=tuple(
            Supposed(
                ref=said.ref,
                member=said.member,
                under=said.record.under,
                text=said.record.text or "",
                lang=said.record.lang,
            )
            for said in evidence.hypotheses
        ),
        responsible=tuple(
            HeldResponsible(member=read.said.member, ref=read.said.ref, who=read.said.record.who)
            for read in evidence.readings
            if read.said.record.who
        ),
        truths=tuple(
            GroundTruthOf(
                member=said.member,
                ref=said.ref,
                what=said.record.what,
                hypothesis=said.record.hypothesis,
                sources=said.record.sources or (),
            )
            for said in evidence.truths
        ),
        truth=truth,
        contested=len({said.record.what for said in evidence.truths}) > 1,
        closed=evidence.closed,
        course=assessment.course,
        earlier=assessment.earlier,
    )


def _sources(evidence: Evidence, numbers: Iterable[int]) -> Iterator[ReadSource]:
    """These sources, with their numbers."""
    for number in numbers:
        source = evidence.sources[number]
        yield ReadSource(
            number=number,
            citations=source.citations,
            refs=source.refs,
            witnesses=source.witnesses,
            verifiable=source.verifiable,
        )
