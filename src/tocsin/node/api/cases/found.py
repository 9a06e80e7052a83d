"""What the machine API gives of cases, besides their pictures, and how it is asked for."""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.cases.picture import CaseSummary
from tocsin.cases.picture.view import Standing, State
from tocsin.core.records.common import Lang
from tocsin.node.api.cases.types import RecordName
from tocsin.node.api.types import ShownRecord

_MAX_HITS = 200
_MAX_COLUMNS = 1_000


class CasesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cases in this `state`, those that something was last said of first; `after` is the `next` of before.

    `since_closing`: only those into which something came since they were closed.
    """

    state: State | None = None
    since_closing: bool = False
    after: Annotated[str, Meta(max_length=256)] | None = None
    limit: Annotated[int, Meta(ge=1, le=_MAX_HITS)] = 50


class CaseList(Struct, frozen=True, kw_only=True):
    """Cases; `next` asks for more. `rebuilding`: the index is made anew, and not all is found yet."""

    cases: tuple[CaseSummary, ...]
    next: str | None
    rebuilding: bool


class SearchQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words (all of them; a "phrase" in quotes; a beginning*), and what else is to fit."""

    q: Annotated[str, Meta(max_length=256)] = ""
    member: Annotated[str, Meta(max_length=32)] | None = None
    kind: Annotated[str, Meta(max_length=32)] | None = None
    case: RecordName | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    limit: Annotated[int, Meta(ge=1, le=_MAX_HITS)] = 50


class Hit(ShownRecord, frozen=True, kw_only=True, omit_defaults=True):
    """A record that fits, by its `name`; if it is of a case, with what became of it there.

    `standing`, `corrected_by` and `withdrawn_by` are those of the case's picture. `summary_now` is what
    stands in place of a report's own, if that was corrected.
    """

    name: str
    standing: Standing | None = None
    corrected_by: tuple[str, ...] = ()
    withdrawn_by: str | None = None
    summary_now: str | None = None


class Hits(Struct, frozen=True, kw_only=True):
    """Records that fit, the newest first. `more`: there are others. `rebuilding`: not all is found yet."""

    records: tuple[Hit, ...]
    more: bool
    rebuilding: bool


class BriefQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which language; with `columns` as plain text of that width, otherwise in Markdown."""

    lang: Lang = "en"
    columns: Annotated[int, Meta(ge=20, le=_MAX_COLUMNS)] | None = None


class ArchiveQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In which language the archive's page is."""

    lang: Lang = "en"
