"""A broken limit: a log brought more records than its charter allows (docs/protocol.md, section 12.6).

Two checkpoints of the log, each with holder cosignatures by the same two or more other members, which took
more records in between than the charter lets a log bring in that time. It shows what these members signed. It
is worth what the most independent two of them are worth: the times are theirs, and who keeps 9.7 takes no
more, in whatever way it comes, and so never signs this.

- Witness cosignatures do not count. A witness cosigns what anybody shows it, as late as that may be: whoever
  has an old checkpoint and the newest could have both cosigned within a second, of any log.
- The time is the longest that the cosignatures leave: from the earliest on the first checkpoint to the latest
  on the second, by seconds that have ended.
- The limit is the largest of all versions of the charter.
- On top come a full bucket, a minute (for what is under way or urgent), and one chunk (9.7).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

import msgspec

from tocsin.circles.errors import (
    LimitKept,
    MalformedBrokenLimit,
)
from tocsin.circles.evidence.logfile import LogFile
from tocsin.circles.following.limits import BURST_S
from tocsin.circles.founding.circle import Circle, Member
from tocsin.core import strict_json
from tocsin.core.errors import Refusal, quoted
from tocsin.core.note import Note, Signature
from tocsin.core.tlog.checkpoint import SignedCheckpoint, verify_cosignature
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES

MAX_BROKEN_LIMIT_BYTES = 65_536
MIN_COSIGNERS = 2
GRACE_S = 60

_Times: TypeAlias = Mapping[str, tuple[int, int]]
"""By a member's slug, the earliest and the latest time in seconds at which it confirmed a checkpoint."""


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
        return strict_json.encode_file(
            _File(
                circle=circle,
                first=self.first.note.encode().decode(),
                format="tocsin-broken-limit/v1",
                log=str(self.author.log),
                opening=self.author.opening.decode(),
                second=self.second.note.encode().decode(),
            )
        )


def broken_limit(circle: Circle, first: SignedCheckpoint, second: SignedCheckpoint) -> BrokenLimit:
    """The evidence in two checkpoints of one log whose own signatures are verified.

    (1) they are of one log, and carry nothing but its signature and holder cosignatures by other members:
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
        both = _holders(circle, first) & _holders(circle, second)
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
    file = strict_json.decode_file(data, _DECODER, MalformedBrokenLimit, MAX_BROKEN_LIMIT_BYTES)
    # (2) log, (3) opening
    file.member(circle)
    # (4) checkpoints
    first, second = (file.checkpoint(note, circle) for note in (file.first, file.second))
    # (5) what they show
    return broken_limit(circle, first, second)


def _times(circle: Circle, author: Member, signed: SignedCheckpoint) -> _Times:
    """When who confirmed it, with the key of any epoch. Raises MalformedBrokenLimit, BadSignature."""
    times: dict[str, tuple[int, int]] = {}
    for signature in signed.note.signatures:
        if (signature.name, signature.key_id) == (author.log_key.name, author.log_key.key_id):
            continue
        holder = _holder(circle, signature)
        if holder is None or holder.slug == author.slug or holder.holder_key.key_id != signature.key_id:
            raise MalformedBrokenLimit(
                f"Expected holder cosignatures by other members, found one by {quoted(signature.name)}."
            )
        time_s = verify_cosignature(signed.checkpoint, signature, holder.holder_key)
        earliest, latest = times.get(holder.slug, (time_s, time_s))
        times[holder.slug] = min(earliest, time_s), max(latest, time_s)
    return times


def _holder(circle: Circle, signature: Signature) -> Member | None:
    """Whose holder key, in which epoch, has that name."""
    return circle.by_key[signature.name] if signature.name in circle.holder_keys else None


def _holders(circle: Circle, signed: SignedCheckpoint) -> set[str]:
    author = circle.member_of_log(signed.checkpoint.origin)
    found = (_holder(circle, signature) for signature in signed.note.signatures)
    return {member.slug for member in found if member} - {author.slug}


def _only(circle: Circle, signed: SignedCheckpoint, slugs: Collection[str]) -> SignedCheckpoint:
    """The checkpoint with its log's signature, and the holder cosignatures of these members."""
    log = signed.checkpoint.origin
    kept = [
        signature
        for signature in signed.note.signatures
        if signature.name == log or ((member := _holder(circle, signature)) and member.slug in slugs)
    ]
    return SignedCheckpoint(signed.checkpoint, Note(signed.note.text, tuple(kept)))


class _File(LogFile, frozen=True):
    first: str
    format: Literal["tocsin-broken-limit/v1"]
    second: str


_DECODER = msgspec.json.Decoder(_File)
