"""The vectors of founding, wire and evidence, which any other implementation can run too."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from io import BytesIO
from pathlib import Path as File
from typing import Any

import pytest

from tocsin.circles.carry.file import read_items
from tocsin.circles.changing.amendment import open_amendment
from tocsin.circles.changing.fold import changed, check_event, event_id
from tocsin.circles.changing.known import Known
from tocsin.circles.changing.standing import Chain
from tocsin.circles.evidence.brokenlimit import verify_broken_limit
from tocsin.circles.evidence.contradictions import verify_two_amendments, verify_two_openings
from tocsin.circles.evidence.envelope import open_envelope
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.evidence.prooffile import Cosigned, verify_proof
from tocsin.circles.evidence.voids import verify_void
from tocsin.circles.founding.charter import circle_id, open_charter, parse_charter
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.joining import assemble
from tocsin.circles.founding.joining import found as found_circle
from tocsin.circles.reading import Readable
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
from tocsin.circles.wire.protocol import Path, Request
from tocsin.circles.wire.received import open_received
from tocsin.circles.wire.requests import sign_request, verify_request
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey, VerifyingKey, encode_base64

VECTORS = File(__file__).parents[2] / "vectors"

Case = dict[str, Any]


def read_charter(case: Case) -> Case:
    """Read a charter's text."""
    charter = parse_charter(case["charter"])
    return {
        "circle": circle_id(case["charter"]),
        "domain": charter.domain,
        "mode": charter.mode,
        "title": charter.title,
        "quorum": charter.quorum,
        "handling": charter.handling,
        "members": [
            {"slug": member.slug, "label": member.label, "economy": member.economy}
            for member in charter.members
        ],
    }


def open_signed_charter(case: Case) -> str:
    """Open a signed charter."""
    return open_charter(case["note"].encode()).id


def founded(case: Case) -> Circle:
    """Found the circle that a case is about."""
    return assemble(case["charter"], [file.encode() for file in case["join_files"]])


def found(case: Case) -> Case:
    """Found a circle from join files."""
    circle = founded(case)
    return {
        "circle": circle.id,
        "members": [
            {
                "log": str(member.log),
                "keys": [key.encode() for key in member.online_keys()],
                "endpoint": member.endpoint.url,
                "tls_spki_sha256": member.endpoint.tls_spki_sha256,
            }
            for member in circle.members
        ],
    }


def push_value(push: Push) -> Case:
    """What a push says."""
    items = list(push.chunk.items())
    return {
        "log": push.log,
        "first": push.chunk.first,
        "entries": [entry.hex() for _, entry, _, _ in items],
        "salts": [salt.hex() for _, _, salt, _ in items],
        "records": [None if record is None else record.decode() for _, _, _, record in items],
        "checkpoint": push.checkpoint.decode(),
        "consistency": [one.hex() for one in push.consistency],
        "newest": [note.decode() for note in push.newest],
    }


def ahead_value(ahead: Ahead) -> Case:
    """What a record sent ahead says."""
    return {
        "log": ahead.log,
        "index": ahead.index,
        "entry": ahead.entry.hex(),
        "salt": ahead.salt.hex(),
        "record": ahead.record.decode(),
        "checkpoint": ahead.checkpoint.decode(),
        "known_size": ahead.known_size,
        "inclusion": [one.hex() for one in ahead.inclusion],
        "consistency": [one.hex() for one in ahead.consistency],
    }


ANSWER_VALUES: dict[type[answers.Answer], Callable[[Any], Case]] = {
    answers.Held: lambda held: {"size": held.size, "cosignature": held.cosignature.line()},
    answers.SizeHeld: lambda held: {"size": held.size},
    answers.Missing: lambda missing: {"size": missing.size, "indices": list(missing.indices)},
    answers.Later: lambda later: {"after_ms": later.after_ms},
    answers.Refused: asdict,
    answers.Pushed: lambda pushed: {"push": push_value(pushed.push)},
    answers.Hashes: lambda proof: {"hashes": [one.hex() for one in proof.hashes]},
    answers.Bodies: lambda given: {
        "bodies": [[body.index, body.salt.hex(), body.record.decode()] for body in given.bodies]
    },
    answers.Checkpoints: lambda given: {"notes": [note.decode() for note in given.notes]},
    answers.ReceivedAhead: lambda received: {"note": received.note.decode()},
    answers.Events: lambda given: {"events": [event.decode() for event in given.events]},
    answers.Content: lambda given: {"size_bytes": given.size_bytes, "data": given.data.hex()},
}


def answer_value(answer: answers.Answer) -> Case:
    """What an answer says."""
    return {"kind": answer.kind, "status": answers.status_of(answer)} | ANSWER_VALUES[type(answer)](answer)


def decoded(case: Case) -> bytes:
    """The bytes of a message."""
    return bytes.fromhex(case["message"])


def read_push(case: Case) -> Case:
    """Decode a push, and encode it again."""
    push = Push.decode(decoded(case))
    assert case.get("form", case["message"]) == push.encode().hex()
    return push_value(push)


def read_ahead(case: Case) -> Case:
    """Decode a record sent ahead, and encode it again."""
    ahead = Ahead.decode(decoded(case))
    assert case["message"] == ahead.encode().hex()
    return ahead_value(ahead)


def read_pull(case: Case) -> Case:
    """Decode a pull, and encode it again."""
    pull = Pull.decode(decoded(case))
    assert case["message"] == pull.encode().hex()
    return {"log": pull.log, "first": pull.first, "most_entries": pull.most_entries}


def read_bodies(case: Case) -> Case:
    """Decode a request for bodies, and encode it again."""
    asked = BodiesRequest.decode(decoded(case))
    assert case["message"] == asked.encode().hex()
    return {"log": asked.log, "indices": list(asked.indices)}


def read_proof_request(case: Case) -> Case:
    """Decode a request for a proof, and encode it again."""
    asked = ProofRequest.decode(decoded(case))
    assert case["message"] == asked.encode().hex()
    return {"log": asked.log, "old": asked.old, "new": asked.new}


def read_checkpoints_request(case: Case) -> Case:
    """Decode a request for checkpoints, and encode it again."""
    assert case["message"] == CheckpointsRequest.decode(decoded(case)).encode().hex()
    return {}


def read_events_request(case: Case) -> Case:
    """Decode a call that brings events, and encode it again."""
    asked = EventsRequest.decode(decoded(case))
    assert case["message"] == asked.encode().hex()
    return {"known": [known.hex() for known in asked.known], "events": [e.decode() for e in asked.events]}


def read_content_request(case: Case) -> Case:
    """Decode a request for a part of an attachment, and encode it again."""
    asked = ContentRequest.decode(decoded(case))
    assert case["message"] == asked.encode().hex()
    return asdict(asked) | {"sha256": asked.sha256.hex()}


def read_answer(case: Case) -> Case:
    """Decode an answer, and encode it again."""
    answer = answers.decode_answer(decoded(case))
    assert case["message"] == answers.encode_answer(answer).hex()
    return answer_value(answer)


def make_request(case: Case) -> Case:
    """Sign a request."""
    request = sign_request(
        SigningKey.parse(case["secret"]),
        case["receiver"],
        Path(case["path"]),
        bytes.fromhex(case["body"]),
        bytes.fromhex(case["nonce"]),
    )
    return {"signer": request.signer, "signature": request.signature.hex()}


def check_request(case: Case) -> bool:
    """Verify a request, as its receiver does."""
    keys = {key.name: key for key in map(VerifyingKey.parse, case["request_keys"])}
    parts = (bytes.fromhex(case[name]) for name in ("nonce", "signature"))
    body = bytes.fromhex(case["body"])
    request = Request(case["receiver"], case["path"], body, case["signer"], *parts)
    verify_request(request, case["me"], keys.get)
    return True


def check_received(case: Case) -> Case:
    """Open the statement that a record arrived ahead."""
    received = open_received(case["note"].encode(), VerifyingKey.parse(case["vkey"]))
    return {
        "log": received.log,
        "index": received.index,
        "entry": received.entry.hex(),
        "time_s": received.time_s,
    }


def cosigned(all_of: tuple[Cosigned, ...]) -> list[Case]:
    """Who cosigned, and when."""
    return [
        {"member": one.member.slug, "economy": one.member.economy, "time_s": one.time_s} for one in all_of
    ]


def check_proof(case: Case) -> Case:
    """Verify a proof file."""
    facts = verify_proof(case["proof"].encode(), case["circle"])
    return {
        "title": facts.signed.charter.title,
        "mode": facts.signed.charter.mode,
        "log": str(facts.author.log),
        "label": facts.author.label,
        "economy": facts.author.economy,
        "index": facts.index,
        "size": facts.size,
        "record": facts.body.decode(),
        "readable": isinstance(facts.reading, Readable),
        "claimed_officer": facts.claimed_officer,
        "holders": cosigned(facts.holders),
        "witnesses": cosigned(facts.witnesses),
    }


def check_fork(case: Case) -> Case:
    """Verify fork evidence with the keys of its circle."""
    fork = verify_fork(case["fork"].encode(), founded(case))
    first, second = fork.first.checkpoint, fork.second.checkpoint
    return {"log": first.origin, "sizes": [first.size, second.size]}


def check_void(case: Case) -> Case:
    """Verify evidence of void entries, with the circle that comes with it."""
    envelope = open_envelope(case["file"].encode(), case["circle"])
    void = verify_void(envelope.evidence, envelope.circle)
    signed = void.signed.checkpoint
    return {"log": signed.origin, "end": void.end.size, "size": signed.size, "beyond": void.beyond}


def check_broken_limit(case: Case) -> Case:
    """Verify evidence of a broken limit, with the circle that comes with it."""
    envelope = open_envelope(case["file"].encode(), case["circle"])
    broken = verify_broken_limit(envelope.evidence, envelope.circle)
    return {
        "log": str(broken.author.log),
        "grown": broken.grown,
        "within_s": broken.within_s,
        "allowed": broken.allowed,
        "cosigners": [member.slug for member in broken.cosigners],
    }


def read_carried(case: Case) -> list[Case]:
    """The items of a carry file."""
    items = read_items(BytesIO(b64decode(case["file"])))
    return [{"kind": item.kind, "bytes": encode_base64(item.data)} for item in items]


@lru_cache
def chains() -> dict[str, Chain]:
    """The chains of charters that amendments follow."""
    notes = json.loads((VECTORS / "amendment.json").read_text("utf-8"))["chains"]
    return {name: chain_of(*(note.encode() for note in chain)) for name, chain in notes.items()}


def chain_of(first: bytes, *amendments: bytes) -> Chain:
    """A chain, verified."""
    chain: Chain = (open_charter(first),)
    for data in amendments:
        everybody = [member.slug for member in chain[-1].charter.members]
        chain = (*chain, open_amendment(data, chain, everybody))
    return chain


def open_next(case: Case) -> Case:
    """Open an amendment as the next version of its chain."""
    amendment = open_amendment(case["amendment"].encode(), chains()[case["chain"]], case.get("left", ()))
    charter = amendment.charter
    return {
        "id": amendment.id,
        "version": charter.version,
        "members": [{"slug": member.slug, "observer": member.observer} for member in charter.members],
        "removed": [removal.slug for removal in charter.removed],
    }


@lru_cache
def changing(name: str = "event.json") -> tuple[Circle, dict[str, bytes]]:
    """The founded circle of a file's vectors, and its events by their names."""
    file = json.loads((VECTORS / name).read_text("utf-8"))
    openings = [opening.encode() for opening in file["openings"]]
    events = {name: event.encode() for name, event in file.get("all_events", {}).items()}
    return found_circle(open_charter(file["charter"].encode()), openings), events


def fold_events(case: Case) -> Case:
    """The circle as a set of events leaves it."""
    founded, events = changing()
    circle = changed(founded, [events[name] for name in case["events"]])
    frozen = {"frozen": [version.id for version in circle.frozen]} if circle.frozen else {}
    return {
        "version": circle.charter.version,
        "charter": circle.chain[-1].id,
        "members": [epoch_value(member) for member in circle.members],
        "past": [epoch_value(member) for member in circle.past],
        "left": sorted(circle.left),
        **frozen,
    }


def epoch_value(member: Member) -> Case:
    """A member in one epoch."""
    value: Case = {"log": str(member.log), "log_key": member.log_key.encode()}
    if member.end is not None:
        root = encode_base64(member.end.root)
        value["end"] = {"size": member.end.size, "root": root, "exact": member.end.exact}
    return value | {name: True for name in ("observer", "disputed") if getattr(member, name)}


def keep_event(case: Case) -> Case:
    """Whether an event may be kept beside others; its id."""
    founded, events = changing()
    data = events[case["event"]]
    check_event(Known.of(founded, [events[name] for name in case["events"]]), data)
    return {"id": event_id(data).hex()}


def check_openings(case: Case) -> Case:
    """Verify evidence of two openings."""
    circle, _ = changing("contradiction.json")
    found = verify_two_openings(case["file"].encode(), circle)
    return {"log": str(found.log), "key": found.key.encode()}


def check_amendments(case: Case) -> Case:
    """Verify evidence of two amendments."""
    circle, _ = changing("contradiction.json")
    return {"signers": list(verify_two_amendments(case["file"].encode(), circle).signers)}


OPERATIONS: dict[str, dict[str | None, Callable[[Case], object]]] = {
    "charter.json": {"read": read_charter, "open": open_signed_charter},
    "joinfile.json": {None: found},
    "amendment.json": {None: open_next},
    "event.json": {"state": fold_events, "keep": keep_event},
    "contradiction.json": {"two-openings": check_openings, "two-amendments": check_amendments},
    "push.json": {
        "push": read_push,
        "ahead": read_ahead,
        "pull": read_pull,
        "bodies": read_bodies,
        "content": read_content_request,
        "proof": read_proof_request,
        "checkpoints": read_checkpoints_request,
        "events": read_events_request,
        "answer": read_answer,
    },
    "request.json": {"sign": make_request, "verify": check_request, "received-ahead": check_received},
    "proof-file.json": {None: check_proof},
    "fork.json": {None: check_fork},
    "void.json": {None: check_void},
    "broken-limit.json": {None: check_broken_limit},
    "carry.json": {None: read_carried},
}


def cases() -> list[Any]:
    """Every case of every file."""
    return [
        pytest.param(OPERATIONS[file][case.get("operation")], case, id=f"{file}: {case['name']}")
        for file in OPERATIONS
        for case in json.loads((VECTORS / file).read_text("utf-8"))["cases"]
    ]


@pytest.mark.parametrize(("operation", "case"), cases())
def test_vector(operation: Callable[[Case], object], case: Case) -> None:
    """A case gives what it expects, or is refused with the error it names."""
    if "error" in case:
        with pytest.raises(Refusal) as refused:
            operation(case)
        assert case["error"] == refused.value.code
    else:
        assert case["expect"] == operation(case)
