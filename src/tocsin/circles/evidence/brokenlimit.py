"""A broken limit: evidence that a log brought more records than its charter allows (docs/protocol.md, 12.6).

Two checkpoints of the log, each cosigned by the same two or more other members, between which it grew by more
than the charter lets a log grow in the time between the cosignatures. It shows that this log grew so in the
eyes of these members; it is worth what the most independent two of them are worth, since two who lie together
about the time can make it up.

An author that keeps its limit is safe from honest members, also when it was away for long, its requests were
under way for half a minute, or its log was carried by hand. A holder that keeps 9.7 takes no more than that
in the time, in whatever way it comes. A witness is asked about the newest checkpoint: whatever is above the
first was written after that one was cosigned, or just before. Therefore

- the time is the longest that the cosignatures leave: from the earliest on the first checkpoint to the latest
  on the second, by seconds that have ended;
- the limit is the largest of all versions of the charter;
- on top come a full bucket, a minute (for what is under way or urgent), and one chunk (9.7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import msgspec

from tocsin.circles.errors import (
    LimitKept,
    MalformedBrokenLimit,
    ProofElsewhere,
    UnknownName,
    WrongOpening,
)
from tocsin.circles.following.limits import BURST_S
from tocsin.circles.founding.circle import Circle, Member
from tocsin.core import strict_json
from tocsin.core.errors import Refusal, quoted
from tocsin.core.note import Note
from tocsin.core.records.common import CircleId
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint, verify_cosignature
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES

MAX_BROKEN_LIMIT_BYTES = 65_536
MIN_COSIGNERS = 2
GRACE_S = 60

_Times: TypeAlias = Mapping[str, tuple[int, int]]
"""By a member's slug, the earliest and the latest time in seconds at which it cosigned a checkpoint."""


@dataclass(frozen=True, slots=True)
class BrokenLimit:
    """`author`'s log grew by `grown` records within `within_s`, as `cosigners` saw; `allowed` were fewer."""

    author: Member
    first: SignedCheckpoint
    second: SignedCheckpoint
    cosigners: tuple[Member, ...]
    within_s: int
    allowed: int

    @property
    def grown(self) -> int:
        """How many records came between the two checkpoints."""
        return self.second.checkpoint.size - self.first.checkpoint.size

    @property
    def economies(self) -> tuple[str, ...]:
        """The economies of the cosigners, sorted, each once."""
        return tuple(sorted({member.economy for member in self.cosigners}))

    def encode(self, circle: str) -> bytes:
        """The file."""
        file = _File(
            circle=circle,
            first=self.first.note.encode().decode(),
            format="tocsin-broken-limit/v1",
            log=str(self.author.log),
            opening=self.author.opening.decode(),
            second=self.second.note.encode().decode(),
        )
        return strict_json.encode(file) + b"\n"


def broken_limit(circle: Circle, first: SignedCheckpoint, second: SignedCheckpoint) -> BrokenLimit:
    """The evidence in two checkpoints of one log whose own signatures are verified.

    (1) they are of one log, and carry nothing but its signature and cosignatures by other members:
    MalformedBrokenLimit, or BadSignature; (2) the same two or more members cosigned both; (3) between their
    times the log grew by more than the charter allows: LimitKept.
    """
    # (1) one log, and cosignatures
    origin = first.checkpoint.origin
    author = circle.member_of_log(origin)
    if second.checkpoint.origin != origin:
        raise MalformedBrokenLimit(
            f"Expected two checkpoints of {origin}, found one of {quoted(second.checkpoint.origin)}."
        )
    before, after = _times(circle, author, first), _times(circle, author, second)
    # (2) by the same members
    if before.keys() != after.keys() or len(before) < MIN_COSIGNERS:
        raise LimitKept(
            f"Expected cosignatures by the same {MIN_COSIGNERS} or more members on both, found those of "
            f"{', '.join(before) or 'nobody'} and of {', '.join(after) or 'nobody'}."
        )
    # (3) more than allowed
    within_s = max(latest for _, latest in after.values()) - min(earliest for earliest, _ in before.values())
    per_s = max(version.charter.limits.records_per_second for version in circle.chain)
    allowed = per_s * (max(0, within_s) + 1 + BURST_S + GRACE_S) + MAX_CHUNK_ENTRIES
    newest = {member.slug: member for member in (*circle.past, *circle.members)}
    cosigners = tuple(newest[slug] for slug in sorted(before))
    found = BrokenLimit(author, first, second, cosigners, within_s, allowed)
    if within_s < 0 or found.grown <= allowed:
        raise LimitKept(
            f"Expected more than {allowed:,} records in {within_s:,} s, found {found.grown:,} of {origin}."
        )
    return found


def find_broken_limit(circle: Circle, checkpoints: Sequence[SignedCheckpoint]) -> BrokenLimit:
    """The evidence in any two of these checkpoints of one log, by the members that cosigned both.

    Their own signatures are verified. Raises what `broken_limit` raises for the last two that it tried.
    """
    refusal: Refusal = LimitKept("Expected two checkpoints or more.")
    ordered = sorted(checkpoints, key=lambda signed: signed.checkpoint.size)
    for first, second in combinations(ordered, 2):
        slugs = [_cosigners(circle, signed) for signed in (first, second)]
        both = frozenset.intersection(*slugs)
        try:
            return broken_limit(circle, _only(circle, first, both), _only(circle, second, both))
        except Refusal as error:
            refusal = error
    raise refusal


def verify_broken_limit(data: bytes, circle: Circle) -> BrokenLimit:
    """The evidence in a file, verified with the keys of the circle.

    (1) its form: MalformedBrokenLimit, and the refusals of `strict_json.decode`; (2) it is about a log of
    this circle: ProofElsewhere, UnknownName, DrillAtLive, LiveAtDrill; (3) with its opening: WrongOpening;
    (4) both checkpoints are of that log and signed by it: the refusals of `open_checkpoint`, UnknownName;
    (5) they show it: what `broken_limit` raises.
    """
    # (1) form
    file = _File.parse(data)
    # (2) log
    if file.circle != circle.id:
        raise ProofElsewhere(f"Expected evidence of circle {circle.id}, found {file.circle}.")
    author = circle.member_of_log(file.log)
    # (3) opening
    if file.opening.encode() != author.opening:
        raise WrongOpening(f"Expected the opening of {file.log}, found another.")
    # (4) checkpoints
    first, second = (
        open_checkpoint(note.encode(), circle.log_keys.get) for note in (file.first, file.second)
    )
    for signed in (first, second):
        if signed.checkpoint.origin != file.log:
            raise UnknownName(
                f"Expected checkpoints of {file.log}, found {quoted(signed.checkpoint.origin)}."
            )
    # (5) what they show
    return broken_limit(circle, first, second)


def _times(circle: Circle, author: Member, signed: SignedCheckpoint) -> _Times:
    """When who cosigned, with either key, of any epoch. Raises MalformedBrokenLimit, BadSignature."""
    cosigning = {**circle.holder_keys, **circle.witness_keys}
    times: dict[str, tuple[int, int]] = {}
    for signature in signed.note.signatures:
        if (signature.name, signature.key_id) == (author.log_key.name, author.log_key.key_id):
            continue
        key = cosigning.get(signature.name)
        slug = circle.by_key[signature.name].slug if key else author.slug
        if key is None or slug == author.slug or key.key_id != signature.key_id:
            raise MalformedBrokenLimit(
                f"Expected cosignatures by other members, found one by {quoted(signature.name)}."
            )
        time_s = verify_cosignature(signed.checkpoint, signature, key)
        earliest, latest = times.get(slug, (time_s, time_s))
        times[slug] = min(earliest, time_s), max(latest, time_s)
    return times


def _cosigners(circle: Circle, signed: SignedCheckpoint) -> frozenset[str]:
    known = (circle.by_key.get(signature.name) for signature in signed.note.signatures)
    author = circle.member_of_log(signed.checkpoint.origin)
    return frozenset(member.slug for member in known if member and member.slug != author.slug)


def _only(circle: Circle, signed: SignedCheckpoint, slugs: frozenset[str]) -> SignedCheckpoint:
    """The checkpoint with its log's signature, and the cosignatures of these members."""
    log = signed.checkpoint.origin
    own = [signature for signature in signed.note.signatures if signature.name == log]
    theirs = [
        signature
        for signature in signed.note.signatures
        if (member := circle.by_key.get(signature.name)) and member.slug in slugs
    ]
    return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, (*own, *theirs)))


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    circle: CircleId
    first: str
    format: Literal["tocsin-broken-limit/v1"]
    log: str
    opening: str
    second: str

    @classmethod
    def parse(cls, data: bytes) -> "_File":
        if len(data) > MAX_BROKEN_LIMIT_BYTES:
            raise MalformedBrokenLimit(f"Expected at most {MAX_BROKEN_LIMIT_BYTES} bytes, found {len(data)}.")
        if not data.endswith(b"\n"):
            raise MalformedBrokenLimit("Expected a JSON object and a newline, found no newline.")
        return strict_json.decode(data[:-1], _DECODER, MalformedBrokenLimit)


_DECODER = msgspec.json.Decoder(_File)
