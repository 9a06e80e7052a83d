"""The demo with consoles: who gets in, who takes part, and what is left of it."""

import asyncio
import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.async_api import Page, async_playwright
from tests.cli.demos import NOTHING, TIMEOUT_S, Running, start_demo
from tests.web.end_to_end.house import CHROMIUM
from tests.web.people.office import BY_ADDRESS, BY_NAME, Office

from tocsin.node.clock import SystemChance
from tocsin.web.people.pages.unsafe import UnsafeLinks

pytestmark = [pytest.mark.slow, pytest.mark.process]

_LINK = re.compile(r"http://(?:garam|pomir)\.localhost:\d+/unsafe/[0-9a-f]{32}")
_QUICKLY = """
import sys, tocsin.cli.demo
sys.modules["tocsin.cli.demo.command"]._PACE_WITH_WINDOWS = 0
"""


class Visitor:
    """Somebody's browser: it takes *.localhost for this machine, keeps cookies, and goes where it is sent."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._cookies = SimpleCookie()
        self._stack = stack

    def asks(self, url: str) -> HTTPResponse:
        """What one request gets."""
        parts = urlsplit(url)
        connection = HTTPConnection("127.0.0.1", parts.port, timeout=TIMEOUT_S)
        self._stack.callback(connection.close)
        cookies = "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())
        target = f"{parts.path or '/'}?{parts.query}"
        connection.request("GET", target, headers={"Host": parts.netloc, "Cookie": cookies})
        answer = self._stack.enter_context(connection.getresponse())
        for cookie in answer.headers.get_all("set-cookie", []):
            self._cookies.load(cookie)
        return answer

    def opens(self, url: str) -> tuple[str, str]:
        """Where somebody ends who opens that, and the page there."""
        answer = self.asks(url)
        while answer.status == 303:
            url = urljoin(url, answer.headers["location"])
            answer = self.asks(url)
        assert answer.status == 200
        return urlsplit(url).path, answer.read().decode()


Visitors = Callable[[], Visitor]


@pytest.fixture
def visitor() -> Iterator[Visitors]:
    """Makes visitors, whose connections end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda: Visitor(stack)


def links(running: Running) -> list[str]:
    """Both links, once they are told."""
    found: list[str] = []
    assert running.process.stdout
    while len(found) < 2:
        line = running.process.stdout.readline()
        assert line, running.end()
        found += _LINK.findall(line)
    return found


@pytest.fixture
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demo with consoles that waits for nobody."""
    running = start_demo(tmp_path_factory.mktemp("demo"), "--fast")
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.end()


def test_both_consoles_let_their_officers_in(watched: Running, visitor: Visitors) -> None:
    """Each link leads to the situation room, in the language of its officer; it ends by itself."""
    found = links(watched)
    assert [urlsplit(link).hostname for link in found] == ["garam.localhost", "pomir.localhost"]
    for link, language, name in zip(found, ("ko", "ru"), ("서윤", "Парвина"), strict=True):
        path, page = visitor().opens(link)
        assert path == "/"
        assert f'<html lang="{language}"' in page
        assert name in page
    exit_code, out, err = watched.end()
    assert (exit_code, err) == (0, "")
    assert "What you have seen" in out
    assert watched.left([urlsplit(link).port or 0 for link in found]) == NOTHING


def test_another_code_lets_nobody_in(watched: Running, visitor: Visitors) -> None:
    """There is nothing at another address, and without a link one has to sign in."""
    link = links(watched)[0]
    assert visitor().asks(f"{link[:-1]}{'1' if link.endswith('0') else '0'}").status == 404
    assert visitor().opens(link.partition("/unsafe/")[0])[0] == "/sign-in"


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nothing_is_left_of_consoles_when_stopped(
    watched: Running, visitor: Visitors, number: signal.Signals, exit_code: int
) -> None:
    """Stopped in the middle, with a page that listens, a demo takes its consoles with it."""
    found, somebody = links(watched), visitor()
    _, page = somebody.opens(found[0])
    connect = re.search(r'hx-sse:connect="([^"]+)"', page)
    assert connect
    stream = somebody.asks(urljoin(found[0], unescape(connect[1])))
    assert stream.readline()
    watched.process.send_signal(number)
    assert watched.end()[0] == exit_code
    assert watched.left([urlsplit(link).port or 0 for link in found]) == NOTHING


class Seat:
    """Somebody before a demo, at a terminal."""

    def __init__(self, temporary: Path) -> None:
        self.near, far = pty.openpty()
        self.running = start_demo(temporary, before=_QUICKLY, stdin=far)
        os.close(far)
        self.told = ""

    def until(self, words: str) -> str:
        """Read on until this is told. Everything that was."""
        assert self.running.process.stdout
        while words not in self.told:
            line = self.running.process.stdout.readline()
            assert line, self.running.end()
            self.told += line
        return self.told

    def enter(self) -> None:
        """Press Enter."""
        os.write(self.near, b"\n")


@pytest.fixture
def seat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    """Somebody before a demo that waits for them, and hurries otherwise."""
    seat = Seat(tmp_path_factory.mktemp("demo"))
    yield seat
    if seat.running.process.poll() is None:
        seat.running.process.kill()
        seat.running.end()
    os.close(seat.near)


def test_enter_goes_on_and_ctrl_c_ends_it(seat: Seat, visitor: Visitors) -> None:
    """Nobody has to open anything: with Enter, the desk answers by itself; the end waits for Ctrl-C."""
    seat.until("It goes on once both are open")
    seat.enter()
    seat.until("Pomir's desk answers by itself")
    seat.enter()
    told = seat.until("Ctrl-C ends it")
    assert "4 replies, 2 independent sources" in told
    assert "4 readings of 2 sources: misuse" in told
    found = _LINK.findall(told)
    assert visitor().opens(found[-1])[0] == "/"
    seat.running.process.send_signal(signal.SIGINT)
    exit_code, _, err = seat.running.end()
    assert (exit_code, err) == (0, "")
    assert seat.running.left([urlsplit(link).port or 0 for link in found]) == NOTHING


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing: apt-get install chromium")
def test_one_can_take_part(seat: Seat) -> None:
    """Who makes a key and answers in Pomir's window has answered, and Pomir's desk does not."""
    told = seat.until("It goes on once both are open")
    asyncio.run(_answers_not_seen(seat, _LINK.findall(told)))
    assert "answered  by you" in seat.until("on the word of")
    assert "4 replies, 1 independent source" in seat.told
    seat.until("Ctrl-C ends it")


async def _answers_not_seen(seat: Seat, found: list[str]) -> None:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        garam, pomir = [await (await chromium.new_context()).new_page() for _ in found]
        await garam.goto(found[0])
        await pomir.goto(found[1])
        await asyncio.to_thread(seat.until, "Take part")
        await pomir.goto(found[1].partition("/unsafe/")[0] + "/keys")
        await pomir.click("form[data-make] button")
        await pomir.wait_for_selector("[data-vkey]")
        while not await pomir.locator("[data-vkey] .badge.good").count():
            await pomir.reload()
        await _open_answer(pomir)
        await pomir.select_option("select[name=seen]", "not-seen")
        await pomir.click("main form button.first")
        await pomir.click(".say-it:enabled")
        await asyncio.to_thread(seat.until, "on the word of")
        await chromium.close()


async def _open_answer(pomir: Page) -> None:
    await pomir.goto("/".join(pomir.url.split("/")[:3]))
    await pomir.click("main a:has-text('S&P 500')")
    await pomir.click("main a[href*='/say/answer']")


def test_unsafe_links_exist_on_loopback_alone() -> None:
    """A console that others can reach has none, whoever composes it."""
    UnsafeLinks(Office(BY_ADDRESS).people, BY_ADDRESS, SystemChance())
    with pytest.raises(ValueError, match="loopback"):
        UnsafeLinks(Office(BY_NAME).people, BY_NAME, SystemChance())


def test_a_console_knows_no_unsafe_links() -> None:
    """What a node runs does not even import them: only the demo does."""
    looked = (
        f"import sys, tocsin.cli.node, tocsin.web.console; print('{UnsafeLinks.__module__}' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", looked], check=True, capture_output=True, text=True)
    assert result.stdout == "False\n"
