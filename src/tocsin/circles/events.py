"""What a line tells its node as it happens, for logs, metrics and people. Nothing here decides anything."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tocsin.circles.reading import Reading

Why: TypeAlias = Literal["busy", "limit", "room"]
"""Why somebody has to wait: too much of it waits already; its log's limit; no room on the disk."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Records of `log` are durable here and were read; `ahead` if one came before a backlog."""

    log: str
    readings: tuple[Reading, ...]
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A checkpoint of `log` was shown that says something new; its entries need not be held."""

    log: str
    size: int


@dataclass(frozen=True, slots=True)
class Wrote:
    """Records of our own are durable here; our log has `size` entries now."""

    first: int
    size: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A member holds every record of our log below `size`, by its own clock since `time_s`.

    `by_way`: who brought its word, if not the member itself.
    """

    member: str
    size: int
    time_s: int
    by_way: str | None = None


@dataclass(frozen=True, slots=True)
class Receipted:
    """There is a receipt: `holder` holds all of `log` below `size`. It is to be passed on."""

    log: str
    holder: str
    size: int


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A member saw our log grow to `size` and only grow."""

    member: str
    size: int
    time_s: int


@dataclass(frozen=True, slots=True)
class ConfirmedAhead:
    """A member stored one urgent record of ours, before the backlog in front of it."""

    member: str
    index: int


@dataclass(frozen=True, slots=True)
class RefusedHere:
    """We refused what a member sent; `member` is empty where the request was not a member's."""

    member: str
    code: str
    explanation: str


@dataclass(frozen=True, slots=True)
class ToldLater:
    """We told a member to send records of `log` later."""

    member: str
    log: str
    why: Why


@dataclass(frozen=True, slots=True)
class RefusedThere:
    """A member refused what we sent."""

    member: str
    code: str
    explanation: str


@dataclass(frozen=True, slots=True)
class BodiesMismatched:
    """A member sent records that are not those of their entries; they count as missing."""

    member: str
    log: str
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unentitled:
    """A member sent records from before this one joined, which are not for it; they were not kept."""

    member: str
    log: str
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """There are two versions of `log`. It is stopped, and the evidence is kept."""

    log: str


@dataclass(frozen=True, slots=True)
class OrdersCame:
    """Records about erasure are durable here, our own or another's; or such as may turn out to be."""

    log: str
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Purged:
    """What an erasure named is gone from this node's files, but for what a hold of ours keeps."""

    log: str
    indices: tuple[int, ...]
    held: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CircleChanged:
    """The circle is another one now: its charter has this version, and our log is of this epoch."""

    charter_version: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Voided:
    """Entries of `log` that are here, from `first` on and below `size`, lie beyond its end: they are void."""

    log: str
    first: int
    size: int


@dataclass(frozen=True, slots=True)
class Displaced:
    """Records that had come ahead stand at none of these places: the log, which ended, has others there."""

    log: str
    indices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Another version of a log was held here than the true one; it is kept as `aside`."""

    log: str
    aside: str
    kept: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """Of a log of our own, `size` entries are here again, of `known` that others have."""

    log: str
    size: int
    known: int


@dataclass(frozen=True, slots=True)
class Reached:
    """A member answers again."""

    member: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A member does not answer."""

    member: str
    explanation: str


@dataclass(frozen=True, slots=True)
class WritesStopped:
    """This node no longer writes its own log."""

    explanation: str


Event = (
    Arrived
    | Known
    | Wrote
    | Confirmed
    | Receipted
    | Witnessed
    | ConfirmedAhead
    | RefusedHere
    | ToldLater
    | RefusedThere
    | BodiesMismatched
    | Unentitled
    | TwoVersions
    | OrdersCame
    | Purged
    | CircleChanged
    | Voided
    | Displaced
    | SetAside
    | Recovered
    | Reached
    | Lost
    | WritesStopped
)
