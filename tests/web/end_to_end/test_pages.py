"""Every page, in every language, light and dark, on a phone and on a desk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import ViewportSize, expect
from tests.node.nodes import DOMAIN, confirmed
from tests.web.end_to_end.house import (
    House,
    Person,
    barriers,
    english,
    house,
    needs_a_browser,
    wrong_to_see,
)
from tests.web.end_to_end.telling import HOSTILE, Teller, Told, tell

from tocsin.core.records import Attachment, Notice, Ref
from tocsin.node.api.console.types import Invite
from tocsin.web.acting.fields import KINDS
from tocsin.web.languages import LANGUAGES

pytestmark = needs_a_browser

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
DRILL = "drill.loopback.example"
SHA256 = "5e" * 32

# What is no page; and pages that come of what one did on others: tests of those parts look at them then.
ELSEWHERE = frozenset(
    {
        "/archives/{circle}/{case}/file",
        "/attachments/{circle}/{sha256}/file",
        "/audit.jsonl",
        "/briefs/{circle}/{case}/file",
        "/circles/founding/{circle}",
        "/circles/founding/{circle}/draft",
        "/circles/{circle}/bundle",
        "/circles/{circle}/charter/{number:int}",
        "/confirm/{draft}",
        "/exports/{circle}/{case}/file",
        "/live",
        "/log/carry/{circle}",
        "/log/evidence/{circle}/{number:int}",
        "/log/{domain}/{circle}/{member}/{epoch:int}/verification/{name}",
        "/log/{domain}/{circle}/{member}/{epoch:int}/{index:int}/proof",
        "/proofs/{circle}/{record}",
        "/said/{wish}",
    }
)
ASKING = {
    "/attachments/{circle}/{sha256}": "?case={case}",
    "/exports/{circle}/{case}": "?format=stix",
}
"""What is asked of a page that shows little by itself."""


async def notice(rooms: House, told: Told) -> Ref:
    """North names content in the case, and tells us that we may be removed. Returns that, once it is here."""
    teller, node = Teller(rooms), rooms["north"].node
    named = Attachment(media_type="image/png", sha256=SHA256, size_bytes=1000, name=HOSTILE)
    await teller.say("north", teller.book.report(HOSTILE, case=told.case, attachments=(named,)))
    given = Notice(
        circle=told.circle,
        at_ms=node.clock.wall_ms(),
        author="desk",
        author_kind="officer",
        tlp="TLP:AMBER",
        member="east",
        reply_within_hours=24,
        text=HOSTILE,
        lang="en",
    )
    ref = await teller.say("north", given)
    await confirmed(node.lines[told.circle], ref.index + 1)
    return ref


async def archived(aru: Person, told: Told) -> None:
    """The archive of the case is made, in the language of who looks."""
    page = await aru.go(f"/cases/{told.circle}/{told.case}")
    await page.click("form[action^='/archives/'] button")
    await expect(page.locator("#case-archive [data-ready]")).to_be_visible()


def paths(rooms: House, told: Told, given: Ref) -> Iterator[str]:
    """Every page of a console for those who are signed in, at an address where there is something to see."""
    values = {
        "account": rooms["east"].console.parts.people.accounts.all()[0].id,
        "case": str(told.case),
        "record": str(told.ask),
        "sha256": SHA256,
        **place(given),
    }
    pages = {one.path for one in rooms["east"].console.parts.pages() if one.method == "GET" and one.role}
    assert pages >= ELSEWHERE
    for path in sorted(pages - ELSEWHERE):
        if path == "/say/{kind}":
            yield from forms(told)
        else:
            here = values | place(told.ask) if "{domain}" in path else values
            yield f"{path}{ASKING.get(path, '')}".replace(":int", "").format(**here)


def place(ref: Ref) -> dict[str, str]:
    """Where a record stands, as addresses name it."""
    domain, circle, member, epoch = ref.log.split("/")
    return {"domain": domain, "circle": circle, "member": member, "epoch": epoch, "index": str(ref.index)}


def forms(told: Told) -> Iterator[str]:
    """Every form for a record, with what it is about."""
    about = {"circle": told.circle, "case": str(told.case), "ask": str(told.ask)}
    for kind in KINDS:
        of = {"of": str(told.case)} if kind in {"acknowledgement", "correction", "withdrawal"} else {}
        yield f"/say/{kind}?{urlencode(about | of)}"


async def look(tab: Tab, tag: str, path: str) -> list[str]:
    """What is wrong with a page as it stands, on a desk and on a phone.

    Light and dark differ by colours alone, and these are the same in all languages: contrasts are measured in
    English. What longer words do, they do first where it is narrow.
    """
    found = []
    at_each: tuple[tuple[ViewportSize, Literal["light", "dark"]], ...] = ((DESK, "light"), (PHONE, "dark"))
    for size, colours in at_each:
        await tab.set_viewport_size(size)
        await tab.emulate_media(color_scheme=colours)
        at = f"{tag} {path} {size['width']} {colours}"
        found += [f"{at}: {one}" for one in await wrong_to_see(tab)]
        if tag == "en" or size is PHONE:
            found += [f"{at}: {one}" for one in await barriers(tab, contrasts=tag == "en")]
    if await tab.evaluate("window.owned"):
        found.append(f"{path}: what a member wrote has run")
    return found


@pytest.mark.parametrize(("tag", "domain"), [*((tag, DOMAIN) for tag in LANGUAGES), ("en", DRILL)])
async def test_every_page_can_be_read(tmp_path: Path, tag: str, domain: str) -> None:
    """No text is cut off, lies over other text, or is English; axe finds nothing that keeps anybody out."""
    async with house(tmp_path, domain=domain) as rooms:
        told = await tell(rooms)
        aru = await rooms.arrive("east", "Aru", "officer", "approver", "administrator", language=tag)
        given = await notice(rooms, told)
        await archived(aru, told)
        found = []
        for path in paths(rooms, told, given):
            answer = await aru.page.goto(f"{aru.url}{path}")
            if answer is None or answer.status != 200:
                found.append(f"{path}: {answer and answer.status}")
            else:
                found += await look(aru.page, tag, path)
                if tag != "en":
                    found += [f"{tag} {path}: {one} is English" for one in await english(aru.page)]
        invited = await rooms["east"].console.parts.people.invite(Invite())
        await aru.context.clear_cookies()
        for url in (f"{aru.url}/sign-in", invited.url):
            await aru.page.goto(url)
            found += await look(aru.page, tag, url.removeprefix(aru.url))
            if tag != "en":
                found += [f"{tag} {url}: {one} is English" for one in await english(aru.page)]
        assert found == []
        assert aru.problems == []
