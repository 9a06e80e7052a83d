"""Cases at real nodes: what is written at one is found at all, in its circle alone, until it is erased."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.node.casebook import Casebook, attachment
from tests.node.conftest import Run
from tests.node.nodes import Founded, confirmed, found, until

from tocsin.cases.picture import Case, CaseSummary
from tocsin.cases.search import Query
from tocsin.cases.search.question import NothingAsked
from tocsin.circles.line import Line
from tocsin.core.records import Erasure, Record, Ref, Target, encode_record
from tocsin.core.records.errors import UnknownCase, UnknownRecord
from tocsin.core.views import Knowledge, Terms
from tocsin.node.casework.casework import Casework
from tocsin.node.casework.hot import Hot
from tocsin.node.casework.indexing import Rebuilding
from tocsin.node.casework.reading import Reading
from tocsin.node.casework.types import MalformedPage
from tocsin.node.node import Node


async def say(node: Node, circle: Founded, record: Record) -> Ref:
    """Write a record, and wait until all others have it."""
    line = node.lines[circle.id]
    written = await line.write([encode_record(record)])
    await confirmed(line, written.size)
    return ref_of(node, line, written.size - 1)


def ref_of(node: Node, line: Line, index: int) -> Ref:
    """An entry of a node's own log."""
    entry, _, _ = node.store.record(line.own.name, index)
    return Ref.at(line.own.name, index, entry)


def texts(hits: tuple[object, ...]) -> list[str | None]:
    """What the records say that were found."""
    return [getattr(hit.record, "summary", None) or getattr(hit.record, "text", None) for hit in hits]  # type: ignore[attr-defined]


async def found_by(casework: Casework, words: str, **more: object) -> list[str | None]:
    """The texts of what is found."""
    return texts((await casework.search(Query(words=words, **more))).hits)  # type: ignore[arg-type]


async def told(casework: Casework) -> None:
    """Wait until the words of all that is here are noted."""
    await until(lambda: casework.indexing.worded(casework) and casework.indexing.behind(casework) == 0)


def contains(node: Node, word: bytes) -> bool:
    """Whether a word is in any file of its index: once what was noted is committed."""
    return word in remains(node)


def remains(node: Node) -> bytes:
    """All bytes of its index."""
    return b"".join(path.read_bytes() for path in node.config.data_folder.glob("index.sqlite3*"))


def test_a_case_at_two_nodes(run: Run[None], tmp_path: Path) -> None:
    """What two members say of a case is one picture at both, in lists and searches, and by its short name."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            book = Casebook(circle.id)
            ours, theirs = (node.desk.casework[circle.id] for node in (east, north))
            heard: list[Ref] = []
            end = theirs.listen(heard.append)
            case = await say(
                east, circle, book.report("Smoke over the harbour.", attachments=(attachment(),))
            )
            assert (await theirs.view(case)).summary == "Smoke over the harbour."
            ask = await say(east, circle, book.ask(case))
            answer = await say(north, circle, book.answer(case, ask))
            views = [await casework.view(case) for casework in (ours, theirs)]
            assert views[0] == views[1]
            assert [entry.ref for entry in views[0].timeline] == [case, ask, answer]
            assert views[0].timeline[-1].seen == ("east",)
            assert views[0].corroboration.replies == 1
            await until(lambda: set(heard) == {case})
            end()

            for casework in (ours, theirs):
                page = await casework.summaries()
                assert [(one.ref, one.records) for one in page.cases] == [(case, 3)]
                assert (page.rebuilding, page.next) == (False, None)
                assert (await casework.summaries(state="closed")).cases == ()
                assert [one.ref for one in (await casework.summaries(state="open")).cases] == [case]
                await told(casework)
                assert await found_by(casework, "harbour SMOKE") == ["Smoke over the harbour."]
                assert await found_by(casework, '"smoke harbour"') == []
                assert await found_by(casework, "harbour", member="north") == []
                assert await found_by(casework, "feed.example", kind="answer", case=case) == [None]
                assert await casework.naming(attachment().sha256) == [case]
                assert await casework.naming("0" * 64) == []
                assert casework.ref(str(case)) == case
                assert casework.said(replace_index(case)) is None
            holdings = await ours.holdings(case)
            assert holdings.me == "east"
            assert set(holdings.arrived) == {case, ask, answer}
            assert any(one.size > ask.index for one in holdings.cosigned[case.log]["north"])

    run(scenario())


def replace_index(ref: Ref) -> Ref:
    """The same entry, at another place."""
    return Ref(entry=ref.entry, index=ref.index + 1, log=ref.log)


def test_bad_questions(run: Run[None], tmp_path: Path) -> None:
    """What is no case, record, page or question here is refused as such."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            casework = east.desk.casework[circle.id]
            case = await say(east, circle, Casebook(circle.id).report("Smoke."))
            for ref in (replace_index(case), Ref.at(case.log, 1, bytes(32))):
                with pytest.raises(UnknownCase):
                    await casework.view(ref)
            for text in (
                "east.1.99",
                "east.2.1",
                "east.1",
                "west.1.1",
                "",
                "east.1.²",
                "east.1.01",
                "east.1.-1",
            ):
                with pytest.raises(UnknownRecord):
                    casework.ref(text)
            for after in ("nowhere", f"1.{'0' * 63}", f"{10**20}.{'0' * 64}", f"-1.{'0' * 64}"):
                with pytest.raises(MalformedPage):
                    await casework.summaries(after=after)
            with pytest.raises(NothingAsked):
                await casework.search(Query(words="..."))

    run(scenario())


def test_pages(run: Run[None], tmp_path: Path) -> None:
    """Page by page, every case is listed once, the newest first."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            book, casework = Casebook(circle.id), east.desk.casework[circle.id]
            line = east.lines[circle.id]
            await line.write([encode_record(book.report(f"Case {n}.")) for n in range(150)])
            listed, after = [], None
            while True:
                page = await casework.summaries(after=after, limit=40)
                listed += [one.summary for one in page.cases]
                after = page.next
                if after is None:
                    break
            assert listed == [f"Case {n}." for n in reversed(range(150))]

    run(scenario())


def test_a_restart_goes_on(run: Run[None], tmp_path: Path) -> None:
    """After a start, nothing is noted again that was noted, and all is found as before."""
    circle = found(tmp_path)

    async def scenario() -> None:
        book = Casebook(circle.id)
        async with circle.running() as (east, _):
            case = await say(east, circle, book.report("Smoke."))
            await told(east.desk.casework[circle.id])
            log = case.log
            before = await east.desk.casework[circle.id].view(case)
        async with circle.running() as (east, _):
            casework = east.desk.casework[circle.id]
            with casework.indexing.asked() as index:
                assert index.reached(log).worded > case.index
            assert await casework.view(case) == before
            assert await found_by(casework, "smoke") == ["Smoke."]

    run(scenario())


def test_only_a_search_for_words_waits_for_words(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for a kind of record has all of them before their words are noted, and is told so."""
    circle = found(tmp_path)

    async def scenario() -> None:
        book = Casebook(circle.id)
        async with circle.running() as (east, _):
            casework = east.desk.casework[circle.id]
            monkeypatch.setattr("tocsin.node.casework.indexing.Indexing._note_words", lambda *_: False)
            await say(east, circle, book.report("Smoke."))
            by_kind = await casework.search(Query(kind="report"))
            by_words = await casework.search(Query(words="smoke"))
            assert (texts(by_kind.hits), by_kind.rebuilding) == (["Smoke."], False)
            assert by_words.rebuilding

    run(scenario())


@pytest.mark.parametrize("large", [1, 1_000])
def test_a_case_is_read_in_steps(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    """Step by step no more is read than is asked for, and the picture is the same; also made in a thread."""
    monkeypatch.setattr("tocsin.node.casework.casework._LARGE", large)
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            book, casework = Casebook(circle.id), east.desk.casework[circle.id]
            case = await say(east, circle, book.report("Smoke."))
            records = [encode_record(book.report(f"No. {number}.", case=case)) for number in range(9)]
            await east.lines[circle.id].write(records)
            whole = await casework.view(case)
            assert len(whole.timeline) == 10

            casework.lost()

            assert [await casework.read_some(case, 4) for _ in range(4)] == [
                (4, 10),
                (8, 10),
                (10, 10),
                (10, 10),
            ]
            assert await casework.view(case) == whole
            none = ref_of(east, east.lines[circle.id], case.index + 1)
            assert await casework.read_some(none, 4) == (0, 0)
            with pytest.raises(UnknownCase):
                await casework.view(none)

    run(scenario())


def test_what_comes_while_a_large_case_is_read_is_in_its_picture(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that another names is found where it stands, though it is noted only later."""
    monkeypatch.setattr("tocsin.node.casework.casework._LARGE", 1)
    circle = found(tmp_path)
    locate = Reading._locate

    async def scenario() -> None:
        async with circle.running() as (east, north):
            book, casework = Casebook(circle.id), east.desk.casework[circle.id]
            case = await say(north, circle, book.report("Smoke."))
            late = await say(north, circle, book.report("More smoke.", case=case))
            names = await say(east, circle, book.acknowledgement(case, late))

            def before_it_came(reading: Reading, hot: Hot) -> set[tuple[str, int]]:
                aheads = locate(reading, hot)
                hot.fresh.discard((late.log, late.index))
                return aheads

            await told(casework)
            casework.lost()
            monkeypatch.setattr(Reading, "_locate", before_it_came)
            assert [one.ref for one in (await casework.view(case)).timeline] == [case, late, names]

    run(scenario())


def answered(node: Node, circle: Founded) -> set[str]:
    """Who has answered an erasure, as a node knows it."""
    ordered = node.lines[circle.id].erasures.ordered.values()
    return {slug for one in ordered for slug in one.answers}


def test_erased(run: Run[None], tmp_path: Path) -> None:
    """Once a member has answered an erasure, its index has no word of what was erased, and finds nothing."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            book = Casebook(circle.id)
            case = await say(east, circle, book.report("Smoke."))
            secret = await say(east, circle, book.report("Her name is Zarathustra.", case=case))
            for node in (east, north):
                await told(node.desk.casework[circle.id])
                await until(partial(contains, node, b"zarathustra"))
                assert len((await node.desk.casework[circle.id].view(case)).timeline) == 2
            order = Erasure(
                circle=circle.id,
                at_ms=1,
                author="duty",
                author_kind="officer",
                tlp="TLP:GREEN",
                log=secret.log,
                targets=(Target(entry=secret.entry, index=secret.index),),
                ordered_by="The court",
                reason="The law says so.",
                lang="en",
            )
            await say(east, circle, order)
            await until(lambda: all(answered(node, circle) == {"east", "north"} for node in (east, north)))
            for node in (east, north):
                casework = node.desk.casework[circle.id]
                assert b"zarathustra" not in remains(node)
                assert await found_by(casework, "zarathustra") == []
                assert [entry.ref for entry in (await casework.view(case)).timeline] == [case]
                assert [one.records for one in (await casework.summaries()).cases] == [1]

    run(scenario())


def test_what_is_summed_up_before_an_erasure_is_noted_is_not_kept(run: Run[None], tmp_path: Path) -> None:
    """Files are scrubbed before the index has noted what was erased; a list has none of it all the same."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            book, casework = Casebook(circle.id), east.desk.casework[circle.id]
            case = await say(east, circle, book.report("Smoke."))
            more = await say(east, circle, book.report("More smoke.", case=case))
            await told(casework)
            assert len((await casework.view(case)).timeline) == 2
            with east.store.transaction():
                east.store.erase(more.log, {more.index})
            assert not east.store.scrubbed()
            await casework.sum_up()
            assert [entry.ref for entry in (await casework.view(case)).timeline] == [case]
            assert [one.records for one in (await casework.summaries()).cases] == [1]

    run(scenario())


def test_two_circles(run: Run[None], tmp_path: Path) -> None:
    """Of one circle's cases nothing is found in another one at the same node, whatever a record names."""
    one = found(tmp_path)
    places = [one.places[0], found(tmp_path / "other", 3).places[2]]
    places[1] = replace(places[1], slug="south")
    other = found(tmp_path, places=places)

    async def scenario() -> None:
        async with one.running() as (east, _), other.running("south"):
            await east.join(other.text, other.join_files)
            ours, others = east.desk.casework[one.id], east.desk.casework[other.id]
            case = await say(east, one, Casebook(one.id).report("Smoke of one."))
            foreign = await say(east, other, Casebook(other.id).report("Smoke of another."))
            for casework, words in ((ours, "Smoke of one."), (others, "Smoke of another.")):
                await told(casework)
                assert await found_by(casework, "smoke") == [words]
                assert [summary.summary for summary in (await casework.summaries()).cases] == [words]
            with pytest.raises(UnknownCase):
                await ours.view(foreign)
            with pytest.raises(UnknownCase):
                await others.view(case)
            with pytest.raises(UnknownRecord):
                ours.ref(f"south.1.{foreign.index}")
            assert ours.said(foreign) is None
            assert set(ours.terms.parties) == {"east", "north"}

    run(scenario())


def test_damaged_while_running(run: Run[None], tmp_path: Path) -> None:
    """An index that cannot be read is made anew while the node goes on; until then it says so."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            casework = east.desk.casework[circle.id]
            case = await say(east, circle, Casebook(circle.id).report("Smoke."))
            before = await casework.view(case)
            await told(casework)
            casework.indexing._found_damaged()
            with pytest.raises(Rebuilding):
                await casework.summaries()
            assert casework.rebuilding
            await until(lambda: not casework.rebuilding)
            assert await casework.view(case) == before
            await told(casework)
            assert await found_by(casework, "smoke") == ["Smoke."]

    run(scenario())


def test_a_case_that_cannot_be_summed_up(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case at which the picture fails stops neither the node nor the list of the others."""
    circle = found(tmp_path)
    summary = Case.summary

    def failing(case: Case, terms: Terms, knowledge: Knowledge) -> CaseSummary:
        summed = summary(case, terms, knowledge)
        if summed.summary == "Evil.":
            raise RecursionError
        return summed

    async def scenario() -> None:
        async with circle.running() as (east, _):
            monkeypatch.setattr(Case, "summary", failing)
            book, casework = Casebook(circle.id), east.desk.casework[circle.id]
            for text in ("Evil.", "Smoke."):
                await say(east, circle, book.report(text))
            for _ in range(2):
                assert [one.summary for one in (await casework.summaries()).cases] == ["Smoke."]
            await until(lambda: "case-not-summed-up" in circle.places[0].printed.getvalue())
            assert not east._stopping.is_set()
            monkeypatch.undo()
            assert [one.summary for one in (await casework.summaries()).cases] == ["Smoke."]
            (evil,) = (await casework.search(Query(kind="report", limit=2))).hits[1:]
            await say(east, circle, book.report(case=evil.ref))
            assert {one.summary for one in (await casework.summaries()).cases} == {"Evil.", "Smoke."}

    run(scenario())


def test_a_joiner_finds_what_it_has(run: Run[None], tmp_path: Path) -> None:
    """A node that starts with a database full of records, and no index, finds all of them."""
    circle = found(tmp_path)

    async def scenario() -> None:
        book = Casebook(circle.id)
        async with circle.running() as (east, _):
            case = await say(east, circle, book.report("Smoke."))
            line = east.lines[circle.id]
            await line.write([circle.note("No case.")])
            await confirmed(line, line.own.size)
        for path in circle.places[1].folder.glob("index.sqlite3*"):
            path.unlink()
        async with circle.running() as (_, north):
            casework = north.desk.casework[circle.id]
            assert (await casework.view(case)).summary == "Smoke."
            await told(casework)
            assert await found_by(casework, "case") == ["No case."]
            assert await found_by(casework, "", kind="report") == ["Smoke."]
            assert (await casework.holdings(case)).arrived == {}

    run(scenario())
