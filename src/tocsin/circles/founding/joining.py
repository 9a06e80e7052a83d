"""From a charter and its members' join files to a circle, with every check (docs/protocol.md, section 8).

A node that has the text and the files of all members has a circle; nothing less is one. What is stored is
what was signed, and a circle that is read back is checked again in the same way.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tocsin.circles.errors import (
    JoinFileElsewhere,
    JoinFileMissing,
    KeyReused,
    MalformedCircle,
    MemberRepeated,
    NonMember,
)
from tocsin.circles.founding.charter import SignedCharter, circle_id, open_charter, parse_charter
from tocsin.circles.founding.circle import Circle, Member, check_mode
from tocsin.circles.founding.joinfile import JoinFile
from tocsin.circles.founding.opening import open_opening
from tocsin.core import strict_json
from tocsin.core.names import LogName, is_drill


def assemble(charter_text: str, join_files: Iterable[bytes], others: Iterable[Circle] = ()) -> Circle:
    """The circle that all its members founded. `others` are those that this node is in already.

    (1) charter: what parse_charter raises; (2) join files: what JoinFile.parse raises, DrillAtLive or
    LiveAtDrill, JoinFileElsewhere, NonMember, MemberRepeated; (3) of all members: JoinFileMissing; (4)
    signatures on the charter: CharterSignatures, BadSignature; then what `found` raises.
    """
    # (1) charter
    charter = parse_charter(charter_text)
    circle, drill = circle_id(charter_text), is_drill(charter.domain)
    # (2) join files
    slugs = [member.slug for member in charter.members]
    joined: dict[str, JoinFile] = {}
    for data in join_files:
        file = JoinFile.parse(data)
        check_mode(file.signature().name, drill=drill)
        if file.circle != circle:
            raise JoinFileElsewhere(f"Expected a join file for circle {circle}, found one for {file.circle}.")
        if file.member not in slugs:
            raise NonMember(f"Expected a join file of one of {', '.join(slugs)}, found {file.member}'s.")
        if file.member in joined:
            raise MemberRepeated(f"Expected one join file of {file.member}, found two.")
        joined[file.member] = file
    # (3) all of them
    if missing := [slug for slug in slugs if slug not in joined]:
        raise JoinFileMissing(f"Expected a join file of every member, found none of {', '.join(missing)}.")
    # (4) signatures
    signed = SignedCharter.of(charter_text, (joined[slug].signature() for slug in slugs))
    return found(signed, [joined[slug].opening.encode() for slug in slugs], others)


def found(signed: SignedCharter, openings: Sequence[bytes], others: Iterable[Circle] = ()) -> Circle:
    """The circle of a signed charter and its members' openings, in the same order.

    (1) openings: what open_opening raises; (2) no key is in two places: KeyReused.
    """
    # (1) openings
    charter = signed.charter
    places = zip(charter.members, openings, strict=True)
    members = tuple(
        open_opening(opening, LogName(charter.domain, signed.id, place.slug, 1), place, charter.handling)
        for place, opening in places
    )
    # (2) keys
    circle = Circle(signed, members)
    _check_keys(circle, others)
    return circle


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    charter: str
    openings: tuple[str, ...]


_DECODER = msgspec.json.Decoder(_Stored)


def encode_circle(circle: Circle) -> bytes:
    """The circle as it was founded, to be stored: the first charter, and the openings of epoch 1."""
    logs = (LogName(circle.domain, circle.id, place.slug, 1) for place in circle.signed.charter.members)
    openings = tuple(circle.by_log[str(log)].opening.decode() for log in logs)
    return strict_json.encode(_Stored(circle.signed.encode().decode(), openings))


def decode_circle(data: bytes) -> Circle:
    """What `encode_circle` wrote, all verified again. Raises MalformedCircle, and what `found` raises."""
    stored = strict_json.decode(data, _DECODER, MalformedCircle)
    signed = open_charter(stored.charter.encode())
    if len(stored.openings) != len(signed.charter.members):
        raise MalformedCircle(
            f"Expected {len(signed.charter.members)} openings, found {len(stored.openings)}."
        )
    return found(signed, [opening.encode() for opening in stored.openings])


def _check_keys(circle: Circle, others: Iterable[Circle]) -> None:
    """No key serves twice (section 2), except an organisation key, which is for all circles of one mode."""
    known: set[bytes] = set()
    organisations_elsewhere: set[bytes] = set()
    for other in others:
        known.update(key for member in other.members for key in _public_keys(member))
        organisations = {member.organisation_key.public for member in other.members}
        (organisations_elsewhere if other.drill == circle.drill else known).update(organisations)
    for member in circle.members:
        if member.organisation_key.public in known:
            raise KeyReused(f"The organisation key of {member.slug} is in use elsewhere.")
        known.add(member.organisation_key.public)
    known |= organisations_elsewhere
    for member in circle.members:
        for key in _public_keys(member):
            if key in known:
                raise KeyReused(f"A key of {member.slug} is in use elsewhere: {key.hex()}.")
            known.add(key)


def _public_keys(member: Member) -> tuple[bytes, ...]:
    """The public keys of a member in one circle; its TLS key by its hash."""
    return *(key.public for key in member.online_keys()), bytes.fromhex(member.endpoint.tls_spki_sha256)
