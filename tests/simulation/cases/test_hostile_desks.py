"""Named scenarios: what each kind of hostile desk must not achieve. One sentence each.

What must hold in any case (`checking`) is checked at the end of each.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.simulation.cases.foul import FOUL
from tests.simulation.cases.world import CaseWorld
from tests.simulation.world import ROGUE

from tocsin.cases.picture import CaseView
from tocsin.cases.picture.view import TimelineEntry
from tocsin.circles.founding.charter import Limits
from tocsin.core.records import Ref, Report

pytestmark = pytest.mark.simulation

RATE = 20
FLOODED = Limits(records_per_second=RATE, bytes_per_day=10_000_000_000)


@contextmanager
def _told(*hostile: str, members: int = 4) -> Iterator[CaseWorld]:
    """A world in which ash and birch have told of a case, by the same page, and ash has asked all."""
    with CaseWorld(seed=41, members=members, hostile=hostile) as world:
        world.start()
        world.open_case("ash", 1)
        world.run_for(0.5)
        world.say("birch", "add", (1, 1))
        world.say("ash", "ask", (0, 0))
        world.run_for(0.5)
        yield world


def _does(world: CaseWorld, slug: str, *names: str) -> None:
    for name in names:
        world.foul(slug, name, (0, 1))
        world.run_for(0.3)


def _seen(world: CaseWorld) -> CaseView:
    """The case of ash, as birch's node shows it once all has healed."""
    world.settle()
    views = {view.case: view for view in world.pictures("birch")}
    return views[next(ref for ref in world.written if ref in views and ref.log_name.member == "ash")]


def _entry(world: CaseWorld, ref: Ref) -> TimelineEntry:
    """A record as ash's node shows it now."""
    entries = [entry for view in world.pictures("ash") for entry in view.timeline]
    return next(entry for entry in entries if entry.ref == ref)


def _figures(view: CaseView) -> tuple[int, int, int, bool]:
    counted = view.corroboration
    return counted.independent_sources, counted.organisations, counted.economies, counted.corroborated


def _standings(view: CaseView, member: str) -> set[str]:
    return {entry.standing for entry in view.timeline if entry.member == member}


def test_copiers_add_nothing() -> None:
    """Who cites the others' pages in other spellings, or their records, raises no number."""
    with _told("cedar", "elm") as world:
        _does(world, "cedar", "copy", "cite")
        _does(world, "elm", "cite", "copy")
        assert _figures(_seen(world)) == (1, 1, 1, False)


def test_copiers_that_strip_their_sources_have_one_word_each() -> None:
    """Who tells what it read as what many told it has one word, and another's is another."""
    with _told("cedar", "elm") as world:
        _does(world, "cedar", "strip", "strip")
        assert _figures(_seen(world))[:3] == (2, 2, 2)


def test_one_member_corroborates_nothing_alone() -> None:
    """Where the honest cite nothing, a member that invents any number of pages has no case corroborated."""
    with _told("cedar") as world:
        for slug in ("ash", "birch"):
            world.say(slug, "withdraw", (0, 0))
        world.run_for(0.5)
        _does(world, "cedar", "invent", "invent", "strip")
        sources, organisations, economies, corroborated = _figures(_seen(world))
        assert sources > 2
        assert (organisations, economies, corroborated) == (1, 1, False)


@pytest.mark.slow
def test_who_lies_about_hashes_raises_nothing() -> None:
    """A hash that pages do not have may make two sources one, and never one two."""
    with _told("cedar") as world:
        world.say("birch", "add", (2, 1))
        world.run_for(0.5)
        _does(world, "cedar", "lie about hashes")
        assert _figures(_seen(world))[0] == 1


@pytest.mark.slow
def test_a_flood_of_one_member_s_words_is_one_word() -> None:
    """Hundreds of reports in somebody else's case add one word, and the few known pages; all else stays."""
    with _told("cedar") as world:
        _does(world, "cedar", "flood")
        view = _seen(world)
        assert sum(entry.member == "cedar" for entry in view.timeline) > 100
        assert _standings(view, "ash") == _standings(view, "birch") == {"counts"}


def test_contradictory_answers_are_one_answer() -> None:
    """Of a member that answers again and again, the newest counts, and the others are still waited for."""
    with _told("cedar") as world:
        _does(world, "cedar", "contradict", "contradict")
        (ask,) = _seen(world).asks
        assert ask.open
        assert [one.member for one in ask.answers if one.ref is None] == ["birch", "elm"]


def test_an_ask_is_closed_by_those_who_were_asked() -> None:
    """It is open while an honest member has not answered, and closed when all have, hostile ones or not."""
    with _told("cedar") as world:
        _does(world, "cedar", "contradict", "answer itself", "withdraw others")
        for slug in ("birch", "elm"):
            world.say(slug, "answer", (0, 0))
        world.run_for(1)
        view = _seen(world)
        assert [ask.open for ask in view.asks if ask.member == "ash"] == [False]


def test_nobody_takes_back_what_others_said() -> None:
    """Withdrawals and corrections of others' records are refused, with what they name of one's own."""
    with _told("cedar") as world:
        _does(world, "cedar", "copy", "withdraw others", "correct others", "close")
        view = _seen(world)
        assert _standings(view, "ash") == _standings(view, "birch") == {"counts"}
        assert view.state == "open"
        done = [entry for entry in view.timeline if entry.record.kind in ("withdrawal", "correction")]
        assert {entry.standing for entry in done} == {"refused"}
        assert all("not-yours" in {finding.code for finding in entry.findings} for entry in done)


def test_what_is_taken_back_comes_back_by_its_own_member_alone() -> None:
    """A report that was withdrawn counts again once its member withdraws that, and not when another does."""
    with _told("cedar") as world:
        world.say("birch", "withdraw", (0, 0))
        world.run_for(0.3)
        _does(world, "cedar", "withdraw others")
        world.look()
        (report,) = (
            ref for ref, record in world.written.items() if isinstance(record, Report) and record.case
        )
        assert _entry(world, report).standing == "withdrawn"
        world.say("birch", "withdraw", (0, 0))
        world.settle()
        assert _entry(world, report).standing == "counts"


@pytest.mark.slow
def test_circles_of_citations_count_for_nothing() -> None:
    """Who cites itself, and corrects that into a circle, adds nothing; and it is found."""
    with _told("cedar") as world:
        _does(world, "cedar", "cite", "cite in circles", "cite in circles", "waver", "cite in circles")
        view = _seen(world)
        assert _figures(view) == (1, 1, 1, False)
        codes = {finding.code for entry in view.timeline for finding in entry.findings}
        assert codes & {"self-citation", "circular-citation"}


@pytest.mark.slow
def test_what_names_nothing_is_shown_and_found() -> None:
    """References to what does not exist, or is something else, change nothing and are found wrong."""
    with _told("cedar") as world:
        world.open_case("elm", 3)
        world.run_for(0.5)
        _does(world, "cedar", "name nothing", "name wrongly")
        view = _seen(world)
        found = {finding.code for entry in view.timeline for finding in entry.findings}
        assert {"dangling", "not-in-case", "wrong-kind"} <= found
        assert _standings(view, "ash") == {"counts"}


@pytest.mark.parametrize("liar", ["birch", "elm"])
def test_a_case_named_at_wrong_places_stays_in_the_lists(liar: str) -> None:
    """Whoever gives other places for the report that opened a case hides it from no list, nor its news."""
    with CaseWorld(seed=42, members=4, hostile=[liar]) as world:
        world.start()
        told = world.listen("ash")
        world.open_case("cedar", 1)
        world.run_for(0.5)
        _does(world, liar, "displace")
        told.clear()
        world.say("ash", "add", (0, 0))
        world.run_for(1)
        (case,) = (ref for ref in world.written if ref.log_name.member == "cedar")
        assert set(told) == {case}
        world.settle()


@pytest.mark.slow
def test_times_far_off_are_flagged_and_counted() -> None:
    """Records of other ages are shown and found, and move nobody else's out of what came before them."""
    with _told("cedar") as world:
        _does(world, "cedar", "far off")
        view = _seen(world)
        (report,) = (one for one in view.timeline if one.member == "cedar" and isinstance(one.record, Report))
        assert "far-off-time" in {finding.code for finding in report.findings}
        assert report.standing == "counts"
        assert next(entry.ref for entry in view.timeline if entry.member == "ash") == view.case


@pytest.mark.slow
def test_script_is_text() -> None:
    """What would be a program elsewhere stays what it is, to the byte, and breaks nothing."""
    with _told("cedar") as world:
        _does(world, "cedar", "script", "hurry")
        view = _seen(world)
        texts = [entry.record.summary for entry in view.timeline if isinstance(entry.record, Report)]
        assert any("<script>alert(1)</script>\u202e" in (text or "") for text in texts)


@pytest.mark.slow
def test_limits_hold_a_flood_and_honest_records_get_through() -> None:
    """A member that floods is slowed, while honest records are shown to all within a second."""
    with CaseWorld(seed=43, members=3, hostile=["cedar"], rogue=True, limits=FLOODED) as world:
        world.start()
        world.open_case("ash", 1)
        world.run_for(0.5)
        world.rogue_floods(records=900, pushes=3)
        for _ in range(5):
            world.foul("cedar", "flood")
        started_s = world.loop.time()
        world.run_for(0.2)
        world.say("birch", "add", (0, 0))
        world.run_for(1)
        (added,) = (ref for ref in world.written if ref.log_name.member == "birch")
        for slug in ("ash", "birch"):
            assert added in {entry.ref for view in world.pictures(slug) for entry in view.timeline}
        world.run_for(5)
        most = (10 + world.loop.time() - started_s) * RATE
        for slug in ("ash", "birch"):
            store = world.nodes[slug].store
            flooded = store.edge(str(world.circle.by_slug["cedar"].log)).size
            assert 100 < flooded <= most
            assert store.edge(str(world.circle.by_slug[ROGUE].log)).size <= 300 + 2
        world.settle()


@pytest.mark.slow
@pytest.mark.parametrize("name", FOUL)
def test_nothing_foul_does_harm(name: str) -> None:
    """Two members that do this again and again, in parted networks too, change nothing that they must not."""
    with _told("cedar", "fir", members=5) as world:
        for slug in ("cedar", "fir", "cedar"):
            world.part(["ash", slug], [other for other in world.nodes if other not in ("ash", slug)])
            world.foul(slug, name, (len(slug), 1), urgent=True)
            world.say("birch", "answer", (0, 1))
            world.run_for(0.5)
            world.look()
            world.heal()
        world.settle()
