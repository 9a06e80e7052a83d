"""`run`, as a process: what it opens, what it refuses, and what a stopped log looks like from outside."""

import json
import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from tests.circles.party import tree_of
from tests.cli.desks import TOCSIN, Desk, desk, done, flat, joined, tocsin

from tocsin.circles.evidence.forks import Fork
from tocsin.circles.founding.joining import assemble
from tocsin.core.errors import Fault
from tocsin.log.sqlite import SqliteStore
from tocsin.node.clock import SystemChance
from tocsin.node.config import load_config
from tocsin.node.folder import Folder

pytestmark = pytest.mark.process

_STUCK_S = 30


def test_run_opens_no_organisation_key_and_warns_of_one_in_the_data_folder(tmp_path: Path) -> None:
    """Both files are pipes: whoever opens one to read would wait for ever, and the node answers."""
    apricot = desk(tmp_path, "apricot")
    apricot.key.unlink()
    os.mkfifo(apricot.key, 0o600)
    os.mkfifo(apricot.data / "organisation-live.key", 0o600)
    command = [TOCSIN, "run", "--config", str(apricot.config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        told = ""
        while '"started"' not in told:
            told += process.stderr.readline()
        os.kill(process.pid, signal.SIGTERM)
        rest = process.communicate(timeout=_STUCK_S)[1]
    assert process.returncode == 0, rest
    assert "stray-key" in told
    assert str(apricot.data / "organisation-live.key") in told


def test_a_second_process_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """With what holds it and the next step; the first goes on."""
    apricot = desk(tmp_path, "apricot")
    with apricot.running() as client:
        second = apricot.tocsin("run")
        assert second.exit_code == 3
        assert "database-in-use" in second.stderr
        assert "next:" in second.stderr
        assert client.health().status == "ok"


def test_who_reads_beside_a_running_node_writes_nothing(tmp_path: Path) -> None:
    """Reading needs no lock; a write is refused before it begins."""
    apricot = desk(tmp_path, "apricot")
    with apricot.running(), closing(_beside(apricot)) as store:
        assert store.logs() == []
        with pytest.raises(Fault), store.transaction():
            raise AssertionError


def _beside(one: Desk) -> SqliteStore:
    return SqliteStore(one.data / "node.sqlite3", SystemChance(), beside=True)


def test_a_node_without_a_configuration_says_what_makes_one(tmp_path: Path) -> None:
    """The next step is init."""
    result = tocsin("run", "--config", tmp_path / "none.toml")
    assert result.exit_code == 3
    assert "`tocsin init`" in result.stderr


def test_two_versions_of_a_log_are_shown_and_their_evidence_is_handed_out(tmp_path: Path) -> None:
    """Status and doctor name the member, and the file convinces whoever has the circle's id."""
    apricot, birch = desk(tmp_path, "apricot"), desk(tmp_path, "birch")
    charter = joined(tmp_path, apricot, birch)
    files = [apricot.join_file, birch.join_file]
    circle = assemble(charter.read_text(), [file.read_bytes() for file in files])
    liar = circle.by_slug["birch"]
    key = Folder.of(load_config(birch.config)).keys(circle.id, 1).member.log
    one, other = (tree_of(liar, text).checkpoint(2, key) for text in ("yes", "no"))
    with closing(SqliteStore(apricot.data / "node.sqlite3", SystemChance())) as store, store.transaction():
        store.create(str(liar.log))
        store.stop(str(liar.log), Fork(one, other).encode(circle.id, liar.opening))
    assert "two versions" in [one["about"] for one in json.loads(apricot.tocsin("doctor", "--json").stdout)]
    with apricot.running():
        assert "showed two versions of its log" in flat(apricot.done("status"))
        assert "two versions" in apricot.tocsin("doctor").stdout
        assert apricot.tocsin("doctor").exit_code == 1
        assert "two versions of one log" in flat(apricot.done("evidence", "list"))
        (listed,) = json.loads(apricot.done("evidence", "list", "--json"))
        assert (listed["kind"], listed["member"], listed["sizes"]) == ("fork", "birch", [2, 2])
        apricot.done("evidence", "export", "birch", "--output", tmp_path / "out")
        assert apricot.tocsin("evidence", "export", "apricot").exit_code == 1
    (file,) = (tmp_path / "out").iterdir()
    told = done("verify", file, "--circle", circle.id)
    assert "two versions of one log" in told
