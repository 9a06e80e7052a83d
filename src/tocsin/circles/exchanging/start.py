"""What a line remembers from its start on, whatever exchanges come after each other.

A member may change the circle as often as it has epochs to open. What is done once after a start is not begun
again by that: asking the others, waiting for what they said they have, telling them the events. Nor is the
exchange made anew more often than calls can end in between.
"""

from tocsin.core.clock import Clock
from tocsin.core.names import LogName

ASK_S = 2.0
AWAIT_S = 60.0
RENEWALS_AT_ONCE = 16
RENEWAL_S = 10.0


class Start:
    """The start of one line, and how often its exchange was made anew since.

    `due` are the sizes of other logs that are awaited before records leave, None as long as nobody was asked;
    it is waited for until `due_until_s`. `told` are by slug the ids of the events that a member was sent.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._about = ("", False)
        self._ask_until_s: float | None = None
        self._renewed_s = clock.monotonic_s() - RENEWALS_AT_ONCE * RENEWAL_S
        self.due: dict[LogName, int] | None = None
        self.due_until_s = clock.monotonic_s() + AWAIT_S
        self.told: dict[str, set[bytes]] = {}

    def go_on(self, log: str, *, lost: bool) -> None:
        """An exchange comes in which this log is ours; `lost`: records of it may be missing here.

        Each epoch of ours is asked about: it may be new to this database alone. Where records are newly known
        to be missing, all is as after a start.
        """
        if (log, lost) != self._about:
            self._about = log, lost
            self._ask_until_s = None
            if lost:
                self.due = None
                self.due_until_s = self._clock.monotonic_s() + AWAIT_S

    def ask_s(self) -> float:
        """How many seconds are left to ask the others, from the first call on; 0 when that is done."""
        now_s = self._clock.monotonic_s()
        if self._ask_until_s is None:
            self._ask_until_s = now_s + ASK_S
        return max(0.0, self._ask_until_s - now_s)

    def asked(self) -> None:
        """The others have said what they know, or have not answered in time."""
        self._ask_until_s = self._clock.monotonic_s()

    async def may_renew(self) -> None:
        """Wait until the exchange may be made anew: at once, unless that was so many times of late."""
        now_s = self._clock.monotonic_s()
        self._renewed_s = max(self._renewed_s, now_s - RENEWALS_AT_ONCE * RENEWAL_S) + RENEWAL_S
        if self._renewed_s > now_s:
            await self._clock.sleep(self._renewed_s - now_s)
