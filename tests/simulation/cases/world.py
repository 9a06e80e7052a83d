"""A world whose nodes work with cases: each has its casework and its index, as in reality, and its desk.

    with CaseWorld(seed=1, members=4, hostile=["elm"]) as world:
        world.start()
        world.open_case("ash")
        world.say("birch", "add", (0, 0))
        world.foul("elm", "withdraw others", (0, 0))
        world.settle()

Honest desks say what their node would let them say; those that are hostile write past those checks. Their
nodes keep the rules of the line. An index lives in a file, which outlives the process; what a power loss
leaves of it is a matter of chance.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import structlog
from tests.simulation.cases.checking import Checks
from tests.simulation.cases.desk import DEEDS, Saying, linked, page, told
from tests.simulation.cases.foul import FOUL, Prey
from tests.simulation.cases.held import Held
from tests.simulation.clock import START_MS, SeededChance
from tests.simulation.erasing import ErasingWorld
from tests.simulation.hostile import Rogue
from tests.simulation.wire import Outlet
from tests.simulation.world import ROGUE, Node

from tocsin.cases.picture import CaseView
from tocsin.circles.errors import WritesHalted
from tocsin.circles.events import Event
from tocsin.circles.founding.charter import Limits
from tocsin.circles.founding.draft import DEFAULT_LIMITS
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.records import CaseRecord, NoteRecord, Record, Ref, encode_record, parse_record
from tocsin.log.index import Index
from tocsin.log.sqlite.index import SqliteIndex
from tocsin.log.store import StorageFailed, StorageFull
from tocsin.node.api.cases.saying import check
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Indexing
from tocsin.node.casework.noting import VERSION

T = TypeVar("T")

LIMIT_S = 10.0

_ENDINGS = ("", "-wal", "-shm")
_CASES_LOOKED_AT = 100


class CaseWorld(ErasingWorld):
    """A world of cases; see the module. `written` is what honest desks were told is durable."""

    def __init__(
        self,
        seed: int,
        members: int,
        *,
        hostile: Iterable[str] = (),
        rogue: bool = False,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(seed, members, rogue=rogue, limits=limits)
        self.hostile = frozenset(hostile) | ({ROGUE} if rogue else set())
        self.casework: dict[str, Casework] = {}
        self.written: dict[Ref, Record] = {}
        self._folder = TemporaryDirectory(prefix="tocsin-cases-")
        self._indexing: dict[str, Indexing] = {}
        self._words = SeededChance(seed, "words")
        self._power = SeededChance(seed, "indices")
        self._log = structlog.wrap_logger(
            None, processors=[self._logged], wrapper_class=structlog.make_filtering_bound_logger(0)
        )

    def __exit__(self, *error: object) -> None:
        try:
            for slug in list(self._indexing):
                self._let_go(slug)
        finally:
            super().__exit__(*error)
            self._folder.cleanup()

    # What a schedule does

    @property
    def honest(self) -> Sequence[str]:
        """The members that are not hostile."""
        return [slug for slug in self.nodes if slug not in self.hostile]

    def open_case(self, slug: str, number: int = 0) -> None:
        """An honest desk opens a case, by a page or by what it was told."""

        async def report(by: Saying, _: Casework) -> CaseRecord:
            return by.report(page(number) if number % 2 else told(slug, number), event="incident")

        self._begin(slug, (number, number), report)

    def say(self, slug: str, deed: str, numbers: tuple[int, int] = (0, 0), *, urgent: bool = False) -> None:
        """An honest desk says something in one of the cases that its node lists: one of `desk.DEEDS`."""

        async def record(by: Saying, casework: Casework) -> CaseRecord | None:
            cases = (await casework.summaries(limit=_CASES_LOOKED_AT)).cases
            if not cases:
                return None
            case = cases[by.a % len(cases)].ref
            if deed == "link":
                return linked(by, case, cases[by.b % len(cases)].ref)
            return DEEDS[deed](by, await casework.view(case))

        self._begin(slug, numbers, record, urgent=urgent)

    def foul(self, slug: str, name: str, numbers: tuple[int, int] = (0, 0), *, urgent: bool = False) -> None:
        """A hostile desk writes what it should not: one of `foul.FOUL`; nothing if its node is down."""
        node = self.nodes[slug]
        if node.line is None or node.outlet is None:
            return
        held = Held.by(node.line, node.store)
        others = sorted(ref for ref in held.cases if ref.log_name.member != slug) or sorted(held.cases)
        if others:
            case = others[numbers[0] % len(others)]
            by = self._saying(node, numbers)
            prey = Prey(by, held.said.values(), case, (one.ref for one in held.cases[case]))
            records = [encode_record(record) for record in FOUL[name](prey)]
            if records:
                self.loop.spawn(node.outlet, self._write_all(node.line, node.outlet, records, urgent=urgent))

    def rogue_floods(self, records: int, pushes: int) -> None:
        """The rogue, which keeps no limit, pushes so many reports to all, in so many pushes, at once."""
        rogue = self._rogue_reports(records)
        ends = [1 + records * (number + 1) // pushes for number in range(pushes)]

        async def flood() -> None:
            for first, end in pairwise([0, *ends]):
                await rogue.tell(rogue.history.push(first, end))

        rogue.begin(flood())

    def rogue_withholds_from(self, slug: str) -> None:
        """The rogue pushes a report to all, but only its entry to one member, and to that one first."""
        rogue = self._rogue_reports(1)
        push = rogue.history.push()
        bare = replace(push, chunk=push.chunk.without(frozenset({rogue.history.size - 1})))

        async def withhold() -> None:
            await rogue.tell(bare, slug)
            await self.nodes[slug].clock.sleep(1)
            await rogue.tell(push, *(other for other in rogue.victims if other != slug))

        rogue.begin(withhold())

    def _rogue_reports(self, records: int) -> Rogue:
        """The rogue, which has written so many reports into a case."""
        assert self.rogue is not None
        by = Saying(ROGUE, self.circle.id, START_MS, "forged", (0, 0))
        case = next(iter(self.written))
        reports = [by.report(told(ROGUE, number), case=case) for number in range(records)]
        self.rogue.history.write(*map(encode_record, reports))
        return self.rogue

    def listen(self, slug: str) -> list[Ref]:
        """The cases of which a node tells, from now on, that something came or went."""
        told_of: list[Ref] = []
        self.casework[slug].listen(told_of.append)
        return told_of

    def pictures(self, slug: str) -> Sequence[CaseView]:
        """The pictures of all cases that a node lists."""
        casework = self.casework[slug]

        async def views() -> list[CaseView]:
            cases = (await casework.summaries(limit=_CASES_LOOKED_AT)).cases
            return [await casework.view(case.ref) for case in cases]

        return self.ask(views())

    def damage(self, slug: str) -> None:
        """Something overwrites the middle of an index's file."""
        path = self._path(slug)
        if path.exists() and (size := path.stat().st_size):
            with path.open("r+b") as file:
                file.seek(size // 3)
                file.write(bytes(2 * size // 3))

    def cut_power(self, slug: str) -> None:
        """See World. Of an index, which is never synced, sometimes nothing is left."""
        was_up = self.nodes[slug].line is not None
        super().cut_power(slug)
        if was_up and self._power.uniform(0, 3) < 1:
            self._let_go(slug)
            for ending in _ENDINGS:
                self._path(slug).with_name(f"{slug}{ending}").unlink(missing_ok=True)

    def look(self) -> None:
        """Check what must hold at any time, at each node that is up."""
        checks = Checks(self)
        for slug in self.nodes:
            if self.nodes[slug].line:
                checks.check_now(slug)

    def settle(self) -> None:
        """See World; and check all that must hold of cases."""
        super().settle()
        Checks(self).check_settled()

    def is_erasable(self, body: bytes) -> bool:
        """Whether a record is one that is erased here: a note, or one of a case."""
        return isinstance(parse_record(body).record, NoteRecord | CaseRecord)

    # What nodes do

    def restart(self, slug: str) -> None:
        """See World."""
        if self.nodes[slug].line is None:
            self._let_go(slug)
        super().restart(slug)

    def opened(self, node: Node, line: Line) -> None:
        """See World: its index is opened, and what the line says is heard."""
        slug, store, outlet = node.slug, node.store, node.outlet
        assert outlet is not None

        def open_index() -> Index:
            return SqliteIndex(self._path(slug), store, VERSION)

        indexing = store.derived = self._indexing[slug] = Indexing(store, open_index, node.clock, self._log)
        self.casework[slug] = Casework(line, store, indexing)
        indexing.start(lambda error: self._fault(outlet, error))

    def ask(self, work: Coroutine[None, None, T]) -> T:
        """Have something done at a node that only looks, which takes no time."""
        return self.loop.run(work, LIMIT_S)

    def index_file(self, slug: str) -> bytes:
        """All that stands in the files of an index."""
        paths = (self._path(slug).with_name(f"{slug}{ending}") for ending in _ENDINGS)
        return b"".join(path.read_bytes() for path in paths if path.exists())

    def _event(self, slug: str, event: Event) -> None:
        super()._event(slug, event)
        if casework := self.casework.get(slug):
            casework.heard(event)

    def _ended(self, node: Node, outlet: Outlet) -> None:
        super()._ended(node, outlet)
        self.casework.pop(node.slug, None)

    def _let_go(self, slug: str) -> None:
        if indexing := self._indexing.pop(slug, None):
            self.loop.run(indexing.stop(), LIMIT_S)

    def _path(self, slug: str) -> Path:
        return Path(self._folder.name) / slug

    def _saying(self, node: Node, numbers: tuple[int, int]) -> Saying:
        word = f"w{self._words.token(6).hex()}"
        return Saying(node.slug, self.circle.id, node.clock.wall_ms(), word, numbers)

    def _begin(
        self,
        slug: str,
        numbers: tuple[int, int],
        record: Callable[[Saying, Casework], Awaitable[CaseRecord | None]],
        *,
        urgent: bool = False,
    ) -> None:
        node, casework = self.nodes[slug], self.casework.get(slug)
        if node.line and node.outlet and casework:
            by = self._saying(node, numbers)

            async def wish() -> CaseRecord | None:
                return await record(by, casework)

            work = self._say(node, node.line, node.outlet, casework, wish, urgent=urgent)
            self.loop.spawn(node.outlet, work)

    async def _say(
        self,
        node: Node,
        line: Line,
        outlet: Outlet,
        casework: Casework,
        wish: Callable[[], Awaitable[CaseRecord | None]],
        *,
        urgent: bool,
    ) -> None:
        try:
            record = await wish()
            if record is not None:
                await check(record, node.slug, casework)
                body = encode_record(record)
                written = await line.write([body], urgent=urgent)
                self.truth.acknowledged(node.slug, written, body)
                for index in range(written.first, written.size):
                    entry, _, found = node.store.record(written.log, index)
                    if found == body:
                        self.written[Ref.at(written.log, index, entry)] = record
        except (Refusal, StorageFull, WritesHalted):
            return
        except StorageFailed:
            if outlet.plugged:
                raise

    async def _write_all(self, line: Line, outlet: Outlet, records: Iterable[bytes], *, urgent: bool) -> None:
        try:
            await line.write(list(records), urgent=urgent)
        except (Refusal, StorageFull, WritesHalted):
            return
        except StorageFailed:
            if outlet.plugged:
                raise

    def _logged(self, _: object, __: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        if event["event"] == "case-not-summed-up":
            self._faults.append(event["exc_info"])
        raise structlog.DropEvent
