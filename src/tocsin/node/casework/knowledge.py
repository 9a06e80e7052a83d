"""What the authors' nodes held of other logs when they wrote, by the contexts that are noted in the index."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tocsin.core.views import Knowledge
from tocsin.node.casework.indexing import Indexing

_MOST_KINDS = 50_000


class LookedUp(Knowledge):
    """What was known a moment ago, for a thread, which may not ask the index."""

    def __init__(self, saw: Mapping[tuple[str, int], Mapping[str, int]]) -> None:
        self._saw = saw

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """See `Knowledge`."""
        return self._saw[log, index]


class NotedKnowledge(Knowledge):
    """A `Knowledge` that looks up what it is asked for, and keeps it until `forget`."""

    def __init__(self, indexing: Indexing, logs: Callable[[], Sequence[str]]) -> None:
        self._indexing = indexing
        self._logs = logs
        self._saw: dict[tuple[str, int], Mapping[str, int]] = {}
        self._same: dict[frozenset[tuple[str, int]], Mapping[str, int]] = {}

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """See `Knowledge`."""
        if (log, index) not in self._saw:
            self.look_up(log, [index])
        return self._saw[log, index]

    def look_up(self, log: str, indices: Sequence[int]) -> None:
        """Look up what will be asked for, all at once."""
        if len(self._same) > _MOST_KINDS:
            self._same.clear()
        others = [other for other in self._logs() if other != log]
        with self._indexing.asked() as asked:
            found = asked.seen(log, indices, others)
        for index, saw in zip(indices, found, strict=True):
            # Most saw the same as others, and need no room of their own.
            self._saw[log, index] = self._same.setdefault(frozenset(saw.items()), saw)

    def looked_up(self, places: Iterable[tuple[str, int]]) -> Knowledge:
        """The same of these, as it is now, for a thread."""
        return LookedUp({place: self.saw(*place) for place in places})

    def forget(self, places: Iterable[tuple[str, int]] | None = None) -> None:
        """What was looked up of these may be another now; of all without."""
        if places is None:
            self._saw.clear()
            self._same.clear()
        else:
            for place in places:
                self._saw.pop(place, None)
