"""After a start, no record leaves before the erasures about it were heard and carried out.

An older copy of the database has again what was erased since, and a node that was away has it still. So it
first asks the others what they know (two seconds at most), and serves no records of a member's logs until it
holds these up to what was known then. Of a log that nobody can complete, it waits a minute and no longer.
"""

from tocsin.circles.erasing.purging import Purging
from tocsin.circles.following.accepting import Following
from tocsin.core.clock import Clock
from tocsin.core.names import LogName

LONGEST_S = 60.0


class Replay:
    """Whether records may be served already. Made at the start."""

    def __init__(self, following: Following, purging: Purging, clock: Clock) -> None:
        self._following = following
        self._purging = purging
        self._clock = clock
        self._until_s = clock.monotonic_s() + LONGEST_S
        self._due: dict[str, int] | None = None

    def asked(self) -> None:
        """The others have said what they know, or have not answered in time."""
        newest = {followed.name: followed.newest() for followed in self._following}
        self._due = {log: signed.checkpoint.size for log, signed in newest.items() if signed}

    def may_serve(self, log: str) -> bool:
        """Whether records of this log may leave: those of its member that say what is erased are here."""
        if self._due is None or not self._purging.settled:
            return False
        if self._due:
            self._due = {name: size for name, size in self._due.items() if self._lacks(name, size)}
        return LogName.parse(log).member not in {LogName.parse(name).member for name in self._due}

    def _lacks(self, log: str, size: int) -> bool:
        followed = self._following.log(log)
        if followed is None or followed.stopped or self._clock.monotonic_s() > self._until_s:
            return False
        return followed.size < size
