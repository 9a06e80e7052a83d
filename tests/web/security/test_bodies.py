"""Nothing that is sent takes much more room or time than it has bytes, whoever sends it."""

import asyncio
import tracemalloc

import pytest
from starlette.responses import Response
from tests.web.browsing import Answer, Browser, opened, someone

from tocsin.node.serving.listener import MAX_CONNECTIONS
from tocsin.web.people.pages.coming import Coming
from tocsin.web.serving.bodies import MOST_AT_ONCE_BYTES, MOST_OF_ONE_BYTES, SMALL_BYTES
from tocsin.web.serving.forms import MOST_BYTES
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

pytestmark = pytest.mark.anyio

_FORM = "application/x-www-form-urlencoded"


class Part:
    """A page that takes large files, and one with a number in its path."""

    @page("POST", "/file", Role.READER, most_bytes=64 * 2**20)
    async def file(self, visit: Visit) -> Response:
        """It says how large what came was."""
        return visit.html(str(len(visit.body)))

    @page("GET", "/entry/{index:int}", Role.READER)
    async def entry(self, visit: Visit) -> Response:
        """It says which."""
        return visit.html(str(visit.path["index"]))


async def test_a_form_may_not_be_as_large_as_a_file() -> None:
    """Escapes take many times their room to decode: a page that takes large files takes no large form."""
    browser = Browser(opened(Part()), someone())
    escapes = b"text=" + b"%41" * ((MOST_BYTES + 2**20) // 3)

    tracemalloc.start()
    as_form = await browser.send("/file", escapes, content_type=_FORM)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    as_file = await browser.send("/file", escapes)

    assert as_form.status == 413
    assert most_bytes < 4 * MOST_BYTES
    assert (as_file.status, as_file.text) == (200, str(len(escapes)))


async def test_a_number_that_no_log_has_is_no_page() -> None:
    """However many digits a stranger writes: it is no fault of ours, of which the node would tell."""
    console = opened(Part())
    for signed in (None, someone()):
        browser = Browser(console, signed)
        for digits in (16, 4_300, 4_301, 15_000):
            assert (await browser.get(f"/entry/{'9' * digits}")).status == 404

    assert (await Browser(console, someone()).get(f"/entry/{2**53 // 10}")).status == 200
    assert console.faults == []


async def test_an_address_that_almost_is_one_leads_nowhere() -> None:
    """No answer repeats the host that somebody named, and each has the strict headers."""
    answer = await Browser(opened(Part()), someone()).get("/entry/5/", host="evil.example")

    assert answer.status == 404
    assert "evil.example" not in answer.text + str(answer.headers)
    assert "content-security-policy" in answer.headers


class Slow:
    """A page that takes a large file, and is made once `go` is set; `at_work`: how many are being made."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.at_work = asyncio.Semaphore(0)

    @page("POST", "/file", Role.READER, most_bytes=64 * 2**20)
    async def file(self, visit: Visit) -> Response:
        """It says how large what came was, in time."""
        self.at_work.release()
        await self.go.wait()
        return visit.html(str(len(visit.body)))


async def test_what_is_sent_at_once_fits_into_memory() -> None:
    """Large files have room together, one person has less; who finds none is told to wait, and finds some."""
    part = Slow()
    console = opened(part)
    size_bytes = 64 * 2**20
    aru, bo, cem = (Browser(console, someone(name=name)) for name in ("Aru", "Bo", "Cem"))

    async def send(browser: Browser, size_bytes: int = size_bytes) -> Answer:
        # No byte of it need come: it is as large as it says.
        return await browser.send("/file", b"x", content_length=str(size_bytes))

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        begun = [tasks.create_task(send(one)) for one in (aru, aru)]
        for _ in begun:
            await part.at_work.acquire()
        third_of_one = await send(aru)
        begun.append(tasks.create_task(send(bo)))
        await part.at_work.acquire()
        fourth = await send(cem)
        begun.append(tasks.create_task(send(cem, SMALL_BYTES)))
        await part.at_work.acquire()
        part.go.set()

    assert {one.result().status for one in begun} == {200}
    assert (third_of_one.status, fourth.status) == (503, 503)
    assert "too-much-at-once" in fourth.text
    assert [(await send(one)).status for one in (aru, cem)] == [200, 200]
    assert 3 * size_bytes == MOST_AT_ONCE_BYTES
    assert 2 * size_bytes == MOST_OF_ONE_BYTES


async def test_what_is_said_to_be_too_large_is_not_read() -> None:
    """Nor is it taken where nothing was said, and more comes."""
    browser = Browser(opened(Part()), someone())

    said = await browser.send("/file", b"", content_length=str(64 * 2**20 + 1))
    unsaid = await browser.send("/file", bytes(64 * 2**20 + 1))

    assert (said.status, unsaid.status) == (413, 413)


def test_strangers_fill_no_memory() -> None:
    """What they may send on all connections at once is as much as one file."""
    coming = [getattr(Coming, name).page for name in dir(Coming) if hasattr(getattr(Coming, name), "page")]
    open_to_all = [
        most_bytes for method, _, role, _, most_bytes, _ in coming if method == "POST" and not role
    ]

    assert len(open_to_all) == 5
    assert max(open_to_all) * MAX_CONNECTIONS <= 64 * 2**20
