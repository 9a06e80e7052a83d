import pytest
from tests.circles.lines import Lines
from tests.circles.party import Seeded
from tests.simulation.clock import SeededChance
from tests.simulation.hostile import History
from tests.simulation.wire import Weather

from tocsin.circles.authoring.own import Confirmation
from tocsin.circles.events import Confirmed, Receipted, WritesStopped
from tocsin.circles.wire.answers import Checkpoints
from tocsin.circles.wire.messages import CheckpointsRequest
from tocsin.circles.wire.protocol import Path
from tocsin.core import keys
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.note import Note, Signature, parse_note
from tocsin.core.tlog.checkpoint import SignedCheckpoint, cosign, with_signatures


def cut(lines: Lines, one: str, other: str) -> None:
    """Nothing gets from one to the other, in either direction."""
    lines.wire.cut(one, other)
    lines.wire.cut(other, one)


def receipt(signed: SignedCheckpoint, *cosignatures: Signature) -> bytes:
    """A checkpoint that carries these."""
    return with_signatures(signed, cosignatures).note.encode()


def by_way(lines: Lines, author: str, holder: str) -> Confirmation | None:
    """What the author knows of how much of its log the holder has."""
    return lines.desks[author].line.own.held.get(holder)


def test_a_confirmation_reaches_the_author_by_way_of_a_third(lines: Lines) -> None:
    """Ash and cedar never reach each other; birch brings ash's log to cedar, and cedar's word to ash."""
    cut(lines, "ash", "cedar")
    ash, _, cedar = (lines.start(slug) for slug in ("ash", "birch", "cedar"))
    ash.write()
    lines.run_for(20)
    size = ash.line.own.size
    assert cedar.follows("ash").size == size
    confirmed = by_way(lines, "ash", "cedar")
    assert confirmed is not None
    assert (confirmed.size, confirmed.by_way) == (size, "birch")
    assert Confirmed("cedar", size, confirmed.time_s, "birch") in ash.heard(Confirmed)
    # Directly, nobody's word came by another's way.
    assert (by_way(lines, "ash", "birch") or confirmed).by_way is None


@pytest.mark.parametrize("author", ["ash", "birch", "cedar"])
def test_in_bad_weather_all_is_confirmed_all_the_same(lines: Lines, author: str) -> None:
    """With messages lost, repeated and overtaking each other, and one pair that never meets."""
    lines.wire.weather = Weather(slowest_s=0.4, lost_percent=20, repeated_percent=20)
    cut(lines, "ash", "cedar")
    desks = {slug: lines.start(slug) for slug in ("ash", "birch", "cedar")}
    lines.run_for(20)
    for _ in range(5):
        desks[author].write()
        lines.run_for(1)
    lines.run_for(120)
    for one, desk in desks.items():
        for other in desks.keys() - {one}:
            confirmed = by_way(lines, one, other)
            assert confirmed is not None
            assert (confirmed.size, desk.line.own.halted) == (desk.line.own.size, None)


def test_where_everyone_reaches_everyone_there_are_no_receipts(lines: Lines) -> None:
    """An answer is enough: nobody is told what its author knows already."""
    desks = [lines.start(slug) for slug in ("ash", "birch", "cedar")]
    for desk in desks:
        desk.write()
    lines.run_for(20)
    assert [event for desk in desks for event in desk.heard(Receipted)] == []


def test_a_receipt_survives_restarts_on_its_way(lines: Lines) -> None:
    """Birch and cedar start again before ash is back: the receipt is kept, and shown to ash when it asks."""
    cut(lines, "ash", "cedar")
    ash, birch, cedar = (lines.start(slug) for slug in ("ash", "birch", "cedar"))
    ash.write()
    lines.run_for(0.5)
    ash.end()
    lines.run_for(20)
    size = birch.follows("ash").size
    assert [(event.holder, event.size) for event in birch.heard(Receipted)] == [("cedar", size)]
    for desk in (birch, cedar):
        desk.restart()
    ash.start()
    lines.run_for(5)
    confirmed = by_way(lines, "ash", "cedar")
    assert (confirmed and confirmed.size, confirmed and confirmed.by_way) == (size, "birch")


def test_receipts_are_bounded_by_holders_and_logs(lines: Lines) -> None:
    """Of each log and holder the newest is kept, however many came."""
    cut(lines, "ash", "cedar")
    ash, birch, _ = (lines.start(slug) for slug in ("ash", "birch", "cedar"))
    for _ in range(4):
        ash.write()
        lines.run_for(10)
    kept = [one for one in birch.line.receipts if one.signed.checkpoint.origin == ash.log]
    assert [(one.holder, one.size) for one in kept] == [("cedar", ash.line.own.size)]
    documents = birch.store.documents(f"receipts/{lines.circle.id}")
    assert f"{ash.log} cedar" in documents
    assert len(documents) <= 2


def test_a_receipt_that_cannot_be_verified_is_passed_over(lines: Lines) -> None:
    """By an unknown key, of another checkpoint, by the log's own member, or broken: none is kept."""
    ash = lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    signed = birch.history.checkpoint()
    other = SigningKey.generate(cedar.keys.holder.verifying.name, SignatureType.COSIGNATURE, Seeded("other"))
    good = cosign(signed.checkpoint, cedar.keys.holder, 7)
    broken = Signature(good.name, good.key_id, good.data[:-1] + bytes([good.data[-1] ^ 1]))
    longer = birch.history.branch(1)
    longer.write(birch.note())
    elsewhere = cosign(longer.checkpoint().checkpoint, cedar.keys.holder, 7)
    own = cosign(signed.checkpoint, birch.keys.holder, 7)
    witness = cosign(signed.checkpoint, cedar.keys.witness, 7)
    for bad in (cosign(signed.checkpoint, other, 7), broken, elsewhere, own, witness):
        birch.tell("ash", receipt(signed, bad))
        assert list(ash.line.receipts) == []
    birch.tell("ash", b"no note", receipt(signed, good))
    assert [(one.holder, one.size) for one in ash.line.receipts] == [("cedar", 1)]


def test_a_receipt_for_what_we_never_signed_says_nothing(lines: Lines) -> None:
    """A holder's word about our log counts for our own checkpoints alone, and never goes back."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.write()
    head = ash.line.own.checkpoint
    assert head is not None
    forged = Note(head.note.text.replace("\n2\n", "\n3\n"), head.note.signatures)
    cedar = lines.party.keys["cedar"].holder
    longer = SignedCheckpoint(type(head.checkpoint)(ash.log, 3, head.checkpoint.root), forged)
    birch.tell("ash", receipt(longer, cosign(longer.checkpoint, cedar, 7)))
    assert by_way(lines, "ash", "cedar") is None
    birch.tell("ash", receipt(head, cosign(head.checkpoint, cedar, 8)))
    assert by_way(lines, "ash", "cedar") == Confirmation(2, 8, "birch")


@pytest.mark.parametrize("size", [2, 3])
def test_a_receipt_for_what_another_wrote_with_our_keys_stops_us(lines: Lines, size: int) -> None:
    """However quiet the line is: that somebody holds what we never wrote is noticed."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.write()
    thief = History(ash.log, lines.party.keys["ash"].log, SeededChance(1, "thief"))
    thief.write(*(birch.note() for _ in range(size)))
    signed = thief.checkpoint()
    birch.tell("ash", receipt(signed, cosign(signed.checkpoint, lines.party.keys["cedar"].holder, 7)))
    assert len(ash.heard(WritesStopped)) == 1


def test_a_stopped_log_has_no_receipts(lines: Lines) -> None:
    """Of a log with two versions, the two checkpoints are shown, each with its log's signature alone."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    signed = birch.history.checkpoint()
    cedar.tell("ash", receipt(signed, cosign(signed.checkpoint, lines.party.keys["cedar"].holder, 7)))
    twin = birch.history.branch(0)
    twin.write(birch.note("Another beginning."))
    birch.push("ash", twin.push())
    answer = cedar.call("ash", Path.CHECKPOINTS, CheckpointsRequest().encode())
    assert isinstance(answer, Checkpoints)
    shown = [note for note in answer.notes if note.startswith(birch.log.encode())]
    assert [len(parse_note(note).signatures) for note in shown] == [1, 1]


def test_a_note_with_receipts_stays_within_its_size() -> None:
    """With more holders than a note has room for, the rest goes with the next."""
    places = tuple((f"member-{number:02}", f"Member {number}", "KR") for number in range(60))
    with Lines(chosen=places) as lines:
        first = lines.start("member-00")
        author = lines.puppet("member-01")
        author.push("member-00", author.history.push())
        signed = author.history.checkpoint()
        for slug, _, _ in places[2:]:
            cosignature = cosign(signed.checkpoint, lines.party.keys[slug].holder, 7)
            lines.run(first.line.receipts.take([receipt(signed, cosignature)], slug))
        seen: set[str] = set()
        for _ in range(4):
            notes, told = first.line.receipts.untold("member-01")
            first.line.receipts.tell("member-01", told)
            seen |= {holder for _, holder in told}
            assert all(len(note) <= 8_192 for note in notes)
        assert seen == {slug for slug, _, _ in places[2:]}


def test_nobody_can_make_others_verify_for_nothing(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first receipt that fails ends it, however many follow; and a repetition costs no signature."""
    ash = lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    birch.history.write(*(birch.note() for _ in range(30)))
    birch.push("ash", birch.history.push())
    lines.run_for(1)
    verified: list[bytes] = []
    verify = keys.ed25519_verify

    def watched(public: bytes, message: bytes, signature: bytes) -> bool:
        verified.append(message)
        return verify(public, message, signature)

    monkeypatch.setattr(keys, "ed25519_verify", watched)

    def forged(size: int) -> bytes:
        signed = birch.history.checkpoint(size)
        good = cosign(signed.checkpoint, cedar.keys.holder, 7)
        bent = good.data[:40] + bytes([good.data[40] ^ 1]) + good.data[41:]
        return receipt(signed, Signature(good.name, good.key_id, bent))

    cedar.tell("ash", *(forged(size) for size in range(2, 30)))
    assert sum(message.startswith(b"cosignature/v1") for message in verified) == 1
    verified.clear()
    signed = birch.history.checkpoint()
    good = receipt(signed, cosign(signed.checkpoint, cedar.keys.holder, 7))
    for _ in range(3):
        cedar.tell("ash", good, good)
    assert sum(message.startswith(b"cosignature/v1") for message in verified) == 1
    assert [one.size for one in ash.line.receipts] == [31]


@pytest.mark.parametrize("way", ["birch", "a file"])
def test_who_brought_it_is_said_until_the_member_says_it_itself(lines: Lines, way: str) -> None:
    """A newer confirmation takes the place of one that came by another's way."""
    ash = lines.start("ash")
    cedar = lines.party.keys["cedar"].holder
    for size in (1, 2):
        head = ash.line.own.checkpoint
        assert head is not None
        if size == 1:
            lines.run(ash.line.receipts.take([receipt(head, cosign(head.checkpoint, cedar, 7))], way))
            assert by_way(lines, "ash", "cedar") == Confirmation(1, 7, way)
            ash.write()
        else:
            member, cosignature = lines.circle.by_slug["cedar"], cosign(head.checkpoint, cedar, 9)
            lines.run(ash.line.own.confirm(member, size, cosignature, witness=False))
            assert by_way(lines, "ash", "cedar") == Confirmation(2, 9)
