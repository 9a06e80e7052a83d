"""Every decoder of bytes that come from elsewhere, as a fuzzer needs it: what to begin with, what must hold.

A target decodes. What it decodes it writes again, where there is one way to write it; and it raises nothing
but a Refusal. `held` checks just that, for any bytes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import calls, changes, foreign_files, replies, seeds
from tests.fuzz.seeds import Case

from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.circles.evidence.prooffile import verify_proof
from tocsin.circles.founding.charter import open_charter, parse_charter
from tocsin.circles.founding.joinfile import JoinFile
from tocsin.circles.founding.joining import assemble
from tocsin.circles.wire import answers
from tocsin.circles.wire.messages import (
    Ahead,
    BodiesRequest,
    CheckpointsRequest,
    ContentRequest,
    EventsRequest,
    ProofRequest,
    Pull,
    Push,
)
from tocsin.circles.wire.received import open_received
from tocsin.circles.witness import _parse as parse_add_checkpoint
from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey, VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.note import parse_note, verified_by
from tocsin.core.phone import PhoneKey
from tocsin.core.records import encode_record, parse_record
from tocsin.core.tlog.checkpoint import open_checkpoint
from tocsin.core.tlog.proof import TlogProof
from tocsin.node.config import parse_config

Again = Callable[[bytes], bytes]
"""Decodes, and writes again. Raises a Refusal."""


@dataclass(frozen=True)
class Target:
    """One decoder. `begin` are bytes that it takes, or nearly takes.

    It may need so many bytes of memory for each byte of its input. An empty JSON object has two and becomes a
    dict of 64, and that twice while an error is looked for. A key of dotted parts takes TOML's parser the
    square of a line's length, which is why lines are bounded.
    """

    decode: Callable[[bytes], bytes | None]
    begin: Callable[[], Iterable[bytes]]
    bytes_for_a_byte: int = 256

    def held(self, data: bytes) -> None:
        """That the rule of this module holds for these bytes; anything that is raised breaks it."""
        self.takes(data)

    def takes(self, data: bytes) -> bool:
        """Whether these bytes are taken; the same."""
        try:
            again = self.decode(data)
        except Refusal:
            return False
        assert again is None or again == data, "What was decoded is written in another way."
        return True


def text_of(data: bytes) -> str:
    """The bytes as text that may hold anything, lone surrogates among it."""
    return data.decode(errors="surrogateescape")


def record(data: bytes) -> bytes:
    """A record, and whoever finds out why it is none."""
    if (parsed := parse_record(data)).signature is None:
        return encode_record(parsed.record)
    assert strict_json.encode(parsed.record) + b"\n" == parsed.signed
    return parse_note(data).encode()


def diagnosis(data: bytes) -> None:
    """Why this is no JSON in the one form."""
    if refusal := strict_json.diagnose(data):
        raise refusal


def note(data: bytes) -> bytes:
    """A signed note, by keys that are known."""
    parsed = parse_note(data)
    verified_by(parsed, seeds.note_keys())
    return parsed.encode()


def checkpoint(data: bytes) -> bytes:
    """A checkpoint of a log that is known."""
    return open_checkpoint(data, seeds.log_keys().get).note.encode()


def charter(data: bytes) -> None:
    """A charter's text."""
    parse_charter(text_of(data))


def signed_charter(data: bytes) -> bytes:
    """A signed charter."""
    return open_charter(data).encode()


def join_file(data: bytes) -> bytes:
    """A join file, also in the place of one member's among the others'."""
    file = JoinFile.parse(data)
    text, files = seeds.founding()
    others = [other for other in files if JoinFile.parse(other).member != file.member]
    assemble(text, [*others, data])
    return file.encode()


def proof_file(data: bytes) -> bytes:
    """A proof file: nobody can make one, so only those are good that were."""
    verify_proof(data, seeds.circle().id)
    assert data in seeds.good_proof_files()
    return TlogProof.parse(data).encode()


def fork(data: bytes) -> bytes:
    """Evidence of two versions of one log."""
    circle = seeds.circle()
    found = verify_fork(data, circle)
    assert Fork.parse_unverified(data) == found
    return found.encode(circle.id, circle.by_log[found.first.checkpoint.origin].opening)


def received_ahead(data: bytes) -> bytes:
    """The statement that a record arrived ahead."""
    received = open_received(data, seeds.request_key())
    assert parse_note(data).text == received.text()
    return data


def vkey(data: bytes) -> bytes:
    """A public key."""
    return VerifyingKey.parse(text_of(data)).encode().encode()


def secret_key(data: bytes) -> bytes:
    """A secret key."""
    return SigningKey.parse(text_of(data)).encode_unsafe().encode()


def phone_key(data: bytes) -> bytes:
    """A key for calls, as a card has it."""
    log = LogName("line.example.org", "0" * 64, "east", 1)
    return PhoneKey.parse(log, text_of(data)).encode().encode()


def log_name(data: bytes) -> bytes:
    """A log's name."""
    return str(LogName.parse(text_of(data))).encode()


def add_checkpoint(data: bytes) -> None:
    """A request to a witness."""
    _, _, signed = parse_add_checkpoint(data)
    open_checkpoint(signed, seeds.log_keys().get)


def configuration(data: bytes) -> None:
    """A node's configuration, of which `load_config` reads nothing but UTF-8."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise strict_json.InvalidUtf8 from None
    parse_config(text, Path("/folder"))


_Message = (
    Push | Ahead | Pull | BodiesRequest | ProofRequest | CheckpointsRequest | EventsRequest | ContentRequest
)


def message(kind: type[_Message]) -> Again:
    """What one node asks of another. Its sender may speak other versions than those that we say we speak."""
    return lambda data: _versions(data) + kind.decode(data).encode()[2:]


def answer(data: bytes) -> bytes:
    """What a node answers. In the answer to a pull, the push says its own versions."""
    found = answers.decode_answer(data)
    if isinstance(found, answers.Pushed):
        head = len(_versions(data)) + 1
        return data[:head] + message(Push)(data[head:])
    return _versions(data) + answers.encode_answer(found)[2:]


def _versions(data: bytes) -> bytes:
    return data[: 1 + data[0]] if data else b""


def _of(name: str, key: str, **operation: str) -> Callable[[], Iterable[bytes]]:
    """What stands under a key in each case of a file of vectors."""

    def begin() -> Iterable[bytes]:
        cases: Iterable[Case] = seeds.cases(name)
        chosen = (case for case in cases if operation.items() <= case.items())
        return [data for case in chosen for data in seeds.written(case, key)]

    return begin


DECODERS: dict[str, Target] = {
    "record": Target(record, _of("record", "record")),
    "diagnosis": Target(diagnosis, _of("record", "record")),
    "note": Target(note, _of("note", "note")),
    "checkpoint": Target(checkpoint, _of("checkpoint", "checkpoint")),
    "charter": Target(charter, _of("charter", "charter", operation="read"), 4_096),
    "signed-charter": Target(signed_charter, _of("charter", "note", operation="open"), 4_096),
    "join-file": Target(join_file, _of("joinfile", "join_files")),
    "proof-file": Target(proof_file, _of("proof-file", "proof")),
    "tlog-proof": Target(lambda data: TlogProof.parse(data).encode(), _of("tlog-proof", "proof")),
    "fork": Target(fork, _of("fork", "fork")),
    "push": Target(message(Push), _of("push", "message", operation="push")),
    "ahead": Target(message(Ahead), _of("push", "message", operation="ahead")),
    "pull": Target(message(Pull), _of("push", "message", operation="pull")),
    "bodies": Target(message(BodiesRequest), _of("push", "message", operation="bodies")),
    "proof": Target(message(ProofRequest), _of("push", "message", operation="proof")),
    "checkpoints": Target(message(CheckpointsRequest), _of("push", "message", operation="checkpoints")),
    "content": Target(message(ContentRequest), _of("push", "message", operation="content")),
    "answer": Target(answer, _of("push", "message", operation="answer")),
    "received-ahead": Target(received_ahead, _of("request", "note", operation="received-ahead")),
    "add-checkpoint": Target(add_checkpoint, seeds.add_checkpoint_requests),
    "vkey": Target(vkey, _of("keys", "vkey")),
    "secret-key": Target(secret_key, _of("cosignature", "secret")),
    "phone-key": Target(phone_key, _of("phone", "key", operation="key")),
    "log-name": Target(log_name, _of("names", "text", operation="log")),
    "configuration": Target(configuration, seeds.configurations, 16_384),
    "events-request": Target(message(EventsRequest), seeds.events_requests),
    "amendment": Target(changes.amendment, _of("amendment", "amendment"), 4_096),
    "two-openings": Target(changes.two_openings, _of("contradiction", "file", operation="two-openings")),
    "two-amendments": Target(
        changes.two_amendments, _of("contradiction", "file", operation="two-amendments"), 4_096
    ),
    "void": Target(changes.void_entries, changes.known_voids),
    "broken-limit": Target(changes.limit, changes.known_limits),
    "envelope": Target(changes.envelope, changes.known_envelopes, 4_096),
    "bundle": Target(changes.bundle, changes.known_bundles, 4_096),
    "carry-file": Target(changes.carry_file, changes.known_carry_files),
    "sealed-key": Target(changes.sealed_key, seeds.sealed_keys),
    "misp": Target(foreign_files.misp, foreign_files.known_events, 16_384),
    "stix": Target(foreign_files.stix, foreign_files.known_bundles, 16_384),
    "aiid": Target(foreign_files.aiid, foreign_files.known_incidents, 16_384),
}

WORLDS: dict[str, Target] = {
    "calls": Target(calls.answered, calls.known, 16_384),
    "replies": Target(replies.taken, replies.known, 16_384),
    "events": Target(changes.events, changes.known_events, 16_384),
    "log": Target(calls.held_whatever_it_says, calls.known_records, 16_384),
}
"""What is behind the decoders, with its state: each input is a story, and takes its milliseconds."""

TARGETS = DECODERS | WORLDS
