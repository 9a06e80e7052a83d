"""Things in order that come and go in groups: a group is taken out and put in as a whole."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar


class HasOrder(Protocol):
    """What knows its place: no two have the same."""

    @property
    def order(self) -> str:
        """The smaller, the further in front."""
        ...


Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing", bound=HasOrder)


class Ordered(Generic[Key, Thing]):
    """Groups of things by their keys, and all the things in order."""

    def __init__(self) -> None:
        self._groups: dict[Key, tuple[Thing, ...]] = {}
        self._things: dict[str, Thing] = {}
        self._order: list[str] = []

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Thing]:
        return map(self._things.__getitem__, self._order)

    def after(self, order: str) -> Iterator[Thing]:
        """Those behind that place."""
        return map(self._things.__getitem__, self._order[bisect_right(self._order, order) :])

    def of(self, key: Key) -> tuple[Thing, ...]:
        """A group."""
        return self._groups.get(key, ())

    def groups(self) -> list[Key]:
        """The keys of all groups that are not empty."""
        return list(self._groups)

    def put(self, key: Key, things: Sequence[Thing]) -> bool:
        """Have these in the place of a group; whether it is another one than before."""
        group = tuple(things)
        before = self._groups.pop(key, ())
        if group:
            self._groups[key] = group
        if group == before:
            return False
        for gone in before:
            del self._things[gone.order]
            del self._order[bisect_left(self._order, gone.order)]
        for one in group:
            self._things[one.order] = one
            insort(self._order, one.order)
        return True
