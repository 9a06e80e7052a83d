"""A console at a real node, its time in the test's hand, and officers with keys as browsers have them."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from tests.node.casebook import Casebook
from tests.node.hand_clock import HandClock
from tests.node.nodes import CHANCE, Founded, confirmed, found, until
from tests.web.browsing import ORIGIN, Answer, Browser, OpenDoor, Opened, someone

from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.note import Signature
from tocsin.core.records import Tlp, encode_record
from tocsin.node.card import newest_card
from tocsin.node.node import Node
from tocsin.web.acting.acting import Acting
from tocsin.web.acting.drafts import Draft
from tocsin.web.circles import circle_parts
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.overview.mine.mine import Mine
from tocsin.web.people.audit import Audit
from tocsin.web.serving.app import Application
from tocsin.web.serving.page import pages_of
from tocsin.web.serving.person import Role, Signed
from tocsin.web.serving.static import Assets
from tocsin.web.serving.templates import make_environment
from tocsin.web.serving.visit import Site

ARU = someone(Role.OFFICER, Role.ADMINISTRATOR, name="Aru")
BO = someone(Role.OFFICER, name="Bo")
READER = someone(name="Ria")

NOTE = {"text": "Smoke over the harbour.", "lang": "en"}


@dataclass
class House:
    """The first member's node and console; `others` are the nodes of the rest."""

    circle: Founded
    node: Node
    others: list[Node]
    acting: Acting
    opened: Opened
    clock: HandClock
    audit: Audit
    said: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The circle's id."""
        return self.circle.id

    @property
    def size(self) -> int:
        """How long our log is."""
        return self.node.lines[self.id].own.size

    def browser(self, who: Signed) -> Browser:
        """Somebody's browser."""
        return Browser(self.opened, who)

    def new_key(self, role: str = "duty-officer") -> SigningKey:
        """A key as a browser makes one."""
        log = self.node.lines[self.id].own.member.log
        return SigningKey.generate(log.officer(role), SignatureType.ED25519, CHANCE)

    async def enrol(self, who: Signed, *, on_card: bool = True) -> SigningKey:
        """A key of somebody's, on the card or waiting."""
        key = self.new_key(who.person.role_name)
        public = encode_base64(key.verifying.public)
        answer = await self.browser(who).post("/keys", {"circle": self.id, "public": public})
        assert answer.status == 303, answer.text
        if on_card:
            vkey = key.verifying.encode()
            answer = await self.browser(ARU).post("/keys/put-on", {"vkey": vkey})
            assert answer.status == 303, answer.text
            await until(lambda: self.is_on_card(vkey))
        return key

    def is_on_card(self, vkey: str) -> bool:
        """Whether the newest card lists that key."""
        line = self.node.lines[self.id]
        card = newest_card(self.node.store, line.own.name, line.own.size)
        return card is not None and any(one.key == vkey for one in card.officers)

    async def draft(self, who: Signed, kind: str = "note", fields: Mapping[str, Any] = NOTE) -> Answer:
        """The page on which somebody confirms what they typed."""
        browser = self.browser(who)
        answer = await browser.post(f"/say/{kind}", {"circle": self.id, **fields})
        assert answer.status == 303, answer.text
        return await browser.get(answer.headers["location"])

    def drafted(self, who: Signed, page: Answer) -> Draft:
        """The draft that somebody's page is of."""
        return self.acting.drafting._drafts.get(number_of(page), who.person.id)

    async def say(
        self, who: Signed, key: SigningKey, kind: str = "note", fields: Mapping[str, Any] = NOTE
    ) -> str:
        """Somebody types, signs and sends it. Returns the wish's id."""
        page = await self.draft(who, kind, fields)
        answer = await self.confirm(who, page, key)
        assert answer.status == 303, answer.text
        return number_of(page)

    async def now(self, who: Signed, key: SigningKey, kind: str, fields: Mapping[str, Any]) -> None:
        """Somebody says it, and it is written."""
        number, size = await self.say(who, key, kind, fields), self.size
        await self.browser(who).post("/pending/now", {"wish": number})
        await self.written(size)

    async def written(self, size: int) -> None:
        """Wait until our log has more than so many records, and nothing is being written any more."""
        waiting = self.acting._pending.waiting
        await until(lambda: self.size > size and not any(waiting(self.id)))

    async def confirm(self, who: Signed, page: Answer, key: SigningKey, **more: str) -> Answer:
        """Send the confirmation as the page's script does."""
        fields = {"signature": signature_of(page, key), "real": "1", "saw": saw_of(page)} | more
        return await self.browser(who).post(f"/confirm/{number_of(page)}", fields)

    def printed(self, number: str) -> str:
        """What stands of a wish on its author's pages, in English."""
        waiting = self.acting._waiting
        wish = self.acting._pending._wishes[number]
        view = waiting._view(wish, LANGUAGES["en"])
        text: str = waiting._fragments.text(LANGUAGES["en"], "acting/waiting/outcome.html", one=view)
        return text

    def fragment(self, person: str) -> str:
        """What is sent to all open pages of somebody."""
        return self.acting._waiting._slot(person, LANGUAGES["en"])

    async def case(self, tlp: Tlp = "TLP:AMBER") -> tuple[str, str]:
        """A case that another member opened, and its ask to all, so marked."""
        line, book = self.others[0].lines[self.id], Casebook(self.id)
        written = await line.write([encode_record(replace(book.report("Smoke."), tlp=tlp))])
        slug = line.own.member.slug
        case = f"{slug}.1.{written.size - 1}"
        ref = self.others[0].desk.casework[self.id].ref(case)
        written = await line.write([encode_record(replace(book.ask(ref), tlp=tlp))])
        await confirmed(line, written.size)
        return case, f"{slug}.1.{written.size - 1}"


def number_of(page: Answer) -> str:
    """The draft's id."""
    found = re.search(r'action="/confirm/([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def saw_of(page: Answer) -> str:
    """What the page knows of colleagues."""
    return html.unescape(re.findall(r'name="saw" value="([^"]*)"', page.text)[0])


def record_of(page: Answer) -> str:
    """The record as the page shows it, byte for byte."""
    shown = re.findall(r'<pre id="record"[^>]*>(.*?)</pre>', page.text, re.DOTALL)[0]
    return html.unescape(shown)


def signature_of(page: Answer, key: SigningKey, text: str | None = None) -> str:
    """The signature line over what the page shows, or over another text."""
    message = f"{record_of(page) if text is None else text}\n".encode()
    line = Signature(key.verifying.name, key.verifying.key_id, key.sign(message)).line()
    return line.removesuffix("\n")


@asynccontextmanager
async def house(folder: Path, *, drill: bool = False, circle: Founded | None = None) -> AsyncIterator[House]:
    """Two members, running, of whom the first has a console; or those of a circle that is there already."""
    circle = circle or found(folder, domain="drill.loopback.example" if drill else "loopback.example")
    first, *rest = circle.places
    first.clock = clock = HandClock()
    async with AsyncExitStack() as stack:
        others = await stack.enter_async_context(circle.running(*(one.slug for one in rest)))
        node = await stack.enter_async_context(first.node())
        if circle.id not in node.lines:
            await node.join(circle.text, circle.join_files)
        own = node.lines[circle.id].own
        await until(lambda: newest_card(node.store, own.name, own.size) is not None)
        yield await console(stack, circle, node, others, clock)


async def console(
    stack: AsyncExitStack, circle: Founded, node: Node, others: list[Node], clock: HandClock
) -> House:
    """A console of that node, until the stack is left."""
    said: list[tuple[str, str, str]] = []
    faults: list[BaseException] = []
    templates, door = make_environment(), OpenDoor()
    hub = Hub(clock, node.chance, lambda _: True, faults.append)
    acting = Acting(
        node,
        hub,
        Fragments(templates),
        lambda signed, of, name: said.append((signed.person.name, of, name)),
        audit := Audit(node.store, node.committer, clock, days=30),
    )
    await acting.start()
    stack.push_async_callback(acting.stop)
    site = Site(templates, Assets(), ORIGIN, "Desk east", slots={"pending": acting.pending})
    parts = (*acting.with_pages, Mine(node, hub), *circle_parts(node, audit, acting.drafting))
    pages = [one for part in parts for one in pages_of(part)]
    app = Application(site, door, pages, faults.append).asgi()
    return House(circle, node, others, acting, Opened(app, door, faults), clock, audit, said)
