"""From what happens on lines to what the operator is told; once in a while, where strangers can repeat it."""

from structlog.typing import FilteringBoundLogger

from tocsin.circles import events
from tocsin.core.clock import Clock

_AGAIN_AFTER_S = 60.0


class Reporter:
    """Tells one node's logger."""

    def __init__(self, log: FilteringBoundLogger, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._told_s: dict[tuple[str, str, str], float] = {}

    def heard(self, circle: str, event: events.Event) -> None:
        """Something happened on the line of that circle. What happens for every record is not told."""
        log = self._log
        match event:
            case events.RefusedHere() | events.ToldLater():
                self._heard_often(circle, event)
            case events.RefusedThere(member, code, explanation):
                log.warning("refused-there", circle=circle, member=member, code=code, why=explanation)
            case events.BodiesMismatched(member, of, indices):
                log.warning("body-mismatch", circle=circle, member=member, of=of, count=len(indices))
            case events.Unentitled(member, of, indices):
                log.warning("not-entitled", circle=circle, member=member, of=of, count=len(indices))
            case events.WritesStopped(explanation):
                log.error("writes-stopped", circle=circle, why=explanation)
            case events.Lost(member, explanation):
                log.warning("member-lost", circle=circle, member=member, why=explanation)
            case events.Reached(member):
                log.info("member-reached", circle=circle, member=member)
            case events.ConfirmedAhead(member, index):
                log.info("confirmed-ahead", circle=circle, member=member, index=index)
            case _:
                self._heard_of_log(circle, event)

    def _heard_of_log(self, circle: str, event: events.Event) -> None:
        """What became of a log that is held here."""
        log = self._log
        match event:
            case events.TwoVersions(of):
                log.error("two-versions", circle=circle, of=of)
            case events.SetAside(of, aside, kept):
                log.error("set-aside", circle=circle, of=of, aside=aside, kept=kept)
            case events.Displaced(of, indices):
                log.error("displaced", circle=circle, of=of, indices=indices)
            case events.Purged(of, indices, held):
                log.info("erased", circle=circle, of=of, count=len(indices), held=len(held))

    def _heard_often(self, circle: str, event: events.RefusedHere | events.ToldLater) -> None:
        """What others can make happen again and again."""
        match event:
            case events.RefusedHere(member, code, explanation):
                if self._is_new(circle, member, code):
                    self._log.warning(
                        "refused-here", circle=circle, member=member, code=code, why=explanation
                    )
            case events.ToldLater(member, of, why):
                if why != "busy" and self._is_new(circle, member, why):
                    self._log.warning("told-later", circle=circle, member=member, of=of, why=why)

    def _is_new(self, circle: str, member: str, code: str) -> bool:
        now_s = self._clock.monotonic_s()
        told_s = self._told_s.get((circle, member, code))
        if told_s is not None and now_s - told_s < _AGAIN_AFTER_S:
            return False
        self._told_s[circle, member, code] = now_s
        return True
