"""What a node shows of cases is what a scan of all logs from their beginnings gives, whatever happened."""

import io
import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from tests.cases.picture.contexts import Contexts
from tests.circles.lines import Desk, Lines, Puppet, triples
from tests.circles.party import card_of, officer_key
from tests.circles.test_erasing import erasure
from tests.circles.test_line_changes import opening, pulls_from, tell
from tests.node.casebook import Casebook, ref_at
from tests.simulation.clock import VirtualClock

from tocsin.cases.picture import case_of, summary, view
from tocsin.cases.search import Query
from tocsin.core.records import CaseRecord, Context, Record, Ref, encode_record, sign_record
from tocsin.core.records.errors import UnknownCase
from tocsin.core.tlog.chunk import NO_SALT, Chunk
from tocsin.core.views import Said
from tocsin.log.sqlite.index import SqliteIndex
from tocsin.node.api.records import Shelf
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.indexing import Indexing
from tocsin.node.casework.reading import is_of_a_case
from tocsin.node.config import LogSettings
from tocsin.node.watching.logs import make_logger

_numbers = count()


class Office:
    """Ash's desk with its cases; birch and cedar write what a test has them write."""

    def __init__(self, lines: Lines, folder: Path) -> None:
        self.lines = lines
        self.path = folder / f"{next(_numbers)}.sqlite3"
        self.desk: Desk = lines.start("ash")
        self.puppets = {slug: lines.puppet(slug) for slug in ("birch", "cedar")}
        self.book = Casebook(lines.circle.id)
        self.refs: list[Ref] = []
        self.indexing: Indexing | None = None
        self.open()

    def open(self) -> None:
        """The casework of a line that has just started."""
        if self.indexing:
            self.close()
        desk = self.desk
        self.indexing = Indexing(
            desk.store,
            lambda: SqliteIndex(self.path, desk.store, "1"),
            VirtualClock(self.lines.loop),
            make_logger(LogSettings(), io.StringIO()),
        )
        self.casework = Casework(desk.line, desk.store, self.indexing)
        desk.on_event = self.casework.heard

    def close(self) -> None:
        """Let go of the index."""
        assert self.indexing
        self.lines.run(self.indexing.stop())

    def restart(self) -> None:
        """The process dies, and starts again."""
        self.desk.restart()
        self.open()

    def lose_index(self) -> None:
        """Somebody deletes it while the node is down."""
        self.close()
        self.indexing = None
        self.path.unlink()
        self.desk.restart()
        self.open()

    def work(self) -> None:
        """What is done in the background."""
        assert self.indexing
        self.lines.run(self.indexing._work())

    # What is said

    def say(self, slug: str, record: Record, *, signed: bool = False) -> Ref:
        """A member writes a record; a puppet pushes it later."""
        if slug == "ash":
            self.desk.write(encode_record(record))
            log = self.desk.log
            head = self.desk.store.head(log)
            assert head
            index = head.size - 1
            return ref_at(log, index, self.desk.store.record(log, index)[0])
        puppet = self.puppets[slug]
        body = encode_record(record)
        if signed:
            body = sign_record(record, officer_key(puppet.member.log, "duty"))
        puppet.history.write(body)
        return self.ref(puppet, puppet.history.size - 1)

    def ref(self, puppet: Puppet, index: int) -> Ref:
        """An entry of a puppet's log."""
        return ref_at(puppet.log, index, puppet.history._store.record(puppet.log, index)[0])

    def push(self, slug: str, without: frozenset[int] = frozenset()) -> None:
        """Push all that is said, without some records."""
        puppet = self.puppets[slug]
        whole = puppet.history.push()
        some = [
            (entry, NO_SALT, None) if index in without else (entry, salt, body)
            for index, (entry, salt, body) in enumerate(triples(whole))
        ]
        puppet.push("ash", replace(whole, chunk=Chunk.make(0, some)))

    # What is to be shown

    def scan(self) -> tuple[list[Said[CaseRecord]], Contexts]:
        """All that is said in the logs of the circle, read from their beginnings."""
        shelf, contexts = Shelf(self.desk.line, self.desk.store), Contexts()
        found: dict[Ref, Said[CaseRecord]] = {}
        for log in shelf.logs:
            for shown in (*shelf.read(log, 1, 10_000), *shelf.read_ahead(log)):
                if shown.state != "readable" or shown.void or shown.record is None or not shown.index:
                    continue
                if isinstance(shown.record, Context):
                    contexts.add(log, shown.index, shown.record)
                said = Said(self._ref(log, shown.index), shown.member, shown.record, shown.officer)
                if is_of_a_case(said):
                    found[said.ref] = said
        return list(found.values()), contexts

    def _ref(self, log: str, index: int) -> Ref:
        store = self.desk.store
        head = store.head(log)
        assert head
        aheads = {at: entry for at, entry, _, _ in store.aheads(log)}
        return ref_at(log, index, store.record(log, index)[0] if index < head.size else aheads[index])

    def check(self) -> None:
        """All cases are as the scan has them, alone and in the list."""
        said, contexts = self.scan()
        cases: defaultdict[Ref, list[Said[CaseRecord]]] = defaultdict(list)
        here = {one.ref: one for one in said}
        for one in said:
            cases[case_of(one.ref, one.record)].append(one)
        terms = self.casework.terms
        for case, of in cases.items():
            expected = view(case, said, terms, contexts)
            assert self.lines.run(self.casework.view(case)) == expected, (case, len(of))
        for ref in {*self.refs} - cases.keys():
            with pytest.raises(UnknownCase):
                self.lines.run(self.casework.view(ref))
        for ref in self.refs:
            assert self.casework.said(ref) == here.get(ref)
        page = self.lines.run(self.casework.summaries(limit=200))
        assert {one.ref: one for one in page.cases} == {case: summary(case, said, terms) for case in cases}


SAID = ("report", "more", "more", "ask", "answer", "withdraw", "acknowledge", "close")
BESIDE = ("context", "context", "card", "nonsense", "erase")
DONE = ("push", "push without", "ahead", "work", "restart", "lose index")
SENT = ("nothing", "nothing", "push", "push", "push without", "ahead")
LOOKS = ("nothing", "nothing", "view", "list", "work")


class Events:
    """What happens at an office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.cases: list[Ref] = []
        self.asks: list[tuple[Ref, Ref]] = []

    def happen(self, what: str, who: str, n: int, sent: str, look: str) -> None:
        """Something is said, or done; then it may be sent, and looked at."""
        if not self._say(what, who, n):
            self._do(what, who, n)
        self._do(sent, who, n)
        self._do(look, who, n)

    def _do(self, what: str, who: str, n: int) -> None:
        office, puppet = self.office, self.office.puppets.get(who)
        match what:
            case "push" if puppet:
                office.push(who)
            case "push without" if puppet:
                size = puppet.history.size
                office.push(who, frozenset({size - 1 - n // 2, size - 3}))
            case "ahead" if puppet:
                self._ahead(puppet)
            case "view":
                self._view()
            case "list":
                office.lines.run(office.casework.summaries())
            case "work":
                office.work()
            case "restart":
                office.restart()
            case "lose index":
                office.lose_index()

    def _view(self) -> None:
        for case in self.cases:
            with suppress(UnknownCase):
                self.office.lines.run(self.office.casework.view(case))

    def _ahead(self, puppet: Puppet) -> None:
        index = puppet.history.size - 1
        head = self.office.desk.store.head(puppet.log)
        if index and head and head.size < index:
            puppet.ahead("ash", puppet.history.ahead(index, head.size))

    def _say(self, what: str, who: str, n: int) -> bool:
        office, book = self.office, self.office.book
        if what == "report":
            ref = office.say(who, book.report(f"Smoke {n}."))
            self.cases.append(ref)
            office.refs.append(ref)
            return True
        if what in BESIDE:
            return who != "ash" and self._beside(what, office.puppets[who], n)
        if not self.cases:
            return False
        case = self.cases[n % len(self.cases)]
        return self._say_in(case, what, who, n)

    def _say_in(self, case: Ref, what: str, who: str, n: int) -> bool:
        office, book = self.office, self.office.book
        ref = office.refs[n % len(office.refs)]
        match what:
            case "more":
                said = office.say(who, book.report(case=case))
            case "ask":
                said = office.say(who, book.ask(case))
                self.asks.append((case, said))
            case "answer" if self.asks:
                said = office.say(who, book.answer(*self.asks[n % len(self.asks)]))
            case "withdraw":
                said = office.say(who, book.withdrawal(case, ref))
            case "acknowledge":
                said = office.say(who, book.acknowledgement(case, ref), signed=n % 3 > 0)
            case "close":
                said = office.say(who, book.closing(case))
            case _:
                return False
        office.refs.append(said)
        return True

    def _beside(self, what: str, puppet: Puppet, n: int) -> bool:
        office, book = self.office, self.office.book
        others = [office.desk.log, *(other.log for other in office.puppets.values() if other is not puppet)]
        match what:
            case "context":
                puppet.history.write(encode_record(book.context(one=(others[n % 2], 2 * n + 1))))
            case "card":
                log = puppet.member.log
                puppet.history.write(card_of(log, officer_key(log, "duty")))
            case "nonsense":
                puppet.history.write(b'{"kind":"report","at_ms":1,"case":{"entry":"","index":0,"log":""}}')
            case "erase" if puppet.history.size > 1:
                index = 1 + n % (puppet.history.size - 1)
                entry = puppet.history._store.record(puppet.log, index)[0]
                puppet.history.write(encode_record(erasure(puppet, index, entry=entry)))
        return True


@pytest.mark.parametrize("seed", range(16))
def test_as_a_scan(tmp_path: Path, seed: int) -> None:
    """In any order, with records that come late, ahead or never, erased, and after any end of the process."""
    chance = random.Random(seed)
    with Lines() as lines:
        office = Office(lines, tmp_path)
        events = Events(office)
        for _ in range(30):
            what, who = (
                chance.choice((*SAID, *SAID, *BESIDE, *DONE)),
                chance.choice(("birch", "cedar", "ash")),
            )
            events.happen(what, who, chance.randrange(10), chance.choice(SENT), chance.choice(LOOKS))
            office.check()
        lines.run_for(5)
        office.check()
        office.work()
        office.check()
        office.restart()
        office.check()
        office.close()


def test_another_version(tmp_path: Path) -> None:
    """Of a log that was set aside, nothing is found any more; what stands there in truth is."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        birch, cedar = office.puppets["birch"], office.puppets["cedar"]
        case = office.say("birch", office.book.report("Common smoke."))
        true = birch.history.branch(birch.history.size)
        false = [office.say("birch", office.book.report(f"False smoke {n}.")) for n in range(3)]
        office.push("birch")
        office.work()
        office.check()
        office.refs = [case, *false]
        true.write(*(encode_record(office.book.report(f"True smoke {n}.")) for n in range(5)))
        size, root = true.size, true.checkpoint().checkpoint.root
        cedar.says = pulls_from(true, size, cedar.keys.request)
        tell(cedar, "ash", opening(lines, "birch", size, root, reason="compromised"))
        lines.run_for(20)
        office.check()
        office.work()
        office.check()
        page = lines.run(office.casework.summaries())
        assert {one.summary for one in page.cases} == {
            "Common smoke.",
            *(f"True smoke {n}." for n in range(5)),
        }
        hits = lines.run(office.casework.search(Query(words="false")))
        assert hits.hits == ()
        office.restart()
        office.check()
        office.close()


class BusyClock(VirtualClock):
    """A clock by which all work takes time, of a node to whose lines something happens all the time."""

    indexing: Indexing
    worked_s = slept_s = 0.0

    def monotonic_s(self) -> float:
        """A millisecond more of work each time."""
        self.worked_s += 0.001
        return super().monotonic_s() + self.worked_s

    async def sleep(self, seconds: float) -> None:
        """It is woken the while."""
        self.slept_s += seconds
        await super().sleep(seconds)
        self.indexing.wake()


def test_while_records_come(tmp_path: Path) -> None:
    """However much is to be noted while records come, it is noted in a tenth of the time, without a pause."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        for n in range(200):
            office.say("birch", office.book.report(f"Smoke {n}."))
        office.push("birch")
        indexing = office.indexing
        assert indexing
        indexing._clock = clock = BusyClock(lines.loop)
        clock.indexing = indexing
        lines.loop.call_soon(indexing.start, lambda _: None)
        while not indexing.worded(office.casework) or indexing.behind(office.casework):
            lines.run_for(0.05)
        lines.run_for(0.5)
        assert 0 < clock.slept_s < 10 * clock.worked_s
        office.say("birch", office.book.report("One more."))
        office.push("birch")
        lines.run_for(0.5)
        assert indexing.behind(office.casework) == 0
        office.close()
