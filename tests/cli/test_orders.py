"""Orders about records in plain words, and how a record is named."""

import click
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import party
from tests.circles.test_erasures import at, erased, erasure, hold, release
from tests.cli.test_words import circle, entry, told

from tocsin.circles.errors import NonMember
from tocsin.cli.records.ordering import NoSuchPlace, place_of
from tocsin.cli.records.orders import numbers, place_words
from tocsin.cli.words import Telling
from tocsin.core.records import Place, Record
from tocsin.node.api.types import ErasedBy

ASH, BIRCH = str(party().log("ash")), str(party().log("birch"))


@given(st.sets(st.integers(0, 30), min_size=1).map(sorted))
def test_numbers_say_each_index_once(indices: list[int]) -> None:
    """Whatever the indexes, the words name these and no others."""
    said: list[int] = []
    for part in numbers(indices).split(", "):
        first, _, last = part.partition(" to ")
        said += range(int(first), int(last or first) + 1)
    assert said == indices


def test_a_record_is_named_by_number_member_or_log() -> None:
    """A number is one's own, a member's is in its present epoch, a log's name says all."""
    assert place_of(circle(), "12") == Place(log=ASH, index=12)
    assert place_of(circle(), "birch/7") == Place(log=BIRCH, index=7)
    assert place_of(circle(), f"{ASH[:-1]}3/7") == Place(log=f"{ASH[:-1]}3", index=7)


@pytest.mark.parametrize("text", ["", "birch/", "-1", "1.5", "birch/x", "²", "7/birch"])
def test_what_names_no_record(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(NoSuchPlace):
        place_of(circle(), text)
    with pytest.raises(NonMember):
        place_of(circle(), "nobody/7")


def test_a_place_in_words() -> None:
    """A member and a number; the epoch where it is not the first."""
    assert place_words(at("birch", 7)) == "no. 7 of birch"
    assert place_words(at("birch", 7, epoch=3)) == "no. 7 of birch in epoch 3"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            erasure("birch", 3, 4, 5, 9),
            "by duty · no. 3 to 5, 9 of birch · ordered by The duty officer: It names a person.",
        ),
        (
            hold("ash", at("birch", 3), at("birch", 4)),
            "by duty · no. 3 of birch, no. 4 of birch ·",
        ),
        (release("ash", at("ash", 2)), "ends a legal hold, by duty · the hold that is no. 2 of ash ·"),
        (
            erased(at("birch", 7), [3, 4], [5]),
            "the erasure that is no. 7 of birch · gone there: 3, 4 · kept there by a legal hold: 5",
        ),
    ],
    ids=["erasure", "hold", "release", "erased"],
)
def test_orders_in_words(record: Record, words: str) -> None:
    """Each kind says what it is about, why, and who ordered it."""
    assert words in " · ".join(line.strip() for line in told(entry(record)).splitlines())


@pytest.mark.parametrize("kept", [False, True])
def test_what_is_erased_says_by_whose_order(*, kept: bool) -> None:
    """Who ordered it, and why; and where a hold keeps it, that it does."""
    by = ErasedBy(log=BIRCH, index=9, at_ms=1, ordered_by="The court", reason="It is the law.", kept=kept)
    shown = entry(None, state="erased", erasure=by) if not kept else entry(erasure=by)
    text = told(shown)
    assert "erased on order of The court: It is the law." in text
    assert ("Smoke over the harbour." in text) == ("kept here by a legal hold of yours" in text) == kept


def test_what_others_wrote_is_escaped() -> None:
    """A reason cannot move the cursor."""
    evil = msgspec.structs.replace(hold("ash", at("birch", 3)), reason="\x1b[2J")
    text = click.unstyle("\n".join(Telling((circle(),)).lines(entry(evil))))
    assert "⟨U+001B⟩" in text
