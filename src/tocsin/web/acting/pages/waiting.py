"""What was confirmed: on every page of its author for ten seconds, and then who has received it.

On a page there is one form for all of its buttons: fragments, which are the same in all of somebody's
sessions, hold no token of any.
"""

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup
from msgspec import Struct
from starlette.responses import Response

from tocsin.cases.telling import Language
from tocsin.circles.events import Confirmed, ConfirmedAhead, Event
from tocsin.core.names import LogName
from tocsin.node.node import Node
from tocsin.web.acting.drafts import NoSuchDraft
from tocsin.web.acting.pages.confirming import case_of_draft
from tocsin.web.acting.pending import SECONDS, Pending, Wish
from tocsin.web.acting.telling import Told, told
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.live.streaming import person_topic
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role, Signed
from tocsin.web.serving.visit import Visit

_GIST_CHARACTERS = 120


class WishForm(Struct, frozen=True, kw_only=True):
    """Which wish."""

    wish: str


@dataclass(frozen=True, slots=True)
class WishView:
    """A wish as its author is shown it. `left_ms` until it is written; `received` are members by slug."""

    id: str
    stage: str
    kind: str
    form: str
    circle: str
    title: str
    drill: bool
    told: Told
    gist: str
    left_ms: int
    most_ms: int
    name: str | None
    case: str | None
    why: str | None
    code: str
    receivers: tuple[tuple[str, str, bool], ...]

    @property
    def received(self) -> int:
        """How many members have received it."""
        return sum(here for _, _, here in self.receivers)


class Waiting:
    """What waits, and what became of it. `said` notes what somebody has said, by the record's name."""

    def __init__(
        self,
        node: Node,
        pending: Pending,
        hub: Hub,
        fragments: Fragments,
        said: Callable[[Signed, str, str], None],
    ) -> None:
        self._node = node
        self._pending = pending
        self._hub = hub
        self._fragments = fragments
        self._note = said

    @page("GET", "/said/{wish}", Role.OFFICER, noted=False)
    async def said(self, visit: Visit) -> Response:
        """What became of what was confirmed."""
        wish = self._pending.get(visit.person.id, visit.path["wish"])
        if wish is None or wish.kept.circle not in self._node.lines:
            raise NoSuchDraft
        one = self._view(wish, visit.language)
        return visit.render("acting/waiting/said.html", one=one, drill=one.drill)

    @page("POST", "/pending/take-back", Role.OFFICER)
    async def take_back(self, visit: Visit) -> Response:
        """Never write it."""
        sent = visit.form(WishForm)
        await self._pending.take_back(visit.person.id, sent.wish)
        return visit.go(f"/said/{sent.wish}")

    @page("POST", "/pending/now", Role.OFFICER)
    async def now(self, visit: Visit) -> Response:
        """Write it at once."""
        sent = visit.form(WishForm)
        self._pending.now(visit.person.id, sent.wish)
        return visit.go(f"/said/{sent.wish}")

    @page("POST", "/pending/dismiss", Role.OFFICER)
    async def dismiss(self, visit: Visit) -> Response:
        """It was seen."""
        sent = visit.form(WishForm)
        await self._pending.dismiss(visit.person.id, sent.wish)
        return visit.go("/")

    def pending(self, visit: Visit) -> Markup:
        """For the slot on every page: the form of all its buttons, and what there is of this person's."""
        if visit.signed is None:
            return Markup()
        wishes = self._wishes(visit.person.id, visit.language)
        return Markup(visit.text("acting/waiting/slot.html", wishes=wishes))  # noqa: S704 - made by a template

    # What happens

    def changed(self, wish: Wish) -> None:
        """Something became of a wish: its author's pages show it, and what was said is noted."""
        person = wish.kept.person
        if wish.stage == "written" and wish.written and wish.signed:
            self._note(wish.signed, wish.kept.circle, name_of(wish) or "")
            wish.signed = None
        self._hub.publish(person_topic(person), lambda language: self._slot(person, language), of="wishes")
        if wish.kept.circle not in self._node.lines:
            return
        self._hub.publish(
            person_topic(person),
            lambda language: self._fragments.partial(
                language, f"said-{wish.id}", "acting/waiting/outcome.html", one=self._view(wish, language)
            ),
            of=f"said-{wish.id}",
        )

    def heard(self, circle: str, event: Event) -> None:
        """A member has confirmed what it holds of our log."""
        if isinstance(event, Confirmed | ConfirmedAhead):
            for wish in self._pending.written(circle):
                self.changed(wish)

    def _slot(self, person: str, language: Language) -> str:
        wishes = self._wishes(person, language)
        return self._fragments.partial(language, "wishes", "acting/waiting/wishes.html", wishes=wishes)

    def _wishes(self, person: str, language: Language) -> list[WishView]:
        # A circle that this node has left since has no line any more.
        lines = self._node.lines
        return [self._view(one, language) for one in self._pending.of(person) if one.kept.circle in lines]

    def _view(self, wish: Wish, language: Language) -> WishView:
        kept, clock = wish.kept, self._node.clock
        line = self._node.lines[kept.circle]
        record = wish.record
        terms = self._node.desk.casework[kept.circle].terms
        words = told(record, terms, language)
        first = words.texts[0].text if words.texts else " · ".join(words.lines)
        index = wish.written.index if wish.written else None
        ours = wish.written is not None and wish.written.log == line.own.name
        held = line.own.held if ours else {}
        members = line.status().members
        return WishView(
            id=wish.id,
            stage=wish.stage,
            kind=record.kind,
            form=kept.form,
            circle=kept.circle,
            title=line.circle.charter.title,
            drill=line.circle.drill,
            told=words,
            gist=" ".join(first.split())[:_GIST_CHARACTERS],
            left_ms=max(0, int((wish.due_at_s - clock.monotonic_s()) * 1000)),
            most_ms=int(SECONDS * 1000),
            name=name_of(wish),
            case=case_of_draft(record) or (name_of(wish) if record.kind == "report" else None),
            why=kept.why,
            code=kept.code,
            receivers=tuple(
                (
                    one.member.slug,
                    one.member.label,
                    index is not None
                    and (confirmed := held.get(one.member.slug)) is not None
                    and confirmed.size > index,
                )
                for one in members
            ),
        )


def name_of(wish: Wish) -> str | None:
    """How people name what was written."""
    written = wish.written
    return LogName.parse(written.log).record(written.index) if written else None
