import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, drafted, joined

from tocsin.cli.doctor import Finding, examine
from tocsin.log.sqlite import SqliteStore
from tocsin.node.clock import SystemChance, SystemClock


def now_ms() -> int:
    """What time it is, when it is asked for: a whole run of tests takes minutes."""
    return SystemClock().wall_ms()


@pytest.fixture
def apricot(tmp_path: Path) -> Desk:
    """A desk in a circle, whose organisation key is in its safe, and whose node does not run."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    joined(tmp_path, *two)
    two[0].key.rename(tmp_path / "safe.key")
    return two[0]


def found(one: Desk, at_ms: int | None = None) -> dict[str, Finding]:
    """What is not fine, by what it is about."""
    findings = examine(one.config, now_ms() if at_ms is None else at_ms)
    return {finding.about: finding for finding in findings if finding.level != "fine"}


def test_a_node_that_does_not_run_is_no_illness(apricot: Desk) -> None:
    """It is a note, with the command that runs it."""
    assert list(found(apricot)) == ["node"]
    assert found(apricot)["node"].next == "`tocsin run`"


def test_doctor_changes_nothing(apricot: Desk) -> None:
    """Every file is as it was before."""
    files = {path: path.read_bytes() for path in apricot.folder.rglob("*") if path.is_file()}
    found(apricot)
    assert {path: path.read_bytes() for path in apricot.folder.rglob("*") if path.is_file()} == files


def _strange(one: Desk) -> None:
    one.config.write_text(one.config.read_text().replace("listen", "lisden"))


def _no_data(one: Desk) -> None:
    one.data.rename(one.folder / "elsewhere")


def _open_key(one: Desk) -> None:
    next((one.data / "keys").rglob("log.key")).chmod(0o644)


def _lost_key(one: Desk) -> None:
    next((one.data / "keys").rglob("log.key")).unlink()


def _stray(one: Desk) -> None:
    (one.data / "organisation-live.key").write_text("secret")


def _future(one: Desk) -> None:
    os.utime(one.data / "node.sqlite3", (now_ms() / 1000 + 3600,) * 2)


def _no_database(one: Desk) -> None:
    (one.data / "node.sqlite3").write_bytes(b"x" * 10_000)


def _old_copy(one: Desk) -> None:
    """The database as it was before a note was written: its marker says more."""
    copy = (one.data / "node.sqlite3").read_bytes()
    with one.running():
        one.done("note", "Since then.", "--wait", "0")
    (one.data / "node.sqlite3").write_bytes(copy)


def _no_secret(one: Desk) -> None:
    webhook = 'kind = "webhook"\nname = "hook"\nurl = "https://example.org/"\nsecret_file = "hook.secret"\n'
    one.config.write_text(f"{one.config.read_text()}\n[[alerts]]\n{webhook}")


@pytest.mark.parametrize(
    ("harm", "about", "level", "words"),
    [
        (_strange, "configuration", "wrong", "wire.listen"),
        (_no_data, "data folder", "wrong", "is not there"),
        (_open_key, "data folder", "wrong", "log.key"),
        (_lost_key, "online keys", "wrong", "log.key"),
        (_stray, "organisation key", "wrong", "may be the organisation key"),
        (_future, "clock", "wrong", "the database was written"),
        (_no_database, "database", "wrong", "node.sqlite3"),
        (_old_copy, "marker", "wrong", "older copy"),
        (_no_secret, "alerts", "wrong", "hook.secret"),
    ],
)
def test_each_illness_is_named_with_what_to_do(
    apricot: Desk, harm: Callable[[Desk], None], about: str, level: str, words: str
) -> None:
    """In plain words: what was expected, what was found, and the next step."""
    harm(apricot)
    finding = found(apricot)[about]
    assert finding.level == level
    assert words in finding.words
    assert finding.next
    result = apricot.tocsin("doctor", "--json")
    assert result.exit_code == 1
    assert about in [one["about"] for one in json.loads(result.stdout) if one["level"] == "wrong"]


def test_hours_that_are_words_are_a_note(apricot: Desk) -> None:
    """Nothing is wrong with words, but nobody counts on them."""
    apricot.config.write_text(f"{apricot.config.read_text()}\nhours = 'when we are there'\n")

    assert "always on duty" in found(apricot)["desk hours"].words


def test_a_clock_that_was_never_set_is_noticed(apricot: Desk) -> None:
    """A machine without a battery begins in 1970."""
    assert "never set" in found(apricot, 1_000)["clock"].words


def test_a_database_that_another_process_holds_is_named(apricot: Desk) -> None:
    """Its node does not answer, and still somebody has it: the second would be refused."""
    with closing(SqliteStore(apricot.data / "node.sqlite3", SystemChance())):
        assert "only process" in found(apricot)["database"].words


def test_a_key_that_is_still_here_and_a_circle_that_waits_are_notes(tmp_path: Path) -> None:
    """Nothing is wrong with either: each has a next step."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    two[0].sign(drafted(tmp_path, *two))
    notes = found(two[0])
    assert "still on this machine" in notes["organisation key"].words
    assert "no join file of birch" in notes["circle"].words
    assert "tocsin circle join" in notes["circle"].next
    assert two[0].tocsin("doctor").exit_code == 0
