"""Simulations of five nodes, 200 records, a partition and a crash: how many a second, on one core."""

import time
from pathlib import Path

from tests.simulation.schedule import run_one

from bench.figures import Figure, Report, middle

_RUNS = 3
_SIMULATIONS = 100


def rate(report: Report, _: Path, scale: float) -> None:
    """Verification memoised, and one in twenty with every signature real."""
    count = max(20, int(_SIMULATIONS * scale))
    rates = []
    for run in range(_RUNS):
        start = time.perf_counter()
        for seed in range(run * count, (run + 1) * count):
            run_one(seed)
        rates.append(count / (time.perf_counter() - start))
    per_second, spread = middle(rates)
    report.add(
        Figure(
            "simulation.rate",
            "simulations: 5 nodes, 200 records in bursts of ten, a partition, a crash",
            per_second,
            "per second",
            8,
            most=False,
            spread=spread,
            samples=_RUNS * count,
        )
    )
