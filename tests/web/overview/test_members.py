"""The lines of a circle, told: what is the gravest thing to say of each, and since when."""

from pathlib import Path
from typing import Any

import pytest
from tests.node.nodes import found, until
from tests.web.charts.made import say

from tocsin.cases.delivery import read_hours
from tocsin.circles.authoring.sending import Trouble
from tocsin.circles.events import Arrived, Confirmed, Lost, Reached
from tocsin.circles.line import MemberStatus
from tocsin.core.keys import encode_base64
from tocsin.core.records import Card, Desk, Endpoint
from tocsin.node.alerting.desks import zone
from tocsin.web.charts.lines import STATES, State
from tocsin.web.desk.cards import desk_at
from tocsin.web.overview.lines.lines import Lines
from tocsin.web.overview.lines.maps import map_of
from tocsin.web.overview.lines.members import CircleLines, Heard, MemberLine, member_line

pytestmark = pytest.mark.anyio

NO_ANSWER = Trouble("unreachable", "No answer.")


async def test_a_line_between_two_nodes_is_told_from_both_sides(tmp_path: Path) -> None:
    """All confirmed and held; and when the other was heard of, and since when it is silent."""
    founded = found(tmp_path, 2)
    async with founded.running() as (east, _):
        line = east.lines[founded.id]
        lines = Lines(east)
        await until(lambda: line.own.size > 1 and lines.circles()[0].members[0].known > 1)
        await until(lambda: lines.circles()[0].members[0].state == "good")
        (circle,) = lines.circles()
        (north,) = circle.members
        assert (circle.slug, circle.title, circle.drill) == ("east", "Loopback", False)
        assert (north.slug, north.label, north.economy) == ("north", "Desk north", "JP")
        assert (north.confirmed, north.held) == (north.ours, north.known)
        assert north.desk
        assert north.desk.name == "Desk north"
        lines.happened(founded.id, Lost("north", "gone"))
        lines.happened(founded.id, Arrived(str(line.circle.by_slug["north"].log), ()))
        heard = lines._heard[founded.id]["north"]
        assert heard.silent_ms
        assert heard.last_ms
        lines.happened(founded.id, Reached("north"))
        assert lines._heard[founded.id]["north"].silent_ms is None
        lines.happened(founded.id, Confirmed("north", 1, 1))


async def test_the_gravest_is_told(tmp_path: Path) -> None:
    """Two versions of a log before that we suspended it, that before silence, and that before what waits."""
    founded = found(tmp_path, 2)
    async with founded.running("east") as (east,):
        (status,) = east.lines[founded.id].status().members

        def state(**more: Any) -> str:  # noqa: ANN401 - any field of one
            values = {name: getattr(status, name) for name in MemberStatus.__slots__} | {
                "held_here": 3,
                "known_here": 3,
                "trouble": None,
            }
            return member_line("c", MemberStatus(**values | more), 0, Heard(silent_ms=5), None).state

        assert state() == "good"
        assert state(missing_here=True) == state(known_here=4) == "waits"
        assert state(known_here=4, trouble=NO_ANSWER) == "silent"
        assert state(trouble=NO_ANSWER, suspended="For now.") == "suspended"
        assert state(trouble=NO_ANSWER, suspended="For now.", stopped=True) == "fork"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("missing", [False, True])
def test_the_map_says_of_a_line_what_the_list_says(state: State, missing: bool) -> None:
    """Whatever it has confirmed: where records of it are missing, neither says that all are here."""
    line = MemberLine(
        circle="c",
        slug="birch",
        label="Birch",
        economy="JP",
        state=state,
        ours=9,
        confirmed=9,
        held=4,
        known=4,
        missing=missing,
        heard=Heard(),
        suspended=None,
        trouble=None,
        desk=None,
    )
    circle = CircleLines(
        id="c", title="Strait", drill=False, slug="ash", label="Ash", halted=None, members=(line,)
    )
    table = map_of(circle, 1, say).table
    assert table
    held = "of theirs: 4 of 4 here" if missing else "of theirs: all 4 here"
    assert (table.rows[0][1], table.rows[0][3]) == (say(f"charts.line_{state}"), held)


def desk(hours: str | None) -> Card:
    """A card with these hours."""
    return Card(
        circle="ab" * 32,
        at_ms=1,
        author="node",
        author_kind="machine",
        tlp="TLP:GREEN",
        lang="en",
        endpoints=(Endpoint(url="https://desk.example", tls_spki_sha256=encode_base64(bytes(32))),),
        desk=Desk(name="Desk", hours=hours),
        officers=(),
    )


@pytest.mark.parametrize(
    ("hours", "on_duty"),
    [("24/7", True), ("08:00-10:00 UTC", True), ("10:00-20:00 UTC", False), ("mornings", None), (None, None)],
)
def test_a_desk_is_on_duty_if_its_card_says_so(hours: str | None, on_duty: bool | None) -> None:
    """Who says nothing that a program understands is called neither, though nobody gets more time for it."""
    nine_ms = 9 * 3_600_000 + 400 * 86_400_000
    now = desk_at(desk(hours), read_hours(hours, zone), nine_ms)
    assert now.on_duty is on_duty
    assert now.next_ms == (nine_ms + 3_600_000 if on_duty is False else None)
