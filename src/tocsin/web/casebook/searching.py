"""Finding cases, and what was said: a list of all cases of a circle, and a search in all circles at once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, get_args

from msgspec import Meta, Struct
from starlette.responses import Response

from tocsin.cases.picture import CaseSummary, case_of
from tocsin.cases.picture.view import State
from tocsin.cases.telling.teller import cut
from tocsin.core.records import CaseRecord, NoteRecord
from tocsin.core.records.common import CircleId, Slug
from tocsin.core.records.errors import UnknownRecord
from tocsin.core.views import Terms
from tocsin.node.alerting.desks import zone
from tocsin.node.api.cases.found import CasesQuery, Hit, SearchQuery
from tocsin.node.api.operations import Call
from tocsin.node.node import Node
from tocsin.web.casebook.reading import Reading
from tocsin.web.casebook.shown.heading import Text, chosen, mark, translated
from tocsin.web.casebook.shown.naming import MAX_VALUE_CHARACTERS, Namer
from tocsin.web.casebook.shown.timeline import words_of
from tocsin.web.logs.naming import entry_path
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

MAX_CASES = 50
MAX_HITS = 50

_Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]
_KINDS = tuple(str(kind.__struct_config__.tag) for kind in get_args(CaseRecord))


class CasesLook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of a `circle` in one `state`, or in any; `after` is where the page before ended."""

    circle: CircleId | None = None
    state: State | None = None
    after: Annotated[str, Meta(max_length=256)] | None = None


class SearchLook(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for: `q` are words, names, addresses or fingerprints; days are those of who looks."""

    q: Annotated[str, Meta(max_length=256)] = ""
    circle: CircleId | None = None
    member: Slug | None = None
    kind: Annotated[str, Meta(pattern=r"^[a-z]{1,32}\Z")] | None = None
    since: _Day | None = None
    until: _Day | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A case in a list."""

    case: CaseSummary
    title: Text | None
    translation: Text | None
    mark: str


@dataclass(frozen=True, slots=True)
class Found:
    """A record that fits. `path` is where it is shown: in its case, or where it stands in its log."""

    circle: str
    hit: Hit
    namer: Namer
    kind: str
    at_ms: int
    text: Text | None
    path: str


class Searching:
    """The pages by which cases and records are found."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._reading = Reading(node)

    @page("GET", "/cases", Role.READER, noted=False)
    async def cases(self, visit: Visit) -> Response:
        """The cases of a circle, those that something was last said of first."""
        look = visit.query(CasesLook)
        circle = look.circle or next(iter(self._node.lines), None)
        listed, namer, following, rebuilding = [], None, None, False
        if circle is not None:
            namer = Namer(visit.language, self._terms(circle))
            query = CasesQuery(state=look.state, after=look.after, limit=MAX_CASES)
            found = await self._reading.calls.cases(Call({"circle": circle}, query, None))
            listed = [_listed(one, namer) for one in found.cases]
            following, rebuilding = found.next, found.rebuilding
        return visit.render(
            "casebook/find/cases.html",
            look=look,
            circle=circle,
            circles=self._circles(),
            states=get_args(State),
            shown=listed,
            namer=namer,
            following=following,
            rebuilding=rebuilding,
            drill=namer is not None and namer.terms.drill,
        )

    @page("GET", "/search", Role.READER)
    async def search(self, visit: Visit) -> Response:
        """What was said, in any circle or in one; the newest first. The name of a record leads to it."""
        look = visit.query(SearchLook)
        named = [path for circle in self._node.lines if (path := self._named(circle, look.q.strip()))]
        if len(named) == 1:
            return visit.go(named[0])
        found: list[Found] = []
        more = rebuilding = False
        asked = bool(look.q.strip() or look.member or look.kind or look.since or look.until)
        query = _query(look, zone(visit.person.zone) or UTC)
        for circle in [look.circle] if look.circle else list(self._node.lines) if asked else []:
            namer = Namer(visit.language, self._terms(circle))
            hits = await self._reading.calls.search(Call({"circle": circle}, query, None))
            found += [_found(circle, hit, namer) for hit in hits.records]
            more, rebuilding = more or hits.more, rebuilding or hits.rebuilding
        found.sort(key=lambda one: -one.at_ms)
        return visit.render(
            "casebook/find/search.html",
            look=look,
            asked=asked or look.circle is not None,
            found=found[:MAX_HITS],
            more=more or len(found) > MAX_HITS,
            rebuilding=rebuilding,
            circles=self._circles(),
            members=sorted({slug for circle in self._node.lines for slug in self._terms(circle).parties}),
            kinds=_KINDS,
        )

    def _named(self, circle: str, name: str) -> str | None:
        """Where the record of that name is shown, if it is one of a case of that circle."""
        casework = self._reading.casework(circle)
        try:
            ref = casework.ref(name)
        except UnknownRecord:
            return None
        said = casework.said(ref)
        if said is None or not isinstance(said.record, CaseRecord):
            return None
        case = case_of(ref, said.record)
        return f"/cases/{circle}/{case}" if case == ref else f"/cases/{circle}/{case}/{ref}"

    def _terms(self, circle: str) -> Terms:
        return self._reading.casework(circle).terms

    def _circles(self) -> list[tuple[str, str, bool]]:
        """The id and title of each, and whether it is of drills."""
        return [
            (line.circle.id, line.circle.charter.title, line.circle.drill)
            for line in self._node.lines.values()
        ]


def _query(look: SearchLook, here: tzinfo) -> SearchQuery:
    return SearchQuery(
        q=look.q,
        member=look.member,
        kind=look.kind,
        since_ms=_midnight_ms(look.since, 0, here),
        until_ms=_midnight_ms(look.until, 1, here),
        limit=MAX_HITS,
    )


def _midnight_ms(day: str | None, later: int, here: tzinfo) -> int | None:
    """The midnight with which a day begins, in that zone, so many days later; None for what is no day."""
    if day is None:
        return None
    try:
        moment = datetime.strptime(day, "%Y-%m-%d") + timedelta(days=later)  # noqa: DTZ007 - its zone follows
        return max(0, int(moment.replace(tzinfo=here).timestamp()) * 1000)
    except (ValueError, OverflowError):
        return None


def _listed(case: CaseSummary, namer: Namer) -> Listed:
    title = Text(case.summary, case.lang) if case.summary and case.lang else None
    texts = [translated(one, namer, MAX_VALUE_CHARACTERS) for one in case.translations]
    return Listed(case, title, chosen(case.lang, texts, namer.language.tag), mark(case.severity))


def _found(circle: str, hit: Hit, namer: Namer) -> Found:
    record, path, text = hit.record, entry_path(hit.log, hit.index), None
    if isinstance(record, CaseRecord):
        of = str(record.case) if record.case else hit.name
        path, text = f"/cases/{circle}/{of}/{hit.name}", words_of(record, MAX_VALUE_CHARACTERS)
    elif isinstance(record, NoteRecord):
        text = Text(cut(record.text, MAX_VALUE_CHARACTERS), record.lang)
    return Found(
        circle=circle,
        hit=hit,
        namer=namer,
        kind=record.kind if record else "",
        at_ms=record.at_ms if record else 0,
        text=text,
        path=path,
    )
