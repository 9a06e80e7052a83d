"""What is asked of a circle's cases, and answered."""

from msgspec import Struct

from tocsin.cases.picture import CaseSummary
from tocsin.core.errors import Refusal
from tocsin.core.records import Record
from tocsin.core.views import Said


class MalformedPage(Refusal):
    """That is not where a page starts."""

    code = "malformed-page"


class Cases(Struct, frozen=True, kw_only=True):
    """A page of cases; `next` is where the next page starts, if there is one.

    `rebuilding`: what there is, is still being found out.
    """

    cases: tuple[CaseSummary, ...]
    rebuilding: bool
    next: str | None = None


class Hits(Struct, frozen=True, kw_only=True):
    """What was found, the newest first. `more`: there may be more of it."""

    hits: tuple[Said[Record], ...]
    more: bool
    rebuilding: bool
