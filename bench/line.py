"""The line: what one record takes, and how many go through."""

from pathlib import Path

from bench.circle import Process, running
from bench.figures import Figure, Report, middle, percentile

SAMPLES = 20_000
_RUNS = 3
_BULK = 200_000
_BULK_FIVE = 30_000


def pair(report: Report, folder: Path, scale: float) -> None:
    """One author and one follower, two processes."""
    count = int(SAMPLES * scale)
    with running(folder, 2) as (author, follower):
        author.do("one-by-one", count=200)
        times_ms = author.do("one-by-one", count=count)
        _latency(report, "line.one-by-one", "one record, back to back", times_ms, (2, 5))
        times_ms = author.do("paced", count=count, every_s=0.02)
        _latency(report, "line.paced-50", "one record, at 50 records/s", times_ms, (3.5, 8))
        rates = []
        for _ in range(_RUNS):
            before, records = follower.do("held")["read"], int(_BULK * scale)
            rates.append(records / author.do("bulk", count=records))
            _check_read(follower, before + records)
        _rate(report, "line.bulk-two.rate", "bulk, author to one follower", rates, 50_000)


def five(report: Report, folder: Path, scale: float) -> None:
    """Five authors, each followed by the four others, five processes."""
    with running(folder, 5) as members:
        for seed, member in enumerate(members):
            member.order("paced", count=int(SAMPLES * scale) // 5, every_s=0.05, seed=seed)
        times_ms = [time_ms for member in members for time_ms in member.answer()]
        what = "five authors at 20 records/s each, at moments of chance, held by all"
        _latency(report, "line.five-paced-20", what, times_ms, (6, 15))
        rates, records = [], int(_BULK_FIVE * scale)
        for _ in range(_RUNS):
            before = [member.do("held")["read"] for member in members]
            for member in members:
                member.order("bulk", count=records)
            rates.append(5 * records / max(member.answer() for member in members))
            for member, read in zip(members, before, strict=True):
                _check_read(member, read + 4 * records)
        _rate(report, "line.bulk-five.rate", "five authors at once, in total", rates, 20_000)


def _latency(
    report: Report, name: str, what: str, times_ms: list[float], reach_ms: tuple[float, float]
) -> None:
    """Median and 99th percentile of all samples; the spread is that of ten parts of the run."""
    tenth = len(times_ms) // 10 or 1
    parts = [times_ms[start : start + tenth] for start in range(0, len(times_ms), tenth)]
    for share, short, reach in ((0.5, "p50", reach_ms[0]), (0.99, "p99", reach_ms[1])):
        _, spread = middle([percentile(part, share) for part in parts])
        value, samples = percentile(times_ms, share), len(times_ms)
        report.add(
            Figure(f"{name}.{short}", f"{what}, {short}", value, "ms", reach, spread=spread, samples=samples)
        )


def _rate(report: Report, name: str, what: str, rates: list[float], reach: float) -> None:
    rate, spread = middle(rates)
    report.add(Figure(name, what, rate, "records/s", reach, most=False, spread=spread, samples=len(rates)))


def _check_read(member: Process, read: int) -> None:
    """Raise RuntimeError unless all this was read, not only accepted; contexts come on top."""
    found = member.do("held")["read"]
    if found < read:
        raise RuntimeError(f"Expected {read} records to be read, found {found}.")
