r"""Carry files: what calls would bring, one after the other (docs/protocol.md, section 17).

    "tocsin-carry/v1\n", then items until the end: u8 kind ‖ u32 length ‖ bytes

- A file is read as a stream: never more than one item is in memory, and none is larger than a call may be.
- Kinds that are not known here are passed over, whatever their length, and are never in memory.
- What an item says is not looked at here: who takes it checks it as if a call had brought it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from tocsin.circles.errors import MalformedCarryFile
from tocsin.circles.wire.fields import MAX_NOTE_BYTES
from tocsin.circles.wire.messages import MAX_PUSH_BYTES

HEAD = b"tocsin-carry/v1\n"
MAX_CARRY_BYTES = 2**30
MAX_EVENT_BYTES = 2**20

_ITEM_HEAD_BYTES = 5
_PASSED_BYTES = 2**16


class Kind(IntEnum):
    """What an item is: a push (section 9.1), an event (16), a checkpoint with any cosignatures (9.6)."""

    PUSH = 1
    EVENT = 2
    CHECKPOINT = 3


_MOST_BYTES = {
    Kind.PUSH: MAX_PUSH_BYTES,
    Kind.EVENT: MAX_EVENT_BYTES,
    Kind.CHECKPOINT: MAX_NOTE_BYTES,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is carried."""

    kind: Kind
    data: bytes

    @property
    def size_bytes(self) -> int:
        """What it takes in a file."""
        return _ITEM_HEAD_BYTES + len(self.data)

    def encode(self) -> bytes:
        """Its bytes in a file."""
        return bytes([self.kind]) + len(self.data).to_bytes(4, "big") + self.data


def read_items(file: BinaryIO) -> Iterator[Item]:
    """The items of a file, of kinds that are known. Raises MalformedCarryFile, when it gets there.

    (1) the first line; (2) whole items, of at most the size that a call of their kind may have; (3) 1 GiB at
    most.
    """
    # (1) first line
    if (head := file.read(len(HEAD))) != HEAD:
        raise MalformedCarryFile(f"Expected {HEAD!r} at the start, found {head!r}.")
    read_bytes = len(head)
    while item_head := file.read(_ITEM_HEAD_BYTES):
        # (2) whole items
        number, size_bytes = item_head[0], int.from_bytes(item_head[1:], "big")
        kind = Kind(number) if number in _MOST_BYTES else None
        if kind and size_bytes > _MOST_BYTES[kind]:
            raise MalformedCarryFile(
                f"Expected at most {_MOST_BYTES[kind]} bytes in an item of kind {number}, found {size_bytes}."
            )
        # (3) all of it
        read_bytes += _ITEM_HEAD_BYTES + size_bytes
        if read_bytes > MAX_CARRY_BYTES:
            raise MalformedCarryFile(f"Expected at most {MAX_CARRY_BYTES} bytes, found more.")
        data = file.read(size_bytes) if kind else b""
        found_bytes = len(item_head) + (len(data) if kind else _pass_over(file, size_bytes))
        if found_bytes < _ITEM_HEAD_BYTES + size_bytes:
            raise MalformedCarryFile(f"Expected {read_bytes} bytes, found an end before.")
        if kind:
            yield Item(kind, data)


def _pass_over(file: BinaryIO, size_bytes: int) -> int:
    """How many bytes were there to be passed over."""
    passed_bytes = 0
    while part := file.read(min(_PASSED_BYTES, size_bytes - passed_bytes)):
        passed_bytes += len(part)
    return passed_bytes
