"""The opening: entry 0 of every log, which names its keys (docs/protocol.md, section 7.3)."""

from typing import Literal, TypeAlias

from msgspec import Struct

from tocsin.core.keys import SignatureType, VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.records.common import (
    CommonFields,
    Epoch,
    Root,
    Sha256Hex,
    Size,
    Slug,
    TimeMs,
    Url,
    parse_key,
    parse_log,
)
from tocsin.core.records.errors import MalformedRecord

Reason: TypeAlias = Literal["scheduled", "lost", "compromised", "fork"]


class Previous(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the epoch before ended: the final size and root of its log, as its organisation states them."""

    root: Root
    size: Size


class Opening(CommonFields, frozen=True, kw_only=True, tag="opening"):
    """A member's keys for one circle and epoch, signed by its organisation key.

    `log`, `holder`, `witness` and `request` are vkeys, whose names agree with `circle`, `member` and `epoch`;
    `previous` and `reason` stand in every epoch but the first: how the one before ended, and why. With
    `lost`, `previous` is the least that its log had, otherwise the whole of it. `compromised_since_ms` is
    since when its keys may have been in other hands, Unix time in milliseconds.
    """

    author: Literal["organisation"]
    member: Slug
    epoch: Epoch
    log: str
    holder: str
    witness: str
    request: str
    tls_spki_sha256: Sha256Hex
    endpoint: Url
    previous: Previous | None = None
    reason: Reason | None = None
    compromised_since_ms: TimeMs | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        name = self.log_name
        if (name.circle, name.member, name.epoch) != (self.circle, self.member, self.epoch):
            raise MalformedRecord(f"Expected keys named after the opened log, found {name}.")
        for key, expected in (
            (self.holder_key, name.holder),
            (self.witness_key, name.witness),
            (self.request_key, name.request),
        ):
            if key.name != expected:
                raise MalformedRecord(f"Expected a key named {expected}, found {key.name}.")
        if (self.previous is None) is not (self.epoch == 1):
            raise MalformedRecord("Expected `previous` in every epoch but the first.")
        if (self.reason is None) is not (self.epoch == 1):
            raise MalformedRecord("Expected `reason` in every epoch but the first.")
        if self.compromised_since_ms is not None and self.reason != "compromised":
            raise MalformedRecord("Expected `compromised_since_ms` only with `compromised`.")

    @property
    def log_name(self) -> LogName:
        """The log that is opened."""
        return parse_log(self.log_key.name)

    @property
    def log_key(self) -> VerifyingKey:
        """Signs the log's checkpoints."""
        return parse_key(self.log, SignatureType.ED25519)

    @property
    def holder_key(self) -> VerifyingKey:
        """Signs "durably held here"."""
        return parse_key(self.holder, SignatureType.COSIGNATURE)

    @property
    def witness_key(self) -> VerifyingKey:
        """Signs "this log only grew"."""
        return parse_key(self.witness, SignatureType.COSIGNATURE)

    @property
    def request_key(self) -> VerifyingKey:
        """Signs the member's requests."""
        return parse_key(self.request, SignatureType.ED25519)
