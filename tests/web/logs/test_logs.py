"""Logs as they are browsed, verified and handed out."""

import asyncio
import html
import re
import sqlite3
from pathlib import Path

import pytest
from tests.node.nodes import confirmed, until
from tests.web.browsing import Answer, Browser
from tests.web.circles.circling import Desk, desk

from tocsin.circles import events
from tocsin.circles.evidence.prooffile import verify_proof
from tocsin.core.keys import SigningKey
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.node.api.types import ShownRecord
from tocsin.web.languages import LANGUAGES
from tocsin.web.logs.browsing import Filter, kind_word, kinds
from tocsin.web.logs.refused import KEPT, Refusals
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio

SCRIPT = "<script>alert(1)</script>"


async def written(at: Desk, *texts: str) -> str:
    """Our log, with these notes at its end, held by all."""
    line = at.line
    for text in texts:
        await line.write([at.founded.note(text)])
    await confirmed(line, line.own.size)
    return line.own.name


async def verified(browser: Browser, log: str, **part: str) -> Answer:
    """What a verification of that log found."""
    begun = await browser.post(f"/log/{log}/verify", part)
    assert begun.status == 303
    found = list[Answer]()

    while not found or "<progress" in found[-1].text:
        found.append(await browser.get(begun.headers["location"]))
        await asyncio.sleep(0)
    return found[-1]


async def test_every_log_is_listed_and_opens(tmp_path: Path) -> None:
    """Our own first; each by pages, newest first."""
    async with desk(tmp_path) as at:
        log = await written(at, *(f"Note {number}." for number in range(120)))
        reader = at.browser()
        listed = await reader.get("/log")
        newest = await reader.get(f"/log/{log}")
        older = re.search(rf'href="(/log/{re.escape(log)}\?below=\d+)"', newest.text)
        assert older
        oldest = await reader.get(older[1])

    assert listed.text.index(f'href="/log/{log}"') < listed.text.index("/north/1")
    assert newest.text.count('class="no"') == 100
    assert "Note 119." in newest.text
    assert "Note 0." in oldest.text
    assert "opens its log" in oldest.text
    assert newest.wire_bytes < 150_000


async def test_entries_are_filtered_by_kind_and_time(tmp_path: Path) -> None:
    """A kind, a state, a time; what is no time filters nothing."""
    async with desk(tmp_path) as at:
        log = await written(at, "A note.")
        reader = at.browser()

        async def numbers(query: str) -> int:
            answer = await reader.get(f"/log/{log}?{query}")
            assert answer.status == 200
            return answer.text.count('class="no"')

        assert await numbers("kind=note") == 1
        assert await numbers("kind=opening") == 1
        assert await numbers("kind=missing") == 0
        assert await numbers("kind=note&until=1971-01-01T00:00") == 1
        assert await numbers("kind=note&since=1971-01-01T00:00") == 0
        assert await numbers("kind=note&since=soon") == 1


async def test_an_entry_opens_to_what_was_written_and_its_proof(tmp_path: Path) -> None:
    """And whoever takes the proof can verify it."""
    async with desk(tmp_path) as at:
        log = await written(at, f"{SCRIPT} \N{RIGHT-TO-LEFT OVERRIDE}txet")
        index = at.line.own.size - 1
        reader = at.browser()
        numbered = next(
            one for one in range(index, 0, -1) if b"alert(1)" in (at.node.store.record(log, one)[2] or b"")
        )
        page = await reader.get(f"/log/{log}/{numbered}")
        file = await reader.get(f"/log/{log}/{numbered}/proof")
        beyond = await reader.get(f"/log/{log}/100000")

    assert page.status == 200
    assert "Proven here and now" in page.text
    assert SCRIPT not in page.text
    assert html.escape(SCRIPT) in page.text
    assert "⟨U+202E⟩" in page.text
    assert verify_proof(file.body, at.founded.id).index == numbered
    assert beyond.status == 404


async def test_a_log_that_holds_is_verified_whole_and_in_part(tmp_path: Path) -> None:
    """Signatures, entries, and the way to the root."""
    async with desk(tmp_path) as at:
        log = await written(at, *(f"Note {number}." for number in range(10)))
        whole = await verified(at.browser(), log)
        part = await verified(at.browser(), log, first="2", last="5")

    assert "All of it holds" in whole.text
    assert "All entries lead to the state that was signed" in whole.text
    assert "Each of 4 entries is in its place" in part.text


@pytest.mark.parametrize("part", [{}, {"first": "1", "last": "3"}])
async def test_a_record_that_was_changed_on_the_disk_is_found(tmp_path: Path, part: dict[str, str]) -> None:
    """One letter, in a database that still opens: it is said which entry it is."""
    async with desk(tmp_path) as at:
        log = await written(at, "The first words.", "The second words.")
        place = at.node.folder.database
        index = next(
            one for one in range(10) if b"The first words." in (at.node.store.record(log, one)[2] or b"")
        )
        tamper(place, b"The first words.", b"The worst words.")
        answer = await verified(at.browser(), log, **({"first": "0", "last": str(index)} if part else {}))
        page = await at.browser().get(f"/log/{log}/{index}")

    assert "It does NOT hold" in answer.text
    assert f'href="/log/{log}/{index}"' in answer.text
    assert "Proven here and now" not in page.text


async def test_a_log_that_cannot_be_read_any_more_does_not_hold(tmp_path: Path) -> None:
    """Part of it is gone from the disk: the verification ends, and says so."""
    async with desk(tmp_path) as at:
        log = await written(at, "The first words.", "The second words.")
        tamper(at.node.folder.database, b"The first words.", b"")
        answer = await verified(at.browser(), log)

    assert "It does NOT hold" in answer.text
    assert "is damaged" in answer.text


def tamper(database: Path, before: bytes, after: bytes) -> None:
    """Write other bytes in place of some, wherever they stand in the tables."""
    connection = sqlite3.connect(database, timeout=10)
    with connection:
        changed = 0
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type='table'")]
        for table in tables:
            columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
            for column in columns:
                changed += connection.execute(
                    f"update {table} set {column} = cast(replace({column}, cast(? as blob), ?) as blob) "  # noqa: S608
                    f"where typeof({column}) = 'blob' and instr({column}, ?)",
                    (before, after, before),
                ).rowcount
    connection.close()
    assert changed


async def test_files_of_records_are_for_officers_to_take_out(tmp_path: Path) -> None:
    """A file to carry has what others said; whoever only looks cannot take it."""
    async with desk(tmp_path) as at:
        await written(at, "x")
        reader = await at.browser().get(f"/log/carry/{at.founded.id}")
        officer = await at.browser(Role.OFFICER).get(f"/log/carry/{at.founded.id}?to=north")

    assert reader.status == 403
    assert officer.status == 200
    assert "attachment" in officer.headers["content-disposition"]
    assert officer.body


async def test_a_proof_is_verified_and_a_changed_one_is_not(tmp_path: Path) -> None:
    """Sent as bytes, or pasted; for the circle that was chosen, or typed instead; and never for another."""
    async with desk(tmp_path) as at:
        log = await written(at, f"It burns. {SCRIPT}")
        index = next(one for one in range(10) if b"It burns." in (at.node.store.record(log, one)[2] or b""))
        reader = at.browser()
        proof = (await reader.get(f"/log/{log}/{index}/proof")).body
        address = f"/verify?circle={at.founded.id}"

        sent = await reader.send(address, proof)
        form = await reader.get("/verify")
        text = proof.decode().rstrip("\n")
        pasted = await reader.post("/verify", {"circle": at.founded.id, "text": text})
        typed = await reader.post("/verify", {"circle": "0" * 64, "other": at.founded.id, "text": text})
        changed = await reader.send(address, proof.replace(b"index ", b"index 1", 1))
        elsewhere = await reader.send(f"/verify?circle={'0' * 64}", proof)
        short = await reader.send(f"/verify?circle={at.founded.id[:8]}", proof)

    assert f'<option value="{at.founded.id}">Loopback</option>' in form.text
    for answer in (sent, pasted, typed):
        assert answer.status == 200
        assert ">Verified<" in answer.text
        assert "It burns." in answer.text
        assert SCRIPT not in answer.text
    for answer in (changed, elsewhere, short):
        assert answer.status == 422
        assert "NOT verified" in answer.text


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 100, b"{}", b"PK\x03\x04 no archive", b"c2sp.org/tlog-proof@v1\n", SCRIPT.encode()],
)
async def test_what_proves_nothing_is_told_so(tmp_path: Path, data: bytes) -> None:
    """Whatever somebody drops there."""
    async with desk(tmp_path) as at:
        answer = await at.browser().send(f"/verify?circle={at.founded.id}", data)

    assert answer.status == 422
    assert "NOT verified" in answer.text
    assert SCRIPT not in answer.text


async def test_a_signed_text_says_whose_word_it_is_and_whose_not(tmp_path: Path) -> None:
    """A member's own checkpoint is its word; what another key signed in its name is not."""
    async with desk(tmp_path) as at:
        await written(at, "x")
        genuine = at.node.store.newest_checkpoint(at.line.own.name) or b""
        name = at.line.own.name
        key = SigningKey.generate(name, at.node.keys[at.founded.id].member.log.verifying.type, at.node.chance)
        impostor = sign_checkpoint(Checkpoint(name, 1, bytes(32)), key).note.encode()
        reader, address = at.browser(), f"/verify?circle={at.founded.id}"

        word = await reader.send(address, genuine)
        pretended = await reader.send(address, impostor)

    assert "By east, with its key" in word.text
    assert "NOT by east" in pretended.text
    assert "NOT verified" in pretended.text


async def test_two_versions_of_a_log_are_told_and_handed_out(tmp_path: Path) -> None:
    """In words, with a file that anyone can verify; and the pages of the log say so."""
    async with desk(tmp_path) as at:
        await written(at, "x")
        other = at.nodes[1].lines[at.founded.id]
        await confirmed(other, other.own.size)
        log, size = other.own.name, at.node.store.head(other.own.name)
        assert size
        key = at.nodes[1].keys[at.founded.id].member.log
        fork = sign_checkpoint(Checkpoint(log, size.size, bytes(32)), key).note.encode()
        await at.line.learn([fork], "north")
        await until(lambda: at.line.status().members[0].stopped)
        reader = at.browser()

        page = await reader.get("/log/evidence")
        of_log = await reader.get(f"/log/{log}")
        file = await reader.get(f"/log/evidence/{at.founded.id}/1")
        checked = await reader.send(f"/verify?circle={at.founded.id}", file.body)
        nothing = await reader.get(f"/log/evidence/{at.founded.id}/2")

    assert "Two versions of one log" in page.text
    assert "There are two versions of this log" in of_log.text
    assert ">Verified<" in checked.text
    assert "Two versions of one log" in checked.text
    assert nothing.status == 404


async def test_refusals_are_told_with_what_others_wrote_escaped(tmp_path: Path) -> None:
    """From whom, and why; the same again and again is one line."""
    async with desk(tmp_path) as at:
        for _ in range(3):
            at.refusals.heard(at.founded.id, events.RefusedHere("north", "bad-signature", SCRIPT))
        at.refusals.heard(at.founded.id, events.RefusedHere("", "unknown-signer", "A stranger."))
        page = await at.browser().get("/log/refusals")
        erasures = await at.browser().get("/log/erasures")

    assert SCRIPT not in page.text
    assert "times: 3" in page.text
    assert "no member" in page.text
    assert erasures.status == 200


def test_strangers_fill_nothing() -> None:
    """Of each member, and of all strangers together, so many are kept."""

    class Stopped:
        """A clock that stands still."""

        def wall_ms(self) -> int:
            return 1

        def monotonic_s(self) -> float:
            return 1.0

        async def sleep(self, duration_s: float) -> None:
            raise NotImplementedError

    refusals = Refusals(Stopped())
    for number in range(10 * KEPT):
        refusals.heard("c", events.RefusedHere("", "unknown-signer", f"Stranger {number}."))
        refusals.heard("c", events.RefusedHere("north", "busy", f"{number}" * 10_000))

    assert len(list(refusals)) == 2 * KEPT
    assert all(len(one.explanation) <= 2_000 for one in refusals)


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_every_kind_has_a_word(tag: str) -> None:
    """In each language; what is new to a language is never hidden behind its code."""
    language = LANGUAGES[tag]

    assert [kind for kind, word in kinds(language) if word == kind and tag != "en"] == []
    assert kind_word("report", language) == language.word("Kind", "report")


def test_what_has_no_time_is_of_no_time() -> None:
    """An entry whose record is not here is not between two moments."""
    entry = ShownRecord(circle="c", log="l", member="m", index=1, state="missing")

    assert Filter(kind="missing").takes(entry)
    assert not Filter(since="2020-01-01T00:00").takes(entry)
