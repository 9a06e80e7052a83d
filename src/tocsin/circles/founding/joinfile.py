"""Join files: what a member that signed the charter gives to all the others (docs/protocol.md, section 8.2).

One JSON object and a newline: the organisation key's signature on the charter, and the opening that names the
member's keys. A join file alone proves nothing; `joining.assemble` takes those of all members, and checks
them.
"""

from typing import Literal

import msgspec

from tocsin.circles.errors import MalformedJoinFile
from tocsin.circles.founding.charter import sign_charter
from tocsin.circles.founding.opening import read_opening
from tocsin.core import strict_json
from tocsin.core.keys import SigningKey
from tocsin.core.note import Signature
from tocsin.core.records.common import CircleId, Slug

MAX_JOIN_FILE_BYTES = 16_384


class JoinFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A member's signature on the charter, a line without its newline; and its opening, a signed note."""

    format: Literal["tocsin-join/v1"] = "tocsin-join/v1"
    circle: CircleId
    member: Slug
    charter_signature: str
    opening: str

    def signature(self) -> Signature:
        """The signature on the charter. Raises MalformedNote."""
        return Signature.parse_line(f"{self.charter_signature}\n")

    def encode(self) -> bytes:
        """The file. Raises MalformedJoinFile if it is too large."""
        data = strict_json.encode_file(self)
        if len(data) > MAX_JOIN_FILE_BYTES:
            raise MalformedJoinFile(f"Expected at most {MAX_JOIN_FILE_BYTES} bytes, found {len(data)}.")
        return data

    @classmethod
    def parse(cls, data: bytes) -> "JoinFile":
        """What `encode` wrote. Raises MalformedJoinFile, and the refusals of `strict_json.decode`."""
        return strict_json.decode_file(data, _DECODER, MalformedJoinFile, MAX_JOIN_FILE_BYTES)


_DECODER = msgspec.json.Decoder(JoinFile)


def make_join_file(charter_text: str, opening: bytes, organisation_key: SigningKey) -> JoinFile:
    """Sign the charter and join. Raises what `sign_charter` raises."""
    signature = sign_charter(charter_text, organisation_key)
    opened = read_opening(opening)
    return JoinFile(
        circle=opened.circle,
        member=opened.member,
        charter_signature=signature.line().removesuffix("\n"),
        opening=opening.decode(),
    )
