"""Two organisations with running nodes, which the tests of a module share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, joined

SLUGS = ("apricot", "birch", "cedar")


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """`apricot` and `birch`, in one circle, both running."""
    # The path of a Unix socket is short: pytest's own folders are within it, with short names.
    folder: Path = tmp_path_factory.mktemp("line")
    apricot, birch = desk(folder, "apricot"), desk(folder, "birch", "자작나무 데스크")
    joined(folder, apricot, birch)
    with apricot.running(), birch.running():
        yield apricot, birch


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three desks of one circle that never ran, to be copied."""
    folder: Path = tmp_path_factory.mktemp("three")
    joined(folder, *(desk(folder, slug) for slug in SLUGS))
    return folder


@pytest.fixture
def three_desks(founded: Path, tmp_path: Path) -> list[Desk]:
    """Three desks of one circle, which do not run."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    return [Desk(slug, tmp_path / slug) for slug in SLUGS]


@pytest.fixture
def three(three_desks: list[Desk]) -> Iterator[list[Desk]]:
    """Three desks of one circle, all running."""
    with three_desks[0].running(), three_desks[1].running(), three_desks[2].running():
        yield three_desks
