"""Proposed answers that an officer declined: whatever a page shows of proposals, it shows without these.

It is remembered here alone, for all officers, and says nothing to anybody.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from tocsin.cases.matching import Proposal
from tocsin.core.records import Ref
from tocsin.node.node import Node

_SPACE: Final = "console/declined"


class Declined(Struct, frozen=True, kw_only=True):
    """Who declined, and when."""

    by: str
    at_ms: int


async def decline(node: Node, circle: str, ask: str, by: str) -> None:
    """Propose no answer to that ask any more. `ask` is its name, as people write it."""
    data = msgspec.json.encode(Declined(by=by, at_ms=node.clock.wall_ms()))
    await node.committer.submit(lambda: node.store.put_document(_SPACE, _key(circle, ask), data))


def undeclined(node: Node, circle: str, proposed: Iterable[Proposal]) -> list[Proposal]:
    """Those proposals in a circle that nobody here declined."""
    return [one for one in proposed if node.store.document(_SPACE, _key(circle, one.ask)) is None]


def _key(circle: str, ask: Ref | str) -> str:
    return f"{circle}/{ask}"
