from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import Seeded, party

from tocsin.circles.errors import BadRequestSignature, MalformedMessage, NonMember, StaleNonce, UnknownName
from tocsin.circles.wire.protocol import Path, Request
from tocsin.circles.wire.received import Received, open_received, sign_received
from tocsin.circles.wire.requests import MAX_NONCES, NO_NONCE, Nonces, sign_request, verify_request
from tocsin.core.errors import BadSignature, Refusal, UnknownSigner
from tocsin.core.note import sign_note

P = party()
CIRCLE = P.circle
BIRCH = str(P.log("birch"))
NONCE = b"n" * 16
REQUEST = sign_request(P.keys["ash"].request, BIRCH, Path.PUSH, b"body", NONCE)
RECEIVED = Received(str(P.log("ash")), 12, b"e" * 32, 1_684_764_000)


def test_a_request_is_verified_by_its_receiver() -> None:
    """A member's signed request is good for the receiver that it names."""
    verify_request(REQUEST, BIRCH, CIRCLE.request_keys.get)


def test_a_request_signs_the_bytes_of_the_protocol() -> None:
    """What is signed are the lines of section 10.1, made here by hand."""
    body_hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"
    lines = f"tocsin/request/v1\n{BIRCH}\nPOST\n/tocsin/v1/push\n{body_hash}\nbm5ubm5ubm5ubm5ubm5ubg==\n"

    assert P.keys["ash"].request.verifying.verify(lines.encode(), REQUEST.signature)


CHANGED: dict[str, tuple[Request, type[Refusal]]] = {
    "another body": (replace(REQUEST, body=b"bodY"), BadRequestSignature),
    "another call": (replace(REQUEST, path=Path.AHEAD), BadRequestSignature),
    "another nonce": (replace(REQUEST, nonce=NO_NONCE), BadRequestSignature),
    "another signature": (replace(REQUEST, signature=bytes(64)), BadRequestSignature),
    "no signature": (replace(REQUEST, signature=b""), BadRequestSignature),
    "another member": (replace(REQUEST, signer=P.log("cedar").request), BadRequestSignature),
    "a member's holder key": (replace(REQUEST, signer=P.log("ash").holder), NonMember),
    "nobody": (replace(REQUEST, signer=""), NonMember),
    "another receiver": (replace(REQUEST, receiver=str(P.log("cedar"))), UnknownName),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_request_is_refused(name: str) -> None:
    """Receiver, path, body, nonce and signer are all bound by the signature."""
    changed, error = CHANGED[name]

    with pytest.raises(error):
        verify_request(changed, BIRCH, CIRCLE.request_keys.get)


def test_a_request_cannot_be_sent_on_to_another_member() -> None:
    """A request to birch, shown to cedar under cedar's name, does not verify."""
    cedar = str(P.log("cedar"))

    with pytest.raises(BadRequestSignature):
        verify_request(replace(REQUEST, receiver=cedar), cedar, CIRCLE.request_keys.get)


def test_a_nonce_counts_once() -> None:
    """A nonce is good for the signer it was given to, and for one request."""
    nonces = Nonces(Seeded(1))
    given_to_ash = nonces.give("ash")

    with pytest.raises(StaleNonce):
        nonces.spend("birch", given_to_ash, b"")
    nonces.spend("ash", given_to_ash, b"")
    with pytest.raises(StaleNonce):
        nonces.spend("ash", given_to_ash, b"")


@given(st.lists(st.sampled_from(["give", "spend oldest", "spend newest"]), max_size=120))
def test_a_signer_has_at_most_32_nonces(steps: list[str]) -> None:
    """However they are given and spent, the newest 32 are good and all others stale."""
    nonces = Nonces(Seeded(1))
    good: list[bytes] = []
    gone: list[bytes] = []

    for step in steps:
        if step == "give":
            good.append(nonces.give("ash"))
            if len(good) > MAX_NONCES:
                gone.append(good.pop(0))
        elif good:
            nonce = good.pop(0 if step == "spend oldest" else -1)
            nonces.spend("ash", nonce, b"")
            gone.append(nonce)

    for nonce in gone:
        with pytest.raises(StaleNonce):
            nonces.spend("ash", nonce, b"")
    for nonce in good:
        nonces.spend("ash", nonce, b"")


def test_one_signer_does_not_make_another_forget() -> None:
    """A flood of requests by one member leaves the nonces of the others alone."""
    nonces = Nonces(Seeded(1))
    kept = nonces.give("birch")

    for _ in range(10 * MAX_NONCES):
        nonces.give("ash")

    nonces.spend("birch", kept, b"")


def test_what_was_received_ahead_is_stated_and_verified() -> None:
    """The receiver's request key states it, and only that key's statement counts."""
    data = sign_received(RECEIVED, P.keys["birch"].request)

    assert open_received(data, P.keys["birch"].request.verifying) == RECEIVED
    with pytest.raises(UnknownSigner):
        open_received(data, P.keys["cedar"].request.verifying)
    with pytest.raises(BadSignature):
        open_received(data.replace(b"\n12\n", b"\n13\n"), P.keys["birch"].request.verifying)


@pytest.mark.parametrize(
    "text",
    [
        "tocsin/received-ahead/v2\nlog\n1\nAAAA\n5\n",
        "tocsin/received-ahead/v1\nlog\n1\nAAAA\n",
        "tocsin/received-ahead/v1\nlog\n1\nAAAA\n5\n6\n",
        "tocsin/received-ahead/v1\nlog\n01\nAAAA\n5\n",
        "tocsin/received-ahead/v1\nlog\n1\nAAA\n5\n",
        "tocsin/received-ahead/v1\nlog\n1\nAAAA\n-5\n",
    ],
)
def test_other_statements_by_the_same_key_are_refused(text: str) -> None:
    """A statement of another form is none, even with a good signature."""
    data = sign_note(text, P.keys["birch"].request).encode()

    with pytest.raises(MalformedMessage):
        open_received(data, P.keys["birch"].request.verifying)
