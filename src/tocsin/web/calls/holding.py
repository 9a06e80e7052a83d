"""A call step by step: what is to be read now, and what is not shown yet.

(1) Who was called reads the set of this minute; the caller looks for it among three. (2) The caller answers
from the same minute; who was called looks whether that fits.

- What belongs to the second step is shown when the first is done. So nobody reads it out too early, to
  somebody who has shown nothing yet.
- The minute of the first step counts to the end of the one that follows: for as long as the other side's
  clock and ours may differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlencode

import msgspec

from tocsin.core.phone import MINUTE_MS
from tocsin.node.phoning.types import Minute, PhoneCall
from tocsin.web.calls.digits import Digits, digits

Side: TypeAlias = Literal["called", "calling"]
"""*called*: they have called us, and we read first. *calling*: we have called them."""

_COUNTS: dict[Side, range] = {"called": range(-1, 1), "calling": range(-1, 2)}
"""Which minutes may have been read or heard in the first step, counted from this one."""


class CallQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has called, which minute was read or heard, and in which language one speaks."""

    side: Side | None = None
    minute: Annotated[int, msgspec.Meta(ge=0, lt=2**40)] | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A set that may be read first; `minute` is the number of its minute, which begins at `at_ms`."""

    minute: int
    at_ms: int
    first: Digits


@dataclass(frozen=True, slots=True)
class Held:
    """A call as it stands at `now_ms`. `tags`: the language of the call, and one's own if that is another.

    `choices`: what is read first: by us one, by them one of three, and one from when it was chosen. `second`:
    what is read then. `late`: what was chosen does not count any more. `until_ms`: until when all this does.
    """

    call: PhoneCall
    now_ms: int
    side: Side | None
    tags: tuple[str, ...]
    choices: tuple[Choice, ...]
    second: Digits | None
    late: bool
    until_ms: int

    @property
    def step(self) -> int:
        """The first step or the second; 0 before it is known who calls."""
        return 0 if self.side is None else 2 if self.second else 1

    @property
    def left_ms(self) -> int:
        """For how long the digits count."""
        return self.until_ms - self.now_ms

    @property
    def here(self) -> str:
        """The address of what is shown."""
        return self.at(self.side, self.choices[0].minute if self.second else None)

    def at(self, side: Side | None, minute: int | None = None, lang: str | None = None) -> str:
        """The address of this call with that side and step, and perhaps in another language."""
        given = {"side": side, "minute": minute, "lang": lang or self.tags[0]}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return f"/phone/{self.call.between.circle}/{self.call.between.member}?{query}"


def hold(call_at: Callable[[int], PhoneCall], now_ms: int, wish: CallQuery, tags: tuple[str, ...]) -> Held:
    """The call now. `call_at` gives the sets as of a moment."""
    this, side = now_ms // MINUTE_MS, wish.side
    if side is None:
        return Held(call_at(now_ms), now_ms, None, tags, (), None, late=False, until_ms=now_ms)
    if wish.minute is not None and wish.minute - this in _COUNTS[side]:
        call = call_at(wish.minute * MINUTE_MS)
        minute = call.called if side == "called" else call.calling[1]
        sets = minute.sets
        second = digits(sets.theirs if side == "called" else sets.ours, tags)
        until_ms = (wish.minute + 2) * MINUTE_MS
        first = (_choice(minute, side, tags),)
        return Held(call, now_ms, side, tags, first, second, late=False, until_ms=until_ms)
    call = call_at(now_ms)
    minutes = (call.called,) if side == "called" else call.calling
    choices = tuple(_choice(minute, side, tags) for minute in minutes)
    late, until_ms = wish.minute is not None, (this + 1) * MINUTE_MS
    return Held(call, now_ms, side, tags, choices, None, late=late, until_ms=until_ms)


def _choice(minute: Minute, side: Side, tags: tuple[str, ...]) -> Choice:
    first = minute.sets.ours if side == "called" else minute.sets.theirs
    return Choice(minute.at_ms // MINUTE_MS, minute.at_ms, digits(first, tags))
