"""What an officer is shown for a call, and of a sheet that is printed.

Times are Unix time in milliseconds. Sets are digits as they are; `tocsin.core.phone` groups and words them.
"""

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.core.phone import Sets
from tocsin.core.records import Desk
from tocsin.core.records.common import Slug

MAX_SHEET = 9_999
MAX_ROWS = 200

SheetNumber = Annotated[int, Meta(ge=1, le=MAX_SHEET)]
Rows = Annotated[int, Meta(ge=1, le=MAX_ROWS)]


class PhoneQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The member that is called, or calls."""

    member: Slug


class SheetQuery(PhoneQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sheet, for calls with which member. Both sides print the sheet of one number."""

    sheet: SheetNumber = 1
    rows: Rows = 40


class Between(Struct, frozen=True, kw_only=True):
    """Two members in one circle: we, and the other, and their logs, which name the epochs of their keys."""

    circle: str
    title: str
    drill: bool
    us: str
    our_log: str
    member: str
    label: str
    their_log: str


class Minute(Struct, frozen=True, kw_only=True):
    """The sets of the minute that begins at `at_ms`."""

    at_ms: int
    sets: Sets


class PhoneCall(Struct, frozen=True, kw_only=True):
    """A call with another member, as of `now_ms`.

    `called`: they have called us, and we read first. `calling`: we have called them, and they read first, by
    a clock of their own: the minute before, this one and the next; we answer with the set of the same minute.
    `reached_them`: they hold the card with our key, so that they can see these sets. `two_versions`: of their
    log there are two, so that its key may be another's. `desk` is what their card says.
    """

    between: Between
    now_ms: int
    called: Minute
    calling: tuple[Minute, Minute, Minute]
    reached_them: bool
    two_versions: bool
    desk: Desk


class SheetRow(Struct, frozen=True, kw_only=True):
    """One row: the sets where they have called us, and those where we have called them."""

    row: int
    called: Sets
    calling: Sets


class PhoneSheet(Struct, frozen=True, kw_only=True):
    """A sheet for calls without any machine."""

    between: Between
    sheet: int
    rows: tuple[SheetRow, ...]
