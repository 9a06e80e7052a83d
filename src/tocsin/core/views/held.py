"""Who says that it durably holds how much of a log, and when: what holder cosignatures say.

What is kept of them differs: of one's own log all sizes, of others' logs the newest that came by. So of a
moment they are bounds, never the moment itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tocsin.core.records import Ref


class Cosigned(NamedTuple):
    """A member's holder cosigned the first `size` entries of a log, at `time_s` by its own clock."""

    size: int
    time_s: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """The verified holder cosignatures known here, by log and member: every one that is kept, in any order.

    `me` is the member whose node this is; `arrived` says when records came to be here, in Unix milliseconds
    by the node's own clock, as far as that is known. Of its own log, a member has everything from the start.
    """

    me: str
    cosigned: Mapping[str, Mapping[str, tuple[Cosigned, ...]]] = field(default_factory=dict)
    arrived: Mapping[Ref, int] = field(default_factory=dict)
