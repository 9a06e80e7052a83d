"""What an organisation has seen of a case itself, and has not read it by."""

from collections.abc import Iterator

from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import COUNTING
from tocsin.core.records import Answer, Report, Source
from tocsin.core.views import Evidence


def unread(picture: CaseView, evidence: Evidence, me: str) -> tuple[Source, ...]:
    """The sources that `me` cites itself in a case, in the order of the timeline, if it reads it by none.

    None where it could write none that counts: it, or the member that opened the case, has closed it.
    """
    if (
        evidence.closed
        or me in evidence.closed_by
        or any(one.own for one in evidence.readings if one.said.member == me)
    ):
        return ()
    return tuple(dict.fromkeys(_cited(picture, me)))


def _cited(picture: CaseView, me: str) -> Iterator[Source]:
    for entry in picture.timeline:
        if entry.member == me and entry.standing in COUNTING and isinstance(entry.record, Report | Answer):
            says = entry.corrected or entry.record
            yield from (one for one in says.sources or () if one.record is None)
