"""Which newest checkpoints each member was shown, or showed itself (docs/protocol.md, section 9.6).

Two members that hold the same need not both say so: what one has shown, the other does not show again.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, islice

from tocsin.circles.founding.circle import Member

MAX_NEWEST = 32
"""Logs of which one push shows the newest checkpoints."""

Newest = Mapping[str, tuple[bytes, ...]]
"""By log name, checkpoints as notes."""


class Shown:
    """What each member knows of what `newest` gives. In memory alone: after a start, all is shown again."""

    def __init__(self, newest: Callable[[], Newest]) -> None:
        self._newest = newest
        self._told: dict[str, dict[str, tuple[bytes, ...]]] = {}

    def untold(self, to: Member) -> Newest:
        """What a member does not know yet; nothing of its own log."""
        told = self._told.get(to.slug, {})
        untold = (
            (name, notes)
            for name, notes in self._newest().items()
            if name != str(to.log) and told.get(name) != notes
        )
        return dict(islice(untold, MAX_NEWEST))

    def tell(self, to: Member, shown: Newest) -> None:
        """A member was shown these."""
        self._told.setdefault(to.slug, {}).update(shown)

    def heard(self, by: Member, notes: Sequence[bytes]) -> None:
        """A member showed these. What is the same here, it knows."""
        newest = self._newest() if notes else {}
        groups = ((name, tuple(group)) for name, group in groupby(notes, key=_log_of))
        self.tell(by, {name: group for name, group in groups if newest.get(name) == group})


def _log_of(note: bytes) -> str:
    return note.partition(b"\n")[0].decode("latin-1")
