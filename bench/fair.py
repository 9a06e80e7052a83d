"""Fair turns: what one member's flood does to another's single records, at a node that follows both."""

from pathlib import Path

from bench.circle import running
from bench.figures import Figure, Report, percentile

_SAMPLES = 1_000
_EVERY_S = 0.02
_FLOOD = 100_000


def fair(report: Report, folder: Path, scale: float) -> None:
    """Single records, confirmed by the follower alone: in quiet, and while a third member floods it."""
    count = int(_SAMPLES * scale)
    with running(folder, 3) as (author, flooding, follower):
        slug = str(follower.do("held")["slug"])
        quiet_ms = author.do("paced", count=count, every_s=_EVERY_S, by=slug)
        flooding.order("bulk", count=int(_FLOOD * scale), by=slug)
        flooded_ms = author.do("paced", count=count, every_s=_EVERY_S, by=slug)
        flooding.answer()
    for name, words, times_ms in (
        ("quiet", "one record to one of two followers, in quiet", quiet_ms),
        ("flooded", "the same, while another member sends it 100,000 records", flooded_ms),
    ):
        for share, short in ((0.5, "p50"), (0.99, "p99"), (1.0, "most")):
            value = percentile(times_ms, share)
            report.add(
                Figure(f"fair.{name}.{short}", f"{words}, {short}", value, "ms", samples=len(times_ms))
            )
