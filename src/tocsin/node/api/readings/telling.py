"""From what a node makes of a case's readings to what programs are given. It takes nothing else."""

from collections.abc import Iterable, Iterator

from tocsin.core.views import Evidence
from tocsin.node.api.readings.types import (
    CommonReadings,
    GroundTruthOf,
    HeldResponsible,
    MemberReading,
    ReadSource,
    Standing,
    Supposed,
)
from tocsin.node.casework.assessing.assessment import Assessment
from tocsin.node.casework.assessing.lessons import truth_of
from tocsin.readings.hypotheses import Leaves, top
from tocsin.readings.view import CommonView


def common(assessment: Assessment) -> CommonReadings:
    """All that members have in common of a case's readings."""
    evidence, view = assessment.evidence, assessment.view
    truth = truth_of(evidence)
    return CommonReadings(
        case=evidence.case,
        view=view,
        turning=view.turning,
        standing=tuple(_standing(evidence, view)),
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
                member=said.member, ref=said.ref, what=said.record.what, hypothesis=said.record.hypothesis
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


def _standing(evidence: Evidence, view: CommonView) -> Iterator[Standing]:
    """The sources that a witness of theirs reads as of the kind that all together hold likeliest."""
    kind = top([one.permille for one in view.kinds])
    leaves = Leaves.of(evidence)
    read_so = {
        read.said.member
        for read in evidence.readings
        if leaves.kind_of(leaves.says(read.said.record)[0]) == kind
    }
    for source in view.sources:
        members = sorted(read_so.intersection(source.witnesses, source.readers))
        if members and leaves.kind_of(source.millinats) == kind:
            yield Standing(source=source.source, classes=source.classes, members=tuple(members))
