"""C1: the table that Dawid and Skene (1979) published, and what their own EM estimates of it.

45 patients, five observers, of whom the first rated each patient three times: as three votes of one worker.
"""

import csv
from pathlib import Path

import numpy as np

from validation.rows import Row, to_the_digit
from validation.voting import Floats, dawid_skene

FILE = Path(__file__).parent / "data" / "dawid_skene_1979_table1.csv"
_SOURCE = "Dawid & Skene 1979, table 1"
_SHAPE = (45, 5, 4)
_MARGINALS = (0.40, 0.42, 0.11, 0.07)
_OBSERVER_1 = (
    (0.89, 0.11, 0.0, 0.0),
    (0.07, 0.88, 0.05, 0.0),
    (0.0, 0.34, 0.66, 0.0),
    (0.0, 0.0, 0.56, 0.44),
)


def rows() -> list[Row]:
    """The marginals of the four classes, and observer 1's confusion matrix."""
    found = dawid_skene(read(FILE))
    made = [_row("C1.marginals", "how common each class is", _MARGINALS, found.marginals)]
    for number, (target, result) in enumerate(zip(_OBSERVER_1, found.confusion[0], strict=True), 1):
        what = f"what observer 1 gives to patients of class {number}"
        made.append(_row(f"C1.observer-1.{number}", what, target, result))
    return made


def read(file: Path) -> Floats:
    """The votes in a table with the columns patient, observer and rating, all counted from 1."""
    votes = np.zeros(_SHAPE)
    with file.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            votes[int(line["patient"]) - 1, int(line["observer"]) - 1, int(line["rating"]) - 1] += 1
    return votes


def _row(stable: str, what: str, target: tuple[float, ...], result: Floats) -> Row:
    return Row(
        stable, what, target, to_the_digit(2, len(target)), 2, _SOURCE, tuple(float(one) for one in result)
    )
