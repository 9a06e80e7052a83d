"""A member that puts markup, addresses of scripts and impossible times into every field shows text."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.node.casebook import Casebook
from tests.node.nodes import Founded, found, free_port, until
from tests.web.browsing import Browser, OpenDoor, Opened, someone

from tocsin.circles.founding.charter import CharterMember
from tocsin.core.records import (
    Attachment,
    Card,
    Certificate,
    Check,
    Desk,
    Endpoint,
    Fingerprint,
    Handover,
    Moment,
    NoteRecord,
    Operator,
    Record,
    Ref,
    Source,
    System,
    Translation,
    encode_record,
)
from tocsin.core.strict_json import MAX_INTEGER
from tocsin.node.node import Node
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.hub import Hub
from tocsin.web.parts import Parts
from tocsin.web.serving.app import Application
from tocsin.web.serving.page import Page
from tocsin.web.serving.person import Role
from tocsin.web.serving.static import Assets
from tocsin.web.serving.visit import Site

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

MARKUP = "\"'><x-evil onx-evil=1 hx-get='/x'>{{ 7 * 7 }}</script></textarea></title><!--\u202e"
SCRIPT = "javascript:evil()"
EARLY_MS = -30_700_000_000_000
TIMES_MS = (-MAX_INTEGER, EARLY_MS, 0, 253_402_300_800_000, MAX_INTEGER)
SHA256 = "ab" * 32
_ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post"}


class Looker(HTMLParser):
    """Finds what runs, what leads elsewhere, and what the hostile member made into markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        names = dict(attrs)
        if "evil" in tag or any("evil" in name for name in names):
            self.found.append(f"markup: {tag} {attrs}")
        if tag == "script" and not (names.get("src") or "").startswith("/static/"):
            self.found.append(f"script: {attrs}")
        if any(name == "style" or name.startswith(("on", "hx-on")) for name in names):
            self.found.append(f"inline: {tag} {attrs}")
        for name in _ADDRESSES & names.keys():
            value = names[name] or ""
            if value.startswith("//") or not value.startswith(("/", "?", "#")):
                self.found.append(f"address: {tag} {name}={value}")

    handle_startendtag = handle_starttag


@dataclass
class Console:
    """All pages of one member's console, and the line of the other, which is hostile."""

    founded: Founded
    node: Node
    hostile: Node
    pages: list[Page]
    opened: Opened
    hub: Hub
    book: Casebook
    said: list[Ref] = field(default_factory=list)

    async def say(self, record: Record) -> Ref:
        """Write what no console would."""
        written = await self.hostile.lines[self.founded.id].write([encode_record(record)])
        log, index = written.log, written.size - 1
        self.said.append(Ref.at(log, index, self.hostile.store.entries(log, index, index + 1)))
        return self.said[-1]

    def paths(self, case: Ref) -> Iterator[str]:
        """Every page that can be looked at, with whatever may stand in its path."""
        domain, circle, member, epoch = case.log.split("/")
        known = {
            "domain": domain,
            "circle": circle,
            "member": member,
            "epoch": epoch,
            "case": str(case),
            "record": str(case),
            "index": str(case.index),
            "number": "1",
            "sha256": SHA256,
        }
        for page in self.pages:
            if page.method != "GET" or page.path == "/live":
                continue
            names = re.findall(r"{(\w+)(?::\w+)?}", page.path)
            if names == ["kind"]:
                kinds = ("report", "note", "answer", "acknowledgement", "correction", "link", "closing")
                yield from (f"/say/{one}?circle={circle}&case={case}&of={case}" for one in kinds)
            elif set(names) <= known.keys():
                path = re.sub(r"{(\w+)(?::\w+)?}", lambda name: known[name[1]], page.path)
                yield f"{path}?case={case}" if "sha256" in names else path
        for one in self.said:
            yield f"/cases/{circle}/{case}/{one}"
            yield f"/log/{one.log}/{one.index}"
        yield f"/cases/{circle}/{case}?order=causal"
        yield f"/exports/{circle}/{case}?format=oecd"
        yield "/search?q=x-evil"


@asynccontextmanager
async def _console(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Console]:
    monkeypatch.setattr(
        "tests.node.nodes.CharterMember",
        lambda **one: CharterMember(**one | {"label": f"{MARKUP[:-1]}{one['slug']}"}),
    )
    founded = found(folder, 2)
    founded.places[0].more = f"""
        [console]
        listen = "127.0.0.1:{free_port()}"
        public = "http://localhost:8450"
        unsafe_loopback = true
    """
    async with founded.running() as (node, hostile):
        settings = node.config.console
        assert settings
        async with Parts(node, settings) as parts:
            door, faults = OpenDoor(), list[BaseException]()
            site = Site(
                parts.templates,
                Assets(),
                "http://localhost:8450",
                "Desk east",
                moment=parts.hub.moment,
                slots=parts.slots,
            )
            every = list(parts.pages())
            opened = Opened(Application(site, door, every, faults.append).asgi(), door, faults)
            yield Console(founded, node, hostile, every, opened, parts.hub, Casebook(founded.id))


async def _tell(console: Console) -> Ref:
    """A case with all of it in every field. Returns the case."""
    book, say = console.book, console.say
    certificates = (Certificate(issuer=MARKUP, number=MARKUP),)
    case = await say(
        book.report(
            MARKUP,
            lang="x-evil",
            translations=(Translation(by=MARKUP, by_kind="officer", lang="en-x", text=MARKUP),),
            sources=(
                Source(kind="website", locator=SCRIPT, obtained="published", obtained_at_ms=EARLY_MS),
                Source(kind="website", locator=MARKUP, obtained="published", obtained_at_ms=MAX_INTEGER),
            ),
            event="incident",
            severity="serious-incident",
            economies=("KR",),
            systems=(System(name=MARKUP, version=MARKUP, certificates=certificates),),
            operators=(Operator(name=MARKUP, role="developer", certificates=certificates),),
            fingerprints=(Fingerprint(kind="url", value="javascript://x/%0aevil()\"'><x-evil>"),),
            attachments=(
                Attachment(media_type="text/html", sha256=SHA256, size_bytes=MAX_INTEGER, name=MARKUP),
            ),
        )
    )
    for at_ms in TIMES_MS:
        moment = Moment(asserted_by="author", at_ms=at_ms, clock="aware", precision="second", name=MARKUP)
        await say(book.report(MARKUP, case=case, moments=(moment,)))
        ask = await say(book.ask(case, wanted_by_ms=at_ms, text=MARKUP, lang="en"))
        await say(book.answer(case, ask, text=MARKUP, lang="en"))
        if at_ms >= 0:
            await say(replace(book.report(MARKUP), at_ms=at_ms))
            await say(replace(book.ask(case), at_ms=at_ms))
    common = book._common()
    await say(NoteRecord(**common, text=MARKUP, lang="en", more={"x_evil": MARKUP}))
    await say(Handover(**common, to="x-evil", text=MARKUP, lang="en"))
    await say(Check(**common, within_minutes=10_000, text=MARKUP, lang="en"))
    await say(book.correction(case, case, summary=f"Corrected {MARKUP}", lang="en"))
    await say(book.closing(case))
    await say(
        Card(
            **common | {"author": "node", "author_kind": "machine", "at_ms": MAX_INTEGER},
            lang="x-evil",
            endpoints=(Endpoint(url="https://127.0.0.1:1", tls_spki_sha256="0" * 64),),
            desk=Desk(name=MARKUP, hours=MARKUP, languages=("x-evil", "ko"), contact=SCRIPT),
            officers=(),
            more={"phone": MARKUP},
        )
    )
    return case


async def test_whatever_a_member_writes_is_text_on_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On each page that shows it: no element, no attribute, no address is of its making, and none breaks."""
    async with _console(tmp_path, monkeypatch) as console:
        case = await _tell(console)
        log, node, circle = case.log, console.node, console.founded.id
        size = console.hostile.lines[circle].own.size
        await until(lambda: (head := node.store.head(log)) is not None and head.size >= size)
        await until(lambda: node.desk.casework[circle].said(console.said[-2]) is not None)
        browser = Browser(console.opened, someone(*Role))
        found: dict[str, list[str]] = {}
        shown = 0

        for path in dict.fromkeys(console.paths(case)):
            async with asyncio.timeout(20):
                answer = await browser.get(path)
            assert console.opened.faults == [], (path, console.opened.faults)
            assert answer.headers["x-content-type-options"] == "nosniff"
            if answer.headers.get("content-type", "").startswith("text/html"):
                looker = Looker()
                looker.feed(answer.text)
                shown += "&lt;x-evil" in answer.text
                if looker.found:
                    found[path] = looker.found
            elif answer.status == 200:
                assert answer.headers["content-disposition"].startswith("attachment; "), path
                assert "no-store" in answer.headers["cache-control"], path

        assert found == {}
        assert shown > 50


async def test_whatever_a_member_writes_is_text_in_what_is_sent_to_open_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The situation room and the case are sent its records as they come, and nothing that does anything."""
    async with _console(tmp_path, monkeypatch) as console:
        case = await console.say(console.book.report(MARKUP))
        circle = console.founded.id
        casework = console.node.desk.casework[circle]
        await until(lambda: casework.said(case) is not None)
        browser, looker, sent = Browser(console.opened, someone()), Looker(), ""
        assert (await browser.get(f"/cases/{circle}/{case}")).status == 200
        topics = ["room", f"circle/{circle}", f"case/{circle}/{case}"]

        with console.hub.opened(topics, LANGUAGES["en"], someone()) as page:
            stream = page.stream()
            await anext(stream)
            await console.say(console.book.report(f"More {MARKUP}", case=case))
            await console.say(console.book.report(f"Another {MARKUP}"))
            async with asyncio.timeout(20):
                while not ("More" in sent and "Another" in sent):
                    lines = (await anext(stream)).decode().split("\n")
                    sent += "\n".join(line.removeprefix("data: ") for line in lines if line[:5] == "data:")
            page.end()
        looker.feed(sent)

        assert "&lt;x-evil" in sent
        assert looker.found == []
        assert console.opened.faults == []
