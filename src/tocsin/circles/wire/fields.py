"""The fields that messages are made of (docs/protocol.md, section 9.1): big-endian, lengths first.

- A `Fields` reads them off a message one after the other. Each length is checked before anything is cut out,
  and `end` refuses what is left over, so that there is one way to write each message.
- A message starts with the versions that its sender speaks. One that does not speak ours is refused there:
  what follows may be written in another way.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise

from tocsin.circles.errors import MalformedMessage, NoCommonVersion

VERSION = 1
MAX_SIZE = 2**53 - 1
MAX_NOTE_BYTES = 8_192
MAX_NOTES = 255
MAX_HASHES = 63
HASH_BYTES = 32
MAX_EVENTS = 64
MAX_EVENT_IDS = 1_024
MAX_EVENT_BYTES = 131_072
MAX_EVENTS_BYTES = 2**20

_MAX_NAME_BYTES = 209
_U16 = struct.Struct(">H")
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")


class Fields:
    """Reads the fields of one message. Raises `malformed` for what is short, long or out of its limits."""

    __slots__ = ("_at", "_data", "_malformed")

    def __init__(
        self, data: bytes, malformed: type[MalformedMessage] = MalformedMessage, at: int = 0
    ) -> None:
        self._data = data
        self._malformed = malformed
        self._at = at

    @property
    def at(self) -> int:
        """How many bytes are read."""
        return self._at

    def refused(self, expected: str, found: object) -> MalformedMessage:
        """The error to raise for what is found here."""
        return self._malformed(f"Expected {expected} before byte {self._at}, found {found}.")

    def take(self, size_bytes: int) -> bytes:
        """The next bytes."""
        end = self._at + size_bytes
        if end > len(self._data):
            raise self.refused(f"{size_bytes} bytes", f"an end at {len(self._data)}")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def go_on_at(self, at: int) -> None:
        """Go on behind what another reader has read."""
        self._at = at

    def u8(self) -> int:
        """A number of one byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """A number of two bytes."""
        return int(_U16.unpack(self.take(2))[0])

    def u32(self) -> int:
        """A number of four bytes."""
        return int(_U32.unpack(self.take(4))[0])

    def size(self) -> int:
        """A u64 that is the size of a log or an index in it: at most 2^53−1."""
        number = int(_U64.unpack(self.take(8))[0])
        if number > MAX_SIZE:
            raise self.refused("a size of at most 2^53−1", number)
        return number

    def sizes(self, count: int) -> tuple[int, ...]:
        """`count` times a u64, ascending, each once."""
        numbers: tuple[int, ...] = struct.unpack(f">{count}Q", self.take(8 * count))
        if any(a >= b for a, b in pairwise(numbers)) or max(numbers, default=0) > MAX_SIZE:
            raise self.refused("indices that ascend and are at most 2^53−1", "others")
        return numbers

    def count(self, most: int) -> int:
        """A u16 that counts at most so many."""
        return self._at_most(most, self.u16())

    def length(self, most: int) -> int:
        """A u32 that counts 1 to so many bytes."""
        if not (length := self._at_most(most, self.u32())):
            raise self.refused("at least 1 byte", 0)
        return length

    def versions(self) -> None:
        """The versions that the sender speaks. Raises NoCommonVersion unless ours is one of them."""
        versions = self.take(self.u8())
        if any(a >= b for a, b in pairwise(versions)):
            raise self.refused("versions that ascend", versions.hex())
        if VERSION not in versions:
            raise NoCommonVersion(f"Expected version {VERSION} among those spoken, found {list(versions)}.")

    def name(self) -> str:
        """A log's name: its form is not checked, since a name that is not known is refused anyway."""
        name = self.take(self.u8())
        if not (1 <= len(name) <= _MAX_NAME_BYTES and name.isascii()):
            raise self.refused("a log's name", name[:80])
        return name.decode("ascii")

    def text(self, most_bytes: int) -> str:
        """Text in UTF-8, behind its length in two bytes."""
        data = self.take(self.count(most_bytes))
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise self.refused("UTF-8", data[:80]) from None

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(len(self._data) - self._at)

    def note(self) -> bytes:
        """A signed note, or nothing; it is not parsed."""
        return self.take(self._at_most(MAX_NOTE_BYTES, self.u16()))

    def notes(self) -> tuple[bytes, ...]:
        """A u8, and so many notes, none of them empty."""
        notes = tuple(self.note() for _ in range(self.u8()))
        if not all(notes):
            raise self.refused("notes", "an empty one")
        return notes

    def events(self) -> tuple[bytes, ...]:
        """A u16, and so many events of a circle, at most 64; they are not parsed."""
        return tuple(self.take(self.length(MAX_EVENT_BYTES)) for _ in range(self.count(MAX_EVENTS)))

    def event_ids(self) -> tuple[bytes, ...]:
        """A u16, and so many ids of events, at most 1,024, ascending."""
        ids = tuple(self.take(HASH_BYTES) for _ in range(self.count(MAX_EVENT_IDS)))
        if any(a >= b for a, b in pairwise(ids)):
            raise self.refused("ids that ascend", "others")
        return ids

    def hashes(self) -> tuple[bytes, ...]:
        """The hashes of a proof, at most 63."""
        return tuple(self.take(HASH_BYTES) for _ in range(self._at_most(MAX_HASHES, self.u8())))

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._data):
            raise self.refused("an end", f"{len(self._data) - self._at} more bytes")

    def _at_most(self, most: int, found: int) -> int:
        if found > most:
            raise self.refused(f"at most {most}", found)
        return found


VERSIONS = bytes([1, VERSION])


def write_u8(number: int) -> bytes:
    """A number of one byte."""
    return bytes([number])


def write_u16(number: int) -> bytes:
    """A number of two bytes."""
    return _U16.pack(number)


def write_u32(number: int) -> bytes:
    """A number of four bytes."""
    return _U32.pack(number)


def write_sizes(*numbers: int) -> bytes:
    """Numbers of eight bytes each."""
    return struct.pack(f">{len(numbers)}Q", *numbers)


def write_name(name: str) -> bytes:
    """A log's name, behind its length in one byte."""
    return write_u8(len(name)) + name.encode("ascii")


def write_note(note: bytes) -> bytes:
    """A signed note, behind its length in two bytes."""
    return write_u16(len(note)) + note


def write_notes(notes: Sequence[bytes]) -> bytes:
    """Notes, behind their count in one byte."""
    return write_u8(len(notes)) + b"".join(map(write_note, notes))


def write_hashes(hashes: Sequence[bytes]) -> bytes:
    """The hashes of a proof, behind their count in one byte."""
    return write_u8(len(hashes)) + b"".join(hashes)


def write_events(events: Sequence[bytes]) -> bytes:
    """A u16, and so many events."""
    return write_u16(len(events)) + b"".join(write_u32(len(event)) + event for event in events)
