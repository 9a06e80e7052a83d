"""Circles as one looks at them: all of them, one, its charter with its versions, one member."""

from dataclasses import dataclass

from starlette.responses import Response

from tocsin.core.errors import TocsinError
from tocsin.node.api.hosting import line_of
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.node.papers.founding import Founding, all_kept
from tocsin.web.circles import seen
from tocsin.web.circles.clauses import Change, Clause, changes, clauses
from tocsin.web.circles.seen import CircleSeen, MemberSeen, VersionSeen, Words
from tocsin.web.desk.cards import Cards
from tocsin.web.serving.errors import NoSuchPage
from tocsin.web.serving.files import as_file
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


@dataclass(frozen=True, slots=True)
class Begun:
    """A circle that is being founded: who of its members has signed."""

    founding: Founding
    signed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CharterShown:
    """One version of a charter in words, beside the text that was signed."""

    version: VersionSeen
    newest: bool
    clauses: tuple[Clause, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class MemberShown:
    """A member, what to read to each other, its epochs' logs, and what each epoch was."""

    circle: CircleSeen
    member: MemberSeen
    words: Words | None
    epochs: tuple[tuple[int, str], ...]


class Circles:
    """The pages that everybody may look at."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._cards = Cards(node.store)
        self._calls = Calls(node)

    @page("GET", "/circles", Role.READER)
    async def circles(self, visit: Visit) -> Response:
        """All circles of this node, and those that are being founded."""
        shown = tuple(map(self.seen, self._node.lines))
        return visit.render("circles/circles.html", circles=shown, begun=self._begun())

    @page("GET", "/circles/{circle}", Role.READER)
    async def circle(self, visit: Visit) -> Response:
        """One circle."""
        shown = self.seen(visit.path["circle"])
        found = clauses(shown.charter, visit.language)
        return visit.render(
            "circles/circle.html",
            view=shown,
            clauses=found,
            drill=shown.circle.drill,
            topics=(f"circle/{shown.circle.id}",),
        )

    @page("GET", "/circles/{circle}/charter", Role.READER)
    async def charter(self, visit: Visit) -> Response:
        """A version of its charter, and all of them by name."""
        shown = self.seen(visit.path["circle"])
        versions = seen.versions(shown.circle)
        asked = visit.request.query_params.get("version", str(len(versions)))
        version = next((one for one in versions if str(one.number) == asked), None)
        if version is None:
            raise NoSuchPage
        told = changes(version.before, version.charter, visit.language) if version.before else ()
        view = CharterShown(
            version, version.number == len(versions), clauses(version.charter, visit.language), told
        )
        return visit.render(
            "circles/charter.html", circle=shown, versions=versions, view=view, drill=shown.circle.drill
        )

    @page("GET", "/circles/{circle}/charter/{number:int}", Role.READER)
    async def charter_text(self, visit: Visit) -> Response:
        """The text of a version, as it was signed."""
        circle = line_of(self._node, visit.path["circle"]).circle
        number = int(visit.path["number"])
        if not 1 <= number <= len(circle.chain):
            raise NoSuchPage
        name = f"charter-{circle.id[:8]}-version-{number}.toml"
        return as_file(name, circle.chain[number - 1].text.encode(), "text/plain; charset=utf-8")

    @page("GET", "/circles/{circle}/bundle", Role.READER)
    async def bundle(self, visit: Visit) -> Response:
        """The circle in one file: for who joins it, and for the day this machine burns."""
        file = await self._calls.bundle(Call(dict(visit.path), None, None))
        return as_file(f"{visit.path['circle'][:8]}.circle", bytes(file.body))

    @page("GET", "/circles/{circle}/members/{member}", Role.READER)
    async def member(self, visit: Visit) -> Response:
        """One member: its card, what it confirmed, words to compare."""
        shown = self.seen(visit.path["circle"])
        member = shown.member(visit.path["member"])
        if member is None:
            raise NoSuchPage
        circle, us = shown.circle, shown.state.member
        comparable = {us, member.slug} <= circle.by_slug.keys() and member.slug != us
        words = seen.words_between(circle, us, member.slug) if comparable else None
        epochs = sorted(
            (one.log.epoch, str(one.log))
            for one in (*circle.past, *circle.members)
            if one.slug == member.slug
        )
        view = MemberShown(shown, member, words, tuple(epochs))
        return visit.render("circles/member.html", view=view, drill=circle.drill)

    def seen(self, circle: str) -> CircleSeen:
        """One circle, as it is now. Raises NoSuchCircle."""
        node, line = self._node, line_of(self._node, circle)
        return seen.circle_seen(line, self._calls.state(line), self._cards, node.clock.wall_ms())

    def _begun(self) -> tuple[Begun, ...]:
        try:
            found = list(all_kept(self._node.config.data_folder))
        except (TocsinError, OSError):
            # A file that was damaged is `tocsin doctor`'s to tell of.
            return ()
        return tuple(Begun(one, tuple(one.join_files())) for one in found if one.id not in self._node.lines)
