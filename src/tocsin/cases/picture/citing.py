"""Who stands for what: sources, and records that cite records (docs/protocol.md, section 19).

- Who cites a record gives its word for what that record cites, and so on; for nothing of its own.
- A circle of citations leads to what its records cite besides, and counts for nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_

from tocsin.cases.picture.sources import Cited, Components, cited
from tocsin.core.records import Ref, Source


class Citations:
    """The sources of the records that count, which may be told and taken back in any order.

    A member's bit is its place among `members`. `cited` says which records a record cites, if any, `sources`
    what else.
    """

    def __init__(self) -> None:
        self.components = Components()
        self.members: list[str] = []
        self.sources: dict[Ref, tuple[Cited, ...]] = {}
        self.cited: dict[Ref, tuple[Ref, ...]] = {}
        self._cited_by: dict[Ref, list[Ref]] = {}
        self._words: dict[Ref, int] = {}

    def add(self, ref: Ref, sources: Sequence[Source]) -> None:
        """What a record cites, of which nothing was told, or it was taken back."""
        # A record may be cited before it is here: then what was given for it waits.
        words = self._words[ref] = self._words.get(ref, 0) | self._own(ref)
        self.sources[ref] = cited(ref, sources)
        for one in self.sources[ref]:
            self.components.add(one, words)
        if records := tuple(source.record for source in sources if source.record is not None):
            self.cited[ref] = records
            for record in records:
                self._cited_by.setdefault(record, []).append(ref)
                self._give(record, words)

    def remove(self, ref: Ref) -> None:
        """Take back what a record cites. The words for all that it leads to are given anew."""
        reached, touched = self._reached(ref), []
        for one in self.sources.pop(ref):
            touched += [other for other in self.components.remove(one) if other.ref != ref]
        for record in self.cited.pop(ref, ()):
            self._cited_by[record].remove(ref)
        for here in reached:
            self._words.pop(here, None)
            touched += self.sources.get(here, ())
        for source in set(map(self.components.find, touched)):
            self.components.release(source)
            self.components.rest(source, self._given(one.ref for one in source.cited))
        for here in reached:
            own = self._own(here) if here in self.sources else 0
            self._give(here, own | self._given(self._cited_by.get(here, ())))

    def named(self, members: int) -> tuple[str, ...]:
        """The members whose bits these are."""
        return tuple(sorted(member for number, member in enumerate(self.members) if members >> number & 1))

    def in_circles(self) -> set[Ref]:
        """The records whose citations lead back to themselves."""
        return _in_circles(self.cited)

    def _give(self, ref: Ref, members: int) -> None:
        reached = [ref]
        while reached:
            here = reached.pop()
            before = self._words.get(here, 0)
            if before | members == before:
                continue
            self._words[here] = before | members
            for one in self.sources.get(here, ()):
                self.components.rest(self.components.find(one), members)
            reached.extend(self.cited.get(here, ()))

    def _given(self, refs: Iterable[Ref]) -> int:
        return reduce(or_, (self._words.get(ref, 0) for ref in refs), 0)

    def _reached(self, ref: Ref) -> set[Ref]:
        """The record, and all that its citations lead to."""
        reached, waiting = {ref}, [ref]
        while waiting:
            onward = set(self.cited.get(waiting.pop(), ())) - reached
            reached |= onward
            waiting.extend(onward)
        return reached

    def _own(self, ref: Ref) -> int:
        member = ref.log_name.member
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
