"""Incoming asks: what is proposed to the officer, and what a machine answers where its owner opted in.

- Every ask of another member that this node was asked is looked at when it comes, and after a start. One that
  this organisation has answered, or in a case that is closed, is not.
- Where a machine may answer: (1) it is judged by the ask alone; (2) the judgement, and what is left of the
  asker's budget, are committed; (3) what is open to it is looked up, unless it was refused; (4) the answer is
  written, and what was committed before it is durable with it. A node that dies in between never judges the
  ask again: the officer still has it.
- Others wrote what is in a case: one that cannot be looked at, and an ask that cannot be judged, are logged
  and passed over. Of such an ask, and of an answer that could not be written, the probe says it.
- What is proposed is not kept: it is looked up when the officer wants to see it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec
from structlog.typing import FilteringBoundLogger

from tocsin.cases.matching import (
    Asked,
    Bucket,
    Match,
    Policy,
    Probe,
    Proposal,
    Verdict,
    asked_of,
    judge,
    machine_answer,
    propose,
    said_by,
)
from tocsin.cases.matching.answering.answers import MOST_COUNTED
from tocsin.cases.picture import CaseSummary, CaseView, reports
from tocsin.cases.picture.view import AskView, Corrected, State
from tocsin.core.clock import Clock
from tocsin.core.errors import Refusal, TocsinError
from tocsin.core.records import Ask, Ref, Report, encode_record
from tocsin.core.records.errors import UnknownCase
from tocsin.log.committer import Committer
from tocsin.log.store import StorageFailed, StorageFull, Store
from tocsin.node.observing.keeping import Keeping

AUTHOR = "matching"
AGAIN_S = 1.0
_PROBES = "observation-probe"
_BUDGETS = "observation-budget"


class Page(Protocol):
    """Some cases, and where the next ones begin."""

    @property
    def cases(self) -> tuple[CaseSummary, ...]: ...  # noqa: D102
    @property
    def next(self) -> str | None: ...  # noqa: D102


class Cases(Protocol):
    """What is asked of the cases of one circle (`node.desk.casework`)."""

    @property
    def rebuilding(self) -> bool:
        """Whether cases may lack records that are here."""
        ...

    async def summaries(self, state: State | None = None, after: str | None = None) -> Page:
        """The cases, in pages. Raises a Refusal while they are not known."""
        ...

    async def view(self, case: Ref) -> CaseView:
        """One case. Raises a Refusal if there is none."""
        ...

    def listen(self, heard: Callable[[Ref], None]) -> Callable[[], None]:
        """Be told of each case that changed, until what this returns is called."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A circle: who we are there, its cases, and how a record of this node's is written there."""

    circle: str
    own: str
    cases: Cases
    write: Callable[[bytes], Awaitable[object]]


class Watching:
    """The asks of all circles."""

    def __init__(
        self,
        keeping: Keeping,
        policy: Policy,
        store: Store,
        committer: Committer,
        *,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self._keeping = keeping
        self._policy = policy
        self._store = store
        self._committer = committer
        self._clock = clock
        self._log = log
        self._circles: dict[str, Watched] = {}

    def add(self, watched: Watched) -> None:
        """Watch another circle."""
        self._circles[watched.circle] = watched

    async def run(self, circle: str) -> None:
        """Answer by machine what may be answered, until cancelled. Where nobody opted in, nothing is done."""
        if self._policy.grant(circle) is None:
            return
        watched = self._circles[circle]
        heard: dict[Ref, None] = {}
        woken = asyncio.Event()

        def hear(case: Ref) -> None:
            heard[case] = None
            woken.set()

        end = watched.cases.listen(hear)
        try:
            await self._keeping.whole.wait()
            while not await self._answer_open(watched):
                await self._clock.sleep(AGAIN_S)
            while True:
                await woken.wait()
                woken.clear()
                for case in list(heard):
                    del heard[case]
                    if not await self._answer_in(watched, case):
                        hear(case)
                        await self._clock.sleep(AGAIN_S)
        finally:
            end()

    async def _answer_open(self, watched: Watched) -> bool:
        """Whether all that was asked before could be looked at."""
        try:
            async for case in _asked_in(watched.cases):
                if not await self._answer_in(watched, case):
                    return False
        except Refusal:
            return False
        return not watched.cases.rebuilding

    async def _answer_in(self, watched: Watched, case: Ref) -> bool:
        """Whether the case could be looked at; not while an answer of an officer's might be missing in it."""
        if watched.cases.rebuilding:
            return False
        try:
            await self._answer_all(watched, await watched.cases.view(case))
        except Refusal:
            return not watched.cases.rebuilding
        except StorageFull as error:
            self._log.warning("ask-not-judged", case=str(case), code=error.code, why=str(error))
            return False
        except StorageFailed:
            raise
        except Exception:  # noqa: BLE001 - others wrote what is in a case
            self._log.error("asks-not-judged", circle=watched.circle, case=str(case), exc_info=True)
        return True

    async def proposals(
        self, circle: str, author: str, limit: int = 10, only: Ref | None = None
    ) -> list[Proposal]:
        """What the officer of that role is proposed: of each open ask, what fits, and an answer.

        `only`: of the asks of that case alone, however many others there are.
        """
        watched = self._circles[circle]
        proposed = []
        async for case in _asked_in(watched.cases, only):
            try:
                proposed += await self._proposals(watched, await watched.cases.view(case), author, limit)
            except UnknownCase:
                continue
            except (Refusal, StorageFailed):
                raise
            except Exception:  # noqa: BLE001 - others wrote what is in a case
                self._log.error("nothing-proposed", circle=circle, case=str(case), exc_info=True)
        return proposed

    async def _proposals(self, watched: Watched, view: CaseView, author: str, limit: int) -> list[Proposal]:
        said, proposed = said_by(_reports(view)), []
        for ask, record in _asks(view, watched.own):
            await asyncio.sleep(0)
            asked = asked_of(record, said)
            matches = self._keeping.shelves.match(asked, await self._keeping.vectors(asked), limit=limit)
            proposal = propose(
                ask.ref,
                view.case,
                matches,
                circle=watched.circle,
                tlp=record.tlp,
                at_ms=self._clock.wall_ms(),
                author=author,
            )
            if proposal:
                proposed.append(proposal)
        return proposed

    def probes(self, circle: str) -> list[Probe]:
        """Every ask of this circle that a machine was let judge, by its time here."""
        found = self._store.documents(f"{_PROBES}/{circle}").values()
        return sorted((msgspec.json.decode(data, type=Probe) for data in found), key=lambda one: one.at_ms)

    async def _answer_all(self, watched: Watched, view: CaseView) -> None:
        if view.state == "closed":
            return
        said: Asked | None = None
        for ask, record in _asks(view, watched.own):
            if self._store.document(f"{_PROBES}/{watched.circle}", _key(ask.ref)) is not None:
                continue
            try:
                said = said or said_by(_reports(view))
                await self._answer(watched, view, ask, record, asked_of(record, said))
            except (StorageFull, StorageFailed):
                raise
            except Exception:  # noqa: BLE001 - others wrote the ask, and what it is about
                self._log.error("ask-not-judged", circle=watched.circle, ask=str(ask.ref), exc_info=True)
                await self._keep(watched.circle, self._not_judged(ask))

    async def _answer(
        self, watched: Watched, view: CaseView, ask: AskView, record: Ask, asked: Asked
    ) -> None:
        # (1) judged by the ask alone
        kept = self._store.document(f"{_BUDGETS}/{watched.circle}", ask.member)
        bucket = msgspec.json.decode(kept, type=Bucket) if kept else None
        now_ms = self._clock.wall_ms()
        verdict = judge(self._policy, asked, circle=watched.circle, bucket=bucket, now_ms=now_ms)
        probe = Probe(
            ask=ask.ref,
            asker=ask.member,
            at_ms=now_ms,
            outcome=verdict.outcome,
            cost=verdict.cost,
            specificity=verdict.specificity,
            reason=verdict.reason,
        )
        # (2) committed; not synced, as the answer is committed after it, and leaves when that is synced
        await self._keep(watched.circle, probe, verdict.bucket)
        # (3) looked up
        answer = machine_answer(
            verdict,
            await self._matches(verdict, record, asked),
            ask.ref,
            view.case,
            circle=watched.circle,
            tlp=record.tlp,
            at_ms=now_ms,
            author=AUTHOR,
        )
        self._log.info(
            "probed", asker=ask.member, ask=str(ask.ref), outcome=probe.outcome, reason=probe.reason
        )
        if answer is None:
            return
        # (4) written
        try:
            await watched.write(encode_record(answer))
        except StorageFailed:
            raise
        except TocsinError as error:
            self._log.warning("answer-not-written", ask=str(ask.ref), code=error.code, why=str(error))
            failed = msgspec.structs.replace(probe, outcome="to-officer", reason="not-written")
            await self._keep(watched.circle, failed)
            return
        if verdict.outcome == "allowed":
            await self._keep(watched.circle, msgspec.structs.replace(probe, seen=answer.seen == "seen"))

    async def _matches(self, verdict: Verdict, record: Ask, asked: Asked) -> tuple[Match, ...]:
        if verdict.outcome != "allowed" or verdict.grant is None:
            return ()
        vectors = await self._keeping.vectors(asked)
        return self._keeping.shelves.open_match(verdict.grant, record.tlp, asked, vectors, limit=MOST_COUNTED)

    def _not_judged(self, ask: AskView) -> Probe:
        return Probe(
            ask=ask.ref,
            asker=ask.member,
            at_ms=self._clock.wall_ms(),
            outcome="to-officer",
            cost=0,
            specificity=0,
            reason="not-judged",
        )

    async def _keep(self, circle: str, probe: Probe, bucket: Bucket | None = None) -> None:
        def put() -> None:
            self._store.put_document(f"{_PROBES}/{circle}", _key(probe.ask), msgspec.json.encode(probe))
            if bucket is not None:
                self._store.put_document(f"{_BUDGETS}/{circle}", probe.asker, msgspec.json.encode(bucket))

        await self._committer.submit(put, synced=False)


async def _asked_in(cases: Cases, only: Ref | None = None) -> AsyncIterator[Ref]:
    """The cases with an ask that somebody has not answered, but for those that are closed."""
    if only is not None:
        yield only
        return
    after: str | None = ""
    while after is not None:
        page = await cases.summaries(after=after or None)
        for summary in page.cases:
            if summary.open_asks and summary.state != "closed":
                yield summary.ref
        after = page.next


def _asks(view: CaseView, own: str) -> Iterator[tuple[AskView, Ask]]:
    """The asks of others that we were asked and have not answered."""
    records = {entry.ref: entry.record for entry in view.timeline}
    for ask in view.asks:
        record = records.get(ask.ref)
        ours = next((answer for answer in ask.answers if answer.member == own), None)
        if isinstance(record, Ask) and ask.member != own and ours is not None and ours.ref is None:
            yield ask, record


def _reports(view: CaseView) -> Iterator[Report | Corrected]:
    return (report for _, report in reports(view))


def _key(ref: Ref) -> str:
    """One ask, and one version of it."""
    return f"{ref} {ref.entry}"
