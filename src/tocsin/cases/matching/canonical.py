"""The one form by which two spellings of a thing are compared.

- A URL: as `picture.sources` compares sources. A domain: without leading `www.`. Everything
  else stands in one form, as `Fingerprint` has it.
- A name: NFKC, case folded, only its letters and digits, in any script; what companies have beside their
  names (Inc., GmbH, 株式会社, …) falls off. `GPT-4 Turbo`, `gpt 4 turbo` and `ＧＰＴ-4-Turbo` are one.
- A version: the same, and a `v` before a number falls off.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal, NamedTuple

from tocsin.cases.picture.sources import canonical_locator
from tocsin.core.records import Fingerprint, Source
from tocsin.core.records.cases.vocabulary import FingerprintKind

Strength = Literal["content", "place"]
"""*content*: only the same thing has it. *place*: many unlike things can be there (a domain, an IP)."""

_COMPANY = re.compile(
    r"(?:[\s,.]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|plc|pte|pty|gmbh|ag|sa|sas|nv|bv"
    r"|oy|ab|as|kk|pjsc|ооо|оао|ао|公司|有限公司|股份有限公司))+[\s.]*\Z|\s*(?:株式会社|주식회사|\(주\)|有限公司)\s*"
    r"|\A\s*(?:ооо|оао|ао)\s+"
)
_APART = re.compile(r"[\W_]+")
_VERSION = re.compile(r"v(?=[0-9])")


class Key(NamedTuple):
    """A fingerprint in the form in which it is compared."""

    kind: FingerprintKind
    value: str

    @property
    def strength(self) -> Strength:
        """How much it says that two have it."""
        return "place" if self.kind in ("domain", "ip") else "content"


def of_fingerprint(fingerprint: Fingerprint) -> Key:
    """The form in which a fingerprint is compared."""
    kind, value = fingerprint.kind, fingerprint.value
    if kind == "url":
        value = canonical_locator(value)
    elif kind == "domain":
        value = value.removeprefix("www.")
    return Key(kind, value)


def of_source(source: Source) -> Iterator[Key]:
    """The fingerprints that a source is: its URL, and the hash of what was there."""
    if "://" in (source.locator or ""):
        yield Key("url", canonical_locator(source.locator or ""))
    if source.sha256 is not None:
        yield Key("sha256", source.sha256)


def name_key(name: str) -> str:
    """The form in which a name is compared; empty for what is none."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _APART.sub("", _COMPANY.sub("", folded)) or _APART.sub("", folded)


def version_key(version: str) -> str:
    """The form in which a version is compared."""
    return _VERSION.sub("", _APART.sub(".", unicodedata.normalize("NFKC", version).casefold()).strip("."), 1)
