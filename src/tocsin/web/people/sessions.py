"""Sessions: who is signed in, in which browser, and for how long.

- A session is a random token of 256 bits in a cookie; what is kept is its hash. It survives a restart.
- It ends when nothing is done for some hours, and after some days in any case; when its person signs out,
  here or everywhere; and when their account is suspended. From then on its cookie says nothing.
- `on_end` is told when any may have ended: pages that are open in it close at once.
- Signing in begins a new one, always; the one before it in the same browser ends.
- That it is used is written once a minute, and without a sync: what a power loss takes of it is a minute.
- The token for its forms follows from the cookie, so that nobody else can make one.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, NamedTuple

import msgspec

from tocsin.core.clock import Chance, Clock
from tocsin.log.committer import Committer
from tocsin.log.store import Store

SPACE: Final = "console/sessions"
FRESH_MS: Final = 600_000
MAX_OF_ACCOUNT: Final = 32
_TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(f"[0-9a-f]{{{2 * _TOKEN_BYTES}}}")
_USED_AGAIN_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000


class Caller(NamedTuple):
    """From where somebody asks: the address, and which browser it says it is."""

    address: str
    device: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser in which somebody is signed in."""

    account: str
    address: str
    device: str
    began_at_ms: int
    used_at_ms: int


class Begun(NamedTuple):
    """A session that begins: `token` is for the cookie alone, `id` for everybody else."""

    token: str
    id: str
    session: Session


class Sessions:
    """The sessions of one console."""

    def __init__(
        self,
        store: Store,
        committer: Committer,
        clock: Clock,
        chance: Chance,
        *,
        idle_hours: int,
        session_hours: int,
    ) -> None:
        self.on_end: Callable[[], None] = lambda: None
        self._store = store
        self._committer = committer
        self._clock = clock
        self._chance = chance
        self._idle_ms = idle_hours * _HOUR_MS
        self._most_ms = session_hours * _HOUR_MS

    def begin(self, account: str, caller: Caller, instead_of: str | None = None) -> Begun:
        """A new session; within a transaction, so that it begins together with what it begins for.

        `instead_of` is the id of one that ends. Of very many of one account, the one used longest ago ends.
        """
        now_ms = self._clock.wall_ms()
        token = self._chance.token(_TOKEN_BYTES).hex()
        session = Session(
            account=account,
            address=caller.address,
            device=caller.device,
            began_at_ms=now_ms,
            used_at_ms=now_ms,
        )
        others = self.of(account)
        self._drop([*list(others)[MAX_OF_ACCOUNT - 1 :], *([instead_of] if instead_of else [])])
        self._put(id_of(token), session)
        return Begun(token, id_of(token), session)

    def find(self, session_id: str) -> Session | None:
        """The session of that id, if it has not ended."""
        data = self._store.document(SPACE, session_id)
        session = None if data is None else msgspec.json.decode(data, type=Session)
        return session if session and self._lives(session) else None

    def of(self, account: str) -> dict[str, Session]:
        """The sessions of an account by their ids, the last used first."""
        found = [
            (key, one) for key, one in self._all().items() if one.account == account and self._lives(one)
        ]
        return dict(sorted(found, key=lambda pair: -pair[1].used_at_ms))

    def count(self) -> dict[str, int]:
        """How many sessions each account has."""
        counts: dict[str, int] = {}
        for session in filter(self._lives, self._all().values()):
            counts[session.account] = counts.get(session.account, 0) + 1
        return counts

    def is_fresh(self, session: Session) -> bool:
        """Whether it began so recently that what cannot be undone needs no new proof."""
        return 0 <= self._clock.wall_ms() - session.began_at_ms < FRESH_MS

    def used(self, session_id: str, session: Session) -> None:
        """Note that somebody uses it; soon written, if it is time."""
        now_ms = self._clock.wall_ms()
        if abs(now_ms - session.used_at_ms) < _USED_AGAIN_MS:
            return

        def job() -> None:
            # It may have ended since: then it stays ended.
            if found := self.find(session_id):
                self._put(session_id, msgspec.structs.replace(found, used_at_ms=now_ms))

        self._committer.submit(job, synced=False).add_done_callback(lambda done: done.exception())

    async def end(self, session_id: str) -> None:
        """End a session, durably."""
        await self._committer.submit(lambda: self._drop([session_id]))

    async def end_all(self, account: str | None) -> int:
        """End every session of an account, or of all, durably. Returns how many these were."""
        return await self._committer.submit(lambda: self.drop_all(account))

    def drop_all(self, account: str | None) -> int:
        """The same within a transaction."""
        ended = [key for key, one in self._all().items() if account in (None, one.account)]
        self._drop(ended)
        return len(ended)

    async def sweep(self) -> None:
        """Forget those whose time is over."""
        if old := [key for key, one in self._all().items() if not self._lives(one)]:
            await self._committer.submit(partial(self._drop, old))

    def _lives(self, session: Session) -> bool:
        now_ms = self._clock.wall_ms()
        return now_ms - session.used_at_ms < self._idle_ms and now_ms - session.began_at_ms < self._most_ms

    def _all(self) -> dict[str, Session]:
        documents = self._store.documents(SPACE)
        return {key: msgspec.json.decode(data, type=Session) for key, data in documents.items()}

    def _drop(self, session_ids: Iterable[str]) -> None:
        for session_id in session_ids:
            self._store.drop_document(SPACE, session_id)
        # After the transaction that this is a part of, whether it holds or not.
        asyncio.get_running_loop().call_soon(self.on_end)

    def _put(self, session_id: str, session: Session) -> None:
        self._store.put_document(SPACE, session_id, msgspec.json.encode(session))


def id_of(token: str) -> str:
    """How others may speak of a session, who must not take it over."""
    return hashlib.sha256(b"tocsin/console/session\0" + token.encode()).hexdigest()


def csrf_of(token: str) -> str:
    """What the forms of a session carry."""
    return hmac.new(token.encode(), b"tocsin/console/csrf", hashlib.sha256).hexdigest()


def is_token(text: str) -> bool:
    """Whether that could be a token of a session."""
    return _TOKEN.fullmatch(text) is not None


_BROWSERS: Final = {
    "Firefox/": "Firefox",
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS: Final = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def device_of(user_agent: str) -> str:
    """Which browser on which system that is, as far as it says so, by names that people know."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return ", ".join(filter(None, (browser, system)))
