"""Getting an attachment from whichever member has it: part by part, and it counts once its hash fits.

(1) What is here of it is gone on with, by the record's author first, then the others, in the charter's order.
(2) Only the whole can be checked. Where it does not fit, nobody knows whose part is wrong: all of it is gone,
and each member is asked for the whole. So who gives something else keeps nobody from what another has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.circles.attaching.contents import Partly
from tocsin.circles.authoring.calling import Caller
from tocsin.circles.errors import NotFetched, UnexpectedAnswer, UnknownPath
from tocsin.circles.founding.circle import Member
from tocsin.circles.wire.answers import Content, Later, Refused
from tocsin.circles.wire.messages import MAX_CONTENT_BYTES, ContentRequest
from tocsin.circles.wire.protocol import Path
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal
from tocsin.core.records import Attachment

_MAX_LATER = 8
_MAX_LATER_MS = 5_000
_MISFIT = "what it gave does not fit the hash"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attachment, and where the record stands that names it."""

    attachment: Attachment
    log: str
    index: int


async def fetch(wanted: Wanted, members: Sequence[tuple[Member, Caller]], here: Partly, clock: Clock) -> None:
    """Get what is missing, from these members in their order. Raises NotFetched, and what `here` does."""
    why: list[str] = []
    # (1) what is here already, and more
    for member, caller in members:
        if found := await _lacking(caller, wanted, here, clock):
            why.append(f"{member.slug}: {found}")
            continue
        if await here.complete():
            return
        why.append(f"{member.slug}: {_MISFIT}")
        break
    else:
        raise _not_fetched(wanted, why)
    # (2) the whole, from one
    for member, caller in members:
        found = await _lacking(caller, wanted, here, clock)
        if not found and await here.complete():
            return
        here.drop()
        why.append(f"{member.slug}: {found or _MISFIT}")
    raise _not_fetched(wanted, why)


async def _lacking(caller: Caller, wanted: Wanted, here: Partly, clock: Clock) -> str | None:
    """Why there is still something missing after this member was asked for it."""
    try:
        await _fetch_from(caller, wanted, here, clock)
    except UnknownPath:
        return "does not have it (an older version)"
    except Refusal as refusal:
        return str(refusal)
    return None


async def _fetch_from(caller: Caller, wanted: Wanted, here: Partly, clock: Clock) -> None:
    """All that is missing, from one member. Raises its refusal, Unreachable or UnexpectedAnswer."""
    attachment, later = wanted.attachment, 0
    sha256 = bytes.fromhex(attachment.sha256)
    while (missing := attachment.size_bytes - here.size_bytes) > 0:
        most_bytes = min(MAX_CONTENT_BYTES, missing)
        asked = ContentRequest(wanted.log, wanted.index, sha256, here.size_bytes, most_bytes)
        answer = await caller.call(Path.CONTENT, asked.encode())
        match answer:
            # Whoever has it gives all of what is asked for: else one byte at a time would keep us for ever.
            case Content(attachment.size_bytes, data) if len(data) == most_bytes:
                here.add(data)
            case Later(after_ms) if later < _MAX_LATER:
                later += 1
                await clock.sleep(min(after_ms, _MAX_LATER_MS) / 1000)
            case Refused():
                raise answer.error()
            case _:
                raise UnexpectedAnswer(f"Expected a part of an attachment, found {type(answer).__name__}.")


def _not_fetched(wanted: Wanted, why: Sequence[str]) -> NotFetched:
    return NotFetched(
        f"Expected {wanted.attachment.sha256} from a member, found: {'; '.join(why) or 'nobody to ask'}."
    )
