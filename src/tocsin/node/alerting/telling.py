"""What an alert says: in one line what is urgent, and never more than its way out may carry.

- Of a case above the channel's TLP label it says that something of that label waits, and nothing else: not
  what, not whose, not in which circle.
- What others wrote is one line of plain text, cut short, in quotes. Nothing of it stands in a header but as
  such.
- What is a drill says so first.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

import msgspec

from tocsin.cases.picture.view import CaseView, TimelineEntry
from tocsin.cases.telling import language
from tocsin.circles.plaintext import plain_line
from tocsin.core.records import Tlp, tlp_at_most
from tocsin.core.views import Audience, Bell, Terms

MAX_LINE_CHARACTERS = 200
_MAX_SUMMARY_CHARACTERS = 100
_MAX_LABEL_CHARACTERS = 40
_MAX_LINES = 10
_MAX_TOLD = 100
_DRILL = "EXERCISE: "


@dataclass(frozen=True, slots=True)
class Ring:
    """A bell, and what can be said of it: the line for people, and whether all of it is an exercise."""

    circle: str
    bell: Bell
    line: str
    drill: bool

    @property
    def key(self) -> str:
        """What it is, whenever and however often it rings."""
        case, bell = self.bell.case, self.bell
        return f"{self.circle} {case.log} {case.index} {bell.due} {bell.audience}"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A ring, as programs are told."""

    circle: str
    case: str
    of: str
    due: str
    audience: Audience
    due_by_ms: int | None
    overdue: bool
    count: int
    tlp: Tlp
    drill: bool
    line: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One alert. `lines` are for people, the first is the most urgent; `told` is the same for programs.

    `withheld` is the highest label of what is not told. `id` is the same when the same is said again, because
    nobody knows whether it was heard.
    """

    id: str
    node: str
    lines: tuple[str, ...]
    told: tuple[Told, ...] = ()
    withheld: Tlp | None = None
    test: bool = False


def rings_of(view: CaseView, bells: Iterable[Bell], circle: str, terms: Terms) -> tuple[Ring, ...]:
    """What is said of the bells of a case."""
    entries = {entry.ref: entry for entry in view.timeline}
    return tuple(
        Ring(circle, bell, _line(view, bell, entries[bell.of], terms), terms.drill) for bell in bells
    )


def check_line(bell: Bell, label: str, text: str | None, *, drill: bool) -> str:
    """What is said of the bell of a communication check, by a member under this label."""
    by = _short(one_line(label), _MAX_LABEL_CHARACTERS)
    line = f"{_DRILL if drill else ''}answer the communication check by {by}{_by(bell)}, {bell.of}"
    return f'{line}: "{_short(one_line(text), _MAX_SUMMARY_CHARACTERS)}"' if text else line


def compose(rings: Sequence[Ring], node: str, max_tlp: Tlp) -> Message:
    """One message of all these, at least one: what is real and overdue first, checks after cases."""
    ordered = sorted(rings, key=_urgency)
    told = [ring for ring in ordered if tlp_at_most(ring.bell.tlp, max_tlp)]
    above = [ring for ring in ordered if not tlp_at_most(ring.bell.tlp, max_tlp)]
    lines = [ring.line for ring in told[:_MAX_LINES]]
    if len(told) > _MAX_LINES:
        lines.append(f"{len(told) - _MAX_LINES} more cases wait for you at {node}.")
    withheld = max((ring.bell.tlp for ring in above), key=get_args(Tlp).index, default=None)
    if withheld:
        drill = _DRILL if all(ring.drill for ring in above) else ""
        lines.append(f"{drill}something at {withheld} waits for you at {node}")
    moments = (f"{ring.key} {ring.bell.last_ms}" for ring in ordered)
    return Message(
        id=hashlib.sha256("\n".join(moments).encode()).hexdigest()[:32],
        node=node,
        lines=tuple(_short(one_line(line), MAX_LINE_CHARACTERS) for line in lines),
        told=tuple(map(_told, told[:_MAX_TOLD])),
        withheld=withheld,
    )


def trial(node: str, now_ms: int) -> Message:
    """A message that only shows that the way is open."""
    line = f"test: alerts from {node} reach you here. Nothing has happened."
    return Message(
        id=hashlib.sha256(f"test {now_ms}".encode()).hexdigest()[:32], node=node, lines=(line,), test=True
    )


def one_line(text: str) -> str:
    """Text by anyone in one plain line, whatever counts as the end of one anywhere."""
    return plain_line(" ".join(text.splitlines()))


def _line(view: CaseView, bell: Bell, entry: TimelineEntry, terms: Terms) -> str:
    party = terms.parties.get(entry.member)
    label = _short(one_line(party.label if party else entry.member), _MAX_LABEL_CHARACTERS)
    do = "acknowledge the" if bell.due == "acknowledgement" else "answer the"
    closed = " (closed)" if entry.since_closing else ""
    words = [
        _DRILL if terms.drill else "",
        f"{do} {entry.record.kind} by {label}{_by(bell)}, case {bell.case}{closed}",
        f" and {bell.count - 1} more of it" if bell.count > 1 else "",
    ]
    if view.description.severity:
        words.append(f" ({language('en').word('Severity', view.description.severity[0].value)})")
    if view.summary:
        words.append(f': "{_short(one_line(view.summary), _MAX_SUMMARY_CHARACTERS)}"')
    return "".join(words)


def _by(bell: Bell) -> str:
    try:
        by = datetime.fromtimestamp((bell.due_by_ms or 0) // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    if bell.due_by_ms is None:
        return ""
    return f", overdue since {by:%Y-%m-%d %H:%M} UTC" if bell.overdue else f", by {by:%Y-%m-%d %H:%M} UTC"


def _told(ring: Ring) -> Told:
    bell = ring.bell
    return Told(
        circle=ring.circle,
        case=str(bell.case),
        of=str(bell.of),
        due=bell.due,
        audience=bell.audience,
        due_by_ms=bell.due_by_ms,
        overdue=bell.overdue,
        count=bell.count,
        tlp=bell.tlp,
        drill=ring.drill,
        line=ring.line,
    )


def _urgency(ring: Ring) -> tuple[bool, bool, tuple[bool, bool, int], str]:
    return ring.drill, ring.bell.due == "check", ring.bell.urgency, ring.key


def _short(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"
