"""What an honest desk does: it looks at a case of its own node's, and says something that may be said."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import COUNTING
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    CaseRecord,
    Closing,
    Correction,
    Link,
    OperatorPosition,
    Ref,
    Report,
    Source,
    Withdrawal,
)

Kind = TypeVar("Kind", bound=CaseRecord)

WE_SEE = "We see it: "

_PAGES = 5


class Saying:
    """Whoever says something now: what its records have in common, and numbers that decide what it is."""

    def __init__(self, member: str, circle: str, at_ms: int, word: str, numbers: tuple[int, int]) -> None:
        self.member = member
        self.word = word
        self.a, self.b = numbers
        self._made = 0
        self._common = {
            "circle": circle,
            "at_ms": at_ms,
            "author": "duty",
            "author_kind": "officer",
            "tlp": "TLP:GREEN",
        }

    def made(self, kind: type[Kind], case: Ref | None = None, **fields: object) -> Kind:
        """A record, of that case."""
        self._made += 1
        of_case = {} if case is None else {"case": case}
        # No two records have the same bytes: of what is erased, nothing is left elsewhere.
        more = {"word": f"{self.word}-{self._made}"}
        everything: dict[str, Any] = {**self._common, "more": more, **of_case, **fields}
        return kind(**everything)

    def report(self, *sources: Source, case: Ref | None = None, **fields: object) -> Report:
        """A report with the word in it."""
        return self.made(Report, case, sources=sources, summary=f"{WE_SEE}{self.word}", lang="en", **fields)


def page(number: int) -> Source:
    """One of a few pages that anybody may have seen."""
    return Source(kind="website", locator=f"https://news.example/{number % _PAGES}", obtained="published")


def told(who: str, number: int) -> Source:
    """What somebody told a member: it stands on that member's word."""
    return Source(kind="person", locator=f"witness {number} of {who}", obtained="received")


def _add(by: Saying, view: CaseView) -> CaseRecord | None:
    source = page(by.a) if by.b % 3 else told(by.member, by.a)
    return by.report(source, case=view.case, event="incident", severity=("hazard", "incident")[by.a % 2])


def _cite(by: Saying, view: CaseView) -> CaseRecord | None:
    cited = _pick(view, by.a, (Report, Answer), lambda member: member != by.member)
    if cited is None:
        return None
    record = Source(kind="record", record=cited)
    return by.report(*([record] if by.b % 2 else [record, page(by.b)]), case=view.case)


def _ask(by: Saying, view: CaseView) -> CaseRecord | None:
    others = sorted({entry.member for entry in view.timeline} - {by.member})
    to = tuple(sorted({others[by.a % len(others)], others[by.b % len(others)]})) if others else None
    return by.made(Ask, view.case, questions=("seen",), to=to if by.b % 2 else None)


def _answer(by: Saying, view: CaseView) -> CaseRecord | None:
    asks = [ask.ref for ask in view.asks if ask.member != by.member]
    if not asks:
        return None
    ask = asks[by.a % len(asks)]
    if by.b % 3:
        return by.made(Answer, view.case, ask=ask, seen="seen", sources=(page(by.b),))
    return by.made(Answer, view.case, ask=ask, seen="not-seen")


def _acknowledge(by: Saying, view: CaseView) -> CaseRecord | None:
    of = {view.timeline[number % len(view.timeline)].ref for number in (by.a, by.b)}
    return by.made(Acknowledgement, view.case, of=tuple(sorted(of)))


def _correct(by: Saying, view: CaseView) -> CaseRecord | None:
    own = _pick(view, by.a, Report, lambda member: member == by.member)
    if own is None:
        return None
    change: dict[str, object] = {"sources": (page(by.b),)} if by.b % 2 else {"cleared": ("severity",)}
    return by.made(Correction, view.case, of=own, **change)


def _withdraw(by: Saying, view: CaseView) -> CaseRecord | None:
    own = _pick(view, by.a, CaseRecord, lambda member: member == by.member)
    return None if own is None else by.made(Withdrawal, view.case, of=(own,), reason="mistaken")


def _close(by: Saying, view: CaseView) -> CaseRecord | None:
    outcome = ("incident", "false-alarm")[by.a % 2]
    return by.made(Closing, view.case, outcome=outcome)


def _position(by: Saying, view: CaseView) -> CaseRecord | None:
    return by.made(
        OperatorPosition,
        view.case,
        operator="Maker",
        role="provider",
        position="disputes",
        sources=(page(by.a),),
    )


DEEDS: dict[str, Callable[[Saying, CaseView], CaseRecord | None]] = {
    "add": _add,
    "cite": _cite,
    "ask": _ask,
    "answer": _answer,
    "acknowledge": _acknowledge,
    "correct": _correct,
    "withdraw": _withdraw,
    "close": _close,
    "position": _position,
}


def linked(by: Saying, case: Ref, other: Ref) -> CaseRecord | None:
    """Two cases that an honest desk holds for related; nothing if they are one."""
    return None if case == other else by.made(Link, case, other=other, link="related")


def _pick(
    view: CaseView,
    number: int,
    kind: Any,  # noqa: ANN401 - as isinstance has it
    whose: Callable[[str], bool],
) -> Ref | None:
    """One of the records that count, of a kind and of some members."""
    fitting: Sequence[Ref] = [
        entry.ref
        for entry in view.timeline
        if isinstance(entry.record, kind) and whose(entry.member) and entry.standing in COUNTING
    ]
    return fitting[number % len(fitting)] if fitting else None
