"""What the records of cases are made of (docs/protocol.md, section 7.3).

- A record is referred to by its place and by the 32 bytes that stand there: of two versions of a log, a
  reference means one. No record refers to another circle.
- A case is known by the reference to the report that opened it. Every other record of the case names it, so
  that which records belong to a case depends on each of them alone.
- A record is complete without free text, but for a hypothesis. What text it has comes in one language, with
  translations and who made them.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from itertools import pairwise
from typing import Annotated, Final, Self, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import replace

from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records.cases.vocabulary import (
    Asserter,
    Clock,
    FingerprintKind,
    Obtained,
    OperatorRole,
    Precision,
    SourceKind,
)
from tocsin.core.records.common import (
    AuthorKind,
    CommonFields,
    Lang,
    Root,
    Sha256Hex,
    Slug,
    TimeMs,
    check_text,
    parse_log,
)
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.strict_json import MAX_INTEGER
from tocsin.core.tlog.tree import MAX_SIZE

MAX_TEXT_BYTES = 16_384
MAX_LOCATOR_BYTES = 2_048
MAX_NAME_BYTES = 256
MAX_SOURCES = 32

Words = Annotated[str, Meta(min_length=1)]
Economy = Annotated[str, Meta(pattern=r"^[A-Z0-9-]{2,32}\Z")]

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*"
# What one and the same fingerprint can look like: else two members compare in vain.
_PATTERNS: Final = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "sha256": r"[0-9a-f]{64}",
        "sha1": r"[0-9a-f]{40}",
        "md5": r"[0-9a-f]{32}",
        "pdq": r"[0-9a-f]{64}",
        "tlsh": r"T1[0-9A-F]{70}",
        "ssdeep": r"[1-9][0-9]{0,9}:[A-Za-z0-9+/]{1,64}:[A-Za-z0-9+/]{1,64}",
        "url": r"[a-z][a-z0-9+.-]{0,31}://[!-~]{1,2000}",
        "domain": _DOMAIN,
        "ip": r"[0-9a-f:.]{2,45}",
        "email": rf"[!-?A-~]{{1,64}}@{_DOMAIN}",
    }.items()
}

RECORD_NAME: Final = r"[a-z0-9-]{1,32}\.[1-9][0-9]{0,9}\.[1-9][0-9]{0,15}"
"""How people write which record they mean: member, epoch and index, as `Ref.__str__` has them."""


class Ref(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """A record: entry `index` of `log`, where these 32 bytes stand (in base64). Never entry 0."""

    log: str
    index: Annotated[int, Meta(ge=1, lt=MAX_SIZE)]
    entry: Root

    def __post_init__(self) -> None:
        parse_log(self.log)

    @classmethod
    def at(cls, log: str, index: int, entry: bytes) -> Self:
        """What stands at a place where these 32 bytes are."""
        return cls(log=log, index=index, entry=encode_base64(entry))

    @property
    def log_name(self) -> LogName:
        """The log, and with it whose record it is."""
        return parse_log(self.log)

    def __str__(self) -> str:
        """How people write it: member, epoch and index."""
        return self.log_name.record(self.index)


class Translation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record's text in another language; who translated it, by name or role, and what that is."""

    by: Words
    by_kind: AuthorKind
    lang: Lang
    text: Words

    def __post_init__(self) -> None:
        check_text("by", self.by, MAX_NAME_BYTES)
        check_text("text", self.text, MAX_TEXT_BYTES)


class Moment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When something is said to have been so, to a precision, and who says it: `name`, if that is known."""

    asserted_by: Asserter
    at_ms: TimeMs
    clock: Clock
    precision: Precision
    name: Words | None = None

    def __post_init__(self) -> None:
        check_text("name", self.name or "", MAX_NAME_BYTES)

    @property
    def told(self) -> "Moment":
        """As another organisation writes it down: what *author* asserts, somebody else does, then."""
        return replace(self, asserted_by="other") if self.asserted_by == "author" else self


class Certificate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A certificate that a system or operator holds: its number with whoever issued it."""

    issuer: Words
    number: Words
    sha256: Sha256Hex | None = None

    def __post_init__(self) -> None:
        check_text("issuer", self.issuer, MAX_NAME_BYTES)
        check_text("number", self.number, MAX_NAME_BYTES)


class System(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An AI system or model, as it is called."""

    name: Words
    version: Words | None = None
    certificates: Annotated[tuple[Certificate, ...], Meta(min_length=1, max_length=8)] | None = None

    def __post_init__(self) -> None:
        check_text("name", self.name, MAX_NAME_BYTES)
        check_text("version", self.version or "", MAX_NAME_BYTES)


class Operator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who made, offers or uses a system."""

    name: Words
    role: OperatorRole
    certificates: Annotated[tuple[Certificate, ...], Meta(min_length=1, max_length=8)] | None = None

    def __post_init__(self) -> None:
        check_text("name", self.name, MAX_NAME_BYTES)


class Fingerprint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, order=True):
    """Something by which content, or where it is, can be recognised, in the one form of its kind."""

    kind: FingerprintKind
    value: Words

    def __post_init__(self) -> None:
        if not _PATTERNS[self.kind].fullmatch(self.value) or (self.kind == "ip" and not _is_ip(self.value)):
            raise MalformedRecord(f"Expected a fingerprint as {self.kind} writes it, found another form.")


class Attachment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Content that goes by its hash, and is fetched where it is wanted.

    `illegal`: to have or to show it may be an offence; it is never fetched without a person's order.
    """

    media_type: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9!#$&^_.+-]{1,127}\Z")]
    sha256: Sha256Hex
    size_bytes: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
    name: Words | None = None
    illegal: bool = False

    def __post_init__(self) -> None:
        check_text("name", self.name or "", MAX_NAME_BYTES)


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where evidence was first seen, never who passed it on; how it was obtained there, and when, if known.

    What another record says is cited as a *record*, and by nothing else: its sources are meant, and count
    once. Everything else has a `locator`; with `sha256` it says which content was there. Only sources of the
    versions before 0.3.0 do not say how they were obtained.
    """

    kind: SourceKind
    locator: str | None = None
    record: Ref | None = None
    obtained: Obtained | None = None
    obtained_at_ms: TimeMs | None = None
    sha256: Sha256Hex | None = None

    def __post_init__(self) -> None:
        if self.kind == "record":
            others = (self.locator, self.obtained, self.obtained_at_ms, self.sha256)
            if self.record is None or any(other is not None for other in others):
                raise MalformedRecord("Expected a source of kind record to have `record`, and that alone.")
            return
        if self.record is not None or self.locator is None:
            raise MalformedRecord("Expected a source to have a `locator`, or the `record` that it cites.")
        check_text("locator", self.locator, MAX_LOCATOR_BYTES)
        if self.obtained is None:
            if self.sha256 is not None:
                raise MalformedRecord("Expected `obtained` with the `sha256` of a source, found none.")
        elif not self.locator:
            raise MalformedRecord("Expected a `locator` of at least one byte, found none.")

    @property
    def is_earlier(self) -> bool:
        """Whether it is one as the versions before 0.3.0 wrote them."""
        return self.obtained is None and self.record is None

    @property
    def told(self) -> "Source":
        """As another organisation cites it: what was seen, or collected, by its author was given to it."""
        return replace(self, obtained="received") if self.obtained in ("first-hand", "automatic") else self


_Key = TypeVar("_Key", str, tuple[str, ...], Ref, Fingerprint)

Translations = Annotated[tuple[Translation, ...], Meta(min_length=1, max_length=16)]
Refs = Annotated[tuple[Ref, ...], Meta(min_length=1, max_length=64)]
Sources = Annotated[tuple[Source, ...], Meta(min_length=1, max_length=MAX_SOURCES)]


class CaseFields(CommonFields, frozen=True, kw_only=True):
    """What the records of a case have in common: who answers for what a machine or an agent wrote.

    `answerable` is an officer's role.
    """

    answerable: Slug | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.answerable is not None and self.author_kind == "officer":
            raise MalformedRecord("Expected `answerable` where the author is no officer, and only there.")

    def check_answerable(self) -> None:
        """That an officer answers for it, whoever wrote it. Raises MalformedRecord."""
        if self.answerable is None and self.author_kind != "officer":
            raise MalformedRecord("Expected `answerable`, the officer who answers for it; found none.")


class InCase(CaseFields, frozen=True, kw_only=True):
    """A record of the case that this report opened; what it says in free text, nobody needs to read."""

    case: Ref
    text: Words | None = None
    lang: Lang | None = None
    translations: Translations | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_here(self.circle, self.case)
        check_free_text("text", self.text, self.lang, self.translations)
        self.check_answerable()


def check_here(circle: str, *refs: Ref) -> None:
    """That references stay within the circle: no record names another. Raises MalformedRecord."""
    for ref in refs:
        if ref.log_name.circle != circle:
            raise MalformedRecord("Expected a reference to a record of this circle, found one of another.")


def check_refs(field: str, circle: str, refs: Sequence[Ref]) -> None:
    """That these references are of the circle, ascending by log, index and entry. Raises MalformedRecord."""
    check_here(circle, *refs)
    check_ascending(field, refs)


def check_sources(circle: str, sources: Sequence[Source]) -> None:
    """That each source says how it was obtained, and cites this circle alone. Raises MalformedRecord."""
    for source in sources:
        if source.record is not None:
            check_here(circle, source.record)
        elif source.obtained is None:
            raise MalformedRecord("Expected `obtained` with each source, found one without.")


def check_free_text(
    field: str, text: str | None, lang: str | None, translations: Sequence[Translation] | None
) -> None:
    """That a text names its language, and translations theirs: other ones, ascending, each once.

    Raises MalformedRecord.
    """
    if text is not None:
        check_text(field, text, MAX_TEXT_BYTES)
    if (text is None) is not (lang is None):
        raise MalformedRecord(f"Expected both `{field}` and `lang`, or neither.")
    if not translations:
        return
    if text is None:
        raise MalformedRecord(f"Expected `translations` of a `{field}`, found none.")
    languages = [translation.lang for translation in translations]
    check_ascending("translations", languages)
    if lang in languages:
        raise MalformedRecord("Expected `translations` into other languages, found one into the text's own.")


def check_ascending(field: str, keys: Sequence[_Key]) -> None:
    """That these are in ascending order, each once: a set has one form. Raises MalformedRecord."""
    if len(keys) > 1 and any(one >= next_one for one, next_one in pairwise(keys)):
        raise MalformedRecord(f"Expected `{field}` ascending, each once.")


def _is_ip(text: str) -> bool:
    """Whether this is an address in its one form: of IPv6 that of RFC 5952, and none that maps IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return str(address) == text and not (address.version == 6 and address.ipv4_mapped)
