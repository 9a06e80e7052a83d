"""What goes into the machine API and comes out of it.

Times are Unix time; sizes and indexes count a log's entries.

These types are this node's, for its own programs. What members say to each other is in `tocsin.core.records`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from tocsin.core.names import MAX_LOG_NAME_BYTES
from tocsin.core.records import AuthorKind, Record, Source, Tlp
from tocsin.core.records.common import CircleId, Lang, Slug, TimeMs
from tocsin.core.records.report import Precision

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


class SayReport(Saying, frozen=True, kw_only=True, tag="report"):
    """What happened, and where that was first seen."""

    summary: str
    sources: tuple[Source, ...]
    occurred_at_ms: TimeMs | None = None
    occurred_precision: Precision | None = None


class SayRecord(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="record"
):
    """A record as it is to be written, byte for byte, in base64: an officer has signed it, for example."""

    record: bytes


Say = SayNote | SayReport | SayRecord


class Written(Struct, frozen=True, kw_only=True):
    """The record is durable here, as entry `index` of `log`. Whether others hold it yet, it does not say."""

    log: str
    index: int
    checkpoint: str


class ShownRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a log.

    `state` is *readable*, with `record` and, if an officer signed it, the officer's role; *not-understood*,
    with a code and an explanation; or *missing*: its author has not sent it. `ahead`: it came before the
    entries in front of it. `confirmed_by`, on one's own log: the members that hold it.
    """

    circle: str
    log: str
    member: str
    index: int
    state: Literal["readable", "not-understood", "missing"]
    record: Record | None = None
    officer: str | None = None
    code: str | None = None
    explanation: str | None = None
    ahead: bool = False
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
    """A cosignature: everything below `size`, at `time_s` by the clock of who signed."""

    size: int
    time_s: int


class MemberState(Struct, frozen=True, kw_only=True):
    """Another member as seen from here: how much of our log it holds, and we of its.

    `latency_ms` is the time from our last write to its confirmation; `trouble` is why it cannot be reached or
    refuses.
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
    """All that this node holds of whom, and who holds what of it."""

    version: str
    started_at_ms: int
    circles: tuple[CircleState, ...]


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
    """Two versions of one log: a file that proves it to anyone (docs/protocol.md, section 12)."""

    log: str
    member: str
    evidence: Raw


class EvidenceList(Struct, frozen=True, kw_only=True):
    """The logs of a circle of which there are two versions."""

    evidence: tuple[Evidence, ...]


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). `code` does not change; the rest is for people."""

    title: str
    status: int
    code: str
    detail: str
    expected: str | None = None
    found: str | None = None
    next: str | None = None
