"""What organisations said twice, and differently (docs/protocol.md, section 12).

- *Two openings* of one epoch, signed by one organisation key: whoever has the key was robbed of it, or shows
  two faces. Neither counts until the circle settles it.
- *Two amendments* of one version of the charter, each signed by a quorum: so somebody signed both. They end
  the charter's versions before them.

Signatures prove it, to anyone who has the circle; they do not show who had a key.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeVar

import msgspec

from tocsin.circles.changing.amendment import open_amendment
from tocsin.circles.changing.events import Statement, parse_event
from tocsin.circles.changing.standing import Chain
from tocsin.circles.errors import (
    MalformedEvidence,
    NoContradiction,
    NonMember,
    OpeningMismatch,
    ProofElsewhere,
    WrongPredecessor,
)
from tocsin.circles.founding.charter import Amendment, parse_version
from tocsin.circles.founding.circle import Circle, check_mode
from tocsin.core import strict_json
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.note import parse_note
from tocsin.core.records import Opening
from tocsin.core.records.common import CircleId

MAX_CONTRADICTION_BYTES = 524_288


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    circle: CircleId
    first: str
    second: str

    def encode(self) -> bytes:
        return strict_json.encode_file(self)


class _OpeningsFile(_File, frozen=True):
    format: Literal["tocsin-two-openings/v1"] = "tocsin-two-openings/v1"


class _AmendmentsFile(_File, frozen=True):
    format: Literal["tocsin-two-amendments/v1"] = "tocsin-two-amendments/v1"


_OPENINGS = msgspec.json.Decoder(_OpeningsFile)
_AMENDMENTS = msgspec.json.Decoder(_AmendmentsFile)
_FileT = TypeVar("_FileT", bound=_File)


@dataclass(frozen=True, slots=True)
class TwoOpenings:
    """Two openings of `log`, both signed by `key`, which was that of its organisation."""

    log: LogName
    key: VerifyingKey
    first: Opening
    second: Opening


@dataclass(frozen=True, slots=True)
class TwoAmendments:
    """Two versions that follow the same one; `signers` are the slugs of those who signed both."""

    first: Amendment
    second: Amendment
    signers: tuple[str, ...]


def make_two_openings(circle: Circle, first: bytes, second: bytes) -> bytes:
    """The file about two openings. Raises what `verify_two_openings` raises."""
    one, other = sorted((first, second))
    data = _OpeningsFile(circle=circle.id, first=one.decode(), second=other.decode()).encode()
    verify_two_openings(data, circle)
    return data


def make_two_amendments(circle: Circle, first: bytes, second: bytes) -> bytes:
    """The file about two amendments. Raises what `verify_two_amendments` raises."""
    one, other = sorted((first, second))
    data = _AmendmentsFile(circle=circle.id, first=one.decode(), second=other.decode()).encode()
    verify_two_amendments(data, circle)
    return data


def contradictions(circle: Circle, events: Collection[bytes]) -> tuple[bytes, ...]:
    """A file for every two of these openings, and for the two amendments that froze the charter."""
    openings: dict[LogName, list[bytes]] = {}
    for data in sorted(set(events)):
        try:
            openings.setdefault(_opening(data.decode())[1].log_name, []).append(data)
        except (Refusal, UnicodeDecodeError):
            continue
    files: list[bytes] = []
    for alike in openings.values():
        for first, second in combinations(alike, 2):
            try:
                files.append(make_two_openings(circle, first, second))
            except Refusal:
                continue
    if circle.frozen:
        files.append(make_two_amendments(circle, *(version.encode() for version in circle.frozen)))
    return tuple(files)


def verify_two_openings(data: bytes, circle: Circle) -> TwoOpenings:
    """The evidence in a file, verified with the charters of the circle.

    (1) form: MalformedEvidence, and the refusals of `strict_json.decode`; (2) it is about this circle:
    ProofElsewhere; (3) two openings, sorted: what `parse_event` raises, OpeningMismatch, MalformedEvidence;
    (4) of one log of a member: DrillAtLive, LiveAtDrill, OpeningMismatch, NonMember, and of one whose opening
    no join file has: NoContradiction; (5) both signed by one key that a charter lists for it: BadSignature.
    """
    # (1) form, (2) circle
    file = _read(data, _OPENINGS, circle)
    # (3) openings
    first, second = (_opening(note) for note in (file.first, file.second))
    if file.first >= file.second:
        raise MalformedEvidence("Expected two openings, sorted.")
    # (4) log
    log = first[1].log_name
    check_mode(str(log), drill=circle.drill)
    if (log.domain, log.circle) != (circle.domain, circle.id) or second[1].log_name != log:
        raise OpeningMismatch(f"Expected two openings of one log of circle {circle.id}.")
    keys = [
        place.key()
        for version in circle.chain
        for place in version.charter.members
        if place.slug == log.member
    ]
    if not keys:
        raise NonMember(f"Expected openings of a member, found {log.member}'s.")
    if log.epoch == 1 and log.member in {place.slug for place in circle.signed.charter.members}:
        raise NoContradiction(f"The opening of {log} is that of its join file, whatever others there are.")
    # (5) signatures
    key = next((key for key in keys if first[0].signed_by(key) and second[0].signed_by(key)), None)
    if key is None:
        raise BadSignature(f"Expected two openings of {log}, signed by one key of its organisation.")
    return TwoOpenings(log, key, first[1], second[1])


def verify_two_amendments(data: bytes, circle: Circle) -> TwoAmendments:
    """The evidence in a file, verified with the charters of the circle.

    (1) form: MalformedEvidence, and the refusals of `strict_json.decode`; (2) it is about this circle:
    ProofElsewhere; (3) two texts, sorted: MalformedEvidence, NoContradiction; (4) each could follow the same
    version, were everybody missing gone: WrongPredecessor, and what `open_amendment` raises.
    """
    # (1) form, (2) circle
    file = _read(data, _AMENDMENTS, circle)
    # (3) texts
    notes = [parse_note(note.encode()) for note in (file.first, file.second)]
    if file.first >= file.second:
        raise MalformedEvidence("Expected two amendments, sorted.")
    if notes[0].text == notes[1].text:
        raise NoContradiction("Expected two amendments, found one with other signatures.")
    # (4) amendments
    chain = _up_to(parse_version(notes[0].text).previous, circle.chain)
    everybody = [place.slug for place in chain[-1].charter.members]
    first, second = (open_amendment(note.encode(), chain, everybody) for note in (file.first, file.second))
    both = {(one.name, one.key_id) for one in first.note.signatures} & {
        (one.name, one.key_id) for one in second.note.signatures
    }
    keys = {place.slug: place.key() for place in chain[-1].charter.deciding()}
    return TwoAmendments(
        first, second, tuple(slug for slug, key in keys.items() if (key.name, key.key_id) in both)
    )


def _read(data: bytes, decoder: msgspec.json.Decoder[_FileT], circle: Circle) -> _FileT:
    file = strict_json.decode_file(data, decoder, MalformedEvidence, MAX_CONTRADICTION_BYTES)
    if file.circle != circle.id:
        raise ProofElsewhere(f"Expected evidence of circle {circle.id}, found some of {file.circle}.")
    return file


def _opening(note: str) -> tuple[Statement, Opening]:
    event = parse_event(note.encode())
    if not isinstance(event, Statement) or not isinstance(event.record, Opening):
        raise OpeningMismatch("Expected an opening, found another event.")
    return event, event.record


def _up_to(id_: str | None, chain: Chain) -> Chain:
    for place, version in enumerate(chain, 1):
        if version.id == id_:
            return chain[:place]
    raise WrongPredecessor(f"Expected amendments of a version of this circle, found {id_}.")
