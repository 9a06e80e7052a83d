"""Sheets to print, on the pages of two real nodes: that both print the same, and who makes one."""

import re
from pathlib import Path

import pytest
from tests.web.calls.desks import running, two

from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio


def rows(text: str) -> list[list[str]]:
    """The four sets of each row."""
    return [re.findall(r"<td>([\d ]+)</td>", row) for row in text.split("<tr>")[3:]]


async def test_both_print_the_same_with_the_sides_swapped(tmp_path: Path) -> None:
    """What one reads when called is what the other hears when calling, row by row; another number differs."""
    circle = two(tmp_path)
    async with running(circle) as (east, north):
        wanted = {"sheet": "3", "rows": "12"}
        ours, theirs = east.browser(Role.APPROVER), north.browser(Role.APPROVER)

        one = await ours.post(f"/phone/{circle.id}/north/sheet", wanted)
        other = await theirs.post(f"/phone/{circle.id}/east/sheet", wanted)
        next_one = await ours.post(f"/phone/{circle.id}/north/sheet", {**wanted, "sheet": "4"})

        assert len(rows(one.text)) == 12
        assert [row[:2] for row in rows(one.text)] == [row[2:] for row in rows(other.text)]
        assert [row[2:] for row in rows(one.text)] == [row[:2] for row in rows(other.text)]
        assert {str(row) for row in rows(one.text)}.isdisjoint(map(str, rows(next_one.text)))


async def test_that_one_was_made_is_noted(tmp_path: Path) -> None:
    """Who, when, for calls with whom, and its number."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        form = await east.browser(Role.APPROVER).get(f"/phone/{circle.id}/north/sheet")
        await east.browser(Role.APPROVER).post(f"/phone/{circle.id}/north/sheet", {"sheet": "9"})
        noted = [one for one in await east.happened() if one.what == "exported"]

        assert rows(form.text) == []
        assert [(one.name, dict(one.about)) for one in noted] == [
            ("Aru", {"circle": circle.id, "member": "north", "sheet": "9", "rows": "40"})
        ]


async def test_it_takes_a_fresh_sign_in(tmp_path: Path) -> None:
    """What was printed cannot be taken back: whoever has not just shown who they are does that first."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        path = f"/phone/{circle.id}/north/sheet"

        answer = await east.browser(Role.APPROVER, fresh=False).post(path, {"sheet": "1"})

        assert (answer.status, answer.headers["location"]) == (303, f"/sign-in?again=1&next={path}")
        assert [one for one in await east.happened() if one.what == "exported"] == []


@pytest.mark.parametrize("fields", [{"sheet": "0"}, {"sheet": "10000"}, {"rows": "201"}, {"lang": "xx"}])
async def test_other_numbers_are_refused(tmp_path: Path, fields: dict[str, str]) -> None:
    """No such number, more rows than a sheet has, or a language without words."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        answer = await east.browser(Role.APPROVER).post(f"/phone/{circle.id}/north/sheet", fields)

        assert answer.status == 422
        assert rows(answer.text) == []
