"""The stream to one open page: `/live?topic=…&topic=…`.

A page may follow what everybody may see, and of people only itself.
"""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Final

from msgspec import Meta, Struct
from starlette.responses import Response, StreamingResponse

from tocsin.web.live.hub import Hub
from tocsin.web.serving.errors import MalformedForm, NotSignedIn, OtherRole
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

MOST_TOPICS: Final = 8

_TOPIC: Final = re.compile(r"room|circle/[0-9a-f]{64}|case/[0-9a-f]{64}/[a-z0-9.-]{1,64}|person/[!-~]{1,64}")


class LiveQuery(Struct, frozen=True, kw_only=True):
    """Which topics."""

    topic: Annotated[tuple[str, ...], Meta(min_length=1, max_length=MOST_TOPICS)]


class Live:
    """The page that is a stream."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @page("GET", "/live", Role.READER, noted=False)
    async def live(self, visit: Visit) -> Response:
        """What happens, as it happens."""
        topics = visit.query(LiveQuery).topic
        for topic in topics:
            if not _TOPIC.fullmatch(topic):
                raise MalformedForm("Expected the topics of a page, found another.")
            if topic.startswith("person/") and topic != person_topic(visit.person.id):
                raise OtherRole("Expected your own pages, found somebody else's.")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._stream(visit, topics), headers=headers, media_type="text/event-stream")

    async def _stream(self, visit: Visit, topics: tuple[str, ...]) -> AsyncIterator[bytes]:
        if visit.signed is None:
            raise NotSignedIn
        with self._hub.opened(topics, visit.language, visit.signed) as opened:
            async for sent in opened.stream():
                yield sent


def person_topic(account: str) -> str:
    """The topic of what concerns one person alone."""
    return f"person/{account}"
