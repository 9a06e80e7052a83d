"""The routes of the machine API for attachments: content that records name by its hash (docs/api.md)."""

import re
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import FileResponse

from tocsin.circles.errors import NoContent
from tocsin.core.errors import quoted
from tocsin.core.records import Attachment
from tocsin.node.api.cases.types import RecordName
from tocsin.node.api.hosting import Hosting, casework_of, line_of
from tocsin.node.api.operations import Call, MalformedCall, operation

MAX_ATTACHED_BYTES = 64 * 2**20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class AttachQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the content is. `illegal`: to have it may be an offence; it is described, and not kept."""

    media_type: Annotated[str, Meta(max_length=256)] = "application/octet-stream"
    name: Annotated[str, Meta(min_length=1, max_length=256)] | None = None
    illegal: bool = False


class FetchQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which record names it."""

    record: RecordName


class Fetched(Struct, frozen=True, kw_only=True):
    """The content is here, whole."""

    sha256: str
    size_bytes: int


class Content(FileResponse):
    """Content as it is."""

    media_type = "application/octet-stream"


class CaseAttachments:
    """The operations for the attachments of one node."""

    _node: Hosting

    @operation("POST", "/v1/circles/{circle}/attachments", most_bytes=MAX_ATTACHED_BYTES)
    async def attach(self, call: Call[AttachQuery, bytes]) -> Attachment:
        """Keep content, and give what a report or correction says of it among its `attachments`.

        What no record names within a day goes again.
        """
        line, query = line_of(self._node, call.path["circle"]), call.query
        if not call.body:
            raise MalformedCall("Expected content in the body, found none.")
        return await self._node.desk.attachments.attach(
            line, call.body, media_type=query.media_type, name=query.name, illegal=query.illegal
        )

    @operation("POST", "/v1/circles/{circle}/attachments/{sha256}")
    async def fetch(self, call: Call[FetchQuery, None]) -> Fetched:
        """Get content that a record names from whichever member has it. What was begun is resumed."""
        line, sha256 = line_of(self._node, call.path["circle"]), _hash(call.path["sha256"])
        ref = casework_of(self._node, line.circle.id).ref(call.query.record)
        path = await self._node.desk.attachments.fetch(line, ref, sha256)
        return Fetched(sha256=sha256, size_bytes=path.stat().st_size)

    @operation("GET", "/v1/circles/{circle}/attachments/{sha256}")
    async def content(self, call: Call[None, None]) -> Content:
        """Give content that is here, byte for byte. It may be anything: whoever opens it takes care."""
        line, sha256 = line_of(self._node, call.path["circle"]), _hash(call.path["sha256"])
        path = self._node.desk.attachments.here(line.circle.id, sha256)
        if path is None:
            raise NoContent(f"Expected content that is here, found none with the SHA-256 {sha256}.")
        return Content(path, headers={"cache-control": "no-store"})


def _hash(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise NoContent(f"Expected a SHA-256 in 64 hex digits, found {quoted(text)}.")
    return text
