"""What is noted of a record is noted of every record that can be read, and of nothing that cannot harm."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.test_record_vectors import CASES, Case, record_of
from tests.node.casebook import Casebook, attachment

from tocsin.cases.picture import case_of
from tocsin.core.keys import encode_base64
from tocsin.core.records import (
    Actor,
    CaseRecord,
    Context,
    Hypothesis,
    Probability,
    Reading,
    Ref,
    encode_record,
    parse_record,
)
from tocsin.log.index import Noted, Seen
from tocsin.node.casework.noting import FOUND, IN_CASES, note_of, words_in

READABLE = [case for case in CASES if "error" not in case]
ENTRY = b"e" * 32
CIRCLE = "c" * 64
LOG = f"tocsin.example/{CIRCLE}/maple/1"


def test_kinds() -> None:
    """The kinds of records that belong to cases are those that the records say."""
    assert {str(kind.__struct_config__.tag) for kind in get_args(CaseRecord)} == IN_CASES


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in READABLE])
def test_every_readable_record(case: Case) -> None:
    """Of each record that can be read, kind, time and case are noted as reading it gives them."""
    body = record_of(case)
    record = parse_record(body).record
    noted = note_of(7, ENTRY, body, "")
    if isinstance(record, Context):
        assert noted == Seen(7, {one.log: one.size for one in record.seen})
        return
    if record.kind not in FOUND:
        assert noted is None
        assert words_in(body) == []
        return
    assert isinstance(noted, Noted)
    assert (noted.index, noted.kind, noted.at_ms) == (7, record.kind, record.at_ms)
    if record.kind in IN_CASES:
        opened = Ref(entry=encode_base64(ENTRY), index=7, log=LOG)
        assert encode_base64(noted.subject or b"") == case_of(opened, record).entry  # type: ignore[arg-type]
    else:
        assert noted.subject is None
    for text in ("text", "summary", "operator"):
        if isinstance(said := getattr(record, text, None), str):
            first = [word[:64] for word in said.casefold().split() if word.isascii() and word.isalnum()][:1]
            assert set(first) <= set(words_in(body))


def test_words_of_all_that_is_said() -> None:
    """Names, addresses and hashes are found as well as texts."""
    book = Casebook(CIRCLE)
    report = book.report("Smoke.", attachments=(attachment(),))
    noted = note_of(3, ENTRY, encode_record(report), LOG)
    assert isinstance(noted, Noted)
    assert noted.mentions == [bytes.fromhex(attachment().sha256)]
    assert words_in(encode_record(report)) == ["smoke", "https", "feed", "example", "0"]


def test_who_did_it_is_found_by_name() -> None:
    """As an operator is; what a hypothesis says, by its words."""
    book = Casebook(CIRCLE)
    case = Ref(entry=encode_base64(ENTRY), index=7, log=LOG)
    common = book._common() | {"case": case}
    open_to_all = (Probability(what="undetermined", permille=1_000),)
    who = (Actor(name="Harbour Thieves", permille=300),)
    reading = Reading(**common, probabilities=open_to_all, confidence="low", who=who)
    hypothesis = Hypothesis(**common, under="attack", text="A stolen key.", lang="en")

    assert words_in(encode_record(reading)) == ["harbour", "thieves"]
    assert words_in(encode_record(hypothesis)) == ["a", "stolen", "key"]
    noted = note_of(3, ENTRY, encode_record(reading), LOG)
    assert isinstance(noted, Noted)
    assert (noted.kind, noted.subject) == ("reading", ENTRY)


def test_of_another_circle() -> None:
    """What a context says of logs of another circle is not noted."""
    context = Casebook(CIRCLE).context(a=(LOG, 5), b=(f"tocsin.example/{'d' * 64}/maple/1", 6))
    assert note_of(3, ENTRY, encode_record(context), f"tocsin.example/{CIRCLE}/") == Seen(3, {LOG: 5})


@given(st.binary())
def test_any_bytes(body: bytes) -> None:
    """Of what is no record, nothing is noted, and nothing breaks."""
    for one in (body, body + b"\n", b'{"kind":"report","at_ms":' + body + b"}"):
        assert note_of(1, ENTRY, one, "") is None
        assert words_in(one) == []
