"""Who really signed a note: whether a signature under a member's name is by that member's key.

This is all that there is to be shown of an impostor. Anybody can make a key, give it any name, and sign with
it: such a signature accuses nobody. It shows one thing, which can matter very much: that what it stands under
is *not* the word of the member whose name it bears.

Names of this circle are those of section 1 of docs/protocol.md: organisations and their logs, with `/holder`,
`/witness` and `/request`. Keys of officers stand in cards, which are records: of them nothing is said here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tocsin.circles.founding.circle import Circle
from tocsin.core.errors import Refusal
from tocsin.core.keys import SignatureType, VerifyingKey
from tocsin.core.names import organisation_name
from tocsin.core.note import Note, Signature
from tocsin.core.tlog.checkpoint import parse_text, verify_cosignature


class Verdict(Enum):
    """Whose word a signature is."""

    GENUINE = "genuine"
    IMPOSTOR = "impostor"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signer:
    """One signature on a note. `slug` is the member whose name it bears, if it bears one."""

    name: str
    slug: str | None
    verdict: Verdict


def signers(note: Note, circle: Circle) -> tuple[Signer, ...]:
    """Whose word each signature on the note is, in their order. Raises nothing: a note may be anything."""
    keys = _keys(circle)
    return tuple(_signer(note, signature, keys) for signature in note.signatures)


def _signer(
    note: Note, signature: Signature, keys: Mapping[str, tuple[str, tuple[VerifyingKey, ...]]]
) -> Signer:
    if signature.name not in keys:
        return Signer(signature.name, None, Verdict.UNKNOWN)
    slug, named = keys[signature.name]
    genuine = any(_is_by(note, signature, key) for key in named)
    return Signer(signature.name, slug, Verdict.GENUINE if genuine else Verdict.IMPOSTOR)


def _is_by(note: Note, signature: Signature, key: VerifyingKey) -> bool:
    if key.type is SignatureType.ED25519:
        return key.key_id == signature.key_id and key.verify(note.text.encode(), signature.data)
    try:
        verify_cosignature(parse_text(note.text), signature, key)
    except Refusal:
        return False
    return True


def _keys(circle: Circle) -> dict[str, tuple[str, tuple[VerifyingKey, ...]]]:
    """By name, whose it is and every key that ever bore it rightly: an organisation's may be replaced."""
    known: dict[str, tuple[str, tuple[VerifyingKey, ...]]] = {
        key.name: (member.slug, (key,))
        for member in (*circle.members, *circle.past)
        for key in member.online_keys()
    }
    for version in circle.chain:
        for place in version.charter.members:
            name = organisation_name(circle.domain, place.slug)
            _, keys = known.get(name, (place.slug, ()))
            known[name] = place.slug, (*keys, place.key())
    return known
