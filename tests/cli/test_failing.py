import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.cli.desks import TOCSIN, tocsin

from tocsin.circles import errors as circles_errors
from tocsin.cli import main
from tocsin.cli.failing import _EXIT_CODES, _NEXT_STEPS, NotSetUp, exit_code_of, in_words, tell
from tocsin.core.errors import Fault, Refusal, TocsinError
from tocsin.core.records import errors as records_errors
from tocsin.log.store import StorageFull
from tocsin.node import errors as node_errors
from tocsin.node.client import NoAnswer


def _codes(family: type[TocsinError] = TocsinError) -> Iterator[str]:
    yield family.code
    for kind in family.__subclasses__():
        yield from _codes(kind)


def test_next_steps_are_for_errors_that_there_are() -> None:
    """A code that nothing raises any more would be a next step that nobody sees."""
    # Families are complete only once their modules are there.
    assert all((circles_errors, records_errors, node_errors))
    assert set(_NEXT_STEPS) | set(_EXIT_CODES) <= {*_codes(), "system"}


@pytest.mark.parametrize(
    ("error", "code"), [(Refusal(), 1), (NotSetUp(), 3), (NoAnswer(), 4), (Fault(), 5), (StorageFull(), 5)]
)
def test_exit_codes_do_not_change(error: TocsinError, code: int) -> None:
    """The numbers of docs/cli.md, by family of error."""
    assert exit_code_of(error) == code


def test_an_error_says_what_to_do_next() -> None:
    """From its own words where they say it, else by its code."""
    assert in_words(Refusal("Expected a, found b. Next: do c.")) == ("Expected a, found b.", "do c.")
    assert in_words(StorageFull())[1] == _NEXT_STEPS["storage-full"]
    assert in_words(Refusal("Expected a, found b.")) == ("Expected a, found b.", "")


def test_an_error_with_hostile_words_does_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    """What another node wrote may stand in an error: it is shown, not obeyed."""
    tell(Refusal("Found \x1b[2J\u202e. Next: \x07nothing."), as_json=False)
    tell(Refusal("Found \x1b[2J\u202e. Next: \x07nothing."), as_json=True)
    told = capsys.readouterr().err
    assert not set("\x1b\u202e\x07") & set(told)


def test_an_error_for_a_program_is_one_object(tmp_path: Path) -> None:
    """On standard error, with a code that does not change; standard output stays empty."""
    result = tocsin("status", "--config", tmp_path / "none.toml", "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert json.loads(result.stderr)["error"] == "malformed-config"


def test_what_the_operating_system_refuses_is_an_error_and_no_crash(tmp_path: Path) -> None:
    """A file in the place of a folder, for example: what it is, what to do next, and exit code 3."""
    (tmp_path / "file").touch()
    result = tocsin("init", "--no-passphrase", tmp_path / "file" / "apricot")
    assert result.exit_code == 3
    assert str(tmp_path / "file") in result.stderr
    assert "(system)" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Into a pipe, or with NO_COLOR, no escape sequence is written."""
    arguments = ["status", "--config", str(tmp_path / "none.toml")]
    assert "\x1b" not in tocsin(*arguments).stderr
    coloured = _on_a_terminal(arguments)
    assert "\x1b[" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in _on_a_terminal(arguments)


def _on_a_terminal(arguments: list[str]) -> str:
    return CliRunner().invoke(main, arguments, color=True).stderr


@pytest.mark.process
@pytest.mark.parametrize("room_bytes", [0, 100])
@pytest.mark.parametrize(
    "command",
    [
        ("init", "apricot", "--no-passphrase"),
        ("org", "keygen", "apricot", "--no-passphrase"),
        ("conform", "prepare", "apricot", "--endpoint", "http://127.0.0.1:8440"),
    ],
)
def test_a_full_disk_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], room_bytes: int
) -> None:
    """What finds no room says so, and nothing of it is there; with room, the same command does it all."""
    monkeypatch.chdir(tmp_path)
    command = (TOCSIN, *command)

    full = subprocess.run(
        ("prlimit", f"--fsize={room_bytes}", *command), capture_output=True, text=True, check=False
    )

    assert full.returncode == 3
    assert "make room" in full.stderr
    assert "apricot" in full.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    subprocess.run(command, check=True, capture_output=True)


def test_an_error_that_nobody_thought_of_has_words_and_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what happened and where, and ends with the code for a fault of ours."""

    def fail(_: Path) -> None:
        raise RuntimeError("never seen")

    monkeypatch.setattr("tocsin.cli.reaching.load_config", fail)
    result = tocsin("status")
    assert result.exit_code == 5
    assert "never seen" in result.stderr
    assert "next:" in result.stderr
    assert "Traceback" not in result.stderr
