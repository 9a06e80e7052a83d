"""The calls that members make (docs/protocol.md, section 10), whoever they are and whatever they send."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.lines import Lines, Puppet, codes, held
from tests.circles.party import party

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.events import RefusedHere
from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Checkpoints,
    Hashes,
    Pushed,
    Refused,
    SizeHeld,
    decode_answer,
)
from tocsin.circles.wire.messages import (
    BodiesRequest,
    CheckpointsRequest,
    ProofRequest,
    Pull,
    Push,
)
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import MAX_NONCES, NO_NONCE, sign_request
from tocsin.core.tlog.checkpoint import open_checkpoint
from tocsin.core.tlog.tree import verify_consistency

SIGNED = [path for path in Path if path not in {Path.NONCE, Path.ADD_CHECKPOINT}]


def code_of(reply: Reply) -> str:
    """The code of a refusal."""
    answer = decode_answer(reply.body)
    assert isinstance(answer, Refused)
    return answer.code


def nonce_for(puppet: Puppet, to: str) -> bytes:
    """A fresh nonce."""
    reply = puppet.send(to, puppet.request(to, Path.NONCE, b""))
    assert (reply.status, code_of(reply)) == (401, "stale-nonce")
    return reply.nonce


# --- who asks ---


def test_a_request_is_taken_once(lines: Lines) -> None:
    """A nonce is good for one request of its signer; every answer brings the next one."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    body = birch.history.push().encode()
    request = birch.request("ash", Path.PUSH, body, nonce_for(birch, "ash"))

    first = birch.send("ash", request)
    again = [birch.send("ash", request), cedar.send("ash", request)]

    assert (first.status, [reply.status for reply in again]) == (200, [401, 401])
    assert {code_of(reply) for reply in again} == {"stale-nonce"}
    assert birch.send("ash", birch.request("ash", Path.PUSH, body, first.nonce)).status == 200
    of_birch = birch.send("ash", request).nonce
    assert cedar.send("ash", cedar.request("ash", Path.PUSH, body, of_birch)).status == 401
    assert ash.heard(RefusedHere) == []


def test_no_nonce_survives_a_restart(lines: Lines) -> None:
    """What was recorded before a new start is worth nothing after it; the client goes on by itself."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash_member = lines.circle.by_slug["ash"]
    caller = Caller(birch.keys, ash_member, lambda: [ash_member.endpoint], lines.outlet("birch"))
    body = CheckpointsRequest().encode()
    nonces = [nonce_for(birch, "ash") for _ in range(5)]
    caller._nonces.extend(nonces)
    ash.restart()

    assert birch.send("ash", birch.request("ash", Path.CHECKPOINTS, body, nonces[0])).status == 401
    assert isinstance(lines.run(caller.call(Path.CHECKPOINTS, body)), Checkpoints)


def test_outstanding_nonces_are_bounded_and_each_good_one_is_used(lines: Lines) -> None:
    """The oldest of too many fall out; a full list does not make the oldest good one stale."""
    lines.start("ash")
    birch, body = lines.puppet("birch"), CheckpointsRequest().encode()
    nonces = [nonce_for(birch, "ash") for _ in range(MAX_NONCES + 3)]

    good, stale = (birch.request("ash", Path.CHECKPOINTS, body, nonces[at]) for at in (3, 2))

    assert [birch.send("ash", request).status for request in (good, stale)] == [200, 401]


def _strangers(lines: Lines) -> dict[str, tuple[int, str, Request]]:
    birch, body = lines.puppet("birch"), CheckpointsRequest().encode()
    nonce = nonce_for(birch, "ash")
    good = birch.request("ash", Path.CHECKPOINTS, body, nonce)
    ash, other, drill = (
        lines.party.keys["ash"],
        party(seed=2).keys["birch"],
        party(domain="drill.harbour.example").keys["birch"],
    )
    to = lines.log("ash")

    def signed_by(key_of: object) -> Request:
        return sign_request(key_of, to, Path.CHECKPOINTS, body, nonce)  # type: ignore[arg-type]

    return {
        "another receiver": (403, "unknown-name", replace(good, receiver=lines.log("cedar"))),
        "for another receiver": (401, "bad-request-signature", _for(birch, lines.log("cedar"), body, to)),
        "another path": (401, "bad-request-signature", replace(good, path=Path.PUSH)),
        "another body": (401, "bad-request-signature", replace(good, body=body + b"\x00")),
        "another nonce": (401, "bad-request-signature", replace(good, nonce=bytes(16))),
        "no signature": (401, "bad-request-signature", replace(good, signature=b"")),
        "a longer signature": (401, "bad-request-signature", replace(good, signature=good.signature + b"x")),
        "another member's name": (
            401,
            "bad-request-signature",
            replace(good, signer=lines.party.keys["cedar"].request.verifying.name),
        ),
        "a member of another circle": (401, "non-member", signed_by(other.request)),
        "another key of a member": (401, "non-member", signed_by(birch.keys.log)),
        "the receiver itself": (401, "non-member", signed_by(ash.request)),
        "nobody": (401, "non-member", replace(good, signer="")),
        "a drill's key": (403, "drill-at-live", signed_by(drill.request)),
        "a nonce that was never given": (
            401,
            "stale-nonce",
            birch.request("ash", Path.CHECKPOINTS, body, b"x" * 16),
        ),
    }


def _for(birch: Puppet, receiver: str, body: bytes, to: str) -> Request:
    return replace(sign_request(birch.keys.request, receiver, Path.CHECKPOINTS, body, NO_NONCE), receiver=to)


def test_only_a_member_s_request_key_for_this_receiver_call_and_body_counts(lines: Lines) -> None:
    """What is not as a member signed it for this node is refused, and gets a nonce only if that was wrong."""
    lines.start("ash")
    strangers = _strangers(lines)
    cedar = lines.puppet("cedar")
    for name, (status, code, request) in strangers.items():
        reply = cedar.send("ash", request)
        assert (name, reply.status, code_of(reply)) == (name, status, code)
        assert bool(reply.nonce) == (code == "stale-nonce"), name


def test_an_unknown_path_is_404(lines: Lines) -> None:
    """A call that does not exist is answered, to members, with `unknown-path`."""
    lines.start("ash")
    birch = lines.puppet("birch")
    request = birch.request("ash", "/tocsin/v1/else", b"", nonce_for(birch, "ash"))  # type: ignore[arg-type]
    reply = birch.send("ash", request)
    assert (reply.status, code_of(reply)) == (404, "unknown-path")


# --- whatever they send ---


@given(st.data())
def test_every_request_gets_an_answer(data: st.DataObject) -> None:
    """Any bytes to any call, from a member: an answer of this protocol, and the node goes on."""
    with Lines() as lines:
        lines.start("ash")
        birch = lines.puppet("birch")
        birch.history.write(birch.note("a"), birch.note("b"))
        for _ in range(data.draw(st.integers(1, 5))):
            path = data.draw(st.sampled_from(SIGNED))
            body = data.draw(_bodies(birch, lines))
            reply = birch.send("ash", birch.request("ash", path, body, nonce_for(birch, "ash")))
            decode_answer(reply.body)
            assert reply.status in {200, 403, 413, 503}
        assert held(birch, birch.push("ash", birch.history.push()))


def _bodies(birch: Puppet, lines: Lines) -> st.SearchStrategy[bytes]:
    names = [birch.log, lines.log("ash"), lines.log("cedar"), "x"]
    sizes = st.sampled_from([0, 1, 2, 3, 1_000, 2**53 - 1])
    whole = birch.history.push()
    ahead = birch.history.ahead(2, 0)
    messages = [
        whole.encode(),
        birch.history.push(0, 2).encode(),
        ahead.encode(),
        CheckpointsRequest().encode(),
    ]
    asked = st.one_of(
        st.builds(Pull, st.sampled_from(names), sizes, st.sampled_from([0, 1, 1_024])),
        st.builds(
            BodiesRequest, st.sampled_from(names), st.sampled_from([(), (0,), (0, 1, 2), (2**53 - 1,)])
        ),
        st.builds(ProofRequest, st.sampled_from(names), sizes, sizes),
    ).map(lambda message: message.encode())

    @st.composite
    def broken(draw: st.DrawFn) -> bytes:
        message = bytearray(draw(st.sampled_from(messages)))
        at = draw(st.integers(0, len(message) - 1))
        message[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
        return bytes(message)

    return st.one_of(st.binary(max_size=300), asked, broken())


CUT_OFF = {
    Path.PUSH: "malformed-push",
    Path.AHEAD: "malformed-push",
    Path.PULL: "malformed-message",
    Path.BODIES: "malformed-message",
    Path.CHECKPOINTS: "malformed-message",
    Path.PROOF: "malformed-message",
    Path.EVENTS: "malformed-message",
    Path.CONTENT: "malformed-message",
}


@pytest.mark.parametrize("path", SIGNED)
def test_what_cannot_be_decoded_is_refused_by_its_code(lines: Lines, path: Path) -> None:
    """No common version, malformed, and too large are told apart, at every call."""
    lines.start("ash")
    birch = lines.puppet("birch")

    answers = [birch.call("ash", path, body) for body in (b"", b"\x01\x02" + b"x" * 99, b"\x01\x01\xff")]

    assert codes(answers) == [CUT_OFF[path], "no-common-version", CUT_OFF[path]]


def test_too_many_entries_in_a_push_are_chunk_too_large(lines: Lines) -> None:
    """The number of entries is looked at before they are."""
    lines.start("ash")
    birch = lines.puppet("birch")
    head = birch.history.push(0, 0).encode()[: 2 + 1 + len(birch.log) + 8]

    answers = [birch.call("ash", Path.PUSH, head + count.to_bytes(4, "big")) for count in (1_024, 1_025)]

    assert codes(answers) == ["malformed-push", "chunk-too-large"]


# --- what they may have ---


def _three_logs(lines: Lines) -> tuple[Puppet, Puppet]:
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    ash.write()
    birch.history.write(*(birch.note(f"{number}") for number in range(9)))
    birch.push("ash", birch.history.push(0, 5, 5))
    birch.push("ash", birch.history.push(5, 8))
    return birch, cedar


def test_a_member_pulls_any_log_of_the_circle(lines: Lines) -> None:
    """Entries with their records, under a checkpoint that is held; the size where there is nothing beyond."""
    birch, cedar = _three_logs(lines)

    def pull(log: str, first: int, most: int) -> Answer:
        return cedar.call("ash", Path.PULL, Pull(log, first, most).encode())

    pulled = pull(birch.log, 2, 2)
    assert isinstance(pulled, Pushed)
    assert pulled.push == birch.history.push(2, 4, 5)
    assert pull(birch.log, 5, 9) == SizeHeld(5)
    assert pull(birch.log, 2**53 - 1, 9) == SizeHeld(5)
    assert pull(cedar.log, 0, 9) == SizeHeld(0)
    own = pull(lines.log("ash"), 0, 1_024)
    assert isinstance(own, Pushed)
    assert codes([pull("else", 0, 1), pull(f"drill.{birch.log}", 0, 1)]) == ["unknown-name", "drill-at-live"]


def test_a_member_gets_the_records_that_are_here(lines: Lines) -> None:
    """Of those asked for, in their order; none that is missing, beyond what is held, or of another circle."""
    birch, cedar = _three_logs(lines)
    birch.history.write(*(birch.note(f"more {number}") for number in range(3)))
    push = birch.history.push(8)
    birch.push("ash", replace(push, chunk=push.chunk.without(frozenset({9}))))

    answer = cedar.call("ash", Path.BODIES, BodiesRequest(birch.log, (0, 3, 9, 10, 99)).encode())

    assert isinstance(answer, Bodies)
    chunk = birch.history.push().chunk
    assert [(body.index, body.salt, body.record) for body in answer.bodies] == [
        (index, chunk.salt(index), chunk.body(index)) for index in (0, 3, 10)
    ]
    assert codes([cedar.call("ash", Path.BODIES, BodiesRequest("else", (0,)).encode())]) == ["unknown-name"]


def test_the_records_of_one_answer_fit_into_one_answer(lines: Lines) -> None:
    """Of records that are too large together, as many as fit are given, the lowest first."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    for _ in range(3):
        birch.history.write(*(b"x" * 65_536 for _ in range(30)))
    for first in (0, 31, 61):
        birch.push("ash", birch.history.push(first, min(first + 31, birch.history.size)))
    assert ash.follows("birch").size == 91

    answer = cedar.call("ash", Path.BODIES, BodiesRequest(birch.log, tuple(range(1, 91))).encode())

    assert isinstance(answer, Bodies)
    assert [body.index for body in answer.bodies] == list(range(1, 1 + len(answer.bodies)))
    assert 50 < len(answer.bodies) < 64


def test_a_request_for_scattered_records_costs_no_more_than_a_few_reads(lines: Lines) -> None:
    """Of records that lie far apart some are given; whoever wants the others asks again."""
    lines.start("ash")
    birch = lines.puppet("birch")
    birch.history.write(*(birch.note(f"{number}") for number in range(900)))
    birch.push("ash", birch.history.push())

    def ask(*indices: int) -> list[int]:
        answer = birch.call("ash", Path.BODIES, BodiesRequest(birch.log, indices).encode())
        assert isinstance(answer, Bodies)
        return [body.index for body in answer.bodies]

    assert ask(*range(300, 556)) == list(range(300, 556))
    assert ask(*range(0, 500, 2)) == list(range(0, 64, 2))
    assert ask() == []


def test_a_member_learns_the_newest_checkpoint_of_every_log(lines: Lines) -> None:
    """The newest that is held, and the newest that is known where it is larger; our own log's too."""
    birch, cedar = _three_logs(lines)

    answer = cedar.call("ash", Path.CHECKPOINTS, CheckpointsRequest().encode())

    assert isinstance(answer, Checkpoints)
    opened = [open_checkpoint(note, lines.circle.log_keys.get).checkpoint for note in answer.notes]
    assert [(signed.origin, signed.size) for signed in opened] == [
        (lines.log("ash"), 2),
        (birch.log, 5),
        (birch.log, 10),
    ]


def test_a_member_gets_a_proof_between_any_two_sizes_held(lines: Lines) -> None:
    """A consistency proof that verifies; no proof about what is not held."""
    birch, cedar = _three_logs(lines)

    def prove(log: str, old: int, new: int) -> Answer:
        return cedar.call("ash", Path.PROOF, ProofRequest(log, old, new).encode())

    for old in range(1, 6):
        answer = prove(birch.log, old, 5)
        assert isinstance(answer, Hashes)
        roots = [birch.history.checkpoint(size).checkpoint.root for size in (old, 5)]
        verify_consistency(old, roots[0], 5, roots[1], answer.hashes)
    refused = [prove(birch.log, 2, 6), prove(birch.log, 3, 2), prove("else", 0, 0), prove(cedar.log, 0, 1)]
    assert codes(refused) == ["wrong-size", "wrong-size", "unknown-name", "wrong-size"]


def test_nobody_gets_anything_of_another_circle() -> None:
    """A node in two circles answers a member of one about that one alone."""
    with Lines() as lines, Lines(domain="drill.harbour.example") as drill:
        lines.start("ash")
        drill.start("ash")
        birch = lines.puppet("birch")
        log = drill.log("ash")
        pulled = birch.call("ash", Path.PULL, Pull(log, 0, 9).encode())
        proved = birch.call("ash", Path.PROOF, ProofRequest(log, 0, 1).encode())
        assert codes([pulled, proved]) == ["drill-at-live"] * 2


def test_a_push_alone_of_newest_checkpoints_says_the_size_held(lines: Lines) -> None:
    """A push without a checkpoint of its own is answered, and holds nothing."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    assert birch.tell("ash", birch.history.checkpoint().note.encode()) == SizeHeld(0)
    assert ash.follows("birch").known.keys() == {1}
    entries_without = Push(birch.log, birch.history.push().chunk, b"", (), ())
    assert codes([birch.call("ash", Path.PUSH, entries_without.encode())]) == ["malformed-push"]
