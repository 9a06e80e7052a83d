"""What holds of every picture, whoever lies: the design's invariants 3 and 6."""

from collections.abc import Iterable, Mapping

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.picture.contexts import Contexts
from tests.cases.picture.desks import MEMBERS, Desks, encode, terms
from tests.cases.picture.stories import CHANGING, OF_SEVERAL_CASES, PLAIN, stories

from tocsin.cases.picture import Case, CaseSummary, CaseView, case_of, summary, view
from tocsin.cases.picture.view import COUNTING
from tocsin.core.records import Answer, Ask, CaseRecord, Correction, Ref, Report
from tocsin.core.views import Knowledge, Said


def figures(whole: CaseView) -> tuple[int, ...]:
    """The numbers of corroboration."""
    counted = whole.corroboration
    return (
        counted.replies,
        counted.independent_sources,
        counted.organisations,
        counted.economies,
        int(counted.corroborated),
    )


def short(desks: Desks, told: Iterable[Said[CaseRecord]]) -> CaseSummary:
    """What a list says of the case, by these records."""
    return summary(desks.case, told, terms(), desks.knowledge)


def without_timeline(whole: CaseView) -> bytes:
    """What the records give, but for the records themselves."""
    return encode(msgspec.structs.replace(whole, timeline=()))


@given(desks=stories(), data=st.data())
def test_order_and_repetition_change_nothing(desks: Desks, data: st.DataObject) -> None:
    """The same set of records gives the same bytes, in whatever order and however often they come."""
    again = data.draw(st.permutations(desks.said + data.draw(st.lists(st.sampled_from(desks.said)))))

    assert encode(desks.view(again)) == encode(desks.view())
    assert short(desks, again) == short(desks, desks.said)


@given(desks=stories(), data=st.data())
def test_one_by_one_as_at_once(desks: Desks, data: st.DataObject) -> None:
    """A case to which records are added, and which is looked at in between, is the one of all of them."""
    case = Case(desks.case)
    told: list[Said[CaseRecord]] = []
    for said in data.draw(st.permutations(desks.said)):
        case.add(said)
        told.append(said)
        assert case.summary(terms(), desks.knowledge) == short(desks, told)

    assert encode(case.view(terms(), desks.knowledge)) == encode(desks.view())


@given(desks=stories(OF_SEVERAL_CASES), data=st.data())
def test_looked_at_in_between(desks: Desks, data: st.DataObject) -> None:
    """A picture that goes on is the one made anew, whatever comes, and whatever becomes known meanwhile."""
    case = Case(desks.case)
    order = data.draw(st.sampled_from((desks.said, desks.said[::-1])) | st.permutations(desks.said))
    known: Knowledge = desks.knowledge
    for place, said in enumerate(order, 1):
        case.add(said)
        look = data.draw(st.sampled_from(("view", "view", "summary", "forget", "nothing")))
        if look == "forget":
            known = Contexts() if known is desks.knowledge else desks.knowledge
        elif look == "summary":
            assert case.summary(terms(), known) == summary(desks.case, order[:place], terms(), known)
        elif look == "view":
            anew = view(desks.case, order[:place], terms(), known)
            assert encode(case.view(terms(), known)) == encode(anew)

    assert encode(case.view(terms(), desks.knowledge)) == encode(desks.view())


@given(desks=stories(CHANGING, members=2, at_least=15), data=st.data())
def test_a_case_that_grows(desks: Desks, data: st.DataObject) -> None:
    """Two desks that correct, withdraw, answer and close again and again: what goes on is as made anew.

    What they name of other cases is found out last.
    """
    case = Case(desks.case)
    order = sorted(desks.said, key=lambda said: case_of(said.ref, said.record) != desks.case)
    for place, said in enumerate(order, 1):
        case.add(said)
        if data.draw(st.booleans()):
            anew = view(desks.case, order[:place], terms(), desks.knowledge)
            assert encode(case.view(terms(), desks.knowledge)) == encode(anew)
        if data.draw(st.booleans()):
            assert case.summary(terms(), desks.knowledge) == short(desks, order[:place])


@given(desks=stories(), data=st.data())
def test_what_was_held_counts_and_not_which_object_says_so(desks: Desks, data: st.DataObject) -> None:
    """Equal knowledge gives the same bytes in whatever objects it comes, also where it cannot be true."""
    logs = sorted({said.ref.log for said in desks.said})
    sizes = st.dictionaries(st.sampled_from(logs), st.integers(0, 5))
    shared = {log: data.draw(sizes) for log in logs}

    assert encode(desks.view(knowledge=_Held(shared))) == encode(desks.view(knowledge=_Anew(shared)))


class _Held:
    """All that nodes hold from the start, their own future and the others' among it."""

    def __init__(self, held: Mapping[str, Mapping[str, int]]) -> None:
        self.held = held

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """The same at every index."""
        del index
        return self.held[log]


class _Anew(_Held):
    """The same, in another object at every look."""

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """A copy."""
        return dict(super().saw(log, index))


@given(desks=stories())
def test_the_summary_is_the_views(desks: Desks) -> None:
    """What a list says of a case is what the whole picture says."""
    whole, listed = desks.view(), short(desks, desks.said)

    assert (listed.state, listed.outcome, listed.opened_at_ms) == (
        whole.state,
        whole.outcome,
        whole.opened_at_ms,
    )
    assert (listed.summary, listed.lang, listed.records) == (whole.summary, whole.lang, len(whole.timeline))
    assert listed.open_asks == sum(ask.open for ask in whole.asks)
    missing = {one.member for ask in whole.asks for one in ask.answers if one.ref is None}
    assert listed.awaited == tuple(sorted(missing))
    assert listed.independent_sources == whole.corroboration.independent_sources
    assert listed.corroborated is whole.corroboration.corroborated
    assert listed.since_closing == whole.since_closing
    assert (listed.severity is None) is (not whole.description.severity)


@given(desks=stories())
def test_what_came_since_the_closing(desks: Desks) -> None:
    """What counts and its closer's node had not held, in the plainest way; nothing in an open case."""
    whole = desks.view()
    closing = next((one.ref for one in whole.closings if one.member == desks.case.log_name.member), None)
    expected = {
        entry.ref
        for entry in whole.timeline
        if closing is not None
        and entry.standing in COUNTING
        and (isinstance(entry.record, Report | Ask | Correction) or _is_seen(entry.record))
        and (
            _before(closing, entry.ref)
            if entry.member == closing.log_name.member
            else entry.ref.index >= desks.held[closing].get(entry.ref.log, 0)
        )
    }

    assert (whole.state in {"closed", "contested"}) is (closing is not None)
    assert {entry.ref for entry in whole.timeline if entry.since_closing} == expected
    assert whole.since_closing == len(expected)


@given(desks=stories())
def test_nothing_is_lost(desks: Desks) -> None:
    """Every record of the case stands in its timeline once, whatever is wrong with it."""
    assert sorted(entry.ref for entry in desks.view().timeline) == sorted(said.ref for said in desks.said)


@given(desks=stories())
def test_each_after_all_that_its_author_had_seen(desks: Desks) -> None:
    """A record comes after those before it in its log and after what its author held, as *seen* says."""
    timeline = desks.view().timeline
    for place, entry in enumerate(timeline):
        held = desks.held[entry.ref]
        later = timeline[place + 1 :]
        assert not any(one.member == entry.member and _before(one.ref, entry.ref) for one in later)
        assert not any(one.ref.index < held.get(one.ref.log, 0) for one in later)
        others = [one for one in timeline[:place] if one.member != entry.member]
        unseen = {one.member for one in others if one.ref.index >= held.get(one.ref.log, 0)}
        assert entry.unseen == tuple(sorted(unseen))
        assert entry.seen == tuple(sorted({one.member for one in others} - unseen))


@given(desks=stories(), data=st.data())
def test_repetition_never_raises_a_number(desks: Desks, data: st.DataObject) -> None:
    """A report whose sources are all counted raises nothing; what can be looked at stays as many sources."""
    before = desks.view()
    cited = [source for one in before.corroboration.sources for source in one.citations]
    if not cited:
        return
    copied = data.draw(st.lists(st.sampled_from(cited), min_size=1, max_size=8))
    desks.reports(data.draw(st.sampled_from(MEMBERS)), *copied, summary="We see it too", lang="en")
    after = desks.view()

    assert all(new <= old for new, old in zip(figures(after), figures(before), strict=True))
    if all(source.sha256 or "https" in (source.locator or "") for source in copied):
        assert after.corroboration.independent_sources == before.corroboration.independent_sources


@given(desks=stories(PLAIN), data=st.data())
def test_citing_what_is_here_never_raises_a_number(desks: Desks, data: st.DataObject) -> None:
    """A report that cites records alone adds no source, and raises nothing."""
    before = figures(desks.view())
    refs = data.draw(st.lists(st.sampled_from([said.ref for said in desks.said]), min_size=1, max_size=4))
    desks.cites(data.draw(st.sampled_from(MEMBERS)), *refs)
    after = figures(desks.view())

    assert all(new <= old for new, old in zip(after, before, strict=True))
    assert after[1] == before[1]


@given(desks=stories(PLAIN), data=st.data())
def test_a_withdrawal_undoes_exactly_what_it_is_about(desks: Desks, data: st.DataObject) -> None:
    """What is taken back leaves everything else as if it had never been said."""
    gone = data.draw(st.sampled_from(desks.said[1:] or desks.said))
    if gone.ref == desks.case:
        return
    before = without_timeline(desks.view([said for said in desks.said if said.ref != gone.ref]))
    desks.epochs[gone.member] = max(gone.ref.log_name.epoch, desks.epochs.get(gone.member, 1))
    desks.withdraws(gone.member, gone.ref)

    assert without_timeline(desks.view()) == before


@given(desks=stories(), data=st.data())
def test_nobody_touches_what_is_anothers(desks: Desks, data: st.DataObject) -> None:
    """Withdrawals and corrections of others' records change nothing, and say why."""
    before = without_timeline(desks.view())
    mallory = data.draw(st.sampled_from(MEMBERS))
    others = [said.ref for said in desks.said if said.member != mallory]
    if not others:
        return
    of = data.draw(st.lists(st.sampled_from(others), min_size=1, max_size=5, unique=True))
    withdrawal = desks.withdraws(mallory, *of)
    correction = desks.says(mallory, desks.made(Correction, of=of[0], severity="hazard"))

    assert without_timeline(desks.view()) == before
    for ref in (withdrawal, correction):
        assert "not-yours" in desks.found(ref)
        assert desks.entry(ref).standing == "refused"


def _is_seen(record: CaseRecord) -> bool:
    return isinstance(record, Answer) and record.seen == "seen"


def _before(one: Ref, other: Ref) -> bool:
    return (one.log_name.epoch, one.index) < (other.log_name.epoch, other.index)
