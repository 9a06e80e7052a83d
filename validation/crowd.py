"""The Bluebirds data (Welinder et al. 2010), and clones of one of its workers.

39 workers said of each of 108 pictures whether it shows an indigo bunting. Nobody states a licence, so the
project does not ship it.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from validation.voting import Classes

ANSWERS = "d_Duck_Identification.answer.csv"
TRUTH = "d_Duck_Identification.truth.csv"
FILES = (ANSWERS, TRUTH)

_TURNED = 0.02


@dataclass(frozen=True, slots=True)
class Bluebirds:
    """What was answered, 0 or 1: `given`, items × workers, and the right answer of each item."""

    workers: tuple[str, ...]
    given: Classes
    truth: Classes


def read(folder: Path) -> Bluebirds:
    """The data, items and workers ascending by name.

    Raises ValueError unless each worker answers each item once, with 0 or 1.
    """
    truth = {line["question"]: line["truth"] for line in _lines(folder / TRUTH, "question", "truth")}
    lines = _lines(folder / ANSWERS, "question", "worker", "answer")
    answers = {(line["question"], line["worker"]): line["answer"] for line in lines}
    items, workers = sorted(truth), sorted({worker for _, worker in answers})
    pairs = [(item, worker) for item in items for worker in workers]
    if set(pairs) != set(answers) or len(pairs) != len(lines):
        raise ValueError(f"Expected one answer of each worker to each item of {TRUTH}, found {len(lines)}.")
    if found := {*truth.values(), *answers.values()} - {"0", "1"}:
        raise ValueError(f"Expected answers 0 or 1, found {min(found)!r}.")
    given = np.array([answers[pair] for pair in pairs], dtype=np.intp).reshape(len(items), len(workers))
    return Bluebirds(tuple(workers), given, np.array([truth[item] for item in items], dtype=np.intp))


def with_clones(given: Classes, worker: int, count: int, chance: np.random.Generator) -> Classes:
    """All answers, and those of so many clones of a worker, who turn each answer with 0.02."""
    turned = chance.random((len(given), count)) < _TURNED
    return np.hstack([given, np.where(turned, 1 - given[:, [worker]], given[:, [worker]])])


def most_agreement(given: Classes) -> float:
    """The share of items on which the two workers who agree most agree."""
    alike = (given[:, :, None] == given[:, None, :]).mean(axis=0)
    np.fill_diagonal(alike, 0)
    return float(alike.max())


def _lines(file: Path, *columns: str) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text)
        if (found := tuple(reader.fieldnames or ())) != columns:
            raise ValueError(f"Expected the columns {columns} in {file.name}, found {found}.")
        return list(reader)
