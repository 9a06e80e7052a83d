"""Figures under stable names, and how they are written down."""

import json
import platform
import resource
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `reach` is what is aimed at; `most` says whether that is an upper bound."""

    name: str
    what: str
    value: float
    unit: str
    reach: float | None = None
    most: bool = True
    spread: tuple[float, float] | None = None
    samples: int = 1

    @property
    def reached(self) -> bool | None:
        """Whether the number is within what is aimed at; None where nothing is."""
        if self.reach is None:
            return None
        return self.value <= self.reach if self.most else self.value >= self.reach


@dataclass(slots=True)
class Report:
    """All figures of one run, in the order measured."""

    date: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, figure: Figure) -> None:
        """Keep a figure, and print it as it comes."""
        self.figures.append(figure)
        print(_line(figure), flush=True)

    def write(self, folder: Path) -> None:
        """Write benchmarks.json and benchmarks.md. What was measured replaces what stands there."""
        path = folder / "benchmarks.json"
        figures = json.loads(path.read_text())["figures"] if path.exists() else {}
        for figure in self.figures:
            figures[figure.name] = {
                "what": figure.what,
                "value": figure.value,
                "unit": figure.unit,
                "reach": figure.reach,
                "most": figure.most,
                "reached": figure.reached,
                "spread": figure.spread,
                "samples": figure.samples,
                "date": self.date,
                "machine": _machine(),
            }
        figures = dict(sorted(figures.items()))
        path.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
        machines = "; ".join(
            sorted({f"{figure['machine']} ({figure['date']})" for figure in figures.values()})
        )
        rows = "".join(map(_row, figures.values()))
        notes = Path(__file__).with_name("notes.md").read_text()
        (folder / "benchmarks.md").write_text(f"{_PAGE.format(machines=machines, rows=rows)}\n{notes}")


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The median of repeated runs, and the smallest and largest."""
    return statistics.median(values), (min(values), max(values))


def resident_bytes() -> int:
    """The memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


_PAGE = """# Benchmarks

Written by `make bench`; the same figures are in `benchmarks.json` under stable names. Measured on {machines}.

Records of about 900 bytes. Each node is a process of its own on loopback with TLS; every signature is
verified, and every record read and not only accepted. Latency runs from the call that writes a record until a
verified holder cosignature is stored at the author. The machine is shared: the spread is what the parts of a
run, or repeated runs, gave, and the disk's own time stands beside it.

| what | measured | spread of runs | samples | aimed at |
|---|---|---|---|---|
{rows}"""


def _row(stored: dict[str, Any]) -> str:
    names = ("what", "value", "unit", "reach", "most", "spread", "samples")
    figure = Figure("", **{name: stored[name] for name in names})
    return (
        f"| {figure.what} | {_number(figure.value)} {figure.unit} | {_spread(figure)} "
        f"| {figure.samples:,} | {_reach(figure)} |\n"
    )


def _line(figure: Figure) -> str:
    mark = {True: "reached", False: "NOT reached", None: ""}[figure.reached]
    return f"{figure.what:<72} {_number(figure.value):>10} {figure.unit:<10} {_reach(figure):<14} {mark}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _spread(figure: Figure) -> str:
    return "" if figure.spread is None else f"{_number(figure.spread[0])} – {_number(figure.spread[1])}"


def _reach(figure: Figure) -> str:
    if figure.reach is None:
        return ""
    mark = "" if figure.reached else " (not reached)"
    return f"{'≤' if figure.most else '≥'} {_number(figure.reach)}{mark}"


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = f"{len(models)} × {models[0]}" if models else platform.machine()
    return f"{cpu}, {platform.system()} {platform.release()}, Python {platform.python_version()}"
