"""Who stands for what: sources, and records that cite records (docs/protocol.md, section 19).

- Who cites a record gives its word for what that record cites, and so on; for nothing of its own.
- A circle of citations leads to what its records cite besides, and counts for nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence

from tocsin.cases.picture.sources import Components
from tocsin.core.records import Ref, Source


class Citations:
    """The sources of the records that count, which may be told in any order.

    A member's bit is its place among `members`. `cited` says which records a record cites, if any, `sources`
    what else.
    """

    def __init__(self) -> None:
        self.components = Components()
        self.members: list[str] = []
        self.sources: dict[Ref, tuple[int, ...]] = {}
        self.cited: dict[Ref, tuple[Ref, ...]] = {}
        self._words: dict[Ref, int] = {}

    def add(self, ref: Ref, member: str, sources: Sequence[Source]) -> None:
        """What a record of `member` cites."""
        cite = self.components.cite
        self.sources[ref] = tuple(cite(member, source) for source in sources if source.record is None)
        if cited := tuple(source.record for source in sources if source.record is not None):
            self.cited[ref] = cited
        self._give(ref, self._bit(member) | self._words.pop(ref, 0))

    def named(self, members: int) -> tuple[str, ...]:
        """The members whose bits these are."""
        return tuple(sorted(member for number, member in enumerate(self.members) if members >> number & 1))

    def in_circles(self) -> set[Ref]:
        """The records whose citations lead back to themselves."""
        return _in_circles(self.cited)

    def _give(self, ref: Ref, members: int) -> None:
        # A record may be cited before it is here: then what was given for it waits.
        reached = [ref]
        while reached:
            here = reached.pop()
            before = self._words.get(here, 0)
            if before | members == before:
                continue
            self._words[here] = before | members
            for source in self.sources.get(here, ()):
                self.components.rest(source, members)
            reached.extend(self.cited.get(here, ()))

    def _bit(self, member: str) -> int:
        if member not in self.members:
            self.members.append(member)
        return 1 << self.members.index(member)


def _in_circles(cited: Mapping[Ref, Iterable[Ref]]) -> set[Ref]:
    """The nodes of a graph that a way leads back to (Tarjan's components, without recursion)."""
    order: dict[Ref, int] = {}
    lowest: dict[Ref, int] = {}
    path: list[Ref] = []
    found: set[Ref] = set()
    for start in cited:
        if start in order:
            continue
        order[start] = lowest[start] = len(order)
        path.append(start)
        open_at = [(start, iter(cited[start]))]
        while open_at:
            here, onward = open_at[-1]
            for there in onward:
                if there == here:
                    found.add(here)
                if there not in order and there in cited:
                    order[there] = lowest[there] = len(order)
                    path.append(there)
                    open_at.append((there, iter(cited[there])))
                    break
                lowest[here] = min(lowest[here], lowest.get(there, lowest[here]))
            else:
                open_at.pop()
                if open_at:
                    before = open_at[-1][0]
                    lowest[before] = min(lowest[before], lowest[here])
                if lowest[here] == order[here]:
                    component = _from(path, here)
                    lowest.update(dict.fromkeys(component, len(order) + len(cited)))
                    if len(component) > 1:
                        found.update(component)
    return found


def _from(path: list[Ref], here: Ref) -> list[Ref]:
    """The end of the path from there on, which is taken off it."""
    taken = [path.pop()]
    while taken[-1] != here:
        taken.append(path.pop())
    return taken
