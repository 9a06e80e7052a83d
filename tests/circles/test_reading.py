import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import AT_MS, card_of, note_bytes, note_record, officer_key, party

from tocsin.circles.errors import WrongOpening
from tocsin.circles.reading import NotUnderstood, Readable, Reader
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.note import sign_note
from tocsin.core.records import Leaving, Seen, encode_record, sign_record
from tocsin.core.records.errors import (
    HandlingExceeded,
    MalformedRecord,
    MisplacedOpening,
    OfficerSignature,
    OfficerUnknown,
    UnknownKind,
    WrongCircle,
)
from tocsin.core.strict_json import NotCanonical, UnknownField

P = party()
ASH = P.circle.by_slug["ash"]
DUTY = officer_key(ASH.log, "duty")
CHIEF = officer_key(ASH.log, "chief")
NEW_DUTY = officer_key(ASH.log, "duty", seed=2)
BY_DUTY = sign_record(note_record(ASH.log, "signed", author="duty"), DUTY)
PLAIN = note_bytes(ASH.log, "plain")


def codes(log: list[bytes], reader: Reader | None = None) -> list[str]:
    """What each record of a log is read as: the officer, `plain`, or the error's code."""
    reader = reader or Reader(ASH)
    readings = [reader.read(index, body) for index, body in enumerate(log)]
    return [
        reading.code if isinstance(reading, NotUnderstood) else reading.officer or "plain"
        for reading in readings
    ]


def test_a_log_is_read_with_its_cards() -> None:
    """An officer's signature is good from the card that lists the key to the one that does not."""
    log = [ASH.opening, BY_DUTY, card_of(ASH.log, DUTY), BY_DUTY, card_of(ASH.log, NEW_DUTY), BY_DUTY, PLAIN]

    assert codes(log) == ["plain", "officer-unknown", "plain", "duty", "plain", "officer-unknown", "plain"]


def test_reading_can_start_in_the_middle() -> None:
    """With the newest card below, a reader goes on as one that read everything."""
    reader = Reader(ASH)
    reader.seek(2, card_of(ASH.log, DUTY))

    assert isinstance(reader.read(3, BY_DUTY), Readable)
    assert isinstance(reader.read(1, BY_DUTY), NotUnderstood)


def test_a_card_sent_ahead_does_not_reach_back() -> None:
    """A record is judged by the newest card below it, whatever has arrived from above."""
    reader = Reader(ASH)
    reader.read(2, card_of(ASH.log, DUTY))
    reader.read(100, card_of(ASH.log, NEW_DUTY))

    assert isinstance(reader.read(50, BY_DUTY), Readable)
    assert isinstance(reader.read(101, BY_DUTY), NotUnderstood)


@given(st.permutations(range(1, 7)))
def test_a_log_read_again_in_order_reads_the_same(order: list[int]) -> None:
    """In whatever order records came, reading them in order afterwards depends on the log alone."""
    log = [
        ASH.opening,
        card_of(ASH.log, DUTY),
        BY_DUTY,
        card_of(ASH.log, CHIEF),
        BY_DUTY,
        PLAIN,
        card_of(ASH.log, DUTY),
    ]
    reader = Reader(ASH)
    for index in order:
        reader.read(index, log[index])

    assert codes(log) == codes(log, reader)


def test_many_cards_are_not_all_kept() -> None:
    """A member that floods cards costs a bounded amount of memory, and is still read by its newest."""
    reader = Reader(ASH)
    for index in range(1, 200):
        reader.read(index, card_of(ASH.log, DUTY))

    assert isinstance(reader.read(200, BY_DUTY), Readable)
    assert len(reader._officers) < 20


def not_understood(body: bytes, index: int = 2) -> tuple[str, str]:
    """The code and explanation with which a record after ASH's card is not understood."""
    reader = Reader(ASH)
    reader.read(1, card_of(ASH.log, DUTY, officer_key(ASH.log, "organisation")))
    reading = reader.read(index, body)
    assert isinstance(reading, NotUnderstood)
    assert index == reading.index
    return reading.code, reading.explanation


FORGED = BY_DUTY.replace(b"signed", b"forged")
ELSEWHERE = party(seed=2).circle.by_slug["ash"]
LEAVING = Leaving(
    circle=ASH.log.circle,
    at_ms=AT_MS,
    author="organisation",
    author_kind="officer",
    tlp="TLP:GREEN",
    member="ash",
    final=Seen(log=str(ASH.log), root=encode_base64(bytes(32)), size=3),
)
UNREADABLE: dict[str, tuple[bytes, type[Refusal]]] = {
    "an unknown kind": (PLAIN.replace(b'"note"', b'"poem"'), UnknownKind),
    "a newer field": (PLAIN.replace(b'"lang":"en"', b'"lang":"en","level":1'), UnknownField),
    "a malformed record": (PLAIN.replace(b'"lang":"en"', b'"lang":1'), MalformedRecord),
    "white space": (PLAIN.replace(b":", b": ", 1), NotCanonical),
    "another circle": (note_bytes(ELSEWHERE.log, "plain"), WrongCircle),
    "an opening that is not the first entry": (ASH.opening, MisplacedOpening),
    "an officer's signature that does not fit": (FORGED, OfficerSignature),
    "an officer who signs for another": (
        sign_record(note_record(ASH.log, "x", author="chief"), DUTY),
        OfficerUnknown,
    ),
    "an officer whom no card lists": (
        sign_record(note_record(ASH.log, "x", author="chief"), CHIEF),
        OfficerUnknown,
    ),
    "an officer of another key": (sign_record(note_record(ASH.log, "x"), NEW_DUTY), OfficerUnknown),
    "the request key as an officer": (
        sign_record(note_record(ASH.log, "x", author="request"), P.keys["ash"].request),
        OfficerUnknown,
    ),
    "two signatures": (sign_note(PLAIN.decode() + "\n", DUTY, CHIEF).encode(), MalformedRecord),
    "a card with another log's officers": (
        card_of(ASH.log, officer_key(P.log("birch"), "duty")),
        MalformedRecord,
    ),
    "a leaving, which is an event and no entry": (
        sign_record(LEAVING, officer_key(ASH.log, "organisation")),
        MisplacedOpening,
    ),
    "nothing": (b"", Refusal),
    "garbage": (b"\xff\xfe", Refusal),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_says_why(name: str) -> None:
    """Each reason of section 7.4 has its code, and reading goes on after it."""
    body, error = UNREADABLE[name]

    code, explanation = not_understood(body)

    assert error is Refusal or error.code == code
    assert explanation
    assert codes([ASH.opening, body, PLAIN])[2] == "plain"


def test_the_first_entry_is_the_opening_that_everyone_has() -> None:
    """Entry 0 is the opening of the join file, byte for byte."""
    other = P.openings["birch"]

    assert not_understood(PLAIN, index=0)[0] == MisplacedOpening.code
    assert not_understood(other, index=0)[0] == WrongOpening.code
    assert codes([ASH.opening]) == ["plain"]


@given(st.binary(max_size=300), st.integers(0, 2**53 - 1))
def test_reading_never_raises(body: bytes, index: int) -> None:
    """Whatever was accepted, reading it gives a reading."""
    assert index == Reader(ASH).read(index, body).index


@given(st.data())
def test_a_damaged_record_is_never_read_as_signed(data: st.DataObject) -> None:
    """One byte changed in a signed record leaves nothing that reads as the officer's."""
    body = bytearray(BY_DUTY)
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    reader = Reader(ASH)
    reader.read(1, card_of(ASH.log, DUTY))

    assert isinstance(reader.read(2, bytes(body)), NotUnderstood)


def writer(card: bytes | None = None) -> Reader:
    """A reader of a log whose newest card is this one."""
    reader = Reader(ASH)
    if card:
        reader.seek(1, card)
    return reader


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_not_written(name: str) -> None:
    """A node refuses to write what it could not read itself, with the error of the reason."""
    body, error = UNREADABLE[name]

    with pytest.raises(error):
        writer(card_of(ASH.log, DUTY)).check_writable(body, "TLP:AMBER")


def test_what_is_above_the_handling_is_read_but_not_written() -> None:
    """The charter's handling binds the writer; a follower shows what is there, with its label."""
    above = encode_record(msgspec.structs.replace(note_record(ASH.log, "secret"), tlp="TLP:RED"))

    assert isinstance(Reader(ASH).read(1, above), Readable)
    with pytest.raises(HandlingExceeded):
        writer().check_writable(above, "TLP:AMBER")


def test_what_can_be_read_can_be_written() -> None:
    """A plain record needs no card, a signed one the card that lists its officer."""
    assert writer().check_writable(PLAIN, "TLP:AMBER").kind == "note"
    assert writer(card_of(ASH.log, DUTY)).check_writable(BY_DUTY, "TLP:AMBER").author == "duty"
    with pytest.raises(OfficerUnknown):
        writer().check_writable(BY_DUTY, "TLP:AMBER")
