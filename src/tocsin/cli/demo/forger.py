"""Those who do not keep to the rules: keys that are driven by hand, without a node, a database or a scruple.

What they send is as well formed as it can be: only what a rule of the protocol catches is wrong with it.
"""

from collections.abc import Sequence

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import Answer
from tocsin.circles.wire.messages import Push
from tocsin.circles.wire.protocol import Path, Wire
from tocsin.core.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.chunk import Chunk
from tocsin.core.clock import Chance
from tocsin.core.entry import SALT_BYTES, entry_of
from tocsin.core.tree import Frontier, leaf_hash


def whole_log(keys: MemberKeys, records: Sequence[bytes], chance: Chance) -> Push:
    """A log of these records and nothing else, signed as it must be."""
    log = str(keys.log_name)
    salts = [chance.token(SALT_BYTES) for _ in records]
    entries = [entry_of(log, salt, record) for salt, record in zip(salts, records, strict=True)]
    root = Frontier.EMPTY.append([leaf_hash(entry) for entry in entries]).root()
    signed = sign_checkpoint(Checkpoint(log, len(entries), root), keys.log)
    chunk = Chunk.make(0, zip(entries, salts, records, strict=True))
    return Push(log, chunk, signed.note.encode(), (), ())


async def send(push: Push, to: Member, keys: MemberKeys, wire: Wire) -> Answer:
    """What the member's node answers to this push, requested with these keys. Raises Unreachable."""
    return await Caller(keys, to, lambda: [to.endpoint], wire).call(Path.PUSH, push.encode())
