"""Real consoles of real nodes, and people who sit before them with Debian's Chromium.

    async with house(folder) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer")
        await aru.page.goto(rooms["east"].url)

Each browser context is a person's own, with an authenticator that holds their passkey.
"""

import contextlib
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect
from tests.node.hand_clock import HandClock
from tests.node.nodes import DOMAIN, Founded, Place, found, free_port

from tocsin.node.api.console.types import Invite, RoleOfConsole
from tocsin.node.node import Node
from tocsin.web.console import Console

CHROMIUM = shutil.which("chromium")
HERE = Path(__file__).parent
AXE = HERE.parents[1] / "foreign" / "node" / "node_modules" / "axe-core" / "axe.min.js"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PRESENT = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

# As long as Playwright waits for anything else: a machine may be slow.
expect.set_options(timeout=30_000)

needs_a_browser = [
    pytest.mark.slow,
    pytest.mark.anyio,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing: apt-get install chromium"),
]


@dataclass
class Person:
    """Somebody before a console, signed in, and all that went wrong in their browser."""

    name: str
    url: str
    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)

    def heard(self, said: ConsoleMessage) -> None:
        """Something that the browser's own console says."""
        if said.type == "error":
            self.problems.append(said.text)

    async def go(self, path: str) -> Page:
        """Their page, at this path, once it is whole."""
        await self.page.goto(f"{self.url}{path}")
        return self.page


@dataclass
class Room:
    """One organisation's node and console, as long as they run, by a clock that tests put forward."""

    place: Place
    clock: HandClock
    node: Node
    console: Console
    url: str
    running: contextlib.AsyncExitStack

    async def leave(self) -> None:
        """Stop both, as somebody does who pulls the plug gently."""
        await self.running.aclose()

    async def come_back(self) -> None:
        """Start both again, where they were."""
        self.node = await self.running.enter_async_context(self.place.node())
        settings = self.node.config.console
        assert settings
        self.console = await self.running.enter_async_context(Console(self.node, settings))


@dataclass
class House:
    """Two organisations in one circle, each with its console."""

    founded: Founded
    rooms: Mapping[str, Room]
    browser: Browser
    stack: contextlib.AsyncExitStack

    def __getitem__(self, slug: str) -> Room:
        return self.rooms[slug]

    async def arrive(self, slug: str, name: str, *roles: RoleOfConsole, language: str = "en-GB") -> Person:
        """Somebody new enrols at that console with a passkey, and is signed in."""
        room = self.rooms[slug]
        context = await self.browser.new_context(locale=language, viewport={"width": 1440, "height": 900})
        self.stack.push_async_callback(context.close)
        page = await context.new_page()
        person = Person(name, room.url, context, page)
        page.on("pageerror", lambda error: person.problems.append(str(error)))
        page.on("console", person.heard)
        authenticator = await context.new_cdp_session(page)
        await authenticator.send("WebAuthn.enable")
        await authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": _PRESENT})
        invited = await room.console.parts.people.invite(Invite(name=name, roles=roles))
        await page.goto(invited.url)
        await page.click("main form button[type=submit]")
        await page.click("[data-begin]")
        await page.wait_for_url(f"{room.url}/account")
        return person


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Debian's."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def house(folder: Path, domain: str = DOMAIN) -> AsyncIterator[House]:
    """East and north: founded, running, and with a browser; everything ends with it."""
    async with contextlib.AsyncExitStack() as stack:
        founded = found(folder, domain=domain)
        for place in founded.places:
            port = free_port()
            place.more += f"""
                [console]
                listen = "127.0.0.1:{port}"
                public = "http://{place.slug}.localhost:{port}"
                unsafe_loopback = true
            """
        rooms = {}
        for place in founded.places:
            running = await stack.enter_async_context(contextlib.AsyncExitStack())
            place.clock = clock = HandClock()
            node = await running.enter_async_context(place.node())
            await node.join(founded.text, founded.join_files)
            settings = node.config.console
            assert settings
            console = await running.enter_async_context(Console(node, settings))
            rooms[place.slug] = Room(place, clock, node, console, settings.origin, running)
        browser = await stack.enter_async_context(chromium())
        people = await stack.enter_async_context(contextlib.AsyncExitStack())
        yield House(founded, rooms, browser, people)


async def wrong_to_see(page: Page) -> list[dict[str, object]]:
    """Text that is cut off, lies over other text, or runs out of the page."""
    found: list[dict[str, object]] = await page.evaluate((HERE / "looking.js").read_text(encoding="utf-8"))
    return found


async def english(page: Page) -> list[str]:
    """Words in small Latin letters on a page in another script, but for names and what says it is English."""
    found: list[str] = await page.evaluate((HERE / "english.js").read_text(encoding="utf-8"))
    return found


async def barriers(page: Page, *, contrasts: bool = True) -> list[str]:
    """What axe finds that keeps people out, by the rules of WCAG 2.2 AA."""
    if not AXE.exists():
        pytest.skip("axe-core is missing: npm ci --prefix tests/foreign/node")
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    result = await page.evaluate(
        """(contrasts) => axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            rules: { "color-contrast": { enabled: contrasts } },
        })""",
        contrasts,
    )
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in result["violations"]
        for node in one["nodes"]
    ]
