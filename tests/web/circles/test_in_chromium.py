"""People found, change and leave circles, and verify logs, in a real browser; every page is looked at."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect
from tests.node.nodes import CLOCK, Place, confirmed, free_port, until
from tests.node.test_api_cases import name_of
from tests.web.circles.founding import DOMAIN, introduced, join_file, other_draft
from tests.web.end_to_end.house import Person, house, needs_a_browser
from tests.web.end_to_end.telling import HOSTILE, tell
from tests.web.end_to_end.test_pages import look

from tocsin.circles.line import Line
from tocsin.cli.organisation.keyfile import in_circle
from tocsin.cli.organisation.signing import sign_draft
from tocsin.core.keys import SigningKey
from tocsin.core.note import sign_note
from tocsin.core.records import NoteRecord, encode_record
from tocsin.node.api.checks.types import SayCheck, SayCheckAnswer
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import WriteQuery
from tocsin.node.node import Node
from tocsin.node.papers.draft import Draft

pytestmark = needs_a_browser

ANEW = """async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location)).text(), "text/html");
    const [target, text] = [document.getElementById("main"), page.getElementById("main").outerHTML];
    await htmx.swap({ sourceElement: document.body, target, text, swap: "outerMorph" });
}"""
"""The page as it is sent anew while it is open, as it is after its connection was lost."""


class Walker:
    """Somebody who goes from page to page, and what is wrong with those they see."""

    def __init__(self, person: Person, tag: str) -> None:
        self.person = person
        self.tab: Tab = person.page
        self.tag = tag
        self.found: list[str] = []

    async def go(self, path: str) -> None:
        """Open a page, and look at it."""
        answer = await self.tab.goto(f"{self.person.url}{path}")
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        await self.see(path)

    async def see(self, path: str) -> None:
        """Look at the page that is open."""
        self.found += await look(self.tab, self.tag, path)

    async def send(self, form: str, **fields: str) -> None:
        """Fill in the form with that action, and send it; then look at what comes."""
        chosen = f'main form[action="{form}"]'
        for name, value in fields.items():
            await self.tab.locator(f'{chosen} [name="{name}"]').first.fill(value)
        async with self.tab.expect_navigation():
            await self.tab.click(f"{chosen} button")
        assert "problem" not in self.tab.url
        assert await self.tab.locator("main .notice.bad > h1").count() == 0, await self.tab.inner_text("main")
        await self.see(form)


@pytest.mark.parametrize("tag", ["en", "ru"])
async def test_a_circle_is_founded_amended_and_left(tmp_path: Path, tag: str) -> None:
    """With nothing but pages, and papers that are signed elsewhere."""
    async with house(tmp_path) as rooms:
        aru = await rooms.arrive("east", "Aru", "officer", "approver", language=tag)
        walker, tab = Walker(aru, tag), aru.page
        (key, entry), (their_key, theirs) = introduced("east"), introduced("pier")
        public = tmp_path / "organisation-live.pub"
        public.write_text(f"The public half.\n\n{key.verifying.encode()}\n")

        # introduced, drafted, signed
        await walker.go("/circles/new/introduce")
        await tab.set_input_files("#public-file", public)
        await walker.send(
            "/circles/new/introduce", domain="quay.example", member="east", label="Desk east", economy="kr"
        )
        await walker.go("/circles/new/draft")
        chosen = ""
        for one in (entry, theirs):
            (tmp_path / "entry.toml").write_text(one)
            await tab.set_input_files("#entries-file", tmp_path / "entry.toml")
            chosen = f"{chosen}\n{one}".lstrip()
            await expect(tab.locator("#entries")).to_have_value(chosen)
        await walker.send("/circles/new/draft", title=HOSTILE[:60], purpose="To try.")
        text = await tab.input_value("#exact")
        await walker.go("/circles/new/sign")
        await tab.set_input_files("#public-file", public)
        await walker.send("/circles/new/sign", text=text)
        await walker.send("/circles/new/sign")
        path = re.sub(r"^https?://[^/]+", "", tab.url)
        circle = path.rpartition("/")[2]
        draft = Draft.parse((await fetched(tab, f"{path}/draft")).encode())

        # collected, compared, joined
        other = Place("pier", tmp_path / "pier", free_port())
        files = {
            "east": join_file(draft, key, "east"),
            "pier": join_file(other_draft(other, text), their_key, "pier"),
        }
        for slug, file in files.items():
            (tmp_path / f"{slug}.join").write_text(file)
        await tab.evaluate(ANEW)
        await tab.set_input_files("#file-1-file", [tmp_path / f"{slug}.join" for slug in files])
        await expect(tab.locator("#file-2")).not_to_have_value("")
        await walker.send(path)
        await tab.check('[name="compared"]')
        await walker.send(f"{path}/join")
        assert tab.url.endswith(f"/circles/{circle}")

        line = rooms["east"].node.lines[circle]
        await until(lambda: line.own.size > 1)
        await amend(walker, line, key, their_key)
        await leave(walker, line, key)
        await walker.go("/circles")

        assert walker.found == []
        # A title that was not the circle's is refused, which browsers tell of.
        assert [one for one in aru.problems if "422" not in one] == []


async def test_the_chart_of_checks_has_the_readers_zone_too(tmp_path: Path) -> None:
    """Below each moment in UTC."""
    async with house(tmp_path) as rooms:
        east, north, circle = rooms["east"].node, rooms["north"].node, rooms.founded.id

        async def say(node: Node, wish: SayCheck | SayCheckAnswer) -> str:
            written = await Calls(node).write(Call({"circle": circle}, WriteQuery(), wish))
            await confirmed(node.lines[circle], written.index + 1)
            return name_of(written)

        asked = await say(north, SayCheck(author="duty", author_kind="officer", tlp="TLP:GREEN"))
        await say(east, SayCheckAnswer(author="duty", author_kind="officer", check=asked))
        aru = await rooms.arrive("east", "Aru", "reader")
        page = await aru.go("/account")
        await page.fill("#zone", "Asia/Seoul")
        await page.locator("form:has(#zone) button").first.click()

        page = await aru.go(f"/circles/{circle}/checks")

        await expect(page.locator("text[data-here-ms]")).to_have_text(re.compile(r"^\d\d:\d\d( \+1)?$"))
        await expect(page.locator("[data-zones]")).to_be_visible()
        assert await look(page, "en", "checks") == []
        assert aru.problems == []


@pytest.mark.parametrize("tag", ["en", "ko"])
async def test_logs_are_browsed_and_verified(tmp_path: Path, tag: str) -> None:
    """An entry, its proof, a whole log with its progress, and a file that was changed by one letter."""
    async with house(tmp_path) as rooms:
        told = await tell(rooms)
        line = rooms["east"].node.lines[told.circle]
        hostile = NoteRecord(
            circle=told.circle,
            at_ms=CLOCK.wall_ms(),
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            text=HOSTILE,
            lang="en",
        )
        await line.write([encode_record(hostile)])
        await confirmed(line, line.own.size)
        aru = await rooms.arrive("east", "Aru", "officer", "approver", language=tag)
        walker, tab = Walker(aru, tag), aru.page
        log, index = told.ask.log, told.ask.index

        for page in ("/log", f"/log/{log}", f"/log/{log}?kind=note", f"/log/{log}/{index}", "/log/evidence"):
            await walker.go(page)
        await walker.go(f"/log/{log}")
        async with tab.expect_navigation():
            await tab.click(f'form[action="/log/{log}/verify"] button')
        await tab.wait_for_selector("#verification .notice.good")
        await walker.see("verification")

        proof = tmp_path / "east.tlog-proof"
        proof.write_text(await fetched(tab, f"/log/{log}/{index}/proof"))
        await walker.go("/verify")
        await tab.set_input_files("#file", proof)
        await tab.click('form[action="/verify"] button')
        await tab.wait_for_selector(".verdict.good")
        await walker.see("a proof")

        changed = proof.read_bytes().replace(b"index ", b"index 1", 1)
        await walker.go("/verify")
        await tab.click("[data-pasted] summary")
        await walker.send("/verify", text=proof.read_text())
        proof.write_bytes(changed)
        await walker.go("/verify")
        await tab.set_input_files("#file", proof)
        await tab.click('form[action="/verify"] button')
        await tab.wait_for_selector(".verdict.bad")
        await walker.see("a changed proof")

        assert walker.found == []
        # That a file does not hold is an answer of its own kind, which browsers tell of.
        assert [one for one in aru.problems if "422" not in one] == []


async def fetched(tab: Tab, path: str) -> str:
    """A file of text that the console hands out, as a browser gets it."""
    text: str = await tab.evaluate("async (path) => (await fetch(path)).text()", path)
    return text


async def amend(walker: Walker, line: Line, key: SigningKey, their_key: SigningKey) -> None:
    """Another title and clock, with both signatures."""
    at, tab = f"/circles/{line.circle.id}", walker.tab
    for page in ("charter", "checks", "amend", "members/pier", "members/pier/expel"):
        await walker.go(f"{at}/{page}")
    await walker.go(f"{at}/amend")
    await walker.send(f"{at}/amend", title="Quay", acknowledge_within_minutes="5")
    amendment = await tab.input_value("#exact")
    await walker.go(f"{at}/amend")
    for number, (slug, one) in enumerate({"east": key, "pier": their_key}.items(), 1):
        note = sign_note(amendment, in_circle(one, DOMAIN, slug)).encode().decode()
        await tab.fill(f"#signed-{number}", note)
    await walker.send(f"{at}/amend/signed")
    await walker.send(f"{at}/amend/apply")
    assert line.circle.charter.version == 2


async def leave(walker: Walker, line: Line, key: SigningKey) -> None:
    """With the title typed; and have purged what the others said."""
    at = f"/circles/{line.circle.id}/leave"
    await walker.go(at)
    await walker.send(at)
    paper = Draft.parse((await walker.tab.input_value("#exact")).encode())
    await walker.go(at)
    signed = sign_draft(paper, in_circle(key, DOMAIN, "east")).decode()
    await walker.tab.fill("#signed", signed)
    await walker.tab.fill("#typed", "Key")
    await walker.tab.click(f'form[action="{at}/signed"] button')
    await walker.tab.wait_for_selector("main .notice.bad > h1")
    assert not line.departure.gone
    await walker.tab.go_back()
    await expect(walker.tab.locator("#signed")).to_have_value(signed)
    await walker.send(f"{at}/signed", title="Quay")
    assert line.departure.gone
    await walker.send(f"{at}/purge", ordered_by=HOSTILE[:80], title="Quay")
