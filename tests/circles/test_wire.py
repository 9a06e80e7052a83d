import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.circles import errors
from tocsin.circles.errors import (
    MalformedMessage,
    MalformedPush,
    NoCommonVersion,
    PushTooLarge,
    RefusedOtherwise,
    Rollback,
    StaleNonce,
    refusal_of,
)
from tocsin.circles.wire.answers import (
    MAX_ANSWER_BYTES,
    Answer,
    Bodies,
    Body,
    Checkpoints,
    Content,
    Events,
    Hashes,
    Held,
    Later,
    Missing,
    Pushed,
    ReceivedAhead,
    Refused,
    SizeHeld,
    decode_answer,
    encode_answer,
    status_of,
)
from tocsin.circles.wire.messages import (
    MAX_BODIES,
    MAX_CONTENT_BYTES,
    MAX_PUSH_BYTES,
    MAX_PUSH_ENTRIES,
    Ahead,
    BodiesRequest,
    CheckpointsRequest,
    ContentRequest,
    EventsRequest,
    ProofRequest,
    Pull,
    Push,
)
from tocsin.core.errors import Fault, Refusal
from tocsin.core.note import Signature
from tocsin.core.tlog.chunk import NO_SALT, Chunk, ChunkTooLarge
from tocsin.core.tlog.tree import MAX_SIZE

Message = (
    Push | Ahead | Pull | BodiesRequest | ProofRequest | CheckpointsRequest | EventsRequest | ContentRequest
)

VERSIONS_BYTES = 2

names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=209)
hashes = st.binary(min_size=32, max_size=32)
proofs = st.lists(hashes, max_size=63).map(tuple)
notes = st.binary(min_size=1, max_size=300)
records = st.binary(min_size=1, max_size=300)
sizes = st.integers(0, MAX_SIZE)
chunks = st.builds(
    Chunk.make,
    st.integers(0, MAX_SIZE - 8),
    st.lists(st.tuples(hashes, hashes, records | st.none()), max_size=8),
)
pushes = st.builds(Push, names, chunks, notes, proofs, st.lists(notes, max_size=4).map(tuple)) | st.builds(
    Push,
    names,
    st.builds(Chunk.make, sizes, st.just(())),
    st.just(b""),
    st.just(()),
    st.lists(notes, max_size=4).map(tuple),
)
events = st.lists(records, max_size=4).map(tuple)
ascending = st.sets(sizes, max_size=20).map(lambda chosen: tuple(sorted(chosen)))
messages = st.one_of(
    pushes,
    st.builds(Ahead, names, sizes, hashes, hashes, records, notes, sizes, proofs, proofs),
    st.builds(Pull, names, sizes, st.integers(0, MAX_PUSH_ENTRIES)),
    st.builds(BodiesRequest, names, ascending),
    st.builds(ProofRequest, names, sizes, sizes),
    st.just(CheckpointsRequest()),
    st.builds(EventsRequest, st.sets(hashes, max_size=8).map(lambda ids: tuple(sorted(ids))), events),
    st.builds(ContentRequest, names, sizes, hashes, sizes, st.integers(1, MAX_CONTENT_BYTES)),
)
key_names = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=200)
signatures = st.builds(
    Signature, key_names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
plain = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=300)
bodies = st.lists(st.tuples(hashes, records), max_size=8).map(
    lambda pairs: Bodies(tuple(Body(5 * index, *pair) for index, pair in enumerate(pairs)))
)
answers = st.one_of(
    st.builds(Held, sizes, signatures),
    st.builds(SizeHeld, sizes),
    ascending.filter(bool)
    .map(lambda indices: Missing(min(indices[-1] + 1, MAX_SIZE), indices))
    .filter(lambda missing: missing.indices[-1] < missing.size),
    st.builds(Later, st.integers(0, 2**32 - 1)),
    st.builds(Refused, st.from_regex("[a-z0-9-]{1,64}", fullmatch=True), sizes, plain),
    st.builds(Pushed, pushes),
    st.builds(Hashes, proofs),
    bodies,
    st.builds(Checkpoints, st.lists(notes, max_size=5).map(tuple)),
    st.builds(ReceivedAhead, notes),
    st.builds(Events, events),
    st.builds(Content, sizes, records),
)


@given(messages)
def test_a_message_is_read_as_it_was_written(message: Message) -> None:
    """Decoding what was encoded gives the same message."""
    assert message == type(message).decode(message.encode())


@given(answers)
def test_an_answer_is_read_as_it_was_written(answer: Answer) -> None:
    """Decoding what was encoded gives the same answer."""
    assert answer == decode_answer(encode_answer(answer))


def read_again(decode: Callable[[bytes], Message], data: bytes) -> None:
    """Read the bytes, or refuse them; what was read writes the same bytes, whatever versions were spoken."""
    try:
        message = decode(data)
    except Refusal:
        return
    assert data[1 + data[0] :] == message.encode()[VERSIONS_BYTES:]


@given(messages, st.data())
def test_a_message_has_one_form(message: Message, data: st.DataObject) -> None:
    """Whatever is changed in a message, it is refused or is another message, which is written just so."""
    changed = bytearray(message.encode())
    at = data.draw(st.integers(VERSIONS_BYTES, len(changed)))
    changed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    read_again(type(message).decode, bytes(changed))


@given(answers, st.data())
def test_an_answer_has_one_form(answer: Answer, data: st.DataObject) -> None:
    """Whatever is changed in an answer, it is refused or is another answer, which is written just so."""
    changed = bytearray(encode_answer(answer))
    at = data.draw(st.integers(VERSIONS_BYTES, len(changed)))
    changed[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    try:
        found = decode_answer(bytes(changed))
    except Refusal:
        return
    assert bytes(changed) == encode_answer(found) or isinstance(found, Pushed)


CHUNK = Chunk.make(7, [(b"e" * 32, b"s" * 32, b"first"), (b"f" * 32, NO_SALT, None)])
PUSH = Push("log", CHUNK, b"note", (b"h" * 32,), (b"newest",))
AHEAD = Ahead("log", 9, b"e" * 32, b"s" * 32, b"record", b"note", 3, (b"h" * 32,), (b"i" * 32,))
SIGNATURE = Signature("log/holder", b"keid", b"data")
EACH_MESSAGE: list[Message] = [
    PUSH,
    AHEAD,
    Pull("log", 7, 100),
    BodiesRequest("log", (1, 4)),
    ProofRequest("log", 3, 7),
    CheckpointsRequest(),
    EventsRequest((bytes(32), b"\1" * 32), (b"one", b"another")),
    ContentRequest("log", 7, b"h" * 32, 0, 1000),
]
EACH_ANSWER: list[Answer] = [
    Held(7, SIGNATURE),
    SizeHeld(7),
    Missing(7, (1, 4)),
    Later(250),
    Refused("wrong-root", 7, "why"),
    Pushed(PUSH),
    Hashes((b"h" * 32,)),
    Bodies((Body(1, b"s" * 32, b"record"),)),
    Checkpoints((b"note",)),
    ReceivedAhead(b"note"),
    Events((b"one", b"another")),
    Content(7, b"part"),
]


@pytest.mark.parametrize("message", EACH_MESSAGE, ids=lambda message: type(message).__name__)
def test_a_cut_or_longer_message_is_refused(message: Message) -> None:
    """Every message that ends early, at any byte, or goes on after its end is refused."""
    data = message.encode()

    for end in range(len(data)):
        with pytest.raises(Refusal):
            type(message).decode(data[:end])
    with pytest.raises(MalformedMessage):
        type(message).decode(data + b"\0")


@pytest.mark.parametrize("answer", EACH_ANSWER, ids=lambda answer: type(answer).__name__)
def test_a_cut_or_longer_answer_is_refused(answer: Answer) -> None:
    """Every answer that ends early, at any byte, or goes on after its end is refused."""
    data = encode_answer(answer)

    for end in range(len(data)):
        with pytest.raises(Refusal):
            decode_answer(data[:end])
    with pytest.raises(MalformedMessage):
        decode_answer(data + b"\0")


@given(
    st.binary(max_size=400),
    st.sampled_from(
        [Push, Ahead, Pull, BodiesRequest, ProofRequest, CheckpointsRequest, EventsRequest, ContentRequest]
    ),
)
def test_random_bytes_are_refused_or_read(data: bytes, kind: type[Message]) -> None:
    """Whatever comes in, nothing but a Refusal or a message comes out."""
    read_again(kind.decode, data)
    read_again(kind.decode, b"\x01\x01" + data)


@given(st.integers(0, 255), st.binary(max_size=400))
def test_random_answers_are_refused_or_read(kind: int, data: bytes) -> None:
    """Whatever comes back, nothing but a Refusal or an answer comes out."""
    try:
        decode_answer(bytes([1, 1, kind]) + data)
    except Refusal:
        return


@pytest.mark.parametrize(
    ("versions", "error"),
    [
        (b"\x00", NoCommonVersion),
        (b"\x01\x02", NoCommonVersion),
        (b"\x02\x02\x03", NoCommonVersion),
        (b"\x02\x02\x01", MalformedMessage),
        (b"\x02\x01\x01", MalformedMessage),
    ],
)
def test_the_versions_come_first(versions: bytes, error: type[Refusal]) -> None:
    """Without a common version nothing else is looked at, since it may be written in another way."""
    with pytest.raises(error):
        CheckpointsRequest.decode(versions)
    with pytest.raises(error):
        decode_answer(versions + b"garbage")
    with pytest.raises(error):
        Push.decode(versions + b"garbage")


def test_a_sender_may_speak_later_versions_too() -> None:
    """Ours among several versions is enough."""
    assert Push.decode(b"\x03\x01\x02\x07" + PUSH.encode()[VERSIONS_BYTES:]) == PUSH


def at(data: bytes, where: bytes, new: bytes) -> bytes:
    """The data, with what follows the first `where` replaced."""
    start = data.index(where) + len(where)
    return data[:start] + new + data[start + len(new) :]


def length_of(part: bytes, data: bytes, size: int, value: int) -> bytes:
    """The data, with the length of `size` bytes before `part` replaced."""
    start = data.index(part) - size
    return data[:start] + value.to_bytes(size, "big") + data[start + size :]


BAD_PUSHES = {
    "an entry too many": (at(PUSH.encode(), struct.pack(">Q", 7), struct.pack(">I", 1_025)), ChunkTooLarge),
    "more entries than bytes": (
        at(PUSH.encode(), struct.pack(">Q", 7), struct.pack(">I", 1_024)),
        MalformedPush,
    ),
    "a name too long": (bytes([1, 1, 210]) + b"n" * 210 + PUSH.encode()[6:], MalformedPush),
    "no name": (bytes([1, 1, 0]) + PUSH.encode()[6:], MalformedPush),
    "a name that is not ASCII": (PUSH.encode().replace(b"log", b"l\xf6g"), MalformedPush),
    "an index over 2^53": (
        PUSH.encode().replace(struct.pack(">Q", 7), struct.pack(">Q", 2**53)),
        MalformedPush,
    ),
    "entries beyond 2^53": (
        PUSH.encode().replace(struct.pack(">Q", 7), struct.pack(">Q", MAX_SIZE)),
        MalformedPush,
    ),
    "a note too long": (length_of(b"note", PUSH.encode(), 2, 8_193), MalformedPush),
    "a proof too long": (length_of(b"h" * 32, PUSH.encode(), 1, 64), MalformedPush),
    "entries without a checkpoint": (Push("log", CHUNK, b"", (), ()).encode(), MalformedPush),
    "a proof without a checkpoint": (
        Push("log", Chunk.make(0, []), b"", (b"h" * 32,), ()).encode(),
        MalformedPush,
    ),
    "an empty newest checkpoint": (Push("log", CHUNK, b"note", (), (b"",)).encode(), MalformedPush),
    "too large": (bytes(MAX_PUSH_BYTES + 1), PushTooLarge),
}


@pytest.mark.parametrize("name", BAD_PUSHES)
def test_a_bad_push_is_refused(name: str) -> None:
    """Each limit of section 9.1 has its error, found before anything is cut by a length."""
    data, error = BAD_PUSHES[name]

    with pytest.raises(error):
        Push.decode(data)


def test_a_push_too_large_is_not_made() -> None:
    """Whoever fills a push beyond 4 MiB has a defect, and finds out before it travels."""
    record = b"r" * 65_536
    chunk = Chunk.make(0, [(bytes(32), bytes(32), record)] * 64)

    with pytest.raises(Fault):
        Push("log", chunk, b"note", (), ()).encode()


def test_other_messages_keep_their_limits() -> None:
    """A record ahead, and what is asked for, are refused beyond their limits."""
    asked = BodiesRequest("log", (1, 4)).encode()
    for data, decode in (
        (length_of(b"record", AHEAD.encode(), 4, 0), Ahead.decode),
        (length_of(b"record", AHEAD.encode(), 4, 65_537), Ahead.decode),
        (AHEAD.encode().replace(b"\0\4note", b"\0\0"), Ahead.decode),
        (Pull("log", 0, MAX_PUSH_ENTRIES + 1).encode(), Pull.decode),
        (BodiesRequest("log", tuple(range(MAX_BODIES + 1))).encode(), BodiesRequest.decode),
        (BodiesRequest("log", (4, 1)).encode(), BodiesRequest.decode),
        (BodiesRequest("log", (4, 4)).encode(), BodiesRequest.decode),
        (BodiesRequest("log", (2**53,)).encode(), BodiesRequest.decode),
        (asked[:-1], BodiesRequest.decode),
    ):
        with pytest.raises(MalformedMessage):
            decode(data)
    with pytest.raises(PushTooLarge):
        CheckpointsRequest.decode(bytes(MAX_PUSH_BYTES + 1))


BAD_ANSWERS = {
    "no kind": b"\x01\x01\x00",
    "an unknown kind": b"\x01\x01\x0c",
    "too large": bytes(MAX_ANSWER_BYTES + 1),
    "a cosignature that is no line": encode_answer(Held(7, SIGNATURE)).replace(b"\n", b" "),
    "a cosignature that is no UTF-8": encode_answer(Held(7, SIGNATURE)).replace(b"log", b"l\xffg"),
    "nothing missing": encode_answer(Missing(7, ())),
    "missing beyond the size": encode_answer(Missing(7, (1, 7))),
    "missing in another order": encode_answer(Missing(7, (4, 1))),
    "a code that is none": encode_answer(Refused("Wrong Root", 7, "why")),
    "an explanation with a control": encode_answer(Refused("wrong-root", 7, "why\x1b[2J")),
    "an explanation too long": encode_answer(Refused("wrong-root", 7, "y" * 1_025)),
    "bodies in another order": encode_answer(Bodies((Body(4, bytes(32), b"a"), Body(1, bytes(32), b"b")))),
    "an empty body": encode_answer(Bodies((Body(4, bytes(32), b""),))),
    "an empty checkpoint": encode_answer(Checkpoints((b"",))),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer_is_refused(name: str) -> None:
    """Each limit of section 9.4 holds for answers too, since a member may be hostile."""
    with pytest.raises((MalformedMessage, NoCommonVersion)):
        decode_answer(BAD_ANSWERS[name])


def refusals() -> list[type[Refusal]]:
    """Every refusal of circles that an answer can state."""
    return [kind for kind in errors.TRAVELLING if kind is not Rollback]


@pytest.mark.parametrize("kind", refusals(), ids=lambda kind: kind.code)
def test_a_refusal_arrives_as_the_same_type(kind: type[Refusal]) -> None:
    """What a member refuses is raised at the sender as the same error, with the same words."""
    answer = decode_answer(encode_answer(Refused.because(kind("expected a, found b"), 7)))

    assert isinstance(answer, Refused)
    assert kind is type(answer.error())
    assert (str(answer.error()), answer.size_held) == ("expected a, found b", 7)


def test_a_rollback_brings_the_size_held() -> None:
    """The size held travels with a rollback, whoever states it."""
    error = Refused.because(Rollback("smaller", 12)).error()

    assert isinstance(error, Rollback)
    assert error.size_held == 12


def test_a_code_from_elsewhere_is_still_a_refusal() -> None:
    """A code that is not known here says so, and keeps what was said."""
    error = refusal_of("too-tired", 0, "ask tomorrow")

    assert isinstance(error, RefusedOtherwise)
    assert "too-tired" in str(error)
    assert "ask tomorrow" in str(error)


@given(st.text(max_size=3_000))
def test_any_explanation_can_travel(text: str) -> None:
    """Whatever an error says is cut and made plain, so that the answer is always well-formed."""
    answer = Refused.because(errors.WrongRoot(text or "-"))

    assert answer == decode_answer(encode_answer(answer))


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (SizeHeld(7), 200),
        (Checkpoints(()), 200),
        (Later(5), 503),
        (Refused.because(StaleNonce()), 401),
        (Refused.because(errors.NonMember()), 401),
        (Refused.because(errors.BadRequestSignature()), 401),
        (Refused.because(PushTooLarge()), 413),
        (Refused.because(errors.UnknownPath()), 404),
        (Refused.because(errors.WrongRoot()), 403),
        (Refused.because(ChunkTooLarge()), 403),
    ],
)
def test_each_answer_has_its_http_status(answer: Answer, status: int) -> None:
    """Section 10.2: the status follows from the answer alone."""
    assert status == status_of(answer)
