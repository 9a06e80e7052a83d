r"""Fingerprints as patterns of STIX, and back: equalities alone, of one property each, joined by OR.

    pattern      observation (OR observation)*
    observation  '[' comparison (OR comparison)* ']'
    comparison   <path> = '<value>', in which \' and \\ stand for ' and \

What is written in any other way is no fingerprint: it says more than that, or something else.
"""

import re
from collections.abc import Iterator
from typing import Final

from tocsin.cases.formats.fingerprints import fingerprint
from tocsin.core.records import Fingerprint
from tocsin.core.records.cases.vocabulary import FingerprintKind

PATHS: Final[dict[str, FingerprintKind]] = {
    "file:hashes.'SHA-256'": "sha256",
    "file:hashes.'SHA-1'": "sha1",
    "file:hashes.'MD5'": "md5",
    "file:hashes.MD5": "md5",
    "file:hashes.'TLSH'": "tlsh",
    "file:hashes.TLSH": "tlsh",
    "file:hashes.'SSDEEP'": "ssdeep",
    "file:hashes.SSDEEP": "ssdeep",
    "url:value": "url",
    "domain-name:value": "domain",
    "ipv4-addr:value": "ip",
    "ipv6-addr:value": "ip",
    "email-addr:value": "email",
}

_COMPARISON = r"(?P<path>[a-z0-9-]+:[A-Za-z0-9_.'-]+)\s*=\s*'(?P<value>(?:[^'\\]|\\['\\])*)'"
# No two runs of white space may stand side by side: in how many ways they share it, is quadratic.
_ONE = re.compile(
    rf"\s*(?P<opened>(?:\[\s*)?){_COMPARISON}\s*(?P<closed>(?:\]\s*)?)(?P<more>OR(?=[\s\[])|\Z)"
)
MAX_PATTERN: Final = 16_384


def fingerprints_in(pattern: str) -> list[Fingerprint]:
    """The fingerprints of which any is enough; none if the pattern is not of this form."""
    comparisons = list(_comparisons(pattern)) if len(pattern) <= MAX_PATTERN else []
    found = [fingerprint(PATHS[path], value) if path in PATHS else None for path, value in comparisons]
    return [one for one in found if one is not None] if None not in found else []


def pattern_of(one: Fingerprint) -> str | None:
    """The pattern by which others find it; None if STIX has no property for its kind."""
    paths = [path for path, kind in PATHS.items() if kind == one.kind]
    if not paths:
        return None
    path = paths[1] if one.kind == "ip" and ":" in one.value else paths[0]
    value = re.sub(r"[\\']", r"\\\g<0>", one.value)
    return f"[{path} = '{value}']"


def _comparisons(pattern: str) -> Iterator[tuple[str, str]]:
    """Each path and value, in order; none if anything else is there."""
    found, at, is_open = [], 0, False
    while True:
        match = _ONE.match(pattern, at)
        if match is None or bool(match["opened"]) is is_open:
            return
        is_open = not match["closed"]
        found.append((match["path"], re.sub(r"\\(.)", r"\1", match["value"])))
        at = match.end()
        if not match["more"]:
            break
    if not is_open:
        yield from found
