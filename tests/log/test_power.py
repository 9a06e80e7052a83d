"""Power cuts on a disk that loses what was not synced, at any moment: whatever was acknowledged is there."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.log.kept import check_kept
from tests.log.power import STRACE, Disk

from tocsin.core.errors import Fault

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("appending.py")
ACKNOWLEDGED = 60
CUTS = 100

pytestmark = pytest.mark.process


@pytest.fixture(autouse=True)
def strace(tmp_path: Path) -> None:
    """Skips where nothing can be seen."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    if subprocess.run(
        ["strace", "-o", tmp_path / "probe", "true"], check=False, capture_output=True
    ).returncode:
        pytest.skip("strace may not trace here")


def traced(folder: Path, *arguments: str) -> list[str]:
    """What strace saw of a process that appended to the database in the folder until it was stopped."""
    trace = folder.with_suffix(".trace")
    folder.mkdir()
    with subprocess.Popen(
        [*STRACE, "-o", trace, sys.executable, PROGRAM, folder / "log.db", *arguments],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
    ) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(ACKNOWLEDGED)]
        process.terminate()
    assert all(said)
    return trace.read_text().splitlines(keepends=True)


def cut(trace: list[str], folder: Path, lies: str = "") -> Iterator[tuple[Path, list[str]]]:
    """Power cuts at many moments: the database that is left, and what had been acknowledged by then."""
    chance = random.Random(1)
    before = Disk(folder)
    steps = [number for number, line in enumerate(trace) if before.follow(line)]
    moments = {*chance.sample(steps, CUTS), steps[-1]}
    disk = Disk(folder, lies)
    for number, line in enumerate(trace):
        disk.follow(line)
        if number in moments:
            left = folder.with_name(str(number))
            left.mkdir()
            for name, data in disk.left(chance, chance.choice((0.0, 0.3, 0.7, 1.0))).items():
                if not name.endswith(("-shm", ".lock")):
                    (left / name).write_bytes(data)
            yield left / "log.db", list(disk.said)


@pytest.mark.parametrize(
    "arguments",
    [
        ("1",),
        ("1", "moving"),
        pytest.param(("8",), marks=pytest.mark.slow),
        pytest.param(("8", "moving"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_nothing_acknowledged_is_lost(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Whatever the disk made of what it was not made to keep, all that was acknowledged is there."""
    folder = tmp_path / "log"
    trace = traced(folder, *arguments)

    for database, acknowledged in cut(trace, folder):
        check_kept(database, acknowledged)


@pytest.mark.parametrize(("lies", "arguments"), [("log.db-wal", ("1",)), ("log.db", ("1", "moving"))])
def test_a_disk_that_lies_is_found_out(tmp_path: Path, lies: str, arguments: tuple[str, ...]) -> None:
    """Where one of its files is never synced something is lost: the test above can fail."""
    folder = tmp_path / "log"
    trace = traced(folder, *arguments)

    with pytest.raises((AssertionError, Fault)):  # noqa: PT012 - one of the cuts is enough
        for database, acknowledged in cut(trace, folder, lies):
            check_kept(database, acknowledged)


@pytest.mark.slow
def test_conformance(tmp_path: Path) -> None:
    """A store whose crashes are power cuts does what every store must."""
    trace = tmp_path / "trace"
    done = subprocess.run(
        [
            *(*STRACE, "-o", trace, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--basetemp", tmp_path / "databases", PROGRAM.with_name("powered.py")),
        ],
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "TOCSIN_TRACE": str(trace)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout
