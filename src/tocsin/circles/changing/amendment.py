"""Amendments: later versions of a charter, each signed by a quorum of the one before (docs/protocol.md, 8.4).

- Which of two amendments holds is not decided here, but in `fold`; here, whether one could.
- Whether a member has left is known from events, and more of them may come: so nothing that is valid becomes
  invalid by one, and `left` only excuses that a member is missing without a removal.
- A slug and an organisation key name one member for ever: neither comes back.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise

from tocsin.circles.changing.standing import (
    Chain,
    Standing,
    deciding,
    first_beyond,
    standings,
)
from tocsin.circles.errors import (
    CharterSignatures,
    KeyReused,
    MemberRepeated,
    WideningUnsigned,
    WrongCuts,
    WrongPredecessor,
    WrongRemoval,
    WrongSponsors,
)
from tocsin.circles.founding.charter import Amendment, Charter, CharterMember, Cut, circle_id, parse_version
from tocsin.core.errors import MalformedName, UnknownSigner, quoted
from tocsin.core.keys import SigningKey, VerifyingKey, decode_base64
from tocsin.core.names import LogName
from tocsin.core.note import Note, Signature, parse_note, sign_note, verified_by
from tocsin.core.records import tlp_at_most
from tocsin.core.tlog.tree import EMPTY_ROOT

_WIDENING = ("title", "purpose", "quorum", "clocks", "verification", "authority", "limits")


def open_amendment(data: bytes, chain: Chain, left: Collection[str] = ()) -> Amendment:
    """The amendment that `data` writes, as the next version of the chain. `left` are slugs of who has left.

    (1) form: MalformedNote, and what `parse_version` raises; (2) it follows the newest version:
    WrongPredecessor; (3) cuts: WrongCuts; (4) members: MemberRepeated, KeyReused, WrongSponsors; (5)
    removals: WrongRemoval; (6) who signed: CharterSignatures; (7) what it widens: WideningUnsigned; (8) all
    signatures verify: BadSignature.
    """
    # (1) form
    note = parse_note(data)
    charter, predecessor = parse_version(note.text), chain[-1].charter
    # (2) predecessor
    _check_predecessor(charter, chain)
    # (3) cuts
    known = standings(chain)
    _check_cuts(charter.cuts, chain, known)
    # (4) members
    _check_members(charter, predecessor, known)
    # (5) removals
    _check_removals(charter, predecessor, left)
    # (6) signers
    signers = _signers(charter, predecessor, note)
    # (7) widening
    _check_widening(charter, predecessor, {key.name.rpartition("/")[2] for key in signers})
    # (8) signatures
    verified_by(note, signers)
    return Amendment(note, charter, circle_id(note.text))


def sign_amendment(text: str, key: SigningKey, predecessor: Charter | None = None) -> Signature:
    """A signature on the amendment, by a key that it lists, or with the predecessor by one that it replaces.

    Raises what `parse_version` raises, WrongPredecessor for a first charter, and UnknownSigner.
    """
    charter = parse_version(text)
    if charter.version == 1:
        raise WrongPredecessor("Expected an amendment, found a first charter, which founds a circle.")
    listed = charter.members + (predecessor.deciding() if predecessor else ())
    if key.verifying not in (member.key() for member in listed):
        raise UnknownSigner(f"Expected the key of a member, found {key.verifying.encode()}.")
    return sign_note(text, key).signatures[0]


def sealed_amendment(
    text: str, signatures: Iterable[Signature], chain: Chain, left: Collection[str] = ()
) -> Amendment:
    """The amendment with those of the signatures that belong on it, in their order.

    Raises what `open_amendment` raises: CharterSignatures while some are missing.
    """
    charter = parse_version(text)
    found = {(signature.name, signature.key_id): signature for signature in signatures}
    places = [(key.name, key.key_id) for key in _may_sign(charter, chain[-1].charter)]
    chosen = tuple(found[place] for place in places if place in found)
    if not chosen:
        raise CharterSignatures("Expected the signatures of a quorum, found none.")
    return open_amendment(Note(text, chosen).encode(), chain, left)


def left_out(before: Charter, after: Charter) -> frozenset[str]:
    """Who is missing in the later version without having been removed."""
    gone = {member.slug for member in before.members} - {member.slug for member in after.members}
    return frozenset(gone - {removal.slug for removal in after.removed})


def _check_predecessor(charter: Charter, chain: Chain) -> None:
    newest = chain[-1]
    before = newest.charter
    if (charter.version, charter.previous) != (before.version + 1, newest.id):
        raise WrongPredecessor(
            f"Expected version {before.version + 1}, which follows {newest.id}; "
            f"found {charter.version}, which follows {charter.previous}."
        )
    for name in ("domain", "mode", "nonce"):
        if getattr(charter, name) != getattr(before, name):
            raise WrongPredecessor(f"Expected the `{name}` of the version before, found another.")


def _check_cuts(cuts: Collection[Cut], chain: Chain, known: Mapping[str, Standing]) -> None:
    """One for each member of the predecessor, sorted by log, and none before the member's last."""
    if any(one.log >= other.log for one, other in pairwise(cuts)):
        raise WrongCuts("Expected cuts sorted by log, each once.")
    try:
        logs = [LogName.parse(cut.log) for cut in cuts]
    except MalformedName as error:
        raise WrongCuts(str(error)) from None
    expected = sorted(member.slug for member in chain[-1].charter.members)
    if sorted(log.member for log in logs) != expected:
        raise WrongCuts(f"Expected one cut for each of {', '.join(expected)}.")
    for cut, log in zip(cuts, logs, strict=True):
        if (log.domain, log.circle) != (chain[0].charter.domain, chain[0].id):
            raise WrongCuts(f"Expected cuts of logs of this circle, found {log}.")
        _check_cut(cut, log, known[log.member])


def _check_cut(cut: Cut, log: LogName, standing: Standing) -> None:
    if cut.size == 0 and (log.epoch > 1 or decode_base64(cut.root, WrongCuts) != EMPTY_ROOT):
        raise WrongCuts(f"Expected the root of an empty first log at size 0, found another of {log}.")
    if (last := standing.cut) is not None:
        epoch = LogName.parse(last.log).epoch
        if (log.epoch, cut.size) < (epoch, last.size):
            raise WrongCuts(f"Expected a cut of {log} not before {last.log} at {last.size}.")
        if (log.epoch, cut.size) == (epoch, last.size) and cut.root != last.root:
            raise WrongCuts(f"Expected the root that {log} had at {cut.size} in the cut before.")
    unsettled = max(0, first_beyond(cut) - 1 - standing.settled_up_to)
    if len(cut.openings) != unsettled:
        raise WrongCuts(f"Expected {unsettled} `openings` of {log.member}, found {len(cut.openings)}.")


def _check_members(charter: Charter, predecessor: Charter, known: Mapping[str, Standing]) -> None:
    before = {member.slug: member for member in predecessor.members}
    vouching = deciding(predecessor)
    used = {judge.place.key().public: slug for slug, one in known.items() for judge in one.judges}
    for member in charter.members:
        slug, old = member.slug, before.get(member.slug)
        if old is None and slug in known:
            raise MemberRepeated(f"Expected a slug that nobody had before, found {slug}.")
        if (old is None or old.organisation_key != member.organisation_key) and member.key().public in used:
            raise KeyReused(f"Expected a key of {slug} that nobody had before, found one that is known.")
        sponsors = set(member.sponsors)
        if bool(sponsors) is not (old is None) or len(sponsors) < len(member.sponsors):
            raise WrongSponsors(f"Expected sponsors of those who join and of nobody else, found {slug}.")
        if strangers := sorted(sponsors - vouching.keys()):
            raise WrongSponsors(f"Expected members to vouch for {slug}, found {', '.join(strangers)}.")


def _check_removals(charter: Charter, predecessor: Charter, left: Collection[str]) -> None:
    before = {member.slug for member in predecessor.members}
    missing = before - {member.slug for member in charter.members}
    removed = [removal.slug for removal in charter.removed]
    if len(set(removed)) < len(removed) or not set(removed) <= missing:
        raise WrongRemoval("Expected each removed member once, and none that stays.")
    if unexplained := sorted(left_out(predecessor, charter) - set(left)):
        raise WrongRemoval(f"Expected a reason and a notice for the removal of {', '.join(unexplained)}.")
    for removal in charter.removed:
        try:
            log = LogName.parse(removal.notice.log)
        except MalformedName as error:
            raise WrongRemoval(str(error)) from None
        at = LogName.parse(charter.cuts[0].log)
        others = before - {removal.slug}
        if (log.domain, log.circle) != (at.domain, at.circle) or log.member not in others:
            raise WrongRemoval(f"Expected a notice to {removal.slug} by another member, found one in {log}.")


def _may_sign(charter: Charter, predecessor: Charter) -> tuple[VerifyingKey, ...]:
    """Whose signatures may stand there, in this order."""
    stays = {member.slug for member in charter.members}
    old = tuple(member.key() for member in predecessor.deciding() if member.slug in stays)
    return *old, *(member.key() for member in _with_new_keys(charter, predecessor))


def _with_new_keys(charter: Charter, predecessor: Charter) -> tuple[CharterMember, ...]:
    keys = {member.slug: member.organisation_key for member in predecessor.members}
    return tuple(m for m in charter.members if keys.get(m.slug) != m.organisation_key)


def _signers(charter: Charter, predecessor: Charter, note: Note) -> tuple[VerifyingKey, ...]:
    """The keys that signed. A quorum of the predecessor, every new key, and whoever vouches."""
    allowed = {(key.name, key.key_id): key for key in _may_sign(charter, predecessor)}
    found = [(signature.name, signature.key_id) for signature in note.signatures]
    if found != [place for place in allowed if place in set(found)]:
        names = ", ".join(f"{quoted(name)} ({key_id.hex()})" for name, key_id in found)
        raise CharterSignatures(f"Expected members' signatures in their order, found those of {names}.")
    signed = [allowed[place].encode() for place in found]
    for member in _with_new_keys(charter, predecessor):
        if member.organisation_key not in signed:
            raise CharterSignatures(f"Expected the signature of {member.slug} by its new key, found none.")
    agreeing = {slug for slug, member in deciding(predecessor).items() if member.organisation_key in signed}
    if len(agreeing) < predecessor.quorum:
        raise CharterSignatures(
            f"Expected the signatures of {predecessor.quorum} members, found {len(agreeing)}."
        )
    sponsors = {sponsor for member in charter.members for sponsor in member.sponsors}
    if silent := sorted(sponsors - agreeing):
        raise CharterSignatures(f"Expected the signatures of those who vouch, found none of {silent[0]}.")
    return tuple(allowed[place] for place in found)


def _check_widening(charter: Charter, predecessor: Charter, signed: Collection[str]) -> None:
    """What asks more of members, all of them sign; what changes a member's own place, that one signs."""
    before, after = deciding(predecessor), deciding(charter)
    changed = [name for name in _WIDENING if getattr(charter, name) != getattr(predecessor, name)]
    if not tlp_at_most(charter.handling, predecessor.handling):
        changed.append("handling")
    changed += sorted(after.keys() - before.keys())
    stays = {member.slug for member in charter.members}
    if changed and (silent := sorted(slug for slug in before if slug in stays and slug not in signed)):
        raise WideningUnsigned(
            f"Expected the signature of {silent[0]} too, since this widens: {', '.join(changed)}."
        )
    for member in charter.members:
        old = before.get(member.slug)
        if old is not None and member.slug not in signed and _standing(old) != _standing(member):
            raise WideningUnsigned(
                f"Expected the signature of {member.slug}, of which the charter says something else."
            )


def _standing(member: CharterMember) -> tuple[str, str, bool]:
    return member.label, member.economy, member.observer
