"""Sheets to print, for calls when no machine works. It is an approver who makes one, and just signed in.

A sheet goes on being good when whoever made it may do nothing here any more: so it takes more than a call.
That it was made, with which number, goes into the audit. It is shown once, as the answer to a form, and kept
nowhere.
"""

from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from tocsin.core.names import LogName
from tocsin.core.phone import SPOKEN, grouped
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.node.phoning.types import MAX_ROWS, MAX_SHEET, Between, PhoneSheet, Rows, SheetNumber, SheetQuery
from tocsin.web.calls.digits import Digit, digit, tongues
from tocsin.web.desk.cards import Cards
from tocsin.web.people.audit import Audit
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_HERE = "/phone/{circle}/{member}/sheet"
_USUAL = SheetQuery(member="any")
_DIGITS = "0123456789"


class _Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sheet: SheetNumber = _USUAL.sheet
    rows: Rows = _USUAL.rows
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row as it is printed: what is read first and second, if they called us, and if we called them."""

    row: int
    called: tuple[str, str]
    calling: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet as it is printed; `legend` has the ten digits in words."""

    between: Between
    sheet: int
    our_epoch: int
    their_epoch: int
    legend: tuple[Digit, ...]
    rows: tuple[PaperRow, ...]


class SheetPages:
    """The form for a sheet, and the sheet."""

    def __init__(self, node: Node, audit: Audit) -> None:
        self._node = node
        self._calls = Calls(node)
        self._cards = Cards(node.store)
        self._audit = audit

    @page("GET", _HERE, Role.APPROVER)
    async def sheet_form(self, visit: Visit) -> Response:
        """Which sheet is wanted."""
        now_ms, member = self._node.clock.wall_ms(), visit.path["member"]
        between = self._calls.of_circle(visit.path["circle"]).call(member, now_ms).between
        return visit.render(
            "calls/sheet.html",
            between=between,
            tag=self._tags(visit, between, None)[0],
            spoken=tuple(SPOKEN),
            usual=_USUAL,
            most_sheet=MAX_SHEET,
            most_rows=MAX_ROWS,
            drill=between.drill,
        )

    @page("POST", _HERE, Role.APPROVER, fresh=_HERE)
    async def make_sheet(self, visit: Visit) -> Response:
        """The sheet itself, this once."""
        wanted, person = visit.form(_Wanted), visit.person
        phone = self._calls.of_circle(visit.path["circle"])
        made = phone.sheet(visit.path["member"], wanted.sheet, wanted.rows)
        between = made.between
        tags = self._tags(visit, between, wanted.lang)
        self._audit.note(
            "exported",
            person.id,
            person.name,
            circle=between.circle,
            member=between.member,
            sheet=str(wanted.sheet),
            rows=str(wanted.rows),
        )
        return visit.render("calls/paper.html", paper=paper(made, tags), between=between, drill=between.drill)

    def _tags(self, visit: Visit, between: Between, asked: str | None) -> tuple[str, ...]:
        desk = self._cards.desk(between.their_log, self._node.clock.wall_ms())
        return tongues(asked, visit.language.tag, desk.languages if desk else ())


def paper(made: PhoneSheet, tags: tuple[str, ...]) -> Paper:
    """A sheet as it is printed, with the words in these languages."""
    between = made.between
    rows = (
        PaperRow(
            one.row,
            (grouped(one.called.ours), grouped(one.called.theirs)),
            (grouped(one.calling.theirs), grouped(one.calling.ours)),
        )
        for one in made.rows
    )
    return Paper(
        between,
        made.sheet,
        LogName.parse(between.our_log).epoch,
        LogName.parse(between.their_log).epoch,
        tuple(digit(figure, tags) for figure in _DIGITS),
        tuple(rows),
    )
