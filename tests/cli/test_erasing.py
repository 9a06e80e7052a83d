"""Erasing and holding on the command line: two real nodes, over loopback."""

import json
from typing import Any

import pytest
from tests.cli.desks import Desk, flat
from tests.cli.test_running import shown, written

pytestmark = pytest.mark.process

WHY = ("--reason", "A private telephone number.", "--ordered-by", "Data protection officer")


def erasures(desk: Desk) -> dict[str, Any]:
    """What `erasures --json` has."""
    found: dict[str, Any] = json.loads(desk.done("erasures", "--json"))
    return found


def test_nothing_yet(line: tuple[Desk, Desk]) -> None:
    """Where nothing was ordered, that is said."""
    assert "Nothing was ordered to be erased" in line[0].done("erasures")


def test_erasing_asks_before_and_says_who_has_erased(line: tuple[Desk, Desk]) -> None:
    """What is to go is shown, and what cannot be undone; no is no, and yes goes to all."""
    apricot, birch = line
    index = written(apricot, "Her number is +82 10 5550 0199.")

    asked = apricot.tocsin("record", "erase", str(index), *WHY, stdin="n\n")
    assert asked.exit_code == 1
    assert "Her number is" in asked.stderr
    assert "This cannot be undone." in asked.stderr
    assert all(one["indices"] != [index] for one in erasures(apricot)["erasures"])

    told = apricot.done("record", "erase", str(index), *WHY, stdin="y\n")
    assert "Ordered as no." in told
    assert "erased by apricot" in told
    assert "erased by birch" in told
    for desk in line:
        (entry,) = shown(desk, "--member", "apricot", "--from", str(index), "--limit", "1")
        assert (entry.state, entry.record) == ("erased", None)
        text = flat(desk.done("records", "--member", "apricot", "--from", str(index), "--limit", "1"))
        assert "erased on order of Data protection officer: A private telephone number." in text
    assert f"apricot no. {index} · erased by no." in birch.done("erasures")


def test_what_is_held_stays_until_it_is_released(line: tuple[Desk, Desk]) -> None:
    """A hold keeps it at its own organisation, which says so to all; the release lets it go."""
    apricot, birch = line
    index = written(apricot, "Evidence, perhaps.")
    held = json.loads(birch.done("record", "hold", f"apricot/{index}", *WHY, "--json"))["index"]

    told = apricot.done("record", "erase", str(index), *WHY, "--yes")
    assert f"birch keeps no. {index} by a legal hold" in told
    text = flat(birch.done("records", "--member", "apricot", "--from", str(index), "--limit", "1"))
    assert "Evidence, perhaps." in text
    assert "kept here by a legal hold of yours" in text
    assert f"Held: no. {index} of apricot · by no. {held} of your log" in birch.done("erasures")

    assert "Released" in birch.done("record", "release", str(held), *WHY)
    again = birch.tocsin("record", "release", str(held), *WHY, "--json")
    assert json.loads(again.stderr)["error"] == "no-such-place"
    (hold,) = [one for one in erasures(birch)["erasures"] if one["indices"] == [index]]
    assert {one["member"] for one in hold["answers"]} == {"apricot", "birch"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["erase", "0"], "erasure-target"),
        (["erase", "1"], "erasure-target"),
        (["erase", "9999"], "erasure-target"),
        (["erase", "twelve"], "no-such-place"),
        (["erase", "2", "birch/2"], "no-such-place"),
        (["erase", "birch/2"], "erasure-target"),
        (["hold", "nobody/2"], "non-member"),
        (["release", "1"], "no-such-place"),
    ],
)
def test_what_cannot_be_ordered(line: tuple[Desk, Desk], arguments: list[str], code: str) -> None:
    """With a code, and nothing is written."""
    apricot, _ = line
    yes = ["--yes"] if arguments[0] == "erase" else []
    result = apricot.tocsin("record", *arguments, *WHY, *yes, "--json")
    assert result.exit_code
    assert json.loads(result.stderr)["error"] == code
