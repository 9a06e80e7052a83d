"""Real processes, killed at any moment: whatever was acknowledged is there."""

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from tests.log.kept import check_kept
from tests.simulation.clock import SeededChance

from tocsin.log.sqlite import DatabaseInUse, SqliteStore

PROGRAM = Path(__file__).with_name("appending.py")
ROOT = PROGRAM.parents[2]

pytestmark = pytest.mark.process


def started(database: Path, count: int, *wrapper: str) -> "subprocess.Popen[str]":
    """A process that appends `count` records at once."""
    return subprocess.Popen(
        [*wrapper, sys.executable, str(PROGRAM), str(database), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
    )


def acknowledged_until_killed(database: Path, count: int, lines: int) -> list[str]:
    """What a process acknowledged that was killed after so many lines."""
    with started(database, count) as process:
        assert process.stdout
        acknowledged = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        return acknowledged + process.stdout.readlines()


@pytest.mark.parametrize(("count", "runs"), [(1, (1, 40, 7, 100, 1, 23)), (300, (1, 9, 3, 7))])
def test_killed_again_and_again(tmp_path: Path, count: int, runs: tuple[int, ...]) -> None:
    """Every record that was acknowledged is there and verifies after `kill -9`, and the marker fits."""
    database = tmp_path / "log.db"
    for lines in runs:
        acknowledged = acknowledged_until_killed(database, count, lines)
        check_kept(database, acknowledged)


def test_second_process(tmp_path: Path) -> None:
    """While one process has the database, another is refused; when it is killed, the next one goes on."""
    database = tmp_path / "log.db"
    with started(database, 1) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(DatabaseInUse):
            SqliteStore(database, SeededChance(1, "database"))
        process.kill()
    SqliteStore(database, SeededChance(1, "database")).close()


def test_synced_before_acknowledged(tmp_path: Path) -> None:
    """Between two acknowledgements there is a sync of the write-ahead log, and then the marker is written."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    calls = "trace=write,pwrite64,fsync,fdatasync"
    with started(tmp_path / "log.db", 1, "strace", "-f", "-y", "-e", calls, "-o", str(trace)) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(20)]
        process.terminate()
    if not all(lines):
        pytest.skip("strace may not trace here")
    seen = re.findall(
        r"(?:(fdatasync)\(\d+<[^>]*log\.db-wal>|pwrite64\(\d+<[^>]*/(marker)>|write\(1<[^>]*>, \"(\d+) 1 )",
        trace.read_text(),
    )
    order = ["".join(call) for call in seen]
    acknowledgements = [place for place, call in enumerate(order) if call.isdigit()]
    assert len(acknowledgements) >= 20
    for before, after in pairwise(acknowledgements):
        assert order[before + 1 : after] == ["fdatasync", "marker"]
