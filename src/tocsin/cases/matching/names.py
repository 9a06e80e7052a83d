"""Which observations name the same system or operator, and how much that says.

The fewer name it, the more: 1 where one does, 0 where all do, by the logarithm. Half of that counts; more if
the version is the same too, less if it is another. What more than `COMMON` observations name finds nobody by
itself.
"""

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

from tocsin.cases.matching.canonical import name_key, version_key
from tocsin.cases.matching.texts.lists import Lists

COMMON = 1_000
SAME_NAME, SAME_VERSION, OTHER_VERSION = 0.5, 0.7, 0.3


def rarity(having: int, of: int) -> float:
    """What it says that two have a thing that `having` of all have: from 0 to 1."""
    return 1.0 if having <= 1 else max(0.0, 1 - math.log(having) / math.log(1 + of))


class Names:
    """Names by observation. An alias is another's name for what is called otherwise here."""

    def __init__(self, aliases: Iterable[tuple[str, str]] = ()) -> None:
        self._aliases = {name_key(alias): name_key(name) for alias, name in aliases}
        self._lists = Lists()

    def add(self, name: str, version: str | None, number: int) -> None:
        """That an observation names it."""
        if key := self._key(name):
            self._lists.add((key,), number)
            self._lists.add((key, version_key(version or "")), number)

    def likeness(
        self, name: str, version: str | None, of: int, also: Collection[int]
    ) -> dict[int, tuple[float, str]]:
        """How much it says of observations that they name it, and why; if it is common, of `also` alone."""
        key = self._key(name)
        all_having = self._lists.having((key,))
        same = self._lists.having((key, version_key(version))) if version else ()
        without = self._lists.having((key, "")) if version else all_having
        rare = rarity(len(all_having), of)
        having: Iterable[int] = all_having
        if len(all_having) > COMMON:
            having = [number for number in also if _has(all_having, number)]
        found = {}
        for number in having:
            if _has(same, number):
                found[number] = (SAME_VERSION * rare, "version")
            else:
                share = SAME_NAME if not version or _has(without, number) else OTHER_VERSION
                found[number] = (share * rare, "name")
        return found

    def _key(self, name: str) -> str:
        key = name_key(name)
        return self._aliases.get(key, key)


def _has(ascending: Sequence[int], number: int) -> bool:
    place = bisect_left(ascending, number)
    return place < len(ascending) and ascending[place] == number
