"""What makes vectors of texts: a model that the caller runs, and that nothing here loads.

A vector is the direction of a text's meaning, whatever its language: one signed byte a dimension.
"""

from collections.abc import Sequence
from typing import Protocol

from tocsin.cases.matching.asked import Asked
from tocsin.cases.matching.observation import Observation

MAX_CHARACTERS = 500
"""As much of a text as is embedded: what a title and a first paragraph have."""


class Model(Protocol):
    """A model. `name` changes with what it makes: vectors of two names cannot be compared."""

    @property
    def name(self) -> str:
        """Which model, and which version of it."""
        ...

    def vectors(self, texts: Sequence[str]) -> list[bytes]:
        """Of each text its direction. It may take 50 ms a text."""
        ...


def texts_of(about: Observation | Asked) -> list[str]:
    """The texts of which vectors are wanted, in the order in which the index takes them."""
    return [text[:MAX_CHARACTERS] for text in about.said()]
