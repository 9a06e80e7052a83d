"""Entries: what a log's tree holds of a record (docs/protocol.md, section 4).

    entry = SHA-256("tocsin/entry/v1" || 0x00 || u16 length of log name || log name || salt || record)

The salt is 32 random bytes. The entry is all that must stay for ever, and says nothing by itself: when salt
and record are gone, nobody can tell from it what was said, and every proof remains valid. The same record
in another log is another entry.
"""

import hashlib

from tocsin.core.errors import MalformedEntry
from tocsin.core.names import LogName

ENTRY_BYTES = 32
SALT_BYTES = 32
MAX_RECORD_BYTES = 65_536

_DOMAIN_SEPARATOR = b"tocsin/entry/v1\x00"
_MAX_NAME_BYTES = 0xFFFF


class EntryHasher:
    """Makes the entries of one log: what they all start with is hashed once."""

    def __init__(self, log: LogName | str) -> None:
        name = str(log).encode()
        if len(name) > _MAX_NAME_BYTES:
            raise MalformedEntry(
                f"Expected a log name of at most {_MAX_NAME_BYTES} bytes, found {len(name)}."
            )
        self._prefix = hashlib.sha256(_DOMAIN_SEPARATOR + len(name).to_bytes(2, "big") + name)

    def entry(self, salt: bytes, record: bytes) -> bytes:
        """The entry of a record. Raises MalformedEntry for a salt or a record of a wrong length."""
        if len(salt) != SALT_BYTES:
            raise MalformedEntry(f"Expected a salt of {SALT_BYTES} bytes, found {len(salt)}.")
        if not 1 <= len(record) <= MAX_RECORD_BYTES:
            raise MalformedEntry(f"Expected a record of 1 to {MAX_RECORD_BYTES} bytes, found {len(record)}.")
        hashed = self._prefix.copy()
        hashed.update(salt)
        hashed.update(record)
        return hashed.digest()


def entry_of(log: LogName | str, salt: bytes, record: bytes) -> bytes:
    """The entry of one record of `log`. Raises MalformedEntry."""
    return EntryHasher(log).entry(salt, record)
