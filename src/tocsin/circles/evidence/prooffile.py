"""Proof files: who wrote a record and who held it, for anyone, offline (docs/protocol.md, section 13).

A C2SP tlog-proof whose extra data carries what its verifier needs: the charter in its versions, the openings
that name the keys, salt and record. Who verifies needs the file and the circle's id, and trusts none of the
members:

- the id is the hash of the first charter, which names the organisations' keys; of these a quorum signs the
  next version; they sign the openings; these name the rest;
- there is nothing in the file that is not checked: any change of it, be it of one byte, makes it fail.

What it does not show: that the record is true; that it was the newest; that there is no later version of the
charter, and no opening or leaving that ended the log before; and, of a record that an officer signed, that
the card listed that officer, since the card is another entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tocsin.circles.changing.amendment import open_amendment
from tocsin.circles.changing.events import event_id
from tocsin.circles.changing.standing import Chain, Standing, standings
from tocsin.circles.errors import (
    MalformedProofFile,
    NonMember,
    OpeningMismatch,
    ProofElsewhere,
    ProofParts,
    VoidEntry,
)
from tocsin.circles.founding.charter import SignedCharter, circle_id
from tocsin.circles.founding.circle import Circle, End, Member
from tocsin.circles.founding.opening import open_opening, read_opening
from tocsin.circles.reading import NotUnderstood, Readable, Reading, read_unsigned
from tocsin.core import strict_json
from tocsin.core.errors import Refusal, quoted
from tocsin.core.keys import decode_base64, encode_base64
from tocsin.core.names import LogName
from tocsin.core.note import Note, Signature, parse_note
from tocsin.core.proofextra import MAX_COSIGNATURES, ProofExtra
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint, verify_cosignature
from tocsin.core.tlog.entry import entry_of
from tocsin.core.tlog.proof import TlogProof
from tocsin.core.tlog.tree import leaf_hash, verify_inclusion


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A member's statement about the log, made at `time_s`, Unix time in seconds by its own clock."""

    member: Member
    time_s: int


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """What a proof file proves: `author` wrote `body` as entry `index` of its log, and `holders` hold it.

    `signed` is the first charter, `chain` all its versions that the file has, the first one too. `witnesses`
    saw the log only grow, up to `size` entries. `reading` is what the record says, as far as that
    can be said without the card: `claimed_officer` is the role of the officer whose signature it carries, not
    verified.
    """

    signed: SignedCharter
    chain: Chain
    author: Member
    index: int
    size: int
    body: bytes
    reading: Reading
    claimed_officer: str | None
    holders: tuple[Cosigned, ...]
    witnesses: tuple[Cosigned, ...]

    @property
    def economies(self) -> tuple[str, ...]:
        """The economies of the holders, sorted, each once."""
        return tuple(sorted({holder.member.economy for holder in self.holders}))


def make_proof(
    circle: Circle,
    checkpoint: SignedCheckpoint,
    cosignatures: Iterable[Signature],
    *,
    index: int,
    salt: bytes,
    record: bytes,
    hashes: Sequence[bytes],
) -> bytes:
    """The proof file of one record, which `hashes` prove to stand at `index` of the tree of `checkpoint`.

    At most 15 of the cosignatures go in, chosen to show as many holders in as many economies as they can.
    Raises VoidEntry for what lies beyond the end of its log, and what `verify_proof` raises: no file is made
    that does not verify.
    """
    author = circle.member_of_log(checkpoint.checkpoint.origin)
    if author.end is not None:
        _check_end(checkpoint, author.end)
    log_key = author.log_key
    own = [s for s in checkpoint.note.signatures if (s.name, s.key_id) == (log_key.name, log_key.key_id)]
    chosen = sorted(_chosen(circle, author, cosignatures), key=lambda signature: signature.name)
    involved = {str(member.log): member for member in (author, *(circle.by_key[s.name] for s in chosen))}
    extra = ProofExtra(
        charters=tuple(version.encode().decode() for version in circle.chain),
        key_events=tuple(involved[log].opening.decode() for log in sorted(involved)),
        record=encode_base64(record),
        salt=encode_base64(salt),
        version=1,
    )
    note = Note(checkpoint.note.text, (*own, *chosen))
    data = TlogProof(strict_json.encode(extra), index, tuple(hashes), note.encode()).encode()
    verify_proof(data, circle.id)
    return data


def verify_proof(data: bytes, circle: str) -> ProofFacts:
    """What a proof file proves to someone who knows the circle's id.

    (1) form: MalformedProof, MalformedProofFile, and the refusals of `strict_json.decode`; (2) the circle:
    ProofElsewhere; (3) its charter: the refusals of `SignedCharter.of`, and of its later versions those of
    `open_amendment`; (4) the openings: those of `open_opening`, NonMember, ProofParts; (5) the checkpoint:
    those of `open_checkpoint`, ProofParts, VoidEntry if the log's member was removed before; (6) the entry is
    in the tree: ProofMismatch, MalformedProof; (7) every other signature is a cosignature: ProofParts,
    BadSignature; and each opening was needed: ProofParts.
    """
    # (1) form
    proof = TlogProof.parse(data)
    extra = ProofExtra.of(proof, MalformedProofFile)
    salt, body = (decode_base64(part, MalformedProofFile) for part in (extra.salt, extra.record))
    # (2) circle
    charter_note = parse_note(extra.charters[0].encode())
    if (found := circle_id(charter_note.text)) != circle:
        raise ProofElsewhere(f"Expected a proof of circle {circle}, found one of {found}.")
    # (3) charter
    signed = SignedCharter.of(charter_note.text, charter_note.signatures)
    chain = _chain(signed, extra.charters[1:])
    # (4) openings
    known = standings(chain)
    members = _members(chain, known, extra.key_events)
    # (5) checkpoint
    by_log = {str(member.log): member for member in members}
    keys = {name: member.log_key for name, member in by_log.items()}
    checkpoint = open_checkpoint(proof.checkpoint_note, keys.get)
    author = by_log[checkpoint.checkpoint.origin]
    first, *others = checkpoint.note.signatures
    if (first.name, first.key_id) != (author.log_key.name, author.log_key.key_id):
        raise ProofParts(
            f"Expected the signature of {author.log_key.name} first, found {quoted(first.name)}'s."
        )
    cut = known[author.slug].cut
    if known[author.slug].removed and cut is not None and cut.log == str(author.log):
        _check_end(checkpoint, End(cut.size, decode_base64(cut.root, MalformedProofFile), exact=True))
    # (6) entry
    size, root = checkpoint.checkpoint.size, checkpoint.checkpoint.root
    leaf = leaf_hash(entry_of(author.log, salt, body))
    verify_inclusion(leaf, proof.index, size, proof.hashes, root)
    # (7) cosignatures
    holders, witnesses = _cosigned(
        checkpoint, others, [member for member in members if member.slug != author.slug]
    )
    needed = {author.log, *(cosigned.member.log for cosigned in (*holders, *witnesses))}
    if idle := [str(member.log) for member in members if member.log not in needed]:
        raise ProofParts(f"Expected only openings that are needed, found that of {', '.join(idle)}.")
    reading, claimed_officer = _read(author, proof.index, body)
    return ProofFacts(
        signed, chain, author, proof.index, size, body, reading, claimed_officer, holders, witnesses
    )


def _chain(signed: SignedCharter, amendments: Iterable[str]) -> Chain:
    """The charter's versions. Whoever is missing in one may have left: a quorum of members says so."""
    chain: Chain = (signed,)
    for text in amendments:
        everybody = [place.slug for place in chain[-1].charter.members]
        chain = (*chain, open_amendment(text.encode(), chain, everybody))
    return chain


def _check_end(checkpoint: SignedCheckpoint, end: End) -> None:
    found = checkpoint.checkpoint
    if end.voids(found):
        raise VoidEntry(
            f"Expected a checkpoint of the {end.size} entries of {found.origin}, found one of {found.size}."
        )


def _members(chain: Chain, known: Mapping[str, Standing], openings: Iterable[str]) -> list[Member]:
    """The members whose openings these are, sorted by log name, each once."""
    members: list[Member] = []
    for text in openings:
        data = text.encode()
        opening = read_opening(data)
        standing = known.get(opening.member)
        judge = standing.judge(opening.epoch) if standing else None
        if standing is None or judge is None:
            raise NonMember(f"Expected the opening of a member, found {opening.member}'s.")
        log = LogName(chain[0].charter.domain, chain[0].id, opening.member, opening.epoch)
        member = open_opening(data, log, judge.place, judge.handling)
        if standing.settled.get(opening.epoch) not in (None, event_id(data).hex()):
            raise OpeningMismatch(f"Expected the opening of {log} that a charter names, found another.")
        place = standing.place
        members.append(replace(member, label=place.label, economy=place.economy))
    names = [str(member.log) for member in members]
    if names != sorted(set(names)):
        raise ProofParts("Expected the openings sorted by log name, each once.")
    return members


def _cosigned(
    signed: SignedCheckpoint, signatures: Sequence[Signature], others: Sequence[Member]
) -> tuple[tuple[Cosigned, ...], tuple[Cosigned, ...]]:
    """Who holds and who witnessed: every signature is a cosignature by another member, sorted by key name.

    A member counts once as either, also if it cosigned in several epochs.
    """
    names = [signature.name for signature in signatures]
    if len(names) > MAX_COSIGNATURES or names != sorted(set(names)):
        raise ProofParts(
            f"Expected at most {MAX_COSIGNATURES} cosignatures, sorted by key name, each key once."
        )
    holders = {member.holder_key.name: member for member in others}
    witnesses = {member.witness_key.name: member for member in others}
    held: list[Cosigned] = []
    witnessed: list[Cosigned] = []
    for signature in signatures:
        if holder := holders.get(signature.name):
            time_s = verify_cosignature(signed.checkpoint, signature, holder.holder_key)
            held.append(Cosigned(holder, time_s))
        elif witness := witnesses.get(signature.name):
            time_s = verify_cosignature(signed.checkpoint, signature, witness.witness_key)
            witnessed.append(Cosigned(witness, time_s))
        else:
            raise ProofParts(
                f"Expected cosignatures by members whose openings are there, found {quoted(signature.name)}."
            )
    for cosigned in (held, witnessed):
        if len({one.member.slug for one in cosigned}) < len(cosigned):
            raise ProofParts(
                "Expected one holder and one witness cosignature of a member, in whatever epoch."
            )
    return tuple(held), tuple(witnessed)


def _read(author: Member, index: int, body: bytes) -> tuple[Reading, str | None]:
    try:
        parsed = read_unsigned(author, index, body)
    except Refusal as refusal:
        return NotUnderstood(index, refusal.code, str(refusal)), None
    signed = parsed.signature is not None and index != 0
    return Readable(index, parsed.record, None), parsed.record.author if signed else None


def _chosen(circle: Circle, author: Member, signatures: Iterable[Signature]) -> list[Signature]:
    """At most 15: holders before witnesses, and among each, first one from every economy."""
    chosen: list[Signature] = []
    by_name = {signature.name: signature for signature in signatures}
    order = {place.slug: number for number, place in enumerate(circle.charter.members)}
    others = [member for member in (*circle.past, *circle.members) if member.slug != author.slug]
    for kind in ("holder_key", "witness_key"):
        # Of a member that cosigned in two epochs, the newest says it all.
        newest = {member.slug: member for member in others if getattr(member, kind).name in by_name}
        cosigners = sorted(newest.values(), key=lambda member: order.get(member.slug, len(order)))
        first_of_economy = {member.economy: member for member in reversed(cosigners)}
        cosigners.sort(key=lambda member: first_of_economy[member.economy] is not member)
        chosen += [by_name[getattr(member, kind).name] for member in cosigners]
    return chosen[:MAX_COSIGNATURES]
