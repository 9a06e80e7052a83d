"""Fingerprints from the forms in which others write them, to the one form of their kind."""

from contextlib import suppress
from ipaddress import ip_address

from tocsin.core.records import Fingerprint
from tocsin.core.records.cases.vocabulary import FingerprintKind
from tocsin.core.records.errors import MalformedRecord


def fingerprint(kind: FingerprintKind, text: str) -> Fingerprint | None:
    """What `text` says, in the form of `kind`; None if it is none of that kind."""
    with suppress(MalformedRecord, ValueError):
        return Fingerprint(kind=kind, value=_form(kind, text.strip()))
    return None


def _form(kind: FingerprintKind, text: str) -> str:
    match kind:
        case "sha256" | "sha1" | "md5" | "pdq":
            return text.lower()
        case "domain":
            return text.lower().removesuffix(".")
        case "ip":
            return str(ip_address(text))
        case "tlsh":
            digits = text.upper()
            return digits if digits.startswith("T1") else f"T1{digits}"
        case "email":
            local, at, domain = text.rpartition("@")
            return f"{local}{at}{domain.lower()}"
        case "url":
            scheme, separator, rest = text.partition("://")
            return f"{scheme.lower()}{separator}{rest}"
        case "ssdeep":
            return text
