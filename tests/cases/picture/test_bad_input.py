"""Bad input: each kind is found, says its name, and nothing is lost by it."""

from collections.abc import Mapping

import msgspec
import pytest
from tests.cases.picture.contexts import Contexts
from tests.cases.picture.desks import DAY_MS, MEMBERS, Desks, cites, lying, terms, url, words

from tocsin.cases.picture import summary, view
from tocsin.cases.picture.view import Finding
from tocsin.core.records import (
    Acknowledgement,
    Ask,
    Closing,
    Correction,
    Link,
    Moment,
    OperatorPosition,
    encode_record,
    parse_record,
)
from tocsin.core.records.errors import MalformedRecord


@pytest.fixture
def desks() -> Desks:
    """A case that alder opened."""
    desks = Desks()
    desks.reports("alder", url("a"))
    return desks


def test_a_report_without_source_is_no_report(desks: Desks) -> None:
    """What has no source is not readable as a report, and never comes here."""
    fields = msgspec.json.decode(encode_record(desks.said[0].record)) | {"sources": []}

    with pytest.raises(MalformedRecord):
        parse_record(msgspec.json.encode(fields, order="sorted"))


def test_citing_oneself(desks: Desks) -> None:
    """A report whose only sources are its own organisation's records is found, and counts for no source."""
    ref = desks.cites("alder", desks.case)

    assert desks.found(ref) == {"self-citation"}
    assert desks.view().corroboration.independent_sources == 1
    assert desks.found(desks.reports("alder", cites(desks.case), url("b"))) == set()


def test_citing_in_a_circle(desks: Desks) -> None:
    """Reports that corrections make cite each other are found, and their own sources count once."""
    first = desks.reports("birch", url("b"))
    second = desks.cites("cedar", first)
    third = desks.cites("dogwood", second)
    desks.says("birch", desks.made(Correction, of=first, sources=(cites(third), url("b"))))

    assert [desks.found(ref) for ref in (first, second, third)] == [{"circular-citation"}] * 3
    assert desks.found(desks.cites("elder", third)) == set()
    assert desks.view().corroboration.independent_sources == 2


def test_nothing_but_a_circle(desks: Desks) -> None:
    """A circle of citations without a source is no source."""
    first = desks.reports("birch", url("b"))
    second = desks.cites("cedar", first)
    desks.says("birch", desks.made(Correction, of=first, sources=(cites(second),)))

    assert desks.view().corroboration.independent_sources == 1


def test_an_unknown_case(desks: Desks) -> None:
    """Records of a case whose opening report is not here make a case that says so, and are all in it."""
    desks.answers("birch", desks.asks("alder"), url("b"))
    rest = desks.said[1:]
    found = desks.view(rest)

    assert (found.state, found.opened_at_ms, found.opened_by) == ("unknown", None, "alder")
    assert [entry.ref for entry in found.timeline] == [said.ref for said in rest]
    assert summary(desks.case, rest, terms(), desks.knowledge).state == "unknown"


def test_a_case_whose_opening_was_erased(desks: Desks) -> None:
    """All but the report itself stays to be read: who asked, answered, saw it where, and closed it."""
    desks.says("birch", desks.made(Acknowledgement, of=(desks.case,)))
    ask = desks.asks("alder", "birch", "cedar")
    answer = desks.answers("birch", ask, url("b"))
    desks.withdraws("alder", desks.case)
    whole, rest = desks.view(), desks.view(desks.said[1:])
    (source,) = rest.corroboration.sources

    assert (whole.state, rest.state) == ("open", "unknown")
    assert rest.timeline[0].findings == (Finding(code="dangling", about=desks.case),)
    assert (rest.asks, rest.corroboration.replies, source.refs) == (whole.asks, 1, (answer,))
    desks.says("alder", desks.made(Closing, outcome="incident"))
    closed = desks.view(desks.said[1:])
    assert (closed.state, [one.outcome for one in closed.closings]) == ("unknown", ["incident"])


def test_a_case_that_is_no_opening_report(desks: Desks) -> None:
    """What names as its case a record that opens none belongs to a case that is unknown."""
    added = desks.reports("birch", url("b"))
    desks.reports("cedar", url("c"), case=added)
    found = view(added, desks.said, terms(), desks.knowledge)

    assert found.state == "unknown"
    assert [entry.member for entry in found.timeline] == ["cedar"]


@pytest.mark.parametrize("member", MEMBERS[1:])
def test_withdrawing_and_correcting_anothers(desks: Desks, member: str) -> None:
    """Only an organisation's own records can be withdrawn or corrected by it."""
    refs = (
        desks.withdraws(member, desks.case),
        desks.says(member, desks.made(Correction, of=desks.case, event="hazard")),
    )

    for ref in refs:
        assert desks.found(ref) == {"not-yours"}
        assert desks.entry(ref).standing == "refused"
    assert desks.entry(desks.case).standing == "counts"


def test_withdrawing_ones_own_with_anothers(desks: Desks) -> None:
    """A withdrawal that names one record of another's does nothing at all."""
    own = desks.reports("birch", url("b"))
    desks.withdraws("birch", own, desks.case)

    assert desks.entry(own).standing == "counts"


def test_what_belongs_to_another_case(desks: Desks) -> None:
    """To withdraw, correct, answer or cite another case's record is found, and has no effect."""
    other = desks.reports("birch", url("other"), case=None)
    own = desks.reports("birch", url("b"))
    asked = desks.says("birch", desks.made(Ask, questions=("seen",), case=other))
    refs = (
        desks.withdraws("birch", own, other),
        desks.says("birch", desks.made(Correction, of=other, event="hazard")),
        desks.answers("cedar", asked, url("c")),
        desks.cites("dogwood", other),
    )
    counted = desks.view().corroboration

    assert [desks.found(ref) for ref in refs] == [{"not-in-case"}] * 4
    assert [desks.entry(ref).standing for ref in refs] == ["refused", "refused", "refused", "counts"]
    assert desks.entry(own).standing == "counts"
    assert (counted.independent_sources, counted.replies) == (2, 0)


def test_a_link_is_to_another_case(desks: Desks) -> None:
    """A link to a case that is here is no finding; to one that is not, it dangles."""
    other = desks.reports("birch", url("other"), case=None)

    assert desks.found(desks.says("birch", desks.made(Link, other=other, link="related"))) == set()
    assert desks.found(desks.says("birch", desks.made(Link, other=lying(other), link="related"))) == {
        "dangling"
    }
    assert [link.by for link in desks.view().links] == [("birch",), ("birch",)]


def test_the_right_place_and_the_wrong_entry(desks: Desks) -> None:
    """A reference means one version of a record: what names another one names nothing that is here."""
    lie = lying(desks.case)
    refs = (
        desks.withdraws("alder", lie),
        desks.says("alder", desks.made(Correction, of=lie, event="hazard")),
        desks.answers("birch", lie, url("b")),
        desks.says("birch", desks.made(Acknowledgement, of=(lie,))),
        desks.cites("cedar", lie),
    )

    assert [desks.found(ref) for ref in refs] == [{"dangling"}] * 5
    assert desks.entry(desks.case).standing == "counts"
    assert desks.entry(desks.case).acknowledged == ()


@pytest.mark.parametrize("entry", ["A" * 43 + "=", "/" * 42 + "8="])
def test_the_place_where_it_stands_itself(desks: Desks, entry: str) -> None:
    """Nothing can name itself: what would withdraw or correct at its own place does nothing at all."""
    own = desks.reports("birch", url("b"))
    withdrawn = msgspec.structs.replace(own, index=own.index + 1, entry=entry)
    corrected = msgspec.structs.replace(own, index=own.index + 2, entry=entry)
    refs = (
        desks.withdraws("birch", own, withdrawn),
        desks.says("birch", desks.made(Correction, of=corrected, event="hazard")),
    )

    assert [ref.index for ref in refs] == [withdrawn.index, corrected.index]
    assert [desks.found(ref) for ref in refs] == [{"dangling"}] * 2
    assert [desks.entry(ref).standing for ref in (own, *refs)] == ["counts", "refused", "refused"]


def test_records_of_the_wrong_kind(desks: Desks) -> None:
    """An answer to no ask, a correction of no report, a citation of what has no sources: found."""
    ask = desks.asks("alder")
    refs = (
        desks.answers("birch", desks.case, url("b")),
        desks.says("alder", desks.made(Correction, of=ask, event="hazard")),
        desks.cites("cedar", ask),
    )

    assert [desks.found(ref) for ref in refs] == [{"wrong-kind"}] * 3
    assert [desks.entry(ref).standing for ref in refs] == ["refused", "refused", "counts"]
    assert desks.view().corroboration.independent_sources == 1


def test_an_answer_by_somebody_not_asked(desks: Desks) -> None:
    """It counts, and says so."""
    ask = desks.asks("alder", "birch")
    ref = desks.answers("cedar", ask, url("c"))

    assert desks.found(ref) == {"not-asked"}
    assert desks.view().corroboration.independent_sources == 2


def test_after_ones_own_closing(desks: Desks) -> None:
    """What an organisation says of a case that it has closed counts, and says so; what tidies up does not."""
    closing = desks.says("birch", desks.made(Closing, outcome="incident"))
    late = desks.reports("birch", url("b"))
    tidied = desks.withdraws("birch", late)

    assert desks.found(late) == {"after-closing"}
    assert desks.found(tidied) == set()
    desks.withdraws("birch", closing)
    assert desks.found(late) == set()


def test_a_time_far_off(desks: Desks) -> None:
    """A time in another year is found once two others show it; it moves and blames nobody else."""
    desks.sees("birch", "alder")
    liar = desks.reports("birch", url("b"), at_ms=desks.now_ms + 1000 * DAY_MS)
    honest = []
    for member in ("cedar", "dogwood"):
        desks.sees(member, "alder", "birch")
        honest.append(desks.reports(member, url(member)))
    desks.sees("elder", "cedar", "dogwood")
    past = desks.reports("elder", url("e"), at_ms=0)

    assert desks.found(liar) == desks.found(past) == {"far-off-time"}
    assert [desks.found(ref) for ref in (desks.case, *honest)] == [set()] * 3
    assert [entry.ref for entry in desks.view().timeline] == [desks.case, liar, *honest, past]


@pytest.mark.parametrize(("before_ms", "found"), [(DAY_MS, set()), (DAY_MS + 1, {"far-off-time"})])
def test_a_day_apart_is_not_far_off(desks: Desks, before_ms: int, found: set[str]) -> None:
    """It takes more than a day, of what is after as of what is before; who is right is not blamed."""
    at_ms = desks.now_ms + 40 * DAY_MS
    late = desks.reports("birch", url("b"), at_ms=at_ms)
    others = []
    for member in ("cedar", "dogwood"):
        desks.sees(member, "birch")
        others.append(desks.reports(member, url(member), at_ms=at_ms - before_ms))

    assert [desks.found(ref) for ref in (late, *others)] == [found, set(), set()]


@pytest.mark.parametrize(("days", "found"), [(1, set()), (2, {"far-off-time"})])
def test_a_moment_long_after_it_was_told(desks: Desks, days: int, found: set[str]) -> None:
    """What is said to have been so over a day after it was said is flagged, and shown as it is."""
    at_ms = desks.now_ms + days * DAY_MS
    moment = Moment(asserted_by="press", at_ms=at_ms, clock="occurred", precision="minute")
    told = desks.reports("birch", url("b"), moments=(moment,))
    cited = desks.reports("birch", msgspec.structs.replace(url("b"), obtained_at_ms=at_ms))
    corrected = desks.says("alder", desks.made(Correction, of=desks.case, moments=(moment,)))
    late = msgspec.structs.replace(url("b"), obtained_at_ms=at_ms)
    answered = desks.answers("cedar", desks.asks("alder"), late)
    fields = {"operator": "Maker", "role": "provider", "position": "disputes", "sources": (late,)}
    stated = desks.says("dogwood", desks.made(OperatorPosition, **fields))

    assert [desks.found(ref) for ref in (told, cited, corrected, answered, stated)] == [found] * 5
    assert desks.found(desks.case) == set()
    assert moment in [one.moment for one in desks.view().description.moments]


def test_a_future_that_opens_the_case() -> None:
    """A case opened with a time far off is put in order all the same."""
    desks = Desks()
    desks.reports("alder", url("a"), at_ms=desks.now_ms + 1000 * DAY_MS)
    refs = []
    for member in ("birch", "cedar", "dogwood"):
        desks.sees(member, "alder")
        refs.append(desks.reports(member, url(member)))

    assert desks.found(desks.case) == {"far-off-time"}
    assert [entry.ref for entry in desks.view().timeline] == [desks.case, *refs]
    assert all(desks.found(ref) == set() for ref in refs)


def test_two_desks_alone_cannot_tell_whose_clock_is_wrong() -> None:
    """Of two, the one that comes later is found to be before what it had seen."""
    desks = Desks()
    desks.reports("alder", url("a"), at_ms=desks.now_ms + 2 * DAY_MS)
    desks.sees("birch", "alder")

    assert desks.found(desks.reports("birch", url("b"))) == {"far-off-time"}


def test_one_clock_that_is_ahead_blames_nobody(desks: Desks) -> None:
    """Who had seen two members is before both of them, or is not found."""
    desks.reports("birch", url("b"), at_ms=desks.now_ms + 40 * DAY_MS)
    desks.sees("cedar", "alder", "birch")

    assert desks.found(desks.reports("cedar", url("c"))) == set()


def test_contexts_that_see_each_others_future() -> None:
    """Contexts that no honest nodes could have written leave an order, and every record in it."""
    desks = Desks()
    desks.reports("alder", url("a"))
    for _ in range(3):
        desks.reports("birch", url("b"))
        desks.reports("cedar", url("c"))
    log = {member: desks.log(member) for member in ("birch", "cedar")}
    desks.knowledge = _Crossed({log["birch"]: log["cedar"], log["cedar"]: log["birch"]})

    assert len(desks.view().timeline) == len(desks.said)


class _Crossed(Contexts):
    """Nodes that held the whole of each other's logs before they wrote the first record of their own."""

    def __init__(self, held: dict[str, str]) -> None:
        super().__init__()
        self.held = held

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """All of the other."""
        return {self.held[log]: 100 + index} if log in self.held else {}


def test_script_is_a_text(desks: Desks) -> None:
    """Whatever stands in a text is shown as it was written, and is nowhere anything else."""
    script = "<script>alert(1)</script>\u202e"
    ref = desks.reports("birch", words(script), summary=script, lang="en")

    assert desks.entry(ref).record.summary == script  # type: ignore[union-attr]
    assert desks.found(ref) == set()
