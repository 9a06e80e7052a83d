"""Which records of a case count (docs/protocol.md, section 19).

A member's records are taken from the newest to the oldest, so that what takes one back, corrects or
supersedes it is there before it. What comes later is taken in addition, as far as that changes no other:

(1) what was withdrawn does not count, a withdrawal included;
(2) who withdraws or corrects another's record, or one of another case, does nothing;
(3) a report counts as its corrections, the newest last, leave it;
(4) of a member's answers to one ask the newest counts, and of its closings;
(5) an answer to what is no ask, or to one of another case, does not count.

What names a record that is not here counts, and says so (`findings`): it may have been erased since.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import get_args

from tocsin.cases.picture.citing import Citations
from tocsin.cases.picture.places import is_of_one_member, place, says
from tocsin.cases.picture.view import Corrected, Finding, Standing, State
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    Closing,
    Correction,
    Moment,
    Ref,
    Report,
    Withdrawal,
)
from tocsin.core.records.cases.report import Described
from tocsin.core.records.cases.vocabulary import Outcome
from tocsin.core.views import Said

_DESCRIBED = get_args(Described)
_HAS_EFFECT = (Report, Answer, Ask, Closing, Correction, Withdrawal)
_MAY_BE_REFUSED = (Answer, Correction, Withdrawal)
_BEARS_ON_OTHERS = (Answer, Closing, Correction, Withdrawal)


class Reckoning:
    """What counts of a case's records: those that are `here`; `elsewhere` are some of other cases."""

    def __init__(self, case: Ref, here: Mapping[Ref, Said[CaseRecord]], elsewhere: Collection[Ref]) -> None:
        self.withdrawn: dict[Ref, Ref] = {}
        self.corrections: dict[Ref, list[Said[Correction]]] = {}
        self.refused: dict[Ref, tuple[Finding, ...]] = {}
        self.superseded: set[Ref] = set()
        self.reports: dict[Ref, Report | Corrected] = {}
        self.asks: dict[Ref, Said[Ask]] = {}
        self.answers: dict[Ref, dict[str, Said[Answer]]] = {}
        self.closings: dict[str, Said[Closing]] = {}
        self._citations: Citations | None = None
        self._case = case
        self._here = here
        self._elsewhere = elsewhere
        self._taken: set[Ref] = set()
        for said in sorted(here.values(), key=lambda said: place(said.ref), reverse=True):
            self.take(said)

    def take(self, said: Said[CaseRecord]) -> bool:
        """Take one more record, which is here. False if it changes what others count for: reckon anew."""
        self._taken.add(said.ref)
        # What it was taken for before it was here: a report by corrections, an ask by answers.
        is_as_told = (said.ref not in self.corrections or says(said, Report)) and (
            said.ref not in self.answers or says(said, Ask)
        )
        if said.ref in self.withdrawn:
            return is_as_told
        if not isinstance(said.record, _HAS_EFFECT):
            return is_as_told
        may_be_refused = isinstance(said.record, _MAY_BE_REFUSED)
        if may_be_refused and (reasons := tuple(_refusals(said, self._here, self._elsewhere))):
            self.refused[said.ref] = reasons
            return is_as_told
        return self._count(said) and is_as_told

    def _count(self, said: Said[CaseRecord]) -> bool:
        if says(said, Report):
            self._report(said)
        elif says(said, Answer):
            self._answer(said)
        elif says(said, Ask):
            self.asks[said.ref] = said
        elif says(said, Closing):
            self._close(said)
        elif says(said, Correction):
            self._correct(said)
        elif says(said, Withdrawal):
            return self._withdraw(said)
        return True

    def _report(self, said: Said[Report]) -> None:
        report = self.reports[said.ref] = self._corrected(said)
        if self._citations is not None:
            self._citations.add(said.ref, said.member, report.sources)

    def _corrected(self, said: Said[Report]) -> Report | Corrected:
        corrections = self.corrections.get(said.ref)
        if not corrections:
            return said.record
        corrections.sort(key=lambda said: place(said.ref))
        return _as_corrected(said.record, [said.record for said in corrections])

    def _correct(self, said: Said[Correction]) -> None:
        self.corrections.setdefault(said.record.of, []).append(said)
        report = self._here.get(said.record.of)
        if report is None or report.ref not in self.reports or not says(report, Report):
            return
        self.reports[report.ref] = self._corrected(report)
        if said.record.sources is not None:
            self._citations = None

    def _answer(self, said: Said[Answer]) -> None:
        answers = self.answers.setdefault(said.record.ask, {})
        other = answers.get(said.member)
        if other is not None and place(other.ref) > place(said.ref):
            self.superseded.add(said.ref)
            return
        answers[said.member] = said
        if other is not None:
            self.superseded.add(other.ref)
            if other.record.sources is not None:
                self._citations = None
        if self._citations is not None:
            self._citations.add(said.ref, said.member, said.record.sources or ())

    def _close(self, said: Said[Closing]) -> None:
        other = self.closings.setdefault(said.member, said)
        newest, older = (said, other) if place(said.ref) > place(other.ref) else (other, said)
        self.closings[said.member] = newest
        if older is not newest:
            self.superseded.add(older.ref)

    def _withdraw(self, said: Said[Withdrawal]) -> bool:
        changes_nothing = True
        for ref in said.record.of:
            by = self.withdrawn.get(ref)
            if by is None and ref in self._taken:
                self.asks.pop(ref, None)
                if self.reports.pop(ref, None):
                    self._citations = None
                changes_nothing &= not isinstance(self._here[ref].record, _BEARS_ON_OTHERS)
            if by is None or place(said.ref) < place(by):
                self.withdrawn[ref] = said.ref
        return changes_nothing

    @property
    def citations(self) -> Citations:
        """What the reports and answers that count cite."""
        if self._citations is None:
            self._citations = Citations()
            for ref, report in self.reports.items():
                self._citations.add(ref, self._here[ref].member, report.sources)
            for answers in self.answers.values():
                for said in answers.values():
                    self._citations.add(said.ref, said.member, said.record.sources or ())
        return self._citations

    def standings(self) -> Mapping[Ref, Standing]:
        """What those records count for that do not just count."""
        corrected = (ref for ref, report in self.reports.items() if isinstance(report, Corrected))
        return {
            **dict.fromkeys(corrected, "corrected"),
            **dict.fromkeys(self.superseded, "superseded"),
            **dict.fromkeys(self.refused, "refused"),
            **dict.fromkeys(self.withdrawn, "withdrawn"),
        }

    @property
    def opening(self) -> Said[Report] | None:
        """The report that opened the case, if it is here, whether it counts or not."""
        said = self._here.get(self._case)
        return said if said is not None and says(said, Report) else None

    @property
    def outcome(self) -> Outcome | None:
        """How the case ended for the member that opened it, if it did: then it is closed."""
        closing = self.closings.get(self.opening.member) if self.opening else None
        return closing.record.outcome if closing else None

    @property
    def state(self) -> State:
        """How the case stands: by the member that opened it, and whether others say otherwise."""
        if self.opening is None:
            return "unknown"
        if self.outcome is None:
            return "open"
        is_agreed = all(closing.record.outcome == self.outcome for closing in self.closings.values())
        return "closed" if is_agreed else "contested"


def _refusals(
    said: Said[CaseRecord], here: Mapping[Ref, Said[CaseRecord]], elsewhere: Collection[Ref]
) -> Iterator[Finding]:
    """Why a record counts for nothing.

    What one withdraws or corrects is older: of nothing else could its bytes hold the reference.
    """
    kind: type[CaseRecord] | None = None
    if says(said, Withdrawal):
        about = said.record.of
    elif says(said, Correction):
        about, kind = (said.record.of,), Report
    elif says(said, Answer):
        about, kind = (said.record.ask,), Ask
    else:
        return
    for ref in about:
        if not says(said, Answer) and not is_of_one_member(ref, said.ref):
            yield Finding(code="not-yours", about=ref)
        elif not says(said, Answer) and place(ref)[:2] >= place(said.ref)[:2]:
            yield Finding(code="dangling", about=ref)
        elif ref in elsewhere:
            yield Finding(code="not-in-case", about=ref)
        elif kind and ref in here and not says(here[ref], kind):
            yield Finding(code="wrong-kind", about=ref)


def moments(report: Report | Corrected) -> tuple[Moment, ...]:
    """The moments that a report gives, the one of the versions before 0.3.0 included."""
    if isinstance(report, Corrected) or report.occurred_at_ms is None or report.occurred_precision is None:
        return report.moments or ()
    at_ms, precision = report.occurred_at_ms, report.occurred_precision
    return (Moment(asserted_by="author", at_ms=at_ms, clock="occurred", precision=precision),)


def _as_corrected(report: Report, corrections: Sequence[Correction]) -> Corrected:
    fields = {name: getattr(report, name) for name in Corrected.__struct_fields__}
    fields["moments"] = moments(report) or None
    for correction in corrections:
        for name in _DESCRIBED:
            value = getattr(correction, name)
            if value is not None or name in (correction.cleared or ()):
                fields[name] = value
                if name == "summary":
                    fields |= {"lang": correction.lang, "translations": correction.translations}
        fields["sources"] = correction.sources or fields["sources"]
    return Corrected(**fields)
