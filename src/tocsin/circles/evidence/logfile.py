"""What files of evidence about one log have in common (docs/protocol.md, sections 12.1, 12.2 and 12.6).

They say of which circle and log they are, and have that log's opening, which names the key that signed what
they show.
"""

import msgspec

from tocsin.circles.errors import ProofElsewhere, UnknownName, WrongOpening
from tocsin.circles.founding.circle import Circle, Member
from tocsin.core.errors import quoted
from tocsin.core.keys import VerifyingKey
from tocsin.core.note import Note
from tocsin.core.records.common import CircleId
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint


class LogFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Evidence about `log`; a format adds what it shows."""

    circle: CircleId
    log: str
    opening: str

    def member(self, circle: Circle) -> Member:
        """Whose log it is about.

        (1) one of this circle: ProofElsewhere, UnknownName, DrillAtLive, LiveAtDrill; (2) the opening is that
        log's: WrongOpening.
        """
        # (1) log
        if self.circle != circle.id:
            raise ProofElsewhere(f"Expected evidence of circle {circle.id}, found {self.circle}.")
        member = circle.member_of_log(self.log)
        # (2) opening
        if self.opening.encode() != member.opening:
            raise WrongOpening(f"Expected the opening of {self.log}, found another.")
        return member

    def checkpoint(self, note: str, circle: Circle) -> SignedCheckpoint:
        """A checkpoint of that log, signed by it. Raises what `open_checkpoint` raises, and UnknownName."""
        signed = open_checkpoint(note.encode(), circle.log_keys.get)
        if signed.checkpoint.origin != self.log:
            raise UnknownName(
                f"Expected a checkpoint of {self.log}, found {quoted(signed.checkpoint.origin)}."
            )
        return signed


def bare(signed: SignedCheckpoint, key: VerifyingKey) -> str:
    """The note of a checkpoint with its log's signature alone."""
    note = signed.note
    own = [one for one in note.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
    return Note(note.text, tuple(own)).encode().decode()
