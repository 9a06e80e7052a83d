"""The OECD's criteria: what records say, who says it, and nothing else."""

import json
import re

import pytest
from tests.cases.formats.files import ACCOUNT, out
from tests.cases.picture.desks import Desks, url

from tocsin.cases.formats import write_oecd, write_oecd_table
from tocsin.cases.formats.oecd.criteria import CRITERIA
from tocsin.cases.formats.oecd.writing import _VALUES
from tocsin.core.records import Closing


def said(desks: Desks) -> dict[int, list[tuple[str, list[str]]]]:
    """The values of each criterion, and who says them."""
    document = json.loads(write_oecd(desks.view(), out(named=frozenset({"birch"}))).data)
    return {
        row["number"]: [(one["value"], one["said_by"]) for one in row["values"]]
        for row in document["criteria"]
    }


def test_all_criteria() -> None:
    """There are 29 criteria, of which 1, 2, 3, 4, 7, 10 and 11 are mandatory."""
    assert [one.number for one in CRITERIA] == list(range(1, 30))
    assert [one.number for one in CRITERIA if one.mandatory] == [1, 2, 3, 4, 7, 10, 11]


def test_nothing_is_made_up() -> None:
    """What is unmapped has no value, ever, and names no field; all else has a way to one."""
    assert {one.number for one in CRITERIA if one.mapping != "unmapped"} == set(_VALUES)
    assert [one.number for one in CRITERIA if (one.mapping == "unmapped") is bool(one.by)] == []


def test_what_is_not_said_stays_empty() -> None:
    """A report of a source alone gives the source and who submits it; the rest stays empty."""
    desks = Desks()
    desks.reports("alder", url("one"))

    assert {number for number, values in said(desks).items() if values} == {4, 7}


def test_who_says_what() -> None:
    """Where members differ, both stand; where they agree, both are named, by a name they may have."""
    desks = Desks()
    desks.reports("alder", url("one"), **ACCOUNT)
    desks.reports("birch", url("two"), severity="incident", harms=("economic",))
    desks.reports("cedar", url("two"), harms=("economic",))
    desks.says("alder", desks.made(Closing, outcome="incident"))
    criteria = said(desks)

    assert criteria[1] == [("Cloned voices", ["Alder"])]
    assert criteria[5] == [("2026-05-28T20:26:40", ["Alder"])]
    assert criteria[8] == [("Voice|Maker \\ 2", ["Alder"])]
    assert criteria[10] == [("serious-incident", ["Alder"]), ("incident", ["Birch"])]
    assert criteria[11] == [("economic", ["Alder", "Birch", "member 1"]), ("psychological", ["Alder"])]
    assert criteria[27] == [("closed: incident", ["Alder"])]


def test_the_table() -> None:
    """The table has a row for each criterion; no text of a record becomes markup or another cell."""
    desks = Desks()
    desks.reports(
        "alder",
        url("one"),
        summary="<script>alert(1)</script>|**x**\nmore\x1b[2J\u202e www.evil.example a@b.example",
        lang="en",
    )
    lines = write_oecd_table(desks.view(), out()).data.decode().splitlines()
    rows = [line for line in lines if line.startswith("| ") and line[2].isdigit()]

    assert len(rows) == 29
    assert {line.count("|") for line in rows} == {5}
    assert not any(re.search(r"(?<!\\)<(?!br>)", line) or "**x**" in line for line in rows)
    assert not any(re.search(r"(?<!`)@|[a-z]://|www\.", line) for line in rows)
    assert all(map(str.isprintable, lines))


@pytest.mark.parametrize("drill", [True, False])
def test_exercises(drill: bool) -> None:
    """What leaves a drill says so first."""
    desks = Desks()
    desks.reports("alder", url("one"))

    assert json.loads(write_oecd(desks.view(), out(drill=drill)).data)["exercise"] is drill
    assert (b"EXERCISE" in write_oecd_table(desks.view(), out(drill=drill)).data) is drill
