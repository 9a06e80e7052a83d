"""What tests of the console share."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The one event loop that nodes run on."""
    return "asyncio"
