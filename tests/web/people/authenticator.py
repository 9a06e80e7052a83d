"""A browser's half of coming in, without a browser: a passkey's authenticator, and a key file.

Each says what it is told to say, also what no honest one would.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor

from tocsin.core.keys import SignatureType, SigningKey
from tocsin.node.clock import SystemChance
from tocsin.web.people.proving.keyfiles import statement

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Authenticator:
    """Holds one passkey; the attributes are what it and its browser say."""

    origin: str
    domain: str
    counter: int = 0
    flags: int = PRESENT | VERIFIED
    cross_origin: bool = False
    kind: str | None = None
    handle: bytes = b""
    id: bytes = field(default_factory=lambda: SystemChance().token(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, asked: bytes, **changed: Any) -> str:  # noqa: ANN401 - JSON
        """A credential, as `navigator.credentials.create` answers."""
        options = json.loads(asked)["options"]
        self.handle = _bytes(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor.encode(key)
        data = self._data(self.flags | ATTESTED) + attested
        response = {
            "clientDataJSON": _text(self._client("webauthn.create", options)),
            "attestationObject": _text(cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._answer(response | changed)

    def show(self, asked: bytes, **changed: Any) -> str:  # noqa: ANN401 - JSON
        """A signature, as `navigator.credentials.get` answers."""
        client = self._client("webauthn.get", json.loads(asked)["options"])
        data = self._data(self.flags)
        signed = data + hashlib.sha256(client).digest()
        response = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": _text(self.handle),
        }
        return self._answer(response | changed)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": self.kind or kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | {"crossOrigin": self.cross_origin}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.domain.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _answer(self, response: dict[str, Any]) -> str:
        raw_id = _text(self.id)
        answer = {"id": raw_id, "rawId": raw_id, "response": response, "type": "public-key"}
        return json.dumps(answer | {"clientExtensionResults": {}})


@dataclass
class KeyFile:
    """Holds one key, as a browser has it once a key file is open."""

    account: str = ""
    origin: str = "http://127.0.0.1:8442"
    key: SigningKey = field(
        default_factory=lambda: SigningKey.generate("key", SignatureType.ED25519, SystemChance())
    )

    def make(self, asked: bytes) -> str:
        """What a browser answers that has made a key file."""
        self.account = json.loads(asked)["account"]
        return self._answer("make", asked)

    def show(self, asked: bytes) -> str:
        """What a browser answers in which a key file was opened."""
        return self._answer("show", asked)

    def _answer(self, purpose: Any, asked: bytes) -> str:  # noqa: ANN401 - a literal
        told = json.loads(asked)
        text = statement(purpose, self.origin, self.account, bytes.fromhex(told["challenge"]))
        answer = {
            "account": self.account,
            "challenge": told["challenge"],
            "public": self.key.verifying.public,
            "signature": self.key.sign(text),
        }
        return msgspec.json.encode(answer).decode()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
