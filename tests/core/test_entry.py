"""Entries: what is hashed, and that every part of it counts."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import MalformedEntry
from tocsin.core.names import LogName
from tocsin.core.tlog.entry import MAX_RECORD_BYTES, EntryHasher, entry_of

LOG = LogName("example.org", "ab" * 32, "kr", 1)
SALT = bytes(range(32))

salts = st.binary(min_size=32, max_size=32)
records = st.binary(min_size=1, max_size=100)


@given(salts, records)
def test_what_is_hashed(salt: bytes, record: bytes) -> None:
    """An entry hashes the format's name, a zero byte, the log's name after its length, salt and record."""
    name = str(LOG).encode()
    expected = hashlib.sha256(
        b"tocsin/entry/v1" + b"\x00" + len(name).to_bytes(2, "big") + name + salt + record
    ).digest()

    assert expected == entry_of(LOG, salt, record) == entry_of(str(LOG), salt, record)


@given(st.lists(st.tuples(salts, records), max_size=5))
def test_one_hasher_for_many(pairs: list[tuple[bytes, bytes]]) -> None:
    """A log's hasher makes the same entries whatever it made before."""
    hasher = EntryHasher(LOG)

    for salt, record in pairs:
        assert entry_of(LOG, salt, record) == hasher.entry(salt, record)


def test_every_part_counts() -> None:
    """The same record under another salt or in another log is another entry, wherever one part ends."""
    entries = {
        entry_of(LOG, SALT, b"record"),
        entry_of(LOG, SALT[::-1], b"record"),
        entry_of(LOG, SALT, b"Record"),
        entry_of(LogName("example.org", "ab" * 32, "kr", 2), SALT, b"record"),
        entry_of("log", b"x" * 32, b"record"),
        entry_of("logx", b"x" * 31 + b"r", b"ecord"),
    }

    assert len(entries) == 6


@pytest.mark.parametrize("salt", [b"", SALT[1:], SALT + b"x"])
def test_salts(salt: bytes) -> None:
    """A salt has 32 bytes."""
    with pytest.raises(MalformedEntry):
        entry_of(LOG, salt, b"record")


def test_records() -> None:
    """A record has 1 to 65,536 bytes, and a log's name a length that two bytes can say."""
    assert entry_of(LOG, SALT, bytes(MAX_RECORD_BYTES))
    with pytest.raises(MalformedEntry):
        entry_of(LOG, SALT, bytes(MAX_RECORD_BYTES + 1))
    with pytest.raises(MalformedEntry):
        entry_of(LOG, SALT, b"")
    with pytest.raises(MalformedEntry):
        EntryHasher("n" * 65_536)
