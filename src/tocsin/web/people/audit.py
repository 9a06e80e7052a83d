"""The audit: who came in, who was turned away, what was changed, looked at and said.

- It only grows, and what is older than some days goes. No page changes it; no secret is in it.
- What somebody looks at is written some seconds later, several together: it costs next to nothing, and to
  look at one page again within that time is one look. All else is written at once.
- Documents are named so that the newest comes first: what is asked for is mostly that.
"""

from asyncio import Future
from collections.abc import Mapping
from functools import partial
from typing import Final, Literal, NamedTuple

import msgspec

from tocsin.core.clock import Clock
from tocsin.log.committer import Committer
from tocsin.log.store import Store

SPACE: Final = "console/audit"
FLUSH_S: Final = 10.0
MAX_TOGETHER: Final = 50
_MAX_WAITING: Final = 2_000
_MAX_CHARACTERS: Final = 160
_DAY_MS: Final = 86_400_000
_LAST_MS: Final = 10**14 - 1
_AT_ONCE: Final = 200

What = Literal[
    "signed-in",
    "signed-out",
    "turned-away",
    "invited",
    "enrolled",
    "account-changed",
    "credential-added",
    "credential-removed",
    "sessions-ended",
    "looked",
    "said",
    "bound",
    "exported",
    "phoned",
]


class Happened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened. `account` and `name` are of who did it, if that is known.

    `about` says more, by name: the page and what stood in its path, or what was changed to what.
    """

    at_ms: int
    what: What
    account: str = ""
    name: str = ""
    address: str = ""
    about: Mapping[str, str] = {}


class Shown(NamedTuple):
    """What happened, the newest first; `next` is where the page after this one begins, if there is one."""

    happened: tuple[Happened, ...]
    next: str | None


class Audit:
    """The audit of one console."""

    def __init__(self, store: Store, committer: Committer, clock: Clock, days: int) -> None:
        self._store = store
        self._committer = committer
        self._clock = clock
        self._days_ms = days * _DAY_MS
        self._waiting: list[Happened] = []
        self._looks: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()

    def note(self, what: What, account: str = "", name: str = "", address: str = "", **about: str) -> None:
        """Note what happened; it is being written when this returns."""
        self._add(what, account, name, address, about)
        self.flush()

    def looked(self, account: str, name: str, page: str, subject: Mapping[str, str]) -> None:
        """Note that somebody looked at a page; `subject` is what stood in its path."""
        look = (account, page, tuple(subject.items()))
        if look not in self._looks:
            self._looks.add(look)
            self._add("looked", account, name, "", {"page": page, **subject})

    def flush(self) -> None:
        """Begin to write what waits. Where there is no room, it goes on waiting."""
        waiting, self._waiting = self._waiting, []
        self._looks.clear()
        for at in range(0, len(waiting), MAX_TOGETHER):
            some = waiting[at : at + MAX_TOGETHER]
            done = self._committer.submit(partial(self._write, some), synced=False)
            done.add_done_callback(partial(self._written, some))

    def page(self, after: str = "", limit: int = 100) -> Shown:
        """What happened after that place of before, or the newest."""
        happened: list[Happened] = []
        # Each holds one at least.
        for key, data in self._store.next_documents(SPACE, after, limit + 1).items():
            batch = msgspec.json.decode(data, type=tuple[Happened, ...])
            if happened and len(happened) + len(batch) > limit:
                return Shown(tuple(happened), after)
            happened += reversed(batch)
            after = key
        return Shown(tuple(happened), None)

    def lines(self, after: str) -> tuple[bytes, str | None]:
        """The same as lines of JSON: some of them, and where the next begin."""
        shown = self.page(after)
        return b"".join(msgspec.json.encode(one) + b"\n" for one in shown.happened), shown.next

    async def sweep(self) -> None:
        """Forget what is too old, a little at a time."""
        oldest = _key(max(0, self._clock.wall_ms() - self._days_ms))
        while old := self._store.next_documents(SPACE, oldest, _AT_ONCE):
            await self._committer.submit(partial(self._drop, old), synced=False)

    def _add(self, what: What, account: str, name: str, address: str, about: Mapping[str, str]) -> None:
        self._waiting.append(
            Happened(
                at_ms=self._clock.wall_ms(),
                what=what,
                account=account,
                name=name,
                address=address,
                about={key: value[:_MAX_CHARACTERS] for key, value in about.items() if value},
            )
        )

    def _written(self, some: list[Happened], done: Future[None]) -> None:
        if done.exception():
            self._waiting = (some + self._waiting)[-_MAX_WAITING:]

    def _write(self, some: list[Happened]) -> None:
        at_ms = some[-1].at_ms
        while self._store.document(SPACE, _key(at_ms)) is not None:
            at_ms += 1
        self._store.put_document(SPACE, _key(at_ms), msgspec.json.encode(some))

    def _drop(self, old: Mapping[str, bytes]) -> None:
        for key in old:
            self._store.drop_document(SPACE, key)


def _key(at_ms: int) -> str:
    return f"{_LAST_MS - at_ms:014}"
