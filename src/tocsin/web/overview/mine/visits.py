"""What somebody had seen when they left the situation room: one small document for each account.

- It holds how much of each log there was: as little as that says what came since, whatever came.
- Somebody leaves when the last page of theirs that shows the room is closed, or when they sign out. Who comes
  back in another session sees what came since they left; in the same one, still what came since before it;
  until they say that they have seen it.
- It says what was on a screen, not what was read, and goes nowhere.
"""

from asyncio import Future
from collections.abc import Mapping
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from tocsin.log.committer import Committer
from tocsin.log.store import Store

_SPACE: Final = "console/visits"


class Seen(Struct, frozen=True, kw_only=True):
    """How many entries of each log there were, at a moment: by circle, and in it by the logs' short names."""

    at_ms: int
    sizes: Mapping[str, Mapping[str, int]]


class Visits(Struct, frozen=True, kw_only=True):
    """What somebody had `seen` before their session of now, and what when they `left` last."""

    session: str
    seen: Seen | None = None
    left: Seen | None = None


def come(visits: Visits | None, session: str) -> Visits:
    """Somebody looks, in that session."""
    if visits is None:
        return Visits(session=session)
    if visits.session == session:
        return visits
    return Visits(session=session, seen=visits.left or visits.seen, left=visits.left)


def leave(visits: Visits, now: Seen) -> Visits:
    """Somebody has closed the last page, when so much was there."""
    return msgspec.structs.replace(visits, left=now)


def look_through(visits: Visits, now: Seen) -> Visits:
    """Somebody says that they have seen what there is."""
    return msgspec.structs.replace(visits, seen=now, left=now)


class VisitBook:
    """The documents, in the store: without a sync of their own."""

    def __init__(self, store: Store, committer: Committer) -> None:
        self._store = store
        self._committer = committer

    def read(self, account: str) -> Visits | None:
        """That of an account."""
        data = self._store.document(_SPACE, account)
        try:
            return None if data is None else msgspec.json.decode(data, type=Visits)
        except msgspec.ValidationError:
            # Of another version: it begins anew.
            return None

    def write(self, account: str, visits: Visits) -> Future[None]:
        """Keep it. Who waits for that is told of StorageFull; who does not loses what came since."""
        data = msgspec.json.encode(visits)
        job = partial(self._store.put_document, _SPACE, account, data)
        written = self._committer.submit(job, synced=False)
        written.add_done_callback(lambda done: done.cancelled() or done.exception())
        return written
