from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.delivery.circle import (
    CIRCLE,
    MEMBERS,
    Contexts,
    Happened,
    entry,
    holdings,
    log_of,
    ref,
    report,
    terms,
    view,
)

from tocsin.cases.delivery import Bound, Delivered, Delivery, Due, Hours, Reached, delivery
from tocsin.cases.picture.view import CaseView, Standing
from tocsin.core.records import Acknowledgement, Answer, Ask
from tocsin.core.views import Holdings, Party

MINUTE_MS = 60_000
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(MEMBERS)),
        st.tuples(st.just("deliver"), st.permutations(MEMBERS).map(lambda pair: pair[:2]), st.booleans()),
    ),
    max_size=40,
)


def told(happened: Happened, me: str = "birch", now_ms: int = 10**6, **changes: object) -> Delivery:
    """What is told of what happened, by whoever has all records and cosignatures."""
    known = Holdings(me, holdings(me, happened.cosigned).cosigned, **changes)  # type: ignore[arg-type]
    picture = view(happened.timeline)
    return delivery(picture, known, happened.contexts, terms(), hours={}, now_ms=now_ms)


def happening(steps: list[tuple[object, ...]]) -> Happened:
    """One thing happens each second."""
    happened = Happened()
    happened.write("birch", 1)
    for now_s, step in enumerate(steps, 2):
        match step:
            case ("write", str(member)):
                happened.write(member, now_s)
            case ("deliver", [str(author), str(to)], bool(confirmed)):
                happened.deliver(author, to, now_s, confirmed=confirmed)
    return happened


def acknowledgement(at_ms: int, *of: tuple[str, int]) -> Acknowledgement:
    """An officer is aware of these."""
    return Acknowledgement(
        circle=CIRCLE,
        at_ms=at_ms,
        author="duty",
        author_kind="officer",
        tlp="TLP:GREEN",
        case=ref("birch", 1),
        of=tuple(sorted(ref(*place) for place in of)),
    )


def ask(at_ms: int, to: tuple[str, ...] | None = None, wanted_by_ms: int | None = None) -> Ask:
    """An ask in the case that birch opened."""
    return Ask(
        circle=CIRCLE,
        at_ms=at_ms,
        author="duty",
        author_kind="officer",
        tlp="TLP:GREEN",
        case=ref("birch", 1),
        questions=("seen",),
        to=to,
        wanted_by_ms=wanted_by_ms,
    )


def answer(at_ms: int, of: tuple[str, int], *, by: str = "officer") -> Answer:
    """*Cannot tell*, by an officer or a machine."""
    return Answer(
        circle=CIRCLE,
        at_ms=at_ms,
        author="duty",
        author_kind=by,  # type: ignore[arg-type]
        answerable=None if by == "officer" else "duty",
        tlp="TLP:GREEN",
        case=ref("birch", 1),
        ask=ref(*of),
        seen="cannot-tell",
    )


def of(found: Delivery, member: str, index: int) -> Delivered:
    """What is told of one record."""
    return next(one for one in found.records if one.ref == ref(member, index))


def reached(found: Delivered, member: str) -> Reached:
    """What is told of one member."""
    return next(one for one in found.reached if one.member == member)


def dues_of(
    picture: CaseView, known: Holdings, now_ms: int, **more: object
) -> dict[tuple[str, str, int], Due]:
    """What is owed: by member, for which of birch's records."""
    found = delivery(picture, known, Contexts(), terms(), **({"hours": {}, "now_ms": now_ms} | more))  # type: ignore[arg-type]
    return {(due.member, due.due, due.of.index): due for due in found.dues}


@given(STEPS)
def test_bounds_hold_where_everyone_is_honest(steps: list[tuple[object, ...]]) -> None:
    """What is told of when a record was written and had is true: never after what happened, never before."""
    happened = happening(steps)

    for one in told(happened).records:
        written_ms = happened.written[one.ref]
        assert one.not_before.at_ms <= written_ms
        assert one.not_later is None or written_ms <= one.not_later.at_ms
        assert {each.member for each in one.reached} == set(MEMBERS) - {one.member}
        for each in one.reached:
            held_ms = happened.held.get((one.ref, each.member))
            if held_ms is None:
                assert not each.held
                continue
            assert each.not_before.at_ms <= held_ms
            assert each.not_later is None or held_ms <= each.not_later.at_ms
            assert each.by_others is None or held_ms <= each.by_others.at_ms
        assert one.held_by == sum(each.held for each in one.reached)


@given(STEPS, st.integers(1, 10**6), st.data())
def test_a_liar_lies_about_itself_alone(
    steps: list[tuple[object, ...]], time_s: int, data: st.DataObject
) -> None:
    """A holder that signs other times than it is changes nothing that the others' words say of anyone."""
    happened = happening(steps)
    liar = data.draw(st.sampled_from(MEMBERS))
    before = told(happened)
    happened.cosigned = [
        (author, holder, size, time_s if holder == liar else at_s)
        for author, holder, size, at_s in happened.cosigned
    ]

    for one, other in zip(before.records, told(happened).records, strict=True):
        for mine, changed in zip(one.reached, other.reached, strict=True):
            assert mine.held is changed.held
            if mine.member != liar:
                assert changed.not_later == mine.not_later
            if changed.by_others and changed.by_others.witness != liar:
                held_ms = happened.held[one.ref, mine.member]
                assert held_ms <= changed.by_others.at_ms


@given(STEPS, st.randoms())
def test_the_order_in_which_cosignatures_are_known_does_not_matter(
    steps: list[tuple[object, ...]], chance: Callable[[], float]
) -> None:
    """Whatever order the store hands them out in, and twice."""
    happened = happening(steps)
    before = told(happened)
    happened.cosigned = happened.cosigned * 2
    chance.shuffle(happened.cosigned)  # type: ignore[attr-defined]

    assert told(happened) == before


def test_each_bound_names_whose_word_it_is() -> None:
    """Not before: its author. Not later: the holder's cosignature, or who held what it wrote after that."""
    timeline = [entry("birch", 1, report(5_000)), entry("cedar", 3, report(9_000, case=ref("birch", 1)))]
    contexts = Contexts({(log_of("cedar"), 3): {log_of("birch"): 2}})
    known = holdings("elm", [("birch", "cedar", 1, 4), ("birch", "cedar", 2, 8), ("cedar", "oak", 4, 11)])

    found = delivery(view(timeline), known, contexts, terms(), hours={}, now_ms=20_000)

    cedar = reached(of(found, "birch", 1), "cedar")
    assert cedar.not_before == Bound(at_ms=5_000, witness="birch", by="own-time", ref=ref("birch", 1))
    assert cedar.not_later == Bound(at_ms=8_000, witness="cedar", by="cosignature")
    assert cedar.by_others == Bound(at_ms=11_000, witness="oak", by="cosignature", ref=ref("cedar", 3))
    oak = reached(of(found, "birch", 1), "oak")
    assert (oak.not_later, oak.by_others, oak.held) == (None, None, False)


def test_a_holder_that_said_it_had_less_had_it_later() -> None:
    """Where its author's clock is early, the holder's own word on less of the log is the tighter bound."""
    known = holdings("elm", [("birch", "cedar", 1, 4), ("birch", "cedar", 2, 8)])

    found = delivery(
        view([entry("birch", 1, report(0))]), known, Contexts(), terms(), hours={}, now_ms=20_000
    )

    cedar = reached(of(found, "birch", 1), "cedar")
    assert cedar.not_before == Bound(at_ms=4_000, witness="cedar", by="cosignature")


def test_a_record_is_no_older_than_what_its_author_had_seen() -> None:
    """Of when it was written tells, besides its author, the time of what its node held."""
    timeline = [entry("birch", 1, report(5_000)), entry("cedar", 3, report(1_000, case=ref("birch", 1)))]
    contexts = Contexts({(log_of("cedar"), 3): {log_of("birch"): 2}})

    found = delivery(view(timeline), holdings("elm"), contexts, terms(), hours={}, now_ms=20_000)

    assert of(found, "cedar", 3).not_before == Bound(
        at_ms=5_000, witness="birch", by="context", ref=ref("birch", 1)
    )


def test_clocks_that_contradict_each_other_are_shown() -> None:
    """An author whose clock is ahead of all others is still quoted, and so are they."""
    known = holdings("elm", [("birch", "cedar", 2, 8)])

    found = delivery(
        view([entry("birch", 1, report(10**12))]), known, Contexts(), terms(), hours={}, now_ms=20_000
    )

    cedar = reached(of(found, "birch", 1), "cedar")
    assert cedar.not_before.at_ms == 10**12
    assert cedar.not_later == Bound(at_ms=8_000, witness="cedar", by="cosignature")


def test_a_clock_that_is_ahead_gives_way_to_one_that_fits() -> None:
    """Of two bounds from below, the later one is no good if it is later than what is known from above."""
    known = holdings("elm", [("birch", "cedar", 1, 4), ("birch", "cedar", 2, 8)])

    found = delivery(
        view([entry("birch", 1, report(10**12))]), known, Contexts(), terms(), hours={}, now_ms=20_000
    )

    cedar = reached(of(found, "birch", 1), "cedar")
    assert cedar.not_before == Bound(at_ms=4_000, witness="cedar", by="cosignature")


def test_nobody_vouches_for_itself() -> None:
    """Who cosigns its own log is no other: neither of when it wrote, nor of what it held then."""
    timeline = [entry("birch", 1, report(5_000)), entry("cedar", 3, report(9_000, case=ref("birch", 1)))]
    contexts = Contexts({(log_of("cedar"), 3): {log_of("birch"): 2}})
    known = holdings("elm", [("birch", "birch", 2, 1), ("cedar", "cedar", 4, 1)])

    found = delivery(view(timeline), known, contexts, terms(), hours={}, now_ms=20_000)

    assert reached(of(found, "birch", 1), "cedar").by_others is None
    written = of(found, "birch", 1).not_later
    assert written == Bound(at_ms=9_000, witness="cedar", by="context", ref=ref("cedar", 3))


def test_held_and_acknowledged_are_two_things() -> None:
    """A cosignature makes nobody aware; an officer who is aware need not have had it confirmed."""
    timeline = [
        entry("birch", 1, report(1_000)),
        entry("elm", 1, acknowledgement(9_000, ("birch", 1)), officer="night"),
    ]
    known = holdings("birch", [("birch", "cedar", 2, 8)])

    found = of(delivery(view(timeline), known, Contexts(), terms(), hours={}, now_ms=20_000), "birch", 1)

    assert (found.held_by, found.economies) == (1, 1)
    assert [(aware.member, aware.officer, aware.signed) for aware in found.aware] == [("elm", "night", True)]
    assert not reached(found, "elm").held


def test_a_member_that_left_is_told_of_where_it_confirmed() -> None:
    """Of members that are gone there is what they confirmed once; nothing is owed by them."""
    left = terms(
        oak=Party("oak", "Desk oak", "TJ", present=False), elm=Party("elm", "E", "JP", present=False)
    )
    known = holdings("birch", [("birch", "oak", 2, 8)])

    found = delivery(
        view([entry("birch", 1, report(1_000))]), known, Contexts(), left, hours={}, now_ms=20_000
    )

    assert [one.member for one in of(found, "birch", 1).reached] == ["cedar", "oak"]
    assert {due.member for due in found.dues} == {"cedar"}


def test_time_runs_from_when_the_member_had_it() -> None:
    """Who has not received a record is not late; who has, is so when its own minutes are over, not before."""
    picture = view([entry("birch", 1, report(1_000))])
    known = holdings("birch", [("birch", "cedar", 2, 60)])
    due_by_ms = 60_000 + 15 * MINUTE_MS

    early = dues_of(picture, known, due_by_ms - 1)
    late = dues_of(picture, known, due_by_ms)

    assert early["cedar", "acknowledgement", 1].state == "open"
    assert late["cedar", "acknowledgement", 1].state == "overdue"
    assert late["cedar", "acknowledgement", 1].due_by_ms == due_by_ms
    assert late["elm", "acknowledgement", 1].state == "not-received"


@pytest.mark.parametrize("at_ms", [0, 10**15])
def test_the_authors_clock_gives_and_takes_no_time(at_ms: int) -> None:
    """A report that bears a time far off is due when any other would be."""
    picture = view([entry("birch", 1, report(at_ms))])

    due = dues_of(picture, holdings("cedar", birch_1=60_000), 70_000)["cedar", "acknowledgement", 1]

    assert (due.since_ms, due.due_by_ms, due.state) == (60_000, 60_000 + 15 * MINUTE_MS, "open")


def test_where_it_is_not_known_any_more_when_it_came_its_own_time_counts() -> None:
    """This node has what it sees: its time runs, from the author's time at the latest from now."""
    picture = view([entry("birch", 1, report(30_000))])

    assert dues_of(picture, holdings("cedar"), 70_000)["cedar", "acknowledgement", 1].since_ms == 30_000
    assert dues_of(picture, holdings("cedar"), 20_000)["cedar", "acknowledgement", 1].since_ms == 20_000


def test_an_ask_is_owed_an_answer_by_those_who_are_asked() -> None:
    """Those who are named owe acknowledgement and answer; without names, all but the asker."""
    timeline = [
        entry("birch", 1, report(0)),
        entry("birch", 2, ask(0, to=("cedar", "elm"))),
        entry("elm", 1, ask(0)),
    ]

    owed = {
        (due.of.log_name.member, due.of.index, due.member, due.due)
        for due in delivery(view(timeline), holdings("birch"), Contexts(), terms(), hours={}, now_ms=5).dues
    }

    assert {
        member for author, index, member, due in owed if (author, index, due) == ("birch", 2, "answer")
    } == {"cedar", "elm"}
    assert {member for author, _, member, due in owed if (author, due) == ("elm", "answer")} == {
        "birch",
        "cedar",
        "oak",
    }


def test_an_observer_owes_nothing() -> None:
    """An observer follows and holds; it is asked for nothing, also by name."""
    watching = terms(oak=Party("oak", "Desk oak", "TJ", observer=True))
    timeline = [entry("birch", 1, report(0)), entry("birch", 2, ask(0, to=("oak",)))]

    found = delivery(view(timeline), holdings("birch"), Contexts(), watching, hours={}, now_ms=5)

    assert {due.member for due in found.dues} == {"cedar", "elm"}


def test_who_asks_may_give_more_time_and_never_less() -> None:
    """A request is no order: before the charter's minutes are over nobody is late."""
    charter_ms = 240 * MINUTE_MS
    for wanted_by_ms, due_by_ms in ((1_000, charter_ms), (charter_ms + 5, charter_ms + 5)):
        picture = view([entry("birch", 1, report(0)), entry("birch", 2, ask(0, wanted_by_ms=wanted_by_ms))])

        due = dues_of(picture, holdings("cedar", birch_1=0, birch_2=0), 5)["cedar", "answer", 2]

        assert (due.due_by_ms, due.wanted_by_ms) == (due_by_ms, wanted_by_ms)


def test_an_officers_answer_is_an_acknowledgement_and_a_machines_is_none() -> None:
    """Only an officer states *aware*: of the ask that it answers, and of the report that opened the case."""
    opened = [entry("birch", 1, report(0)), entry("birch", 2, ask(0))]
    states = {}
    for by in ("officer", "machine"):
        picture = view([*opened, entry("cedar", 1, answer(5, ("birch", 2), by=by))])
        dues = dues_of(picture, holdings("cedar", birch_1=0, birch_2=0), 10)
        states[by] = [
            dues["cedar", due, index].state
            for due, index in (("answer", 2), ("acknowledgement", 2), ("acknowledgement", 1))
        ]

    assert states == {"officer": ["done", "done", "done"], "machine": ["done", "open", "open"]}


def test_of_what_was_taken_back_nothing_is_owed() -> None:
    """Of a withdrawn report nobody owes anything; who withdraws its answer, or whose is refused, owes one."""
    known = holdings("cedar", birch_1=0, birch_2=0)
    opened = [entry("birch", 1, report(0)), entry("birch", 2, ask(0))]

    assert dues_of(view([entry("birch", 1, report(0), standing="withdrawn")]), known, 10) == {}
    states: dict[Standing, str] = {}
    for standing in get_args(Standing):
        answered = entry("cedar", 1, answer(5, ("birch", 2)), standing=standing)
        states[standing] = dues_of(view([*opened, answered]), known, 10)["cedar", "answer", 2].state
    assert {standing for standing, state in states.items() if state == "open"} == {"withdrawn", "refused"}


@pytest.mark.parametrize("standing", ["withdrawn", "superseded", "refused"])
def test_who_knew_what_is_not_undone(standing: Standing) -> None:
    """An officer's record says that its officer knew, whatever became of what it says."""
    timeline = [
        entry("birch", 1, report(0)),
        entry("birch", 2, ask(0)),
        entry("cedar", 1, answer(5, ("birch", 2)), standing=standing),
        entry("elm", 1, acknowledgement(6, ("birch", 2)), standing="withdrawn"),
    ]
    known = holdings("cedar", birch_1=0, birch_2=0)
    found = of(delivery(view(timeline), known, Contexts(), terms(), hours={}, now_ms=10), "birch", 2)

    assert [(aware.member, aware.at_ms) for aware in found.aware] == [("cedar", 5), ("elm", 6)]
    assert dues_of(view(timeline), known, 10)["cedar", "acknowledgement", 1].state == "done"


def test_an_officer_who_signs_is_named_beside_the_nodes_word() -> None:
    """Of each member the first who is aware is shown, and the first time of each who signed for it."""
    timeline = [
        entry("birch", 1, report(0)),
        entry("cedar", 1, acknowledgement(5, ("birch", 1))),
        entry("cedar", 2, acknowledgement(6, ("birch", 1)), officer="night"),
        entry("cedar", 3, acknowledgement(7, ("birch", 1)), officer="night"),
        entry("cedar", 4, acknowledgement(8, ("birch", 1))),
    ]
    known = holdings("birch")
    found = of(delivery(view(timeline), known, Contexts(), terms(), hours={}, now_ms=10), "birch", 1)

    assert [(aware.officer, aware.signed, aware.at_ms) for aware in found.aware] == [
        ("duty", False, 5),
        ("night", True, 6),
    ]


@pytest.mark.parametrize("state", ["closed", "contested"])
def test_in_a_closed_case_nothing_is_overdue(state: str) -> None:
    """Once the case is closed there is only what was done."""
    timeline = [entry("birch", 1, report(0)), entry("cedar", 1, acknowledgement(5, ("birch", 1)))]

    dues = dues_of(view(timeline, state=state), holdings("birch"), 10**9)

    assert {(member, due.state) for (member, _, _), due in dues.items()} == {("cedar", "done")}


@pytest.mark.parametrize("state", ["closed", "contested"])
def test_what_came_since_the_closing_is_owed(state: str) -> None:
    """Whatever it is, each member but its author owes an acknowledgement; who is asked, an answer."""
    timeline = [
        entry("birch", 1, report(0)),
        entry("birch", 2, ask(1)),
        entry("elm", 1, report(2, case=ref("birch", 1))),
        entry("elm", 2, report(2, case=ref("birch", 1)), since_closing=True),
        entry("elm", 3, answer(3, ("birch", 2)), since_closing=True),
        entry("elm", 4, ask(4, ("oak",)), since_closing=True),
        entry("elm", 5, report(2, case=ref("birch", 1)), since_closing=True, standing="withdrawn"),
        entry("cedar", 1, acknowledgement(5, ("elm", 3))),
    ]
    charter = terms(oak=Party("oak", "Oak", "TJ"), birch=Party("birch", "Birch", "KR", observer=True))
    known = holdings("birch", [("elm", "cedar", 9, 1), ("elm", "oak", 9, 1)])
    found = delivery(view(timeline, state=state), known, Contexts(), charter, hours={}, now_ms=10**9)

    assert {(due.member, due.due, str(due.of), due.state) for due in found.dues if due.of.index > 1} == {
        ("cedar", "acknowledgement", "elm.1.2", "overdue"),
        ("oak", "acknowledgement", "elm.1.2", "overdue"),
        ("cedar", "acknowledgement", "elm.1.3", "done"),
        ("oak", "acknowledgement", "elm.1.3", "overdue"),
        ("cedar", "acknowledgement", "elm.1.4", "overdue"),
        ("oak", "acknowledgement", "elm.1.4", "overdue"),
        ("oak", "answer", "elm.1.4", "overdue"),
        ("elm", "answer", "birch.1.2", "done"),
        ("elm", "acknowledgement", "birch.1.2", "done"),
    }


def test_a_desk_that_is_closed_is_not_late() -> None:
    """The member's own hours count, by its card; another's do not."""
    closed = Hours(week=((), (), (), (), (), (), ((0, 60),)))
    picture = view([entry("birch", 1, report(0))])
    known = holdings("birch", [("birch", "cedar", 2, 10**6), ("birch", "elm", 2, 10**6)])

    dues = dues_of(picture, known, 10**9 + 3 * 86_400_000, hours={"cedar": closed})

    assert dues["cedar", "acknowledgement", 1].state == "open"
    assert dues["elm", "acknowledgement", 1].state == "overdue"
