"""Why a circle refuses something. Each code travels in an answer of kind 5 and comes out as the same type.

The codes are those of docs/protocol.md: sections 2 (keys), 8 (founding), 9 (pushes) and 10 (requests).
`refusal_of` makes the error from what an answer says.
"""

from tocsin.core.errors import BadSignature, Refusal, quoted
from tocsin.core.tlog.chunk import ChunkTooLarge

# --- founding (sections 2 and 8) ---


class MalformedCharter(Refusal):
    """This is no charter."""

    code = "malformed-charter"


class WrongMode(Refusal):
    """The charter's mode and its domain disagree on whether this is a drill."""

    code = "wrong-mode"


class WrongQuorum(Refusal):
    """The quorum is not more than half of the members, and at most all."""

    code = "wrong-quorum"


class MemberRepeated(Refusal):
    """One member stands there twice."""

    code = "member-repeated"


class WrongOrganisationKey(Refusal):
    """An organisation key is not named after its member and domain."""

    code = "wrong-organisation-key"


class KeyReused(Refusal):
    """One public key stands in two places."""

    code = "key-reused"


class CharterSignatures(Refusal):
    """A charter is valid with the signature of every listed member, in their order, and no other."""

    code = "charter-signatures"


class MalformedJoinFile(Refusal):
    """This is no join file."""

    code = "malformed-join-file"


class JoinFileElsewhere(Refusal):
    """The join file is for another circle."""

    code = "join-file-elsewhere"


class JoinFileMissing(Refusal):
    """The join file of a member is missing."""

    code = "join-file-missing"


class OpeningMismatch(Refusal):
    """An opening does not say what the charter and its place say."""

    code = "opening-mismatch"


class MalformedCircle(Refusal):
    """This is no circle as it was stored."""

    code = "malformed-circle"


class WrongOpening(Refusal):
    """Entry 0 of the log is another opening than the one in its join file."""

    code = "wrong-opening"


# --- changing (sections 8.4 and 16) ---


class WrongPredecessor(Refusal):
    """An amendment does not follow the version of the charter that it has to follow."""

    code = "wrong-predecessor"


class WrongCuts(Refusal):
    """An amendment does not say where the log of each member stood."""

    code = "wrong-cuts"


class WrongSponsors(Refusal):
    """A member joins without members that vouch for it, or somebody is vouched for who does not join."""

    code = "wrong-sponsors"


class WrongRemoval(Refusal):
    """An amendment removes a member without saying why and on what notice."""

    code = "wrong-removal"


class WideningUnsigned(Refusal):
    """An amendment asks more of a member, which did not sign it."""

    code = "widening-unsigned"


class MalformedEvent(Refusal):
    """This is nothing that changes a circle."""

    code = "malformed-event"


class NothingNew(Refusal):
    """The event says nothing that is not known already."""

    code = "nothing-new"


# --- requests (section 10.1) ---


class BadRequestSignature(Refusal):
    """The request is not signed by the key that it names."""

    code = "bad-request-signature"


class NonMember(Refusal):
    """The request's signer is no member of this circle."""

    code = "non-member"


class StaleNonce(Refusal):
    """The request's nonce is used, forgotten, or was never given to its signer."""

    code = "stale-nonce"


class UnknownPath(Refusal):
    """There is no such call."""

    code = "unknown-path"


# --- pushes and the other calls (sections 1, 9.2, 9.3, 12) ---


class PushTooLarge(Refusal):
    """A request has more bytes than may be sent at once."""

    code = "push-too-large"


class MalformedMessage(Refusal):
    """This is no message of this protocol."""

    code = "malformed-message"


class MalformedPush(MalformedMessage):
    """This is no push."""

    code = "malformed-push"


class NoCommonVersion(Refusal):
    """There is no version of the protocol that both nodes speak."""

    code = "no-common-version"


class DrillAtLive(Refusal):
    """A name of a drill, where a live circle is expected."""

    code = "drill-at-live"


class LiveAtDrill(Refusal):
    """A name of a live circle, where a drill is expected."""

    code = "live-at-drill"


class UnknownName(Refusal):
    """No log of this name is followed here."""

    code = "unknown-name"


class LogStopped(Refusal):
    """There are two versions of this log; nothing more of it is accepted."""

    code = "log-stopped"


class EpochEnded(Refusal):
    """The checkpoint is beyond the end of its log, or beside it: what it speaks for is void."""

    code = "epoch-ended"


class Suspended(Refusal):
    """This member does not speak with yours for now."""

    code = "suspended"


class WrongName(Refusal):
    """The checkpoint is of another log than the one named."""

    code = "wrong-name"


class BadCheckpointSignature(BadSignature):
    """The checkpoint is not signed by the key of its log."""


class WrongSize(Refusal):
    """The checkpoint is smaller than what was sent with it."""

    code = "wrong-size"


class Rollback(Refusal):
    """The checkpoint is smaller than what is held of its log."""

    code = "rollback"

    def __init__(self, message: str = "", size_held: int = 0) -> None:
        super().__init__(message)
        self.size_held = size_held


class WrongRoot(Refusal):
    """What was sent does not lead to the root that the checkpoint has."""

    code = "wrong-root"


class ForkFound(Refusal):
    """There are two versions of this log."""

    code = "fork"


class BodyMismatch(Refusal):
    """A record, with its salt, is not the one that its entry was made of."""

    code = "body-mismatch"


# --- what came of a call ---


class Unreachable(Refusal):
    """No endpoint of the member answered."""

    code = "unreachable"


class RefusedOtherwise(Refusal):
    """A member refused with a code that is not known here."""

    code = "refused-otherwise"


class UnexpectedAnswer(Refusal):
    """A member answered what is no answer to this call."""

    code = "unexpected-answer"


class WritesHalted(Refusal):
    """This node does not write its own log any more."""

    code = "writes-halted"


class LimitReached(Refusal):
    """This would be more than the charter lets one log grow."""

    code = "limit-reached"


class NoKeysHere(Refusal):
    """This node has the secret keys of no member of the circle."""

    code = "no-keys-here"


class NoSuchHold(Refusal):
    """There is no hold of our own at that place."""

    code = "no-such-hold"


class MalformedCarryFile(Refusal):
    """This is no carry file, or not all of one."""

    code = "malformed-carry-file"


# --- evidence (sections 12 and 13) ---


class MalformedFork(Refusal):
    """This is no evidence of two versions of a log."""

    code = "malformed-fork"


class NoFork(Refusal):
    """The two checkpoints fit each other, or nothing shows that they do not."""

    code = "no-fork"


class MalformedVoid(Refusal):
    """This is no evidence of a void epoch."""

    code = "malformed-void"


class NoVoid(Refusal):
    """Nothing shows that what was signed lies beyond or beside the end of its log."""

    code = "no-void"


class MalformedBrokenLimit(Refusal):
    """This is no evidence of a broken limit."""

    code = "malformed-broken-limit"


class LimitKept(Refusal):
    """Nothing shows that the log grew by more than its charter allows."""

    code = "limit-kept"


class MalformedEvidence(Refusal):
    """This is no evidence of a kind that is known here."""

    code = "malformed-evidence"


class NoContradiction(Refusal):
    """The two statements do not contradict each other."""

    code = "no-contradiction"


class VoidEntry(Refusal):
    """The entry lies beyond the end of its log: nobody has to answer for it."""

    code = "void-entry"


class MalformedProofFile(Refusal):
    """This is no proof file."""

    code = "malformed-proof-file"


class ProofElsewhere(Refusal):
    """The evidence is of another circle."""

    code = "proof-elsewhere"


class ProofParts(Refusal):
    """The proof has a part that does not belong there, or lacks one, or has them in another order."""

    code = "proof-parts"


class StillMember(Refusal):
    """What the others said is purged once this organisation has left."""

    code = "still-member"


class NoContent(Refusal):
    """This attachment is not given: that record does not name it for this member, or it is not here."""

    code = "no-content"


class IllegalContent(Refusal):
    """To have this attachment may be an offence: no node gives, takes or keeps it."""

    code = "illegal-content"


class AttachmentTooLarge(Refusal):
    """The attachment is larger than the charter allows."""

    code = "attachment-too-large"


class NotFetched(Refusal):
    """No member gave this attachment."""

    code = "not-fetched"


TRAVELLING: tuple[type[Refusal], ...] = (
    *(BadRequestSignature, NonMember, StaleNonce, UnknownPath),
    *(PushTooLarge, ChunkTooLarge, MalformedMessage, MalformedPush, NoCommonVersion),
    *(DrillAtLive, LiveAtDrill, UnknownName, LogStopped, EpochEnded, WrongName, BadCheckpointSignature),
    *(WrongSize, WrongRoot, ForkFound, BodyMismatch, WrongOpening, Suspended, NoContent),
)
_BY_CODE: dict[str, type[Refusal]] = {kind.code: kind for kind in TRAVELLING}


def refusal_of(code: str, size_held: int, explanation: str) -> Refusal:
    """The error that a member's refusal states: of the same type as there, with its explanation."""
    if code == Rollback.code:
        return Rollback(explanation, size_held)
    kind = _BY_CODE.get(code)
    if kind is None:
        return RefusedOtherwise(f"Refused with {quoted(code)}: {explanation}")
    return kind(explanation)
