"""An index of a store's records: what upper layers noted of each, to find it again without reading all.

It is derived: all of it can be made anew, and it decides nothing. So it promises no durability,
and what it finds are candidates, which whoever asked reads in the store. What it does promise:

- What is noted of entries, and that these are done (`reached`), is there together or not at all.
- What another version noted, or of another database, is not there; nor what was noted of a log that has been
  set aside since, or of entries that the store does not have.
- What the store has erased is gone from its files before the store says that it is (`log.store.Derived`).

A *subject* is what entries belong together by: 32 bytes, within a *space* of its own. *Words* are made by the
upper layer, which asks for the same ones: of them it is only known which come one after the other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tocsin.log.store import StorageFailed


class IndexDamaged(StorageFailed):
    """The index cannot be read or written: it is to be made anew. The store is not concerned."""

    code = "index-damaged"


Words = Sequence[str]
"""Without blanks; of ASCII, lower-case letters and digits alone."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be found of the entry at `index`.

    `subject` is what it belongs to, if to anything; `mentions` are 32 bytes each, by which it can be found.
    `rests_on_seen`: what is summed up of its subject depends on what its author had seen (`Seen`) by then.
    """

    index: int
    kind: str
    at_ms: int
    subject: bytes | None = None
    mentions: Collection[bytes] = ()
    rests_on_seen: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The entry at `index` says how many entries of other logs its author had seen, by their names."""

    index: int
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of which something was noted. `received_ms` is when that was, if it had just come."""

    log: str
    index: int
    kind: str
    at_ms: int
    received_ms: int | None


class Subject(NamedTuple):
    """Entries that belong together: the largest `at_ms` of them, and what was summed up of them since."""

    key: bytes
    newest_ms: int
    summary: bytes | None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that come one after the other; `open_ended`: the last may go on."""

    words: Words
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for, in one log: entries from `low` on and below `high`, with all of these phrases.

    None is no limit.
    """

    log: str
    low: int
    high: int
    phrases: Sequence[Phrase] = ()
    kind: str | None = None
    subject: tuple[str, bytes] | None = None
    since_ms: int | None = None
    until_ms: int | None = None


class Reached(NamedTuple):
    """Of a log, how many entries were noted, and of how many the words were."""

    noted: int
    worded: int


class Index(Protocol):
    """The index of one store. It belongs to the store's thread. Methods that write stand in `transaction`.

    Any may raise IndexDamaged; then nothing but `begin_anew` and `close` works.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """All writes within are there when it ends, or none is when an exception leaves it.

        They survive the process. Within another it is a part of that: all ends as the whole does. Raises
        StorageFull, IndexDamaged.
        """
        ...

    def begin_anew(self) -> None:
        """Throw away all of it. Raises StorageFull, IndexDamaged."""
        ...

    def scrubbed(self) -> bool:
        """See `log.store.Derived`. A part is done each time. Raises StorageFull, IndexDamaged."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...

    # Making it

    def reached(self, log: str) -> Reached:
        """How far a log of the store is done."""
        ...

    def note(
        self,
        log: str,
        space: str,
        end: int,
        *,
        noted: Sequence[Noted],
        seen: Sequence[Seen],
        received_ms: int | None = None,
    ) -> None:
        """Note these entries, from `reached(log).noted` on and below `end`, which is reached then."""
        ...

    def note_words(self, log: str, end: int, words: Iterable[tuple[int, Words]]) -> None:
        """Note the words of these entries, from `reached(log).worded` on and below `end`."""
        ...

    def note_again(
        self, log: str, space: str, index: int, *, noted: Noted | None, seen: Seen | None, words: Words
    ) -> None:
        """Note an entry anew, in place of what was noted of it, as far as its log is done."""
        ...

    @property
    def change(self) -> int:
        """The number of the store's last change that was noted again."""
        ...

    def changed(self, change: int) -> None:
        """All changes up to this one were noted."""
        ...

    def tidy(self) -> bool:
        """Throw away a part of what is to go: logs set aside, erased words. Whether some of it is left."""
        ...

    # Asking it

    def subjects(self, space: str, before: tuple[int, bytes] | None, limit: int) -> list[Subject]:
        """Largest `newest_ms` first, then largest key; those that come after `before` in that order."""
        ...

    def unsummed(self, space: str, limit: int) -> list[bytes]:
        """Keys of subjects of which nothing was summed up since they changed."""
        ...

    def sum_up(self, space: str, key: bytes, summary: bytes) -> None:
        """Keep what was summed up of a subject, until it changes. Of what is no subject, nothing is kept."""
        ...

    def context(self, space: str) -> bytes | None:
        """In what context all that is summed up in that space was."""
        ...

    def forget_summaries(self, space: str, context: bytes) -> None:
        """All in that space is to be summed up anew, in another context."""
        ...

    def places(self, space: str, key: bytes) -> list[Place]:
        """The entries of a subject, by log and index."""
        ...

    def mentioning(self, mention: bytes) -> list[Place]:
        """The entries that mention it, by log and index."""
        ...

    def newest(self, log: str, mention: bytes, limit: int) -> list[Place]:
        """The last entries of a log that mention it, the last first."""
        ...

    def seen(self, log: str, indices: Sequence[int], of: Collection[str]) -> list[dict[str, int]]:
        """For each index, the newest size of each of these logs that was seen in `log` up to there."""
        ...

    def find(self, filtered: Filter, limit: int) -> tuple[list[Place], int | None]:
        """Entries, the last first, at most `limit`, after a limited search.

        With it, below which index there may be more, or None.
        """
        ...
