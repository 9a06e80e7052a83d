"""What must hold of cases, whatever hostile members write (docs/protocol.md, section 19).

At any time, at each node:

- Index: what the node shows is what follows from its store: pictures, the list of cases, what is found.

Once all is mended:

- Agreement: nodes that hold the same records have the same pictures, byte for byte; and all do hold the same.
- Untouched: each record of an honest member is there, and stands as it would if the hostile had said nothing;
  it is withdrawn if its own member says so, and does not take that back.
- Corroboration (19.3, 19.4): there are at most the sources of the honest, one for each page that the hostile
  alone cite, and one for each hostile member's word; at most the organisations (and economies) of the honest,
  and each hostile one that has such a source. What only repeats raises nothing. Nothing is corroborated for
  which that is less than the charter asks for.
- Asks: an honest ask is open while an honest member that was asked has not answered, and closed once all have
  who were asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from tests.simulation.cases.desk import WE_SEE
from tests.simulation.cases.held import Held
from tests.simulation.invariants import Violation

from tocsin.cases.picture import CaseSummary, CaseView
from tocsin.cases.picture.places import place, says
from tocsin.cases.picture.sources import canonical_locator, is_verifiable
from tocsin.cases.picture.view import COUNTING, Corroboration, TimelineEntry
from tocsin.cases.search import Query
from tocsin.core.records import Answer, Ask, Ref, Report, Source, Withdrawal
from tocsin.core.records.errors import UnknownCase
from tocsin.core.views import Said
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Rebuilding

if TYPE_CHECKING:
    from tests.simulation.cases.world import CaseWorld

_TRIES = 40
_AGAIN_S = 0.5
_PAGE = 7
_SEARCHED = 5

encode = msgspec.json.Encoder(order="deterministic").encode


class Shown(NamedTuple):
    """What a node shows: its cases, the list of them, and what it finds by their words."""

    views: Mapping[Ref, CaseView]
    summaries: Mapping[Ref, CaseSummary]
    found: Mapping[Ref, bool]


class Checks:
    """The checks of one world."""

    def __init__(self, world: "CaseWorld") -> None:
        self._world = world

    # At any time

    def check_now(self, slug: str) -> None:
        """That a node shows what follows from its store; nothing if its index is being made anew."""
        found = self._shown(slug)
        if found:
            _check_shown(slug, *found)

    def _shown(self, slug: str) -> tuple[Held, Shown] | None:
        """What a node holds and what it shows of that, both of one moment."""
        world = self._world
        for _ in range(_TRIES):
            casework, line = world.casework.get(slug), world.nodes[slug].line
            if casework is None or line is None:
                return None
            held = Held.by(line, world.nodes[slug].store)
            try:
                shown = world.ask(_look(casework, held))
            except Rebuilding:
                return None
            except UnknownCase:
                shown = None
            if world.nodes[slug].line is line and _is_same(held, Held.by(line, world.nodes[slug].store)):
                if shown is None:
                    raise Violation(f"{slug} holds records of a case that it says it does not know.")
                return held, shown
        return None

    # Once all is mended

    def check_settled(self) -> None:
        """All of it. Raises Violation."""
        alike: dict[frozenset[Ref], tuple[str, Shown]] = {}
        founders: set[frozenset[Ref]] = set()
        for slug in [slug for slug in self._world.circle_now.by_slug if slug in self._world.nodes]:
            held, shown = self._settled(slug)
            _check_shown(slug, held, shown)
            records = frozenset(held.said)
            if any(member.slug == slug for member in self._world.circle.members):
                founders.add(records)
            first, others = alike.setdefault(records, (slug, shown))
            if first != slug:
                _check_alike(first, others, slug, shown)
                continue
            self._check_there(slug, held)
            for case, view in shown.views.items():
                self._check_case(case, view, held)
        if len(founders) > 1:
            raise Violation("Members that were there from the start do not hold the same records of cases.")

    def _settled(self, slug: str) -> tuple[Held, Shown]:
        for _ in range(_TRIES):
            if found := self._shown(slug):
                return found
            self._world.run_for(_AGAIN_S)
        raise Violation(f"After {_TRIES * _AGAIN_S} s without any trouble, {slug} makes its index anew.")

    def _check_there(self, slug: str, held: Held) -> None:
        """That what honest desks wrote is there, as far as its record is."""
        store = self._world.nodes[slug].store
        for ref, record in self._world.written.items():
            head = store.head(ref.log)
            if head is None or head.size <= ref.index or store.record(ref.log, ref.index)[2] is None:
                continue
            if ref not in held.said or held.said[ref].record != record:
                raise Violation(f"{slug} does not show {ref} as it was written.")

    def _check_case(self, case: Ref, view: CaseView, held: Held) -> None:
        hostile = {ref for ref, one in held.said.items() if one.member in self._world.hostile}
        alone = held.without(hostile).picture(case)
        _check_untouched(view, alone, self._world.hostile)
        _check_taken_back(view, held, self._world.hostile)
        _check_corroboration(view, alone, held, self._world.hostile)
        _check_copies(view, alone, held, self._world.hostile)
        _check_asks(view, held, self._world.hostile)


async def _look(casework: Casework, held: Held) -> Shown:
    views = {ref: await casework.view(ref) for ref in held.cases}
    summaries: dict[Ref, CaseSummary] = {}
    after: str | None = None
    while True:
        page = await casework.summaries(after=after, limit=_PAGE)
        if any(one.ref in summaries for one in page.cases):
            raise Violation("A case is listed twice.")
        summaries |= {one.ref: one for one in page.cases}
        after = page.next
        if after is None:
            break
    found = {}
    worded = casework.indexing.worded(casework)
    for ref, word in _words(held):
        if worded:
            hits = await casework.search(Query(words=word))
            found[ref] = ref in {hit.ref for hit in hits.hits}
    return Shown(views, summaries, found)


def _words(held: Held) -> Iterator[tuple[Ref, str]]:
    """Some records in their places, with a word that no other has."""
    words: dict[str, list[Ref]] = {}
    for ref, one in sorted(held.said.items()):
        if isinstance(one.record, Report) and one.record.summary and one.record.summary.startswith(WE_SEE):
            words.setdefault(one.record.summary.removeprefix(WE_SEE), []).append(ref)
    alone = [(refs[0], word) for word, refs in words.items() if len(refs) == 1]
    yield from alone[:: max(1, len(alone) // _SEARCHED)]


def _is_same(held: Held, later: Held) -> bool:
    return held.said.keys() == later.said.keys() and held.terms == later.terms and held.ahead == later.ahead


def _check_shown(slug: str, held: Held, shown: Shown) -> None:
    for case, view in shown.views.items():
        if encode(held.picture(case)) != encode(view):
            raise Violation(f"{slug} shows another picture of {case} than its store gives.")
    left = dict(shown.summaries)
    for one_of in held.listed():
        listed = [ref for ref in one_of if left.pop(ref, None)]
        if len(listed) != 1:
            raise Violation(f"{slug} lists {listed} of {sorted(map(str, one_of))}.")
        if shown.summaries[listed[0]] != held.case(listed[0]).summary(held.terms, held.knowledge):
            raise Violation(f"{slug} has another summary of {listed[0]} than its store gives.")
    if left:
        raise Violation(f"{slug} lists {sorted(map(str, left))}, of which it holds nothing.")
    for ref, is_found in shown.found.items():
        if not is_found and (ref.log, ref.index) not in held.ahead:
            raise Violation(f"{slug} does not find {ref} by its word.")


def _check_alike(first: str, one: Shown, slug: str, other: Shown) -> None:
    for case, view in one.views.items():
        if encode(view) != encode(other.views[case]):
            raise Violation(f"{first} and {slug} hold the same records, and another picture of {case}.")
    if one.summaries != other.summaries:
        raise Violation(f"{first} and {slug} hold the same records, and list the cases otherwise.")


def _check_untouched(view: CaseView, alone: CaseView, hostile: Iterable[str]) -> None:
    entries = {entry.ref: entry for entry in view.timeline}
    for honest in alone.timeline:
        if _standing(entries.get(honest.ref), hostile) != _standing(honest, hostile):
            raise Violation(f"{honest.ref} is {entries.get(honest.ref)}, and without the hostile {honest}.")
    if view.opened_by not in hostile and (
        view.outcome != alone.outcome or (view.state == "open") is not (alone.state == "open")
    ):
        raise Violation(f"{view.case} is {view.state}, and {alone.state} without the hostile.")


def _check_taken_back(view: CaseView, held: Held, hostile: Iterable[str]) -> None:
    said = [held.said[entry.ref] for entry in view.timeline]
    for entry in view.timeline:
        is_taken_back = _is_taken_back(held.said[entry.ref], said)
        if entry.member not in hostile and (entry.standing == "withdrawn") is not is_taken_back:
            raise Violation(f"{entry.ref} is {entry.standing}, which its member does not say of it.")


def _standing(entry: TimelineEntry | None, hostile: Iterable[str]) -> object:
    return entry and (
        entry.record,
        entry.officer,
        entry.standing,
        entry.corrected,
        entry.corrected_by,
        entry.withdrawn_by,
        sorted(encode(by) for by in entry.acknowledged if by.member not in hostile),
    )


_Cited = Iterator[tuple[str, Source]]


def _cited(entries: Iterable[TimelineEntry], whose: Callable[[str], bool]) -> _Cited:
    """What counts of what some members cite that is no record."""
    for entry in entries:
        record = entry.corrected or entry.record
        if entry.standing in COUNTING and whose(entry.member) and isinstance(entry.record, Report | Answer):
            for source in getattr(record, "sources", None) or ():
                if source.record is None:
                    yield entry.member, source


class _Known:
    """What honest members cite in a case."""

    def __init__(self, alone: CaseView) -> None:
        sources = [source for _, source in _cited(alone.timeline, lambda _: True)]
        self._locators = {_locator(source) for source in sources}
        self._hashes = {source.sha256 for source in sources if source.sha256}

    def has(self, source: Source) -> bool:
        """Whether this is, for sure, one of them."""
        return _locator(source) in self._locators or source.sha256 in self._hashes


def _locator(source: Source) -> str:
    return canonical_locator(source.locator or "")


def _check_corroboration(view: CaseView, alone: CaseView, held: Held, hostile: Iterable[str]) -> None:
    known = _Known(alone)
    new = [
        (member, source)
        for member, source in _cited(view.timeline, lambda member: member in hostile)
        if not known.has(source)
    ]
    pages = {_locator(source) for _, source in new if is_verifiable(source)}
    on_their_word = {member for member, source in new if not is_verifiable(source)}
    members = {member for member, _ in new}
    parties = [held.terms.parties.get(member) for member in members]
    economies = {party.economy if party else "" for party in parties}
    before = alone.corroboration
    most = (
        before.independent_sources + len(pages) + len(on_their_word),
        before.organisations + len(members),
        before.economies + len(economies),
    )
    if any(found > bound for found, bound in zip(_figures(view.corroboration), most, strict=True)):
        raise Violation(f"{view.case} has {_figures(view.corroboration)}, where {most} is the most.")
    asked = held.terms.independent_sources, held.terms.organisations, held.terms.economies
    if view.corroboration.corroborated and any(low < rule for low, rule in zip(most, asked, strict=True)):
        raise Violation(f"{view.case} is corroborated by {most}, where the charter asks for {asked}.")


def _check_copies(view: CaseView, alone: CaseView, held: Held, hostile: Iterable[str]) -> None:
    """That reports of the hostile that only repeat what the honest cite raise nothing."""
    known = _Known(alone)
    copies = {
        entry.ref
        for entry in view.timeline
        if entry.member in hostile and entry.standing == "counts" and isinstance(entry.record, Report)
        if all(source.record is not None or known.has(source) for source in entry.record.sources)
    }
    if not copies:
        return
    without = held.without(copies).picture(view.case).corroboration
    if any(new > old for new, old in zip(_figures(view.corroboration), _figures(without), strict=True)):
        raise Violation(
            f"{view.case}: repetition makes {_figures(view.corroboration)} of {_figures(without)}."
        )


def _figures(counted: Corroboration) -> tuple[int, int, int]:
    return counted.independent_sources, counted.organisations, counted.economies


def _check_asks(view: CaseView, held: Held, hostile: Iterable[str]) -> None:
    said = [held.said[entry.ref] for entry in view.timeline]
    present = {slug for slug, party in held.terms.parties.items() if party.present}
    observers = {slug for slug, party in held.terms.parties.items() if party.observer}
    asks = {ask.ref: ask for ask in view.asks}
    for ask in said:
        if not says(ask, Ask) or ask.member in hostile or _is_taken_back(ask, said):
            continue
        to = set(ask.record.to) & present if ask.record.to is not None else present - observers
        missing = {
            slug
            for slug in to - {ask.member} - set(hostile)
            if not any(
                says(one, Answer)
                and one.member == slug
                and one.record.ask == ask.ref
                and not _is_taken_back(one, said)
                for one in said
            )
        }
        if ask.ref not in asks:
            raise Violation(f"{ask.ref} counts, and is no ask of the picture.")
        if missing and not asks[ask.ref].open:
            raise Violation(f"{ask.ref} is closed, and {sorted(missing)} did not answer.")
        if not missing and not to & set(hostile) and asks[ask.ref].open:
            raise Violation(f"{ask.ref} is open, and all have answered.")


def _is_taken_back(one: Said, said: Iterable[Said]) -> bool:  # type: ignore[type-arg]
    """Whether its own member withdrew it, and not the withdrawal; honest members withdraw their own alone."""
    return any(
        says(by, Withdrawal)
        and by.member == one.member
        and one.ref in by.record.of
        and place(by.ref) > place(one.ref)
        and not _is_taken_back(by, said)
        for by in said
    )
