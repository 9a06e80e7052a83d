"""Entries: how organisations introduce themselves to whoever drafts a charter, as TOML.

    [[members]]
    slug = "apricot"
    label = "Apricot AI Safety Institute"
    economy = "KR"
    organisation_key = "line.example/apricot+…"

What is read was written by somebody else; it counts when it stands in a charter that is signed.
"""

import json
import tomllib
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from tocsin.circles.errors import MalformedCharter, WrongOrganisationKey
from tocsin.circles.founding.charter import CharterMember
from tocsin.core.keys import VerifyingKey

MAX_ENTRIES_BYTES = 65_536

_Kind = TypeVar("_Kind")
_MEMBER = """\
[[members]]
slug = {slug}
label = {label}
economy = {economy}
organisation_key = {organisation_key}
"""


class _Members(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    members: tuple[CharterMember, ...]


def write_entry(key: VerifyingKey, *, slug: str, label: str, economy: str, where: str) -> str:
    """The entry of an organisation with its key in the circle. Raises MalformedCharter, naming `where`."""
    fields = {"slug": slug, "label": label, "economy": economy.upper(), "organisation_key": key.encode()}
    member = _convert(fields, CharterMember, where)
    values = msgspec.structs.asdict(member)
    return _MEMBER.format_map({name: json.dumps(one, ensure_ascii=False) for name, one in values.items()})


def read_entries(data: bytes, where: str) -> Sequence[CharterMember]:
    """The entries that were found in `where`. Raises MalformedCharter."""
    if len(data) > MAX_ENTRIES_BYTES:
        raise MalformedCharter(f"Expected at most {MAX_ENTRIES_BYTES} bytes in {where}, found more.")
    try:
        tables = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedCharter(f"Expected TOML in {where}, found an error: {error}.") from None
    return _convert(tables, _Members, where).members


def domain_of(entries: Sequence[CharterMember]) -> str:
    """The one domain that all keys are named under. Raises WrongOrganisationKey, MalformedKey."""
    domains = {entry.slug: entry.key().name.rpartition("/")[0] for entry in entries}
    if len(set(domains.values())) != 1:
        found = ", ".join(f"{domain} ({slug})" for slug, domain in domains.items())
        raise WrongOrganisationKey(
            f"Expected the keys of all members under one domain, found {found}. Next: agree on one; the "
            "others run `tocsin circle introduce` again with it."
        )
    return next(iter(domains.values()))


def _convert(value: object, kind: type[_Kind], where: str) -> _Kind:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise MalformedCharter(
            f"Expected an entry as `circle introduce` writes it in {where}, found another: {error}."
        ) from None
