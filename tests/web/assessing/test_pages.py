"""What a node's people see of readings: on the page of a case, as it goes on, and their scores."""

import asyncio
import html
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.node.casebook import Casebook, source
from tests.node.nodes import confirmed, found, until
from tests.readings.evidences import probabilities
from tests.web.acting.house import ARU, House, house
from tests.web.browsing import Browser, opened, someone
from tests.web.casebook.test_living import Watching, console
from tests.web.casebook.test_living import say as write
from tests.web.casebook.test_pages import Desk, desk

from tocsin.cases.telling import Language
from tocsin.core.records import Actor, GroundTruth, Reading, Ref, Source, encode_record
from tocsin.node.casework.assessing.asking import NextQuestion, questions_of
from tocsin.node.casework.assessing.learning import Scored
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Rebuilding
from tocsin.web.assessing.question import asked_next
from tocsin.web.assessing.scores import Scoring
from tocsin.web.casebook.living import Living, _Open, topic_of
from tocsin.web.casebook.reading import Reading as Reader
from tocsin.web.casebook.sections import Case
from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio

FRAMES = Source(kind="sensor", locator="Frames of the harbour camera", obtained="automatic")


def reading(book: Casebook, case: Ref, permille: int, number: int = 0) -> Reading:
    """Somebody holds an attack to be so likely, by a page that it saw."""
    return Reading(
        **book._common(),
        case=case,
        probabilities=probabilities({"attack": permille}),
        confidence="moderate",
        sources=(source(number),),
        who=(Actor(name="Thieves", permille=300),),
    )


async def read_by_both(here: Desk) -> Ref:
    """A case that both members read, each by a page of its own."""
    case = await here.say(here.book.report("Smoke"))
    await here.say(reading(here.book, case, 900, 1))
    await here.say(reading(here.book, case, 700, 2), here.other)
    return case


async def test_what_it_was_stands_on_the_page_in_every_language(tmp_path: Path) -> None:
    """To whoever looks; that it is undetermined is a result, and says what it lacks."""
    async with desk(tmp_path) as here:
        case = await read_by_both(here)
        for tag, language in LANGUAGES.items():
            page = await here.somebody(language=tag).get(here.path(case))
            text = html.unescape(page.text)
            assert page.status == 200, page.text
            assert language.word("Undetermined", "undetermined") in text
            assert language.phrases["assessing.held_back"] in text
            assert language.phrases["assessing.lack_class"] in text
            assert 'id="case-judged"' in text


async def test_only_an_officer_is_led_to_the_form(tmp_path: Path) -> None:
    """A reader sees what the next question is, and no way to ask it."""
    async with desk(tmp_path) as here:
        case = await read_by_both(here)
        reader = await here.somebody().get(here.path(case))
        officer = await here.somebody(Role.OFFICER).get(here.path(case))
    assert ('id="case-asking"' in reader.text, "/say/ask?circle" in reader.text) == (True, False)
    assert 'id="case-question"' in officer.text
    assert re.search(r'<a class="button first" href="/say/ask\?[^"]+to=north', officer.text)


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_who_saw_it_and_has_not_read_it_is_told(tmp_path: Path, tag: str) -> None:
    """Its officers, with a way to the form; none as soon as its reading stands, or where it saw nothing."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        elsewhere = await here.say(here.book.report("Fire"), here.other)
        officer = here.somebody(Role.OFFICER, language=tag)
        form = f"/say/reading?circle={here.circle}&amp;case={case}&amp;unread=1"
        told = html.unescape(LANGUAGES[tag].say("assessing.unread_is", n=1))
        before, reader = await officer.get(here.path(case)), await here.somebody().get(here.path(case))
        other = await officer.get(here.path(elsewhere))
        await here.say(reading(here.book, case, 900))
        after = await officer.get(here.path(case))
    assert form in before.text
    assert told in html.unescape(before.text)
    assert [form in page.text for page in (reader, after)] == [False, False]
    assert "unread=1" not in other.text


async def test_an_open_page_is_told_when_ours_is_missing(tmp_path: Path) -> None:
    """And when it is no more: as it happens, and of the shared section nothing is otherwise by it."""
    async with console(tmp_path) as (node, other, hub, somebody, book):
        case = await write(other, book.circle, encode_record(book.report("Smoke")))
        await until(lambda: node.desk.casework[book.circle].said(case) is not None)
        await somebody.get(f"/cases/{book.circle}/{case}")
        with hub.opened((topic_of(book.circle, case),), LANGUAGES["en"], someone()) as open_page:
            watching = Watching(open_page)
            await write(node, book.circle, encode_record(book.report("More smoke", case=case)))
            sent = await watching.until('hx-target="#case-own"')
            assert "unread=1" in sent
            await write(node, book.circle, encode_record(reading(book, case, 900)))
            sent = await watching.until('<div id="case-own" hidden>')
            watching.end()


async def test_an_open_page_is_told_of_a_new_reading(tmp_path: Path) -> None:
    """The section anew, in the language of whoever has it open."""
    async with console(tmp_path) as (node, other, hub, somebody, book):
        case = await write(node, book.circle, encode_record(book.report("Smoke")))
        page = await somebody.get(f"/cases/{book.circle}/{case}")
        assert "Nobody has said yet what it was." in page.text
        with hub.opened((topic_of(book.circle, case),), LANGUAGES["ko"], someone(language="ko")) as open_page:
            watching = Watching(open_page)
            await write(other, book.circle, encode_record(reading(book, case, 900)))
            sent = await watching.until('hx-target="#case-judged"')
            watching.end()
    assert LANGUAGES["ko"].phrases["assessing.held_back"] in sent
    assert "Readings, side by side" not in sent


async def test_a_new_record_does_not_wait_for_what_is_made_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on an open page while it is still being worked out what to ask next; that comes after."""
    begun, going_on = threading.Event(), threading.Event()

    def slowly(*of: Any, **more: Any) -> tuple[NextQuestion, ...]:  # noqa: ANN401 - whatever it is given
        begun.set()
        assert going_on.wait(20)
        return questions_of(*of, **more)

    async with console(tmp_path) as (node, other, hub, somebody, book):
        case = await write(node, book.circle, encode_record(book.report("Smoke")))
        await write(node, book.circle, encode_record(reading(book, case, 900, 1)))
        await somebody.get(f"/cases/{book.circle}/{case}")
        monkeypatch.setattr("tocsin.node.casework.casework.questions_of", slowly)
        with hub.opened((topic_of(book.circle, case),), LANGUAGES["en"], someone()) as open_page:
            watching = Watching(open_page)
            await write(other, book.circle, encode_record(reading(book, case, 700, 2)))
            await until(begun.is_set)
            await write(other, book.circle, encode_record(book.report("More smoke", case=case)))
            sent = await watching.until("More smoke")
            assert 'hx-target="#case-judged"' not in sent
            going_on.set()
            await watching.until('hx-target="#case-judged"', 'hx-target="#case-question"')
            watching.end()


async def test_what_shows_no_readings_does_not_ask_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a record, what is owed, more of a timeline, the brief and exports are made without."""
    async with desk(tmp_path) as here:
        case = await read_by_both(here)
        monkeypatch.setattr(Casework, "assessment", None)
        path, browser = here.path(case), here.somebody(Role.OFFICER)
        of = f"{here.circle}/{case}"
        pages = [
            await browser.get(f"{path}/{case}"),
            await browser.get(path, hx_request="true", hx_target="div#case-timeline"),
            await browser.get(path, hx_request="true", hx_target="div#case-more"),
            *[await browser.get(f"/{name}/{of}") for name in ("turns", "briefs", "exports")],
        ]
    assert [page.status for page in pages] == [200] * 6


async def asked(room: House, language: Language) -> str:
    """Where an officer is led to by a case that another member reads."""
    line, book = room.others[0].lines[room.id], Casebook(room.id)
    written = await line.write([encode_record(book.report("Smoke.", sources=(FRAMES,)))])
    casework = room.node.desk.casework[room.id]
    case = room.others[0].desk.casework[room.id].ref(f"{line.own.member.slug}.1.{written.size - 1}")
    written = await line.write([encode_record(reading(book, case, 700, 1))])
    await confirmed(line, written.size)
    (question, *_), evidence = await casework.questions(case), (await casework.assessment(case)).evidence
    return asked_next(question, evidence, room.id, language).form


async def test_a_question_names_its_source_though_the_case_went_on(tmp_path: Path) -> None:
    """It was worked out of what was there then: what came meanwhile may have put others in its place."""
    async with desk(tmp_path) as here:
        case = await read_by_both(here)
        casework = here.node.desk.casework[here.circle]
        (question, *_), evidence = await casework.questions(case), (await casework.assessment(case)).evidence
    english = LANGUAGES["en"]
    then = asked_next(question, evidence, here.circle, english)
    assert asked_next(question, replace(evidence, sources=()), here.circle, english) == then


@pytest.mark.parametrize("tag", ["en", "ko"])
async def test_one_click_leads_to_a_form_that_is_filled_in(tmp_path: Path, tag: str) -> None:
    """As it stands it is confirmed: to whom, about what, in which words; nothing is said before."""
    async with house(tmp_path) as room:
        form = await asked(room, LANGUAGES[tag])
        size = room.size
        page = await room.browser(ARU).get(form)
        fields = {name: values for name, values in parse_qs(urlsplit(form).query).items() if name != "circle"}
        draft = await room.draft(ARU, "ask", fields)
        assert page.status == 200, page.text
        assert f'value="{fields["to"][0]}" checked' in page.text
        assert 'value="other" checked' in page.text
        assert draft.status == 200, draft.text
        texts = (fields["text"], fields.get("translations-0-text", []))
        assert all(one[0] in html.unescape(page.text) for one in texts if one)
        assert room.size == size


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_scores_say_that_there_are_none_yet(tmp_path: Path, tag: str) -> None:
    """In every language; a number is shown only where something can be scored."""
    async with found(tmp_path, 2).running("east") as (node,):
        page = await Browser(opened(Scoring(node)), someone(language=tag)).get("/readings")
    assert page.status == 200, page.text
    assert page.text.count(f"<p>{LANGUAGES[tag].phrases['assessing.scores_none']}</p>") == 2
    assert '<svg class="chart-drawing chart-only' not in page.text


async def test_scores_are_ours_and_the_common_ones(tmp_path: Path) -> None:
    """Once a case is closed and it is known what it was: of no other member by itself."""
    async with desk(tmp_path) as here:
        case = await read_by_both(here)
        await here.say(here.book.closing(case))
        await here.say(GroundTruth(**here.book._common(), case=case, what="attack"))
        learning = here.node.desk.casework[here.circle].learning
        await until(lambda: learning.cases == 1)
        page = await Browser(opened(Scoring(here.node)), someone()).get("/readings")
    assert page.text.count("Brier score") == 2
    assert page.text.count('<span class="number">0.80</span>') == 2
    assert page.text.count('<span class="number">1.61</span>') == 2
    assert "Our own readings" in page.text
    assert "north" not in page.text


async def test_scores_of_a_circle_that_is_still_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learned by now is shown, and that it may change; the page is not refused."""

    async def rebuilding(_: Casework) -> Scored:
        raise Rebuilding

    async with desk(tmp_path) as here:
        case = await read_by_both(here)
        await here.say(here.book.closing(case))
        await here.say(GroundTruth(**here.book._common(), case=case, what="attack"))
        casework = here.node.desk.casework[here.circle]
        await until(lambda: not casework.learning.is_learning and casework.learning.cases == 1)
        scoring = Browser(opened(Scoring(here.node)), someone())
        before = await scoring.get("/readings")
        monkeypatch.setattr(Casework, "scores", rebuilding)
        page = await scoring.get("/readings")
    still = LANGUAGES["en"].phrases["assessing.scores_learning"]
    assert page.status == 200, page.text
    assert (still in before.text, still in page.text) == (False, True)
    assert page.text.count("Brier score") == 2


async def test_an_open_page_never_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before is not sent after what was read later, however long it took to make of it."""
    said, send = Reader.said, Living._send
    sent: list[int] = []

    async def slowly(self: Reader, path: Mapping[str, str]) -> Case:
        found = await said(self, path)
        task = asyncio.current_task()
        if task and "_follow_received" in repr(task.get_coro()):
            await asyncio.sleep(0.1)
        return found

    def noted(self: Living, topic: str, opened: _Open, now: Case, *, whole: bool) -> None:
        sent.append(len(now.view.timeline))
        send(self, topic, opened, now, whole=whole)

    async with console(tmp_path) as (node, _, hub, somebody, book):
        case = await write(node, book.circle, encode_record(book.report("Smoke")))
        await somebody.get(f"/cases/{book.circle}/{case}")
        monkeypatch.setattr(Reader, "said", slowly)
        monkeypatch.setattr(Living, "_send", noted)
        with hub.opened((topic_of(book.circle, case),), LANGUAGES["en"], someone()):
            for permille in range(500, 900, 10):
                await write(node, book.circle, encode_record(reading(book, case, permille)))
            await until(lambda: bool(sent) and sent[-1] == 41)
    assert sent == sorted(sent)
