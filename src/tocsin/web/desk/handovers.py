"""Shifts that were handed over, and that nobody has taken over yet."""

from collections.abc import Iterable
from typing import Final

from tocsin.cases.search import Query
from tocsin.core.records import Handover, Record, Takeover
from tocsin.core.views import Said
from tocsin.node.casework.casework import Casework

_MOST_FOUND: Final = 50


async def handed_to(role: str, casework: Casework, member: str) -> list[Said[Handover]]:
    """What that member's officers handed to that role, and nobody has taken over: the newest first."""
    handovers = await casework.search(Query(kind="handover", member=member, limit=_MOST_FOUND))
    takeovers = await casework.search(Query(kind="takeover", member=member, limit=_MOST_FOUND))
    return open_to(role, handovers.hits, takeovers.hits)


def open_to(
    role: str, handovers: Iterable[Said[Record]], takeovers: Iterable[Said[Record]]
) -> list[Said[Handover]]:
    """Of those handovers the ones to that role that none of the takeovers names."""
    taken = {one.record.handover for one in takeovers if isinstance(one.record, Takeover)}
    return [
        Said(one.ref, one.member, one.record, one.officer)
        for one in handovers
        if isinstance(one.record, Handover) and one.record.to == role and one.ref not in taken
    ]
