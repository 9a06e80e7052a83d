"""The whole table."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from validation import __main__ as validate
from validation import anaesthetists, bluebirds
from validation.crowd import FILES
from validation.rows import Row

ROW = Row("one", "a share", (0.5,), (0.05,), 1, "here", (0.5,))


def test_the_table_of_1979_is_whole_and_reproduced() -> None:
    """Observer 1 rated each of 45 patients thrice, the others once; EM gives what is published."""
    votes = anaesthetists.read(anaesthetists.FILE)
    assert votes.sum(axis=2).tolist() == [[3, 1, 1, 1, 1]] * 45
    assert {row.verdict for row in anaesthetists.rows()} == {"reproduced"}


@pytest.mark.parametrize("given", [None, "empty"])
def test_rows_without_their_data_say_what_to_do(tmp_path: Path, given: str | None) -> None:
    """With no folder, or one that lacks the files, each row has a next step and no result."""
    rows = bluebirds.rows(tmp_path / given if given else None)
    assert {row.verdict for row in rows} == {"no data"}
    assert all(name in (row.next_step or "") for row in rows for name in FILES)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (ROW, 0),
        (replace(ROW, result=(0.9,)), 1),
        (replace(ROW, result=None), 0),
        (replace(ROW, result=(0.9,), is_bound=True), 1),
    ],
)
def test_only_a_miss_fails(monkeypatch: pytest.MonkeyPatch, other: Row, code: int) -> None:
    """The exit code is 1 if a row is missed, also where that is a bound; missing data alone is no failure."""
    monkeypatch.setattr(validate, "every_row", lambda _: [ROW, other])
    assert validate.main([]) == code


@pytest.mark.parametrize(
    ("arguments", "expected"), [([], "of-environment"), (["--data", "of-argument"], "of-argument")]
)
def test_the_folder_is_the_argument_or_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    """`--data` names the folder, else TOCSIN_DATA does."""
    monkeypatch.setenv("TOCSIN_DATA", "of-environment")
    monkeypatch.setattr(validate, "every_row", lambda folder: [replace(ROW, what=f"of {folder.name}")])
    validate.main(arguments)
    assert f"of {expected} " in capsys.readouterr().out


@pytest.mark.slow
def test_all_that_needs_no_data_is_reproduced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a folder every row is reproduced, or within its bound, but those of Bluebirds."""
    monkeypatch.delenv("TOCSIN_DATA", raising=False)
    assert validate.main(["--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    verdicts = {row["id"]: row["verdict"] for row in rows}
    assert len(verdicts) == len(rows)
    assert {stable.split(".")[0] for stable in verdicts} == {"C1", "C2", "C5", "C6", "C8", "relays", "ours"}
    lacking = {row.id for row in bluebirds.rows(None)}
    assert {stable for stable, verdict in verdicts.items() if verdict == "no data"} == lacking
    bounds = {row["id"] for row in rows if row["is_bound"]}
    assert {verdicts[stable] for stable in bounds} == {"within"}
    assert {verdicts[stable] for stable in verdicts.keys() - lacking - bounds} == {"reproduced"}


@pytest.mark.slow
def test_bluebirds_is_reproduced() -> None:
    """Where the data is, its rows are all reproduced."""
    folder = os.environ.get("TOCSIN_DATA")
    if folder is None or not (Path(folder) / FILES[0]).exists():
        pytest.skip(f"{FILES[0]} is not here; set TOCSIN_DATA to the folder that has it")
    assert {row.verdict for row in bluebirds.rows(Path(folder))} == {"reproduced"}
