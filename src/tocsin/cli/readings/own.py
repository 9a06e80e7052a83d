"""What one's own organisation has seen of a case, and has not read it by: that, and how it is typed."""

import shlex
from collections.abc import Sequence

from tocsin.cli.terminal import shown
from tocsin.core.records import Source

_MOST = 4
_SOURCE = '--source "…"'


def to_read(case: str, sources: Sequence[Source]) -> str:
    """The command by which a case is read, with the first ones of these sources; what it was stays open."""
    typed = [f"--source {shlex.quote(one)}" for one in map(as_typed, sources) if one is not None]
    cited = " ".join(typed[:_MOST]) or _SOURCE
    return f"tocsin case reading {case} KIND=PERCENT undetermined=REST --confidence CONFIDENCE {cited}"


def as_typed(source: Source) -> str | None:
    """A source as `--source` takes it; None if it cannot be typed."""
    locator = source.locator or ""
    words = locator.split()
    # Whoever copies it has to get what is cited, and some characters are shown as others.
    if source.obtained is None or " ".join(words) != locator or shown(locator) != locator:
        return None
    sha256 = [f"sha256:{source.sha256}"] if source.sha256 else []
    return " ".join((source.kind, *words, source.obtained, *sha256))
