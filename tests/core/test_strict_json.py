"""The one form of JSON: one way to write each object, and an error of its own for each way out of it."""

import json
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.strict_json import MAX_INTEGER, MAX_NESTING, check_value, decode, diagnose, encode


class Misshapen(Refusal):
    """This is not what the test expects."""

    code = "misshapen"


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An object in an object."""

    number: Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)] = 0


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An object with one field of each sort."""

    text: str = ""
    inner: Inner | None = None
    more: dict[str, object] | None = None

    def __post_init__(self) -> None:
        if self.more is not None:
            check_value(self.more, nesting=2)


DECODER = msgspec.json.Decoder(Outer)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
keys = st.text("abcxyz0189_", min_size=1)
values = st.recursive(
    st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(keys, values, max_size=4)


def nested(depth: int) -> bytes:
    """Objects and arrays, so many deep."""
    opening = [b'{"more":', *([b'{"a":', b"["] * depth)][:depth]
    closing = [b"]" if one == b"[" else b"}" for one in reversed(opening)]
    return b"".join([*opening, b"1", *closing])


# Each is out of the form in one way only.
OUTSIDE = [
    ("invalid-utf-8", b'{"text":"\xff"}'),
    ("invalid-utf-8", b'{"text":"\xc0\x80"}'),
    ("invalid-utf-8", b'{"text":"\xed\xa0\x80"}'),
    ("invalid-utf-8", b'{"\xff":"a"}'),
    ("not-json", b""),
    ("not-json", b"{"),
    ("not-json", b"[]"),
    ("not-json", b'"text"'),
    ("not-json", b"1"),
    ("not-json", b"null"),
    ("not-json", b"{}{}"),
    ("not-json", b'{"text":"a",}'),
    ("not-json", b"{'text':'a'}"),
    ("not-json", b'{"text":"a'),
    ("not-json", b'{"text":"\n"}'),
    ("not-json", b'{"text":"\0"}'),
    ("not-json", b'{"text":"\\x"}'),
    ("not-json", b'{"text":True}'),
    ("not-json", b'{"inner":{"number":01}}'),
    ("not-json", b'{"inner":{"number":+1}}'),
    ("not-json", b'{"text":"a"}//'),
    ("not-json", b"\xef\xbb\xbf{}"),
    ("duplicate-key", b'{"text":"a","text":"a"}'),
    ("duplicate-key", b'{"text":"a","text":"b"}'),
    ("duplicate-key", b'{"te\\u0078t":"a","text":"b"}'),
    ("duplicate-key", b'{"inner":{"number":1,"number":1}}'),
    ("duplicate-key", b'{"more":{"a":[{"b":1,"b":1}]}}'),
    ("float", b'{"inner":{"number":1.0}}'),
    ("float", b'{"inner":{"number":1e3}}'),
    ("float", b'{"more":{"a":1.5}}'),
    ("float", b'{"more":{"a":-0.0}}'),
    ("float", b'{"more":{"a":[1E400]}}'),
    ("not-a-number", b'{"inner":{"number":NaN}}'),
    ("not-a-number", b'{"more":{"a":NaN}}'),
    ("not-a-number", b'{"more":{"a":Infinity}}'),
    ("not-a-number", b'{"more":{"a":-Infinity}}'),
    ("integer-out-of-range", b'{"inner":{"number":9007199254740992}}'),
    ("integer-out-of-range", b'{"more":{"a":-9007199254740992}}'),
    ("integer-out-of-range", b'{"more":{"a":1152921504606846976}}'),
    ("integer-out-of-range", b'{"more":{"a":' + b"9" * 6000 + b"}}"),
    ("nul-character", b'{"text":"\\u0000"}'),
    ("nul-character", b'{"text":"\\\\\\u0000"}'),
    ("nul-character", b'{"more":{"a":["\\u0000"]}}'),
    ("nesting-too-deep", nested(MAX_NESTING + 1)),
    ("nesting-too-deep", nested(5000)),
    ("nesting-too-deep", b'{"text":' + b"[" * 60_000),
    ("nesting-too-deep", b'{"text":' + b'{"a":' * 12_000),
    ("not-canonical", b" {}"),
    ("not-canonical", b"{}\n"),
    ("not-canonical", b'{"text": "a"}'),
    ("not-canonical", b'{"text":"a","inner":{}}'),
    ("not-canonical", b'{"more":{"b":1,"a":1}}'),
    ("not-canonical", b'{"inner":{"number":-0}}'),
    ("not-canonical", b'{"more":{"a":-0}}'),
    ("not-canonical", b'{"text":"\\/"}'),
    ("not-canonical", b'{"text":"\\u0061"}'),
    ("not-canonical", b'{"text":"\\u000a"}'),
    ("not-canonical", b'{"text":"\\u001F"}'),
    ("not-canonical", b'{"text":"\\u007f"}'),
    ("not-canonical", b'{"text":"\\ud83d\\ude00"}'),
    ("not-canonical", b'{"text":"\\ud83d"}'),
    ("not-canonical", b'{"te\\u0078t":"a"}'),
    ("not-canonical", b'{"inner":null}'),
    ("not-canonical", b'{"more":{"a":null}}'),
    ("not-canonical", b'{"more":{"A":1}}'),
    ("not-canonical", b'{"more":{"":1}}'),
    ("not-canonical", b'{"more":{"\xc3\xa9":1}}'),
]


@given(st.builds(Outer, texts, st.none() | st.builds(Inner, integers), st.none() | objects))
def test_written_and_read_again(value: Outer) -> None:
    """What has a type is read as it was written, and nothing is wrong with its bytes."""
    data = encode(value)

    assert value == decode(data, DECODER, Misshapen)
    assert diagnose(data) is None


@given(objects)
def test_the_form_is_that_of_rfc_8785(value: dict[str, object]) -> None:
    """For what the form allows, RFC 8785 asks for sorted keys, no white space, and Python's own escapes."""
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    check_value(value)
    assert expected == encode(value)


def test_only_what_must_be_escaped_is() -> None:
    """Quote, backslash and control characters have one escape each; all others stand for themselves."""
    text = "".join(map(chr, [*range(1, 0x100), 0x2028, 0xFEFF, 0xFFFF, 0x1F514]))
    data = encode(Outer(text))

    assert rb'"\u0001\u0002' in data
    assert rb"\u0007\b\t\n\u000b\f\r\u000e" in data
    assert rb" !\"#$%&'()*+,-./0" in data
    assert rb"[\\]" in data
    assert "~\x7f\x80".encode() in data
    assert Outer(text) == decode(data, DECODER, Misshapen)


@pytest.mark.parametrize(("code", "data"), OUTSIDE)
def test_each_way_out_of_the_form_has_its_error(code: str, data: bytes) -> None:
    """What breaks the form in one way is refused with the error of that way, fast or slow."""
    with pytest.raises(Refusal) as refused:
        decode(data, DECODER, Misshapen)

    diagnosis = diagnose(data)

    assert code == refused.value.code
    assert diagnosis is not None
    assert code == diagnosis.code


def test_every_error_of_the_form_is_tried() -> None:
    """The list above leaves out no error of this module but the one that is about fields, not form."""
    errors = [
        error
        for error in vars(strict_json).values()
        if getattr(error, "__module__", "") == strict_json.__name__
    ]
    codes = {error.code for error in errors if isinstance(error, type) and issubclass(error, Refusal)}

    assert codes == {code for code, _ in OUTSIDE} | {"unknown-field"}


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("unknown-field", b'{"other":1}'),
        ("unknown-field", b'{"inner":{"other":1}}'),
        ("misshapen", b'{"text":1}'),
        ("misshapen", b'{"inner":[]}'),
        ("misshapen", b'{"inner":{"number":"1"}}'),
        ("not-canonical", b'{"text":""}'),
    ],
)
def test_a_form_that_fits_no_type(code: str, data: bytes) -> None:
    """What keeps to the form can have an unknown field, be misshapen, or write what is to be left out."""
    with pytest.raises(Refusal) as refused:
        decode(data, DECODER, Misshapen)

    assert code == refused.value.code
    assert diagnose(data) is None


def test_form_before_fields() -> None:
    """Where more than one thing is wrong, what `diagnose` finds first is named."""
    for code, data in (
        ("duplicate-key", b'{"text":1,"text":1}'),
        ("float", b'{"other":1.5}'),
        ("not-json", b'{"more":{"a":"\\u0000"}}}'),
        ("not-canonical", b'{"text":1,"inner":{}}'),
    ):
        with pytest.raises(Refusal) as refused:
            decode(data, DECODER, Misshapen)
        assert code == refused.value.code


def test_the_last_that_is_in_the_form() -> None:
    """The limits are inclusive: 16 deep, and the two integers at the ends."""
    for data in (
        nested(MAX_NESTING),
        b'{"more":{"a":9007199254740991}}',
        b'{"more":{"a":-9007199254740991}}',
        rb'{"text":"\\u0000"}',
        rb'{"text":"\\\\u0000"}',
    ):
        assert diagnose(data) is None
        assert data == encode(decode(data, DECODER, Misshapen))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("float", {"a": 0.5}),
        ("not-a-number", {"a": float("nan")}),
        ("not-a-number", {"a": float("-inf")}),
        ("integer-out-of-range", {"a": 2**53}),
        ("nul-character", {"a": "\0"}),
        ("not-canonical", {"a": None}),
        ("not-canonical", {"a": b"bytes"}),
        ("not-canonical", {"A": 1}),
    ],
)
def test_what_json_could_not_say(code: str, value: dict[str, object]) -> None:
    """A value made here, which no decoder has seen, is held to the same form."""
    with pytest.raises(Refusal) as refused:
        check_value(value)

    assert code == refused.value.code


def test_a_value_that_holds_itself() -> None:
    """A value without an end is too deep."""
    value: list[object] = []
    value.append(value)

    with pytest.raises(strict_json.NestingTooDeep):
        check_value(value)


def test_a_lone_surrogate_is_no_text() -> None:
    """Text that Python made from bytes that were no UTF-8 is refused, and does not fail loudly."""
    with pytest.raises(strict_json.InvalidUtf8):
        encode(Outer("\udcff"))


def test_an_error_shows_what_it_found_harmlessly() -> None:
    """What another wrote reaches an error's text cut short, and without its control characters."""
    for name in ("\x1b[2J", "\u202eabc", "a" * 60_000):
        for data in (
            encode({name: 1}),
            encode({name.upper(): 1, name.lower(): 2}),
            b'{"text":' + name.encode() + b"}",
        ):
            with pytest.raises(Refusal) as refused:
                decode(data, DECODER, Misshapen)
            message = str(refused.value)
            assert message.isprintable()
            assert len(message) < 600


fragments = st.binary(max_size=4) | st.text('{}[]":,\\0019.eE+-untrfalsN \nAa_', max_size=8).map(str.encode)
written = st.builds(Outer, texts, st.none() | st.builds(Inner, integers), st.none() | objects).map(encode)


@given(written, st.integers(0, 200), fragments, st.integers(0, 8))
def test_anything_is_refused_or_the_same_again(data: bytes, place: int, put: bytes, taken: int) -> None:
    """Whatever the bytes, both ways refuse them with one error, or they decode to what is written as them."""
    changed = data[:place] + put + data[place + taken :]
    diagnosis = diagnose(changed)

    code = None
    try:
        assert changed == encode(decode(changed, DECODER, Misshapen))
    except Refusal as refusal:
        code = refusal.code

    possible = (
        {None, "misshapen", "unknown-field", "not-canonical"} if diagnosis is None else {diagnosis.code}
    )
    assert code in possible
