"""The card: what a member says about itself (docs/protocol.md, section 7.3)."""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.core.errors import MalformedName
from tocsin.core.keys import SignatureType, VerifyingKey
from tocsin.core.records.common import CommonFields, Endpoint, Lang, Slug, parse_key, parse_log
from tocsin.core.records.errors import MalformedRecord

PHONE = "phone"
"""The name of the key for calls under `more`."""

MAX_OFFICERS = 64
"""So many stand on a card at most."""


class Desk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The people on duty, in words for people."""

    name: Annotated[str, Meta(min_length=1)]
    hours: Annotated[str, Meta(min_length=1)] | None = None
    languages: Annotated[tuple[Lang, ...], Meta(min_length=1, max_length=16)] | None = None
    contact: Annotated[str, Meta(min_length=1)] | None = None


class Officer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person by role, with the key that signs this person's records, a vkey named `<log name>/<role>`."""

    role: Slug
    key: str

    def __post_init__(self) -> None:
        log, _, _ = self.verifying_key.name.rpartition("/")
        try:
            expected = parse_log(log).officer(self.role)
        except MalformedName as error:
            raise MalformedRecord(str(error)) from None
        if self.verifying_key.name != expected:
            raise MalformedRecord(f"Expected a key named {expected}, found {self.verifying_key.name}.")

    @property
    def verifying_key(self) -> VerifyingKey:
        """Signs this officer's records."""
        return parse_key(self.key, SignatureType.ED25519)


class Card(CommonFields, frozen=True, kw_only=True, tag="card"):
    """Where a member's node answers, who is on duty, and whose signatures on records hold.

    The newest readable card of a log replaces those before it.
    """

    lang: Lang
    endpoints: Annotated[tuple[Endpoint, ...], Meta(min_length=1, max_length=8)]
    desk: Desk
    officers: Annotated[tuple[Officer, ...], Meta(max_length=MAX_OFFICERS)]

    @property
    def phone(self) -> str | None:
        """The key for calls (section 22), as it is written there; nothing has looked at it yet.

        It stands under `more`: whoever knows nothing of calls, or finds it to be no key, reads the card.
        """
        key = (self.more or {}).get(PHONE)
        return key if isinstance(key, str) else None
