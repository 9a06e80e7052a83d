"""The vectors of founding, wire and evidence, which any other implementation can run too."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path as File
from typing import Any

import pytest

from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.evidence.prooffile import Cosigned, verify_proof
from tocsin.circles.founding.charter import circle_id, open_charter, parse_charter
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import assemble
from tocsin.circles.reading import Readable
from tocsin.circles.wire import answers
from tocsin.circles.wire.messages import (
    Ahead,
    BodiesRequest,
    CheckpointsRequest,
    ProofRequest,
    Pull,
    Push,
)
from tocsin.circles.wire.protocol import Path, Request
from tocsin.circles.wire.received import open_received
from tocsin.circles.wire.requests import sign_request, verify_request
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey, VerifyingKey

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


OPERATIONS: dict[str, dict[str | None, Callable[[Case], object]]] = {
    "charter.json": {"read": read_charter, "open": open_signed_charter},
    "joinfile.json": {None: found},
    "push.json": {
        "push": read_push,
        "ahead": read_ahead,
        "pull": read_pull,
        "bodies": read_bodies,
        "proof": read_proof_request,
        "checkpoints": read_checkpoints_request,
        "answer": read_answer,
    },
    "request.json": {"sign": make_request, "verify": check_request, "received-ahead": check_received},
    "proof-file.json": {None: check_proof},
    "fork.json": {None: check_fork},
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
