"""The pages of cases on a real node: what they show, to whom, and that nothing in them runs."""

import asyncio
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from tests.node.casebook import AT_MS, source
from tests.node.casebook import Casebook as Book
from tests.node.nodes import DOMAIN, Founded, Place, confirmed, found, free_port
from tests.web.browsing import Answer, Browser, Opened, opened, someone

from tocsin.cases.matching import Observation
from tocsin.circles.evidence.prooffile import verify_proof
from tocsin.circles.line import Line
from tocsin.core.records import (
    Actor,
    Attachment,
    CaseRecord,
    Fingerprint,
    GroundTruth,
    Hypothesis,
    Probability,
    Reading,
    Ref,
    Translation,
    encode_record,
)
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import SayErasure, WriteQuery
from tocsin.node.node import Node
from tocsin.web.casebook import Cases
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.serving.person import Role
from tocsin.web.serving.templates import make_environment

pytestmark = pytest.mark.anyio

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"' \u202egnp.exe {{ 7*7 }} {% x %}"


@dataclass
class Desk:
    """A node with its case pages."""

    founded: Founded
    node: Node
    other: Node
    app: Opened
    book: Book
    saying: dict[str, frozenset[Ref]]

    @property
    def circle(self) -> str:
        """The circle's id."""
        return self.founded.id

    async def say(self, record: CaseRecord, node: Node | None = None) -> Ref:
        """Write a record here, or at another node."""
        writer = node or self.node
        written = await writer.lines[self.circle].write([encode_record(record)])
        entries = writer.store.entries(written.log, written.first, written.size)
        await confirmed(writer.lines[self.circle], written.size)
        return Ref.at(written.log, written.first, entries)

    def somebody(self, *roles: Role, language: str = "en") -> Browser:
        """Somebody who looks."""
        return Browser(self.app, someone(*roles, name="-".join(("Aru", *roles)), language=language))

    def path(self, case: Ref) -> str:
        """Where a case is."""
        return f"/cases/{self.circle}/{case}"


@asynccontextmanager
async def desk(folder: Path, domain: str = DOMAIN) -> AsyncIterator[Desk]:
    """Two nodes, and the console's case pages at the first."""
    founded = found(folder, 2, domain)
    async with founded.running() as (node, other):
        hub = Hub(node.clock, node.chance, lambda _: True, node.call_failed)
        saying: dict[str, frozenset[Ref]] = {}
        fragments = Fragments(make_environment())
        cases = Cases(node, hub, fragments, lambda person, _: saying.get(person, frozenset()))
        cases.start()
        yield Desk(founded, node, other, opened(*cases.with_pages), Book(founded.id), saying)
        await cases.stop()


def harmless(page: Answer) -> None:
    """Nothing that a member wrote is markup, and nothing invisible turns the direction of writing."""
    assert page.status == 200, page.text
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "\u202e" not in page.text
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", page.text)
    assert not re.search(r"<[a-z][^>]*\sstyle\s*=", page.text)
    for script in re.findall(r"<script[^>]*>", page.text):
        assert 'src="/static/' in script


async def test_a_case_is_on_its_page_in_every_language(tmp_path: Path) -> None:
    """With what was said, by whom, and on how much it rests."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke over the harbour", severity="serious-incident"))
        ask = await here.say(here.book.ask(case))
        await here.say(here.book.answer(case, ask), here.other)

        for tag in ("en", "ja", "ko", "ru", "tg", "zh-Hant"):
            page = await here.somebody(language=tag).get(here.path(case))

            harmless(page)
            assert "Smoke over the harbour" in page.text
            assert page.text.count("<h1") == 1
            assert f'id="case-r-{str(ask).replace(".", "-")}"' in page.text


async def test_script_in_every_field_of_another_member_is_text(tmp_path: Path) -> None:
    """On every page that shows it."""
    async with desk(tmp_path) as here:
        report = here.book.report(
            HOSTILE,
            sources=(source(),),
            systems=None,
            translations=(Translation(by=HOSTILE, by_kind="officer", lang="ko", text=HOSTILE),),
            attachments=(
                Attachment(media_type="image/png", sha256="5e" * 32, size_bytes=7, name=HOSTILE[:100]),
            ),
        )
        case = await here.say(report, here.other)
        somebody = here.somebody(Role.OFFICER)
        circle = here.circle

        for path in (
            here.path(case),
            f"{here.path(case)}/{case}",
            f"{here.path(case)}/{case}/check",
            f"/turns/{circle}/{case}",
            f"/briefs/{circle}/{case}",
            f"/exports/{circle}/{case}?format=misp",
            f"/attachments/{circle}/{'5e' * 32}?case={case}",
            "/search?q=alert",
            "/cases",
        ):
            harmless(await somebody.get(path))


async def test_what_somebody_is_saying_is_not_asked_of_them_again(tmp_path: Path) -> None:
    """Neither where it waits for their desk, nor at the record; of their colleagues it is."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"), here.other)
        paths = here.path(case), f"/turns/{here.circle}/{case}", f"{here.path(case)}/{case}"
        signed = someone(Role.OFFICER)
        aru, bek = Browser(here.app, signed), Browser(here.app, someone(Role.OFFICER, name="Bek"))
        before = [(await aru.get(path)).text.count("data-one-click") for path in paths]

        here.saying[signed.person.id] = frozenset({case})

        assert before == [1, 1, 1]
        assert [(await aru.get(path)).text.count("data-one-click") for path in paths] == [0, 0, 0]
        assert [(await bek.get(path)).text.count("data-one-click") for path in paths] == [1, 1, 1]


async def test_beside_the_room_there_is_only_the_case(tmp_path: Path) -> None:
    """No second page within the page, and no second first heading."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))

        beside = await here.somebody().get(
            here.path(case),
            hx_request="true",
            hx_target="aside#beside",
            hx_current_url="http://localhost:8450/",
        )

        assert "<html" not in beside.text
        assert "<h1" not in beside.text
        assert beside.text.lstrip().startswith('<article id="case" data-topic="case/')


async def test_a_drill_differs_at_one_glance(tmp_path: Path) -> None:
    """By the word, above the page and in it, and by its edges; on every page of the case."""
    async with desk(tmp_path, "drill.loopback.example") as here:
        case = await here.say(here.book.report("Smoke"))
        somebody = here.somebody(Role.OFFICER)

        for path in (here.path(case), f"{here.path(case)}/{case}", f"/briefs/{here.circle}/{case}", "/cases"):
            page = await somebody.get(path)
            assert '<body class="drill">' in page.text
            assert "drill-banner" in page.text
        assert 'class="case drill"' in (await somebody.get(here.path(case))).text


async def test_what_an_officer_may_do_a_reader_is_not_shown(tmp_path: Path) -> None:
    """Nor can a reader do it by the address."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        reader, officer = here.somebody(), here.somebody(Role.OFFICER)

        assert "/say/" not in (await reader.get(here.path(case))).text
        assert "/say/report?" in (await officer.get(here.path(case))).text
        assert f'&amp;of={case}">Correct' in (await officer.get(here.path(case))).text
        assert (await reader.get(f"/exports/{here.circle}/{case}")).status == 403
        assert (await reader.post(f"/attachments/{here.circle}/{'5e' * 32}")).status == 403
        assert (await officer.get(f"/exports/{here.circle}/{case}")).status == 200


async def test_what_this_desk_owes_stands_on_its_page(tmp_path: Path) -> None:
    """With the way to give it."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"), here.other)
        ask = await here.say(here.book.ask(case), here.other)

        page = await here.somebody(Role.OFFICER).get(f"/turns/{here.circle}/{case}", hx_request="true")

        assert f"/say/answer?circle={here.circle}&amp;case={case}&amp;ask={ask}" in page.text
        assert f'name="of" value="{case}"' in page.text


async def test_an_answer_that_is_proposed_waits_for_an_officer(tmp_path: Path) -> None:
    """On the page of its case, and of no other; a reader is not told."""
    async with desk(tmp_path) as here:
        seen = Fingerprint(kind="domain", value="feed.example")
        case = await here.say(here.book.report("Smoke", fingerprints=(seen,)), here.other)
        ask = await here.say(here.book.ask(case), here.other)
        other = await here.say(here.book.report("Water", sources=(source(7),)), here.other)
        await here.say(here.book.ask(other), here.other)
        one = Observation(id="one", at_ms=1, source=source(9), fingerprints=(seen,), handling="TLP:GREEN")
        await here.node.desk.observing.add([one])
        officer, reader = here.somebody(Role.OFFICER), here.somebody()

        here_it_waits = await officer.get(f"/turns/{here.circle}/{case}", hx_request="true")
        elsewhere = await officer.get(f"/turns/{here.circle}/{other}", hx_request="true")
        nothing = await reader.get(f"/turns/{here.circle}/{case}", hx_request="true")

        assert f"ask={ask}&amp;proposal=1" in here_it_waits.text
        assert "proposal=1" not in elsewhere.text
        assert "proposal=1" not in nothing.text


async def test_of_a_case_whose_first_report_was_erased_the_order_is_named(tmp_path: Path) -> None:
    """The page stands, with what others said."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        await here.say(here.book.report("More smoke", case=case), here.other)
        line = here.node.lines[here.circle]
        order = SayErasure(
            indices=(case.index,),
            author="duty",
            author_kind="officer",
            lang="en",
            reason="a name was in it",
            ordered_by="the data protection officer",
        )
        await Calls(here.node).write(Call({"circle": line.circle.id}, WriteQuery(), order))
        async with asyncio.timeout(20):
            page = await here.somebody().get(here.path(case))
            while "the data protection officer" not in page.text:
                await asyncio.sleep(0.02)
                page = await here.somebody().get(here.path(case))

        assert "More smoke" in page.text
        harmless(page)


async def test_a_record_opens_to_its_proof_and_is_checked_again(tmp_path: Path) -> None:
    """The file that is saved is the one that proves it, to whoever knows the circle's id."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        somebody = here.somebody()

        page = await somebody.get(f"{here.path(case)}/{case}")
        again = await somebody.get(f"{here.path(case)}/{case}/check", hx_request="true")
        saved = await somebody.get(f"/proofs/{here.circle}/{case}")

        assert "Checked here and now: it holds." in page.text
        assert "&#34;kind&#34;:&#34;report&#34;" in page.text
        assert "<html" not in again.text
        assert "Received and confirmed by others, each signature checked: 1" in again.text
        facts = verify_proof(saved.body, here.circle)
        assert (facts.index, str(facts.author.log)) == (case.index, case.log)
        assert saved.headers["content-disposition"] == f'attachment; filename="{case}.tlog-proof"'
        assert saved.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "path", ["/cases/{c}/nobody.1.7", "/cases/" + "0" * 64 + "/east.1.2", "/cases/{c}/{k}/north.1.99"]
)
async def test_what_is_not_there_is_said_as_a_page(tmp_path: Path, path: str) -> None:
    """What was expected, what was found: no fault of this program."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))

        page = await here.somebody().get(path.format(c=here.circle, k=case))

        assert page.status == 404
        assert "Expected" in page.text
        assert here.app.faults == []


async def test_a_record_of_another_case_is_not_shown_in_this_one(tmp_path: Path) -> None:
    """An address proves nothing."""
    async with desk(tmp_path) as here:
        one = await here.say(here.book.report("Smoke"))
        other = await here.say(here.book.report("Water"))

        assert (await here.somebody().get(f"{here.path(one)}/{other}")).status == 404


async def test_the_brief_and_its_files_say_the_same(tmp_path: Path) -> None:
    """In the language that is chosen."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        somebody = here.somebody()

        page = await somebody.get(f"/briefs/{here.circle}/{case}?lang=ko")
        plain = await somebody.get(f"/briefs/{here.circle}/{case}/file?lang=ko&form=plain")

        assert '<article class="panel case-brief" lang="ko">' in page.text
        assert f"사건 {case}" in page.text
        assert f"사건 {case}" in plain.text
        assert plain.headers["content-disposition"] == f'attachment; filename="{case}.ko.txt"'


async def test_the_archive_is_made_once_and_then_saved(tmp_path: Path) -> None:
    """While it is made, its page says so; who asks before that goes back to the case."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        somebody, path = here.somebody(), f"/archives/{here.circle}/{case}"

        early = await somebody.get(path)
        begun = await somebody.post(path)
        async with asyncio.timeout(20):
            while "/file" not in (await somebody.get(path)).text:  # noqa: ASYNC110 - it says so itself
                await asyncio.sleep(0.02)
        saved = await somebody.get(f"{path}/file")

        assert (early.status, early.headers["location"]) == (303, here.path(case))
        assert (begun.status, begun.headers["location"]) == (303, path)
        names = zipfile.ZipFile(BytesIO(saved.body)).namelist()
        assert "index.html" in names
        assert any(name.startswith("proofs/") for name in names)


async def test_an_export_says_first_what_it_does_not_say(tmp_path: Path) -> None:
    """And is saved as it was looked at."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke"))
        await here.say(here.book.acknowledgement(case, case), here.other)
        officer, path = here.somebody(Role.OFFICER), f"/exports/{here.circle}/{case}"

        page = await officer.get(f"{path}?format=stix&up_to=TLP:GREEN")
        saved = await officer.get(f"{path}/file?format=stix&up_to=TLP:GREEN")
        other = await here.somebody(Role.OFFICER, language="tg").get(f"{path}?format=stix&up_to=TLP:GREEN")

        assert "What the file does not say" in page.text
        assert "The format has no place for it." in page.text
        assert "Дар ин шакл барои он ҷой нест." in other.text
        assert b'"bundle"' in saved.body
        assert saved.headers["content-disposition"] == f'attachment; filename="{case}.stix.json"'


async def test_an_attachment_is_fetched_by_an_officer_and_saved_as_a_file(tmp_path: Path) -> None:
    """Never shown: whatever it is, its name is its hash, and its type says nothing."""
    content = b"<script>alert(1)</script>" * 100
    async with desk(tmp_path) as here:
        there = here.other.lines[here.circle]
        described = await here.other.desk.attachments.attach(
            there, content, media_type="text/html", name="a.html"
        )
        case = await here.say(here.book.report("Smoke", attachments=(described,)), here.other)
        path = f"/attachments/{here.circle}/{described.sha256}"
        officer = here.somebody(Role.OFFICER)

        before = await officer.get(f"{path}?case={case}")
        begun = await officer.post(path, {"case": str(case)})
        async with asyncio.timeout(20):
            while f"{path}/file" not in (await officer.get(f"{path}?case={case}")).text:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
        saved = await here.somebody().get(f"{path}/file")

        assert "It is not here" in before.text
        assert begun.status == 303
        assert saved.body == content
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["content-disposition"].startswith(
            f'attachment; filename="{described.sha256[:16]}'
        )


async def test_while_content_comes_its_page_says_how_much_is_here(tmp_path: Path) -> None:
    """And asks again by itself; two officers at once begin it once."""
    async with desk(tmp_path) as here:
        named = Attachment(media_type="image/png", sha256="5e" * 32, size_bytes=1000)
        case = await here.say(here.book.report("Smoke", attachments=(named,)), here.other)
        attachments, begun, release = here.node.desk.attachments, list[str](), asyncio.Event()

        async def fetch(line: Line, ref: Ref, sha256: str) -> Path:
            assert (line.circle.id, ref) == (here.circle, case)
            begun.append(sha256)
            await release.wait()
            return attachments.of(here.circle).named_path(sha256)

        attachments.fetch = fetch  # type: ignore[method-assign]
        part = attachments.of(here.circle).partly("5e" * 32)
        part.add(b"x" * 250)
        officer, path = here.somebody(Role.OFFICER), f"/attachments/{here.circle}/{'5e' * 32}"

        await asyncio.gather(*(officer.post(path, {"case": str(case)}) for _ in range(2)))
        page = await officer.get(f"{path}?case={case}", hx_request="true")
        release.set()

        assert begun == ["5e" * 32]
        assert "Bytes here: 250 of 1000" in page.text
        assert '<progress value="250" max="1000"' in page.text
        assert 'hx-trigger="load delay:1s"' in page.text


async def test_what_is_named_as_illegal_is_refused_and_never_shown(tmp_path: Path) -> None:
    """Not its name, not its content, and it is not fetched."""
    async with desk(tmp_path) as here:
        named = Attachment(
            media_type="image/png", sha256="5e" * 32, size_bytes=7, name="its-name.png", illegal=True
        )
        case = await here.say(here.book.report("Smoke", attachments=(named,)), here.other)
        officer, path = here.somebody(Role.OFFICER), f"/attachments/{here.circle}/{'5e' * 32}"

        page = await officer.get(here.path(case))

        assert "to have it may be an offence" in page.text
        assert path not in page.text
        assert (await officer.get(f"{path}?case={case}")).status == 422
        assert (await officer.post(path, {"case": str(case)})).status == 422
        assert (await officer.get(f"{path}/file")).status == 404


async def test_a_closed_case_says_who_closed_it_and_offers_the_way_back(tmp_path: Path) -> None:
    """Who opened it withdraws its closing; any other member its own, and is told who can open it again."""
    async with desk(tmp_path) as here:
        officer = here.somebody(Role.OFFICER)
        ours = await here.say(here.book.report("Water in the cellar"))
        theirs = await here.say(here.book.report("Smoke over the harbour"), here.other)
        before = await officer.get(here.path(ours))
        own, other = [await here.say(here.book.closing(case)) for case in (ours, theirs)]
        last = await here.say(here.book.closing(theirs), here.other)

        closed, foreign = [await officer.get(here.path(case)) for case in (ours, theirs)]

        assert "/say/closing?" in before.text
        assert "Closed by" not in before.text
        assert "/say/closing?" not in closed.text
        assert f"/say/withdrawal?circle={here.circle}&amp;case={ours}&amp;of={own}" in closed.text
        assert "Open the case again" in closed.text
        assert re.search(rf"Closed by\s.*east.*{own}.*Only east can open it again", closed.text, re.DOTALL)
        assert f"&amp;of={other}" in foreign.text
        assert "Open the case again" not in foreign.text
        assert "Withdraw the closing" in foreign.text
        assert re.search(
            rf"Closed by\s.*north.*{last}.*Only north can open it again", foreign.text, re.DOTALL
        )


async def test_what_it_was_is_shown_and_can_be_said(tmp_path: Path) -> None:
    """Likelihood, confidence and who did it each in a line; of a case closed here, what it was is offered."""
    async with desk(tmp_path) as here:
        officer = here.somebody(Role.OFFICER)
        case = await here.say(here.book.report("Water in the cellar"))
        common = here.book._common() | {"case": case}
        named = await here.say(
            Hypothesis(**common, under="attack", text=f"A valve {HOSTILE}", lang="en"), here.other
        )
        probabilities = (
            Probability(what="undetermined", permille=375),
            Probability(hypothesis=named, permille=625),
        )
        await here.say(
            Reading(
                **common,
                probabilities=probabilities,
                confidence="moderate",
                sources=(source(),),
                who=(Actor(name=f"Moles {HOSTILE}", permille=300),),
            )
        )
        before = await officer.get(here.path(case))
        await here.say(here.book.closing(case))
        await here.say(GroundTruth(**common, what="attack", hypothesis=named))
        after = await officer.get(here.path(case))

        assert f"What it was: {named} 62.5 %, undetermined 37.5 %<" in before.text
        assert "Confidence in that: moderate<" in before.text
        assert "which nobody merges: Moles &lt;/script&gt;" in before.text
        assert "A kind of: attack<" in before.text
        assert f"What it was in the end: attack ({named})<" in after.text
        offered = [set(re.findall(r'href="/say/([a-z-]+)\?', page.text)) for page in (before, after)]
        assert offered[0] >= {"reading", "hypothesis"}
        assert "ground-truth" not in offered[0]
        assert "ground-truth" in offered[1]
        assert not {"reading", "hypothesis"} & offered[1]

        foreign = await here.say(here.book.report("Smoke over the harbour"), here.other)
        await here.say(here.book.closing(foreign), here.other)
        theirs = re.findall(r'href="/say/([a-z-]+)\?', (await officer.get(here.path(foreign))).text)
        assert "closing" in theirs
        assert not {"reading", "hypothesis", "ground-truth"} & set(theirs)


async def test_cases_are_listed_by_state_and_records_are_found_by_words(tmp_path: Path) -> None:
    """A withdrawn one is found, and marked as that."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke over the harbour"))
        more = await here.say(here.book.report("Smoke, too", case=case))
        await here.say(here.book.withdrawal(case, more))
        done = await here.say(here.book.report("Water in the cellar"))
        await here.say(here.book.closing(done))
        somebody = here.somebody()

        closed = await somebody.get(f"/cases?circle={here.circle}&state=closed")
        found = await somebody.get("/search?q=smoke")
        none = await somebody.get("/search?q=nowhere")

        assert "Water in the cellar" in closed.text
        assert "Smoke over the harbour" not in closed.text
        assert f"{here.path(case)}/{more}" in found.text
        assert "withdrawn" in found.text
        assert "Nothing was found." in none.text


async def test_a_name_that_is_looked_for_leads_to_its_record(tmp_path: Path) -> None:
    """That of a case to the case, that of another record to where it stands in its case."""
    async with desk(tmp_path) as here:
        case = await here.say(here.book.report("Smoke over the harbour"))
        more = await here.say(here.book.report("Smoke, too", case=case))
        somebody = here.somebody()

        found = [await somebody.get(f"/search?q={name}") for name in (f" {case}", more, f"{case}0")]

        assert [one.status for one in found] == [303, 303, 200]
        assert found[0].headers["location"] == here.path(case)
        assert found[1].headers["location"] == f"{here.path(case)}/{more}"


async def test_days_are_those_of_who_looks(tmp_path: Path) -> None:
    """What was said late in the evening in UTC was said on the next day in Seoul."""
    async with desk(tmp_path) as here:
        day = datetime.fromtimestamp(AT_MS / 1000, UTC).date() + timedelta(days=1)
        evening = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
        here.book.minutes = (int(evening.timestamp() * 1000) - AT_MS) // 60_000
        case = await here.say(here.book.report("Smoke"))
        signed = someone()
        seoul = replace(signed, person=replace(signed.person, zone="Asia/Seoul"))
        query = f"/search?since={day + timedelta(days=1)}&kind=report"

        there, utc = [await Browser(here.app, who).get(query) for who in (seoul, signed)]

        assert f"{here.path(case)}/{case}" in there.text
        assert f"{here.path(case)}/{case}" not in utc.text


async def test_a_node_in_no_circle_has_empty_lists(tmp_path: Path) -> None:
    """There is nothing to choose, and nothing fails."""
    async with Place("east", tmp_path / "east", free_port()).node() as node:
        hub = Hub(node.clock, node.chance, lambda _: True, node.call_failed)
        cases = Cases(node, hub, Fragments(make_environment()), lambda *_: ())
        somebody = Browser(opened(*cases.with_pages), someone())

        assert (await somebody.get("/cases")).status == 200
        assert (await somebody.get("/search?q=smoke")).status == 200


@pytest.mark.parametrize(
    "query", ["?q=%22", "?since=2026-99-99", "?kind=<b>", "?circle=x", "?q=" + "a" * 300]
)
async def test_a_search_that_is_none_is_refused_or_empty(tmp_path: Path, query: str) -> None:
    """It is never a fault of this program."""
    async with desk(tmp_path) as here:
        page = await here.somebody().get(f"/search{query}")

        assert page.status in (200, 422)
        assert here.app.faults == []
