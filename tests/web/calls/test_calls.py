"""A call on the pages of two real nodes: what each side is shown, who may, and what is kept of it."""

import html
from pathlib import Path

import pytest
from starlette.responses import Response
from tests.node.nodes import found, until
from tests.web.browsing import Browser, opened, someone
from tests.web.calls.desks import NOON, NOON_MS, desk_of, running, shown, two

from tocsin.core.phone import MINUTE_MS
from tocsin.web.calls.listing import Callee, CircleOfCallees
from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

pytestmark = pytest.mark.anyio

HOSTILE = '<script>alert("x")</script>\u202e'


async def test_each_side_sees_what_the_other_reads(tmp_path: Path) -> None:
    """The called side's set is one of the caller's three, and the answers fit: the roles are swapped."""
    circle = two(tmp_path)
    async with running(circle) as (east, north):
        called = f"/phone/{circle.id}/east?side=called"
        calling = f"/phone/{circle.id}/north?side=calling"
        caller, answerer = east.browser(Role.OFFICER), north.browser(Role.OFFICER)
        for late in (-1, 0, 1):
            north.clock.now_ms = east.clock.now_ms + late * MINUTE_MS
            minute = NOON + late

            (read,) = shown((await answerer.get(called)).text)
            heard = shown((await caller.get(calling)).text)
            (_, expected) = shown((await answerer.get(f"{called}&minute={minute}")).text)
            (first, answer) = shown((await caller.get(f"{calling}&minute={minute}")).text)

            assert heard[1 + late] == read == first
            assert answer == expected != read


async def test_what_is_read_second_is_covered_until_the_first_is_done(tmp_path: Path) -> None:
    """Nobody reads the other set by mistake, to somebody who has shown nothing yet."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        call = east.phone(circle).call("north", NOON_MS)
        aru = east.browser(Role.OFFICER)

        begun = await aru.get(f"/phone/{circle.id}/north")
        called = await aru.get(f"/phone/{circle.id}/north?side=called")
        calling = await aru.get(f"/phone/{circle.id}/north?side=calling")

        assert shown(begun.text) == []
        assert shown(called.text) == [call.called.sets.ours]
        assert shown(calling.text) == [one.sets.theirs for one in call.calling]


@pytest.mark.parametrize(("side", "counting"), [("called", {-1, 0}), ("calling", {-1, 0, 1})])
async def test_only_so_many_minutes_count(tmp_path: Path, side: str, counting: set[int]) -> None:
    """The core's three for who calls, and what was just read for who was called; else one begins again."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        aru = east.browser(Role.OFFICER)
        for step in range(-3, 4):
            answer = await aru.get(f"/phone/{circle.id}/north?side={side}&minute={NOON + step}")
            left_ms = (2 + step) * MINUTE_MS - 15_000 if step in counting else MINUTE_MS - 15_000

            assert ("call at-2" in answer.text) == (step in counting)
            assert ("That minute is over" in answer.text) == (step not in counting)
            assert f'data-left-ms="{left_ms}"' in answer.text


async def test_a_script_gets_the_steps_alone(tmp_path: Path) -> None:
    """What is asked for when the minute turns is the part that changes, and asks for itself again."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        path = f"/phone/{circle.id}/north?side=called&lang=ja"

        answer = await east.browser(Role.OFFICER).get(path, hx_request="true")

        assert answer.text.lstrip().startswith('<section id="call"')
        assert f'hx-get="{html.escape(path)}"' in answer.text


async def test_nobody_else_sees_these_digits(tmp_path: Path) -> None:
    """Neither with another member, nor with the same in a drill, which is marked as one."""
    live = found(tmp_path, 3)
    drill = found(tmp_path, domain="drill.loopback.example", places=live.places)
    async with running(live, drill) as (east, *_):
        aru = east.browser(Role.OFFICER)
        paths = (f"{live.id}/north", f"{live.id}/south", f"{drill.id}/north", f"{drill.id}/south")
        answers = [await aru.get(f"/phone/{path}?side=calling") for path in paths]
        every = [one for answer in answers for one in shown(answer.text)]

        assert len(every) == 12 == len(set(every))
        assert ['<body class="drill">' in one.text for one in answers] == [False, False, True, True]
        assert ["A drill: say so" in one.text for one in answers] == [False, False, True, True]


async def test_who_may(tmp_path: Path) -> None:
    """Everybody sees whom one can call; officers hold calls; approvers make sheets; strangers see nothing."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        call, sheet = f"/phone/{circle.id}/north", f"/phone/{circle.id}/north/sheet"
        ended = {"side": "called", "outcome": "matched"}
        people = {role: east.browser(role, name=role) for role in Role} | {"": Browser(east.pages)}
        may = {
            name: (
                (await one.get("/phone")).status,
                (await one.get(f"{call}?side=called")).status,
                (await one.post(call, ended)).status,
                (await one.get(sheet)).status,
                (await one.post(sheet)).status,
            )
            for name, one in people.items()
        }

        assert may == {
            Role.READER: (200, 403, 403, 403, 403),
            Role.OFFICER: (200, 200, 303, 403, 403),
            Role.APPROVER: (200, 403, 403, 200, 200),
            Role.ADMINISTRATOR: (200, 403, 403, 403, 403),
            "": (303, 303, 401, 303, 401),
        }
        assert f'href="{call}"' not in (await people[Role.READER].get("/phone")).text


async def test_a_match_is_noted_with_whom_and_nothing_more(tmp_path: Path) -> None:
    """Also that it did not match, which leads to what is to be done now."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        aru, path = east.browser(Role.OFFICER), f"/phone/{circle.id}/north"

        matched = await aru.post(path, {"side": "called", "outcome": "matched"})
        differed = await aru.post(path, {"side": "calling", "outcome": "differed"})
        now = (await aru.get(differed.headers["location"])).text
        noted = [one for one in await east.happened() if one.what == "phoned"]

        assert (matched.status, matched.headers["location"]) == (303, f"{path}/matched")
        assert (await aru.get(f"{path}/matched")).status == 200
        assert [dict(one.about) for one in reversed(noted)] == [
            {"circle": circle.id, "member": "north", "side": "called", "outcome": "matched"},
            {"circle": circle.id, "member": "north", "side": "calling", "outcome": "differed"},
        ]
        assert {one.name for one in noted} == {"Aru"}
        assert "End the call" in now
        assert "+81 3 5555 0134" in now
        assert f"/say/note?circle={circle.id}&amp;text=At+12%3A00+UTC" in now


@pytest.mark.parametrize(
    "fields", [{"side": "called"}, {"side": "x", "outcome": "matched"}, {"outcome": "matched", "digits": "1"}]
)
async def test_nothing_else_is_taken_as_an_end(tmp_path: Path, fields: dict[str, str]) -> None:
    """A form with more, less or something else is refused, and noted nowhere."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        answer = await east.browser(Role.OFFICER).post(f"/phone/{circle.id}/north", fields)

        assert answer.status == 422
        assert [one for one in await east.happened() if one.what == "phoned"] == []


async def test_the_digits_are_kept_nowhere(tmp_path: Path) -> None:
    """Not in the log of the node, not in the audit, not in a header, not by a cache; nor in an address."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        aru, path = east.browser(Role.OFFICER, Role.APPROVER), f"/phone/{circle.id}/north"
        answers = [
            await aru.get(f"{path}?side=called"),
            await aru.get(f"{path}?side=calling&lang=ko"),
            await aru.get(f"{path}?side=calling&minute={NOON}"),
            await aru.post(f"{path}/sheet", {"sheet": "7", "rows": "20"}),
            await aru.post(path, {"side": "called", "outcome": "differed"}),
        ]
        call, sheet = east.phone(circle).call("north", NOON_MS), east.phone(circle).sheet("north", 7, 20)
        every = {
            digits
            for sets in (
                *(one.sets for one in (call.called, *call.calling)),
                *(one for row in sheet.rows for one in (row.called, row.calling)),
            )
            for digits in (sets.ours, sets.theirs, f"{sets.ours[:3]} {sets.ours[3:]}")
        }
        kept = east.place.printed.getvalue() + str(await east.happened())
        kept += "".join(str(one.headers) for one in answers)

        assert [one.status for one in answers] == [200, 200, 200, 200, 303]
        assert {one.headers["cache-control"] for one in answers} == {"no-store"}
        assert {digits for digits in every if digits in kept} == set()
        assert not any(digits in link for digits in every for link in _links(answers[2].text))


async def test_with_the_line_down_nothing_changes(tmp_path: Path) -> None:
    """The page says so, and shows what it would have shown."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        expected = east.phone(circle).call("north", NOON_MS).called.sets.ours
    async with circle.running("east") as (node,):
        east = desk_of(circle.places[0], node)
        line = node.lines[circle.id]
        await line.write([circle.note("Nobody hears this.")])
        await until(lambda: line.status().members[0].trouble is not None)
        aru = east.browser(Role.OFFICER)

        answer = await aru.get(f"/phone/{circle.id}/north?side=called")

        assert shown(answer.text) == [expected]
        assert "The line to north is down" in answer.text
        assert "The line is down" in (await aru.get("/phone")).text


async def test_who_cannot_be_called_is_named_with_the_reason(tmp_path: Path) -> None:
    """A member whose card has not come has no link, and its page says what is missing."""
    circle = two(tmp_path)
    async with circle.running("east") as (node,):
        aru = desk_of(circle.places[0], node).browser(Role.OFFICER, Role.APPROVER)
        await until(lambda: node.folder.phone_key(node.lines[circle.id].own.member.log) is not None)

        listed = (await aru.get("/phone")).text
        asked = await aru.get(f"/phone/{circle.id}/north?side=called")
        us = await aru.get(f"/phone/{circle.id}/east")

        assert '<code class="slug">north</code>' in listed
        assert "No call: the card of this member has not come." in listed
        assert f"/phone/{circle.id}/north" not in listed
        assert asked.status == 409
        assert "no-phone-key" in asked.text
        assert us.status == 422


async def test_what_a_card_says_is_text(tmp_path: Path) -> None:
    """Script in a contact, and what turns writing round, are shown as they are."""
    circle = two(tmp_path, contact=HOSTILE)
    async with running(circle) as (east, _):
        aru, path = east.browser(Role.OFFICER), f"/phone/{circle.id}/north"
        for at in ("/phone", path, f"{path}?side=called", f"{path}/differed"):
            text = (await aru.get(at)).text

            assert "<script>alert" not in text
            assert "&lt;script&gt;alert" in text
            assert "⟨U+202E⟩" in text
            assert "\u202e" not in text


async def test_a_label_is_text_beside_a_slug() -> None:
    """What members call themselves is escaped, and the name that nobody can imitate stands beside it."""

    class Listed:
        @page("GET", "/listed", Role.READER)
        async def listed(self, visit: Visit) -> Response:
            """A circle with a hostile title and member."""
            member = Callee("birch", HOSTILE, HOSTILE, None, None, down=True)
            circle = CircleOfCallees("0" * 64, HOSTILE, drill=False, us="east", members=(member,))
            return visit.render("calls/phone.html", circles=(circle,))

    text = (await Browser(opened(Listed()), someone()).get("/listed")).text

    assert "<script>alert" not in text
    assert text.count("⟨U+202E⟩") == 3
    assert '<code class="slug">birch</code>' in text


@pytest.mark.parametrize("language", sorted(LANGUAGES))
async def test_in_every_language(tmp_path: Path, language: str) -> None:
    """All pages, with words in the language of the call, and one's own beside them where it is another."""
    circle = two(tmp_path)
    async with running(circle) as (east, _):
        aru = east.browser(Role.OFFICER, Role.APPROVER, language=language)
        path = f"/phone/{circle.id}/north"
        for at in ("/phone", path, f"{path}/matched", f"{path}/differed", f"{path}/sheet"):
            assert (await aru.get(at)).status == 200
        for tag in LANGUAGES:
            answer = await aru.get(f"{path}?side=called&lang={tag}")
            words = [f'<span class="digit-word" lang="{one}"' in answer.text for one in LANGUAGES]

            assert words == [one in (tag, language) for one in LANGUAGES]


def _links(text: str) -> list[str]:
    return [part.split('"', 1)[0] for part in text.split('href="')[1:]]
