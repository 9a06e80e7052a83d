"""What is carried in records comes out as it went in, whatever it is, and each record can be written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.formats.files import JSON, TEXTS

from tocsin.cases.formats.errors import FileTooLarge, MalformedFile
from tocsin.cases.formats.ids import parse_stamp, stamp
from tocsin.cases.formats.keeping import Carried, Pair, carried_in, more_of, restore, split
from tocsin.cases.formats.terms import Placed
from tocsin.cases.formats.trees import MAX_NESTING, MAX_VALUES, parse, step, steps, write

documents = st.dictionaries(TEXTS, JSON, max_size=5)
large = st.builds(
    lambda document, texts, times: {**document, "texts": [text * times for text in texts]},
    documents,
    st.lists(TEXTS, max_size=8),
    st.sampled_from([1, 40, 200]),
)
MANY = 1_000
"""So many parts that each carries one pair at most, as large as that may be."""


def carried(value: object, parts: int = 3) -> list[Carried]:
    """A document in so many parts, as records carry it."""
    pairs = [piece for piece in split(value) if isinstance(piece, Pair)]  # type: ignore[arg-type]
    each = len(pairs) // parts + 1
    found = [
        carried_in(more_of("x", Carried(id="1", part=at), pairs[at * each : (at + 1) * each]), "x")
        for at in range(parts)
    ]
    return [one for one in found if one is not None]


def nested(depth: int) -> dict[str, object]:
    """An object within so many others."""
    document: dict[str, object] = {}
    for _ in range(depth):
        document = {"a": document}
    return document


@given(documents)
def test_as_it_went_in(document: dict[str, object]) -> None:
    """A document that is carried in one part is read back as it was."""
    assert json.dumps(restore(carried(document, 1))) == json.dumps(document)


@given(large)
def test_large_as_it_went_in(document: dict[str, object]) -> None:
    """Nor does one change that has to be carried in several."""
    assert json.dumps(restore(carried(document, MANY))) == json.dumps(document)


@given(st.integers(0, 200))
def test_in_several_parts(count: int) -> None:
    """What stood in a list stands there in the same order, whichever part carried it."""
    document = {"list": [{"at": at, "text": "x" * 300} for at in range(count)]}

    assert restore(carried(document)) == document


def test_a_missing_part() -> None:
    """Where a part is missing, the list closes up; without the first part, there is nothing."""
    document = {"list": [str(at) * 5_000 for at in range(10)]}
    first, second, third = carried(document)

    assert restore([first, third]) == {"list": document["list"][:3] + document["list"][8:]}
    assert restore([second, third]) == {}


def test_what_is_too_large() -> None:
    """A single value larger than a record is listed, and all else is carried."""
    (at,) = [piece for piece in split({"a": "x" * 70_000, "b": 1}) if isinstance(piece, Placed)]

    assert (at.path, at.where) == ("/a", "no-place")
    assert restore(carried({"a": "x" * 70_000, "b": 1})) == {"b": 1}


@given(st.lists(st.tuples(TEXTS, JSON) | JSON, max_size=8).map(json.dumps) | TEXTS)
def test_hostile_parts(pairs: str) -> None:
    """Whatever a member says that it carries, an object is read from it, or nothing."""
    assert isinstance(restore([Carried(id="1", pairs=pairs)]), dict)


@pytest.mark.parametrize(
    ("pairs", "document"),
    [
        ([["", {}], ["/a/b/c", 1]], {}),
        ([["", {"a": 1}], ["/a", 2]], {"a": 1}),
        ([["", {}], ["/a", 1], ["/a", 2]], {"a": 1}),
        ([["", []], ["/0", 1]], {}),
        ([["", {}], ["/a", []], ["/a/x", 1], ["/a/²", 1], ["/a/9999999999", 1]], {"a": []}),
        ([["", {}], *(["/a" * depth, {}] for depth in range(1, 200))], nested(MAX_NESTING)),
    ],
    ids=range(6),
)
def test_places_that_are_none(pairs: list[object], document: object) -> None:
    """A place within no object or list, a second value for one, and any too deep, are passed over."""
    assert restore([Carried(id="1", pairs=json.dumps(pairs))]) == document


@given(TEXTS, TEXTS)
def test_pointers(one: str, other: str) -> None:
    """A pointer leads back along the keys of which it is made."""
    assert steps(step(step("", one), other)) == [one, other]


@given(documents)
def test_files(document: dict[str, object]) -> None:
    """What is written as a file is read as it was."""
    assert parse(write(document)) == document  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"[" + b"0," * MAX_VALUES + b"0]", FileTooLarge),
        (b'{"%b": [%b0]}' % (b"x" * 100_000, b"0," * 1_000), FileTooLarge),
        (b"[" * (MAX_NESTING + 1) + b"]" * (MAX_NESTING + 1), MalformedFile),
        (b"5", MalformedFile),
        (b'["\\u0000"]', MalformedFile),
        (b"[" + b"9" * 5_000 + b"]", MalformedFile),
    ],
    ids=range(6),
)
def test_limits(data: bytes, refusal: type[Exception]) -> None:
    """More values or levels than are read, and what nobody can hold, are refused."""
    with pytest.raises(refusal):
        parse(data)


def test_a_file_does_nothing_to_a_terminal() -> None:
    """What a terminal obeys, or does not show, is escaped: whoever prints a file sees what it says."""
    text = "\x1b[2J\x7f\x9b31m\u202e\u2066\u200f\u2028\x85 보고 é"
    data = write({"a": text})

    assert set(data.decode()) <= {"\n", *filter(str.isprintable, data.decode())}
    assert "보고 é".encode() in data
    assert parse(data) == {"a": text}


def test_an_escaped_backslash() -> None:
    """A backslash before `u0000` is text, and no U+0000."""
    assert parse(b'["\\\\u0000"]') == ["\\u0000"]


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_times(at_ms: int) -> None:
    """A moment of the years 1 to 9999 is read as it was written; before and after, there is no way to."""
    assert parse_stamp(stamp(at_ms) or "") == at_ms


@pytest.mark.parametrize("at_ms", [-62_135_596_800_001, 253_402_300_800_000, 2**53 - 1, -(2**53) + 1])
def test_times_that_are_none(at_ms: int) -> None:
    """A moment out of these years is not written."""
    assert stamp(at_ms) is None
