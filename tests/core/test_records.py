"""Records: each kind is written in one way and read as it was written; what is no record is refused by name.

The named bad records stand in vectors/record.json; here are the rules that hold for all.
"""

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.case_records import case_records
from tests.core.check_records import check_records
from tests.core.record_parts import (
    COMMON,
    COSIGNATURE,
    LOG,
    OFFICER,
    common,
    hex_digests,
    key,
    langs,
    logs,
    roots,
    sizes,
    slugs,
    times_ms,
    words,
)

from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.note import Note, sign_note
from tocsin.core.records import (
    KINDS,
    Card,
    Context,
    Desk,
    Endpoint,
    Erased,
    Erasure,
    Hold,
    Leaving,
    NoteRecord,
    Notice,
    Officer,
    Opening,
    Parsed,
    Place,
    Previous,
    Reason,
    Record,
    Release,
    Reply,
    Report,
    Seen,
    Source,
    Target,
    Tlp,
    encode_record,
    parse_record,
    sign_record,
    tlp_at_most,
)
from tocsin.core.records.errors import MalformedRecord, RecordTooLarge
from tocsin.core.strict_json import MAX_INTEGER, InvalidUtf8
from tocsin.core.tlog.entry import MAX_RECORD_BYTES

NOTE = NoteRecord(**COMMON, text="A picture of an explosion.", lang="en")
REPORT = Report(**COMMON, summary="An explosion.", lang="en", sources=(Source(kind="post", locator="a"),))

urls = st.builds(
    "https://{}:{}".format, st.sampled_from(["a", "desk.example", "[::1]"]), st.integers(1, 65535)
)
endpoints = st.builds(Endpoint, tls_spki_sha256=hex_digests, url=urls | st.just("http://127.0.0.1:1"))

desks = st.builds(
    Desk,
    name=words,
    hours=st.none() | words,
    languages=st.none() | st.lists(langs, min_size=1, max_size=16).map(tuple),
    contact=st.none() | words,
)


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    """An opening whose keys are named after its log."""
    log = draw(logs)
    reason = None if log.epoch == 1 else draw(st.sampled_from(get_args(Reason)))
    return Opening(
        **{name: draw(values) for name, values in common.items()} | {"author": "organisation"},
        member=log.member,
        epoch=log.epoch,
        log=key(str(log)).verifying.encode(),
        holder=key(log.holder, COSIGNATURE).verifying.encode(),
        witness=key(log.witness, COSIGNATURE).verifying.encode(),
        request=key(log.request).verifying.encode(),
        tls_spki_sha256=draw(hex_digests),
        endpoint=draw(urls),
        previous=None if log.epoch == 1 else draw(st.builds(Previous, root=roots, size=sizes)),
        reason=reason,
        compromised_since_ms=draw(st.none() | times_ms) if reason == "compromised" else None,
    )


@st.composite
def leavings(draw: st.DrawFn) -> Leaving:
    """A leaving from one of the member's logs, with a reason or without."""
    log = draw(logs)
    reason, lang = draw(st.none() | st.tuples(words, langs)) or (None, None)
    return Leaving(
        **{name: draw(values) for name, values in common.items()} | {"author": "organisation"},
        member=log.member,
        final=Seen(log=str(log), root=draw(roots), size=draw(sizes)),
        reason=reason,
        lang=lang,
    )


def officer(role: str) -> Officer:
    """The officer of this role in one log."""
    return Officer(role=role, key=key(LOG.officer(role)).verifying.encode())


cards = st.builds(
    Card,
    **common,
    lang=langs,
    endpoints=st.lists(endpoints, min_size=1, max_size=8).map(tuple),
    desk=desks,
    officers=st.lists(st.sampled_from(["duty-officer", "analyst"]).map(officer), max_size=3).map(tuple),
)
seen = st.builds(Seen, log=logs.map(str), root=roots, size=sizes)
contexts = st.builds(
    Context,
    **common | {"author": st.just("node"), "author_kind": st.just("machine")},
    seen=st.lists(seen, min_size=1, max_size=64, unique_by=lambda one: one.log).map(
        lambda unsorted: tuple(sorted(unsorted, key=lambda one: one.log))
    ),
)
note_records = st.builds(NoteRecord, **common, text=words, lang=langs)
notices = st.builds(
    Notice, **common, member=slugs, text=words, lang=langs, reply_within_hours=st.integers(1, MAX_INTEGER)
)
replies = st.builds(Reply, **common, log=logs.map(str), notice=sizes, entry=roots, text=words, lang=langs)

ordering: dict[str, st.SearchStrategy[Any]] = common | {"lang": langs, "reason": words, "ordered_by": words}
indices = st.lists(st.integers(1, MAX_INTEGER - 1), min_size=1, max_size=9, unique=True).map(sorted)
places = st.builds(Place, log=logs.map(str), index=st.integers(0, MAX_INTEGER - 1))


@st.composite
def erasures(draw: st.DrawFn) -> Erasure:
    """An erasure of a few records."""
    return Erasure(
        **{name: draw(values) for name, values in ordering.items()},
        log=str(draw(logs)),
        targets=tuple(Target(entry=draw(roots), index=index) for index in draw(indices)),
    )


@st.composite
def answers(draw: st.DrawFn) -> Erased:
    """An answer to an erasure: each index is gone, or held."""
    found = draw(indices)
    held = draw(st.sets(st.sampled_from(found)))
    return Erased(
        **{name: draw(values) for name, values in common.items()}
        | {"author": "node", "author_kind": "machine"},
        erasure=draw(places),
        purged=tuple(index for index in found if index not in held) or None,
        held=tuple(index for index in found if index in held) or None,
    )


holds = st.builds(
    Hold,
    **ordering,
    targets=st.lists(places, min_size=1, max_size=9, unique=True).map(sorted).map(tuple),
)
releases = st.builds(Release, **ordering, hold=places)

unsigned: st.SearchStrategy[Record] = st.one_of(
    *(cards, contexts, note_records, notices, replies),
    *(erasures(), answers(), holds, releases, check_records, case_records),
)
records: st.SearchStrategy[Record] = st.one_of(unsigned, openings(), leavings())


def written_again(parsed: Parsed) -> bytes:
    """The bytes that say what was parsed."""
    if parsed.signature is None:
        return encode_record(parsed.record)
    return Note(parsed.signed.decode(), (parsed.signature,)).encode()


def code_of(data: bytes) -> str | None:
    """The error that refuses these bytes, if one does."""
    try:
        parse_record(data)
    except Refusal as refusal:
        return refusal.code
    return None


@given(unsigned)
def test_plain_record_round_trips(record: Record) -> None:
    """A record in plain form is read as it was written, and its bytes are in the one form."""
    data = encode_record(record)

    assert Parsed(record) == parse_record(data)
    assert strict_json.diagnose(data) is None


@given(records)
def test_signed_record_round_trips(record: Record) -> None:
    """A record in signed form is read as it was written; the signature is over the JSON and a newline."""
    data = sign_record(record, OFFICER)
    parsed = parse_record(data)

    assert record == parsed.record
    assert parsed.signed == strict_json.encode(record) + b"\n"
    assert parsed.signature is not None
    assert OFFICER.verifying.name == parsed.signature.name
    assert OFFICER.verifying.verify(parsed.signed, parsed.signature.data)
    assert data == written_again(parsed)


fragments = st.sampled_from(
    [
        b"",
        b'"',
        b"{",
        b"}",
        b"[]",
        b",",
        b" ",
        b"\n",
        b"\\",
        b"\\u0000",
        b"\xff",
        b"-0",
        b"1.5",
        b"null",
        b'"a":1,',
    ]
)


@given(records, st.integers(0, 900), fragments | st.binary(max_size=3), st.integers(0, 12))
def test_any_bytes_are_refused_or_the_same_again(record: Record, place: int, put: bytes, taken: int) -> None:
    """A record with a few bytes exchanged is refused, or says something that is written as those bytes."""
    data = sign_record(record, OFFICER)
    changed = data[:place] + put + data[place + taken :]

    try:
        parsed = parse_record(changed)
    except Refusal:
        return

    assert changed == written_again(parsed)


@given(st.binary())
def test_noise_is_refused(data: bytes) -> None:
    """Bytes that nobody wrote are refused, whatever they are."""
    with pytest.raises(Refusal):
        parse_record(data)


@given(unsigned, st.sampled_from(["'", " ", "\t"]))
def test_a_record_is_written_in_one_way(record: Record, space: str) -> None:
    """The same fields, with white space or in another order, are no record."""
    fields = msgspec.json.decode(encode_record(record))
    spaced = msgspec.json.format(msgspec.json.encode(fields, order="sorted"), indent=1)
    reversed_fields = msgspec.json.encode(dict(sorted(fields.items(), reverse=True)))

    assert code_of(spaced) == "not-canonical"
    assert code_of(reversed_fields) == "not-canonical"
    assert code_of(encode_record(record) + space.encode()) in {"not-canonical", "not-json"}


@given(records, st.data())
def test_every_field_is_needed_or_left_out(record: Record, data: st.DataObject) -> None:
    """Without one of its fields a record is malformed, or is another record that has no value there."""
    fields = msgspec.json.decode(strict_json.encode(record))
    missing = data.draw(st.sampled_from(sorted(fields)))
    del fields[missing]
    changed = sign_note(strict_json.encode(fields).decode() + "\n", OFFICER).encode()

    if code_of(changed) is None:
        assert getattr(parse_record(changed).record, missing) is None
    else:
        assert code_of(changed) == "malformed-record"


@given(records)
def test_a_newer_field_is_not_understood(record: Record) -> None:
    """A field that the kind does not have makes a record unreadable, and is ignored under `more`."""
    newer = {"a_newer_field": 1}
    fields = msgspec.json.decode(strict_json.encode(record))

    beside = sign_note(strict_json.encode(fields | newer).decode() + "\n", OFFICER).encode()
    under = sign_note(strict_json.encode(fields | {"more": newer}).decode() + "\n", OFFICER).encode()

    assert code_of(beside) == "unknown-field"
    assert msgspec.structs.replace(record, more=newer) == parse_record(under).record


def test_kinds() -> None:
    """The kinds are those of the union, sorted, and a record says which it is."""
    tags = sorted(kind.__struct_config__.tag for kind in get_args(Record))

    assert tags == list(KINDS)
    assert NOTE.kind == "note"


def test_size_before_anything_else() -> None:
    """A record that is too large is refused unread, and the largest is read."""
    frame = len(encode_record(msgspec.structs.replace(NOTE, more={"a": ""})))
    largest = encode_record(msgspec.structs.replace(NOTE, more={"a": "a" * (MAX_RECORD_BYTES - frame)}))

    assert len(largest) == MAX_RECORD_BYTES
    for size_bytes in (MAX_RECORD_BYTES + 1, 10 * MAX_RECORD_BYTES):
        for byte in (b"{", b"\xff", b"\n"):
            assert code_of(byte * size_bytes) == "record-too-large"
    with pytest.raises(RecordTooLarge):
        sign_record(parse_record(largest).record, OFFICER)


@pytest.mark.parametrize("character", ["a", "é", "한", "🔔"])
def test_texts_are_measured_in_bytes(character: str) -> None:
    """A text is as long as its UTF-8, and the last that fits is written."""
    width = len(character.encode())
    for record, field, max_bytes in ((NOTE, "text", 32_768), (REPORT, "summary", 16_384)):
        longest = character * (max_bytes // width)
        encode_record(msgspec.structs.replace(record, **{field: longest}))
        with pytest.raises(MalformedRecord):
            msgspec.structs.replace(record, **{field: longest + character})
    with pytest.raises(MalformedRecord):
        Source(kind="post", locator=character * (2048 // width + 1))


def test_what_cannot_be_read_is_not_written() -> None:
    """A record made here whose fields break their type's limits is refused before there are bytes of it."""
    unreadable: list[dict[str, Any]] = [
        {"text": ""},
        {"at_ms": -1},
        {"at_ms": MAX_INTEGER + 1},
        {"at_ms": 1.5},
        {"circle": "circle"},
        {"author": "Duty Officer"},
        {"author_kind": "robot"},
        {"tlp": "RED"},
        {"lang": "en_US"},
        {"more": {}},
        {"text": "a\0b"},
    ]
    for change in unreadable:
        record = msgspec.structs.replace(NOTE, **change)
        with pytest.raises(Refusal):
            encode_record(record)
        with pytest.raises(Refusal):
            sign_record(record, OFFICER)


def test_what_no_type_says_is_checked_when_made() -> None:
    """Fields that belong together, and what `more` may hold, are checked when a record is made."""
    log = str(LOG)
    one = Seen(log=log, root=encode_base64(bytes(32)), size=1)
    with pytest.raises(strict_json.FloatFound):
        msgspec.structs.replace(NOTE, more={"share": 0.5})
    with pytest.raises(MalformedRecord):
        msgspec.structs.replace(REPORT, occurred_at_ms=1)
    with pytest.raises(MalformedRecord):
        msgspec.structs.replace(one, log="kr-desk")
    with pytest.raises(MalformedRecord):
        Context(**COMMON | {"author": "node", "author_kind": "machine"}, seen=(one, one))
    with pytest.raises(MalformedRecord):
        Officer(role="analyst", key=OFFICER.verifying.encode())


def test_a_lone_surrogate_is_refused() -> None:
    """A text that is no UTF-8, as the command line may hand it on, is refused and never written."""
    for text in ("\udcff", "\udcff" * 20_000):
        with pytest.raises(Refusal) as refused:
            encode_record(msgspec.structs.replace(NOTE, text=text))
        assert refused.type in {InvalidUtf8, MalformedRecord}


def test_an_opening_is_signed() -> None:
    """An opening is never written or read in plain form."""
    opening = Opening(
        **COMMON | {"author": "organisation"},
        member=LOG.member,
        epoch=LOG.epoch,
        log=key(str(LOG)).verifying.encode(),
        holder=key(LOG.holder, COSIGNATURE).verifying.encode(),
        witness=key(LOG.witness, COSIGNATURE).verifying.encode(),
        request=key(LOG.request).verifying.encode(),
        tls_spki_sha256="5e" * 32,
        endpoint="https://desk.example:8440",
    )

    assert opening.log_name == LOG
    assert [
        key.name for key in (opening.log_key, opening.holder_key, opening.witness_key, opening.request_key)
    ] == [
        str(LOG),
        LOG.holder,
        LOG.witness,
        LOG.request,
    ]
    assert opening == parse_record(sign_record(opening, OFFICER)).record
    with pytest.raises(MalformedRecord):
        encode_record(opening)


def test_tlp_order() -> None:
    """The labels stand in the order of TLP 2.0, and one is at most itself."""
    order = get_args(Tlp)

    assert [[tlp_at_most(label, ceiling) for label in order] for ceiling in order] == [
        [True, False, False, False, False],
        [True, True, False, False, False],
        [True, True, True, False, False],
        [True, True, True, True, False],
        [True, True, True, True, True],
    ]
    assert order == ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
