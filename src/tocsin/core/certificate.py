"""TLS keys, and the certificates that carry them (docs/protocol.md, sections 2 and 8.3).

- A node is known by the SHA-256 of its key's SubjectPublicKeyInfo: its *pin*. Everything else in a
  certificate (name, dates, issuer, extensions) says nothing here, so the ones made here say as little as
  X.509 allows.
- The key is ECDSA P-256, which every TLS 1.3 library takes. It is drawn from `chance` alone, so that a seed
  gives it again.
- Whose pin is expected where is not decided here: that stands in cards and openings.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from tocsin.core.clock import Chance
from tocsin.core.errors import Refusal

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# Half as long again as the order: what modulo then prefers is beyond measuring (FIPS 186-5, A.2.1).
_SEED_BYTES = 48
_SERIAL_BYTES = 16
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# RFC 5280, 4.1.2.5: the date of a certificate that is not meant to end.
_NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class MalformedCertificate(Refusal):
    """This is no X.509 certificate with a key that can be read."""

    code = "malformed-certificate"


@dataclass(frozen=True, slots=True)
class TlsKey:
    """A TLS key and a certificate it signed for itself, both as PEM text; `pin` is 64 hex digits."""

    secret_pem: bytes = field(repr=False)
    certificate_pem: bytes
    pin: str


def make_tls_key(chance: Chance) -> TlsKey:
    """A new key with its certificate."""
    secret = ec.derive_private_key(
        int.from_bytes(chance.token(_SEED_BYTES)) % (_P256_ORDER - 1) + 1, ec.SECP256R1()
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tocsin")])
    certificate = (
        x509.CertificateBuilder(name, name, secret.public_key())
        # The last bit set: a serial number must not be 0.
        .serial_number(int.from_bytes(chance.token(_SERIAL_BYTES)) | 1)
        .not_valid_before(_BEGINNING)
        .not_valid_after(_NO_END)
        .sign(secret, SHA256(), ecdsa_deterministic=True)
    )
    return TlsKey(
        secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
        _pin(certificate),
    )


def pin_of(certificate: bytes) -> str:
    """The pin of the key in a certificate, which is PEM from a file or DER from a peer.

    Raises MalformedCertificate.
    """
    load = x509.load_pem_x509_certificate if certificate.startswith(b"-") else x509.load_der_x509_certificate
    try:
        return _pin(load(certificate))
    except Exception as error:
        # These are a peer's bytes: whatever else the parser raises for them, they are no pin.
        raise MalformedCertificate from error


def _pin(certificate: x509.Certificate) -> str:
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()
