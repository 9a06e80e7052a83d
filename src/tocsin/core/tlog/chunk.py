"""Chunks: consecutive entries of one log with their salts and records, as they travel and as they are stored.

A chunk *is* its bytes (docs/protocol.md, section 9.1): what was encoded once is stored and sent as it is.

    u32 count || count * 32 bytes entries || count * 32 bytes salts || count * u32 lengths || records

- A record that the sender does not have has the length `ABSENT` and a salt of 32 zero bytes.
- Nothing here hashes: whether salt and record make their entry, and the entries a root, others check.
- Counts and lengths are checked before anything is cut by them.

Indexes are always places in the log.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Self

from tocsin.core.errors import Fault, Refusal
from tocsin.core.tlog.entry import ENTRY_BYTES, MAX_RECORD_BYTES, SALT_BYTES
from tocsin.core.tlog.tree import MAX_SIZE

MAX_CHUNK_ENTRIES = 1024
ABSENT = 0xFFFF_FFFF
NO_SALT = bytes(SALT_BYTES)

_COUNT_BYTES = 4
_LENGTH_BYTES = 4
_BYTES_BESIDE_RECORD = ENTRY_BYTES + SALT_BYTES + _LENGTH_BYTES

Triple = tuple[bytes, bytes, bytes | None]
"""Entry, salt and record; without the record, the salt says nothing."""


class MalformedChunk(Refusal):
    """This is no chunk of a log."""

    code = "malformed-chunk"


class ChunkTooLarge(Refusal):
    """The chunk has too many entries."""

    code = "chunk-too-large"


@dataclass(frozen=True, slots=True)
class Chunk:
    """The entries of a log from `first` on and below `end`. Made by `make`, `join` or `decode`.

    `lengths` are those of the wire. Record i of the chunk stands in `data` between bounds i and i + 1.
    """

    first: int
    data: bytes
    lengths: tuple[int, ...]
    _bounds: tuple[int, ...]

    @classmethod
    def make(cls, first: int, triples: Iterable[Triple]) -> Self:
        """The chunk of these entries, of which the first has the index `first` in its log."""
        entries, salts, records = zip(*triples, strict=True) if (triples := list(triples)) else ((), (), ())
        if None in records:
            salts = tuple(
                NO_SALT if record is None else salt for salt, record in zip(salts, records, strict=True)
            )
        lengths = tuple([ABSENT if record is None else len(record) for record in records])
        return cls._of(first, lengths, [*entries, *salts], filter(None, records))

    @classmethod
    def join(cls, chunks: Sequence[Self]) -> Self:
        """The chunks as one; each starts where the one before it ends."""
        if len(chunks) == 1:
            return chunks[0]
        if any(one.end != next_one.first for one, next_one in pairwise(chunks)):
            raise Fault("Expected chunks that follow one another, found a gap or an overlap.")
        return cls._of(
            chunks[0].first,
            tuple([length for chunk in chunks for length in chunk.lengths]),
            [chunk.entries for chunk in chunks] + [chunk.salts for chunk in chunks],
            [chunk.bodies for chunk in chunks],
        )

    @classmethod
    def decode(cls, first: int, data: bytes, offset: int = 0) -> tuple[Self, int]:
        """The chunk that starts at `offset` in `data`, and the offset after it.

        (1) at most 1,024 entries: ChunkTooLarge; (2) below the largest size of a log; (3) whole; (4) each
        record has 1 to 65,536 bytes, or is absent (5) and then has no salt: MalformedChunk.
        """
        # (1) count
        if len(data) < offset + _COUNT_BYTES:
            raise MalformedChunk("Expected a number of entries, found the end.")
        count = int.from_bytes(data[offset : offset + _COUNT_BYTES], "big")
        if count > MAX_CHUNK_ENTRIES:
            raise ChunkTooLarge(f"Expected at most {MAX_CHUNK_ENTRIES} entries, found {count}.")
        # (2) place
        if not 0 <= first <= MAX_SIZE - count:
            raise MalformedChunk(f"Expected entries below {MAX_SIZE}, found {count} from {first} on.")
        # (3) whole, as far as the lengths
        start = offset + _COUNT_BYTES + count * _BYTES_BESIDE_RECORD
        if len(data) < start:
            raise MalformedChunk(f"Expected {count} entries, salts and lengths, found the end.")
        lengths = struct.unpack_from(f">{count}I", data, start - count * _LENGTH_BYTES)
        # (4) lengths
        present = [length for length in lengths if length != ABSENT] if ABSENT in lengths else lengths
        if present and not (min(present) >= 1 and max(present) <= MAX_RECORD_BYTES):
            raise MalformedChunk(
                f"Expected records of 1 to {MAX_RECORD_BYTES} bytes, found {min(present)} to {max(present)}."
            )
        # (3) whole
        end = start + sum(present)
        if len(data) < end:
            raise MalformedChunk(f"Expected {end - start} bytes of records, found {len(data) - start}.")
        chunk = cls(first, data[offset:end], lengths, _bounds(lengths))
        # (5) salts
        if len(present) < count and any(chunk.salt(index) != NO_SALT for index in chunk.absent()):
            raise MalformedChunk("Expected no salt where there is no record, found one.")
        return chunk, end

    def encode(self) -> bytes:
        """The bytes."""
        return self.data

    @property
    def count(self) -> int:
        """How many entries."""
        return len(self.lengths)

    @property
    def end(self) -> int:
        """The index after the last entry's."""
        return self.first + len(self.lengths)

    @property
    def entries(self) -> bytes:
        """The entries, 32 bytes each."""
        return self.data[_COUNT_BYTES : self._salts_start]

    @property
    def salts(self) -> bytes:
        """The salts, 32 bytes each."""
        return self.data[self._salts_start : self._salts_start + self.count * SALT_BYTES]

    @property
    def bodies(self) -> bytes:
        """The records one after the other."""
        return self.data[self._bounds[0] :]

    def entry(self, index: int) -> bytes:
        """The entry at `index`."""
        start = _COUNT_BYTES + self._column(index) * ENTRY_BYTES
        return self.data[start : start + ENTRY_BYTES]

    def salt(self, index: int) -> bytes:
        """The salt at `index`; `NO_SALT` where the record is absent."""
        start = self._salts_start + self._column(index) * SALT_BYTES
        return self.data[start : start + SALT_BYTES]

    def body(self, index: int) -> bytes | None:
        """The record at `index`, unless it is absent."""
        column = self._column(index)
        if self.lengths[column] == ABSENT:
            return None
        return self.data[self._bounds[column] : self._bounds[column + 1]]

    def items(self) -> Iterator[tuple[int, bytes, bytes, bytes | None]]:
        """Index, entry, salt and record of each entry in turn."""
        data, entry, salt = self.data, _COUNT_BYTES, self._salts_start
        for column, (length, (start, end)) in enumerate(
            zip(self.lengths, pairwise(self._bounds), strict=True)
        ):
            body = None if length == ABSENT else data[start:end]
            yield self.first + column, data[entry : entry + ENTRY_BYTES], data[salt : salt + SALT_BYTES], body
            entry += ENTRY_BYTES
            salt += SALT_BYTES

    def absent(self) -> list[int]:
        """Indexes of the entries whose records are absent."""
        if ABSENT not in self.lengths:
            return []
        return [self.first + column for column, length in enumerate(self.lengths) if length == ABSENT]

    def slice(self, low: int, high: int) -> "Chunk":
        """The entries from `low` on and below `high`."""
        if (low, high) == (self.first, self.end):
            return self
        if not self.first <= low <= high <= self.end:
            raise Fault(f"Expected indexes within {self.first} to {self.end}, found {low} to {high}.")
        start, stop = low - self.first, high - self.first
        return Chunk._of(
            low,
            self.lengths[start:stop],
            [
                self.entries[start * ENTRY_BYTES : stop * ENTRY_BYTES],
                self.salts[start * SALT_BYTES : stop * SALT_BYTES],
            ],
            [self.data[self._bounds[start] : self._bounds[stop]]],
        )

    def without(self, indices: frozenset[int]) -> "Chunk":
        """The same entries, with the records at these indices absent."""
        return Chunk.make(
            self.first,
            [(entry, salt, None if index in indices else body) for index, entry, salt, body in self.items()],
        )

    def fitting(self, max_bytes: int) -> int:
        """The largest `high` for which `slice(first, high)` has at most `max_bytes`, 4 being the least."""

        def size_bytes(count: int) -> int:
            records = self._bounds[count] - self._bounds[0]
            return _COUNT_BYTES + count * _BYTES_BESIDE_RECORD + records

        return self.first + bisect_right(range(1, self.count + 1), max_bytes, key=size_bytes)

    @classmethod
    def _of(
        cls, first: int, lengths: tuple[int, ...], hashes: Iterable[bytes], records: Iterable[bytes]
    ) -> Self:
        count = len(lengths)
        if count > MAX_CHUNK_ENTRIES:
            raise Fault(f"Expected at most {MAX_CHUNK_ENTRIES} entries in a chunk, found {count}.")
        head, packed_lengths = count.to_bytes(_COUNT_BYTES, "big"), struct.pack(f">{count}I", *lengths)
        return cls(first, b"".join([head, *hashes, packed_lengths, *records]), lengths, _bounds(lengths))

    def _column(self, index: int) -> int:
        if not self.first <= index < self.end:
            raise Fault(f"Expected an index from {self.first} on and below {self.end}, found {index}.")
        return index - self.first

    @property
    def _salts_start(self) -> int:
        return _COUNT_BYTES + self.count * ENTRY_BYTES


def read_triple(read: Callable[[int, int], bytes], column: int) -> Triple | None:
    """One entry of an encoded chunk, of which no more is read than it takes: a chunk may have megabytes.

    `read(offset, size_bytes)` gives a part of the chunk; `column` counts its entries from 0. None if that
    entry is not in it, or not all of it.
    """
    count = int.from_bytes(read(0, _COUNT_BYTES), "big")
    if not 0 <= column < count <= MAX_CHUNK_ENTRIES:
        return None
    salts, lengths_at = (_COUNT_BYTES + count * size for size in (ENTRY_BYTES, ENTRY_BYTES + SALT_BYTES))
    packed = read(lengths_at, (column + 1) * _LENGTH_BYTES)
    entry = read(_COUNT_BYTES + column * ENTRY_BYTES, ENTRY_BYTES)
    salt = read(salts + column * SALT_BYTES, SALT_BYTES)
    if len(packed) != (column + 1) * _LENGTH_BYTES or len(salt) != SALT_BYTES:
        return None
    *before, length = struct.unpack(f">{column + 1}I", packed)
    if length == ABSENT:
        return entry, NO_SALT, None
    # Not one by one: of a full chunk, that takes longer than all the rest.
    start = lengths_at + count * _LENGTH_BYTES + sum(before) - ABSENT * before.count(ABSENT)
    body = read(start, length)
    return (entry, salt, body) if len(body) == length else None


def _bounds(lengths: Sequence[int]) -> tuple[int, ...]:
    start = _COUNT_BYTES + len(lengths) * _BYTES_BESIDE_RECORD
    if ABSENT in lengths:
        lengths = [0 if length == ABSENT else length for length in lengths]
    return tuple(accumulate(lengths, initial=start))
