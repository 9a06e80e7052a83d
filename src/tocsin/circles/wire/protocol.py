"""What crosses the wire, as values: a signed request to one member, its reply, and what carries them.

Two things carry a request: HTTP between real nodes, and a simulated network in one process. Both are a
`Wire`; neither looks into a body (docs/protocol.md, section 10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tocsin.core.records import Endpoint as Endpoint  # noqa: PLC0414 - part of what a wire is

METHOD = "POST"


class Path(StrEnum):
    """The calls of sections 10.2, 16 and 20, and the witness's of section 11, which is not signed."""

    PUSH = "/tocsin/v1/push"
    AHEAD = "/tocsin/v1/ahead"
    PULL = "/tocsin/v1/pull"
    BODIES = "/tocsin/v1/bodies"
    CHECKPOINTS = "/tocsin/v1/checkpoints"
    PROOF = "/tocsin/v1/proof"
    EVENTS = "/tocsin/v1/events"
    CONTENT = "/tocsin/v1/content"
    NONCE = "/tocsin/v1/nonce"
    ADD_CHECKPOINT = "/add-checkpoint"


@dataclass(frozen=True, slots=True)
class Request:
    """One call, signed (section 10.1). `receiver` is a log's name, `signer` that of a request key."""

    receiver: str
    path: str
    body: bytes
    signer: str
    nonce: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: an HTTP status, an encoded answer, and the nonce for the next request, if any."""

    status: int
    body: bytes
    nonce: bytes


class Wire(Protocol):
    """Carries requests to members."""

    async def send(self, to: Sequence[Endpoint], request: Request, timeout_s: float) -> Reply:
        """The reply of the first of these endpoints that gives one. Raises Unreachable."""
        ...
