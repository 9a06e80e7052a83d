"""What a node shows of cases is what a scan of all logs from their beginnings gives, whatever happened."""

import io
import random
from base64 import b64decode
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
from tests.node.casebook import Casebook, source
from tests.simulation.clock import VirtualClock

from tocsin.cases.picture import Case, CaseSummary, case_of, summary, view
from tocsin.cases.search import Query
from tocsin.core.records import CaseRecord, Context, Record, Ref, encode_record, sign_record
from tocsin.core.records.errors import UnknownCase
from tocsin.core.tlog.chunk import NO_SALT, Chunk
from tocsin.core.views import Knowledge, Said, Terms
from tocsin.log.index import Noted
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
            return Ref.at(log, index, self.desk.store.record(log, index)[0])
        puppet = self.puppets[slug]
        body = encode_record(record)
        if signed:
            body = sign_record(record, officer_key(puppet.member.log, "duty"))
        puppet.history.write(body)
        return self.ref(puppet, puppet.history.size - 1)

    def ref(self, puppet: Puppet, index: int) -> Ref:
        """An entry of a puppet's log."""
        return Ref.at(puppet.log, index, puppet.history._store.record(puppet.log, index)[0])

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
        return Ref.at(log, index, store.record(log, index)[0] if index < head.size else aheads[index])

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
        assert {one.ref: one for one in page.cases} == {
            case: summary(case, said, terms, contexts) for case in cases
        }


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
                its_case, ask = self.asks[n % len(self.asks)]
                said = office.say(who, book.answer(its_case if n % 3 else case, ask))
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


def test_a_record_of_another_case_that_comes_and_goes(tmp_path: Path) -> None:
    """A list says of a case what its view says, though what decides it happens in another case."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        book = office.book
        case, other = (office.say("ash", book.report(f"Smoke {n}.")) for n in range(2))
        ask = office.say("birch", book.ask(other))
        office.say("cedar", book.answer(case, ask, sources=(source(7),)))
        office.push("cedar")
        office.work()
        office.check()
        office.push("birch")
        office.work()
        office.check()
        office.restart()
        office.check()
        birch = office.puppets["birch"]
        entry = birch.history._store.record(birch.log, ask.index)[0]
        birch.history.write(encode_record(erasure(birch, ask.index, entry=entry)))
        office.push("birch")
        lines.run_for(5)
        office.check()
        office.work()
        office.check()
        office.close()


def test_what_is_void_is_not_said(tmp_path: Path) -> None:
    """Of a log that ended before some of its records, these are in no case, list or search any more."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        birch = office.puppets["birch"]
        case = office.say("birch", office.book.report("Smoke."))
        size, root = birch.history.size, birch.history.checkpoint().checkpoint.root
        void = [office.say("birch", office.book.report(text, case=case)) for text in ("Void smoke.", "More.")]
        office.push("birch")
        office.work()
        assert len(lines.run(office.casework.view(case)).timeline) == 3

        tell(office.puppets["cedar"], "ash", opening(lines, "birch", size, root, reason="compromised"))
        lines.run_for(20)
        office.refs = [case, *void]
        office.check()
        office.work()
        office.check()

        assert [office.casework.said(ref) for ref in void] == [None, None]
        assert [entry.ref for entry in lines.run(office.casework.view(case)).timeline] == [case]
        assert lines.run(office.casework.search(Query(words="void"))).hits == ()
        office.close()


def test_what_was_there_before_is_no_news(tmp_path: Path) -> None:
    """Who listens is told of what comes, and not of all that is noted anew after the index was lost."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        case, other = (office.say("birch", office.book.report(text)) for text in ("Smoke.", "Fire."))
        office.push("birch")
        office.work()
        office.lose_index()
        heard: list[Ref] = []
        office.casework.listen(heard.append)

        office.work()
        office.say("birch", office.book.report(case=case))
        office.push("birch")
        office.work()

        assert len(lines.run(office.casework.summaries()).cases) == len({case, other})
        assert set(heard) == {case}
        office.close()


def test_what_is_erased_before_its_words_are_noted(tmp_path: Path) -> None:
    """It was read already, and the index has no word of it even so."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        office.work()
        office.say("birch", office.book.report("Smoke."))
        secret = office.say("birch", office.book.report("Her name is Zarathustra."))
        office.push("birch")
        assert len(lines.run(office.casework.summaries()).cases) == 2
        with office.desk.store.transaction():
            office.desk.store.erase(secret.log, [secret.index])

        office.work()
        office.close()

        index = b"".join(path.read_bytes() for path in tmp_path.glob("*.sqlite3*"))
        assert b"smoke" in index
        assert b"zarathustra" not in index


def test_what_comes_late_is_found_by_its_words(tmp_path: Path) -> None:
    """A record that was missing when the words of its log were noted is searched as any other."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        case = office.say("birch", office.book.report("Smoke."))
        late = office.say("birch", office.book.report("Late words.", case=case))
        office.say("birch", office.book.report(case=case))
        office.push("birch", frozenset({late.index}))
        office.work()
        assert lines.run(office.casework.search(Query(words="late"))).hits == ()

        office.push("birch")
        office.work()

        assert [hit.ref for hit in lines.run(office.casework.search(Query(words="late"))).hits] == [late]
        office.close()


def test_until_words_are_noted_a_search_says_so(tmp_path: Path) -> None:
    """A record that is in its case already, and not found by its words yet, is not said not to be there."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        case = office.say("birch", office.book.report("Smoke."))
        office.push("birch")

        def search() -> tuple[list[Ref], bool]:
            found = lines.run(office.casework.search(Query(words="smoke")))
            return [hit.ref for hit in found.hits], found.rebuilding

        assert search() == ([], True)
        office.work()
        assert search() == ([case], False)
        office.close()


def test_what_comes_while_a_case_is_summed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The summary, which is old when it is made, is not kept for the next list."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        case = office.say("birch", office.book.report("Smoke."))
        office.push("birch")
        came = Noted(case.index, "report", 1, b64decode(case.entry), ())
        summed_up = Case.summary

        def while_one_comes(case_: Case, terms: Terms, knowledge: Knowledge) -> CaseSummary:
            office.casework.noted(case.log, [came], live=True)
            return summed_up(case_, terms, knowledge)

        def unsummed() -> list[bytes]:
            lines.run(office.casework.summaries())
            with office.casework.indexing.asked() as index:
                return list(index.unsummed(office.casework.id, 9))

        with monkeypatch.context() as patched:
            patched.setattr(Case, "summary", while_one_comes)
            assert unsummed() == [came.subject]
        assert unsummed() == []
        office.close()


def test_contexts_that_come_late_and_go(tmp_path: Path) -> None:
    """What is summed up of a closed case is so anew when it is otherwise what its closer's node had held."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        book, birch = office.book, office.puppets["birch"]
        case = office.say("birch", book.report("Smoke."))
        office.say("cedar", book.report(case=case))
        size = office.puppets["cedar"].history.size
        birch.history.write(encode_record(book.context(one=(office.puppets["cedar"].log, size))))
        context = birch.history.size - 1
        office.say("birch", book.closing(case))
        office.push("cedar")

        def listed() -> list[tuple[Ref, int]]:
            office.work()
            office.check()
            page = lines.run(office.casework.summaries(since_closing=True))
            return [(one.ref, one.since_closing) for one in page.cases]

        office.push("birch", frozenset({context}))
        assert listed() == [(case, 1)]
        office.push("birch")
        assert listed() == []
        entry = birch.history._store.record(birch.log, context)[0]
        birch.history.write(encode_record(erasure(birch, context, entry=entry)))
        office.push("birch")
        lines.run_for(5)
        assert listed() == [(case, 1)]
        office.close()


@pytest.mark.parametrize(("epoch", "index"), [(1, 2), (1, 9_999), (9, 1)], ids=["else", "end", "log"])
def test_a_case_that_others_name_at_another_place_first(tmp_path: Path, epoch: int, index: int) -> None:
    """Whatever stands there, or if nothing does: what is listed and told of is the case where it is."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        case, other = (office.say("cedar", office.book.report(text)) for text in ("Smoke.", "Fire."))
        wrong = Ref(entry=case.entry, index=index, log=f"{case.log.rpartition('/')[0]}/{epoch}")
        office.say("birch", office.book.report(case=wrong))
        office.push("birch")
        office.push("cedar")
        office.work()
        heard: list[Ref] = []
        office.casework.listen(heard.append)

        page = lines.run(office.casework.summaries())
        office.say("ash", office.book.report(case=case))
        office.work()

        assert {one.ref for one in page.cases} == {case, other}
        assert set(heard) == {case}
        office.close()


@pytest.mark.parametrize("order", [("birch", "cedar"), ("cedar", "birch")])
def test_a_case_that_is_not_here_has_one_place(tmp_path: Path, order: tuple[str, str]) -> None:
    """Of several that are named for a report that is not here, the least, whoever came first."""
    with Lines() as lines:
        office = Office(lines, tmp_path)
        places = {slug: Ref.at(office.desk.log, 70 + nth, bytes(32)) for nth, slug in enumerate(order)}
        for slug, place in places.items():
            office.say(slug, office.book.report(case=place))
        for slug in ("birch", "cedar"):
            office.push(slug)
            office.work()

        page = lines.run(office.casework.summaries())

        assert [one.ref for one in page.cases] == [min(places.values())]
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
