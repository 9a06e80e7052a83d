"""The answers that are proposed to an officer, or that a machine gives.

- An answer says that it was seen, how often (in bands), by what that was found, and cites the sources of the
  observations: nothing else of them, and only where their handling is as open as the answer's label.
- A machine never says *not-seen*: it knows what it has, not what it has not. Where nothing fits, it cannot
  tell; where it is refused, it may not say (`policy`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.cases.matching.answering.policy import Verdict
from tocsin.cases.matching.index import Match
from tocsin.core.records import Answer, Ref, Source, Tlp
from tocsin.core.records.cases.parts import MAX_SOURCES
from tocsin.core.records.cases.vocabulary import Seen, band
from tocsin.core.records.common import tlp_at_most

MOST_COUNTED = 1_001
"""So many matches are worth finding: more are *more*."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an officer is shown: what fits an ask, and an answer that could be given as it is, or changed."""

    ask: Ref
    case: Ref
    matches: tuple[Match, ...]
    answer: Answer


def propose(
    ask: Ref, case: Ref, matches: Sequence[Match], *, circle: str, tlp: Tlp, at_ms: int, author: str
) -> Proposal | None:
    """A proposal to an officer, if anything fits.

    Where nothing that fits may be cited under this label, the ready answer is *may-not-say*.
    """
    if not matches:
        return None
    said = _seen(matches, tlp)
    answer = Answer(
        circle=circle,
        at_ms=at_ms,
        author=author,
        author_kind="officer",
        tlp=tlp,
        case=case,
        ask=ask,
        seen="seen" if said else "may-not-say",
        count=band(len(said)) if said else None,
        sources=_sources(said) if said else None,
        matched=said[0].matched if said else None,
    )
    return Proposal(ask, case, tuple(matches), answer)


def machine_answer(
    verdict: Verdict,
    matches: Sequence[Match],
    ask: Ref,
    case: Ref,
    *,
    circle: str,
    tlp: Tlp,
    at_ms: int,
    author: str,
) -> Answer | None:
    """What a machine answers; None where it is the officer's to answer, or nobody's.

    `matches` are of what is open to the asker (`Shelves.open_match`); of an ask that was refused, none.
    """
    if verdict.grant is None or verdict.outcome in ("to-officer", "silent"):
        return None
    said = _seen(matches, tlp) if verdict.outcome == "allowed" else []
    nothing: Seen = "cannot-tell" if verdict.outcome == "allowed" else "may-not-say"
    return Answer(
        circle=circle,
        at_ms=at_ms,
        author=author,
        author_kind="machine",
        answerable=verdict.grant.answerable,
        tlp=tlp,
        case=case,
        ask=ask,
        seen="seen" if said else nothing,
        count=band(len(said)) if said else None,
        sources=_sources(said) if said else None,
        matched=said[0].matched if said else None,
    )


def _seen(matches: Sequence[Match], tlp: Tlp) -> list[Match]:
    """What may be said of them under this label, the best first."""
    return [match for match in matches if tlp_at_most(match.observation.handling, tlp)]


def _sources(matches: Sequence[Match]) -> tuple[Source, ...]:
    """Each once, those of the best first."""
    return tuple(dict.fromkeys(match.observation.source for match in matches))[:MAX_SOURCES]
