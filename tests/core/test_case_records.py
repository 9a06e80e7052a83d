"""Records of cases: kept as they were written, whatever is in them, and refused where the protocol says so.

The named bad records stand in vectors/record.json; here are the rules that hold for all. That each kind is
written in one way, test_records.py shows, for these kinds among the others.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, Any, Literal, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.case_records import case_records, earlier_reports, readings, refs, reports
from tests.core.record_parts import CIRCLE, COMMON, OFFICER

from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.records import (
    Acknowledgement,
    Actor,
    Answer,
    Ask,
    Attachment,
    CaseRecord,
    Certificate,
    Closing,
    Correction,
    Fingerprint,
    GroundTruth,
    Handover,
    Hypothesis,
    Moment,
    OfCases,
    Operator,
    OperatorPosition,
    Passing,
    Probability,
    Reading,
    Ref,
    Reminder,
    Report,
    Source,
    System,
    Takeover,
    Translation,
    Withdrawal,
    encode_record,
    parse_record,
    sign_record,
)
from tocsin.core.records.cases.report import Described
from tocsin.core.records.common import CommonFields, Lang, TimeMs
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.strict_json import MAX_INTEGER

LOG = f"line.example.org/{CIRCLE}/kr-desk/1"
CASE, OTHER = (Ref(log=LOG, index=index, entry=encode_base64(bytes([index]) * 32)) for index in (1, 2))
POST = Source(kind="post", locator="https://social.example/1", obtained="published")
HASH = "5e" * 32

HOSTILE = [
    "<script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\u202eevil\u2066\u2069",
    "\ufeff\u200b\u200d\u00ad",
    "\x01\x1b[2J\x07\x7f\x85\r\n\t",
    "=cmd|' /C calc'!A0",
    "e\u0301 \u00e9 \uff41 \U000e0041 \U0010ffff \ufffe",
    "{{7*7}} ${jndi:ldap://x} %s %00 ../../etc/passwd",
]


def in_text(text: str) -> CaseRecord:
    """A record with this as its text, and as that of a translation."""
    translation = Translation(by="analyst", by_kind="agent", lang="ko", text=text)
    return Ask(**COMMON, case=CASE, questions=("seen",), text=text, lang="en", translations=(translation,))


def reported(**fields: Any) -> Report:  # noqa: ANN401 - the fields of a report
    """A report with these fields."""
    return Report(**COMMON, sources=(POST,), **fields)


def read(*parts: tuple[str | Ref, int], **fields: Any) -> Reading:  # noqa: ANN401 - the fields of a reading
    """A reading of these probabilities, or one that holds all to be an attack."""
    probabilities = tuple(
        Probability(permille=permille, **{"what" if isinstance(of, str) else "hypothesis": of})  # type: ignore[arg-type]
        for of, permille in parts or [("attack", 1_000)]
    )
    given = {"probabilities": probabilities, "confidence": "low", "sources": (POST,)}
    return Reading(**COMMON, case=CASE, **given | fields)


def certified(certificate: Certificate) -> Report:
    """A report of a system that has this certificate."""
    return reported(systems=(System(name="Imager", certificates=(certificate,)),))


TEXTS: dict[str, tuple[int, Callable[[str], CaseRecord | Handover]]] = {
    "text": (16_384, in_text),
    "summary": (16_384, lambda text: reported(summary=text, lang="en")),
    "corrected summary": (
        16_384,
        lambda text: Correction(**COMMON, case=CASE, of=CASE, summary=text, lang="en"),
    ),
    "handover": (16_384, lambda text: Handover(**COMMON, to="night-officer", text=text, lang="en")),
    "locator": (
        2_048,
        lambda text: Report(**COMMON, sources=(Source(kind="other", locator=text, obtained="other"),)),
    ),
    "translator": (
        256,
        lambda text: reported(
            summary="A picture.",
            lang="en",
            translations=(Translation(by=text, by_kind="officer", lang="ko", text="x"),),
        ),
    ),
    "system": (256, lambda text: reported(systems=(System(name=text),))),
    "version": (256, lambda text: reported(systems=(System(name="Imager", version=text),))),
    "operator": (256, lambda text: reported(operators=(Operator(name=text, role="user"),))),
    "issuer": (256, lambda text: certified(Certificate(issuer=text, number="1"))),
    "number": (256, lambda text: certified(Certificate(issuer="Assurance", number=text))),
    "asserter": (
        256,
        lambda text: reported(
            moments=(Moment(asserted_by="press", at_ms=0, clock="aware", precision="day", name=text),)
        ),
    ),
    "attachment": (
        256,
        lambda text: reported(
            attachments=(Attachment(media_type="a/b", sha256=HASH, size_bytes=0, name=text),)
        ),
    ),
    "operator concerned": (
        256,
        lambda text: OperatorPosition(**COMMON, case=CASE, operator=text, role="user", position="no-comment"),
    ),
    "passed on to": (256, lambda text: Passing(**COMMON, case=CASE, of=(CASE,), to=text)),
    "hypothesis": (
        16_384,
        lambda text: Hypothesis(**COMMON, case=CASE, under="attack", text=text, lang="en"),
    ),
    "who did it": (256, lambda text: read(who=(Actor(name=text, permille=1),))),
}
each_text = pytest.mark.parametrize("write", [write for _, write in TEXTS.values()], ids=list(TEXTS))


def code_of(data: bytes) -> str | None:
    """The error that refuses these bytes, if one does."""
    try:
        parse_record(data)
    except Refusal as refusal:
        return refusal.code
    return None


@given(case_records)
def test_written_read_and_written_again(record: OfCases) -> None:
    """What was read says what was written, in plain form and signed, and is written as the same bytes."""
    plain, signed = encode_record(record), sign_record(record, OFFICER)

    assert record == parse_record(plain).record == parse_record(signed).record
    assert plain == encode_record(parse_record(plain).record)


@each_text
@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_as_they_are(write: Callable[[str], CaseRecord | Handover], text: str) -> None:
    """Script, bidi and control characters are a text like any other: kept, never changed, never refused."""
    record = write(text)

    assert record == parse_record(encode_record(record)).record


@each_text
def test_texts_hold_no_nul(write: Callable[[str], CaseRecord | Handover]) -> None:
    """U+0000 alone is refused, in every text there is."""
    with pytest.raises(strict_json.NulCharacter):
        encode_record(write("a\0b"))


@pytest.mark.parametrize(("max_bytes", "write"), TEXTS.values(), ids=list(TEXTS))
@pytest.mark.parametrize("character", ["a", "é", "한", "🔔"])
def test_texts_have_their_limits(
    max_bytes: int, write: Callable[[str], CaseRecord | Handover], character: str
) -> None:
    """A text may be as long as its limit, which is one of bytes; with a byte more, or none, it is refused."""
    width = len(character.encode())
    longest = character * (max_bytes // width) + "a" * (max_bytes % width)

    encode_record(write(longest))
    with pytest.raises(MalformedRecord):
        write(longest + "a")
    with pytest.raises(MalformedRecord):
        encode_record(write(""))


def moments(count: int) -> tuple[Moment, ...]:
    """So many moments."""
    return tuple(
        Moment(asserted_by="other", at_ms=0, clock="occurred", precision="year", name=f"{number:03}")
        for number in range(count)
    )


def shared(count: int) -> tuple[Probability, ...]:
    """So many hypotheses, of which the first has all that the others leave."""
    return tuple(
        Probability(hypothesis=ref, permille=1 if nth else 1_001 - count)
        for nth, ref in enumerate(cited(count))
    )


def cited(count: int) -> tuple[Ref, ...]:
    """So many references."""
    return tuple(Ref(log=LOG, index=index, entry=CASE.entry) for index in range(1, count + 1))


def translated(count: int) -> tuple[Translation, ...]:
    """So many translations."""
    return tuple(
        Translation(by="x", by_kind="machine", lang=f"x-{number:03}", text="x") for number in range(count)
    )


SEEN: dict[str, Any] = {"case": CASE, "ask": OTHER, "seen": "seen", "sources": (POST,)}
IMAGER = System(name="Imager")
LISTS: dict[str, tuple[int, Callable[[int], CaseRecord | Handover]]] = {
    "sources": (32, lambda count: Report(**COMMON, sources=(POST,) * count)),
    "sources of an answer": (32, lambda count: Answer(**COMMON | SEEN | {"sources": (POST,) * count})),
    "economies": (32, lambda count: reported(economies=tuple(f"E{number:02}" for number in range(count)))),
    "systems": (16, lambda count: reported(systems=(IMAGER,) * count)),
    "operators": (16, lambda count: reported(operators=(Operator(name="x", role="user"),) * count)),
    "certificates": (
        8,
        lambda count: reported(
            systems=(System(name="Imager", certificates=(Certificate(issuer="x", number="1"),) * count),)
        ),
    ),
    "fingerprints": (
        64,
        lambda count: reported(
            fingerprints=tuple(Fingerprint(kind="md5", value=f"{number:032x}") for number in range(count))
        ),
    ),
    "moments": (16, lambda count: reported(moments=moments(count))),
    "attachments": (
        16,
        lambda count: reported(
            attachments=tuple(
                Attachment(media_type="a/b", sha256=f"{number:064x}", size_bytes=0) for number in range(count)
            )
        ),
    ),
    "translations": (
        16,
        lambda count: reported(summary="x", lang="en", translations=translated(count)),
    ),
    "members": (
        64,
        lambda count: Ask(
            **COMMON, case=CASE, questions=("seen",), to=tuple(f"m-{number:02}" for number in range(count))
        ),
    ),
    "acknowledged": (64, lambda count: Acknowledgement(**COMMON, case=CASE, of=cited(count))),
    "withdrawn": (64, lambda count: Withdrawal(**COMMON, case=CASE, of=cited(count), reason="legal")),
    "passed on": (64, lambda count: Passing(**COMMON, case=CASE, of=cited(count))),
    "dissent": (64, lambda count: Closing(**COMMON, case=CASE, outcome="hazard", dissent=cited(count))),
    "handed over": (128, lambda count: Handover(**COMMON, to="night-officer", cases=cited(count))),
    "probabilities": (32, lambda count: read(probabilities=shared(count))),
    "who": (8, lambda count: read(who=tuple(Actor(name=f"{one:02}", permille=1) for one in range(count)))),
    "sources of a reading": (32, lambda count: read(sources=(POST,) * count)),
    "sources of a ground truth": (
        32,
        lambda count: GroundTruth(**COMMON, case=CASE, what="attack", sources=(POST,) * count),
    ),
}


@pytest.mark.parametrize(("most", "write"), LISTS.values(), ids=list(LISTS))
def test_lists_have_their_limits(most: int, write: Callable[[int], CaseRecord | Handover]) -> None:
    """A list may be as long as its limit; with one more, or none, the record is refused."""
    assert code_of(encode_record(write(most))) is None
    for count in (0, most + 1):
        with pytest.raises(MalformedRecord):
            encode_record(write(count))


INTEGERS: dict[str, tuple[int, int, Callable[[int], CaseRecord | Takeover]]] = {
    "moment": (
        *(-MAX_INTEGER, MAX_INTEGER),
        lambda at: reported(
            moments=(Moment(asserted_by="author", at_ms=at, clock="aware", precision="hour"),)
        ),
    ),
    "obtained": (
        *(-MAX_INTEGER, MAX_INTEGER),
        lambda at: Report(**COMMON, sources=(msgspec.structs.replace(POST, obtained_at_ms=at),)),
    ),
    "wanted": (
        *(-MAX_INTEGER, MAX_INTEGER),
        lambda at: Ask(**COMMON, case=CASE, questions=("seen",), wanted_by_ms=at),
    ),
    "due": (
        *(-MAX_INTEGER, MAX_INTEGER),
        lambda at: Reminder(
            **COMMON, case=CASE, of=OTHER, member="m", due="answer", due_by_ms=at, step="deputy"
        ),
    ),
    "size": (
        *(0, MAX_INTEGER),
        lambda size: reported(attachments=(Attachment(media_type="a/b", sha256=HASH, size_bytes=size),)),
    ),
    "probability": (
        *(1, 1_000),
        lambda permille: read(
            *([("attack", permille), ("misuse", 1_000 - permille)])[: 1 + (permille < 1_000)]
        ),
    ),
    "probability of who": (*(1, 1_000), lambda permille: read(who=(Actor(name="x", permille=permille),))),
    "index": (
        *(1, MAX_INTEGER - 1),
        lambda index: Takeover(**COMMON, handover=msgspec.structs.replace(CASE, index=index)),
    ),
}


@pytest.mark.parametrize(("least", "most", "write"), INTEGERS.values(), ids=list(INTEGERS))
def test_integers_have_their_bounds(
    least: int, most: int, write: Callable[[int], CaseRecord | Takeover]
) -> None:
    """An integer may be its bound, and nothing beyond; a time before 1970, or far off, is a time as any."""
    for within in (least, most):
        assert code_of(encode_record(write(within))) is None
    for beyond in (least - 1, most + 1):
        with pytest.raises(Refusal):
            encode_record(write(beyond))


@given(case_records, st.data())
def test_no_record_names_another_circle(record: OfCases, data: st.DataObject) -> None:
    """A record any of whose references leads to another circle is malformed."""
    written = encode_record(record)
    places = [match.start() for match in re.finditer(rb'"log":"line\.example\.org/', written)]
    if not places:
        return
    place = written.index(CIRCLE.encode(), data.draw(st.sampled_from(places)))
    elsewhere = written[:place] + b"7" * 64 + written[place + 64 :]

    assert code_of(elsewhere) == "malformed-record"


@given(case_records)
def test_an_officer_answers_for_it(record: OfCases) -> None:
    """What no officer wrote names one who answers for it, but for reports in the form before 0.3.0."""
    fields = msgspec.json.decode(encode_record(record))
    earlier = isinstance(record, Report) and all(source.is_earlier for source in record.sources)
    fields.pop("answerable", None)
    alone = code_of(strict_json.encode(fields | {"author_kind": "machine"}))
    beside = code_of(strict_json.encode(fields | {"author_kind": "officer", "answerable": "deputy"}))

    assert alone == (None if earlier else "malformed-record")
    assert beside in {"malformed-record", "unknown-field"}


class SourceOf020(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A source, as version 0.2.0 read it."""

    kind: Literal["document", "person", "post", "sensor", "website", "other"]
    locator: str
    obtained_at_ms: TimeMs | None = None


class ReportOf020(CommonFields, frozen=True, kw_only=True, tag="report"):
    """A report, as version 0.2.0 read it, but for the length of its texts."""

    summary: Annotated[str, msgspec.Meta(min_length=1)]
    lang: Lang
    sources: Annotated[tuple[SourceOf020, ...], msgspec.Meta(min_length=1, max_length=32)]
    occurred_at_ms: TimeMs | None = None
    occurred_precision: Literal["day", "hour", "minute", "second", "unknown"] | None = None


@given(reports() | earlier_reports())
def test_what_earlier_versions_read(report: Report) -> None:
    """A report has the form before 0.3.0 if, and only if, version 0.2.0 read it; it says the same there."""
    data = encode_record(report)
    decoder = msgspec.json.Decoder(ReportOf020)
    if not all(source.is_earlier for source in report.sources):
        assert code_of(data) is None
        with pytest.raises(msgspec.ValidationError):
            decoder.decode(data)
        return

    assert strict_json.encode(decoder.decode(data)) == data


@given(st.data())
def test_order_is_part_of_the_form(data: st.DataObject) -> None:
    """References in any order but the one of log, index and entry are refused, and so is one named twice."""
    some = tuple(data.draw(st.lists(refs, min_size=2, max_size=4)))
    ordered = sorted({(ref.log, ref.index, ref.entry) for ref in some})
    as_written = [(ref.log, ref.index, ref.entry) for ref in some]

    if as_written == ordered:
        assert code_of(encode_record(Acknowledgement(**COMMON, case=CASE, of=some))) is None
    else:
        with pytest.raises(MalformedRecord):
            Acknowledgement(**COMMON, case=CASE, of=some)


@given(st.ip_addresses(), st.integers(0, 40), st.sampled_from("0:.fA"))
def test_an_address_has_one_form(ip: object, place: int, put: str) -> None:
    """An address is taken in its one form; any text that means the same address is refused."""
    text = str(ip)
    changed = text[:place] + put + text[place:]
    stands_for_ipv4 = getattr(ip, "ipv4_mapped", None) is not None

    assert takes("ip", text) is not stands_for_ipv4
    if takes("ip", changed):
        assert str(ip_address(changed)) == changed


def takes(kind: Any, value: str) -> bool:  # noqa: ANN401 - as hostile as it comes
    """Whether a fingerprint of that kind may have this value."""
    try:
        Fingerprint(kind=kind, value=value)
    except MalformedRecord:
        return False
    return True


@given(st.sampled_from(["url", "domain", "email", "ip"]), st.text(max_size=20))
def test_fingerprints_are_ascii(kind: str, value: str) -> None:
    """What has two spellings in Unicode is no fingerprint: each is printable ASCII without a space."""
    if takes(kind, value):
        assert value.isascii()
        assert value.isprintable()
        assert " " not in value


def test_a_correction_names_fields_of_a_report() -> None:
    """What can be cleared is what a report describes, its sources never; each field can be given as well."""
    assert set(get_args(Described)) < set(Correction.__struct_fields__) & set(Report.__struct_fields__)
    for field in get_args(Described):
        encode_record(Correction(**COMMON, case=CASE, of=CASE, cleared=(field,)))


@given(readings(), st.data())
def test_a_distribution_is_whole(record: Reading, data: st.DataObject) -> None:
    """A reading whose probabilities make other than 1,000 permille together is refused by that name."""
    at = data.draw(st.integers(0, len(record.probabilities) - 1))
    permille = data.draw(st.integers(1, 1_000))
    changed = [msgspec.to_builtins(one) for one in record.probabilities]
    is_same = changed[at]["permille"] == permille
    changed[at]["permille"] = permille
    fields = msgspec.json.decode(encode_record(record)) | {"probabilities": changed}

    assert code_of(strict_json.encode(fields)) == (None if is_same else "not-a-distribution")


@pytest.mark.parametrize("permille", [400, 401, 1_000])
def test_who_may_be_open(permille: int) -> None:
    """Those who may have done it need not be all there are: together they are a whole at most."""
    who = [{"name": "a", "permille": 600}, {"name": "b", "permille": permille}]
    fields = msgspec.json.decode(encode_record(read())) | {"who": who}

    assert code_of(strict_json.encode(fields)) == (None if permille == 400 else "not-a-distribution")


@pytest.mark.parametrize(
    ("parts", "is_taken"),
    [
        ([("undetermined", 1_000)], True),
        ([("attack", 1), ("undetermined", 999)], False),
        ([("undetermined", 999), (CASE, 1)], False),
        ([(CASE, 1_000)], False),
    ],
)
def test_who_says_what_it_was_says_by_what(parts: list[tuple[str | Ref, int]], *, is_taken: bool) -> None:
    """Only a reading that holds all to be undetermined, and names no hypothesis either, has no source."""
    if is_taken:
        encode_record(read(*parts, sources=None))
    else:
        with pytest.raises(MalformedRecord):
            read(*parts, sources=None)


def test_every_kind_is_complete_without_free_text() -> None:
    """No kind but a hypothesis asks for a text: codes, names and references say it all."""
    with pytest.raises(MalformedRecord):
        Hypothesis(**COMMON, case=CASE, under="attack")
    for kind in (*get_args(CaseRecord), Handover, Takeover):
        required = {field.name for field in msgspec.structs.fields(kind) if field.required}
        assert required.isdisjoint({"text", "summary", "lang", "translations"})


def test_every_record_of_a_case_names_it() -> None:
    """What belongs to a case says so itself; only a report may leave it out, and opens one then."""
    for kind in get_args(CaseRecord):
        (case,) = (field for field in msgspec.structs.fields(kind) if field.name == "case")
        assert case.required is (kind is not Report)
    assert not {"case"} & {*Handover.__struct_fields__, *Takeover.__struct_fields__}
