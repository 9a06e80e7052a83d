"""Key files: an Ed25519 key that a browser makes and keeps in a file, under a passphrase.

For a console that is reached by an IP address, for which no browser makes passkeys. The file is
`tocsin-console-key/v1`; this side never sees it, nor the passphrase: both stay with `static/js/keyfile.js`.
What is signed is this text, so that it can be nothing else:

    tocsin console key v1
    make | show
    <origin of this console>
    <account, 32 hex digits>
    <challenge, hex>

A key file can be copied, and its passphrase tried, by whoever gets hold of it.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from tocsin.core.errors import MalformedKey
from tocsin.core.keys import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, ed25519_verify
from tocsin.web.people.accounts import Credential, SignInKey
from tocsin.web.people.errors import NotLetIn
from tocsin.web.people.proving import MAX_ANSWER_CHARACTERS, Claim

_Account = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
_Key = Annotated[bytes, msgspec.Meta(min_length=PUBLIC_KEY_BYTES, max_length=PUBLIC_KEY_BYTES)]
_Signature = Annotated[bytes, msgspec.Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]


class Signed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A browser's answer, with bytes in base64."""

    account: _Account
    challenge: Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{2}){1,128}\Z")]
    signature: _Signature
    public: _Key


_DECODER: Final = msgspec.json.Decoder(Signed)


class KeyFiles:
    """Key files for one console."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    def to_make(self, account: str, name: str, known: Sequence[Credential], challenge: bytes) -> bytes:
        """See Prover."""
        del known
        return _asked(account=account, name=name, challenge=challenge.hex())

    def made(self, account: str, claim: Claim, answer: str, label: str, at_ms: int) -> SignInKey:
        """See Prover."""
        signed = _parse(answer)
        self._check("make", account, claim, signed)
        return SignInKey(id=signed.public, label=label, made_at_ms=at_ms)

    def to_show(self, challenge: bytes) -> bytes:
        """See Prover."""
        return _asked(challenge=challenge.hex())

    def shown(self, account: str, known: Sequence[Credential], claim: Claim, answer: str) -> SignInKey:
        """See Prover."""
        signed = _parse(answer)
        for one in known:
            if isinstance(one, SignInKey) and one.id == signed.public:
                self._check("show", account, claim, signed)
                return one
        raise NotLetIn

    def claim(self, answer: str) -> Claim:
        """See Prover."""
        signed = _parse(answer)
        return Claim(bytes.fromhex(signed.challenge), signed.account)

    def _check(self, purpose: Literal["make", "show"], account: str, claim: Claim, signed: Signed) -> None:
        text = statement(purpose, self._origin, account, claim.challenge)
        try:
            good = ed25519_verify(signed.public, text, signed.signature)
        except MalformedKey:
            good = False
        if not good:
            raise NotLetIn("Expected a signature by a key file of this console, found another.")


def statement(purpose: Literal["make", "show"], origin: str, account: str, challenge: bytes) -> bytes:
    """What a key file signs."""
    return f"tocsin console key v1\n{purpose}\n{origin}\n{account}\n{challenge.hex()}\n".encode()


def _asked(**asked: str) -> bytes:
    # Which console asks is no part of it: the browser says which page it shows.
    return msgspec.json.encode({"kind": "key-file", **asked})


def _parse(answer: str) -> Signed:
    if len(answer) > MAX_ANSWER_CHARACTERS:
        raise NotLetIn(f"Expected an answer of at most {MAX_ANSWER_CHARACTERS} characters, found more.")
    try:
        return _DECODER.decode(answer)
    except (msgspec.DecodeError, UnicodeError):
        raise NotLetIn("Expected the answer of a key file, found what is none.") from None
