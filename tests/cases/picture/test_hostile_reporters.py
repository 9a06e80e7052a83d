"""Simulated reporters who want a case to look better founded than it is, or want it gone."""

import random
from itertools import pairwise

import pytest
from tests.cases.picture.desks import MEMBERS, Desks, encode, terms, url, words

from tocsin.cases.picture import Case
from tocsin.cases.picture.citing import Citations
from tocsin.core.records import Acknowledgement, Closing, Correction, Ref, Source
from tocsin.core.views import Said


@pytest.fixture
def desks() -> Desks:
    """Two desks that saw it independently, in two economies."""
    desks = Desks()
    desks.reports("alder", url("a"))
    desks.reports("cedar", url("c"))
    return desks


def counted(desks: Desks) -> tuple[int, int, int, bool]:
    """Sources, organisations, economies, and whether that is enough."""
    found = desks.view().corroboration
    return found.independent_sources, found.organisations, found.economies, found.corroborated


def test_honest_desks_corroborate(desks: Desks) -> None:
    """Two sources, on the word of two organisations in two economies."""
    assert counted(desks) == (2, 2, 2, True)


def test_members_that_the_charter_does_not_list_are_of_one_economy(desks: Desks) -> None:
    """Whoever is no member any more makes no case rest on more economies than one."""
    desks.reports("birch", url("b"))
    charter = terms(members=("alder",), economies=("EA",))
    found = desks.view(charter=charter).corroboration

    assert (found.organisations, found.economies) == (3, 2)


def test_one_feed_read_by_all() -> None:
    """Three replies that cite one feed are one independent source, and corroborate nothing."""
    desks = Desks()
    desks.reports("alder", words("our own duty officer"))
    ask = desks.asks("alder")
    desks.withdraws("alder", desks.case)
    for member in MEMBERS[1:4]:
        desks.answers(member, ask, url("feed"))
    found = desks.view().corroboration

    assert (found.replies, found.independent_sources, found.organisations) == (3, 1, 1)
    assert not found.corroborated


def test_copiers_that_strip_the_source() -> None:
    """Who tells what it read as its own word has one word, in however many records."""
    desks = Desks()
    desks.reports("alder", url("a"))
    for number in range(50):
        desks.reports("birch", words(f"we know of it, {number}"))

    assert counted(desks) == (2, 2, 1, False)


def test_copiers_that_dress_the_source_up() -> None:
    """One page is one source, under whatever spelling, kind, time or way of obtaining it is cited."""
    desks = Desks()
    desks.reports("alder", url("a"))
    for number, locator in enumerate(
        (
            "HTTP://WWW.NEWS.example:80/a",
            "https://news.example./a#top",
            "https://desk@news.example/a?utm_source=mail&fbclid=1",
            " https://news.example:443/a?",
        )
    ):
        source = Source(kind="post", locator=locator, obtained="received", obtained_at_ms=number)
        desks.reports(MEMBERS[1 + number], source)

    assert counted(desks)[:3] == (1, 1, 1)


def test_a_repeater_is_shown_as_one(desks: Desks) -> None:
    """Whose node had held another's citation repeats; who had not does not, and the first is named."""
    desks.sees("birch", "alder")
    late = desks.reports("birch", url("a"))
    desks.reports("dogwood", url("a"))
    desks.cites("elder", late)
    source, _ = desks.view().corroboration.sources

    assert source.members == ("alder", "birch", "dogwood", "elder")
    assert source.repeaters == ("birch", "elder")
    assert source.first is None


def test_the_one_who_was_first(desks: Desks) -> None:
    """Where all others repeat, one record is the first."""
    for member in ("birch", "dogwood"):
        desks.sees(member, "alder")
        desks.reports(member, url("a"))

    assert desks.view().corroboration.sources[0].first == desks.case


def test_a_flood_changes_nothing(desks: Desks) -> None:
    """Thousands of reports of one source by one desk raise no number, and are all there."""
    for _ in range(3000):
        desks.reports("elder", url("a"))

    assert counted(desks) == (2, 2, 2, True)
    assert len(desks.view().timeline) == 3002


def test_who_cites_everything_takes_the_others_words_away(desks: Desks) -> None:
    """What it costs that repetition never raises: all may have it from one, so it may rest on that one alone.

    Who is shown to repeat is that one.
    """
    desks.sees("elder", "alder", "cedar")
    desks.reports("elder", url("a"), url("c"))
    found = desks.view().corroboration

    assert (found.independent_sources, found.organisations, found.corroborated) == (2, 1, False)
    assert [(source.first, source.repeaters) for source in found.sources] == [
        (desks.said[0].ref, ("elder",)),
        (desks.said[1].ref, ("elder",)),
    ]


def test_a_flood_of_changed_answers(desks: Desks) -> None:
    """Of a desk that answers again and again, otherwise each time, the newest answer counts alone."""
    ask = desks.asks("alder")
    case = Case(desks.case)
    for number in range(400):
        desks.answers("elder", ask, *([url(f"{number}")] if number % 2 else []))
    for said in desks.said:
        case.add(said)
    (answer,) = (one for one in desks.view().asks[0].answers if one.member == "elder")

    assert (answer.seen, counted(desks)) == ("seen", (3, 3, 3, True))
    assert case.summary(terms(), desks.knowledge).independent_sources == 3
    assert sum(entry.standing == "superseded" for entry in desks.view().timeline) == 399


def test_contradicting_oneself(desks: Desks) -> None:
    """A withdrawn answer gives way to the one before it; what was withdrawn may itself come back."""
    ask = desks.asks("alder")
    desks.answers("elder", ask, url("e"))
    second = desks.answers("elder", ask)
    assert counted(desks)[0] == 2
    withdrawal = desks.withdraws("elder", second)
    assert counted(desks)[0] == 3
    desks.withdraws("elder", withdrawal)
    assert counted(desks)[0] == 2


def test_a_long_chain_of_withdrawals(desks: Desks) -> None:
    """Each takes the one before it back: that takes no recursion, and every other one counts."""
    case = Case(desks.case)
    withdrawn = desks.said[1].ref
    for _ in range(1200):
        withdrawn = desks.withdraws("cedar", withdrawn)
    for said in desks.said[:-1]:
        case.add(said)
    assert case.summary(terms(), desks.knowledge).independent_sources == 1

    case.add(desks.said[-1])
    assert case.summary(terms(), desks.knowledge).independent_sources == 2


def test_a_flood_of_withdrawals_of_others(desks: Desks) -> None:
    """However often a desk withdraws and corrects what others said, it stays said."""
    for _ in range(300):
        desks.withdraws("elder", *(said.ref for said in desks.said[:2]))
        desks.says("elder", desks.made(Correction, of=desks.case, sources=(url("c"),)))

    assert counted(desks) == (2, 2, 2, True)


def test_closing_anothers_case(desks: Desks) -> None:
    """Only who opened a case closes it; who ends it otherwise contests it, and not before."""
    desks.says("elder", desks.made(Closing, outcome="false-alarm"))
    assert (desks.view().state, desks.view().outcome) == ("open", None)
    desks.says("alder", desks.made(Closing, outcome="incident"))
    assert (desks.view().state, desks.view().outcome) == ("contested", "incident")
    desks.says("elder", desks.made(Closing, outcome="incident"))
    assert desks.view().state == "closed"


def test_a_long_chain_of_citations() -> None:
    """A chain of thousands that ends in a circle takes no recursion, and stands on one source."""
    desks = Desks()
    last = desks.reports("alder", url("a"))
    for number in range(3000):
        last = desks.cites(MEMBERS[1 + number % 4], last)
    desks.says("alder", desks.made(Correction, of=desks.case, sources=(Source(kind="record", record=last),)))

    codes = {finding.code for entry in desks.view().timeline for finding in entry.findings}

    assert counted(desks) == (0, 0, 0, False)
    assert codes == {"circular-citation"}


def test_a_chain_takes_time_in_proportion_to_its_length() -> None:
    """It takes twice as many comparisons to see that a chain twice as long is no circle."""
    assert _compared(2000) <= 2 * _compared(1000) + 10


def _compared(length: int) -> int:
    chain = [_Link(number) for number in range(length)]
    citations = Citations()
    citations.cited = {one: (cited,) for one, cited in pairwise(chain)}  # type: ignore[misc]
    _Link.compared = 0
    assert not citations.in_circles()
    return _Link.compared


class _Link:
    """Stands for a record, and counts how often one is compared."""

    compared = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        _Link.compared += 1
        return self is other


def test_who_acknowledges_again_and_again_is_aware_once(desks: Desks) -> None:
    """Each member's first acknowledgement of a record is shown, and that of each officer that signed."""
    first, *_ = [desks.says("birch", desks.made(Acknowledgement, of=(desks.case,))) for _ in range(20)]
    for officer in ("night", "chief", "night"):
        ref = desks.says("birch", desks.made(Acknowledgement, of=(desks.case,)))
        desks.said[-1] = Said(ref, "birch", desks.said[-1].record, officer=officer)
    shown = desks.entry(desks.case).acknowledged

    assert [one.officer for one in shown] == ["duty", "night", "chief"]
    assert [one.signed for one in shown] == [False, True, True]
    assert shown[0].ref == first


def test_a_repeater_does_not_rename_a_source(desks: Desks) -> None:
    """A source is called first what it was called first, however the spelling of others sorts."""
    spelling = Source(kind="document", locator="http://www.news.example:80/a#top", obtained="received")
    desks.sees("birch", "alder")
    desks.reports("birch", spelling)

    assert desks.view().corroboration.sources[0].citations == (url("a"), spelling)


def test_a_member_that_lies_about_hashes_lowers_and_never_raises(desks: Desks) -> None:
    """Who claims that two pages are one content makes them one source: less is sure, never more."""
    desks.reports("elder", _hashed("a"), _hashed("c"))

    assert counted(desks) == (1, 1, 1, False)


def test_all_of_them_at_once() -> None:
    """Whatever four hostile desks do to an honest one's case, its own record counts and says what it said."""
    rng = random.Random(7)
    desks = Desks()
    desks.reports("alder", url("a"), event="incident")
    ask = desks.asks("alder")
    for _ in range(300):
        _harm(desks, rng, rng.choice(MEMBERS[1:]), ask)
    found = desks.view()

    assert found.timeline[0].ref == desks.case
    assert (found.timeline[0].standing, found.state) == ("counts", "open")
    assert (found.corroboration.independent_sources, found.corroboration.corroborated) == (1, False)
    assert len(found.timeline) == len(desks.said)


def _harm(desks: Desks, rng: random.Random, member: str, ask: Ref) -> None:
    """One more attempt."""
    ref = rng.choice(desks.said).ref
    match rng.randrange(7):
        case 0:
            desks.withdraws(member, ref)
        case 1:
            desks.says(member, desks.made(Correction, of=ref, event="hazard"))
        case 2:
            desks.answers(member, ask, url("a"))
        case 3:
            desks.cites(member, ref)
        case 4:
            desks.says(member, desks.made(Closing, outcome="false-alarm"))
        case 5:
            desks.reports(member, url("a"), at_ms=rng.choice((0, 2**50)))
        case _:
            desks.sees(member, *MEMBERS)


def test_sixty_four_members_in_league() -> None:
    """Desks in league, which cite so that the fewest are hard to find, do not take the node's time."""
    members = [f"m{number}" for number in range(64)]
    desks, rng = Desks(), random.Random(3)
    desks.reports(members[0], url("0"))
    for number in range(400):
        for member in rng.sample(members, 3):
            desks.reports(member, url(f"{number}"))
    charter = terms(members=members, economies=[f"E{number % 30}" for number in range(64)])
    found = desks.view(charter=charter).corroboration

    assert found.organisations >= 4
    assert found.corroborated
    assert encode(found)


def _hashed(path: str) -> Source:
    return Source(kind="website", locator=url(path).locator, obtained="published", sha256="ab" * 32)
