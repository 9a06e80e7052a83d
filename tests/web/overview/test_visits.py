"""What somebody had seen, and what came since."""

from tests.web.overview.making import CIRCLE, bell, ref, ring

from tocsin.cases.picture.places import case_of
from tocsin.core.records import (
    Ask,
    Handover,
    NoteRecord,
    Notice,
    Record,
    Ref,
    Reply,
    Report,
    Source,
    Takeover,
)
from tocsin.core.records.context import Context
from tocsin.core.views import Said
from tocsin.node.alerting.telling import Ring
from tocsin.web.desk.handovers import open_to
from tocsin.web.overview.mine.changes import MOST_CASES, changes_of
from tocsin.web.overview.mine.visits import Seen, Visits, come, leave, look_through
from tocsin.web.overview.mine.waiting import noticed_to, owed_of

EARLY = Seen(at_ms=1, sizes={CIRCLE: {"birch.1": 1}})
LATE = Seen(at_ms=2, sizes={CIRCLE: {"birch.1": 9}})


def test_what_came_while_somebody_was_away_stays_new_for_the_whole_session() -> None:
    """However often they close the page in it; the next session begins with what they saw last."""
    first = leave(come(None, "monday"), EARLY)
    assert come(first, "monday").seen is None
    second = come(first, "tuesday")
    assert second.seen == EARLY
    assert come(leave(second, LATE), "tuesday").seen == EARLY
    assert come(leave(second, LATE), "wednesday").seen == LATE


def test_who_says_that_they_have_seen_it_begins_anew() -> None:
    """From that moment on."""
    visits = look_through(come(leave(come(None, "monday"), EARLY), "tuesday"), LATE)
    assert visits == Visits(session="tuesday", seen=LATE, left=LATE)


def test_a_session_that_never_closed_a_page_changes_nothing() -> None:
    """What was seen before it counts on."""
    second = come(leave(come(None, "monday"), EARLY), "tuesday")
    assert come(second, "wednesday").seen == EARLY


def common() -> dict[str, object]:
    """What every record has."""
    return {"circle": CIRCLE, "at_ms": 5, "author": "duty", "author_kind": "officer", "tlp": "TLP:GREEN"}


def report(case: Ref | None = None) -> Report:
    """A report."""
    return Report(sources=(Source(kind="person", locator="Aru", obtained="received"),), case=case, **common())  # type: ignore[arg-type]


def said(at: Ref, record: Record) -> tuple[str, Said[Record]]:
    """It, where it stands."""
    return CIRCLE, Said(at, at.log_name.member, record)


def test_changes_are_told_by_case_the_new_ones_first() -> None:
    """What we said ourselves is no news, and contexts are for machines."""
    old, new = ref(1, "cedar"), ref(5, "cedar")
    ask = Ask(case=old, questions=("seen",), **common())  # type: ignore[arg-type]
    note = NoteRecord(text="Hello.", lang="en", **common())  # type: ignore[arg-type]
    context = Context(seen=(), **common() | {"author_kind": "machine"})  # type: ignore[arg-type]
    found = changes_of(
        [
            said(ref(2, "cedar"), ask),
            said(ref(3, "cedar"), report(old)),
            said(ref(4, "elm"), report(old)),
            said(new, report()),
            said(ref(6, "cedar"), note),
            said(ref(7, "birch"), report(old)),
            said(ref(8, "cedar"), context),
        ],
        {CIRCLE: "birch"},
        3,
        whole=True,
    )
    assert (found.shown[0].case, found.shown[0].opened) == (new, True)
    told = {one.case: dict(one.kinds) for one in found.shown}
    assert told == {new: {"report": 1}, old: {"ask": 1, "report": 2}, None: {"note": 1}}
    assert case_of(new, report()) == new


def test_of_very_many_changes_some_are_counted_alone() -> None:
    """A panel beside the cases stays one."""
    many = [said(ref(nth, "cedar"), report()) for nth in range(1, 301)]
    found = changes_of(many, {CIRCLE: "birch"}, 0, whole=False)
    assert (len(found.shown), found.more, found.whole) == (MOST_CASES, 300 - MOST_CASES, False)


def test_what_is_owed_is_counted_by_its_kind_and_drills_apart() -> None:
    """A deputy's bell is for what the duty's is for."""
    rings: list[Ring] = [
        ring(bell(count=3)),
        ring(bell(due="answer")),
        ring(bell(audience="deputy", count=3)),
        ring(bell(count=4), drill=True),
        ring(bell(due="check")),
    ]
    assert owed_of(rings) == ((("acknowledgement", 3), ("answer", 1), ("check", 1)), 4)


def test_a_shift_that_was_taken_over_waits_no_more() -> None:
    """Nor does one that was handed to somebody else."""
    mine, taken, others = ref(1), ref(2), ref(3)
    handovers = [
        Said(at, "birch", Handover(to=to, **common()))  # type: ignore[arg-type]
        for at, to in ((mine, "night"), (taken, "night"), (others, "day"))
    ]
    takeovers = [Said(ref(4), "birch", Takeover(handover=taken, **common() | {"author": "night"}))]  # type: ignore[arg-type]
    assert [one.ref for one in open_to("night", handovers, takeovers)] == [mine]


def test_a_notice_to_us_waits_until_we_have_replied_or_cannot() -> None:
    """Nor does one to somebody else wait for us."""
    open_, replied, others, over = (ref(index) for index in range(1, 5))
    notices = [
        Said(at, "birch", Notice(member=member, reply_within_hours=hours, text="why", lang="en", **common()))  # type: ignore[arg-type]
        for at, member, hours in (
            (open_, "ash", 2),
            (replied, "ash", 2),
            (others, "cedar", 2),
            (over, "ash", 1),
        )
    ]
    to = {"log": replied.log, "notice": replied.index, "entry": replied.entry, "text": "no", "lang": "en"}
    reply = Reply(**to, **common())  # type: ignore[arg-type]
    began_ms = 5
    found = noticed_to("ash", notices, [Said(ref(5), "ash", reply)], began_ms + 3_600_000)
    assert [(one.ref, one.by, one.until_ms) for one in found] == [(open_, "birch", began_ms + 7_200_000)]
