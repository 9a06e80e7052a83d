import contextlib
import hashlib
import ssl
from itertools import product

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import Seeded

from tocsin.core.certificate import MalformedCertificate, make_tls_key, pin_of

KEY = make_tls_key(Seeded(1))
DER = ssl.PEM_cert_to_DER_cert(KEY.certificate_pem.decode())


def test_a_seed_gives_the_same_key_again() -> None:
    """Key, certificate and pin come from chance alone; another seed gives others."""
    assert make_tls_key(Seeded(1)) == KEY
    assert make_tls_key(Seeded(2)).pin != KEY.pin


def test_the_pin_is_of_the_key_and_nothing_else() -> None:
    """The pin is the SHA-256 of the SubjectPublicKeyInfo of the secret key, from PEM and from DER."""
    public = load_pem_private_key(KEY.secret_pem, None).public_key()
    assert isinstance(public, EllipticCurvePublicKey)
    assert isinstance(public.curve, SECP256R1)
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    assert KEY.pin == hashlib.sha256(spki).hexdigest() == pin_of(KEY.certificate_pem) == pin_of(DER)


def test_a_certificate_says_next_to_nothing() -> None:
    """It names nobody, has no extensions and does not end; and it is signed by its own key."""
    certificate = x509.load_der_x509_certificate(DER)

    assert certificate.subject.rfc4514_string() == "CN=tocsin"
    assert list(certificate.extensions) == []
    assert certificate.not_valid_after_utc.year == 9999
    certificate.verify_directly_issued_by(certificate)


def test_a_secret_does_not_show_itself() -> None:
    """The secret key is not in what is printed of it."""
    assert "PRIVATE" not in repr(KEY)


@given(st.binary(max_size=600))
def test_garbage_has_no_pin(data: bytes) -> None:
    """What is no certificate is refused, and nothing worse happens."""
    with pytest.raises(MalformedCertificate):
        pin_of(data)


def test_a_changed_certificate_is_refused_or_has_some_pin() -> None:
    """Whatever one byte of a certificate is changed into, reading its pin ends in a pin or a refusal."""
    for at, change in product(range(len(DER)), (1, 2, 3, 4, 127, 128, 255)):
        changed = bytearray(DER)
        changed[at] ^= change
        with contextlib.suppress(MalformedCertificate):
            assert len(pin_of(bytes(changed))) == 64
