"""What the tests of circles share."""

from collections.abc import Iterator

import pytest
from tests.circles.lines import Lines


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A circle of ash, whose node will run, and of birch and cedar, who will be puppets."""
    with Lines() as lines:
        yield lines
