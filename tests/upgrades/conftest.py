"""Released versions of the code, out of this repository's history."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tarfile import open as open_tar

import pytest
from tests.node.nodes import found
from tests.process.members import Members
from tests.process.processes import ROOT

Program = tuple[str | Path, ...]
_RUN = "import sys; from tocsin.cli import main; main(sys.argv[1:])"


def _git(*arguments: str) -> bytes:
    found = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    return found.stdout if found.returncode == 0 else b""


def _commit_of(version: str) -> str:
    """The commit with that tag or, where tags were not fetched, the one whose changelog first names it."""
    tagged = _git("rev-parse", "--verify", "--quiet", f"v{version}^{{commit}}")
    words = f"## [{version}]"
    named = _git("log", "--reverse", "--format=%H", f"-S{words}", "--", "CHANGELOG.md")
    return (tagged or named).decode().partition("\n")[0]


@pytest.fixture(scope="session")
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The command that runs a node of a released version; skips where the history is not there."""
    version: str = request.param
    if shutil.which("git") is None or not (commit := _commit_of(version)):
        pytest.skip(f"the history of this repository is not here, and so no tocsin {version}")
    folder = tmp_path_factory.mktemp(f"tocsin-{version}")
    with open_tar(fileobj=BytesIO(_git("archive", commit, "src"))) as archive:
        archive.extractall(folder, filter="data")
    path = f"PYTHONPATH={folder / 'src'}"
    said = subprocess.run(
        ["env", path, sys.executable, "-c", "import tocsin; print(tocsin.__version__, tocsin.__file__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [version, str(folder / "src" / "tocsin" / "__init__.py")]
    return ("env", path, sys.executable, "-c", _RUN, "run", "--config")


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    """East, north and south, none running yet. What their nodes told is shown if a test fails."""
    members = Members(found(tmp_path, 3))
    try:
        yield members
    finally:
        members.end_all()
