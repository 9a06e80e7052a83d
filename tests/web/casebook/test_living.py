"""Open pages of a case: what is said is on them at once, and who has it soon after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.node.casebook import Casebook as Book
from tests.node.nodes import confirmed, found, until
from tests.web.browsing import Browser, opened, someone

from tocsin.core.records import Ref, encode_record
from tocsin.node.node import Node
from tocsin.web.casebook import Cases
from tocsin.web.casebook.living import topic_of
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.live.page import OpenPage
from tocsin.web.serving.templates import make_environment

pytestmark = pytest.mark.anyio


class Watching:
    """A page of a case that is open, and all that it was sent."""

    def __init__(self, page: OpenPage) -> None:
        self.sent = ""
        self._page = page
        self._task = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        async for sent in self._page.stream():
            self.sent += sent.decode()

    async def until(self, *texts: str) -> str:
        """All that was sent, once these are in it."""
        async with asyncio.timeout(20):
            while not all(text in self.sent for text in texts):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        return self.sent

    def end(self) -> None:
        """The page is closed."""
        self._task.cancel()


@asynccontextmanager
async def console(folder: Path) -> AsyncIterator[tuple[Node, Node, Hub, Browser, Book]]:
    """Two nodes, and a console at the first."""
    founded = found(folder, 2)
    async with founded.running() as (node, other):
        hub = Hub(node.clock, node.chance, lambda _: True, node.call_failed)
        cases = Cases(node, hub, Fragments(make_environment()), lambda *_: ())
        cases.start()
        yield node, other, hub, Browser(opened(*cases.with_pages), someone()), Book(founded.id)
        await cases.stop()
        hub.end_all()


async def say(node: Node, circle: str, record: bytes) -> Ref:
    """Write a record, and wait until the others have it."""
    line = node.lines[circle]
    written = await line.write([record])
    await confirmed(line, written.size)
    return Ref.at(written.log, written.first, node.store.entries(written.log, written.first, written.size))


async def test_a_record_from_another_node_comes_to_the_open_page(tmp_path: Path) -> None:
    """In the language of each, with what it changes; who has it comes after."""
    async with console(tmp_path) as (node, other, hub, somebody, book):
        circle = book.circle
        case = await say(node, circle, encode_record(book.report("Smoke")))
        assert (await somebody.get(f"/cases/{circle}/{case}")).status == 200
        topic = topic_of(circle, case)
        with (
            hub.opened((topic,), LANGUAGES["en"], someone()) as one,
            hub.opened((topic,), LANGUAGES["ko"], someone(name="Nari", language="ko")) as two,
        ):
            english, korean = Watching(one), Watching(two)

            ref = await say(other, circle, encode_record(book.report("More smoke", case=case)))
            name = str(ref).replace(".", "-")
            came = await english.until(
                "More smoke", f'id="case-r-{name}"', 'hx-target="#case-head"', "Held by"
            )
            there = await korean.until("More smoke", "보관")
            english.end()
            korean.end()

        assert f'hx-target="#case-rows > #case-r-{name}" hx-swap="delete"' in came
        assert "Held by" not in there


async def test_whoever_opens_a_page_while_it_changes_learns_that_it_is_old(tmp_path: Path) -> None:
    """Though nobody had it open when the record came."""
    async with console(tmp_path) as (node, _, hub, somebody, book):
        circle = book.circle
        case = await say(node, circle, encode_record(book.report("Smoke")))
        await somebody.get(f"/cases/{circle}/{case}")
        before = hub.moment()

        await say(node, circle, encode_record(book.report("More smoke", case=case)))
        async with asyncio.timeout(20):
            while hub.moment() == before:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)

        with hub.opened((topic_of(circle, case),), LANGUAGES["en"], someone()) as page:
            watching = Watching(page)
            told = await watching.until("event: opened")
            watching.end()
        assert before not in told


async def test_a_page_that_nobody_follows_any_more_learns_that_it_is_old(tmp_path: Path) -> None:
    """Its case was let go of before it listened, by a confirmation: it asks for itself anew."""
    async with console(tmp_path) as (node, _, hub, somebody, book):
        circle = book.circle
        case = await say(node, circle, encode_record(book.report("Smoke")))
        other = encode_record(book.report("Of another case"))
        casework = node.desk.casework[circle]
        await until(lambda: casework.indexing.behind(casework) == 0)
        await somebody.get(f"/cases/{circle}/{case}")
        before = hub.moment()

        await say(node, circle, other)
        topic = topic_of(circle, case)
        await until(lambda: hub._numbers.get(topic, 0) > int(before.split("-")[1]))

        with hub.opened((topic,), LANGUAGES["en"], someone()) as page:
            watching = Watching(page)
            told = await watching.until("event: opened")
            watching.end()
        assert int(told.split("data: ")[1].split(" ")[0].split("-")[1]) > int(before.split("-")[1])


async def test_what_cannot_be_read_for_now_ends_nothing(tmp_path: Path) -> None:
    """The next record comes all the same."""
    async with console(tmp_path) as (node, _, hub, somebody, book):
        circle = book.circle
        case = await say(node, circle, encode_record(book.report("Smoke")))
        await somebody.get(f"/cases/{circle}/{case}")
        with hub.opened((topic_of(circle, case),), LANGUAGES["en"], someone()) as page:
            watching = Watching(page)
            casework = node.desk.casework[circle]
            casework._tell(case)
            casework.lost()
            await say(node, circle, encode_record(book.report("More smoke", case=case)))
            sent = await watching.until("More smoke")
            watching.end()

        assert sent
