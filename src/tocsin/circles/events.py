"""What a line tells its node as it happens, for logs, metrics and people. Nothing here decides anything."""

from dataclasses import dataclass

from tocsin.circles.reading import Reading


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
    """A member holds every record of our log below `size`, by its own clock since `time_s`."""

    member: str
    size: int
    time_s: int


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
class TwoVersions:
    """There are two versions of `log`. It is stopped, and the evidence is kept."""

    log: str


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
    | Witnessed
    | ConfirmedAhead
    | RefusedHere
    | RefusedThere
    | BodiesMismatched
    | TwoVersions
    | Reached
    | Lost
    | WritesStopped
)
