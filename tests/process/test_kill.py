"""Nodes killed under load, again and again: `make kills N=1000` for as often as one wants."""

import os
import random
from collections.abc import Callable
from signal import SIGCONT, SIGKILL, SIGSTOP

import pytest
from tests.process.members import ORDERED, Members

KILLS = int(os.environ.get("TOCSIN_KILLS", "20"))
KILLS_IN_A_CIRCLE = 10
LOAD = 2_000

Tell = Callable[[str, object], None]

pytestmark = [pytest.mark.process, pytest.mark.slow]

# Few for each circle, so that what there is to verify stays small; half are of authors, half of followers.
circles = pytest.mark.parametrize("seed", range(-(-KILLS // (2 * KILLS_IN_A_CIRCLE))))


@circles
def test_a_killed_author_has_what_it_acknowledged(members: Members, seed: int, record_property: Tell) -> None:
    """Killed under load, alone or with its follower, an author has all it acknowledged, and one version."""
    chance = random.Random(seed)
    acknowledged: dict[int, str] = {}
    members.start("north")
    author = members.start("east", ORDERED)
    for number in range(KILLS_IN_A_CIRCLE):
        if number % 2:
            author.do("move")
        author.order("load", LOAD)
        author.until_wrote(chance.choice((0, 1, 20, 200, 1000)))
        victims = chance.choice((["east"], ["east", "north"], ["north", "east"]))
        for slug in victims:
            members.end(slug, SIGKILL)
        acknowledged |= author.wrote
        if "north" in victims:
            members.start("north")
            assert len(members.kept("north", of="east").entries) >= author.confirmed
        author = members.start("east", ORDERED)
        members.until_introduced("east")
        members.until_confirmed("east")
        members.check("east", "north", acknowledged)
    record_property("kills", KILLS_IN_A_CIRCLE)
    record_property("acknowledged", len(acknowledged))


@circles
def test_a_killed_follower_holds_what_it_confirmed(
    members: Members, seed: int, record_property: Tell
) -> None:
    """Killed under load, a follower holds all it confirmed, before its author can send any of it again."""
    chance = random.Random(seed)
    members.start("north")
    author = members.start("east", ORDERED)
    for _ in range(KILLS_IN_A_CIRCLE):
        author.order("load", LOAD // 5)
        author.until_wrote(author.count("wrote") + chance.randrange(100))
        author.send(SIGSTOP)
        members.end("north", SIGKILL)
        members.start("north")
        assert len(members.kept("north", of="east").entries) >= author.confirmed
        author.send(SIGCONT)
    author.until(lambda: author.count("done") == KILLS_IN_A_CIRCLE)
    assert author.refused == []
    members.until_confirmed("east")
    members.check("east", "north", author.wrote)
    record_property("kills", KILLS_IN_A_CIRCLE)
    record_property("acknowledged", len(author.wrote))
