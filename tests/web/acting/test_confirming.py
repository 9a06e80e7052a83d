"""What is signed is what was shown; whose signature counts; how live and drill are told apart."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.node.casebook import Casebook
from tests.node.nodes import confirmed, until
from tests.web.acting.house import (
    ARU,
    BO,
    NOTE,
    READER,
    House,
    house,
    number_of,
    record_of,
    saw_of,
    signature_of,
)
from tests.web.browsing import Answer, someone

from tocsin.core.keys import encode_base64
from tocsin.core.note import Signature
from tocsin.core.records import encode_record
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio


async def _refused(desk: House, page: Answer, signature: str) -> str:
    """Send Aru's draft with that signature: nothing is taken. Returns the page."""
    answer = await desk.browser(ARU).post(
        f"/confirm/{number_of(page)}", {"signature": signature, "real": "1", "saw": saw_of(page)}
    )
    assert answer.status == 422
    await desk.clock.forward(60.0)
    return answer.text


async def test_a_signature_over_other_bytes_is_refused(tmp_path: Path) -> None:
    """One character more or less, and nothing is written."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        size, page = desk.size, await desk.draft(ARU)
        shown = record_of(page)

        for text in (shown.replace("Smoke", "Fire"), shown + " ", shown[:-1], ""):
            assert "not over what was drafted" in await _refused(desk, page, signature_of(page, key, text))
        assert desk.size == size


async def test_the_key_of_another_account_signs_nothing_of_mine(tmp_path: Path) -> None:
    """Though it is on the card, and of the same role."""
    async with house(tmp_path) as desk:
        await desk.enrol(ARU)
        key = await desk.enrol(BO)
        size, page = desk.size, await desk.draft(ARU)

        assert "no key of this account" in await _refused(desk, page, signature_of(page, key))
        assert desk.size == size


async def test_a_key_that_waits_signs_nothing(tmp_path: Path) -> None:
    """Nor one that nobody knows; and the page says what to do."""
    async with house(tmp_path) as desk:
        waiting = await desk.enrol(ARU, on_card=False)
        size, page = desk.size, await desk.draft(ARU)

        assert "ask an administrator" in await _refused(desk, page, signature_of(page, waiting))
        assert "make a key" in await _refused(desk, page, signature_of(page, desk.new_key()))
        assert desk.size == size


async def test_a_key_of_another_role_or_name_signs_nothing(tmp_path: Path) -> None:
    """The name under a signature is the log's and the author's, and nothing else."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        size, page = desk.size, await desk.draft(ARU)
        made = key.sign(f"{record_of(page)}\n".encode())

        for name in ("holder", "night", "../duty-officer"):
            other = key.verifying.name.rpartition("/")[0] + f"/{name}"
            line = Signature(other, key.verifying.key_id, made).line().strip()
            assert "no key of this account" in await _refused(desk, page, line)
        assert desk.size == size


@pytest.mark.parametrize(
    "line", ["", "x", "— duty AAAA\n— duty AAAA", "— x y AAAA", "— d AAAA\n\nmore", "— d !", "\x00"]
)
async def test_what_is_no_signature_line_is_refused(tmp_path: Path, line: str) -> None:
    """Whatever is sent in its place, nothing is written, and nothing fails."""
    async with house(tmp_path) as desk:
        await desk.enrol(ARU)
        size, page = desk.size, await desk.draft(ARU)

        await _refused(desk, page, line)
        assert desk.size == size
        assert not desk.opened.faults


async def test_a_draft_is_its_authors_alone(tmp_path: Path) -> None:
    """Nobody else sees it, signs it, or learns that there is one."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(BO)
        page = await desk.draft(ARU)
        size = desk.size

        seen = await desk.browser(BO).get(f"/confirm/{number_of(page)}")
        sent = await desk.confirm(BO, page, key)
        nothing = await desk.browser(BO).get("/confirm/no-such-draft")

        assert {seen.status, sent.status, nothing.status} == {422}
        assert "Smoke" not in seen.text
        await desk.clock.forward(60.0)
        assert desk.size == size


async def test_who_is_no_officer_says_nothing(tmp_path: Path) -> None:
    """A reader is refused at every page that says anything, an officer at the card."""
    async with house(tmp_path) as desk:
        page = await desk.draft(ARU)
        number = number_of(page)
        reader, officer = desk.browser(READER), desk.browser(BO)
        key = desk.new_key()

        for path in ("/say/note", f"/confirm/{number}", "/keys", "/proposals", f"/said/{number}"):
            assert (await reader.get(path)).status == 403
        for path in (
            "/say/note",
            f"/confirm/{number}",
            "/keys",
            "/keys/forget",
            "/keys/put-on",
            "/pending/take-back",
            "/pending/now",
            "/pending/dismiss",
            "/proposals/decline",
            f"/say/{desk.id}/attachments",
        ):
            assert (await reader.post(path, NOTE)).status == 403
        assert (await officer.get("/keys/card")).status == 403
        for path in ("/keys/put-on", "/keys/take-off"):
            assert (await officer.post(path, {"vkey": key.verifying.encode()})).status == 403


async def test_what_is_live_is_meant_twice(tmp_path: Path) -> None:
    """Without the second control nothing is taken; the page says that it is real."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        page = await desk.draft(ARU)
        size = desk.size

        once = await desk.browser(ARU).post(
            f"/confirm/{number_of(page)}", {"signature": signature_of(page, key), "saw": ""}
        )

        assert once.status == 422
        assert "meant for real" in once.text
        assert 'name="real"' in page.text
        assert "This is a live circle" in page.text
        assert "DRILL" not in page.text
        await desk.clock.forward(60.0)
        assert desk.size == size


async def test_a_drill_says_so_and_asks_once(tmp_path: Path) -> None:
    """In its banner, on its stamp and on its button."""
    async with house(tmp_path, drill=True) as desk:
        key = await desk.enrol(ARU)
        page = await desk.draft(ARU)

        assert 'class="drill"' in page.text
        assert "DRILL: sign and say it" in page.text
        assert 'name="real"' not in page.text
        answer = await desk.browser(ARU).post(
            f"/confirm/{number_of(page)}", {"signature": signature_of(page, key)}
        )
        assert answer.status == 303


async def test_hostile_text_is_shown_and_does_nothing(tmp_path: Path) -> None:
    """Markup stays text; what turns writing around or cannot be seen comes out as its number."""
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'\u202egnp.exe\u200b{{ 7*7 }}"
    async with house(tmp_path) as desk:
        page = await desk.draft(ARU, fields={"text": hostile, "lang": "en"})

        words = page.text.partition('<pre id="record"')[0]
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "⟨U+202E⟩" in words
        assert "⟨U+200B⟩" in words
        assert "\u202e" not in words
        assert "{{ 7*7 }}" in words
        assert "49" not in re.sub(r"[0-9a-f]{8,}", "", words.partition("7*7")[2][:20])


async def test_every_receiver_is_named_with_its_slug(tmp_path: Path) -> None:
    """Labels are what members call themselves; and the marking and the circle stand there in words."""
    async with house(tmp_path) as desk:
        page = await desk.draft(ARU)

        assert re.search(r"Desk north</bdi> <code>north</code>", page.text)
        assert "TLP:AMBER" in page.text
        assert "Loopback" in page.text
        assert "You send a note" in page.text


async def test_personal_data_is_pointed_out(tmp_path: Path) -> None:
    """An address or a telephone number in a text is shown before anything is signed; a year is none."""
    async with house(tmp_path) as desk:
        text = "Ask kim@example.org or +82 2 1234 5678 about the year 2026."
        page = await desk.draft(ARU, fields={"text": text, "lang": "en"})
        plain = await desk.draft(ARU)

        caution = page.text.partition("This may be personal data")[2][:400]
        assert "kim@example.org" in caution
        assert "+82 2 1234 5678" in caution
        assert "This may be personal data" not in plain.text


async def test_two_who_answer_at_once_know_of_each_other(tmp_path: Path) -> None:
    """The second is told what the first is about to say, and may say it all the same."""
    async with house(tmp_path) as desk:
        first, second = await desk.enrol(ARU), await desk.enrol(BO)
        case, ask = await desk.case()
        fields = {"case": case, "ask": ask, "seen": "not-seen"}
        ours, theirs = await desk.draft(ARU, "answer", fields), await desk.draft(BO, "answer", fields)

        assert (await desk.confirm(ARU, ours, first)).status == 303
        told = await desk.confirm(BO, theirs, second)
        assert told.status == 409
        assert "about to say this" in told.text
        assert "not seen" in told.text
        assert (await desk.confirm(BO, told, second)).status == 303


async def test_an_acknowledgement_needs_one_control(tmp_path: Path) -> None:
    """It says nothing but that its officer knows: one click, a signature, and ten seconds."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        case, ask = await desk.case()
        page = await desk.draft(ARU, "acknowledgement", {"case": case, "of": ask})

        answer = await desk.browser(ARU).post(
            f"/confirm/{number_of(page)}", {"signature": signature_of(page, key), "saw": saw_of(page)}
        )
        assert answer.status == 303


async def test_a_registered_key_has_its_owners_name_alone(tmp_path: Path) -> None:
    """The name of a key is made here, of the log and the account's role: nobody registers another."""
    async with house(tmp_path) as desk:
        browser = desk.browser(BO)
        public = encode_base64(desk.new_key().verifying.public)
        for fields in (
            {"circle": desk.id, "public": public, "name": "x"},
            {"circle": "0" * 64, "public": public},
            {"circle": desk.id, "public": "AAAA"},
            {"circle": desk.id, "public": encode_base64(bytes(32))},
            {"circle": desk.id, "public": "?"},
        ):
            assert (await browser.post("/keys", fields)).status == 422
        assert (await browser.post("/keys", {"circle": desk.id, "public": public})).status == 303
        (made,) = desk.node.officers.of(BO.person.id)
        assert made.key.name == f"{desk.node.lines[desk.id].own.name}/duty-officer"
        assert (await desk.browser(ARU).post("/keys/forget", {"vkey": made.vkey})).status == 422


async def test_the_card_changes_by_who_has_just_signed_in(tmp_path: Path) -> None:
    """Whoever uses an administrator's session an hour later is asked to sign in anew, and nothing changes."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU, on_card=False)
        stale = someone(Role.ADMINISTRATOR, name="Old", fresh=False)
        vkey = key.verifying.encode()

        for action in ("put-on", "take-off"):
            answer = await desk.browser(stale).post(f"/keys/{action}", {"vkey": vkey})
            assert answer.status == 303
            assert answer.headers["location"].startswith("/sign-in?again=1")
        (made,) = desk.node.officers.all()
        assert made.on_card_by is None


async def test_who_put_a_key_on_the_card_or_took_it_off_stands_in_the_audit(tmp_path: Path) -> None:
    """By name, with the key; what was refused does not."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        vkey = key.verifying.encode()
        await desk.browser(ARU).post("/keys/take-off", {"vkey": vkey})
        await desk.browser(ARU).post("/keys/take-off", {"vkey": vkey})
        await desk.node.committer.submit(lambda: None)

        happened = [(one.name, one.about["act"], one.about["key"]) for one in desk.audit.page().happened]

    assert happened == [("Aru", "key-taken-off", vkey), ("Aru", "key-put-on", vkey)]


async def test_what_a_colleague_has_answered_stands_on_the_form(tmp_path: Path) -> None:
    """Before anything is typed; and whoever typed before that hears of it before it is signed."""
    async with house(tmp_path) as desk:
        first, second = await desk.enrol(ARU), await desk.enrol(BO)
        case, ask = await desk.case()
        fields = {"case": case, "ask": ask, "seen": "not-seen"}
        earlier = await desk.draft(BO, "answer", fields)
        number = await desk.say(ARU, first, "answer", fields)
        size = desk.size
        await desk.browser(ARU).post("/pending/now", {"wish": number})
        await desk.written(size)
        await until(lambda: "Written" in desk.printed(number))

        form = await desk.browser(BO).get(f"/say/answer?circle={desk.id}&ask={ask}")
        told = await desk.confirm(BO, earlier, second)

        assert "A colleague (duty-officer) has said this meanwhile" in form.text
        assert told.status == 409
        assert "A colleague (duty-officer) has said this meanwhile" in told.text


async def _closed(desk: House, case: str) -> None:
    """The member that opened it closes it."""
    other = desk.others[0].lines[desk.id]
    ref = desk.others[0].desk.casework[desk.id].ref(case)
    written = await other.write([encode_record(Casebook(desk.id).closing(ref))])
    await confirmed(other, written.size)


async def test_what_others_closed_is_pointed_out(tmp_path: Path) -> None:
    """Whoever says something in a case that its member has closed is told so, and who can open it again."""
    async with house(tmp_path) as desk:
        case, ask = await desk.case()
        await _closed(desk, case)

        form = await desk.browser(ARU).get(f"/say/answer?circle={desk.id}&ask={ask}")
        page = await desk.draft(ARU, "answer", {"case": case, "ask": ask, "seen": "not-seen"})
        known = await desk.draft(ARU, "acknowledgement", {"case": case, "of": ask})

        for one in (form, page):
            assert "The case was closed by north" in one.text
            assert "Only north can open it again" in one.text
        assert "was closed" not in known.text


async def test_what_we_closed_says_how_it_is_opened_again(tmp_path: Path) -> None:
    """To close again takes the place of that; whoever withdraws one withdraws both, and it is open."""
    async with house(tmp_path) as desk:
        key = await desk.enrol(ARU)
        browser = desk.browser(ARU)
        case, ask = await desk.case()
        await desk.now(ARU, key, "closing", {"case": case, "outcome": "hazard"})
        where = f"circle={desk.id}&case={case}"

        answering = await browser.get(f"/say/answer?{where}&ask={ask}")
        closing = await browser.get(f"/say/closing?{where}")
        await desk.now(ARU, key, "closing", {"case": case, "outcome": "incident"})
        (way,) = re.findall(r'href="(/say/withdrawal[^"]+)"', answering.text)
        withdrawing = await browser.get(html.unescape(way))
        of = re.findall(r'name="of" value="([^"]+)" checked', withdrawing.text)
        await desk.now(ARU, key, "withdrawal", {"case": case, "of": of, "reason": "mistaken"})
        after = await browser.get(f"/say/answer?{where}&ask={ask}")

    assert len(of) == 2
    assert "Your organisation has closed this case" in answering.text
    assert "marked as said after that" in answering.text
    assert "has closed this case already" in closing.text
    assert "What is said now takes its place" in closing.text
    assert "has closed this case" not in withdrawing.text
    assert "has closed this case" not in after.text


async def test_a_record_that_is_named_can_be_chosen_however_old_it_is(tmp_path: Path) -> None:
    """Though more is newer than a form lists; an earlier closing with the newer, or the case stays closed."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        own, book = desk.node.lines[desk.id], Casebook(desk.id)
        ref = desk.node.desk.casework[desk.id].ref(case)
        closing, known = (encode_record(one) for one in (book.closing(ref), book.acknowledgement(ref, ref)))
        first, *_, second = [(await own.write([one])).first for one in (closing, *[known] * 64, closing)]
        where = f"/say/withdrawal?circle={desk.id}&case={case}&of=east.1."

        pages = [await desk.browser(ARU).get(f"{where}{index}") for index in (second, first + 1)]

    of, old = (set(re.findall(r'name="of" value="([^"]+)" checked', page.text)) for page in pages)
    assert of == {f"east.1.{first}", f"east.1.{second}"}
    assert old == {f"east.1.{first + 1}"}


async def test_a_closed_case_can_be_linked_to(tmp_path: Path) -> None:
    """As the one of which another is a duplicate; it says that it is closed."""
    async with house(tmp_path) as desk:
        first, _ = await desk.case()
        await _closed(desk, first)
        second, _ = await desk.case()

        form = await desk.browser(ARU).get(f"/say/link?circle={desk.id}&case={second}")

    (option,) = re.findall(rf'<option value="{re.escape(first)}"[^>]*>([^<]+)', form.text)
    assert "closed" in option


async def test_a_handover_names_those_who_can_take_over(tmp_path: Path) -> None:
    """By their names in records, and as people know them; whoever hands over is none of them."""
    async with house(tmp_path) as desk:
        night = someone(Role.OFFICER, name="Dilnoza")
        await desk.enrol(replace(night, person=replace(night.person, role_name="night-officer")))

        form = await desk.browser(ARU).get(f"/say/handover?circle={desk.id}")

    assert re.findall(r'<datalist id="known-to">(.*?)</datalist>', form.text) == [
        '<option value="night-officer">Dilnoza</option>'
    ]
    assert "<code>night-officer</code> <bdi>Dilnoza</bdi>" in form.text


async def test_a_handover_to_nobody_is_pointed_out(tmp_path: Path) -> None:
    """To a name that no key on the card has, and to one that a key has not."""
    async with house(tmp_path) as desk:
        night = someone(Role.OFFICER, name="Dilnoza")
        await desk.enrol(replace(night, person=replace(night.person, role_name="night-officer")))
        nobody = await desk.draft(ARU, "handover", {"to": "dilnoza"})
        somebody = await desk.draft(ARU, "handover", {"to": "night-officer"})

    assert "nobody can take over" in nobody.text
    assert "<bdi>night-officer</bdi>" in nobody.text
    assert "nobody can take over" not in somebody.text
