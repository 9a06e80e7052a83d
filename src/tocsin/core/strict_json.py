r"""JSON in one form (docs/protocol.md, section 7.1), and an error for every other form.

The form is RFC 8785, restricted: UTF-8; no white space between tokens; keys `[a-z0-9_]+`, sorted, each once;
only `"`, `\` and control characters escaped; integers within ±(2**53 - 1); no fraction, exponent, null or
U+0000; objects and arrays at most 16 deep, of which the outermost object is the first. There is one way to
write each object, so whether bytes are in the form is found by decoding and encoding them again.

- `decode` and `encode` are the fast way, for whatever has a type; `decode_file` and `encode_file` for a file
  that is one object and a newline.
- `check_value` is for what has none, such as a record's `more`.
- `diagnose` is the slow way, taken only when the fast one has failed: it finds out why.
"""

import json
import re
from collections.abc import Iterable, Mapping
from itertools import count
from math import isfinite
from typing import TypeVar

import msgspec

from tocsin.core.errors import Refusal, problem_of, quoted

MAX_INTEGER = 2**53 - 1
MAX_NESTING = 16

_ENCODER = msgspec.json.Encoder(order="sorted")
_KEY = re.compile("[a-z0-9_]+")
_NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_MAX_INTEGER_CHARACTERS = 17

_Decoded = TypeVar("_Decoded")


class InvalidUtf8(Refusal):
    """The bytes are no UTF-8."""

    code = "invalid-utf-8"


class NotJson(Refusal):
    """This is not one JSON object."""

    code = "not-json"


class DuplicateKey(Refusal):
    """An object has one key twice."""

    code = "duplicate-key"


class FloatFound(Refusal):
    """A number has a fraction or an exponent."""

    code = "float"


class NotANumber(Refusal):
    """A number is NaN or infinite."""

    code = "not-a-number"


class IntegerOutOfRange(Refusal):
    """An integer is beyond ±(2**53 - 1)."""

    code = "integer-out-of-range"


class NulCharacter(Refusal):
    """A string holds U+0000."""

    code = "nul-character"


class NestingTooDeep(Refusal):
    """Objects and arrays are nested more than 16 deep."""

    code = "nesting-too-deep"


class NotCanonical(Refusal):
    """The JSON is not written in the one form."""

    code = "not-canonical"


class UnknownField(Refusal):
    """An object has a field that its kind does not have."""

    code = "unknown-field"


def encode(value: object) -> bytes:
    """The one way to write `value`: a Struct whose type keeps to the form, or what `check_value` passed.

    Raises InvalidUtf8 for a lone surrogate, as Python makes them from bytes that were no UTF-8.
    """
    try:
        return _ENCODER.encode(value)
    except UnicodeEncodeError as error:
        raise InvalidUtf8(f"Expected text, found a lone surrogate at character {error.start}.") from None


def decode(data: bytes, decoder: msgspec.json.Decoder[_Decoded], malformed: type[Refusal]) -> _Decoded:
    """What `encode` wrote, as the decoder's type: a Struct that bounds its integers and has no floats.

    A Struct with a part of no type calls `check_value` on it in its `__post_init__`. Raises what `diagnose`
    finds; else UnknownField; else `malformed`, for a field that is missing, of the wrong type or out of its
    limits; or the Refusal of a `__post_init__`.
    """
    try:
        value = decoder.decode(data)
    except Refusal as refusal:
        raise diagnose(data) or refusal from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise diagnose(data) or _misfit(error, malformed) from None
    # msgspec takes white space, any order, a key twice, other escapes, -0 and null for an optional field:
    # none of them is there any more when the value is written again.
    if _ENCODER.encode(value) != data or _holds_nul(data):
        raise diagnose(data) or NotCanonical("Expected no field that has no value.")
    return value


def encode_file(value: object) -> bytes:
    """A file of one object: what `encode` writes, and a newline."""
    return encode(value) + b"\n"


def decode_file(
    data: bytes, decoder: msgspec.json.Decoder[_Decoded], malformed: type[Refusal], max_bytes: int
) -> _Decoded:
    """What `encode_file` wrote. Raises `malformed` for its size or newline, then what `decode` raises."""
    if len(data) > max_bytes:
        raise malformed(f"Expected at most {max_bytes} bytes, found {len(data)}.")
    if not data.endswith(b"\n"):
        raise malformed("Expected a JSON object and a newline, found no newline.")
    return decode(data[:-1], decoder, malformed)


def check_value(value: object, nesting: int = 1) -> None:
    """That an untyped value, an object or array `nesting` deep, keeps to the form.

    Raises FloatFound, NotANumber, IntegerOutOfRange, NulCharacter, NestingTooDeep; NotCanonical for null and
    for a key outside `[a-z0-9_]+`.
    """
    match value:
        case str():
            if "\0" in value:
                raise NulCharacter(f"Expected no U+0000, found {quoted(value)}.")
        case int():
            if abs(value) > MAX_INTEGER:
                raise IntegerOutOfRange
        case float():
            raise FloatFound if isfinite(value) else NotANumber
        case Mapping():
            for key in value:
                _check_key(key)
            _check_each(value.values(), nesting)
        case list() | tuple():
            _check_each(value, nesting)
        case _:
            raise NotCanonical(f"Expected a value of JSON other than null, found {quoted(repr(value))}.")


def diagnose(data: bytes) -> Refusal | None:
    """Why `data` is no JSON object in the one form; None if it is.

    (1) UTF-8; (2) JSON, no key twice, no NaN; (3) an object; (4) what `check_value` checks; (5) the bytes.
    """
    try:
        # (1) UTF-8, (2) JSON
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_nan,
        )
        # (3) object
        if not isinstance(value, dict):
            return NotJson(f"Expected one JSON object, found {quoted(data)}.")
        # (4) values
        check_value(value)
        # (5) bytes
        return _difference(_ENCODER.encode(value), data)
    except UnicodeDecodeError as error:
        return InvalidUtf8(f"Expected UTF-8, found an invalid byte at {error.start}.")
    except UnicodeEncodeError:
        return NotCanonical("Expected characters, found the escape of a lone surrogate.")
    except json.JSONDecodeError as error:
        return NotJson(f"Expected one JSON object: {error.msg} at character {error.pos}.")
    except RecursionError:
        return NestingTooDeep()
    except Refusal as refusal:
        return refusal


def _holds_nul(data: bytes) -> bool:
    # Most data holds no backslash, which is found five times as fast as the whole escape.
    return b"\\" in data and rb"\u0000" in data and _NUL_ESCAPE.search(data) is not None


def _misfit(error: Exception, malformed: type[Refusal]) -> Refusal:
    refusal = UnknownField if str(error).startswith("Object contains unknown field") else malformed
    return refusal(problem_of(error))


def _difference(expected: bytes, found: bytes) -> NotCanonical | None:
    if expected == found:
        return None
    at = next(i for i in count() if expected[i : i + 1] != found[i : i + 1])
    return NotCanonical(
        f"Expected {quoted(expected[at : at + 16])} at byte {at}, found {quoted(found[at : at + 16])}."
    )


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise NotCanonical(f"Expected keys of a-z, 0-9 and _, found {quoted(key)}.")


def _check_each(values: Iterable[object], nesting: int) -> None:
    if nesting > MAX_NESTING:
        raise NestingTooDeep
    for value in values:
        check_value(value, nesting + 1)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value: dict[str, object] = {}
    for key, inner in pairs:
        if key in value:
            raise DuplicateKey(f"Expected each key once, found {quoted(key)} twice.")
        value[key] = inner
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_CHARACTERS:
        raise IntegerOutOfRange
    return int(text)


def _float(text: str) -> float:
    raise FloatFound(f"Expected an integer, found {quoted(text)}.")


def _nan(text: str) -> float:
    raise NotANumber(f"Expected an integer, found {text}.")
