"""Which records of a case count (docs/protocol.md, section 19).

A member's records are taken from the newest to the oldest, so that what takes one back, corrects or
supersedes it is there before it. What comes later is taken in addition, and what it does to others is done,
but for what brings back what was withdrawn, since that may go on without end:

(1) what was withdrawn does not count, a withdrawal included;
(2) who withdraws or corrects another's record, or one of another case, does nothing;
(3) a report counts as its corrections, the newest last, leave it;
(4) of a member's answers to one ask the newest counts, of its closings, readings and ground truths;
(5) an answer to what is no ask, or to one of another case, does not count, nor does what a member reads once
    it has closed the case.

What names a record that is not here counts, and says so (`findings`): it may have been erased since.
"""

from collections.abc import Collection, Iterator, Mapping

from tocsin.cases.picture.citing import Citations
from tocsin.cases.picture.places import about, is_of_one_member, place, says
from tocsin.cases.picture.reckoning.assessing import Assessments
from tocsin.cases.picture.reckoning.correcting import as_corrected
from tocsin.cases.picture.reckoning.holding import held_for
from tocsin.cases.picture.view import Corrected, Finding, Standing, State
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    Closing,
    Correction,
    GroundTruth,
    Hypothesis,
    Link,
    Reading,
    Ref,
    Report,
    Withdrawal,
)
from tocsin.core.records.cases.vocabulary import Outcome
from tocsin.core.views import Knowledge, Said

MAY_BE_REFUSED = (Answer, Correction, Withdrawal)
_ABOUT_A: Mapping[type[CaseRecord], type[CaseRecord]] = {Answer: Ask, Correction: Report}


class Reckoning:
    """What counts of a case's records: those that are `here`; `elsewhere` are some of other cases.

    `touched` are those for which others that came changed something, for whoever shows them to clear.
    """

    def __init__(self, case: Ref, here: Mapping[Ref, Said[CaseRecord]], elsewhere: Collection[Ref]) -> None:
        self.withdrawn: dict[Ref, Ref] = {}
        self.corrections: dict[Ref, list[Said[Correction]]] = {}
        self.refused: dict[Ref, tuple[Finding, ...]] = {}
        self.superseded: set[Ref] = set()
        self.reports: dict[Ref, Report | Corrected] = {}
        self.asks: dict[Ref, Said[Ask]] = {}
        self.answers: dict[Ref, dict[str, Said[Answer]]] = {}
        self.closings: dict[str, Said[Closing]] = {}
        self.links: dict[Ref, Said[Link]] = {}
        self.citations = Citations()
        self.touched: set[Ref] = set()
        self.assessments = Assessments(self.touched)
        self._case = case
        self._here = here
        self._elsewhere = elsewhere
        self._taken: set[Ref] = set()
        for said in sorted(here.values(), key=lambda said: place(said.ref), reverse=True):
            self.take(said)

    def take(self, said: Said[CaseRecord]) -> bool:
        """Take one more record, which is here. False if it bears on more than is done here: reckon anew."""
        self._taken.add(said.ref)
        # What it was taken for before it was here: a report by corrections, an ask by answers.
        is_as_told = (said.ref not in self.corrections or says(said, Report)) and (
            said.ref not in self.answers or says(said, Ask)
        )
        if said.ref in self.withdrawn:
            return is_as_told
        may_be_refused = isinstance(said.record, MAY_BE_REFUSED)
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
        elif says(said, Hypothesis) or says(said, Reading) or says(said, GroundTruth):
            self.assessments.add(said)
        elif says(said, Correction):
            self._correct(said)
        elif says(said, Link):
            self.links[said.ref] = said
        elif says(said, Withdrawal):
            return self._withdraw(said)
        return True

    def _take_back(self, said: Said[CaseRecord]) -> bool:
        """What was withdrawn counts no more, nor is it refused."""
        if said.ref in self.refused:
            del self.refused[said.ref]
        elif said.ref in self.superseded:
            self.superseded.remove(said.ref)
        else:
            return self._count_not(said)
        return True

    def _count_not(self, said: Said[CaseRecord]) -> bool:
        ref = said.ref
        if says(said, Report):
            del self.reports[ref]
            self.citations.remove(ref)
        elif says(said, Answer):
            del self.answers[said.record.ask][said.member]
            self.citations.remove(ref)
            self._give_way(said)
        elif says(said, Ask):
            del self.asks[ref]
        elif says(said, Closing):
            del self.closings[said.member]
            self.assessments.readings.end(said.member, None)
            self._give_way(said)
        elif says(said, Hypothesis) or says(said, Reading) or says(said, GroundTruth):
            self.assessments.remove(said)
        elif says(said, Correction):
            self.corrections[said.record.of].remove(said)
            self._corrected_anew(said)
        elif says(said, Link):
            del self.links[ref]
        elif says(said, Withdrawal):
            return False
        return True

    def _report(self, said: Said[Report]) -> None:
        report = self.reports[said.ref] = self._corrected(said)
        self.citations.add(said.ref, report.sources)

    def _corrected(self, said: Said[Report]) -> Report | Corrected:
        corrections = self.corrections.get(said.ref)
        if not corrections:
            return said.record
        corrections.sort(key=lambda said: place(said.ref))
        return as_corrected(said.record, [said.record for said in corrections])

    def _correct(self, said: Said[Correction]) -> None:
        self.corrections.setdefault(said.record.of, []).append(said)
        self._corrected_anew(said)

    def _corrected_anew(self, said: Said[Correction]) -> None:
        report = self._here.get(said.record.of)
        if report is None or report.ref not in self.reports or not says(report, Report):
            return
        corrected = self.reports[report.ref] = self._corrected(report)
        self.touched.add(report.ref)
        if said.record.sources is not None:
            self.citations.remove(report.ref)
            self.citations.add(report.ref, corrected.sources)

    def _answer(self, said: Said[Answer]) -> None:
        answers = self.answers.setdefault(said.record.ask, {})
        other = answers.get(said.member)
        if other is not None and place(other.ref) > place(said.ref):
            self.superseded.add(said.ref)
            return
        answers[said.member] = said
        if other is not None:
            self.superseded.add(other.ref)
            self.touched.add(other.ref)
            self.citations.remove(other.ref)
        self.citations.add(said.ref, said.record.sources or ())

    def _close(self, said: Said[Closing]) -> None:
        other = self.closings.setdefault(said.member, said)
        newest, older = (said, other) if place(said.ref) > place(other.ref) else (other, said)
        self.closings[said.member] = newest
        self.assessments.readings.end(said.member, newest.ref)
        if older is not newest:
            self.superseded.add(older.ref)
            self.touched.add(older.ref)

    def _give_way(self, said: Said[Answer] | Said[Closing]) -> None:
        """The newest of those that it superseded counts in its place."""
        older = [one for one in map(self._here.__getitem__, self.superseded) if _is_again(said, one)]
        if older:
            newest = max(older, key=lambda one: place(one.ref))
            self.superseded.remove(newest.ref)
            self.touched.add(newest.ref)
            self._count(newest)

    def _withdraw(self, said: Said[Withdrawal]) -> bool:
        is_done = True
        self.touched.update(said.record.of)
        for ref in said.record.of:
            by = self.withdrawn.get(ref)
            if by is None and ref in self._taken:
                is_done &= self._take_back(self._here[ref])
            if by is None or place(said.ref) < place(by):
                self.withdrawn[ref] = said.ref
        return is_done

    def standing(self, ref: Ref) -> Standing:
        """What a record that is here counts for."""
        if ref in self.withdrawn:
            return "withdrawn"
        if ref in self.refused:
            return "refused"
        if ref in self.superseded:
            return "superseded"
        said = self._here[ref]
        if says(said, Hypothesis) or says(said, Reading) or says(said, GroundTruth):
            return self.assessments.standing(said)
        return "corrected" if isinstance(self.reports.get(ref), Corrected) else "counts"

    @property
    def opening(self) -> Said[Report] | None:
        """The report that opened the case, if it is here, whether it counts or not."""
        said = self._here.get(self._case)
        return said if said is not None and says(said, Report) else None

    @property
    def closing(self) -> Said[Closing] | None:
        """The newest that counts of the member that opened the case, if there is one: then it is closed."""
        return self.closings.get(self.opening.member) if self.opening else None

    @property
    def outcome(self) -> Outcome | None:
        """How the case ended for the member that opened it, if it did."""
        return self.closing.record.outcome if self.closing else None

    def since_closing(self, knowledge: Knowledge) -> Iterator[Ref]:
        """Of what counts and says something of the incident, what came after the case was closed.

        That is what the member which closed it did not hold when it did, by its contexts.
        """
        closing = self.closing
        if closing is None:
            return
        is_held = held_for(closing.ref, knowledge)
        yield from (ref for ref in self._tells() if not is_held(ref))

    @property
    def told(self) -> Ref | None:
        """From when on whoever reads the case may have been told what it was.

        That is the oldest record of the member that opened it which closes the case, and was not withdrawn,
        or says what it was, even if that was.
        """
        member = self._case.log_name.member
        found = (
            ref
            for ref, said in self._here.items()
            if said.member == member
            and (says(said, GroundTruth) or (says(said, Closing) and ref not in self.withdrawn))
        )
        return min(found, key=place, default=None)

    def _tells(self) -> Iterator[Ref]:
        """The reports, asks, answers *seen* and corrections that count."""
        yield from self.reports
        yield from self.asks
        for answers in self.answers.values():
            yield from (said.ref for said in answers.values() if said.record.seen == "seen")
        for corrections in self.corrections.values():
            yield from (said.ref for said in corrections)

    @property
    def state(self) -> State:
        """How the case stands: by the member that opened it, and whether others say otherwise."""
        if self.opening is None:
            return "unknown"
        if self.outcome is None:
            return "open"
        is_agreed = all(closing.record.outcome == self.outcome for closing in self.closings.values())
        return "closed" if is_agreed else "contested"


def _is_again(said: Said[CaseRecord], other: Said[CaseRecord]) -> bool:
    """Whether the newer of the two supersedes the other."""
    if said.member != other.member:
        return False
    if says(said, Answer):
        return says(other, Answer) and said.record.ask == other.record.ask
    return says(said, Closing) and says(other, Closing)


def _refusals(
    said: Said[CaseRecord], here: Mapping[Ref, Said[CaseRecord]], elsewhere: Collection[Ref]
) -> Iterator[Finding]:
    """Why a record that may be refused counts for nothing.

    What one withdraws or corrects is older: of nothing else could its bytes hold the reference.
    """
    kind = _ABOUT_A.get(type(said.record))
    for ref in about(said.record):
        if not says(said, Answer) and not is_of_one_member(ref, said.ref):
            yield Finding(code="not-yours", about=ref)
        elif not says(said, Answer) and place(ref)[:2] >= place(said.ref)[:2]:
            yield Finding(code="dangling", about=ref)
        elif ref in elsewhere:
            yield Finding(code="not-in-case", about=ref)
        elif kind and ref in here and not says(here[ref], kind):
            yield Finding(code="wrong-kind", about=ref)
