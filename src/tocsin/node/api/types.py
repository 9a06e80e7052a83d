"""What goes into the machine API and comes out of it.

Times are Unix time; sizes and indexes count a log's entries.

These types are this node's, for its own programs. What members say to each other is in `tocsin.core.records`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from tocsin.core.names import MAX_LOG_NAME_BYTES
from tocsin.core.records import AuthorKind, Place, Record, Tlp
from tocsin.core.records.common import CircleId, Lang, Slug
from tocsin.core.records.erasure import MAX_TARGETS
from tocsin.node.api.cases.types import SayOfCase
from tocsin.node.api.checks.types import SayOfCheck

MAX_LISTED = 1_000

LogText = Annotated[str, Meta(max_length=MAX_LOG_NAME_BYTES)]
Index = Annotated[int, Meta(ge=0, lt=2**53)]


class Saying(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """Who says something, in which role, and how it may be shared: without `tlp`, as the charter has it."""

    author: Slug
    author_kind: AuthorKind
    lang: Lang
    tlp: Tlp | None = None


class SayNote(Saying, frozen=True, kw_only=True, tag="note"):
    """A text for the other members."""

    text: str


class SayRecord(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="record"
):
    """A record as it is to be written, byte for byte, in base64: an officer has signed it, for example."""

    record: bytes


class SayingWhy(Saying, frozen=True, kw_only=True):
    """What every order has: why it is given, and by whom."""

    reason: str
    ordered_by: str


class SayErasure(SayingWhy, frozen=True, kw_only=True, tag="erasure"):
    """These records of our own log, or of one of our earlier epochs, are to be gone everywhere."""

    indices: Annotated[tuple[Index, ...], Meta(min_length=1, max_length=MAX_TARGETS)]
    log: LogText | None = None


class SayHold(SayingWhy, frozen=True, kw_only=True, tag="hold"):
    """Our organisation keeps these records, whoever wants them erased."""

    targets: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=MAX_TARGETS)]


class SayRelease(SayingWhy, frozen=True, kw_only=True, tag="release"):
    """Our organisation ends the hold at that place of our own log, or of one of our earlier epochs."""

    index: Index
    log: LogText | None = None


SayOrder = SayErasure | SayHold | SayRelease
Say = SayNote | SayOfCase | SayOfCheck | SayOrder | SayRecord


class Written(Struct, frozen=True, kw_only=True):
    """The record is durable here, as entry `index` of `log`. Whether others hold it yet, it does not say."""

    log: str
    index: int
    checkpoint: str


class ErasedBy(Struct, frozen=True, kw_only=True):
    """The order by which an entry is erased: entry `index` of `log`. `kept`: a hold of ours keeps it here."""

    log: str
    index: int
    at_ms: int
    ordered_by: str
    reason: str
    kept: bool


class ShownRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a log.

    `state` is *readable*, with `record` and, if an officer signed it, the officer's role; *not-understood*,
    with a code and an explanation; *erased*, by the order in `erasure`; or *missing*: its author has not sent
    it. Of what was erased and a hold of ours keeps, both `record` and `erasure` are shown. `ahead`: it came
    before the entries in front of it. `void`: it lies beyond the end of its log, as its organisation states
    it. `confirmed_by`, on one's own log: the members that hold it.

    Who follows is also told of what is *set-aside*: all that was shown of this log from `index` on was
    another version than the true one, which follows from there as it comes.
    """

    circle: str
    log: str
    member: str
    index: int
    state: Literal["readable", "not-understood", "erased", "missing", "set-aside"]
    record: Record | None = None
    officer: str | None = None
    code: str | None = None
    explanation: str | None = None
    erasure: ErasedBy | None = None
    ahead: bool = False
    void: bool = False
    confirmed_by: tuple[str, ...] | None = None


class Records(Struct, frozen=True, kw_only=True):
    """Entries in order; `sizes` says how many each log has."""

    records: tuple[ShownRecord, ...]
    sizes: dict[str, int]


class WriteQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`urgent`: to members that are far behind, the record goes ahead of what they lack."""

    urgent: bool = False


class RecordsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries of one log, from `first` on; or the newest of all logs by their times, without contexts."""

    log: LogText | None = None
    first: Index = 0
    limit: Annotated[int, Meta(ge=0, le=MAX_LISTED)] = 100


class FollowQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records of one circle or of all, without contexts; and how many of the newest to begin with."""

    circle: CircleId | None = None
    newest: Annotated[int, Meta(ge=0, le=MAX_LISTED)] = 0


class ProofQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entry to prove."""

    log: LogText
    index: Index


class Confirmation(Struct, frozen=True, kw_only=True):
    """A cosignature: everything below `size`, at `time_s` by the clock of who signed.

    `by_way`: the member, or *a file*, that brought it, if it did not come directly.
    """

    size: int
    time_s: int
    by_way: str | None = None


class MemberState(Struct, frozen=True, kw_only=True):
    """Another member as seen from here: how much of our log it holds, and we of its.

    `latency_ms` is the time from our last write to its confirmation; `trouble` is why it cannot be reached or
    refuses; `suspended` why we do not speak with it for now.
    """

    slug: str
    label: str
    economy: str
    log: str
    confirmed: Confirmation | None
    witnessed: Confirmation | None
    latency_ms: int | None
    held: int
    known: int
    missing: bool
    stopped: bool
    trouble: str | None
    suspended: str | None = None


class CircleState(Struct, frozen=True, kw_only=True):
    """One circle at this node. `halted` is why nothing is written in our log any more, if so."""

    id: str
    title: str
    domain: str
    drill: bool
    handling: Tlp
    member: str
    label: str
    log: str
    size: int
    halted: str | None
    members: tuple[MemberState, ...]


class Status(Struct, frozen=True, kw_only=True):
    """All that this node holds of whom, and who holds what of it.

    `clock_ahead_ms`: how far this machine's clock is ahead of other organisations', if two or more are known.
    """

    version: str
    started_at_ms: int
    circles: tuple[CircleState, ...]
    clock_ahead_ms: int | None = None


class Trouble(Struct, frozen=True, kw_only=True):
    """Something that is not as it should be."""

    code: str
    explanation: str
    circle: str | None = None
    member: str | None = None


class Health(Struct, frozen=True, kw_only=True):
    """*ok*; *degraded*: something is wrong with others; *failing*: this node cannot do its part."""

    status: Literal["ok", "degraded", "failing"]
    troubles: tuple[Trouble, ...]


class Join(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The charter's text, and the join files of all members, each as it is."""

    charter: str
    join_files: tuple[str, ...]


class Joined(Struct, frozen=True, kw_only=True):
    """The circle that this node is in from now on, and its own log there."""

    circle: str
    log: str


class Evidence(Struct, frozen=True, kw_only=True):
    """A file that proves something to anyone (docs/protocol.md, section 12). `kind` says what.

    `log` is empty where it is not about a log.
    """

    kind: str
    log: str
    member: str
    evidence: Raw


class EvidenceList(Struct, frozen=True, kw_only=True):
    """The evidence that is kept of a circle."""

    evidence: tuple[Evidence, ...]


class CarryQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which member the file is, and from which sizes on, such as `birch=120,cedar=7`."""

    to: Slug | None = None
    since: Annotated[str, Meta(max_length=8_192)] = ""


class Grown(Struct, frozen=True, kw_only=True):
    """A log of which a file brought something: its entries here before and now."""

    log: str
    member: str
    before: int
    size: int


class RefusedItems(Struct, frozen=True, kw_only=True):
    """How many items were refused with a code, and why the first one was."""

    code: str
    count: int
    explanation: str


class Carried(Struct, frozen=True, kw_only=True):
    """What a part of a carry file brought. `items` were taken; the rest may come again after `later_ms`.

    `gaps`: by member, how much is here of its log, where the file goes on further behind. `confirmed`: by
    member, how much of our log it newly says that it holds. `receipts`: how many new ones, for others' logs.
    """

    items: int
    later_ms: int
    logs: tuple[Grown, ...]
    gaps: dict[str, int]
    confirmed: dict[str, int]
    receipts: int
    events: int
    refused: tuple[RefusedItems, ...]


class ErasureAnswer(Struct, frozen=True, kw_only=True):
    """What a member says of an erasure's records: those that are gone there, and those that a hold keeps."""

    member: str
    purged: tuple[int, ...]
    held: tuple[int, ...]


class ErasureState(Struct, frozen=True, kw_only=True):
    """An erasure: entry `index` of `log` orders that the records at `indices` of the log `of` be gone.

    `answers` are those of all members, also of those that have said nothing yet.
    """

    log: str
    index: int
    member: str
    at_ms: int
    ordered_by: str
    reason: str
    of: str
    indices: tuple[int, ...]
    answers: tuple[ErasureAnswer, ...]


class HoldState(Struct, frozen=True, kw_only=True):
    """A hold of ours that is not released: entry `index` of `log`."""

    log: str
    index: int
    at_ms: int
    ordered_by: str
    reason: str
    targets: tuple[Place, ...]


class Erasures(Struct, frozen=True, kw_only=True):
    """Every erasure in a circle, and our own holds."""

    erasures: tuple[ErasureState, ...]
    holds: tuple[HoldState, ...]


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). `code` does not change; the rest is for people."""

    title: str
    status: int
    code: str
    detail: str
    expected: str | None = None
    found: str | None = None
    next: str | None = None
