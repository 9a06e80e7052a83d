"""A notice that a member may be removed, and a reply, are said as everything is."""

import html
import re
from pathlib import Path

import pytest
from tests.node.nodes import confirmed, found, until
from tests.web.acting.house import House, house, number_of, record_of
from tests.web.browsing import Answer, someone

from tocsin.circles.founding.charter import parse_version
from tocsin.core.records import Notice, Ref, Reply, encode_record, parse_record
from tocsin.node.api.records import Shelf
from tocsin.node.casework.casework import Casework
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio

BOTH = someone(Role.OFFICER, Role.APPROVER, name="Bo")
SCRIPT = "<script>alert(1)</script>"
NOTICE = {"reason": f"Two versions. {SCRIPT}", "lang": "en", "hours": "48"}


def _member(desk: House) -> str:
    return f"/circles/{desk.id}/members/north"


async def _drafted(desk: House, path: str, fields: dict[str, str]) -> Answer:
    """The page on which somebody who is both confirms it."""
    browser = desk.browser(BOTH)
    answer = await browser.post(path, fields)
    assert answer.status == 303, answer.text
    return await browser.get(answer.headers["location"])


async def _given_to_us(desk: House) -> str:
    """The other member gives us notice. Returns where one replies."""
    line = desk.others[0].lines[desk.id]
    notice = Notice(
        circle=desk.id,
        at_ms=desk.node.clock.wall_ms(),
        author="desk",
        author_kind="officer",
        tlp="TLP:AMBER",
        member="east",
        reply_within_hours=24,
        text="Why?",
        lang="en",
    )
    written = await line.write([encode_record(notice)])
    await confirmed(line, written.size)
    return f"/circles/{desk.id}/reply/north/1/{written.size - 1}"


async def test_a_notice_is_read_in_words_signed_and_written_after_ten_seconds(tmp_path: Path) -> None:
    """Not before, and under the officer's name; then it can be followed by the draft of an amendment."""
    async with house(tmp_path, circle=found(tmp_path, 3)) as desk:
        key = await desk.enrol(BOTH)
        size = desk.size
        page = await _drafted(desk, f"{_member(desk)}/notice", NOTICE)
        words = page.text.partition('<pre id="record"')[0]
        assert "You give notice that north may be removed" in words
        assert "Hours to reply: 48" in words
        assert html.escape(SCRIPT) in words
        assert SCRIPT not in page.text

        await desk.confirm(BOTH, page, key)
        await desk.clock.forward(9.0)
        assert desk.size == size
        await desk.clock.forward(0.6)
        await desk.written(size)

        line = desk.node.lines[desk.id]
        index = desk.size - 1
        shown = next(iter(Shelf(line, desk.node.store).read(line.own.name, index, 1)))
        assert isinstance(shown.record, Notice)
        assert (shown.officer, shown.record.member, shown.record.text) == (
            "duty-officer",
            "north",
            NOTICE["reason"],
        )
        await until(lambda: bool(desk.said))
        said = await desk.browser(BOTH).get(f"/said/{number_of(page)}")
        assert f'href="/circles/{desk.id}"' in said.text
        expelling = await desk.browser(BOTH).get(f"{_member(desk)}/expel")
        removal = await desk.browser(BOTH).post(
            f"{_member(desk)}/removal", {"reason": "Two versions.", "notice": str(index)}
        )
        text = re.search(r"<textarea[^>]*>(.*?)</textarea>", removal.text, re.DOTALL)

    assert f"no. {index}" in expelling.text
    assert text, removal.text
    assert [one.slug for one in parse_version(html.unescape(text[1])).removed] == ["north"]
    assert SCRIPT not in expelling.text


async def test_a_reply_names_the_notice_that_it_answers(tmp_path: Path) -> None:
    """By its place and its entry; and in words, before it is signed."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BOTH)
        path = await _given_to_us(desk)
        form = await desk.browser(BOTH).get(path)
        page = await _drafted(desk, path, {"text": "It is ours.", "lang": "en"})
        size = desk.size
        await desk.confirm(BOTH, page, key)
        await desk.clock.forward(10.1)
        await desk.written(size)

    index = path.rpartition("/")[2]
    record = parse_record(record_of(page).encode()).record
    assert "Why?" in form.text
    assert "You reply to a notice of north" in page.text
    assert f"Replies to north.1.{index}" in page.text
    assert isinstance(record, Reply)
    assert (record.log, str(record.notice)) == (desk.others[0].lines[desk.id].own.name, index)


async def test_a_reply_stands_beside_the_draft_of_the_removal(tmp_path: Path) -> None:
    """Nobody is removed unheard: whoever drafts it reads what the member said to the notice."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BOTH)
        size = desk.size
        await desk.confirm(BOTH, await _drafted(desk, f"{_member(desk)}/notice", NOTICE), key)
        await desk.clock.forward(10.1)
        await desk.written(size)
        own, line = desk.node.lines[desk.id].own, desk.others[0].lines[desk.id]
        index = desk.size - 1
        entry = Ref.at(own.name, index, desk.node.store.entries(own.name, index, index + 1)).entry
        reply = Reply(
            circle=desk.id,
            at_ms=desk.node.clock.wall_ms(),
            author="desk",
            author_kind="officer",
            tlp="TLP:AMBER",
            log=own.name,
            notice=index,
            entry=entry,
            text="It was one version.",
            lang="en",
        )
        written = await line.write([encode_record(reply)])
        await confirmed(line, written.size)
        expelling = await desk.browser(BOTH).get(f"{_member(desk)}/expel")

    assert "It was one version." in expelling.text
    assert f'href="/log/{line.own.name}/{written.size - 1}"' in expelling.text


async def test_a_reply_may_be_missing_while_the_index_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the page on which a removal is drafted says so."""
    async with house(tmp_path) as desk:
        usual = await desk.browser(BOTH).get(f"{_member(desk)}/expel")
        monkeypatch.setattr(Casework, "rebuilding", True)
        meanwhile = await desk.browser(BOTH).get(f"{_member(desk)}/expel")

    told = "The index is being made anew"
    assert (told in usual.text, told in meanwhile.text) == (False, True)


async def test_a_notice_to_another_is_not_ours_to_reply_to(tmp_path: Path) -> None:
    """Nor is there a form for it."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BOTH)
        size = desk.size
        await desk.confirm(BOTH, await _drafted(desk, f"{_member(desk)}/notice", NOTICE), key)
        await desk.clock.forward(10.1)
        await desk.written(size)

        path = f"/circles/{desk.id}/reply/east/1/{desk.size - 1}"
        answers = [
            await desk.browser(BOTH).get(path),
            await desk.browser(BOTH).post(path, {"text": "x", "lang": "en"}),
        ]

    assert {one.status for one in answers} == {422}


@pytest.mark.parametrize("again", [False, True])
async def test_one_goes_back_to_the_form_with_what_was_typed(tmp_path: Path, again: bool) -> None:
    """From the confirmation, and from what was taken back; nothing was said."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BOTH)
        browser, size = desk.browser(BOTH), desk.size
        page = await _drafted(desk, f"{_member(desk)}/notice", NOTICE)
        if again:
            await desk.confirm(BOTH, page, key)
            await browser.post("/pending/take-back", {"wish": number_of(page)})
            page = await browser.get(f"/said/{number_of(page)}")
        (back,) = set(re.findall(r'href="(/circles/[^"]+/expel\?[^"]+)"', page.text))
        form = await browser.get(html.unescape(back))
        await desk.clock.forward(60.0)

        assert html.escape(NOTICE["reason"]) in form.text
        assert 'value="48"' in form.text
        assert desk.size == size


@pytest.mark.parametrize("role", [Role.APPROVER, Role.OFFICER])
async def test_it_takes_an_approver_who_is_an_officer(tmp_path: Path, role: Role) -> None:
    """Neither alone drafts it; an approver alone is told why no form is there."""
    async with house(tmp_path) as desk:
        path = await _given_to_us(desk)
        browser = desk.browser(someone(role, name="Cai"))
        posts = [
            await browser.post(f"{_member(desk)}/notice", NOTICE),
            await browser.post(path, {"text": "x", "lang": "en"}),
        ]
        pages = [await browser.get(f"{_member(desk)}/expel"), await browser.get(path)]

    assert {one.status for one in posts} == {403}
    for one in pages:
        assert one.status == (200 if role is Role.APPROVER else 403)
        assert "<textarea" not in one.text
        assert ("an administrator can give you that role" in one.text) is (role is Role.APPROVER)


async def test_who_is_no_approver_any_more_confirms_no_notice(tmp_path: Path) -> None:
    """Though they were one when they drafted it, and signed it."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BOTH)
        page, size = await _drafted(desk, f"{_member(desk)}/notice", NOTICE), desk.size
        answer = await desk.confirm(someone(Role.OFFICER, name="Bo"), page, key)
        await desk.clock.forward(60.0)

        assert answer.status == 403
        assert desk.size == size


async def test_two_who_give_notice_at_once_know_of_each_other(tmp_path: Path) -> None:
    """The second reads, before signing, that a colleague is about to."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BOTH)
        await desk.confirm(BOTH, await _drafted(desk, f"{_member(desk)}/notice", NOTICE), key)
        other = someone(Role.OFFICER, Role.APPROVER, name="Cai")
        answer = await desk.browser(other).post(f"{_member(desk)}/notice", NOTICE)
        page = await desk.browser(other).get(answer.headers["location"])

    assert "A colleague (duty-officer) is about to say this" in page.text
