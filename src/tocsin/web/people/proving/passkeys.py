"""Passkeys: WebAuthn, by `fido2`, which parses what an authenticator says and checks what it signed.

An answer counts when

(1) it is JSON of a known form, of bearable size, and by a passkey of that account; (2) it is from a page of
its own, not from within another's; (3) its origin, challenge, hash of the domain name and signature are
right, somebody was present, and was verified by the authenticator (fido2); (4) its key is of a kind that
was asked for; (5) what it says of copies does not contradict itself, or what was said before, and suits the
policy; (6) it counted on, if it counts.

Attestation is not asked for: it says who made a device, and the policy asks whether a key can leave it. That
is a flag, which makers set honestly; an officer who builds a device that lies deceives their own desk.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tocsin.core.errors import problem_of
from tocsin.web.people.accounts import Credential, Passkey
from tocsin.web.people.errors import CopiedPasskey, NotDeviceBound, NotLetIn
from tocsin.web.people.proving import MAX_ANSWER_CHARACTERS, Claim

_REQUIRED: Final = UserVerificationRequirement.REQUIRED
_ALGORITHMS: Final = (-8, -7, -257)
"""EdDSA, ES256, RS256 (RFC 9053, RFC 8812): security keys, phones and computers have one of these."""
_MAX_ID_BYTES: Final = 1_023


class Passkeys:
    """Passkeys for one console. `name` is what devices show for it, beside `domain`."""

    def __init__(self, origin: str, domain: str, name: str, *, device_bound: bool) -> None:
        self._device_bound = device_bound
        self._server = Fido2Server(
            PublicKeyCredentialRpEntity(id=domain, name=name), verify_origin=lambda found: found == origin
        )
        self._server.allowed_algorithms = [
            PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm)
            for algorithm in _ALGORITHMS
        ]

    def to_make(self, account: str, name: str, known: Sequence[Credential], challenge: bytes) -> bytes:
        """See Prover."""
        options, _ = self._server.register_begin(
            PublicKeyCredentialUserEntity(id=bytes.fromhex(account), name=name, display_name=name),
            [
                PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=one.id)
                for one in known
                if isinstance(one, Passkey)
            ],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=_REQUIRED,
            challenge=challenge,
        )
        return _asked(options.public_key)

    def made(self, account: str, claim: Claim, answer: str, label: str, at_ms: int) -> Passkey:
        """See Prover. Raises also NotDeviceBound."""
        del account
        with _hostile():
            # (1) form
            registration = RegistrationResponse.from_dict(_parsed(answer))
            # (2) origin
            _check_page(registration.response.client_data)
            # (3) challenge, domain, somebody
            data = self._server.register_complete(_state(claim), registration)
            # (4) kind of key
            made = _of_known_kind(data.credential_data)
        # (5) copies
        self._check_copies(data)
        return Passkey(
            id=made.credential_id,
            data=bytes(made),
            counter=data.counter,
            synced=data.is_backup_eligible(),
            label=label,
            made_at_ms=at_ms,
        )

    def to_show(self, challenge: bytes) -> bytes:
        """See Prover."""
        options, _ = self._server.authenticate_begin(user_verification=_REQUIRED, challenge=challenge)
        return _asked(options.public_key)

    def shown(self, account: str, known: Sequence[Credential], claim: Claim, answer: str) -> Passkey:
        """See Prover. Raises also NotDeviceBound."""
        del account
        with _hostile():
            # (1) form
            authentication = AuthenticationResponse.from_dict(_parsed(answer))
            passkey = _one_of(known, authentication.raw_id)
            # (2) origin
            _check_page(authentication.response.client_data)
            # (3) challenge, domain, somebody, signature
            keys = [AttestedCredentialData(passkey.data)]
            self._server.authenticate_complete(_state(claim), keys, authentication)
            data = authentication.response.authenticator_data
        # (5) copies
        self._check_copies(data)
        if data.is_backup_eligible() is not passkey.synced:
            raise NotLetIn("Expected a passkey that says of copies what it said before, found another.")
        # (6) counter
        if (passkey.counter or data.counter) and data.counter <= passkey.counter:
            raise CopiedPasskey
        return msgspec.structs.replace(passkey, counter=data.counter)

    def claim(self, answer: str) -> Claim:
        """See Prover."""
        with _hostile():
            response = _parsed(answer)["response"]
            client_data = CollectedClientData(websafe_decode(response["clientDataJSON"]))
            handle = response.get("userHandle") or ""
            return Claim(client_data.challenge, websafe_decode(handle).hex())

    def _check_copies(self, data: AuthenticatorData) -> None:
        if data.is_backed_up() and not data.is_backup_eligible():
            raise NotLetIn("Expected a passkey that has copies only if it can, found another.")
        if self._device_bound and data.is_backup_eligible():
            raise NotDeviceBound


@contextmanager
def _hostile() -> Iterator[None]:
    """Whatever is no answer raises NotLetIn; fido2 has no error of its own for bytes that are nothing."""
    try:
        yield
    except NotLetIn:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        problem = problem_of(error).removesuffix(".")
        raise NotLetIn(f"Expected the answer of a passkey, found what is none ({problem}).") from None


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > MAX_ANSWER_CHARACTERS:
        raise NotLetIn(f"Expected an answer of at most {MAX_ANSWER_CHARACTERS} characters, found more.")
    return msgspec.json.decode(answer, type=dict[str, Any])


def _check_page(client_data: CollectedClientData) -> None:
    if client_data.cross_origin:
        raise NotLetIn("Expected an answer from a page of this console, found one from within another.")


def _of_known_kind(made: AttestedCredentialData | None) -> AttestedCredentialData:
    if made is None or made.public_key.ALGORITHM not in _ALGORITHMS:
        raise NotLetIn("Expected a key of a kind that was asked for, found another.")
    if len(made.credential_id) > _MAX_ID_BYTES:
        raise NotLetIn(f"Expected an id of at most {_MAX_ID_BYTES} bytes, found a longer one.")
    return made


def _one_of(known: Sequence[Credential], credential_id: bytes) -> Passkey:
    for one in known:
        if isinstance(one, Passkey) and one.id == credential_id:
            return one
    raise NotLetIn


def _state(claim: Claim) -> dict[str, str]:
    """What fido2 would have kept since it asked."""
    return {"challenge": websafe_encode(claim.challenge), "user_verification": _REQUIRED}


def _asked(options: Any) -> bytes:  # noqa: ANN401 - fido2 has no common type for both
    return msgspec.json.encode({"kind": "passkey", "options": dict(options)})
