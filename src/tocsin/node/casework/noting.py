"""What is noted of a record in the index, from its bytes.

It is not read as section 7.4 of docs/protocol.md has it, which takes ten times as long and a log's cards.
What is noted are candidates, and whoever finds one reads it. Of what is no such record, nothing is noted.
"""

from binascii import a2b_base64
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from tocsin.cases.picture import FOLD_VERSION
from tocsin.cases.search import WORDS_VERSION, words_of
from tocsin.core.strict_json import MAX_INTEGER
from tocsin.core.tlog.entry import ENTRY_BYTES
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.index import Noted, Seen

VERSION = f"3 {FOLD_VERSION} {WORDS_VERSION}"
"""Changes whenever something else would be noted of the same records, or summed up of the same cases."""

IN_CASES = frozenset(
    (
        "report",
        "ask",
        "answer",
        "acknowledgement",
        "reminder",
        "link",
        "correction",
        "withdrawal",
        "position",
        "passing",
        "closing",
        "hypothesis",
        "reading",
        "ground-truth",
    )
)
"""The kinds of records that belong to a case."""
KEY_OF: Final = {kind: sha256(f"tocsin/kind/{kind}".encode()).digest() for kind in ("check", "check-answer")}
"""By which all records of a rare kind are found, as if each of them mentioned it."""
FOUND = IN_CASES | {*KEY_OF, "handover", "takeover", "note", "notice", "reply"}
"""Those that can be searched for."""
_MAX_SEEN = 64

_Time = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
_Size = Annotated[int, Meta(ge=1, le=MAX_SIZE)]


class Named(Struct):
    """A record that is named: its place, not checked."""

    entry: str
    index: int
    log: str


class _Seen(Struct):
    log: str
    size: _Size


class _Hashed(Struct):
    sha256: str
    name: str = ""


class _Peek(Struct):
    kind: str
    at_ms: _Time
    case: Named | None = None
    attachments: list[_Hashed] = []
    seen: list[_Seen] | str = []  # of a context; of an answer, what it says


class _Text(Struct):
    text: str = ""


class _Number(Struct):
    issuer: str = ""
    number: str = ""


class _Thing(Struct):
    name: str = ""
    version: str = ""
    certificates: list[_Number] = []


class _Source(Struct):
    locator: str = ""


class _Print(Struct):
    value: str = ""


class _Texts(Struct):
    kind: str
    summary: str = ""
    text: str = ""
    operator: str | _Thing = ""
    translations: list[_Text] = []
    systems: list[_Thing] = []
    operators: list[_Thing] = []
    who: list[_Thing] = []
    sources: list[_Source] = []
    fingerprints: list[_Print] = []
    attachments: list[_Hashed] = []


_peek = msgspec.json.Decoder(_Peek).decode
_texts = msgspec.json.Decoder(_Texts).decode


def note_of(index: int, entry: bytes, body: bytes, circle: str) -> Noted | Seen | None:
    """What is noted of the record at `index`, whose entry is these 32 bytes; `circle` begins all its logs."""
    try:
        peek = _peek(json_of(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if peek.kind == "context":
        seen = [] if isinstance(peek.seen, str) else peek.seen[:_MAX_SEEN]
        sizes = {one.log: one.size for one in seen if one.log.startswith(circle)}
        return Seen(index, sizes) if sizes else None
    if peek.kind not in FOUND:
        return None
    subject = None
    if peek.case:
        subject = _of_32_bytes(peek.case.entry)
    elif peek.kind == "report":
        subject = entry
    mentions = [key for one in peek.attachments if (key := _of_sha256(one.sha256))]
    if key := KEY_OF.get(peek.kind):
        mentions.append(key)
    return Noted(index, peek.kind, peek.at_ms, subject, mentions, rests_on_seen=peek.kind == "closing")


def words_in(body: bytes) -> list[str]:
    """The words of a record: of its texts, and of the names and addresses in it."""
    try:
        texts = _texts(json_of(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return words_of(*_said(texts)) if texts.kind in FOUND else []


def json_of(body: bytes) -> bytes:
    """The JSON of a record in either form."""
    return body[: body.find(b"\n")] if body.endswith(b"\n") else body


def _said(texts: _Texts) -> Iterator[str]:
    yield texts.summary
    yield texts.text
    if isinstance(texts.operator, str):
        yield texts.operator
    yield from (one.text for one in texts.translations)
    for thing in (*texts.systems, *texts.operators, *texts.who):
        yield thing.name
        yield thing.version
        yield from (one.number for one in thing.certificates)
    yield from (one.locator for one in texts.sources)
    yield from (one.value for one in texts.fingerprints)
    yield from (one.name for one in texts.attachments)


def _of_32_bytes(text: str) -> bytes | None:
    try:
        found = a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return found if len(found) == ENTRY_BYTES else None


def _of_sha256(text: str) -> bytes | None:
    try:
        found = bytes.fromhex(text)
    except ValueError:
        return None
    return found if len(found) == ENTRY_BYTES else None
