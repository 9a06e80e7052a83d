"""JSON as others write it: any keys, null, fractions; never twice one key, nor more than is read at once.

- `parse`: (1) size; (2) UTF-8 without lone surrogates and U+0000, which no record can hold; (3) JSON, each
  key once, no NaN or infinity; (4) an object or array, at most 64 deep and of at most 200,000 values, the
  places of which are written in 32 MiB: else a long name above many values is as many long names.
- A place in it is an RFC 6901 pointer.
- `write` is the one way in which a file is written: keys as they come, two spaces, a newline at the end; what
  is not printed (controls of terminals, of the direction of writing) is escaped.
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Final, TypeAlias

from tocsin.cases.formats.errors import FileTooLarge, MalformedFile
from tocsin.core.errors import quoted

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Object: TypeAlias = dict[str, Json]

MAX_FILE_BYTES: Final = 8 * 2**20
MAX_NESTING: Final = 64
MAX_VALUES: Final = 200_000
MAX_PLACES_BYTES: Final = 32 * 2**20


def parse(data: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> Object | list[Json]:
    """What the file holds. Raises FileTooLarge, MalformedFile."""
    # (1) size
    if len(data) > max_bytes:
        raise FileTooLarge(f"Expected at most {max_bytes} bytes, found {len(data)}.")
    try:
        # (2) UTF-8, (3) JSON
        value: Json = json.loads(
            data.decode(), object_pairs_hook=_object, parse_float=_float, parse_constant=_constant
        )
        # Both can be escaped, and then are no error of JSON or UTF-8.
        if rb"\u0000" in json.dumps(value, ensure_ascii=False).encode().replace(rb"\\", b""):
            raise MalformedFile("Expected no U+0000, found one.")
    except UnicodeError as error:
        raise MalformedFile(f"Expected UTF-8: {error}") from None
    except RecursionError:
        raise MalformedFile(f"Expected at most {MAX_NESTING} levels, found more.") from None
    except ValueError as error:
        raise MalformedFile(f"Expected JSON: {error}") from None
    # (4) an object or array, within limits
    if not isinstance(value, dict | list):
        raise MalformedFile(f"Expected an object or an array, found {quoted(data)}.")
    _check_size(value)
    return value


def write(value: Json) -> bytes:
    """The file that says so."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    if not text.isascii() or "\x7f" in text:
        text = "\n".join(map(_printable, text.split("\n")))
    return text.encode() + b"\n"


def compact(value: Json) -> str:
    """The value on one line, as it is carried in a record."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def step(path: str, key: str | int) -> str:
    """The pointer to what `key` leads to, from `path`."""
    return f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}"


def steps(path: str) -> list[str]:
    """The keys that a pointer leads along."""
    return [key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:]]


def children(value: Json) -> Iterator[tuple[str | int, Json]]:
    """What is directly in an object or array; nothing in any other value."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def walk(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every value there is, with its pointer, each before what is in it."""
    pending: list[tuple[str, Json]] = [(path, value)]
    while pending:
        path, value = pending.pop()
        yield path, value
        pending.extend(reversed([(step(path, key), inner) for key, inner in children(value)]))


def leaves(value: Json, path: str = "") -> Iterator[str]:
    """The pointers to every value that holds no other."""
    return (at for at, inner in walk(value, path) if not (isinstance(inner, dict | list) and inner))


def _printable(line: str) -> str:
    """JSON that says the same."""
    if line.isprintable():
        return line
    units = (one if one.isprintable() else "".join(f"\\u{unit:04x}" for unit in _units(one)) for one in line)
    return "".join(units)


def _units(character: str) -> Iterator[int]:
    data = character.encode("utf-16-be")
    return (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))


def _check_size(value: Json) -> None:
    level, count, places = [(0, value)], 0, 0
    for _ in range(MAX_NESTING):
        count += len(level)
        if count > MAX_VALUES:
            raise FileTooLarge(f"Expected at most {MAX_VALUES} values, found more.")
        places += sum(place for place, _ in level)
        if places > MAX_PLACES_BYTES:
            raise FileTooLarge(f"Expected places of values of at most {MAX_PLACES_BYTES} bytes, found more.")
        level = [
            (place + len(step("", key).encode()), inner)
            for place, one in level
            for key, inner in children(one)
        ]
        if not level:
            return
    raise MalformedFile(f"Expected at most {MAX_NESTING} levels, found more.")


def _object(pairs: list[tuple[str, Json]]) -> Object:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise MalformedFile("Expected each key of an object once, found one twice.")
    return value


def _float(text: str) -> float:
    if isfinite(number := float(text)):
        return number
    raise MalformedFile(f"Expected a number that can be held, found {quoted(text)}.")


def _constant(text: str) -> float:
    raise MalformedFile(f"Expected a number, found {text}.")
