"""Who has what of a circle's cases, for several threads: the case that was looked at last is remembered."""

from collections.abc import Mapping
from threading import Lock

from tocsin.cases.delivery import Delivery, Hours, Tracking
from tocsin.cases.picture import CaseView
from tocsin.core.views import Holdings, Knowledge, Terms


class SharedTracking:
    """A `Tracking` that one thread asks at a time, also if whoever asked waits no more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tracking = Tracking()

    def delivery(
        self,
        view: CaseView,
        holdings: Holdings,
        knowledge: Knowledge,
        terms: Terms,
        *,
        hours: Mapping[str, Hours],
        now_ms: int,
    ) -> Delivery:
        """See `cases.delivery`."""
        with self._lock:
            return self._tracking.delivery(view, holdings, knowledge, terms, hours=hours, now_ms=now_ms)
