"""Chunks, against what another node could send, and against lists."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import Fault, Refusal
from tocsin.core.tlog.chunk import (
    ABSENT,
    MAX_CHUNK_ENTRIES,
    NO_SALT,
    Chunk,
    ChunkTooLarge,
    MalformedChunk,
    Triple,
    read_triple,
)
from tocsin.core.tlog.tree import MAX_SIZE

HASHES = st.binary(min_size=32, max_size=32)
TRIPLES = st.tuples(HASHES, HASHES, st.none() | st.binary(min_size=1, max_size=300))
CHUNKS = st.builds(Chunk.make, st.integers(0, 2**40), st.lists(TRIPLES, max_size=12))


def kept(triple: Triple) -> Triple:
    """The triple as a chunk gives it back: without the record there is no salt."""
    entry, salt, record = triple
    return entry, NO_SALT if record is None else salt, record


def encoded(lengths: list[int], salts: bytes | None = None, records: bytes = b"") -> bytes:
    """A chunk as another node may write it."""
    count = len(lengths)
    salts = bytes(32 * count) if salts is None else salts
    return (
        struct.pack(">I", count) + b"e" * 32 * count + salts + struct.pack(f">{count}I", *lengths) + records
    )


@given(st.integers(0, 2**40), st.lists(TRIPLES, max_size=12), st.binary(max_size=8), st.binary(max_size=8))
def test_bytes_of_the_protocol(first: int, triples: list[Triple], before: bytes, after: bytes) -> None:
    """A chunk's bytes are those of section 9.1, and wherever they stand, decoding gives the chunk again."""
    chunk = Chunk.make(first, triples)

    expected = [kept(triple) for triple in triples]
    records = [record for _, _, record in expected]
    lengths = [ABSENT if record is None else len(record) for record in records]
    assert chunk.encode() == b"".join(
        [struct.pack(">I", len(triples))]
        + [entry for entry, _, _ in expected]
        + [salt for _, salt, _ in expected]
        + [struct.pack(f">{len(triples)}I", *lengths)]
        + [record for record in records if record]
    )
    decoded, end = Chunk.decode(first, before + chunk.encode() + after, len(before))
    assert decoded == chunk
    assert end == len(before) + len(chunk.encode())


@given(st.lists(TRIPLES, max_size=12), st.integers(-2, 14), st.integers(0, 2_000))
def test_reads_one_entry_by_its_parts(triples: list[Triple], column: int, cut_at: int) -> None:
    """One entry of an encoded chunk is what the list has; of a chunk that was cut, it is that or nothing."""
    data = Chunk.make(0, triples).encode()
    expected = kept(triples[column]) if 0 <= column < len(triples) else None

    assert read_triple(lambda at, size_bytes: data[at : at + size_bytes], column) == expected
    cut = data[:cut_at]
    assert read_triple(lambda at, size_bytes: cut[at : at + size_bytes], column) in (expected, None)


@given(st.integers(0, 2**40), st.lists(TRIPLES, max_size=12))
def test_reads_as_a_list(first: int, triples: list[Triple]) -> None:
    """Every way to read a chunk gives what it was made of, by indexes of the log."""
    chunk = Chunk.make(first, triples)

    expected = [(index, *kept(triple)) for index, triple in enumerate(triples, first)]
    assert list(chunk.items()) == expected
    indexes = range(chunk.first, chunk.end)
    assert [
        (index, chunk.entry(index), chunk.salt(index), chunk.body(index)) for index in indexes
    ] == expected
    assert chunk.entries == b"".join(entry for _, entry, _, _ in expected)
    assert chunk.salts == b"".join(salt for _, _, salt, _ in expected)
    assert chunk.bodies == b"".join(body for _, _, _, body in expected if body)
    assert chunk.absent() == [index for index, _, _, body in expected if body is None]
    assert chunk.count == len(triples)


@given(CHUNKS, st.data())
def test_cut_and_joined(chunk: Chunk, data: st.DataObject) -> None:
    """Cut anywhere, the parts have the same entries in the same places; joined, they are the same bytes."""
    cuts = sorted(data.draw(st.lists(st.integers(chunk.first, chunk.end), max_size=4)))
    bounds = [chunk.first, *cuts, chunk.end]
    parts = [chunk.slice(low, high) for low, high in pairwise(bounds)]

    assert [item for part in parts for item in part.items()] == list(chunk.items())
    assert Chunk.join(parts) == chunk


@given(CHUNKS, st.integers(4, 4000))
def test_fitting(chunk: Chunk, max_bytes: int) -> None:
    """What fits is as much as fits, and no more."""
    high = chunk.fitting(max_bytes)

    assert len(chunk.slice(chunk.first, high).encode()) <= max_bytes
    assert high == chunk.end or len(chunk.slice(chunk.first, high + 1).encode()) > max_bytes


@given(CHUNKS, st.data())
def test_cut_off(chunk: Chunk, data: st.DataObject) -> None:
    """A chunk that is cut off anywhere is refused."""
    length = data.draw(st.integers(0, len(chunk.encode()) - 1))

    with pytest.raises(MalformedChunk):
        Chunk.decode(chunk.first, chunk.encode()[:length])


@given(CHUNKS, st.data())
def test_changed(chunk: Chunk, data: st.DataObject) -> None:
    """A chunk with a byte changed is another chunk or refused, never misread."""
    place = data.draw(st.integers(0, len(chunk.encode()) - 1))
    changed = bytearray(chunk.encode())
    changed[place] ^= data.draw(st.integers(1, 255))

    try:
        decoded, end = Chunk.decode(chunk.first, bytes(changed))
    except Refusal:
        return
    assert decoded.encode() == changed[:end]
    assert Chunk.make(decoded.first, [item[1:] for item in decoded.items()]) == decoded


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", MalformedChunk),
        (struct.pack(">I", MAX_CHUNK_ENTRIES + 1), ChunkTooLarge),
        (struct.pack(">I", 2**32 - 1), ChunkTooLarge),
        (encoded([0]), MalformedChunk),
        (encoded([65_537], records=b"r" * 65_537), MalformedChunk),
        (encoded([1, 2], records=b"rr"), MalformedChunk),
        (encoded([ABSENT - 1]), MalformedChunk),
        (encoded([ABSENT], salts=b"s" * 32), MalformedChunk),
    ],
)
def test_refused(data: bytes, refusal: type[Refusal]) -> None:
    """Too many entries, empty and oversized records, and salts without records are refused."""
    with pytest.raises(refusal):
        Chunk.decode(0, data)


@pytest.mark.parametrize("lengths", [[1], [65_536], [1, ABSENT, 65_536], [ABSENT]])
def test_limits(lengths: list[int]) -> None:
    """Records of 1 to 65,536 bytes and absent ones are taken."""
    records = b"r" * sum(length for length in lengths if length != ABSENT)

    chunk, _ = Chunk.decode(7, encoded(lengths, records=records))

    assert list(chunk.lengths) == lengths


def test_most_entries() -> None:
    """1,024 entries are a chunk; one more is refused from another and a defect of ours."""
    most = Chunk.make(0, [(NO_SALT, NO_SALT, b"r")] * MAX_CHUNK_ENTRIES)

    assert Chunk.decode(0, most.encode())[0] == most
    with pytest.raises(Fault):
        Chunk.join([most, Chunk.make(MAX_CHUNK_ENTRIES, [(NO_SALT, NO_SALT, b"r")])])


@pytest.mark.parametrize("first", [-1, MAX_SIZE, 2**64])
def test_no_such_place(first: int) -> None:
    """A chunk that would end beyond the largest size of a log is refused."""
    with pytest.raises(MalformedChunk):
        Chunk.decode(first, encoded([1], records=b"r"))


@pytest.mark.parametrize("index", [4, 6])
def test_index_outside(index: int) -> None:
    """An index outside of the chunk is a defect, not another entry."""
    chunk = Chunk.make(5, [(NO_SALT, NO_SALT, b"r")])

    with pytest.raises(Fault):
        chunk.entry(index)
    with pytest.raises(Fault):
        chunk.slice(index, index + 1)


def test_gap() -> None:
    """Chunks are joined only where one ends and the next starts."""
    with pytest.raises(Fault):
        Chunk.join([Chunk.make(0, [(NO_SALT, NO_SALT, b"r")]), Chunk.make(2, [(NO_SALT, NO_SALT, b"r")])])
