"""The cases of one circle at this node, for whoever in the node asks.

    view = await casework.view(case)            # with every record that is durable here
    assessment = await casework.assessment(case)    # what its members make of it, together
    page = await casework.summaries()           # the cases, those with the newest records first
    hits = await casework.search(Query(words="smoke"))
    end = casework.listen(heard)                # heard(case), soon after a record of it came, or went

- What is shown is read in the logs whenever it is not in memory: the index only says where to look.
- Everything is the circle's alone: nothing that stands in another circle's logs is found.
- The picture of a large case takes longer than the loop may be kept: it is made in a thread. Whoever would
  show meanwhile how far it is reads it in steps (`read_some`).
- While the index is made anew (`rebuilding`), not all that there is may be shown, and what is not found yet
  is refused as Rebuilding.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from tocsin.cases.picture import CaseSummary, CaseView, case_of
from tocsin.cases.picture.view import State
from tocsin.cases.search import Query
from tocsin.circles.events import Arrived, CircleChanged, Displaced, Event, SetAside, Voided
from tocsin.circles.founding.circle import void_from
from tocsin.circles.line import Line
from tocsin.core.errors import quoted
from tocsin.core.records import Correction, Record, Ref, Report, Source
from tocsin.core.records.errors import UnknownCase, UnknownRecord
from tocsin.core.views import Holdings, Knowledge, Said, Terms
from tocsin.log.index import Noted
from tocsin.log.store import Store
from tocsin.node.casework.assessing.asking import NextQuestion, questions_of
from tocsin.node.casework.assessing.assessment import Assessment
from tocsin.node.casework.assessing.kept import Kept
from tocsin.node.casework.assessing.learning import Learning, Scored
from tocsin.node.casework.assessing.lessons import private_view_of
from tocsin.node.casework.assessing.unread import unread
from tocsin.node.casework.holdings import holdings_of
from tocsin.node.casework.hot import Hot, HotCases
from tocsin.node.casework.indexing import REBUILDING_FROM, Indexing, Rebuilding
from tocsin.node.casework.knowledge import NotedKnowledge
from tocsin.node.casework.reading import Reading, is_of_a_case
from tocsin.node.casework.sayings import Sayings
from tocsin.node.casework.searching import search
from tocsin.node.casework.summing import Summing
from tocsin.node.casework.terms import terms_of
from tocsin.node.casework.tracking import SharedTracking
from tocsin.node.casework.types import Cases, Hits
from tocsin.readings.overlay import PrivateView

_READ_AT_ONCE = 32
_LARGE = 1_000
_RENEWING = (CircleChanged, Displaced, SetAside, Voided)


class Casework:
    """A circle's cases. `tracking` knows who has the one that was looked at last.

    `learning` is what closed ones taught this node.
    """

    def __init__(self, line: Line, store: Store, indexing: Indexing) -> None:
        self._line = line
        self._store = store
        self.indexing = indexing
        self._sayings = Sayings(lambda: line.circle, store)
        self._knowledge = NotedKnowledge(indexing, lambda: self.logs)
        self._reading = Reading(self.id, self._sayings, indexing, self._knowledge)
        self._reading.with_aheads.update(log for log in self.logs if self._sayings.ahead(log))
        self._hot = HotCases()
        # By who is a member, and on duty; by how often it changed what was learned.
        self._asked = Kept[tuple[Terms, frozenset[str]], tuple[NextQuestion, ...]]()
        self._private = Kept[int, PrivateView | None]()
        self.tracking = SharedTracking()
        self._summing = Summing(
            self.id,
            indexing,
            self._reading,
            self._hot,
            self._knowledge,
            terms=lambda: self.terms,
            ends=self._ends,
        )
        self.learning = Learning(
            self.id,
            line.own.member.slug,
            indexing=indexing,
            reading=self._reading,
            hot=self._hot,
            knowledge=self._knowledge,
        )
        self._listeners: list[Callable[[Ref], None]] = []
        indexing.add(self)

    # What there is

    @property
    def id(self) -> str:
        """The circle's id."""
        return self._line.circle.id

    @property
    def logs(self) -> Sequence[str]:
        """The names of its logs, those of epochs and members before among them."""
        return list(self._line.circle.by_log)

    @property
    def terms(self) -> Terms:
        """What the charter says."""
        return terms_of(self._line.circle)

    def _ends(self) -> Mapping[str, int | None]:
        return {log: void_from(member) for log, member in self._line.circle.by_log.items()}

    @property
    def rebuilding(self) -> bool:
        """Whether it is still being found out what is there."""
        try:
            return self.indexing.behind(self) >= REBUILDING_FROM
        except Rebuilding:
            return True

    def ref_of(self, subject: bytes) -> Ref | None:
        """The case whose report has these 32 bytes. Raises Rebuilding."""
        self.indexing.note_now(self)
        return self._reading.ref_of(subject)

    def knowledge(self) -> Knowledge:
        """What the authors' nodes had seen."""
        return self._knowledge

    def ref(self, text: str) -> Ref:
        """The record that people write as `birch.1.12`. Raises UnknownRecord."""
        member, epoch, index = [*text.split("."), "", ""][:3]
        for log, of in self._line.circle.by_log.items():
            numbers = epoch == str(of.log.epoch) and index.isascii() and index.isdecimal()
            if of.slug == member and numbers and len(index) <= len(str(2**53)):
                said = self._sayings.at(log, int(index))
                if said and text == str(said.ref):
                    return said.ref
        raise UnknownRecord(f"Expected a record of this circle, such as birch.1.12, found {quoted(text)}.")

    def said(self, ref: Ref) -> Said[Record] | None:
        """That very record, if it can be read here, of a case or not."""
        return self._sayings.of(ref)

    # Cases

    async def view(self, case: Ref) -> CaseView:
        """The picture of a case. Raises UnknownCase, and Rebuilding where it may yet be found."""
        hot = await self._read(case)
        if hot.said >= _LARGE:
            # Whoever waits no more leaves a thread that goes on: nobody adds to the case until it is done.
            return await asyncio.shield(self._in_a_thread(hot))
        terms = self.terms
        if hot.view is None or hot.terms != terms:
            with self.indexing.asked():
                hot.view, hot.terms = hot.case.view(terms, self._knowledge), terms
        return hot.view

    async def _in_a_thread(self, hot: Hot) -> CaseView:
        async with hot.lock:
            return await self._pictured(hot)

    async def _pictured(self, hot: Hot) -> CaseView:
        terms = self.terms
        if hot.view is None or hot.terms != terms:
            known = self._looked_up(hot)
            hot.view, hot.terms = await asyncio.to_thread(hot.case.view, terms, known), terms
        return hot.view

    def _looked_up(self, hot: Hot) -> Knowledge:
        with self.indexing.asked():
            return self._knowledge.looked_up(hot.spots)

    async def assessment(self, case: Ref) -> Assessment:
        """What its members make of a case, together. Raises what `view` raises."""
        return (await self._assessed(case))[1]

    async def _assessed(self, case: Ref) -> tuple[CaseView, Assessment]:
        """The picture, and what is made of that very one."""
        return await asyncio.shield(self._assess(await self._read(case)))

    async def _assess(self, hot: Hot) -> tuple[CaseView, Assessment]:
        async with hot.assessed.lock:
            async with hot.lock:
                picture = await self._pictured(hot)
                if made := hot.assessed.of(picture):
                    return picture, made
                known = self._looked_up(hot)
                evidence = await asyncio.to_thread(hot.case.evidence, known)
            # It takes longest, and the case goes on meanwhile.
            return picture, await asyncio.to_thread(hot.assessed.make, picture, evidence)

    async def questions(self, case: Ref, on_duty: Collection[str] = ()) -> tuple[NextQuestion, ...]:
        """What we had best ask whom about a case, the best first. Raises what `view` raises.

        Of members of whom as much is expected, those that are `on_duty` come first.
        """
        async with self._asked.lock:
            picture, assessment = await self._assessed(case)
            terms, me, awake = self.terms, self._line.own.member.slug, frozenset(on_duty)
            make = partial(questions_of, assessment.evidence, picture, terms, me=me, on_duty=awake)
            return await self._asked.made(picture, (terms, awake), make)

    async def unread(self, case: Ref) -> tuple[Source, ...]:
        """What we cite ourselves in a case, if we could read it and have not. Raises what `view` raises."""
        picture, assessment = await self._assessed(case)
        return unread(picture, assessment.evidence, self._line.own.member.slug)

    async def private_view(self, case: Ref) -> PrivateView | None:
        """What a case was by what this node learned of its members; None if that is nothing yet.

        It is for our own eyes. Raises what `view` raises.
        """
        async with self._private.lock:
            picture, assessment = await self._assessed(case)
            make = partial(private_view_of, assessment.evidence, self.learning.taught(case))
            return await self._private.made(picture, self.learning.changes, make)

    async def scores(self) -> Scored:
        """How good our own readings were, and the common views. Raises Rebuilding."""
        await self.indexing.catch_up(self)
        return await self.learning.scores()

    async def read_some(self, case: Ref, most: int) -> tuple[int, int]:
        """Read so many more entries of a case at most: how many were read by now, of how many.

        Those of a case that is in memory were; of what is no case, there are none. Raises Rebuilding.
        """
        await self.indexing.catch_up(self)
        hot = self._hot.of(case)
        async with hot.lock:
            await self._reading.read_some(hot, most)
        return len(hot.spots), len(hot.spots) + len(hot.fresh)

    async def _read(self, case: Ref) -> Hot:
        whole = await self.indexing.catch_up(self)
        hot = self._hot.of(case)
        async with hot.lock:
            await self._reading.read(hot)
        if hot.over:
            return await self._read(case)
        if not hot.said:
            self._hot.drop(hot)
            if not whole:
                raise Rebuilding
            said = self._sayings.of(case)
            if said and is_of_a_case(said):
                of = case_of(said.ref, said.record)
                raise UnknownCase(f"Expected a case, found {case}, a record of {of}. Next: name {of}.")
            raise UnknownCase(f"Expected a case of this circle, found {case}.")
        for dropped in self._hot.trim():
            self._knowledge.forget(dropped.spots)
        return hot

    async def summaries(
        self,
        state: State | None = None,
        after: str | None = None,
        limit: int = 50,
        *,
        since_closing: bool = False,
    ) -> Cases:
        """Cases, in that state or in any, those with the largest `at_ms` first.

        `since_closing`: only those into which something came since they were closed. `after` is the `next` of
        the page before. Raises MalformedPage, Rebuilding.
        """
        await self.indexing.catch_up(self)

        def chosen(one: CaseSummary) -> bool:
            return state in (None, one.state) and (one.since_closing > 0 or not since_closing)

        return await self._summing.page(chosen, after, limit, rebuilding=self.rebuilding)

    async def summary(self, case: Ref) -> CaseSummary | None:
        """A case as it stands in a list; None if there is none. Raises Rebuilding."""
        await self.indexing.catch_up(self)
        return await self._summing.read(case)

    async def said_since(self, sizes: Mapping[str, int], limit: int) -> Sequence[Said[Record]]:
        """What was said in each log from that size on, its last first; at most so many of each log."""
        found: list[Said[Record]] = []
        for log in self.logs:
            end = self._sayings.end(log)
            first = max(sizes.get(log, 0), end - limit, 1)
            said = (self._sayings.at(log, index) for index in reversed(range(first, end)))
            found += filter(None, said)
            await asyncio.sleep(0)
        return found

    async def holdings(self, case: Ref) -> Holdings:
        """Who holds what of a case. Raises what `view` raises."""
        view, hot = await self.view(case), self._hot.of(case)
        with self.indexing.asked() as index:
            places = index.places(self.id, hot.subject)
        received = {(place.log, place.index): place.received_ms for place in places}
        refs = [entry.ref for entry in view.timeline]
        arrived = {ref: ms for ref in refs if (ms := received.get((ref.log, ref.index))) is not None}
        return await holdings_of(self._line, self._store, refs, arrived)

    async def search(self, query: Query) -> Hits:
        """What is found. Raises NothingAsked, Rebuilding."""
        await self.indexing.catch_up(self)
        members = {log: of.slug for log, of in self._line.circle.by_log.items()}
        logs = [log for log, slug in members.items() if query.member in (None, slug)]
        rebuilding = self.rebuilding or bool(query.words and not self.indexing.worded(self))
        return await search(query, logs, self.id, self._sayings, self.indexing, rebuilding=rebuilding)

    async def naming(self, sha256: str) -> list[Ref]:
        """The records that name the attachment with that hash. Raises Rebuilding."""
        if not await self.indexing.catch_up(self):
            raise Rebuilding
        with self.indexing.asked() as index:
            places = index.mentioning(bytes.fromhex(sha256))
        found = []
        for number, place in enumerate(places, 1):
            said = self._sayings.at(place.log, place.index)
            if said and _names(said.record, sha256):
                found.append(said.ref)
            if number % _READ_AT_ONCE == 0:
                await asyncio.sleep(0)
        return found

    # What happens

    def listen(self, heard: Callable[[Ref], None]) -> Callable[[], None]:
        """Have `heard` told of each case of which records came or went. Returns what ends that."""
        self._listeners.append(heard)
        return lambda: self._listeners.remove(heard)

    def heard(self, event: Event) -> None:
        """Something happened on the line."""
        if isinstance(event, Arrived) and event.ahead:
            self._reading.with_aheads.add(event.log)
            for reading in event.readings:
                said = self._sayings.at(event.log, reading.index)
                if said and is_of_a_case(said):
                    self._tell(case_of(said.ref, said.record))
        if isinstance(event, _RENEWING):
            self.lost()
        self.indexing.wake()

    def noted(self, log: str, noted: Sequence[Noted], *, live: bool) -> None:
        """See `indexing.Circle`."""
        subjects: dict[bytes, None] = {}
        for one in noted:
            if one.subject is not None:
                subjects[one.subject] = None
                self.learning.noted(one.subject, one.kind)
                for hot in self._hot.with_subject(one.subject):
                    hot.fresh.add((log, one.index))
        self._summing.changed(subjects)
        if live and self._listeners:
            for subject in subjects:
                if ref := self._reading.ref_of(subject):
                    self._tell(ref)

    def changed(self, log: str, index: int) -> None:
        """See `indexing.Circle`."""
        said = self._sayings.at(log, index)
        told = [hot.ref for hot in self._hot.clear() if (log, index) in hot.spots]
        self._knowledge.forget()
        self._reading.forget()
        self._summing.changed(None)
        self.learning.forget()
        if said and is_of_a_case(said):
            told.append(case_of(said.ref, said.record))
        for ref in dict.fromkeys(told):
            self._tell(ref)

    def lost(self) -> None:
        """See `indexing.Circle`."""
        self._hot.clear()
        self._knowledge.forget()
        self._reading.forget()
        self.learning.forget()
        self._summing.forget()

    async def sum_up(self) -> bool:
        """See `indexing.Circle`."""
        return await self._summing.sum_up_one() or await self.learning.learn_some()

    def _tell(self, case: Ref) -> None:
        for heard in list(self._listeners):
            heard(case)


def _names(record: Record, sha256: str) -> bool:
    attachments = record.attachments if isinstance(record, Report | Correction) else None
    return any(one.sha256 == sha256 for one in attachments or ())
