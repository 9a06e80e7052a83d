"""What the page of a case says, and of what it says it."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.cases.story import ILLEGAL
from tests.web.casebook.told import TERMS, delivered, known, many, namer, relabelled, story

from tocsin.web.casebook.shown.asked import asked
from tocsin.web.casebook.shown.attached import attached
from tocsin.web.casebook.shown.course import course
from tocsin.web.casebook.shown.described import described
from tocsin.web.casebook.shown.heading import MAX_TITLE_CHARACTERS, head
from tocsin.web.casebook.shown.looking import Look
from tocsin.web.casebook.shown.owed import MAX_SHOWN, answers_owed, owing, unacknowledged
from tocsin.web.casebook.shown.timeline import MAX_ROWS, counts, rows, timeline


def test_the_title_is_in_its_own_language_and_the_translation_says_whose_it_is() -> None:
    """Nothing is passed off as what somebody wrote."""
    told, view = story()

    shown = head(view, namer(told.terms))

    assert shown.title is not None
    assert (shown.title.lang, shown.title.by) == ("ja", None)
    assert shown.translation is not None
    assert (shown.translation.lang, shown.translation.by) == ("en", "duty (officer)")


def test_who_reads_the_language_of_the_title_is_shown_no_translation() -> None:
    """It stands among the others."""
    told, view = story()

    shown = head(view, namer(told.terms, "ja"))

    assert shown.translation is None
    assert [text.lang for text in shown.translations] == ["en"]


@given(st.text(min_size=1, max_size=600))
def test_of_a_title_nothing_is_lost(summary: str) -> None:
    """What has no room in it stands in full below."""
    view = replace(many(1), summary=summary)

    shown = head(view, namer())

    assert shown.title is not None
    assert len(shown.title.text) <= MAX_TITLE_CHARACTERS
    assert shown.title.text == summary.strip() or (shown.text is not None and shown.text.text == summary)


def test_a_case_says_what_would_corroborate_it() -> None:
    """As many more as its charter asks for; and that members which rest on one source count once."""
    told, view = story()
    found = view.corroboration
    terms = dataclasses.replace(
        told.terms,
        independent_sources=found.independent_sources + 1,
        organisations=found.organisations,
        economies=found.economies + 2,
    )
    view = replace(view, corroboration=replace(found, corroborated=False))

    lacks = head(view, namer(terms)).lacks

    assert lacks is not None
    assert lacks.missing == (1, 0, 2)
    assert lacks.shared == (("ash", "birch", "cedar"),)


def test_what_is_corroborated_lacks_nothing() -> None:
    """Nor is it said who counts once."""
    told, view = story()

    view = replace(view, corroboration=replace(view.corroboration, corroborated=True))

    assert head(view, namer(told.terms)).lacks is None


def test_members_that_differ_stand_apart_each_with_who_says_it() -> None:
    """Nothing is merged that could disagree."""
    told, view = story()
    view = replace(
        view,
        description=replace(
            view.description,
            severity=(
                *view.description.severity,
                replace(view.description.severity[0], value="disaster", by=("ash",)),
            ),
        ),
    )

    fields = {one.field: one for one in described(view.description, namer(told.terms))}

    assert fields["Severity"].differ
    assert [value.by for value in fields["Severity"].values][-1] == ("ash",)
    assert not fields["Kind of event"].differ


def test_two_answers_from_one_source_are_two_replies_and_one_source() -> None:
    """Each says with whom it shares it: repetition raises nothing."""
    told, view = story()

    ((ask,), more) = asked(view, None, namer(told.terms))

    assert more == 0
    assert (ask.replies, ask.seen, ask.sources) == (3, 2, 1)
    assert {one.member: one.shared for one in ask.answers if one.seen == "seen"} == {
        "ash": ("cedar",),
        "cedar": ("ash",),
    }
    assert [one.member for one in ask.answers if one.by_machine] == ["cedar"]


def test_what_was_passed_on_and_changed_since_is_a_warning() -> None:
    """Whoever has it may not know."""
    _, view = story()

    (passed,) = course(view).passed

    assert passed.of == passed.changed == (str(view.case),)


def test_what_is_named_as_illegal_has_no_name_and_is_not_here() -> None:
    """Nor may it be had, whatever is on the disk."""
    _, view = story()

    shown, _ = attached(view.description.attachments, lambda _: True)

    (illegal,) = (one for one in shown if one.illegal)
    assert (illegal.name, illegal.media_type, illegal.here) == (None, None, False)
    assert [one.name for one in shown if one.here] == ["alert.pdf"]
    assert illegal.size == f"{len(ILLEGAL)} B"


def test_content_that_one_names_as_illegal_is_illegal_whoever_else_names_it() -> None:
    """The stricter word counts."""
    _, view = story()
    (fine,) = (one for one in view.description.attachments if not one.illegal)

    shown, _ = attached((fine, replace(fine, name="other.pdf", illegal=True)), lambda _: True)

    assert [(one.illegal, one.name) for one in shown] == [(True, None)]


def test_no_two_members_have_one_name() -> None:
    """However much their labels look alike: the slug stands beside each."""
    terms = relabelled(TERMS, ash="Birch", birch="Birch")
    names = namer(terms)

    assert names.member("ash") != names.member("birch")
    assert names.member("ash").endswith("(ash)")


def test_the_newest_comes_first_and_the_causal_order_is_the_same_the_other_way_round() -> None:
    """Both have every record, whether it counts or not."""
    told, view = story()
    newest, causal = (
        [row.ref for row in timeline(view, None, Look(order=order), namer(told.terms)).rows]
        for order in ("newest", "causal")
    )

    assert newest == causal[::-1] == [str(entry.ref) for entry in reversed(view.timeline)]


@pytest.mark.parametrize(("kind", "member"), [("report", None), (None, "ash"), ("answer", "ash")])
def test_what_is_chosen_is_all_there_is_of_it(kind: str | None, member: str | None) -> None:
    """And the page says how many of how many."""
    told, view = story()

    page = timeline(view, None, Look(kind=kind, member=member), namer(told.terms))

    wanted = [
        entry
        for entry in view.timeline
        if kind in (None, entry.record.kind) and member in (None, entry.member)
    ]
    assert (page.found, page.records) == (len(wanted), len(view.timeline))
    assert {row.ref for row in page.rows} == {str(entry.ref) for entry in wanted}


@pytest.mark.parametrize("order", ["newest", "causal"])
def test_page_after_page_has_every_record_once(order: str) -> None:
    """Also where each page ends early."""
    view, found, after = many(250, summary="x" * 1000), list[str](), None

    for _ in range(20):
        page = timeline(view, None, Look(order=order, after=after), namer())  # type: ignore[arg-type]
        found += [row.ref for row in page.rows]
        after = page.after
        if after is None:
            break

    entries = view.timeline if order == "causal" else view.timeline[::-1]
    assert found == [str(entry.ref) for entry in entries]


def test_a_page_begins_anew_where_the_record_it_goes_on_from_is_not_there() -> None:
    """It may have been erased meanwhile."""
    page = timeline(many(3), None, Look(after="ash.9.9"), namer())

    assert len(page.rows) == 3


def test_records_that_say_much_make_a_page_shorter_never_empty() -> None:
    """So no page grows without bound, whatever members write."""
    view = many(2 * MAX_ROWS, summary="长" * 4000, fingerprints=None)

    page = timeline(view, None, Look(), namer())

    assert 1 <= len(page.rows) < MAX_ROWS
    assert all(row.text and row.text.left for row in page.rows)


def test_what_does_not_count_says_why() -> None:
    """It is shown like everything else."""
    told, view = story()

    refused = [row for row in rows(view.timeline, None, namer(told.terms)) if row.standing == "refused"]

    assert refused
    assert all(row.findings for row in refused)


def test_corrections_and_withdrawals_lead_both_ways() -> None:
    """From what was changed to what changed it, and back."""
    told, view = story()
    by_ref = {row.ref: row for row in rows(view.timeline, None, namer(told.terms))}

    for row in by_ref.values():
        for ref in (*row.corrected_by, *filter(None, (row.withdrawn_by,))):
            assert row.ref in by_ref[ref].about


def test_without_who_has_what_nothing_is_said_of_it() -> None:
    """Not even that nobody has it."""
    told, view = story()
    unknown = [row.held_by for row in rows(view.timeline, None, namer(told.terms))]
    found = rows(view.timeline, known(view, told.terms, "birch").delivered, namer(told.terms))

    assert set(unknown) == {None}
    assert None not in {row.held_by for row in found}


def test_counts_say_how_many_there_are_of_each() -> None:
    """Of each kind and each member, all together."""
    _, view = story()

    found = counts(view)

    assert sum(count for _, count in found.kinds) == len(view.timeline)
    assert sum(count for _, count in found.members) == len(view.timeline)


def test_of_the_clocks_each_member_has_one_of_a_kind_with_the_most_urgent_in_front() -> None:
    """However many records it owes it for."""
    view = many(60)
    dues = delivered(view, TERMS, "ash").dues

    found = owing(dues, dues[0].due_by_ms or 0, namer())

    assert len({(one.member, one.due) for one in found.owed}) == len(found.owed)
    assert [one.overdue for one in found.owed] == sorted((one.overdue for one in found.owed), reverse=True)


def test_of_much_that_is_not_acknowledged_it_is_said_how_much_more_there_is() -> None:
    """One names as many as stand there, and the others are not forgotten."""
    view = many(60)

    unread, more = unacknowledged(delivered(view, TERMS, "ash").dues, "ash")

    assert len(unread) == MAX_SHOWN
    assert more == 30 - MAX_SHOWN


def test_a_desk_is_told_what_it_owes_itself_and_no_more() -> None:
    """What others owe is not one's turn."""
    told, view = story()
    case = known(view, told.terms, "dune")
    assert case.delivery

    unread, more = unacknowledged(case.delivery.dues, "dune")
    answers = answers_owed(case.delivery.dues, "dune", case.now_ms, namer(told.terms))

    mine = [due for due in case.delivery.dues if due.member == "dune" and due.state in ("open", "overdue")]
    assert more == 0
    assert set(unread) == {str(due.of) for due in mine if due.due == "acknowledgement"}
    assert [one.member for one in answers.owed] == ["dune" for due in mine if due.due == "answer"]
