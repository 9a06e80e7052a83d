"""Charters: what the members of a circle agree on, as a text that people read before they sign it.

- A charter is a TOML text (docs/protocol.md, section 8.1). The text is what counts: it is signed, hashed and
  kept as written, never written again from what was read. The circle's id is the SHA-256 of it.
- It is valid with the signature of every listed member's organisation key, in the members' order, and no
  other.
- Unknown keys are refused: nobody agrees to what their node did not understand.
- It shows what it says: plain text (`plaintext`), as written and with its escapes resolved.

Not here: amendments, and what signing leads to (`joinfile`, `joining`).
"""

import hashlib
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self, TypeAlias

import msgspec

from tocsin.circles.errors import (
    CharterSignatures,
    KeyReused,
    MalformedCharter,
    MemberRepeated,
    WrongMode,
    WrongOrganisationKey,
    WrongQuorum,
)
from tocsin.circles.plaintext import PLAIN_LINE, PLAIN_LINES, is_plain
from tocsin.core.errors import MalformedKey, MalformedName, UnknownSigner, quoted
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.names import check_domain, is_drill, organisation_name
from tocsin.core.note import Note, Signature, parse_note, sign_note, verified_by
from tocsin.core.records.common import Lang, Root, Sha256Hex, Tlp

MAX_CHARTER_BYTES = 65_536
MAX_LINE_BYTES = 2_048
MIN_MEMBERS = 2
MAX_MEMBERS = 64
ATTACHMENT_BYTES = 16 * 2**20
MAX_ATTACHMENT_BYTES = 2**30
"""How large an attachment may be where the charter does not say, and what it may say at most."""

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
_Line: TypeAlias = Annotated[str, msgspec.Meta(pattern=PLAIN_LINE)]
_Lines: TypeAlias = Annotated[str, msgspec.Meta(pattern=PLAIN_LINES)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the charter: every key is required, and no other allowed."""


class Clocks(_Table, frozen=True):
    """How soon the circle expects its members to react."""

    acknowledge_within_minutes: _Count
    answer_within_minutes: _Count


class Verification(_Table, frozen=True):
    """What a report needs before the circle calls it corroborated."""

    independent_sources: _Count
    organisations: _Count
    economies: _Count


class Authority(_Table, frozen=True):
    """What the circle may and may not do, in words."""

    statement: _Lines


class Limits(_Table, frozen=True, omit_defaults=True):
    """How much one log may grow, and how large an attachment may be: by `most_attachment_bytes`.

    `attachment_bytes` is the one key that may be missing: versions before 0.3.0 do not know it, and no member
    of theirs can agree to a charter that has it.
    """

    records_per_second: _Count
    bytes_per_day: _Count
    attachment_bytes: Annotated[int, msgspec.Meta(ge=1, le=MAX_ATTACHMENT_BYTES)] | None = None

    @property
    def most_attachment_bytes(self) -> int:
        """The largest attachment that is fetched, kept or given."""
        return self.attachment_bytes or ATTACHMENT_BYTES


class CharterMember(_Table, frozen=True, omit_defaults=True):
    """One organisation, under the label that it gives itself. `organisation_key` is a vkey.

    Only in an amendment: an `observer` follows and holds, and does not decide; `sponsors` are the members
    that vouch for one who joins.
    """

    slug: str
    label: _Line
    economy: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9-]{2,32}\Z")]
    organisation_key: str
    observer: bool = False
    sponsors: tuple[str, ...] = ()

    def key(self) -> VerifyingKey:
        """The organisation's key. Raises MalformedKey."""
        return VerifyingKey.parse(self.organisation_key)


class AuthenticText(_Table, frozen=True):
    """The charter in another language, by its hash."""

    lang: Lang
    sha256: Sha256Hex


class Cut(_Table, frozen=True):
    """Where a member's log stood when an amendment was written: what is below is judged by its predecessor.

    `openings` are the SHA-256 of the member's openings below the cut that no cut before it names.
    """

    log: str
    size: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
    root: Root
    openings: tuple[Sha256Hex, ...] = ()


class NoticePlace(_Table, frozen=True):
    """Where a member was told that it may be removed: an entry of a log, by its place and by itself."""

    log: str
    index: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    entry: Root


class Removal(_Table, frozen=True):
    """A member that is removed without having left, and why."""

    slug: str
    reason: _Lines
    notice: NoticePlace


class Charter(_Table, frozen=True):
    """What a charter's text says (sections 8.1 and 8.4). The parsers check what holds between fields.

    `continues` stands only in a first charter, `previous`, `cuts` and `removed` only in an amendment.
    """

    format: Literal["tocsin-charter/v1"]
    version: _Count
    domain: str
    mode: Literal["live", "drill"]
    nonce: Sha256Hex
    title: _Line
    purpose: _Lines
    quorum: int
    handling: Tlp
    clocks: Clocks
    verification: Verification
    authority: Authority
    limits: Limits
    members: Annotated[
        tuple[CharterMember, ...], msgspec.Meta(min_length=MIN_MEMBERS, max_length=MAX_MEMBERS)
    ]
    texts: tuple[AuthenticText, ...] = ()
    continues: Sha256Hex | None = None
    previous: Sha256Hex | None = None
    cuts: tuple[Cut, ...] = ()
    removed: tuple[Removal, ...] = ()

    def deciding(self) -> tuple[CharterMember, ...]:
        """The members that count for the quorum: all but observers."""
        return tuple(member for member in self.members if not member.observer)


@dataclass(frozen=True, slots=True)
class SignedCharter:
    """A charter that every member signed."""

    note: Note
    charter: Charter
    id: str

    @property
    def text(self) -> str:
        """The charter as people signed it."""
        return self.note.text

    @property
    def drill(self) -> bool:
        """Whether nothing that is said in this circle is real."""
        return is_drill(self.charter.domain)

    def encode(self) -> bytes:
        """The signed note."""
        return self.note.encode()

    @classmethod
    def of(cls, text: str, signatures: Iterable[Signature]) -> Self:
        """The text with exactly its members' signatures, in their order.

        Raises what parse_charter raises, then CharterSignatures for one that is missing, added or misplaced,
        and BadSignature for one that does not verify.
        """
        charter = parse_charter(text)
        note = Note(text, tuple(signatures))
        keys = [member.key() for member in charter.members]
        expected = [(key.name, key.key_id) for key in keys]
        found = [(signature.name, signature.key_id) for signature in note.signatures]
        if found != expected:
            raise CharterSignatures(
                f"Expected the signatures of {_names(expected)}, in this order; found {_names(found)}."
            )
        verified_by(note, keys)
        return cls(note, charter, circle_id(text))


@dataclass(frozen=True, slots=True)
class Amendment:
    """A later version of the charter, as it was signed. `id` is the SHA-256 of its text, in hex."""

    # Its text may be shown with more signatures or fewer, and is the same amendment.
    note: Note = field(compare=False)
    charter: Charter
    id: str

    @property
    def text(self) -> str:
        """The amendment as people signed it."""
        return self.note.text

    def encode(self) -> bytes:
        """The signed note."""
        return self.note.encode()


def circle_id(text: str) -> str:
    """The id of the circle that this first charter founds; of an amendment, what its successor calls it."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse_charter(text: str) -> Charter:
    """What the text of a first charter says. Raises what `parse_version` raises, MalformedCharter too."""
    charter = parse_version(text)
    if charter.version != 1:
        raise MalformedCharter(f"Expected a first charter, whose version is 1; found {charter.version}.")
    return charter


def parse_version(text: str) -> Charter:
    """What the text of a charter says, be it the first or an amendment.

    (1) text form, (2) TOML, (3) keys and values: MalformedCharter; (4) the mode is the domain's: WrongMode;
    (5) the quorum: WrongQuorum; (6) members differ: MemberRepeated; (7) each has a key of its own, with its
    name: WrongOrganisationKey, KeyReused.
    """
    # (1) form
    _check_form(text)
    # (2) TOML: nested deeply enough, it exhausts the parser.
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedCharter(f"Expected TOML 1.0; found: {error}.") from None
    # (3) keys and values
    try:
        charter = msgspec.convert(tables, Charter)
        check_domain(charter.domain)
        _check_version(charter)
    except (msgspec.ValidationError, MalformedName) as error:
        raise MalformedCharter(f"The charter does not say what it must: {error}") from None
    # (4) mode
    if (charter.mode == "drill") != is_drill(charter.domain):
        raise WrongMode(
            f"Expected a domain whose first label is `drill` in a drill and only there; "
            f"found mode {charter.mode} and domain {charter.domain}."
        )
    # (5) quorum
    count = len(charter.deciding())
    if not count < 2 * charter.quorum <= 2 * count:
        raise WrongQuorum(
            f"Expected a quorum from {count // 2 + 1} to {count} of {count} members, found {charter.quorum}."
        )
    # (6) and (7) members and their keys
    _check_members(charter)
    return charter


def open_charter(data: bytes) -> SignedCharter:
    """The signed charter that `data` writes. Raises MalformedNote, and what SignedCharter.of raises."""
    note = parse_note(data)
    return SignedCharter.of(note.text, note.signatures)


def sign_charter(text: str, key: SigningKey) -> Signature:
    """A member's signature on the charter. Raises what parse_charter raises, and UnknownSigner."""
    charter = parse_charter(text)
    if key.verifying not in (member.key() for member in charter.members):
        raise UnknownSigner(
            f"Expected the key of one of the charter's members, found {key.verifying.encode()}."
        )
    return sign_note(text, key).signatures[0]


def _check_form(text: str) -> None:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise MalformedCharter("Expected a charter in UTF-8, found a surrogate.") from None
    if len(data) > MAX_CHARTER_BYTES:
        raise MalformedCharter(f"Expected a charter of at most {MAX_CHARTER_BYTES} bytes, found {len(data)}.")
    # A key of thousands of dotted parts, which has to stand in one line, takes the parser that squared.
    if (longest := max(map(len, data.split(b"\n")))) > MAX_LINE_BYTES:
        raise MalformedCharter(f"Expected lines of at most {MAX_LINE_BYTES} bytes, found one of {longest}.")
    if not is_plain(text):
        raise MalformedCharter("Expected plain text: no tab, no other control character but newline.")
    if not text.endswith("\n") or text.endswith("\n\n"):
        raise MalformedCharter("Expected a charter that ends in one newline.")
    if not unicodedata.is_normalized("NFC", text):
        raise MalformedCharter("Expected a charter in Unicode's NFC, found another form.")


def _check_version(charter: Charter) -> None:
    """A first charter has no key that only an amendment has, nor the reverse."""
    if charter.version > 1:
        if charter.continues is not None or charter.previous is None or not charter.cuts:
            raise MalformedCharter("Expected `previous` and `cuts`, and no `continues`, in an amendment.")
        return
    amended = charter.previous is not None or charter.cuts or charter.removed
    if amended or any(member.observer or member.sponsors for member in charter.members):
        raise MalformedCharter("Expected no key of an amendment in a first charter.")


def _check_members(charter: Charter) -> None:
    slugs: set[str] = set()
    public: set[bytes] = set()
    for member in charter.members:
        try:
            name = organisation_name(charter.domain, member.slug)
            key = member.key()
        except (MalformedName, MalformedKey) as error:
            raise MalformedCharter(f"Of member {quoted(member.slug)}: {error}") from None
        if member.slug in slugs:
            raise MemberRepeated(f"Expected each member once, found {member.slug} twice.")
        if (key.name, key.type) != (name, SignatureType.ED25519):
            raise WrongOrganisationKey(
                f"Expected a key of type 1 named {name}, found type {key.type:d} named {quoted(key.name)}."
            )
        if key.public in public:
            raise KeyReused(f"Expected a key of its own for {name}, found another member's.")
        slugs.add(member.slug)
        public.add(key.public)


def _names(signers: Iterable[tuple[str, bytes]]) -> str:
    return ", ".join(f"{name} ({key_id.hex()})" for name, key_id in signers)
