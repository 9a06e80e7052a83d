"""MISP's types of attributes, and the kinds of fingerprints that they are (docs/formats.md)."""

from collections.abc import Iterator
from typing import Final

from tocsin.cases.formats.fingerprints import fingerprint
from tocsin.core.records import Fingerprint
from tocsin.core.records.cases.vocabulary import FingerprintKind

KINDS: Final[dict[str, tuple[FingerprintKind | None, ...]]] = {
    "sha256": ("sha256",),
    "sha1": ("sha1",),
    "md5": ("md5",),
    "tlsh": ("tlsh",),
    "ssdeep": ("ssdeep",),
    "filename|sha256": (None, "sha256"),
    "filename|sha1": (None, "sha1"),
    "filename|md5": (None, "md5"),
    "filename|tlsh": (None, "tlsh"),
    "filename|ssdeep": (None, "ssdeep"),
    "url": ("url",),
    "domain": ("domain",),
    "hostname": ("domain",),
    "domain|ip": ("domain", "ip"),
    "ip-src": ("ip",),
    "ip-dst": ("ip",),
    "ip-src|port": ("ip", None),
    "ip-dst|port": ("ip", None),
    "email": ("email",),
    "email-src": ("email",),
    "email-dst": ("email",),
}
"""Of each type, what the parts of its value are; None for a part that is no fingerprint."""

TYPES: Final[dict[FingerprintKind, tuple[str, str]]] = {
    "sha256": ("sha256", "Payload delivery"),
    "sha1": ("sha1", "Payload delivery"),
    "md5": ("md5", "Payload delivery"),
    "pdq": ("text", "Other"),
    "tlsh": ("tlsh", "Payload delivery"),
    "ssdeep": ("ssdeep", "Payload delivery"),
    "url": ("url", "Network activity"),
    "domain": ("domain", "Network activity"),
    "ip": ("ip-dst", "Network activity"),
    "email": ("email", "Payload delivery"),
}
"""Of each kind, as which type and in which category it leaves."""


def fingerprints_in(type_: str, value: str) -> Iterator[Fingerprint]:
    """The fingerprints that an attribute's value is."""
    kinds = KINDS.get(type_, ())
    parts = value.split("|", len(kinds) - 1) if len(kinds) > 1 else [value]
    for kind, part in zip(kinds, parts, strict=False):
        if kind is not None and (found := fingerprint(kind, part)) is not None:
            yield found
