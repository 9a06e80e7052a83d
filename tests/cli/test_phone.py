"""`phone`: what two officers read to each other, on the screen and on paper."""

import re
import stat
from pathlib import Path

import msgspec
import pytest
from tests.cli.desks import Desk, flat

from tocsin.core.phone import Sets, grouped, spoken
from tocsin.node.phoning.types import PhoneCall

pytestmark = pytest.mark.process

_LABELS = r"(?:you read|they answer|they read|you answer) +(\d{3} \d{3})"


@pytest.fixture(scope="module")
def met(line: tuple[Desk, Desk]) -> tuple[Desk, Desk]:
    """Two desks that have each other's newest card."""
    for desk in line:
        desk.done("note", "Here.", "--wait", "30")
    return line


def call(desk: Desk, member: str) -> PhoneCall:
    """The call as JSON has it."""
    return msgspec.json.decode(desk.done("phone", member, "--json"), type=PhoneCall)


def test_both_desks_read_what_the_other_expects(met: tuple[Desk, Desk]) -> None:
    """Whoever called: what was read in a minute is among the three that the caller sees."""
    apricot, birch = met
    for called, caller in ((apricot, birch), (birch, apricot)):
        read = call(called, caller.slug).called.sets
        expected = [minute.sets for minute in call(caller, called.slug).calling]
        assert Sets(ours=read.theirs, theirs=read.ours) in expected


def test_the_screen_says_who_reads_first(met: tuple[Desk, Desk]) -> None:
    """With the digits, their words, whom it is about, and for how long; or only the side asked for."""
    told = met[0].done("phone", "birch", "--lang", "ru")
    assert "a call between apricot and birch" in told
    assert "자작나무 데스크" in told
    assert flat(told).index("They called you: you read first.") < flat(told).index(
        "You called them: they read"
    )
    assert re.search(r"\d\d:\d\d UTC, for \d+ s more", flat(told))
    digits = re.findall(_LABELS, told)
    assert len(digits) == 8
    for one in digits:
        assert spoken(one.replace(" ", ""), "ru") in flat(told)
    called, calling = (met[0].done("phone", "birch", side) for side in ("--called", "--calling"))
    assert ("They called you" in called, "You called them" in called) == (True, False)
    assert ("They called you" in calling, "You called them" in calling) == (False, True)
    assert max(map(len, told.splitlines())) <= 100


@pytest.mark.parametrize("member", ["apricot", "cedar"])
def test_who_is_no_other_member_cannot_be_called(met: tuple[Desk, Desk], member: str) -> None:
    """And the error says so."""
    result = met[0].tocsin("phone", member)
    assert result.exit_code == 1
    assert "non-member" in result.stderr


def test_a_sheet_for_each_side(met: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Of one number, for the owner's eyes alone; each has what the other is to read, row by row."""
    rows = []
    for desk, member in zip(met, ("birch", "apricot"), strict=True):
        file = tmp_path / desk.slug
        told = desk.done("phone", member, "--sheets", file, "--sheet", "2", "--rows", "12", "--lang", "ko")
        assert f"tocsin phone {desk.slug} --sheets FILE --sheet 2 --rows 12" in told
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        page = file.read_text()
        assert f"Sheet 2 of {desk.slug}, for calls with {member}" in page
        assert "0 공" in page
        assert max(map(len, page.splitlines())) <= 80
        found = re.findall(
            r"^ +(\d+)  (\d{3} \d{3}) +(\d{3} \d{3}) +(\d{3} \d{3}) +(\d{3} \d{3})$", page, re.MULTILINE
        )
        assert [int(row[0]) for row in found] == list(range(1, 13))
        rows.append([row[1:] for row in found])
        again = desk.tocsin("phone", member, "--sheets", file)
        assert "file-exists" in again.stderr
    for ours, theirs in zip(*rows, strict=True):
        assert ours == theirs[2:] + theirs[:2]
        assert not {*ours} & {grouped(call(met[0], "birch").called.sets.ours)}


def test_a_sheet_has_both_sides(met: tuple[Desk, Desk], tmp_path: Path) -> None:
    """To ask for one is a mistake in typing."""
    assert met[0].tocsin("phone", "birch", "--sheets", tmp_path / "x", "--called").exit_code == 2
