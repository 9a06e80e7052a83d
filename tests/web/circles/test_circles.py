"""Circles as one looks at them, and what an approver does to them."""

import html
import re
from pathlib import Path

import pytest
from tests.node.nodes import CLOCK, Place, confirmed, found, free_port, until
from tests.web.browsing import Answer, Browser, opened, someone
from tests.web.circles.circling import OTHERS, Desk, desk
from tests.web.circles.founding import introduced, join_file, other_draft

from tocsin.circles.changing.draft import differences
from tocsin.circles.founding.charter import parse_charter, parse_version
from tocsin.circles.founding.comparing import code_between
from tocsin.cli.organisation.signing import sign_draft
from tocsin.core.note import sign_note
from tocsin.core.records import Check, Notice, encode_record
from tocsin.core.spelling import written
from tocsin.node.papers.draft import Draft
from tocsin.node.papers.founding import Founding
from tocsin.web.circles.circles import Circles
from tocsin.web.circles.living import LivingCircles
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.serving.person import Role
from tocsin.web.serving.templates import make_environment

pytestmark = pytest.mark.anyio

SCRIPT = "<script>alert(1)</script>"


def text_area(answer: Answer, name: str = "exact") -> str:
    """What stands in a text area of a page."""
    found = re.search(rf'<textarea id="{name}"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    assert found, answer.text[:2_000]
    return html.unescape(found[1])


async def test_everybody_sees_circles_members_and_charters(tmp_path: Path) -> None:
    """Who holds what, who is on duty, and the charter in words beside its text."""
    async with desk(tmp_path) as at:
        reader = at.browser()
        await confirmed(at.line, at.line.own.size)

        overview = await reader.get("/circles")
        circle = await reader.get(at.path)
        charter = await reader.get(f"{at.path}/charter")
        text = await reader.get(f"{at.path}/charter/1")
        member = await reader.get(f"{at.path}/members/north")

    assert {answer.status for answer in (overview, circle, charter, text, member)} == {200}
    assert text.body.decode() == at.founded.text
    assert "attachment" in text.headers["content-disposition"]
    assert "2 of 2 members have to agree" in circle.text
    assert "Have everything of ours" in circle.text
    words = written(code_between(at.line.circle, "east", "north"))
    assert all(line in member.text for line in words)


async def test_nothing_is_at_addresses_that_are_none(tmp_path: Path) -> None:
    """No circle, no member, no version of that name."""
    async with desk(tmp_path) as at:
        reader = at.browser()
        paths = (f"/circles/{'0' * 64}", f"{at.path}/members/nobody", f"{at.path}/charter?version=2")

        assert [(await reader.get(path)).status for path in paths] == [404, 404, 404]


async def test_labels_that_others_chose_are_shown_and_obeyed_by_nothing(tmp_path: Path) -> None:
    """Script, a turned direction, an invisible letter; and the slug beside each."""
    founded = found(tmp_path)
    label = f"{SCRIPT} Desk\N{ZERO WIDTH SPACE}east {'long' * 100}"
    hostile = founded.text.replace('"Desk north"', f'"{label}"').replace('"Loopback"', f'"{SCRIPT}"')
    async with desk(tmp_path, founded=founded) as at:
        answer = await at.approver.post("/circles/new/read", {"text": hostile})

    assert answer.status == 200, answer.text[:3_000]
    assert SCRIPT not in answer.text
    assert html.escape(SCRIPT) in answer.text
    assert "⟨U+200B⟩" in answer.text
    assert '<code class="slug">north</code>' in answer.text


@pytest.mark.parametrize("role", OTHERS)
async def test_only_an_approver_binds_the_organisation(tmp_path: Path, role: Role) -> None:
    """Every other role is refused, by each address, and nothing is done."""
    async with desk(tmp_path) as at:
        browser = at.browser(role)
        before = at.line.own.size
        gets = ("/circles/new", "/circles/new/draft", f"{at.path}/amend", f"{at.path}/leave")
        posts = {
            f"{at.path}/members/north/suspend": {"reason": "x"},
            f"{at.path}/members/north/notice": {"reason": "x", "lang": "en", "hours": "1"},
            f"{at.path}/members/north/removal": {"reason": "x", "notice": "1"},
            f"{at.path}/amend": {},
            f"{at.path}/amend/apply": {"file": "x"},
            f"{at.path}/leave": {},
            f"{at.path}/leave/signed": {"signed": "x", "title": "Loopback"},
            f"{at.path}/leave/purge": {"ordered_by": "x", "title": "Loopback"},
            "/circles/new/sign": {"text": at.founded.text},
            "/circles/join": {"text": "x"},
        }

        assert {(await browser.get(path)).status for path in gets} == {403}
        assert {(await browser.post(path, fields)).status for path, fields in posts.items()} == {403}
        assert at.line.own.size == before
        assert at.line.own.halted is None
        assert at.line.status().members[0].suspended is None


async def test_a_line_is_suspended_at_once_and_resumed(tmp_path: Path) -> None:
    """For this node alone, with the reason beside the member."""
    async with desk(tmp_path) as at:
        path = f"{at.path}/members/north"
        suspended = await at.approver.post(f"{path}/suspend", {"reason": f"We call them. {SCRIPT}"})
        shown = await at.approver.get(path)
        reason = at.line.status().members[0].suspended
        await at.approver.post(f"{path}/resume")

        assert suspended.status == 303
        assert reason == f"We call them. {SCRIPT}"
        assert SCRIPT not in shown.text
        assert "We call them." in shown.text
        assert at.line.status().members[0].suspended is None


async def test_why_a_member_is_not_reached_is_said_in_the_readers_language(tmp_path: Path) -> None:
    """Beneath it, what an engineer needs."""
    founded = found(tmp_path, 2)
    async with founded.running("east") as (node,):
        line = node.lines[founded.id]
        await until(lambda: line.status().members[0].trouble is not None)
        reader = Browser(opened(Circles(node)), someone(Role.READER, language="tg"))

        page = await reader.get(f"/circles/{founded.id}/members/north")

        assert LANGUAGES["tg"].codes["Refusal"]["unreachable"] in page.text
        assert "<bdi>unreachable</bdi>" in page.text


async def leaving_of(at: Desk) -> str:
    """What our organisation made of the paper to leave."""
    paper = await at.approver.post(f"{at.path}/leave", {"reason": "We end this.", "lang": "en"})
    draft = Draft.parse(text_area(paper).encode())
    return sign_draft(draft, at.founded.organisations["east"]).decode()


async def test_leaving_takes_the_typed_title_and_a_fresh_sign_in(tmp_path: Path) -> None:
    """Without either, nothing is left; with both, it is for good."""
    async with desk(tmp_path) as at:
        signed = await leaving_of(at)
        path, fields = f"{at.path}/leave/signed", {"signed": signed, "title": "Loopback"}

        stale = await at.browser(Role.APPROVER, fresh=False).post(path, fields)
        mistyped = await at.approver.post(path, fields | {"title": "Lopback"})
        untyped = await at.approver.post(path, {"signed": signed})
        assert (stale.status, mistyped.status, untyped.status) == (303, 422, 422)
        assert stale.headers["location"].startswith("/sign-in?again=1&next=/circles/")
        assert "not-confirmed" in mistyped.text
        assert not at.line.departure.gone

        left = await at.approver.post(path, fields)
        shown = await at.approver.get(f"{at.path}/leave")
        assert left.status == 303
        assert at.line.departure.gone
        assert "You have left this circle" in shown.text
        await until(lambda: "east" in at.nodes[1].lines[at.founded.id].circle.left)


async def test_a_paper_to_leave_can_be_taken_back(tmp_path: Path) -> None:
    """Until it was signed and handed in: then our log is written again."""
    async with desk(tmp_path) as at:
        await leaving_of(at)
        assert at.line.own.halted is not None
        pending = await at.approver.get(f"{at.path}/leave")
        shown = await at.approver.get(at.path)

        back = await at.approver.post(f"{at.path}/leave/cancel")

        assert "Stay after all" in pending.text
        assert LANGUAGES["en"].phrases["circles.halted_paused"].replace("'", "&#39;") in shown.text
        assert back.status == 303
        assert at.line.own.halted is None


async def test_what_is_no_leaving_leaves_nothing(tmp_path: Path) -> None:
    """An opening, a note, anything."""
    async with desk(tmp_path) as at:
        for signed in (at.line.own.member.opening.decode(), at.founded.text, "{}", "x" * 5_000):
            fields = {"signed": signed, "title": "Loopback"}
            assert (await at.approver.post(f"{at.path}/leave/signed", fields)).status == 422
        assert not at.line.departure.gone


async def test_a_purge_takes_who_ordered_it_and_a_fresh_sign_in(tmp_path: Path) -> None:
    """Once we have left."""
    async with desk(tmp_path) as at:
        fields = {"signed": await leaving_of(at), "title": "Loopback"}
        await at.approver.post(f"{at.path}/leave/signed", fields)
        order = {"ordered_by": "Data protection officer", "title": "Loopback"}

        stale = await at.browser(Role.APPROVER, fresh=False).post(f"{at.path}/leave/purge", order)
        assert stale.headers["location"].startswith("/sign-in?again=1")
        assert at.line.departure.order is None
        done = await at.approver.post(f"{at.path}/leave/purge", order)
        assert done.status == 303
        assert at.line.departure.order is not None


RULES = {
    "title": "Loopback, wider",
    "purpose": "To try.",
    "quorum": "2",
    "handling": "TLP:AMBER",
    "acknowledge_within_minutes": "10",
    "answer_within_minutes": "240",
    "independent_sources": "2",
    "organisations": "2",
    "economies": "2",
    "authority": "Members inform each other; no member instructs another. A request is not an order.\n"
    "Nothing said in this circle is a decision under any law unless it says so.\n",
    "records_per_second": "1000",
    "bytes_per_day": "10000000000",
}


async def test_a_charter_is_amended_from_the_form_to_being_in_force(tmp_path: Path) -> None:
    """The exact text is shown, signed elsewhere, its changes shown again, and then it holds everywhere."""
    async with desk(tmp_path) as at:
        await confirmed(at.line, at.line.own.size)
        drafted = await at.approver.post(f"{at.path}/amend", RULES)
        text = text_area(drafted)
        keys = at.founded.organisations
        files = [sign_note(text, keys[slug]).encode().decode() for slug in ("east", "north")]

        alone = await at.approver.post(f"{at.path}/amend/signed", {"file": files[:1]})
        shown = await at.approver.post(f"{at.path}/amend/signed", {"file": files})
        stale = await at.browser(Role.APPROVER, fresh=False).post(f"{at.path}/amend/apply", {"file": files})
        assert at.line.circle.charter.version == 1
        done = await at.approver.post(f"{at.path}/amend/apply", {"file": files})
        charter = await at.approver.get(f"{at.path}/charter")

        assert differences(parse_charter(at.founded.text), parse_version(text)) == (
            "the title is another",
            "how soon members are expected to react is another",
        )
        assert "It does not count yet" in alone.text
        assert "All who have to have signed it" in shown.text
        assert stale.headers["location"].startswith("/sign-in?again=1")
        assert done.status == 303
        assert at.line.circle.charter.title == "Loopback, wider"
        assert "within 10 min" in charter.text
        assert "within 15 min" in charter.text
        await until(lambda: at.nodes[1].lines[at.founded.id].circle.charter.version == 2)


async def test_a_form_that_changes_nothing_changes_nothing(tmp_path: Path) -> None:
    """What browsers make of line ends is no change of a clause."""
    async with desk(tmp_path) as at:
        page = await at.approver.get(f"{at.path}/amend")
        sent = RULES | {"title": "Loopback", "acknowledge_within_minutes": "15"}
        sent["authority"] = text_area(page, "authority").replace("\n", "\r\n").strip()
        drafted = await at.approver.post(f"{at.path}/amend", sent)

    assert differences(parse_charter(at.founded.text), parse_version(text_area(drafted))) == ()


async def test_an_amendment_that_cannot_follow_is_told_so(tmp_path: Path) -> None:
    """A first charter, or one of another circle, in words instead of an error."""
    async with desk(tmp_path) as at:
        text = text_area(await at.approver.post(f"{at.path}/amend", RULES))
        other = re.sub(r'previous = "[0-9a-f]{64}"', f'previous = "{"0" * 64}"', text)
        answer = await at.approver.post(f"{at.path}/amend/read", {"text": other})

    assert answer.status == 200
    assert "It can never follow this charter" in answer.text


async def test_the_removal_of_oneself_or_nobody_is_refused(tmp_path: Path) -> None:
    """That is leaving, or nothing."""
    async with desk(tmp_path) as at:
        for slug in ("east", "nobody"):
            assert (await at.approver.get(f"{at.path}/members/{slug}/expel")).status == 422


async def test_a_circle_is_founded_by_pages_and_joined_only_with_words_compared(tmp_path: Path) -> None:
    """Introduce, draft, sign, collect; and without a word compared with each, nobody joins."""
    async with desk(tmp_path) as at:
        ours, theirs = introduced("east"), introduced("pier")
        public = ours[0].verifying.encode()
        entry = await at.approver.post(
            "/circles/new/introduce",
            {
                "domain": "quay.example",
                "member": "east",
                "label": "Desk east",
                "economy": "kr",
                "public": f"The public half.\n\n{public}",
            },
        )
        assert text_area(entry) == ours[1]
        fields = RULES | {"title": "Quay", "entries": f"{ours[1]}\n{theirs[1]}", "public": None}
        del fields["public"]
        text = text_area(await at.approver.post("/circles/new/draft", fields))

        unread = await at.approver.post("/circles/new/sign", {"text": text, "public": public})
        founding = Founding.of(text, at.node.config.data_folder)
        assert unread.status == 200
        assert founding.ours is None
        signed = await at.approver.post("/circles/new/sign", {"text": text, "public": public, "read": "true"})
        path = signed.headers["location"]
        assert path == f"/circles/founding/{founding.id}"
        draft = Draft.parse((await at.approver.get(f"{path}/draft")).body)

        other = Place("pier", tmp_path / "pier", free_port())
        joined = [
            join_file(draft, ours[0], "east"),
            join_file(other_draft(other, text), theirs[0], "pier"),
        ]
        early = await at.approver.post(f"{path}/join", {"compared": "pier"})
        assert early.status == 422
        kept = await at.approver.post(path, {"file": joined})
        page = await at.approver.get(path)
        assert kept.status == 303
        assert "Compared aloud with pier" in page.text
        blind = await at.approver.post(f"{path}/join")
        assert blind.status == 422
        assert "pier" in blind.text
        assert founding.id not in at.node.lines
        done = await at.approver.post(f"{path}/join", {"compared": "pier"})
        assert done.headers["location"] == f"/circles/{founding.id}"
        assert at.node.lines[founding.id].circle.title == "Quay"


async def test_join_files_of_another_circle_are_refused(tmp_path: Path) -> None:
    """And what is no join file at all; nothing of a lot is kept where one is refused."""
    async with desk(tmp_path) as at:
        (key, entry), (_, theirs) = introduced("east"), introduced("pier")
        fields = RULES | {"title": "Quay", "entries": f"{entry}\n{theirs}"}
        text = text_area(await at.approver.post("/circles/new/draft", fields))
        signed = {"text": text, "public": key.verifying.encode(), "read": "true"}
        path = (await at.approver.post("/circles/new/sign", signed)).headers["location"]

        for file in (at.founded.join_files[0].decode(), "{}", SCRIPT, "\N{RIGHT-TO-LEFT OVERRIDE}"):
            assert (await at.approver.post(path, {"file": file})).status == 422
        founding = Founding.of(text, at.node.config.data_folder)
        assert founding.join_files() == {}


async def test_no_file_of_ours_is_named_by_others(tmp_path: Path) -> None:
    """What a browser keeps has one of the few names that we give."""
    async with desk(tmp_path) as at:
        for name in ("../x.toml", "x.html", 'a".toml', "x.toml\r\nset-cookie: a=b"):
            assert (await at.approver.post("/circles/file", {"name": name, "text": "x"})).status == 422
        kept = await at.approver.post("/circles/file", {"name": "charter.toml", "text": SCRIPT})

    assert kept.headers["content-type"] == "application/octet-stream"
    assert kept.headers["content-disposition"] == 'attachment; filename="charter.toml"'


async def test_checks_are_looked_at_by_all_and_said_by_officers(tmp_path: Path) -> None:
    """What waits, and one's own times; whoever may not say anything gets no way to."""
    async with desk(tmp_path, 3) as at:
        theirs = at.nodes[1].lines[at.founded.id]
        check = Check(
            circle=at.founded.id,
            at_ms=CLOCK.wall_ms(),
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            within_minutes=15,
            text=f"Are you there? {SCRIPT}",
            lang="en",
        )
        await theirs.write([encode_record(check)])
        await confirmed(theirs, theirs.own.size, 2)
        officer = await at.browser(Role.OFFICER).get(f"{at.path}/checks")
        reader = await at.browser().get(f"{at.path}/checks")

    assert "These wait for us" in officer.text
    assert SCRIPT not in officer.text
    assert f"/say/check-answer?circle={at.founded.id}&amp;of=north.1." in officer.text
    assert "/say/" not in reader.text


async def test_only_a_notice_to_us_has_a_button_to_reply(tmp_path: Path) -> None:
    """On the page of its entry; one to another member is there to be read."""
    async with desk(tmp_path, 3) as at:
        theirs = at.nodes[1].lines[at.founded.id]
        replies = []
        for member in ("east", "south"):
            notice = Notice(
                circle=at.founded.id,
                at_ms=CLOCK.wall_ms(),
                author="duty",
                author_kind="officer",
                tlp="TLP:GREEN",
                member=member,
                reply_within_hours=24,
                text="Why?",
                lang="en",
            )
            said = await theirs.write([encode_record(notice)])
            await confirmed(theirs, theirs.own.size, 2)
            page = await at.approver.get(f"/log/{theirs.own.name}/{said.first}")
            assert "Why?" in page.text
            replies.append(f'href="{at.path}/reply/north/1/{said.first}"' in page.text)

    assert replies == [True, False]


async def test_what_binds_the_organisation_is_in_the_audit(tmp_path: Path) -> None:
    """Who did it, what, and where; looking alone is not it."""
    async with desk(tmp_path) as at:
        await at.approver.get(at.path)
        await at.approver.post(f"{at.path}/members/north/suspend", {"reason": "We call them."})
        await at.node.committer.submit(lambda: None)
        (noted,) = at.audit.page().happened

    assert (noted.what, noted.name) == ("bound", "approver-fresh")
    assert noted.about == {"act": "suspend", "circle": at.founded.id, "member": "north"}


async def test_an_open_page_follows_the_members_of_its_circle(tmp_path: Path) -> None:
    """What was confirmed is on it without a reload, and as safe as the page."""
    async with desk(tmp_path) as at:
        signed = someone(name="reader")
        hub = Hub(at.node.clock, at.node.chance, lambda _: True, at.opened.faults.append)
        end = LivingCircles(at.node, hub, Fragments(make_environment())).start()
        with hub.opened([f"circle/{at.founded.id}"], LANGUAGES["en"], signed) as page:
            await at.line.write([at.founded.note("x")])
            await confirmed(at.line, at.line.own.size)
            sent = await anext(one async for one in page.stream() if b"hx-partial" in one)
            hub.end_all()
        end()

    assert f'hx-target="#members-{at.founded.id}"' in sent.decode()
    assert '<code class="slug">north</code>' in sent.decode()
