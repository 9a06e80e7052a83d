"""Taking what a carry file brings, with the checks of the calls that would have brought it (section 17).

- No item stops those after it: what is refused is counted, with its reason. Events that follow each other are
  taken together, since one may wait for another, and each may change the circle.
- What came is confirmed: the receipts go to the others with the next newest checkpoints, and the next file.
- A file may bring what is known: that is no error, and nothing new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from tocsin.circles.carry.file import Item, Kind
from tocsin.circles.changing.events import event_id
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

    def refuse(self, refusal: Refusal, items: int = 1) -> None:
        """Count items that were refused."""
        count, explanation = self.refused.get(refusal.code, (0, str(refusal)))
        self.refused[refusal.code] = count + items, explanation


async def take(line: Line, items: Iterable[Item]) -> Taken:
    """Take items one after the other, until one has to come later (section 9.7).

    Raises StorageFull; what was taken before that stays.
    """
    taken = Taken()
    held = {slug: confirmation.size for slug, confirmation in line.own.held.items()}
    receipts = {receipt.key: receipt.size for receipt in line.receipts}
    for are_events, group in groupby(items, lambda item: item.kind is Kind.EVENT):
        if are_events:
            await _take_events(line, [item.data for item in group], taken)
        else:
            await _take_others(line, group, taken)
        if taken.later_ms:
            break
    now = line.own.held.items()
    taken.confirmed = {slug: one.size for slug, one in now if one.size > held.get(slug, 0)}
    me = line.own.member.slug
    taken.receipts = sum(
        receipt.holder != me and receipt.size > receipts.get(receipt.key, 0) for receipt in line.receipts
    )
    return taken


async def _take_others(line: Line, items: Iterable[Item], taken: Taken) -> None:
    for item in items:
        try:
            await _take(line, item, taken)
        except Refusal as refusal:
            taken.refuse(refusal)
        if taken.later_ms:
            break
        taken.items += 1


async def _take(line: Line, item: Item, taken: Taken) -> None:
    match item.kind:
        case Kind.PUSH:
            await _take_push(line, Push.decode(item.data), taken)
        case Kind.CHECKPOINT:
            if item.data.startswith(f"{line.own.name}\n".encode()):
                line.own.compare(item.data)
            await line.learn([item.data], BY_FILE)


async def _take_events(line: Line, events: Sequence[bytes], taken: Taken) -> None:
    before = len(line.events)
    try:
        await line.take(events)
    except Refusal as refusal:
        kept = set(map(event_id, line.events))
        taken.refuse(refusal, sum(event_id(event) not in kept for event in events))
    taken.events += len(line.events) - before
    taken.items += len(events)


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
