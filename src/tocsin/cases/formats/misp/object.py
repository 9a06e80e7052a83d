"""The object `ai-incident`: what a report says, as MISP's users see and search it.

Its template is shipped as `ai-incident.json`. A value of several parts (a system and its version, a source
and how it was obtained) stands in one text, its parts joined by `|`; a backslash precedes a `|` or backslash
that belongs to a part. An empty part is one that is not said.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from tocsin.cases.formats.account import Account, account_of, moments_in, read_account, source_in
from tocsin.cases.formats.misp.types import TYPES
from tocsin.cases.formats.trees import Object
from tocsin.cases.picture.view import Corrected
from tocsin.core.records.cases.vocabulary import FingerprintKind

NAME: Final = "ai-incident"
TEMPLATE_UUID: Final = "2d0c8f3a-5d37-4c0e-8a36-9c1f4c7e5b21"
TEMPLATE_VERSION: Final = "1"

# The relation in the object, and the field of an account that it is.
ONE: Final = {"event": "event", "severity": "severity", "relation": "relation", "lang": "lang"}
MANY: Final = {"harm": "harms", "task": "tasks", "economy": "economies"}
COMPOSITE: Final = {
    "system": "systems",
    "operator": "operators",
    "moment": "moments",
    "source": "sources",
    "attachment": "attachments",
    "translation": "translations",
}
FINGERPRINTS: Final[tuple[FingerprintKind, ...]] = tuple(TYPES)
SUMMARY: Final = "summary"
CASE: Final = "case"
CORRECTED: Final = frozenset({*ONE, *MANY, *COMPOSITE, *FINGERPRINTS, SUMMARY})
"""The relations that a report says anew each time; others stay as they came."""

_PARTS: Final = {
    "moments": ("clock", "at", "precision", "asserted_by", "name"),
    "sources": ("kind", "obtained", "obtained_at", "sha256", "locator"),
    "attachments": ("media_type", "sha256", "size_bytes", "name", "illegal"),
    "translations": ("lang", "by_kind", "by", "text"),
    "systems": ("name", "version"),
    "operators": ("role", "name"),
}
_CERTIFICATE: Final = ("issuer", "number", "sha256")
_ESCAPED = re.compile(r"[\\|]")
_PART = re.compile(r"(?:[^\\|]|\\.)*", re.DOTALL)


def values_of(account: Account, summary: str | None, case: str) -> Iterator[tuple[str, str]]:
    """What stands in the object, as relation and value, in order."""
    yield CASE, case
    if summary is not None:
        yield SUMMARY, summary
    said: Object = msgspec.to_builtins(account)
    yield from ((relation, str(said[field])) for relation, field in ONE.items() if field in said)
    for relation, field in MANY.items():
        yield from ((relation, value) for value in getattr(account, field))
    for fingerprint in account.fingerprints:
        yield fingerprint.kind, fingerprint.value
    for relation, field in COMPOSITE.items():
        yield from ((relation, _text(field, item)) for item in _objects(said.get(field)))


def account_in(values: Iterable[tuple[str, str]]) -> tuple[Account, str | None] | None:
    """The account and summary that an object's relations and values say; None if they are none."""
    said: dict[str, Any] = {}
    summary = None
    for relation, value in values:
        if relation in ONE:
            said[ONE[relation]] = value
        elif relation in MANY:
            said.setdefault(MANY[relation], []).append(value)
        elif relation in FINGERPRINTS:
            said.setdefault("fingerprints", []).append({"kind": relation, "value": value})
        elif relation in COMPOSITE:
            field = COMPOSITE[relation]
            said.setdefault(field, []).append(_parse(field, value))
        elif relation == SUMMARY:
            summary = value
    account = read_account(said)
    return None if account is None else (account, summary)


def as_read(relation: str, value: str) -> str:
    """The value, as whoever reads it says it: what an author says of itself is another's word, then."""
    found = account_in([(relation, value)]) if relation in ("moment", "source") else None
    if found is None:
        return value
    account, _ = found
    read = account_of(
        Corrected(
            sources=tuple(map(source_in, account.sources)), moments=moments_in(account, officer=True) or None
        ),
        drill=False,
    )
    return next((text for said, text in values_of(read, None, "") if said == relation), value)


def type_of(relation: str) -> tuple[str, str]:
    """The type and category of what stands in this relation."""
    for kind in FINGERPRINTS:
        if relation == kind:
            return TYPES[kind]
    return ("text", "Other")


def join(parts: Sequence[str]) -> str:
    """Several parts in one text."""
    return "|".join(_ESCAPED.sub(r"\\\g<0>", part) for part in parts)


def part(text: str) -> list[str]:
    """The parts that were joined."""
    parts, at = [], 0
    while True:
        match = _PART.match(text, at)
        parts.append(re.sub(r"\\(.)", r"\1", match[0], flags=re.DOTALL) if match else "")
        at = match.end() + 1 if match else len(text) + 1
        if at > len(text):
            return parts


def _text(field: str, item: Object) -> str:
    parts = [_plain(item.get(name)) for name in _PARTS[field]]
    for certificate in _objects(item.get("certificates")):
        parts += [_plain(certificate.get(name)) for name in _CERTIFICATE]
    return join(parts)


def _parse(field: str, text: str) -> dict[str, Any]:
    parts = part(text)
    names = _PARTS[field]
    item: dict[str, Any] = {name: value for name, value in zip(names, parts, strict=False) if value}
    if "size_bytes" in item and item["size_bytes"].isascii() and item["size_bytes"].isdigit():
        item["size_bytes"] = int(item["size_bytes"])
    if "illegal" in item:
        item["illegal"] = item["illegal"] == "illegal"
    if rest := parts[len(names) :]:
        item["certificates"] = [
            {name: value for name, value in zip(_CERTIFICATE, rest[at : at + 3], strict=False) if value}
            for at in range(0, len(rest), 3)
        ]
    return item


def _plain(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "illegal"
        case _:
            return str(value)


def _objects(value: object) -> Iterator[Object]:
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, dict):
            yield item
