"""`python -m bench [--quick] [NAME …]`: measure, print, and write docs/benchmarks.{md,json}.

`--quick` measures a fiftieth, to see that the measures work; it writes nothing. Names choose: pair, five,
large, simulation, fair, heal, thirty, recovery, casework, cases, matching, asking, readings, console;
what was measured before stays.
"""

import datetime as dt
import sys
import tempfile
from pathlib import Path

from bench import (
    asking,
    cases,
    casework,
    console,
    days,
    disk,
    fair,
    large,
    line,
    matching,
    readings,
    simulation,
)
from bench.figures import Report

_MEASURES = {
    "pair": line.pair,
    "five": line.five,
    "large": large.large,
    "simulation": simulation.rate,
    "fair": fair.fair,
    "heal": days.heal,
    "thirty": days.thirty,
    "recovery": days.recovery,
    "casework": casework.casework,
    "cases": cases.cases,
    "matching": matching.matching,
    "asking": asking.asking,
    "readings": readings.readings,
    "console": console.console,
}


def main(arguments: list[str]) -> None:
    """Run the measures."""
    if set(arguments) - {*_MEASURES, "--quick"}:
        sys.exit(__doc__)
    quick = "--quick" in arguments
    chosen = [name for name in arguments if name in _MEASURES] or list(_MEASURES)
    report = Report(dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"))
    scale = 0.02 if quick else 1.0
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-", dir=Path.cwd()) as folder:
        disk.measure(report, Path(folder), "before")
        for name in chosen:
            _MEASURES[name](report, Path(folder) / name, scale)
        disk.measure(report, Path(folder), "after")
    if not quick:
        report.write(Path("docs"))


main(sys.argv[1:])
