"""The keys that officers made in their browsers: who waits for a place on the card, and who has one.

    officers = Officers(store, committer, on_change)
    await officers.register(key)                    # waits, and counts for nothing
    await officers.put_on(vkey, by="…", at_ms=…)    # the card of its log is published anew

- The card lists them besides those that the configuration names (`on_card`). A key stands for one log: its
  name says which, so that in a new epoch nobody signs before an administrator has looked again.
- Which account a key belongs to is remembered for the node's own pages, and stands in no record.
- Nothing here is secret.
"""

from collections.abc import Callable, Iterator

import msgspec

from tocsin.core.errors import MalformedKey, Refusal, quoted
from tocsin.core.keys import SignatureType, VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.records.card import MAX_OFFICERS
from tocsin.log.committer import Committer
from tocsin.log.store import Store

SPACE = "console/officer-keys"
MOST_OF_ONE = 16
"""So many keys one person may have registered, in all circles and browsers, that are on no card."""


class UnknownKey(Refusal):
    """There is no such key. Next: look at the list again; somebody may have removed it."""

    code = "unknown-key"


class TooManyKeys(Refusal):
    """There are too many keys already."""

    code = "too-many-keys"


class OfficerKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key by its `vkey`, named `<log name>/<role>`, of the account `person`, which was called `name`.

    `on_card_by`: who put it on the card, at `on_card_at_ms`; without it, it waits.
    """

    vkey: str
    person: str
    name: str
    made_at_ms: int
    on_card_by: str | None = None
    on_card_at_ms: int | None = None

    @property
    def key(self) -> VerifyingKey:
        """The key."""
        return VerifyingKey.parse(self.vkey)

    @property
    def log(self) -> str:
        """The log whose records it signs."""
        return self.key.name.rpartition("/")[0]

    @property
    def role(self) -> str:
        """As whom."""
        return self.key.name.rpartition("/")[2]


def on_card(store: Store, log: str) -> list[str]:
    """The vkeys for the card of that log, those that are there longest first."""
    found = [one for one in _all(store) if one.on_card_by is not None and one.log == log]
    return [one.vkey for one in sorted(found, key=lambda one: (one.on_card_at_ms or 0, one.vkey))]


class Officers:
    """The keys at one node. `on_change` is told the name of each log whose card has to change."""

    def __init__(self, store: Store, committer: Committer, on_change: Callable[[str], None]) -> None:
        self._store = store
        self._committer = committer
        self._on_change = on_change

    def all(self) -> list[OfficerKey]:
        """Every key, the newest first."""
        return sorted(_all(self._store), key=lambda one: (-one.made_at_ms, one.vkey))

    def of(self, person: str) -> list[OfficerKey]:
        """The keys of one account, the newest first."""
        return [one for one in self.all() if one.person == person]

    def get(self, vkey: str) -> OfficerKey:
        """The key. Raises UnknownKey."""
        data = self._store.document(SPACE, vkey)
        if data is None:
            raise UnknownKey
        return msgspec.json.decode(data, type=OfficerKey)

    async def register(self, key: OfficerKey) -> None:
        """Let a key wait. One that is there already stays as it is.

        Raises MalformedKey, MalformedName, TooManyKeys.
        """
        log, _, role = key.key.name.rpartition("/")
        if key.key.type is not SignatureType.ED25519 or LogName.parse(log).officer(role) != key.key.name:
            raise MalformedKey(f"Expected the key of an officer, found {quoted(key.key.name)}.")
        await self._committer.submit(lambda: self._register(key))

    def _register(self, key: OfficerKey) -> None:
        if self._store.document(SPACE, key.vkey) is not None:
            return
        waiting = [one for one in self.of(key.person) if one.on_card_by is None]
        if len(waiting) >= MOST_OF_ONE:
            raise TooManyKeys(
                f"Expected fewer than {MOST_OF_ONE} keys of one person that wait, found {len(waiting)}. "
                "Next: let an administrator remove those that are not used."
            )
        self._put(msgspec.structs.replace(key, on_card_by=None, on_card_at_ms=None))

    async def put_on(self, vkey: str, *, by: str, at_ms: int, besides: int = 0) -> OfficerKey:
        """Put a key on the card, on which `besides` others stand that are not ours to change.

        Raises UnknownKey, TooManyKeys.
        """
        key = await self._committer.submit(lambda: self._put_on(vkey, by, at_ms, besides))
        self._on_change(key.log)
        return key

    def _put_on(self, vkey: str, by: str, at_ms: int, besides: int) -> OfficerKey:
        key = self.get(vkey)
        if key.on_card_by is not None:
            return key
        there = besides + len(on_card(self._store, key.log))
        if there >= MAX_OFFICERS:
            raise TooManyKeys(
                f"Expected fewer than {MAX_OFFICERS} officers on the card, found {there}. "
                "Next: take off the keys of those who sign no more."
            )
        key = msgspec.structs.replace(key, on_card_by=by, on_card_at_ms=at_ms)
        self._put(key)
        return key

    async def remove(self, vkey: str) -> OfficerKey:
        """Take a key off the card, and forget it: its browser makes a new one. Raises UnknownKey."""
        key = await self._committer.submit(lambda: self._remove(vkey))
        if key.on_card_by is not None:
            self._on_change(key.log)
        return key

    def _remove(self, vkey: str) -> OfficerKey:
        key = self.get(vkey)
        self._store.drop_document(SPACE, vkey)
        return key

    async def remove_all_of(self, person: str, *, but_of: str | None = None) -> None:
        """Take the keys of an account off every card, for good, but for those of a role that stays."""
        for key in self.of(person):
            if key.role != but_of:
                await self.remove(key.vkey)

    def _put(self, key: OfficerKey) -> None:
        self._store.put_document(SPACE, key.vkey, msgspec.json.encode(key))


def _all(store: Store) -> Iterator[OfficerKey]:
    for data in store.documents(SPACE).values():
        yield msgspec.json.decode(data, type=OfficerKey)
