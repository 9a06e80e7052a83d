"""One case as a row of the situation room: what it is, what is owed, and how well it is corroborated."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from tocsin.cases.delivery import Due
from tocsin.cases.picture import CaseSummary
from tocsin.core.records import Ref
from tocsin.core.views import Terms
from tocsin.node.alerting.telling import Ring
from tocsin.web.overview.rows.urgency import Standing, order_of

MOST_NAMED = 4


class Called(Struct, frozen=True, kw_only=True):
    """A member under the label that it gave itself, and the slug that nobody can imitate."""

    slug: str
    label: str


class Owed(Struct, frozen=True, kw_only=True):
    """The most urgent thing that is owed, by `by`; and how many more are."""

    by: Called
    due: str
    due_by_ms: int | None
    overdue: bool
    more: int


class CaseRow(Struct, frozen=True, kw_only=True):
    """A case. `ours` is what our own people owe, `theirs` what others owe us.

    `awaited` are the slugs of a few members whose answer is missing, and `awaited_more` is how many others.
    """

    circle: str
    title: str
    drill: bool
    summary: CaseSummary
    opened_by: Called
    ours: Owed | None
    theirs: Owed | None
    awaited: tuple[str, ...]
    awaited_more: int
    standing: Standing
    order: str

    @property
    def name(self) -> str:
        """As people write it."""
        return str(self.summary.ref)

    @property
    def id(self) -> str:
        """Its id on a page."""
        return row_id(self.circle, self.summary.ref)

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/cases/{self.circle}/{self.name}"


def row_id(circle: str, ref: Ref) -> str:
    """The id of a case on a page."""
    return f"row-{circle}-{str(ref).replace('.', '-')}"


def called(slug: str, terms: Terms) -> Called:
    """A member as it calls itself."""
    party = terms.parties.get(slug)
    return Called(slug=slug, label=party.label if party else slug)


def case_row(
    summary: CaseSummary,
    terms: Terms,
    title: str,
    me: str,
    *,
    rings: Sequence[Ring],
    dues: Iterable[Due],
) -> CaseRow:
    """The row of a case in which these bells ring for us, and this is owed."""
    ours = _ours(rings, called(me, terms))
    theirs = _theirs([due for due in dues if due.member != me], terms)
    standing: Standing = "calm"
    if ours:
        standing = "late" if ours.overdue else "waits"
    elif theirs and theirs.overdue:
        standing = "others-late"
    first = ours or (theirs if standing == "others-late" else None)
    return CaseRow(
        circle=terms.circle,
        title=title,
        drill=terms.drill,
        summary=summary,
        opened_by=called(summary.opened_by, terms),
        ours=ours,
        theirs=theirs,
        awaited=summary.awaited[:MOST_NAMED],
        awaited_more=max(0, len(summary.awaited) - MOST_NAMED),
        standing=standing,
        order=order_of(
            drill=terms.drill,
            standing=standing,
            due_by_ms=first.due_by_ms if first else None,
            severity=summary.severity,
            corroborated=summary.corroborated,
            last_at_ms=summary.last_at_ms,
            name=f"{terms.circle}/{summary.ref}",
        ),
    )


def _ours(rings: Sequence[Ring], us: Called) -> Owed | None:
    bells = sorted(
        (ring.bell for ring in rings if ring.bell.audience == "duty"), key=lambda bell: bell.urgency
    )
    if not bells:
        return None
    first = bells[0]
    return Owed(
        by=us,
        due=first.due,
        due_by_ms=first.due_by_ms,
        overdue=first.overdue,
        more=sum(bell.count for bell in bells) - 1,
    )


def _theirs(dues: Sequence[Due], terms: Terms) -> Owed | None:
    running = [due for due in dues if due.state in ("open", "overdue")]
    if not running:
        return None
    first = min(running, key=due_urgency)
    return Owed(
        by=called(first.member, terms),
        due=first.due,
        due_by_ms=first.due_by_ms,
        overdue=first.state == "overdue",
        more=len(running) - 1,
    )


def due_urgency(due: Due) -> tuple[bool, bool, int, str, Ref]:
    """As of a bell: what is overdue first, then what is due first."""
    return due.state != "overdue", due.due_by_ms is None, due.due_by_ms or 0, due.member, due.of
