"""What goes into the machine API and comes out of it where a circle changes: keys, charters, members."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.core.records import Reason
from tocsin.core.records.common import Lang, Size, Slug, TimeMs
from tocsin.node.api.types import LogText

MAX_REASON_CHARACTERS = 2_048

Words = Annotated[str, Meta(min_length=1, max_length=MAX_REASON_CHARACTERS)]


class DraftEpoch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why there is to be a new epoch; since when its keys may be known to others; how many entries stay."""

    reason: Reason
    since_ms: TimeMs | None = None
    cut: Size | None = None


class DraftLeaving(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why our organisation leaves, if that is to be said."""

    reason: Words | None = None
    lang: Lang | None = None


class KeptState(Struct, frozen=True, kw_only=True):
    """What is here of a log of another member: `records`, and of these those that our holds keep (`held`)."""

    log: str
    member: str
    records: int
    held: int


class Purge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who of our organisation orders that what the others said be purged here; and why, if that is kept."""

    ordered_by: Annotated[str, Meta(min_length=1, max_length=512)]
    reason: Words | None = None


class PurgeState(Struct, frozen=True, kw_only=True):
    """The order to purge. `done`: nothing of it is left in any file, but for what holds keep."""

    at_ms: int
    ordered_by: str
    reason: str | None
    done: bool


class DepartureState(Struct, frozen=True, kw_only=True):
    """What is here of the others, by log; whether we are `gone`; and the order to purge it, if any."""

    gone: bool
    logs: tuple[KeptState, ...]
    purge: PurgeState | None


class Unsigned(Struct, frozen=True, kw_only=True):
    """What our organisation is to sign: a record in JSON; and the circle's charters, oldest first."""

    charters: tuple[str, ...]
    record: str


class Take(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events, each as it is."""

    events: tuple[str, ...]


class TakeBundle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A circle in one file, and events that are not in it yet."""

    bundle: str
    events: tuple[str, ...] = ()


class EndState(Struct, frozen=True, kw_only=True):
    """How a log ended: `exact`, or with at least so many entries."""

    size: int
    exact: bool


class EpochState(Struct, frozen=True, kw_only=True):
    """One epoch of a member.

    `held`: entries of its log that are here, of which those from `void_from` on are void. `state` is
    *current*, *ended* or *disputed*. `ours`: it is this node's; `keys_here`: and its keys are. `reason`: why
    it was opened, after epoch 1.
    """

    member: str
    epoch: int
    log: LogText
    state: Literal["current", "ended", "disputed"]
    opened_at_ms: int
    reason: Reason | None
    end: EndState | None
    held: int
    void_from: int | None
    ours: bool
    keys_here: bool


class EpochsState(Struct, frozen=True, kw_only=True):
    """All epochs of a circle, by member; and what was drafted for our next one, if it was."""

    epochs: tuple[EpochState, ...]
    drafted: Unsigned | None


class Entry(Struct, frozen=True, kw_only=True):
    """An entry by its place and by itself, in base64: as a notice, a reply or an erasure names it."""

    log: LogText
    index: int
    entry: str


class Suspend(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With which member not to speak, and why; without a reason, to speak with it again."""

    member: Slug
    reason: Words | None = None


class Done(Struct, frozen=True, kw_only=True):
    """The circle as it is now: the version of its charter, our log, and why it is not written, if so."""

    circle: str
    version: int
    log: str
    halted: str | None
