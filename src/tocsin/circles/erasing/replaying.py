"""No record leaves before the erasures about it were heard and carried out, by whatever way it would leave.

An older copy of the database has again what was erased since, and a node that was away has it still. So it
first asks the others what they know (two seconds at most), and lets no records of a log out, its own or
another's, until it holds that log, and those of its member's later epochs, up to what was known then. Of a
log that nobody can complete, it waits a minute and no longer. Nor does anything leave of a log while an
erasure in it that is known here is not carried out.
"""

from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.erasing.purging import Purging
from tocsin.circles.exchanging.start import Start
from tocsin.circles.following.accepting import Following
from tocsin.core.clock import Clock
from tocsin.core.names import LogName


class Replay:
    """Whether records may leave already, some time after the start."""

    def __init__(
        self, own: OwnLog, following: Following, purging: Purging, clock: Clock, start: Start
    ) -> None:
        self._own = own
        self._following = following
        self._purging = purging
        self._clock = clock
        self._start = start

    def asked(self) -> None:
        """The others have said what they know, or have not answered in time."""
        if self._start.due is None:
            newest = {followed.member.log: followed.newest() for followed in self._following}
            self._start.due = {log: signed.checkpoint.size for log, signed in newest.items() if signed}

    def may_leave(self, log: str) -> bool:
        """Whether records of this log may leave: what its member says is erased is here, and done."""
        due = self._start.due
        if due is None or not self._purging.settled(log):
            return False
        if log == self._own.name and self._own.lost and self._following.log(log) is None:
            # It was just found that records of it are missing here: it is about to be got back from others.
            return False
        if not due:
            return True
        self._start.due = due = {name: size for name, size in due.items() if self._lacks(str(name), size)}
        name = LogName.parse(log)
        return not any(other.member == name.member and other.epoch >= name.epoch for other in due)

    def _lacks(self, log: str, size: int) -> bool:
        followed = self._following.log(log)
        if followed is None or followed.stopped or followed.complete:
            return False
        if self._clock.monotonic_s() > self._start.due_until_s:
            return False
        return followed.size < size
