"""What is typed and what is shown of cases, whatever it is."""

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.case_records import case_records

from tocsin.cases.telling.readings import percent
from tocsin.cli.cases import parsing
from tocsin.cli.cases.exchange.matching import typed_source
from tocsin.cli.cases.words import case_kind, case_said
from tocsin.core.records import Actor, CaseRecord, Source
from tocsin.node.api.cases.types import Cited, Likely

TYPED = [
    parsing.ActorType(),
    parsing.FingerprintType(),
    parsing.LikelyType(),
    parsing.MomentType(),
    parsing.OperatorType(),
    parsing.RecordName(),
    parsing.Role(),
    parsing.Since(),
    parsing.SourceType(),
    parsing.SystemType(),
    parsing.TranslationType(),
    parsing.WantedBy(),
]
_WORDS = [
    "website",
    "record",
    "published",
    "occurred",
    "2026",
    "author",
    "sha256:",
    "ko",
    "officer",
    "a: b",
    ";",
    ":",
    "attack=70",
    "birch.1.12=17.5",
    "=100",
]


@pytest.mark.parametrize("kind", TYPED, ids=lambda kind: type(kind).__name__)
@given(text=st.one_of(st.text(), st.lists(st.sampled_from(_WORDS) | st.text(max_size=3)).map(" ".join)))
def test_whatever_is_typed_is_taken_or_told(kind: parsing.Typed, text: str) -> None:
    """A mistake is one of typing, with the form in which it is written; nothing else comes of it."""
    mistake = ""
    try:
        kind.convert(text, None, None)
    except click.BadParameter as error:
        mistake = error.message
    assert not mistake or kind.form in mistake


@given(permille=st.integers(1, 1_000), sign=st.sampled_from(("", "%")))
def test_a_percentage_is_read_exactly(permille: int, sign: str) -> None:
    """Every permille has one, as it is shown; neither is lost on the way."""
    typed = f"{percent(permille)}{sign}"
    assert parsing.LikelyType().read(f"attack={typed}") == Likely(what="attack", permille=permille)
    assert parsing.LikelyType().read(f"birch.1.12={typed}").hypothesis == "birch.1.12"
    assert parsing.ActorType().read(f"A = B={typed}") == Actor(name="A = B", permille=permille)


@pytest.mark.parametrize(
    "typed", ["attack", "attack=", "attack=0", "attack=100.1", "attack=33.33", "attack=1e1", "storm=10", "=5"]
)
def test_what_is_no_likelihood_is_a_mistake(typed: str) -> None:
    """Nothing, more than all, what permille cannot say, and what is neither of the list nor a record."""
    with pytest.raises(click.BadParameter, match="attack=70"):
        parsing.LikelyType().convert(typed, None, None)


@given(record=case_records)
def test_every_record_is_said_in_words_that_do_nothing(record: CaseRecord) -> None:
    """Whatever somebody wrote into it, a terminal shows it and does not obey."""
    told = click.unstyle("\n".join((case_kind(record), *case_said(record, "  "))))
    assert not set("\x1b\x07\r\x9b\u202e\u2028") & set(told)
    assert record.kind in told


@given(
    at_ms=st.none() | st.integers(0, 2**53 - 1),
    sha256=st.sampled_from((None, "ab" * 32)),
    locator=st.sampled_from(("https://watch.example/7", "crawler 7 at 2026-11-22", "automatic")),
)
def test_a_source_is_read_as_it_is_shown_to_be_typed(
    at_ms: int | None, sha256: str | None, locator: str
) -> None:
    """With its time, to the second, as far as there is a calendar for it."""
    source = Source(kind="sensor", locator=locator, obtained="automatic", obtained_at_ms=at_ms, sha256=sha256)
    cited = parsing.SourceType().read(typed_source(source))
    assert isinstance(cited, Cited)
    assert (cited.kind, cited.locator, cited.obtained, cited.sha256) == (
        "sensor",
        locator,
        "automatic",
        sha256,
    )
    in_calendar = at_ms is not None and at_ms < 253_402_300_800_000
    assert cited.obtained_at_ms == (at_ms // 1000 * 1000 if in_calendar and at_ms is not None else None)
