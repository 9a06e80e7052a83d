"""Commands that ask a running node: two real ones, over loopback."""

import json
import os
import signal
import stat
import subprocess
from pathlib import Path

import msgspec
import pytest
from tests.circles.party import Seeded
from tests.cli.desks import TOCSIN, Desk, done, flat

from tocsin.core.records import NoteRecord
from tocsin.node.api.types import ShownRecord, Status

pytestmark = pytest.mark.process

_STUCK_S = 30


def written(desk: Desk, *arguments: str, stdin: str | bytes | None = None) -> int:
    """The number of a note that all members have confirmed."""
    found = json.loads(desk.done("note", *arguments, "--wait", str(_STUCK_S), "--json", stdin=stdin))
    assert len(found["confirmed_by"]) == 1
    index: int = found["index"]
    return index


def shown(desk: Desk, *arguments: str) -> list[ShownRecord]:
    """Entries as `records --json` has them."""
    lines = desk.done("records", "--json", *arguments).splitlines()
    return [msgspec.json.decode(line, type=ShownRecord) for line in lines]


def test_a_note_is_durable_and_its_confirmation_is_seen(line: tuple[Desk, Desk]) -> None:
    """Who writes is told where it stands, and by whom it was received and confirmed."""
    told = line[0].done("note", "Smoke over the harbour.", "--wait", str(_STUCK_S))
    assert "Durable here as no." in told
    assert "received and confirmed by birch" in told


def test_what_one_says_the_other_reads(line: tuple[Desk, Desk]) -> None:
    """In the author's words, language and marking, by the author's number."""
    apricot, birch = line
    index = written(
        birch, "연기가 보인다.", "--lang", "ko", "--tlp", "TLP:GREEN", "--author", "watch", "--urgent"
    )
    (entry,) = shown(apricot, "--member", "birch", "--from", str(index), "--limit", "1")
    assert isinstance(entry.record, NoteRecord)
    assert (entry.record.text, entry.record.lang, entry.record.tlp) == ("연기가 보인다.", "ko", "TLP:GREEN")
    assert f"birch no. {index} · note by watch · TLP:GREEN" in apricot.done("records")


def test_a_note_is_read_from_standard_input(line: tuple[Desk, Desk]) -> None:
    """With - as its text, also where it has several lines."""
    apricot, birch = line
    index = written(apricot, "-", stdin="one\n\n  two\n")
    (entry,) = shown(birch, "--member", "apricot", "--from", str(index), "--limit", "1")
    assert isinstance(entry.record, NoteRecord)
    assert entry.record.text == "one\n\n  two"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (["-"], b"\xff", "no-text"),
        ([" \n "], None, "no-text"),
        (["-"], "x" * 40_000, "malformed-record"),
        (["-"], "é" * 40_000, "malformed-record"),
        (["x", "--tlp", "TLP:RED"], None, "handling-exceeded"),
        (["x", "--lang", "no such language"], None, "malformed-call"),
        (["x", "--author", "No Role"], None, "malformed-call"),
        (["x", "--circle", "0000"], None, "which-circle"),
        (["nul \x00"], None, "nul-character"),
    ],
)
def test_what_may_not_be_written_is_refused(
    line: tuple[Desk, Desk], arguments: list[str], stdin: str | bytes | None, code: str
) -> None:
    """With a code, and nothing is written."""
    before = shown(line[0], "--member", "apricot", "--limit", "1")
    result = line[0].tocsin("note", *arguments, "--json", stdin=stdin)
    assert result.exit_code == 1
    assert json.loads(result.stderr)["error"] == code
    assert shown(line[0], "--member", "apricot", "--limit", "1") == before


def test_hostile_words_arrive_and_do_nothing(line: tuple[Desk, Desk]) -> None:
    """Another member may write anything; the terminal shows it and does not obey."""
    apricot, birch = line
    text = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\r\x9b31m"
    written(birch, text)
    for told in (apricot.done("records"), apricot.done("records", "--json")):
        assert not set("\x1b\x07\u202e\r\x9b") & set(told)
    assert "⟨U+001B⟩[2J" in apricot.done("records")


def test_status_says_who_has_received_what(line: tuple[Desk, Desk]) -> None:
    """Both ways, in words and for programs."""
    apricot, _ = line
    index = written(apricot, "status")
    told = apricot.done("status")
    assert f"all {index + 1}" in told
    assert "자작나무 데스크" in told
    status = msgspec.json.decode(apricot.done("status", "--json"), type=Status)
    (circle,) = status.circles
    assert (circle.size, circle.members[0].slug) == (index + 1, "birch")


def test_a_circle_is_named_by_the_first_digits_of_its_id(line: tuple[Desk, Desk]) -> None:
    """As many as are needed to tell it from others."""
    (circle,) = json.loads(line[0].done("status", "--json"))["circles"]
    assert line[0].done("status", "--circle", circle["id"][:4]) == line[0].done(
        "status", "--circle", circle["id"]
    )


@pytest.mark.parametrize("author", [0, 1])
def test_a_proof_is_made_here_and_checked_elsewhere(
    line: tuple[Desk, Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, author: int
) -> None:
    """Of one's own record and of another's; in an empty folder, it needs the circle's id alone."""
    writer = line[author]
    index = written(writer, "proven")
    line[0].done("prove", str(index), "--member", writer.slug, "--output", tmp_path / "proof")
    assert stat.S_IMODE((tmp_path / "proof").stat().st_mode) == 0o600
    (circle,) = json.loads(line[0].done("status", "--json"))["circles"]
    monkeypatch.chdir(tmp_path)
    told = flat(done("verify", "proof", "--circle", circle["id"]))
    assert f"({writer.slug}, KR), as no. {index}" in told
    assert "1 member in 1 economy" in told
    data = (tmp_path / "proof").read_bytes()
    (tmp_path / "proof").write_bytes(data.replace(b"\nindex ", b"\nindex 1"))
    with pytest.raises(AssertionError):
        done("verify", "proof", "--circle", circle["id"])


def test_what_is_not_there_cannot_be_proven(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """The error says what is; no file is left."""
    result = line[0].tocsin("prove", "100000", "--output", tmp_path / "proof")
    assert result.exit_code == 1
    assert "not-provable" in result.stderr
    assert not (tmp_path / "proof").exists()
    assert line[0].tocsin("prove", "0", "--member", "cedar").exit_code == 1


def test_a_log_is_exported_while_the_node_runs(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """A folder as C2SP tlog-tiles has it, for one's own log and for another's, into an empty folder alone."""
    apricot, _ = line
    for member in ("apricot", "birch"):
        apricot.done("log", "export", member, tmp_path / member)
        origin = (tmp_path / member / "checkpoint").read_text().splitlines()[0]
        assert f"/{member}/" in origin
        assert list((tmp_path / member / "tile" / "entries").iterdir())
        again = apricot.tocsin("log", "export", member, tmp_path / member)
        assert (again.exit_code, "folder-not-empty" in again.stderr) == (1, True)
    assert apricot.tocsin("log", "export", "cedar", tmp_path / "cedar").exit_code == 1
    written(apricot, "the node goes on")


def test_no_evidence_where_there_is_one_version(line: tuple[Desk, Desk]) -> None:
    """Which is as it should be."""
    result = line[0].tocsin("evidence", "export", "birch")
    assert result.exit_code == 1
    assert "nothing-found" in result.stderr


def test_doctor_finds_nothing_wrong(line: tuple[Desk, Desk]) -> None:
    """With a running node that reaches the others; that the organisation key is still here is a note."""
    findings = json.loads(line[0].done("doctor", "--json"))
    assert {finding["level"] for finding in findings} == {"fine", "note"}
    assert [finding["about"] for finding in findings if finding["level"] == "note"] == ["organisation key"]
    assert "Nothing is wrong." in line[0].done("doctor")


def test_following_shows_what_comes_and_ends_with_ctrl_c(line: tuple[Desk, Desk]) -> None:
    """The newest first, then each as it arrives; Ctrl-C is how it ends, and no error."""
    apricot, birch = line
    before = f"before {Seeded(str(apricot.folder)).token(4).hex()}"
    written(birch, before)
    command = [TOCSIN, "records", "--follow", "--limit", "1", "--json", "--config", str(apricot.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        assert following.stdout
        assert before in following.stdout.readline()
        written(birch, "after")
        assert '"after"' in following.stdout.readline()
        os.kill(following.pid, signal.SIGINT)
        _, errors = following.communicate(timeout=_STUCK_S)
    assert (following.returncode, errors) == (0, "")


def test_a_node_that_does_not_run_is_told_from_other_troubles(tmp_path: Path) -> None:
    """Exit code 4, and the next step is to run it."""
    done("init", "--no-passphrase", tmp_path)
    for command in (["status"], ["note", "x"], ["records"], ["prove", "0"], ["watch"]):
        result = Desk("none", tmp_path).tocsin(*command)
        assert result.exit_code == 4, command
        assert "`tocsin run`" in result.stderr
