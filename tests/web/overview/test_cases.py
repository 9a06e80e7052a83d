"""Rows of cases: what is owed in them, and their order."""

from hypothesis import given
from hypothesis import strategies as st
from tests.web.overview.making import LABELS, bell, due, ref, ring, summary, terms

from tocsin.core.records import Ref
from tocsin.web.overview.board import count, is_unsettled
from tocsin.web.overview.rows.cases import Called, CaseRow, called, case_row
from tocsin.web.overview.rows.clocks import ClockLine, clock_lines, clocks_of
from tocsin.web.overview.rows.ordered import Ordered


def row(
    *,
    ours: tuple[object, ...] = (),
    theirs: tuple[object, ...] = (),
    drill: bool = False,
    index: int = 1,
    **more: object,
) -> CaseRow:
    """A case in which these bells ring for birch, and this is owed to it."""
    rings = [ring(one, drill=drill) for one in ours]  # type: ignore[arg-type]
    said = summary(ref(index), **more)
    return case_row(said, terms(drill=drill), "Towers", "birch", rings=rings, dues=theirs)  # type: ignore[arg-type]


def test_the_more_urgent_stands_first() -> None:
    """Ours overdue; waiting for us; others overdue; the rest. Then how grave, how sure, how soon, how new."""
    late = due(ref(1), "cedar", state="overdue", due_by_ms=1)
    rows = [
        row(ours=(bell(overdue=True, due_by_ms=9),), severity="hazard"),
        row(ours=(bell(due_by_ms=9),), severity="disaster"),
        row(ours=(bell(due_by_ms=9),), severity="incident", corroborated=True),
        row(ours=(bell(due_by_ms=8),), severity="incident"),
        row(ours=(bell(due_by_ms=9),), index=2),
        row(ours=(bell(due_by_ms=9),), severity="hazard"),
        row(theirs=(late,), severity="hazard"),
        row(severity="disaster", theirs=(due(ref(1), "cedar"),)),
        row(last_at_ms=20),
        row(last_at_ms=10),
        row(drill=True, ours=(bell(overdue=True, due_by_ms=1),), severity="disaster"),
    ]
    assert [one.order for one in rows] == sorted(one.order for one in rows)
    assert [one.standing for one in rows[:1]] == ["late"]
    assert {one.standing for one in rows[1:6]} == {"waits"}
    assert rows[6].standing == "others-late"
    assert {one.standing for one in rows[7:10]} == {"calm"}


@given(st.integers(-(2**53), 2**53), st.integers(-(2**53), 2**53), st.integers(-(2**53), 2**53))
def test_no_time_that_anybody_writes_breaks_the_order(first: int, second: int, due_by_ms: int) -> None:
    """Places are as long as each other, whatever times stand in them."""
    ours = (bell(due_by_ms=due_by_ms),)
    one, other = (row(ours=ours, last_at_ms=at_ms, index=9) for at_ms in (first, second))
    assert len(one.order) == len(other.order)
    if max(first, 0) > max(second, 0):
        assert one.order < other.order


def test_the_most_urgent_that_is_owed_is_shown_and_the_others_are_counted() -> None:
    """Bells for a deputy are the same thing once more; what one owes oneself is not among what others owe."""
    shown = row(
        ours=(
            bell(due="answer", due_by_ms=3, count=2),
            bell(due_by_ms=5),
            bell(due_by_ms=1, audience="deputy", count=7),
        ),
        theirs=(
            due(ref(1), "cedar", due_by_ms=9),
            due(ref(1), "elm", due_by_ms=7),
            due(ref(1), "birch"),
            due(ref(2), "elm", state="not-received", due_by_ms=None),
        ),
    )
    assert shown.ours
    assert shown.theirs
    assert (shown.ours.due, shown.ours.due_by_ms, shown.ours.more, shown.ours.by.slug) == (
        "answer",
        3,
        2,
        "birch",
    )
    assert (shown.theirs.by.slug, shown.theirs.due_by_ms, shown.theirs.more) == ("elm", 7, 1)


def test_many_who_are_awaited_are_named_in_part() -> None:
    """So a row stays a row."""
    shown = row(awaited=tuple(f"m{nth}" for nth in range(64)))
    assert (len(shown.awaited), shown.awaited_more) == (4, 60)


def test_who_is_no_member_is_called_by_the_slug() -> None:
    """A name in a record names nobody that the charter does not."""
    assert called("stranger", terms()) == Called(slug="stranger", label="stranger")


def test_what_is_closed_is_settled_unless_something_came_since() -> None:
    """And what its members closed differently is not."""
    states = ("open", "contested", "unknown", "closed")
    assert [is_unsettled(summary(state=state)) for state in states] == [True, True, True, False]
    assert is_unsettled(summary(state="closed", since_closing=1))


def test_cases_are_counted_by_how_they_stand() -> None:
    """Each once."""
    rows = [row(), row(ours=(bell(),)), row(ours=(bell(overdue=True),)), row(ours=(bell(overdue=True),))]
    assert count(rows) == {"all": 4, "calm": 1, "waits": 1, "late": 2}


def test_clocks_that_run_are_shown_whose_time_is_over_first() -> None:
    """What is done, or has not begun, or never ends, runs not; the pages of them follow each other."""
    shown = row()
    dues = [
        due(ref(1), "cedar", due_by_ms=30),
        due(ref(1), "birch", due_by_ms=10, state="overdue"),
        due(ref(2), "elm", due_by_ms=20),
        due(ref(3), "elm", state="done"),
        due(ref(4), "elm", state="not-received", due_by_ms=None),
        due(ref(5), "elm", due_by_ms=None),
    ]
    every: Ordered[tuple[str, Ref], ClockLine] = Ordered()
    every.put((shown.circle, ref(1)), list(clock_lines(shown, dues, "birch", terms())))
    first = clocks_of(every, most=2)
    assert [line.by.slug for line in first.shown] == ["birch", "elm"]
    assert [line.mine for line in first.shown] == [True, False]
    assert (first.count, first.overdue) == (3, 1)
    assert first.next
    rest = clocks_of(every, first.next, most=2)
    assert [line.by.slug for line in rest.shown] == ["cedar"]
    assert rest.next is None


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 30), max_size=4)), max_size=30))
def test_groups_come_and_go_as_a_whole(puts: list[tuple[int, set[int]]]) -> None:
    """What is there is the last of every group, in order; and whether it was another is said."""

    class Thing:
        def __init__(self, order: str) -> None:
            self.order = order

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Thing) and other.order == self.order

        def __hash__(self) -> int:
            return hash(self.order)

    ordered: Ordered[int, Thing] = Ordered()
    model: dict[int, list[str]] = {}
    for key, numbers in puts:
        orders = sorted(f"{number:02}/{key}" for number in numbers)
        another = ordered.put(key, [Thing(order) for order in orders])
        assert another == (model.get(key, []) != orders)
        model[key] = orders
    expected = sorted(order for orders in model.values() for order in orders)
    assert [one.order for one in ordered] == expected
    assert len(ordered) == len(expected)
    assert [one.order for one in ordered.after("15")] == [order for order in expected if order > "15"]
    assert {key for key, orders in model.items() if orders} == set(ordered.groups())


def test_labels_are_never_all_that_tells_members_apart() -> None:
    """Two members that call themselves the same have different slugs beside it."""
    said = summary(ref(1, "cedar"))
    alike = dict.fromkeys(LABELS, "Birch")
    shown = case_row(said, terms(labels=alike), "Towers", "birch", rings=(), dues=())
    assert (shown.opened_by.label, shown.opened_by.slug) == ("Birch", "cedar")
