"""Taking what a carry file brings, with the checks of the calls that would have brought it (section 17).

- No item stops those after it: what is refused is counted, with its reason.
- What came is confirmed: the receipts go to the others with the next newest checkpoints, and the next file.
- A file may bring what is known: that is no error, and nothing new.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tocsin.circles.carry.file import Item, Kind
from tocsin.circles.line import Line
from tocsin.circles.wire.answers import Later, SizeHeld
from tocsin.circles.wire.messages import Push
from tocsin.core.errors import Refusal

BY_FILE = "a file"
"""Who brought it: no member has a name with a space."""


@dataclass(slots=True)
class Taken:
    """What was new. `items`: how many were taken, of which the next may come after `later_ms`.

    `sizes`: by log, its size before and now; `gaps`: by member, how much is here of its log, where the file
    goes on further behind.
    `confirmed`: by member, how much of our log it newly says it holds; `receipts` of others' logs.
    `refused`: by code, how many items, and the first one's explanation.
    """

    items: int = 0
    later_ms: int = 0
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    gaps: dict[str, int] = field(default_factory=dict)
    confirmed: dict[str, int] = field(default_factory=dict)
    receipts: int = 0
    events: int = 0
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)

    def refuse(self, refusal: Refusal) -> None:
        """Count one item that was refused."""
        count, explanation = self.refused.get(refusal.code, (0, str(refusal)))
        self.refused[refusal.code] = count + 1, explanation


async def take(line: Line, items: Iterable[Item]) -> Taken:
    """Take items one after the other, until one has to come later (section 9.7).

    Raises StorageFull; what was taken before that stays.
    """
    taken = Taken()
    held = {slug: confirmation.size for slug, confirmation in line.own.held.items()}
    receipts = {receipt.key: receipt.size for receipt in line.receipts}
    for item in items:
        try:
            await _take(line, item, taken)
        except Refusal as refusal:
            taken.refuse(refusal)
        if taken.later_ms:
            break
        taken.items += 1
    now = line.own.held.items()
    taken.confirmed = {slug: one.size for slug, one in now if one.size > held.get(slug, 0)}
    me = line.own.member.slug
    taken.receipts = sum(
        receipt.holder != me and receipt.size > receipts.get(receipt.key, 0) for receipt in line.receipts
    )
    return taken


async def _take(line: Line, item: Item, taken: Taken) -> None:
    match item.kind:
        case Kind.PUSH:
            await _take_push(line, Push.decode(item.data), taken)
        case Kind.CHECKPOINT:
            if item.data.startswith(f"{line.own.name}\n".encode()):
                line.own.compare(item.data)
            await line.learn([item.data], BY_FILE)
        case Kind.EVENT:
            known = len(line.events)
            await line.take([item.data])
            taken.events += len(line.events) - known


async def _take_push(line: Line, push: Push, taken: Taken) -> None:
    member = line.circle.member_of_log(push.log)
    followed = line.following.log(push.log)
    if followed is None:
        # Our own log, which somebody brings back to us.
        return
    before = followed.size
    answer = await line.accept(push, replace(member, slug=BY_FILE))
    if isinstance(answer, Later):
        taken.later_ms = answer.after_ms
        return
    first, _ = taken.sizes.get(push.log, (before, 0))
    taken.sizes[push.log] = first, followed.size
    if isinstance(answer, SizeHeld) and push.chunk.first > answer.size:
        taken.gaps[member.slug] = answer.size
    await line.receipts.make_out(followed)
