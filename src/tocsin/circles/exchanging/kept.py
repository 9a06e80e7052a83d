"""What a line keeps beside its logs: small private documents of one circle, in memory and in the store.

An empty document is as good as none: a store forgets nothing that it was given.
"""

from collections.abc import Iterable, Mapping

from tocsin.core.names import LogName
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.committer import Committer
from tocsin.log.store import Store


class Space:
    """The documents of one kind, by key."""

    def __init__(self, name: str, store: Store, committer: Committer) -> None:
        self._name = name
        self._store = store
        self._committer = committer
        self.all = {key: data for key, data in store.documents(name).items() if data}

    def text(self, key: str) -> str | None:
        """The document of that key, if there is one."""
        data = self.all.get(key)
        return data.decode() if data else None

    async def put(self, documents: Mapping[str, bytes]) -> None:
        """Keep these in place of those before them, durably. Raises StorageFull."""
        await self._committer.submit(lambda: self._write(documents))
        self.all = {key: data for key, data in {**self.all, **documents}.items() if data}

    def _write(self, documents: Mapping[str, bytes]) -> None:
        for key, data in documents.items():
            self._store.put_document(self._name, key, data)


_UNKNOWN = "*"


class Kept:
    """What a line keeps of one circle.

    `events` by their ids in hex; `lost`: by the name of a log of ours that must never be written again, why;
    `paused`: the same, until it goes on; `suspended`: by slug, why a member is not spoken to; `promised`: by
    the names of an epoch of ours and of a log, what that epoch's holder signed of it before records were
    lost; `void`: by the name of an ended log, a checkpoint that its key signed beyond its end.
    """

    def __init__(self, circle: str, store: Store, committer: Committer) -> None:
        def space(name: str) -> Space:
            return Space(f"{name}/{circle}", store, committer)

        self.events = space("events")
        self.lost = space("lost")
        self.paused = space("paused")
        self.suspended = space("suspended")
        self.promised = space("promised")
        self.void = space("void")

    async def lose(
        self, ours: Iterable[LogName], why: str, promised: Mapping[str, tuple[int, bytes]] | None
    ) -> None:
        """Never write these logs again, and never contradict what their epochs' holders signed of others.

        `promised` are sizes and roots by log, None if nobody knows. A copy may be put back more than once:
        the most that was ever known stays. Raises StorageFull.
        """
        marks = {_UNKNOWN: (MAX_SIZE, b"")} if promised is None else promised
        holders = list(ours)
        await self.promised.put(
            {
                f"{holder} {log}": f"{size} {root.hex()}".encode()
                for holder in holders
                for log, (size, root) in marks.items()
                if size >= self._promised(holder, log)[0]
            }
        )
        await self.lost.put({str(log): why.encode() for log in holders})

    def promise(self, holder: LogName, log: str) -> tuple[int, bytes] | None:
        """Size and root that the holder of that epoch must not contradict, if it lost records."""
        size, root = max(self._promised(holder, _UNKNOWN), self._promised(holder, log))
        return (size, root) if size else None

    def _promised(self, holder: LogName, log: str) -> tuple[int, bytes]:
        size, _, root = (self.promised.text(f"{holder} {log}") or "0 ").partition(" ")
        return int(size), bytes.fromhex(root)
