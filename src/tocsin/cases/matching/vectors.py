"""Likeness by meaning: which vectors are near another. NumPy comes with the extra that makes vectors.

- All texts about AI incidents point one way. So the mean of one's own vectors is taken off, and directions in
  which they spread much are drawn in (their spread to the power of 0.6 remains): what is left tells one
  incident from another. It takes `FEWEST` vectors to know these; before, nothing is found by meaning.
- A text that is somewhat like everything is like nothing: how like it is to its nearest among a sample is
  taken off in part.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Bytes: TypeAlias = NDArray[np.int8]

FEWEST = 256
_SPREAD_POWER = -0.2
_SPREAD_ROWS = 20_000
_SAMPLE = 1_000
_NEAREST = 5
_COMMON = 0.3
_CHUNK = 8_192


class Vectors:
    """Vectors by row, in the order in which they are added: 392 bytes each of 384 dimensions."""

    def __init__(self, dimensions: int) -> None:
        self._rows: Bytes = np.zeros((FEWEST, dimensions), np.int8)
        self._lengths: Floats = np.ones(FEWEST, np.float32)
        self._spreads: Floats = np.ones(FEWEST, np.float32)
        self._count = 0
        self._fitted = 0

    def __len__(self) -> int:
        return self._count

    def add(self, vector: bytes) -> int:
        """A new row; its number. Raises ValueError for another number of dimensions."""
        row = self._count
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            self._lengths = np.concatenate([self._lengths, np.ones_like(self._lengths)])
            self._spreads = np.concatenate([self._spreads, np.ones_like(self._spreads)])
        self._rows[row] = np.frombuffer(vector, np.int8)
        self._lengths[row] = np.linalg.norm(self._rows[row].astype(np.float32)) or 1
        self._count += 1
        if self._fitted:
            self._spreads[row] = np.linalg.norm(self._apart([row])) or 1
        return row

    def __getitem__(self, row: int) -> bytes:
        """A row, as it was added."""
        return bytes(self._rows[row].tobytes())

    def nearest(self, vector: bytes, most: int, also: Sequence[int] = ()) -> list[tuple[int, float]]:
        """The `most` nearest rows and these others, and how like each is, at most 1.

        None while there are too few rows to say.
        """
        if self._count < FEWEST:
            return []
        if self._count >= 2 * self._fitted:
            self._fit()
        likeness = self._likeness(vector)
        most = min(most, self._count)
        nearest = np.argpartition(likeness, self._count - most)[self._count - most :]
        rows = sorted({*nearest.tolist(), *also})
        special = likeness[rows] - self._common(rows)
        return list(zip(rows, special.tolist(), strict=True))

    def _likeness(self, vector: bytes) -> Floats:
        """The cosine with each row, both without the mean and drawn in."""
        unit = np.frombuffer(vector, np.int8).astype(np.float32)
        looked = (unit / (np.linalg.norm(unit) or 1) - self._mean) @ self._turn
        turned = self._turn @ (looked / (np.linalg.norm(looked) or 1))
        found = np.empty(self._count, np.float32)
        for start in range(0, self._count, _CHUNK):
            part = slice(start, min(start + _CHUNK, self._count))
            found[part] = self._rows[part].astype(np.float32) @ turned
        found /= self._lengths[: self._count]
        found -= self._mean @ turned
        found /= self._spreads[: self._count]
        return found

    def _common(self, rows: Sequence[int]) -> Floats:
        """Of each of these rows, how much of its likeness to anything is likeness to many things."""
        likeness = (self._apart(rows) / self._spreads[rows, None]) @ self._sample.T
        likeness[np.asarray(rows)[:, None] == self._sampled[None, :]] = -1
        nearest = np.partition(likeness, -_NEAREST, axis=1)[:, -_NEAREST:]
        common: Floats = _COMMON * nearest.mean(axis=1)
        return common

    def _fit(self) -> None:
        """Learn mean and spread of the rows: again whenever there are twice as many."""
        some = np.linspace(0, self._count - 1, min(self._count, _SPREAD_ROWS)).astype(np.int64)
        units = self._rows[some] / self._lengths[some, None]
        self._mean = units.mean(axis=0)
        units -= self._mean
        values, axes = np.linalg.eigh(units.T @ units / len(units))
        powers = (np.maximum(values, 0) / (values.mean() or 1) + 1e-3) ** _SPREAD_POWER
        self._turn = (axes * powers).astype(np.float32)
        for start in range(0, self._count, _CHUNK):
            part = range(start, min(start + _CHUNK, self._count))
            self._spreads[part.start : part.stop] = np.linalg.norm(self._apart(part), axis=1)
        self._spreads[self._spreads == 0] = 1
        self._sampled = np.linspace(0, self._count - 1, min(self._count, _SAMPLE)).astype(np.int64)
        self._sample = self._apart(self._sampled.tolist()) / self._spreads[self._sampled, None]
        self._fitted = self._count

    def _apart(self, rows: Sequence[int]) -> Floats:
        """Rows without the mean, and drawn in; not of length 1."""
        chosen = np.asarray(rows)
        units = self._rows[chosen] / self._lengths[chosen, None]
        apart: Floats = (units - self._mean) @ self._turn
        return apart
