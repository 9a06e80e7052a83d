"""What changes a circle: events that come in any order, and files about them that anyone may hand in."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO

from tests.circles.changes import FOUNDED, NEW, OLD
from tests.circles.test_broken_limits import CIRCLE as LIMITED
from tests.circles.test_broken_limits import _allowed, _at, _signed
from tests.circles.test_vectors import chains
from tests.circles.test_voids import CIRCLE as ENDED
from tests.circles.test_voids import OTHER, TRUE, void
from tests.fuzz import seeds

from tocsin.circles.carry.file import HEAD, Item, Kind, read_items
from tocsin.circles.changing.amendment import open_amendment
from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.changing.fold import changed, check_event, event_id
from tocsin.circles.changing.known import Known
from tocsin.circles.evidence.brokenlimit import broken_limit, verify_broken_limit
from tocsin.circles.evidence.contradictions import verify_two_amendments, verify_two_openings
from tocsin.circles.evidence.envelope import Envelope, format_of, open_envelope
from tocsin.circles.evidence.voids import verify_void
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey
from tocsin.core.note import parse_note, sign_note
from tocsin.core.sealed import SealedKey

_MOST_EVENTS = 8


def events(data: bytes) -> None:
    """Events that are signed by whoever their signatures name: each is kept or refused, in any order.

    An input is events, one after the other, each behind its length in two bytes.
    """
    kept: list[bytes] = []
    for event in map(_signed_anew, _split(data)):
        event_id(event)
        try:
            check_event(Known.of(FOUNDED, kept), event)
        except Refusal:
            continue
        kept.append(event)
    circle = changed(FOUNDED, kept)
    assert circle == changed(FOUNDED, kept[::-1])
    for event in kept:
        check_event(Known.of(circle, kept), event)
    assert changed(FOUNDED, list(_split(data))).id == FOUNDED.id


def known_events() -> Iterator[bytes]:
    """The vectors' events, alone and in the sets that their cases make."""
    file = json.loads((seeds.VECTORS / "event.json").read_text("utf-8"))
    every = {name: event.encode() for name, event in file["all_events"].items()}
    yield from (_joined([event]) for event in every.values())
    yield from (_joined(every[name] for name in case["events"]) for case in file["cases"] if case["events"])


def amendment(data: bytes) -> bytes:
    """The next version of one of the vectors' chains: of each, the first that takes it."""
    for number, chain in enumerate(chains().values(), 1):
        try:
            open_amendment(data, chain)
            break
        except Refusal:
            if number == len(chains()):
                raise
    return parse_note(data).encode()


def two_openings(data: bytes) -> None:
    """Evidence of two openings of one epoch."""
    verify_two_openings(data, FOUNDED)


def two_amendments(data: bytes) -> None:
    """Evidence of two amendments of one version."""
    verify_two_amendments(data, FOUNDED)


def void_entries(data: bytes) -> bytes:
    """Evidence of what a log signed beyond its end."""
    return verify_void(data, ENDED).encode()


def known_voids() -> Iterator[bytes]:
    """One beyond the end, one beside it."""
    yield void(TRUE, 9).encode()
    yield void(OTHER, 6).encode()


def limit(data: bytes) -> bytes:
    """Evidence of a log that grew faster than it may."""
    return verify_broken_limit(data, LIMITED).encode(LIMITED.id)


def known_limits() -> Iterator[bytes]:
    """One."""
    first, second = _signed(100, _at(1_700_000_000)), _signed(101 + _allowed(20), _at(1_700_000_020))
    yield broken_limit(LIMITED, first, second).encode(LIMITED.id)


def envelope(data: bytes) -> bytes:
    """Evidence together with its circle."""
    found = open_envelope(data, FOUNDED.id)
    format_of(found.evidence)
    assert found.circle.id == FOUNDED.id
    return found.encode()


def known_envelopes() -> Iterator[bytes]:
    """One, with a few events."""
    yield Envelope(FOUNDED, _some_events(), b"{}\n").encode()


def bundle(data: bytes) -> bytes:
    """A whole circle in a file."""
    found = Bundle.parse(data)
    for member in found.circle.members:
        found.newest(str(member.log))
    return found.encode()


def known_bundles() -> Iterator[bytes]:
    """One, with a few events, and a checkpoint of another circle."""
    note = seeds.good("checkpoint")[0]["checkpoint"].encode()
    yield Bundle(FOUNDED, _some_events(), (note,)).encode()


def carry_file(data: bytes) -> bytes | None:
    """What is carried by hand; kinds that are not known are passed over."""
    again = HEAD + b"".join(item.encode() for item in read_items(BytesIO(data)))
    return again if len(again) == len(data) else None


def known_carry_files() -> Iterator[bytes]:
    """One, with an item of each kind."""
    note = seeds.good("checkpoint")[0]["checkpoint"].encode()
    push = next(iter(seeds.written(seeds.good("push")[0], "message")))
    items = [Item(Kind.PUSH, push), Item(Kind.EVENT, _some_events()[0]), Item(Kind.CHECKPOINT, note)]
    yield HEAD + b"".join(item.encode() for item in items)


def sealed_key(data: bytes) -> bytes:
    """A key file under a passphrase."""
    return SealedKey.parse(data.decode(errors="surrogateescape")).encode().encode()


@cache
def _some_events() -> tuple[bytes, ...]:
    file = json.loads((seeds.VECTORS / "event.json").read_text("utf-8"))
    return tuple(event.encode() for event in list(file["all_events"].values())[:3])


@cache
def _keys() -> dict[tuple[str, bytes], SigningKey]:
    return {(key.verifying.name, key.verifying.key_id): key for keys in (OLD, NEW) for key in keys.values()}


def _signed_anew(event: bytes) -> bytes:
    try:
        note = parse_note(event)
        keys = [_keys().get((one.name, one.key_id)) for one in note.signatures]
        return sign_note(note.text, *filter(None, keys)).encode() if any(keys) else event
    except Refusal:
        return event


def _joined(parts: Iterable[bytes]) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def _split(data: bytes) -> Iterator[bytes]:
    for _ in range(_MOST_EVENTS):
        if len(data) < 2:
            return
        end = 2 + int.from_bytes(data[:2], "big")
        yield data[2:end]
        data = data[end:]
