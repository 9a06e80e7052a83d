"""How far something is, for who watches a terminal, and nothing for who does not."""

import sys

import pytest

from tocsin.cli.backup.progress import Progress


@pytest.mark.parametrize("terminal", [True, False])
def test_progress(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    """A line that is written over itself, and gone at the end; no line where there is no terminal."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with Progress() as progress:
        told = progress.of("copying")
        for done in (0, 50, 50, 100):
            told(done, 100)
        progress.of("checking")(0, 0)

    said = capsys.readouterr().err
    if not terminal:
        assert said == ""
        return
    lines = [line.strip() for line in said.split("\r") if line.strip()]
    assert [line.split()[0] for line in lines] == ["copying"] * 3 + ["checking"]
    assert [line.split()[-1] for line in lines] == ["0%", "50%", "100%", "100%"]
    assert said.endswith("\r")
