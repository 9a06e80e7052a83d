"""The situation room of real nodes: what stands in it, what is sent of it, and whoever writes what in it."""

import re
from pathlib import Path

import pytest
from tests.node.casebook import Casebook
from tests.node.nodes import until
from tests.web.browsing import Browser, someone
from tests.web.overview.making import bell, due, ref, ring, summary, terms
from tests.web.overview.rooms import Setting, plain, setting

from tocsin.core.records import Check, Handover, Notice, Translation
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.page import OpenPage
from tocsin.web.overview.board import count
from tocsin.web.overview.rows.cases import case_row, row_id
from tocsin.web.overview.rows.clocks import clock_lines
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio

_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=\"/static/)", re.IGNORECASE)
HOSTILE = (
    "</bdi></a><script>alert(1)</script><img src=x onerror=alert(2)>\"' \u202eevil\u2066 \r\nevent: refresh\n"
    "\n"
    '<hx-partial hx-target="#main">gone</hx-partial>'
)


async def test_a_case_of_another_node_stands_in_the_room_and_on_open_pages(tmp_path: Path) -> None:
    """As a row, at once; and it goes from there when it is closed."""
    async with setting(tmp_path) as there:
        browser = Browser(there.opened, someone(Role.OFFICER))
        north = Casebook(there.circle)
        with there.hub.opened(["room"], LANGUAGES["en"], someone()) as page:
            case = await there.say(1, north.report("Smoke over the mill.", severity="disaster"))
            row = await sent(page, "Smoke over the mill.")
            assert f'id="{row_id(there.circle, case)}"' in row
            assert 'hx-target="#arrivals" hx-swap="beforeend"' in row
            answer = await browser.get("/")
            assert answer.status == 200
            assert "Smoke over the mill." in answer.text
            assert "disaster" in answer.text
            # What is owed is found soon after.
            await sent(page, "is-waits")
            assert "is-waits" in (await browser.get("/?standing=waits")).text
            assert row_id(there.circle, case) not in (await browser.get("/?standing=calm")).text
            await there.say(1, north.closing(case))
            gone = await sent(page, 'hx-swap="delete"')
            assert f'hx-target="#{row_id(there.circle, case)}"' in gone
        assert row_id(there.circle, case) not in (await browser.get("/")).text


async def test_nothing_that_others_write_is_more_than_text(tmp_path: Path) -> None:
    """Scripts, directions, ends of lines, fragments: on pages as in what is sent, in every field there is."""
    async with setting(tmp_path) as there:
        browser = Browser(there.opened, someone(Role.OFFICER))
        north = Casebook(there.circle)
        said = HOSTILE.replace("\r", "")
        with there.hub.opened(["room", f"person/{someone().person.id}"], LANGUAGES["ru"], someone()) as page:
            report = north.report(
                said,
                translations=(
                    Translation(lang="ru", text=f"по-русски {said}", by="node", by_kind="machine"),
                ),
            )
            case = await there.say(1, report)
            await there.say(1, north.ask(case, text=said, lang="en"))
            fragment = await sent(page, "по-русски")
        for text in (
            fragment,
            *[(await browser.get(path)).text for path in ("/", "/mine", "/clocks", "/siren")],
        ):
            assert not _SCRIPT.search(text)
            assert "<img" not in text.replace('<img src="/static/', "")
            assert "\u202e" not in text
            assert "\u2066" not in text
        assert "\nevent:" not in fragment
        assert "&lt;hx-partial" in fragment
        assert "⟨U+202E⟩" in fragment


async def test_until_all_cases_are_read_the_room_says_so(tmp_path: Path) -> None:
    """And does not say that there are none; an open page is told when they are."""
    none, still = 'class="calm-word">', "so far"
    async with setting(tmp_path) as there:
        browser = Browser(there.opened, someone())
        with there.hub.opened(["room"], LANGUAGES["en"], someone()) as page:
            text = (await browser.get("/")).text
            assert still in text
            assert none not in text
            await sent(page, '<div id="reading"></div>')
        text = (await browser.get("/")).text
        assert still not in text
        assert none in text


async def test_what_is_there_at_the_start_is_asked_for_once(tmp_path: Path) -> None:
    """Pages that are open while all cases are read get none of them by itself; what comes later, they do."""
    async with setting(tmp_path) as there:
        north = Casebook(there.circle)
        for nth in range(3):
            await there.say(1, north.report(f"Smoke no. {nth}."))
        # What is owed in them is found, too: nothing of them changes any more.
        await until(lambda: count(there.room.board.rows).get("waits") == 3)
        async with there.again() as hub:
            with hub.opened(["room"], LANGUAGES["en"], someone()) as page:
                heard, stream = "", page.stream()
                while '<div id="reading"></div>' not in heard:
                    heard += (await anext(stream)).decode()
                assert heard.count("event: refresh") == 1
                assert "#arrivals" not in heard
                await there.say(1, north.report("Smoke over the mill."))
                assert "Smoke over the mill." in await sent(page, "#arrivals")


async def test_five_thousand_cases_are_a_page_of_a_hundred(tmp_path: Path) -> None:
    """Counted all, shown by pages, and small over the wire."""
    async with setting(tmp_path) as there:
        fill(there, 5_000)
        browser = Browser(there.opened, someone())
        answer = await browser.get("/")
        assert answer.text.count('class="incident ') == 100
        assert '<strong class="number">5000</strong>' in answer.text
        assert answer.wire_bytes <= 150_000
        seen: list[str] = []
        path: str | None = "/"
        while path:
            text = (await browser.get(path)).text
            seen += re.findall(r'<li id="(row-[^"]+)"', text)
            found = re.search(r'href="(/\?after=[^"]+)"', text)
            path = found[1] if found else None
            if len(seen) == 300:
                break
        assert len(set(seen)) == 300
        everything = (await browser.get("/clocks")).text
        assert everything.count('class="clock-line') == 100


async def test_what_came_while_somebody_was_away_is_told_until_they_have_seen_it(tmp_path: Path) -> None:
    """In the session after the one in which they left."""
    async with setting(tmp_path) as there:
        monday = someone(Role.OFFICER)
        tuesday = type(monday)(monday.person, "another-session", "another-csrf", fresh=True)
        north = Casebook(there.circle)
        before = await there.say(1, north.report("Before."))
        await there.shown(before)
        browser = Browser(there.opened, monday)
        assert "From now on" in (await browser.get("/mine")).text
        with there.hub.opened(["room"], LANGUAGES["en"], monday):
            pass
        case = await there.say(1, north.report("While away."))
        ask = await there.say(1, north.ask(case))
        await there.shown(case)
        await until(lambda: there.nodes[0].desk.casework[there.circle].said(ask) is not None)
        again = Browser(there.opened, tuesday)
        text = plain((await again.get("/mine", hx_request="true")).text)
        assert f"case {case}" in text
        assert "report: 1" in text
        assert "question: 1" in text
        assert f"case {before}" not in text
        assert (await again.post("/seen")).status == 303
        assert "Nothing is new." in (await again.get("/mine")).text


async def test_a_shift_that_is_handed_over_waits_for_whom_it_is_handed_to(tmp_path: Path) -> None:
    """And for nobody else; a reader is told what the organisation owes alone."""
    async with setting(tmp_path) as there:
        await there.say(
            0,
            Handover(
                circle=there.circle,
                at_ms=1,
                author="day-officer",
                author_kind="officer",
                tlp="TLP:GREEN",
                to="duty-officer",
                text="Watch the mill.",
                lang="en",
            ),
        )
        casework = there.nodes[0].desk.casework[there.circle]
        await until(lambda: casework.indexing.behind(casework) == 0)
        assert "Watch the mill." in (await Browser(there.opened, someone(Role.OFFICER)).get("/mine")).text
        assert "Watch the mill." not in (await Browser(there.opened, someone()).get("/mine")).text


async def test_what_waits_besides_cases_leads_to_where_it_is_done(tmp_path: Path) -> None:
    """A check to its circle's checks; a notice that we may be removed to itself, for readers, too."""
    async with setting(tmp_path) as there:
        at_ms = there.nodes[0].clock.wall_ms()
        check = Check(
            circle=there.circle,
            at_ms=at_ms,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            within_minutes=15,
        )
        await there.say(1, check)
        notice = await there.say(
            1,
            Notice(
                circle=there.circle,
                at_ms=at_ms,
                author="duty",
                author_kind="officer",
                tlp="TLP:GREEN",
                member="east",
                reply_within_hours=24,
                text="Why?",
                lang="en",
            ),
        )
        reader = Browser(there.opened, someone())
        place = f'href="/log/{notice.log}/{notice.index}"'
        while place not in (page := await reader.get("/mine")).text or "/checks" not in page.text:
            pass

    assert f'href="/circles/{there.circle}/checks"' in page.text
    assert "our organisation may be removed" in page.text


async def test_a_bell_has_no_button_for_what_somebody_is_saying(tmp_path: Path) -> None:
    """It goes on ringing until that is written; a colleague has the button."""
    async with setting(tmp_path) as there:
        aru, bek = someone(Role.OFFICER), someone(Role.OFFICER, name="Bek")
        case = await there.say(1, Casebook(there.circle).report("Smoke.", severity="serious-incident"))
        await there.shown(case)
        await until(lambda: there.siren.alarm(aru.person).count == 1)
        with there.hub.opened([f"person/{aru.person.id}"], LANGUAGES["en"], aru) as page:
            there.siren.send()
            assert "data-one-click" in await sent(page, "data-ringing")

            there.saying[aru.person.id] = frozenset({case})
            there.siren.wake()

            assert "data-one-click" not in await sent(page, "data-ringing")
        assert there.siren.alarm(aru.person).count == 1
        assert there.siren.alarm(bek.person).calls[0].of == (case,)


async def test_whoever_silences_the_siren_silences_it_on_all_their_pages(tmp_path: Path) -> None:
    """And on nobody else's; it says that it is no acknowledgement."""
    async with setting(tmp_path) as there:
        aru, bek = someone(Role.OFFICER), someone(Role.OFFICER, name="Bek")
        case = await there.say(1, Casebook(there.circle).report("Smoke.", severity="serious-incident"))
        await there.shown(case)
        await until(lambda: there.siren.alarm(aru.person).count == 1)
        with there.hub.opened([f"person/{aru.person.id}"], LANGUAGES["en"], aru) as page:
            there.siren.send()
            rings = await sent(page, "data-ringing")
            assert "It tells nobody that you are aware." in rings
            assert "data-one-click" in rings
            assert f'name="of" value="{case}"' in rings
            assert 'name="csrf" value=""' in rings
            assert aru.csrf not in rings
            until_ms = re.search(r'name="until_ms" value="(\d+)"', rings)
            assert until_ms
            silenced = await Browser(there.opened, aru).post("/siren/silence", {"until_ms": until_ms[1]})
            assert silenced.status == 303
            assert "data-ringing" not in await sent(page, 'hx-target="#siren"')
        assert there.siren.alarm(aru.person).count == 0
        assert there.siren.alarm(bek.person).count == 1


async def test_nobody_follows_what_concerns_somebody_else(tmp_path: Path) -> None:
    """Nor what is no topic; nor without being signed in."""
    async with setting(tmp_path) as there:
        browser = Browser(there.opened, someone())
        assert (await browser.get("/live?topic=person/id-of-bek")).status == 403
        assert (await browser.get("/live?topic=room&topic=everything")).status == 422
        assert (await browser.get("/live")).status == 422
        assert (await browser.get("/live?" + "&".join(["topic=room"] * 9))).status == 422
        assert (await Browser(there.opened).get("/live?topic=room")).status == 303


async def test_every_language_has_words_for_all_of_it(tmp_path: Path) -> None:
    """A page in any of them is whole."""
    async with setting(tmp_path) as there:
        fill(there, 3)
        for tag in LANGUAGES:
            browser = Browser(there.opened, someone(Role.OFFICER, language=tag))
            for path in ("/", "/mine", "/clocks", "/siren"):
                assert (await browser.get(path)).status == 200, (tag, path)


def fill(there: Setting, cases: int) -> None:
    """The room has so many cases, as if somebody had said so."""
    board, charter = there.room.board, terms()
    for index in range(1, cases + 1):
        case = ref(index, "north")
        said = summary(
            case,
            summary=f"Case {index}: " + "smoke " * 18,
            severity="incident",
            last_at_ms=index,
            open_asks=1,
            awaited=("north", "east"),
        )
        owed = (ring(bell(case, due_by_ms=index * 1_000)),)
        row = case_row(said, charter, "Loopback", "east", rings=owed, dues=())
        board.rows.put((row.circle, case), [row])
        dues = [due(case, "east", due_by_ms=index * 1_000)]
        board.clocks.put((row.circle, case), list(clock_lines(row, dues, "east", charter)))


async def sent(page: OpenPage, text: str) -> str:
    """What is sent to a page next that has this in it."""
    stream = page.stream()
    async for one in stream:
        if text in one.decode():
            return one.decode()
    raise AssertionError(text)
