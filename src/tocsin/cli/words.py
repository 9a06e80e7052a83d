"""Records in plain words.

One entry is a block of lines: when, who and what in the first; then what was said; then, for one's own, who
has received it. A day stands above the first entry of that day.

    Thursday 20 November 2025 (UTC)

    14:03:22  apricot no. 3 · note by duty-officer · TLP:AMBER
              A picture of an explosion circulates. We cannot confirm it.
              received and confirmed by birch, cedar (2 of 4)
"""

from collections.abc import Iterator

from tocsin.cli.cases.words import case_kind, case_said
from tocsin.cli.checks.words import check_said
from tocsin.cli.records.orders import order_kind, order_said
from tocsin.cli.terminal import bad, day, faint, good, paragraph, shown, strong, time_of_day, waiting
from tocsin.core.names import LogName
from tocsin.core.records import (
    Card,
    Check,
    CheckAnswer,
    Context,
    Erased,
    Leaving,
    NoteRecord,
    Notice,
    OfCases,
    Opening,
    Order,
    Record,
    Reply,
)
from tocsin.node.api.types import CircleState, ErasedBy, ShownRecord

_INDENT = " " * 10
_NO_TIME = "   --   "
_SET_ASIDE = (
    "What was shown of it was another version of this log than the true one, which follows. It is kept as "
    "evidence."
)

REASONS = {
    "scheduled": "it is time for new keys",
    "lost": "the old keys or the disk are lost",
    "compromised": "somebody else has the old keys, or may have them",
    "fork": "there are two versions of the old log",
}
"""Why an epoch is opened."""


class Telling:
    """Tells entries one after the other, and remembers of which day the last one was.

    `receipts`: with who has received one's own. Told as they are written, nobody could have, yet. `names`: by
    the names that commands take.
    """

    def __init__(
        self, circles: tuple[CircleState, ...], *, receipts: bool = True, names: bool = False
    ) -> None:
        self._receipts = receipts
        self._names = names
        self._circles = {circle.id: circle for circle in circles}
        self._day = ""

    def lines(self, entry: ShownRecord) -> Iterator[str]:
        """The lines of one entry, with an empty one before it."""
        record = entry.record
        if record is not None and (today := day(record.at_ms)) != self._day:
            self._day = today
            yield f"\n{faint(f'{today} (UTC)')}"
        yield ""
        yield self._head(entry)
        if record is not None:
            yield from said(record, _INDENT)
        elif entry.explanation:
            yield from paragraph(f"{entry.explanation} It is kept, and passed on, all the same.", _INDENT)
        if entry.erasure is not None:
            yield from _erased(entry.erasure)
        if entry.state == "set-aside":
            yield from paragraph(_SET_ASIDE, _INDENT)
        yield from self._received(entry)

    def _head(self, entry: ShownRecord) -> str:
        record = entry.record
        circle = self._circles.get(entry.circle)
        time = time_of_day(record.at_ms) if record is not None else _NO_TIME
        name = f"{strong(entry.member)} no. {entry.index}"
        if self._names:
            name = strong(LogName.parse(entry.log).record(entry.index))
        parts = [name, _what(entry)]
        if len(self._circles) > 1 and circle is not None:
            parts.insert(0, shown(circle.title))
        if isinstance(record, NoteRecord | Check | OfCases):
            parts.append(record.tlp)
        if entry.ahead:
            parts.append(waiting("sent ahead of those before it"))
        if entry.void:
            parts.append(bad("VOID: beyond the end of that log"))
        drill = f"{waiting('DRILL')} " if circle is not None and circle.drill else ""
        return f"{faint(time)}  {drill}{' · '.join(parts)}"

    def _received(self, entry: ShownRecord) -> Iterator[str]:
        circle = self._circles.get(entry.circle)
        if entry.confirmed_by is None or circle is None or not self._receipts:
            return
        names, count = ", ".join(entry.confirmed_by), len(entry.confirmed_by)
        if count == len(circle.members):
            yield f"{_INDENT}{good(f'received and confirmed by {names}')}"
        elif count:
            all_of = f"{count} of {len(circle.members)}"
            yield f"{_INDENT}{waiting(f'received and confirmed by {names} ({all_of})')}"
        else:
            yield f"{_INDENT}{waiting('durable here; nobody has confirmed it yet')}"


def _erased(erasure: ErasedBy) -> Iterator[str]:
    """By whose order it is gone, or would be."""
    yield from paragraph(f"erased on order of {erasure.ordered_by}: {erasure.reason}", _INDENT)
    if erasure.kept:
        yield f"{_INDENT}{waiting('kept here by a legal hold of yours; given to nobody')}"


def _what(entry: ShownRecord) -> str:
    if entry.state == "missing":
        return waiting("not sent yet by its author")
    if entry.state == "erased":
        return faint("erased")
    if entry.state == "set-aside":
        return bad("SET ASIDE from here on")
    if entry.record is None:
        return waiting(f"not understood here: no. {entry.index} of {entry.member}")
    signed = f", signed by officer {entry.officer}" if entry.officer else ""
    return f"{kind_of(entry.record)}{signed}"


def kind_of(record: Record) -> str:
    """What kind of thing is said, and in whose role."""
    match record:
        case Opening():
            return "opens its log"
        case Card():
            return "says who is on duty"
        case Context():
            return "what it had received by then"
        case Notice():
            return f"notice to {record.member} that it may be removed, by {record.author}"
        case Reply():
            return f"reply to a notice, by {record.author}"
        case Leaving():
            return "leaves"
        case Order() | Erased():
            return order_kind(record)
        case _ if isinstance(record, OfCases):
            return case_kind(record)
        case _:
            what = "" if record.author_kind == "officer" else f" ({record.author_kind})"
            return f"{record.kind} by {record.author}{what}"


def said(record: Record, indent: str) -> Iterator[str]:
    """What is said, line by line."""
    match record:
        case NoteRecord():
            yield from paragraph(record.text, indent)
        case Card():
            yield from _card(record, indent)
        case Context():
            seen = ", ".join(
                f"{LogName.parse(log.log).member} up to no. {log.size - 1}" for log in record.seen
            )
            yield from paragraph(seen, indent)
        case Opening():
            why = f", since {REASONS[record.reason]}" if record.reason else ""
            yield f"{indent}epoch {record.epoch}{why}; first address {shown(record.endpoint)}"
        case Notice() | Reply():
            yield from _noticed(record, indent)
        case Leaving():
            yield from paragraph(record.reason or "", indent)
        case Order() | Erased():
            yield from order_said(record, indent)
        case Check() | CheckAnswer():
            yield from check_said(record, indent)
        case _ if isinstance(record, OfCases):
            yield from case_said(record, indent)


def _noticed(record: Notice | Reply, indent: str) -> Iterator[str]:
    if isinstance(record, Notice):
        yield f"{indent}to be replied to within {record.reply_within_hours} hours"
    else:
        yield f"{indent}to no. {record.notice} of {LogName.parse(record.log).member}"
    yield from paragraph(record.text, indent)


def _card(card: Card, indent: str) -> Iterator[str]:
    desk = card.desk
    parts = [desk.name, desk.hours, ", ".join(desk.languages or ()), desk.contact]
    yield from paragraph(" · ".join(part for part in parts if part), indent)
    yield from paragraph(" ".join(endpoint.url for endpoint in card.endpoints), indent)
    if card.officers:
        yield from paragraph(f"officers: {', '.join(officer.role for officer in card.officers)}", indent)
