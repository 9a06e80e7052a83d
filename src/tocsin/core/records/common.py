"""What every record has (docs/protocol.md, section 7.2), and the types that its fields are made of.

A type's limits hold for every record that was decoded. What no type can say (bytes of a text, order, two
fields that belong together) is checked whenever a record is made, decoded or not.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from tocsin.core.errors import MalformedKey, MalformedName
from tocsin.core.keys import SignatureType, VerifyingKey
from tocsin.core.names import MAX_EPOCH, LogName
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.strict_json import MAX_INTEGER, check_value
from tocsin.core.tlog.tree import MAX_SIZE

_HOST = r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])"
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_UTF8_BYTES_PER_CHARACTER = 4

AuthorKind = Literal["officer", "machine", "agent"]
Tlp = Literal["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]

CircleId = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
Epoch = Annotated[int, Meta(ge=1, le=MAX_EPOCH)]
Lang = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,35}\Z")]
Sha256Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
# 43 characters hold 258 bits of a root's 256: the last one's low two are zero.
Root = Annotated[str, Meta(pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=\Z")]
Size = Annotated[int, Meta(ge=1, le=MAX_SIZE)]
TimeMs = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Url = Annotated[str, Meta(pattern=rf"^(?:https://{_HOST}|http://127\.0\.0\.1):{_PORT}\Z")]


class CommonFields(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"
):
    """The fields of every record; `lang` stands with the kinds that hold free text.

    `at_ms` is Unix time in milliseconds by the author's clock: it is shown, and decides nothing. What is in
    `more` is in the one form, and ignored.
    """

    # Not CircleId: the reader compares it with that of the log, which says all, and the pattern would be a
    # sixth of the time that decoding a record takes.
    circle: Annotated[str, Meta(min_length=64, max_length=64)]
    at_ms: Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
    author: Slug
    author_kind: AuthorKind
    tlp: Tlp
    more: Annotated[Mapping[str, object], Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        if self.more is not None:
            check_value(self.more, nesting=2)

    @property
    def kind(self) -> str:
        """The record's kind, as it is written."""
        return str(self.__struct_config__.tag)


class Endpoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a node answers, and the SHA-256 of its TLS key's SubjectPublicKeyInfo (section 8.3)."""

    tls_spki_sha256: Sha256Hex
    url: Url


_OPENNESS = {label: place for place, label in enumerate(get_args(Tlp))}


def tlp_at_most(label: Tlp, ceiling: Tlp) -> bool:
    """Whether `label` is as open as `ceiling`, or more."""
    return _OPENNESS[label] <= _OPENNESS[ceiling]


def check_text(field: str, text: str, max_bytes: int) -> None:
    """That a text keeps to its limit, which is one of UTF-8 bytes. Raises MalformedRecord."""
    if len(text) * _UTF8_BYTES_PER_CHARACTER <= max_bytes:
        return
    if (size_bytes := len(text.encode(errors="surrogatepass"))) > max_bytes:
        raise MalformedRecord(f"Expected `{field}` of at most {max_bytes} bytes, found {size_bytes}.")


def parse_key(vkey: str, type: SignatureType) -> VerifyingKey:  # noqa: A002 - the key's word for it
    """The key of that type which a record writes as a vkey. Raises MalformedRecord."""
    try:
        key = VerifyingKey.parse(vkey)
    except MalformedKey as error:
        raise MalformedRecord(str(error)) from None
    if key.type is not type:
        raise MalformedRecord(f"Expected a key of type {type:d}, found one of type {key.type:d}.")
    return key


@lru_cache(maxsize=1024)  # a circle has few logs, and every reference names one
def parse_log(name: str) -> LogName:
    """The log that a record names. Raises MalformedRecord."""
    try:
        return LogName.parse(name)
    except MalformedName as error:
        raise MalformedRecord(str(error)) from None
