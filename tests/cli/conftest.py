"""Two organisations with running nodes, which the tests of a module share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, joined


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """`apricot` and `birch`, in one circle, both running."""
    # The path of a Unix socket is short: pytest's own folders are within it, with short names.
    folder: Path = tmp_path_factory.mktemp("line")
    apricot, birch = desk(folder, "apricot"), desk(folder, "birch", "자작나무 데스크")
    joined(folder, apricot, birch)
    with apricot.running(), birch.running():
        yield apricot, birch
