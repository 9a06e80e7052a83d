"""Drafts: what a node hands over to be signed on the machine that has the organisation key.

One JSON object and a newline, `tocsin-draft/v1`: the charters of the circle, from the first to the newest,
and the record that is to be signed. What is signed follows from the record:

    opening of epoch 1     the newest charter and the opening: a join file
    opening of another     the opening: an event (docs/protocol.md, section 16)
    leaving                the leaving: an event

Nothing is believed that the draft does not show: the first charter has the hash that is the circle's id in
the record, and each amendment names the hash of the one before. It holds no secret.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import msgspec

from tocsin.circles.errors import NonMember
from tocsin.circles.founding.charter import Charter, circle_id, parse_version
from tocsin.core import strict_json
from tocsin.core.errors import Refusal, quoted
from tocsin.core.names import LogName
from tocsin.core.records import Leaving, Opening
from tocsin.core.records.errors import MalformedRecord
from tocsin.node.api.changetypes import Unsigned

MAX_DRAFT_BYTES = 4 * 2**20


class MalformedDraft(Refusal):
    """This is no draft of anything that an organisation key signs."""

    code = "malformed-draft"


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    format: Literal["tocsin-draft/v1"] = "tocsin-draft/v1"
    charters: tuple[str, ...]
    record: str


_FILE = msgspec.json.Decoder(_File)
_RECORD: msgspec.json.Decoder[Opening | Leaving] = msgspec.json.Decoder(Opening | Leaving)


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to be signed by the organisation of a member, and the charters of its circle.

    Raises MalformedDraft if they are not of one circle, NonMember if the newest does not list the member.
    """

    charters: tuple[str, ...]
    record: Opening | Leaving

    def __post_init__(self) -> None:
        if not self.charters or circle_id(self.charters[0]) != self.record.circle:
            raise MalformedDraft(
                f"Expected the charter that founds circle {self.record.circle}, found another."
            )
        for before, after in pairwise(self.charters):
            if parse_version(after).previous != hashlib.sha256(before.encode()).hexdigest():
                raise MalformedDraft("Expected each charter to name the one before, found another named.")
        log = (
            self.record.log_name if isinstance(self.record, Opening) else LogName.parse(self.record.final.log)
        )
        if log.domain != self.charter.domain:
            raise MalformedDraft(f"Expected a log of {self.charter.domain}, found {log}.")
        if self.record.member not in {one.slug for one in self.charter.members}:
            raise NonMember(f"Expected a member of this circle, found {quoted(self.record.member)}.")

    @classmethod
    def of(cls, unsigned: Unsigned) -> "Draft":
        """What a node wants signed. Raises as the class does, and MalformedRecord."""
        return cls(unsigned.charters, _record(unsigned.record))

    @property
    def charter(self) -> Charter:
        """The newest charter."""
        return parse_version(self.charters[-1])

    @property
    def joins(self) -> bool:
        """Whether the charter is signed with it."""
        return isinstance(self.record, Opening) and self.record.epoch == 1

    def encode(self) -> bytes:
        """The file."""
        record = strict_json.encode(self.record).decode()
        return strict_json.encode_file(_File(charters=self.charters, record=record))

    @classmethod
    def parse(cls, data: bytes) -> "Draft":
        """What `encode` wrote. Raises MalformedDraft, and what says that a part of it is malformed."""
        file = strict_json.decode_file(data, _FILE, MalformedDraft, MAX_DRAFT_BYTES)
        return cls(file.charters, _record(file.record))


def _record(text: str) -> Opening | Leaving:
    return strict_json.decode(text.encode(), _RECORD, MalformedRecord)
