"""What an officer types for communication checks, at three running desks."""

import json

import click
import pytest
from msgspec.structs import replace
from tests.checks.circle import Circle, ref
from tests.cli.desks import Desk, flat, tocsin

from tocsin.cli.checks.listing import _lines, _medians
from tocsin.cli.checks.words import lasted

_STUCK_S = "30"


def said(desk: Desk, *arguments: str) -> str:
    """The name of what a command wrote, which all others have confirmed."""
    told = json.loads(desk.done("check", *arguments, "--wait", _STUCK_S, "--json"))
    assert len(told["confirmed_by"]) == 2
    name: str = told["record"]
    return name


@pytest.mark.process
def test_a_check_from_start_to_end(three: list[Desk]) -> None:
    """One desk asks, one answers, and each sees how many have, and its own time alone."""
    apricot, birch, cedar = three
    assert "Nobody has checked yet." in apricot.done("check", "list")

    asked = said(apricot, "--within", "30", "--text", "The quarterly check.")
    assert f"{asked} · waits for your answer, by " in flat(birch.done("check", "list"))
    answered = flat(birch.done("check", "answer", "--wait", _STUCK_S))
    assert "Durable here as birch.1." in answered
    assert "your response time: " in answered
    assert "is answered already, by birch.1." in birch.done("check", "answer", asked)

    told = flat(birch.done("check", "list"))
    assert f"{asked} · you answered after " in told
    assert "1 of 2 answered" in told
    assert "│ The quarterly check." in told
    assert "Your median response time, of 1: " in told
    assert "is shown when three of them have answered." in told
    told = flat(apricot.done("check", "list"))
    assert f"{asked} · yours · 1 of 2 answered" in told
    assert "response time" not in told

    view = json.loads(cedar.done("check", "list", "--json"))
    (check,) = view["checks"]
    assert (check["ref"]["name"], check["state"], check["answered"]) == (asked, "waiting", 1)
    assert view["circle_median_ms"] is None

    records = flat(cedar.done("records"))
    assert "check by duty-officer" in records
    assert "to be answered within 30 min on duty" in records
    assert f"check-answer by duty-officer to {asked}" in records


@pytest.mark.process
def test_what_cannot_be_said(three: list[Desk]) -> None:
    """Which check is meant has to be clear; and machines neither check nor answer."""
    apricot, birch, _ = three
    for arguments, code in ((("answer",), "which-check"), (("answer", "birch.1.99"), "unknown-record")):
        refused = apricot.tocsin("check", *arguments, "--json")
        assert (refused.exit_code, json.loads(refused.stderr)["error"]) == (1, code)
    first, second = said(birch), said(birch)
    refused = apricot.tocsin("check", "answer")
    assert refused.exit_code == 1
    assert f"{second}, {first}" in flat(refused.stderr)
    assert apricot.tocsin("check", "--author-kind", "machine").exit_code == 2
    assert apricot.tocsin("check", "answer", first, "--answerable", "duty").exit_code == 2


def test_options_stand_after_the_command_whose_they_are() -> None:
    """What is typed before `answer` or `list` would be of no effect, and is refused."""
    refused = tocsin("check", "--circle", "3f", "list")

    assert refused.exit_code == 2
    assert "after `list`" in refused.stderr


def test_words_of_a_list() -> None:
    """How each check stands for us, and who has not received ours; the median when there is one."""
    circle = Circle()
    own, other = circle.check("birch", 1), circle.check("cedar", 1)
    late = circle.shown(other, circle.shown(other).due_by_ms or 0)
    circle.answer("birch", 2, other, None)

    assert "not yet received by cedar, elm, oak, pine" in "".join(_lines(circle.shown(own), 0, ""))
    assert "not answered in time" in "".join(_lines(late, 0, ""))
    assert "you answered · " in click.unstyle("".join(_lines(circle.shown(other), 0, "")))
    assert "observers are not asked" in "".join(_lines(replace(late, state="not-asked"), 0, "DRILL "))
    for index, member in enumerate(("elm", "oak", "pine"), 1):
        circle.answer(member, 9, ref("cedar", 1), index * 60_000)
    assert "The median of 3 other desks: " in "".join(_medians(circle.view()))


@pytest.mark.parametrize(
    ("time_ms", "words"),
    [
        (0, "0 s"),
        (999, "0 s"),
        (61_000, "1 min 1 s"),
        (60_000, "1 min"),
        (3_660_000, "1 h 1 min"),
        (90_000_000, "1 d 1 h"),
        (86_400_000 + 5_000, "1 d"),
    ],
)
def test_how_long_it_took(time_ms: int, words: str) -> None:
    """In its two largest units."""
    assert lasted(time_ms) == words
