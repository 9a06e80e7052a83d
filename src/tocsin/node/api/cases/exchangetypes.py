"""What goes in and comes out where cases come from elsewhere, or leave."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.cases.formats.terms import Placed
from tocsin.core.records import AuthorKind, Tlp
from tocsin.core.records.common import CircleId, Slug
from tocsin.node.api.cases.types import RecordName

ImportFormat = Literal["aiid", "misp", "stix"]
ExportFormat = Literal["misp", "oecd", "oecd-table", "stix"]


class ImportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which format the file is, and whose word it becomes.

    Without `case`, it opens cases; with `ask`, sightings become the answer to it. `tlp` is the label for what
    has none, `groups` those of MISP's sharing groups (`UUID=TLP:GREEN,…`). `dry`: nothing is written.
    `again`: also what was brought in before.
    """

    format: ImportFormat
    author: Slug
    author_kind: AuthorKind = "officer"
    answerable: Slug | None = None
    case: RecordName | None = None
    ask: RecordName | None = None
    tlp: Tlp | None = None
    groups: Annotated[str, Meta(max_length=8_192)] = ""
    dry: bool = False
    again: bool = False


class ImportedCase(Struct, frozen=True, kw_only=True):
    """What one event or incident became: its records by name, and what became of each of its elements.

    `already`: it was brought in before, as these records, and nothing was written now; `lacking` says how
    many more it would become, if the file has changed or not all of it was written then, and `differs` that
    it says what none of these does: the identifier is the word of whoever made the file.
    """

    title: str
    case: str | None
    records: tuple[str, ...]
    placed: tuple[Placed, ...]
    already: bool = False
    lacking: int = 0
    differs: bool = False


class ImportedFile(Struct, frozen=True, kw_only=True):
    """What a file became, event by event."""

    cases: tuple[ImportedCase, ...]


class ExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Into which format, up to which label, and which members (`birch,cedar`) it may name besides us."""

    format: ExportFormat
    up_to: Tlp
    named: Annotated[str, Meta(max_length=4_096)] = ""


class ExportedFile(Struct, frozen=True, kw_only=True):
    """The file, in base64, and what of the case it does not say."""

    media_type: str
    data: bytes
    no_place: tuple[Placed, ...]


class PassOn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which reports of a case are passed on, to which other circle of ours, and who does it.

    With `into`, they add to that case there; otherwise they open one. `to` is what is said here of whom.
    """

    circle: CircleId
    of: Annotated[tuple[RecordName, ...], Meta(min_length=1, max_length=64)]
    author: Slug
    author_kind: AuthorKind = "officer"
    answerable: Slug | None = None
    into: RecordName | None = None
    to: Annotated[str, Meta(min_length=1)] | None = None


class PassedOn(Struct, frozen=True, kw_only=True):
    """The record here that says so, and the reports there."""

    passing: str
    records: tuple[str, ...]
