"""A circle in one file: for a member that joins later, and for a burnt machine (docs/protocol.md, 8.6).

One JSON object and a newline, `tocsin-circle/v1`: the circle as it was founded, every event since, and the
newest checkpoints that are known. No record is in it and no secret. Nothing of it is believed: founding and
events are checked as when they come from anywhere else, and a checkpoint by the key of its log.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from tocsin.circles.changing.fold import changed
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import decode_circle, encode_circle
from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint

MAX_BUNDLE_BYTES = 64 * 2**20


class MalformedBundle(Refusal):
    """This is no circle in a file."""

    code = "malformed-bundle"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Literal["tocsin-circle/v1"] = "tocsin-circle/v1"
    circle: str
    events: tuple[str, ...]
    checkpoints: tuple[str, ...]


_DECODER = msgspec.json.Decoder(_File)


class Bundle(msgspec.Struct, frozen=True):
    """A founded circle, the events since, and notes of checkpoints: one for each log that has any."""

    founded: Circle
    events: tuple[bytes, ...]
    checkpoints: tuple[bytes, ...]

    @property
    def circle(self) -> Circle:
        """The circle as the events leave it."""
        return changed(self.founded, self.events)

    def newest(self, log: str) -> SignedCheckpoint | None:
        """The largest checkpoint of that log whose signature holds."""
        keys, found = self.circle.log_keys, list[SignedCheckpoint]()
        for note in self.checkpoints:
            try:
                signed = open_checkpoint(note, keys.get)
            except Refusal:
                continue
            if signed.checkpoint.origin == log:
                found.append(signed)
        return max(found, key=lambda signed: signed.checkpoint.size, default=None)

    def encode(self) -> bytes:
        """The file."""
        return strict_json.encode_file(
            _File(
                circle=encode_circle(self.founded).decode(),
                events=tuple(event.decode() for event in self.events),
                checkpoints=tuple(note.decode() for note in self.checkpoints),
            )
        )

    @classmethod
    def parse(cls, data: bytes) -> "Bundle":
        """What `encode` wrote. Raises MalformedBundle, and what `decode_circle` raises."""
        file = strict_json.decode_file(data, _DECODER, MalformedBundle, MAX_BUNDLE_BYTES)
        return cls(decode_circle(file.circle.encode()), _encoded(file.events), _encoded(file.checkpoints))


def _encoded(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)
