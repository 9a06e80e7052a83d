"""What may be said of what a case was, by how the case stands (docs/protocol.md, section 19.7)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tocsin.core.records import GroundTruth, Hypothesis, Reading, Record, Ref
from tocsin.core.records.errors import CaseClosed, CaseOpen, UnknownHypothesis, WrongKind
from tocsin.core.views import Said


@dataclass(frozen=True, slots=True)
class Ended:
    """What has ended in a case: the members of which a closing counts, and the records that are withdrawn."""

    closed_by: Collection[str] = ()
    withdrawn: Collection[Ref] = ()


def check_assessment(
    record: Hypothesis | Reading | GroundTruth, member: str, ended: Ended, named: Iterable[Said[Record]]
) -> None:
    """That what has ended in its case, and the hypotheses that it names, let `member` write this record.

    Raises CaseClosed, CaseOpen, UnknownHypothesis, WrongKind.
    """
    _check_open(record, member, ended.closed_by)
    for one in named:
        if one.ref in ended.withdrawn:
            raise UnknownHypothesis(
                f"Expected a hypothesis that counts at {one.ref}, found one that was withdrawn. "
                "Next: name another, or the kind that it was of."
            )
        if isinstance(record, GroundTruth) and isinstance(one.record, Hypothesis):
            _check_under(record, one.ref, one.record)


def _check_open(record: Hypothesis | Reading | GroundTruth, member: str, closed_by: Collection[str]) -> None:
    if isinstance(record, GroundTruth):
        if member not in closed_by:
            raise CaseOpen(
                f"Expected a case that {member} has closed, found {record.case}, which it has not. "
                "Next: close it, and then say what it was."
            )
        return
    for one in dict.fromkeys((member, record.case.log_name.member)):
        if one in closed_by:
            raise CaseClosed(
                f"Expected an open case, found {record.case}, which {one} has closed. "
                "Next: say in a report what is new, or withdraw the closing, if it is yours."
            )


def _check_under(truth: GroundTruth, ref: Ref, hypothesis: Hypothesis) -> None:
    if hypothesis.under != truth.what:
        raise WrongKind(
            f"Expected a hypothesis under {truth.what} at {ref}, found one under {hypothesis.under}. "
            f"Next: say {hypothesis.under}, or name no hypothesis of another kind."
        )
