"""What a record carries of a file that is not its own, so that it comes out again as it came in.

In `more`, under the format's name: the identifier of the document, that of the element in it which the record
says, and a JSON text of [pointer, value] pairs, since foreign keys, null and fractions are not in the form of
records. A value that is too large for one pair stands empty, and what is in it follows in pairs of its own,
perhaps in the next record: `part` counts them. Read back, a list closes up where something is missing.

What others wrote there is hostile input: it is capped and checked like a file.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.cases.formats.errors import FileTooLarge, MalformedFile
from tocsin.cases.formats.terms import Placed, unplaced
from tocsin.cases.formats.trees import MAX_NESTING, Json, Object, children, compact, parse, step, steps
from tocsin.core.tlog.entry import MAX_RECORD_BYTES

PAIR_BYTES = 60_000
_SHARE_BYTES = 8_000
_MAX_INDEX_DIGITS = 6


class Pair(msgspec.Struct, frozen=True):
    """A value and where it stood; `text` is both as JSON, `weight` what that takes in a record."""

    path: str
    text: str
    weight: int


class Carried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a record carries: of which document, from which element of it, and as which of its parts."""

    id: str
    element: str = ""
    part: Annotated[int, Meta(ge=0, le=10_000)] = 0
    pairs: str = "[]"


def split(value: Json, path: str = "") -> Iterator[Pair | Placed]:
    """A document in pairs, in order; Placed for what is too large to be carried."""
    pair = _pair(path, value)
    if pair.weight <= _SHARE_BYTES:
        yield pair
    elif isinstance(value, dict | list) and value:
        yield _pair(path, {} if isinstance(value, dict) else [])
        for key, inner in children(value):
            yield from split(inner, step(path, key))
    elif pair.weight <= PAIR_BYTES:
        yield pair
    else:
        yield unplaced(path, "too-large", "larger than what a record carries")


def more_of(name: str, carried: Carried, pairs: Iterable[Pair]) -> dict[str, object]:
    """What goes into a record's `more`."""
    text = ",".join(pair.text for pair in pairs)
    more: dict[str, object] = msgspec.to_builtins(msgspec.structs.replace(carried, pairs=f"[{text}]"))
    return {name: more}


def carried_in(more: Mapping[str, object] | None, name: str) -> Carried | None:
    """What a record carries under that format's name; None if that is nothing, or cannot be read."""
    try:
        return None if more is None or name not in more else msgspec.convert(more[name], Carried)
    except msgspec.ValidationError:
        return None


def restore(carried: Iterable[Carried]) -> Object:
    """The document that is carried in these parts. Of two values for one place, the first stays."""
    root: _Node | None = None
    for one in carried:
        for path, value in _pairs(one.pairs):
            if path == "":
                root = root or _Node(value)
            elif root is not None:
                root.put(steps(path), value)
    document = None if root is None else root.value()
    return document if isinstance(document, dict) else {}


class _Node:
    """A value that was given whole; or an empty object or list, what is in it in places of its own."""

    def __init__(self, given: Json) -> None:
        self.given = given
        self.inner: dict[str, _Node] = {}

    def put(self, keys: list[str], value: Json) -> None:
        node: _Node | None = self
        for key in keys[:-1]:
            node = node.inner.get(key) if node is not None else None
        if node is not None and node.takes(keys[-1]) and len(keys) <= MAX_NESTING:
            node.inner.setdefault(keys[-1], _Node(value))

    def value(self) -> Json:
        if not self.inner:
            return self.given
        if isinstance(self.given, dict):
            return {key: node.value() for key, node in self.inner.items()}
        return [self.inner[key].value() for key in sorted(self.inner, key=int)]

    def takes(self, key: str) -> bool:
        return self.given == {} or (self.given == [] and _is_index(key))


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= _MAX_INDEX_DIGITS


def _pair(path: str, value: Json) -> Pair:
    text = compact([path, value])
    return Pair(path, text, len(msgspec.json.encode(text)) - 1)


def _pairs(text: str) -> Iterator[tuple[str, Json]]:
    with suppress(MalformedFile, FileTooLarge):
        for pair in parse(text.encode(), max_bytes=MAX_RECORD_BYTES):
            match pair:
                case [str() as path, value] if path == "" or path.startswith("/"):
                    yield path, value
