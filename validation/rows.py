"""Rows of the table: what is known, what came out here, and whether that is the same."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["reproduced", "not reproduced", "no data", "within", "beyond"]


@dataclass(frozen=True, slots=True)
class Row:
    """One known result: a number, or a few that belong together.

    `tolerance` goes with `target`, number by number. `decimals` is how many it has. `result` is None
    where the data is missing, and `next_step` then says how to come by it. Where it `is_bound`, nothing is
    reproduced: the result is ours, and the target what it may come to at most.
    """

    id: str
    what: str
    target: tuple[float, ...]
    tolerance: tuple[float, ...]
    decimals: int
    source: str
    result: tuple[float, ...] | None = None
    next_step: str | None = None
    is_bound: bool = False

    def __post_init__(self) -> None:
        sizes = {
            len(self.target),
            len(self.tolerance),
            len(self.target if self.result is None else self.result),
        }
        if len(sizes) > 1:
            raise ValueError(
                f"Expected as many tolerances and results as targets in {self.id}, found {sizes}."
            )

    @property
    def verdict(self) -> Verdict:
        """Whether every number is within its tolerance, or bound; one that is no number is not."""
        if self.result is None:
            return "no data"
        triples = list(zip(self.target, self.tolerance, self.result, strict=True))
        if self.is_bound:
            met = all(result <= target + tolerance for target, tolerance, result in triples)
            return "within" if met else "beyond"
        met = all(abs(result - target) <= tolerance for target, tolerance, result in triples)
        return "reproduced" if met else "not reproduced"

    @property
    def is_missed(self) -> bool:
        """Whether there is a result, and it is not what it has to be."""
        return self.verdict in ("not reproduced", "beyond")


def to_the_digit(decimals: int, count: int = 1) -> tuple[float, ...]:
    """The tolerance of numbers that are known to so many decimals: half a unit of the last."""
    return (0.5 * 10**-decimals,) * count


def table(rows: Sequence[Row]) -> str:
    """The rows as a text of columns, what came of them in all, and what to do next."""
    cells = [("id", "what", "target", "tolerance", "result", "verdict", "source")]
    cells += [
        (
            row.id,
            row.what,
            "at most " * row.is_bound + _numbers(row.target, row.decimals),
            _numbers(row.tolerance if len(set(row.tolerance)) > 1 else row.tolerance[:1], row.decimals + 1),
            _numbers(row.result, row.decimals + 1) if row.result else "-",
            row.verdict,
            row.source,
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
    verdicts = [row.verdict for row in rows]
    lines += ["", ", ".join(f"{verdicts.count(one)} {one}" for one in get_args(Verdict))]
    lines += dict.fromkeys(f"Next: {row.next_step}" for row in rows if row.next_step)
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> str:
    """The same as a JSON array of objects, numbers unrounded; `result` and `next` may be null."""
    return json.dumps(
        [
            {
                "id": row.id,
                "what": row.what,
                "is_bound": row.is_bound,
                "target": row.target,
                "tolerance": row.tolerance,
                "result": row.result,
                "verdict": row.verdict,
                "source": row.source,
                "next": row.next_step,
            }
            for row in rows
        ],
        indent=1,
    )


def _numbers(values: Sequence[float], decimals: int) -> str:
    return " ".join(f"{value:.{decimals}f}" for value in values)
