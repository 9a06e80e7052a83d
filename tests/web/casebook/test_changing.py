"""What is sent to open pages of a case: what is otherwise, and nothing else."""

import re
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.web.casebook.told import TERMS, Desks, known, story

from tocsin.core.records import Attachment, Correction
from tocsin.web.casebook.changing import Change, changed
from tocsin.web.casebook.sections import SECTIONS, Case
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.fragments import Fragments
from tocsin.web.serving.templates import make_environment

FRAGMENTS = Fragments(make_environment())


def told(change: Change, tag: str = "en") -> str:
    """What is sent."""
    language = LANGUAGES[tag]
    return FRAGMENTS.text(language, "casebook/changed.html", **change.values(language))


def two(records: int, more: int) -> tuple[Case, Case]:
    """A case, and the same after more records."""
    desks = Desks()
    for number in range(1, records + 1):
        desks.report("ash", number)
    before = known(desks.view(), TERMS, "ash")
    for number in range(records + 1, records + more + 1):
        desks.report("ash", number)
    return before, known(desks.view(), TERMS, "ash")


def test_one_more_record_is_one_more_row() -> None:
    """The others stay as they are."""
    before, now = two(50, 1)

    change = changed(before, replace(now, delivery=before.delivery, delivered=before.delivered), ())

    assert [str(entry.ref) for entry in change.new] == ["ash.1.51"]
    assert (change.touched, change.anew) == ((), False)
    assert told(change).count("<li id=") == 1


def test_a_correction_touches_what_it_corrects() -> None:
    """It is sent again, and as it is now."""
    told_of, view = story()
    entry = next(entry for entry in view.timeline if isinstance(entry.record, Correction))
    earlier = told_of.view(view.case)
    told_of.said = [said for said in told_of.said if said.ref != entry.ref]
    before = told_of.view(view.case)
    assert before != earlier

    change = changed(known(before, told_of.terms, "birch"), known(view, told_of.terms, "birch"), ())

    sent = {str(one.ref) for one in (*change.new, *change.touched)}
    assert change.anew or {str(entry.ref), str(entry.record.of)} <= sent  # type: ignore[union-attr]


def test_a_record_that_came_late_is_put_where_it_belongs() -> None:
    """Desks that write in turn are not received in turn: what stands there already is not sent again."""
    desks = Desks()
    for number in range(1, 61):
        desks.report("ash", number)
    for number in range(1, 60):
        desks.report("birch", number)
    late = [desks.report(slug, number) for slug, number in (("birch", 60), ("birch", 61), ("ash", 61))]
    now = desks.view()
    desks.said = [one for one in desks.said if one.ref not in late[:2]]
    before = known(desks.view(), TERMS, "ash", received=False)

    change = changed(before, known(now, TERMS, "ash", received=False), ())

    assert {entry.ref for entry in change.new} == set(late[:2])
    assert not change.anew
    sent = told(change)
    assert sent.count("<li id=") == 2 + len(change.touched)
    shown = [str(entry.ref) for entry in reversed(now.timeline)]
    for swap, rows in re.findall(r'swap="(prepend|beforebegin)">(.*?)</hx-partial>', sent, re.DOTALL):
        names = re.findall(r'data-ref="([^"]+)"', rows)
        place = shown.index(names[0])
        assert shown[place : place + len(names)] == names
        below = shown[place + len(names)].replace(".", "-")
        assert (swap == "prepend") == (place == 0)
        assert place == 0 or f'hx-target="#case-rows > #case-r-{below}" hx-swap="beforebegin"' in sent


@given(st.randoms(use_true_random=False), st.integers(2, 30), st.integers(1, 12))
def test_what_is_sent_makes_of_the_old_page_the_new_one(chance: Random, records: int, more: int) -> None:
    """Whichever records come, and in whichever order: the page is as if it were made anew."""
    desks = Desks()
    numbers = {"ash": 0, "birch": 0}
    for _ in range(records + more):
        slug = chance.choice(("ash", "birch"))
        numbers[slug] += 1
        desks.report(slug, numbers[slug])
    now, said = desks.view(), desks.said
    late = set(chance.sample(range(1, len(said)), more))
    desks.said = [one for place, one in enumerate(said) if place not in late]
    old = known(desks.view(), TERMS, "ash", received=False)

    change = changed(old, known(now, TERMS, "ash", received=False), ())

    page = [str(entry.ref) for entry in reversed(old.view.timeline)]
    if not change.anew:
        # A page looks up what is to be changed before it changes anything.
        for one in change.values(LANGUAGES["en"])["inserted"]:  # type: ignore[attr-defined]
            assert one.above is None or one.above in page
        for one in change.values(LANGUAGES["en"])["inserted"]:  # type: ignore[attr-defined]
            place = page.index(one.above) if one.above else 0
            page[place:place] = [row.ref for row in one.rows]
        assert page == [str(entry.ref) for entry in reversed(now.timeline)]
        sent = {entry.ref for entry in (*change.new, *change.touched)}
        before = {entry.ref: entry for entry in old.view.timeline}
        assert all(entry.ref in sent or entry == before[entry.ref] for entry in now.timeline)


def test_where_much_changed_the_newest_page_is_sent_anew() -> None:
    """And no more than that."""
    before, now = two(50, 200)

    change = changed(before, now, ())

    assert change.anew
    assert told(change).count("<li id=") == 101  # and the way that leads on


def test_nothing_is_sent_where_nothing_is_otherwise() -> None:
    """However often it is looked at."""
    before, _ = two(5, 0)

    assert not changed(before, before, ()).is_any


def test_what_was_not_sent_yet_is_sent_as_one() -> None:
    """Of a record that is new and touched at once, there is one row, as it is now."""
    before, now = two(3, 1)
    new = changed(before, replace(now, delivery=before.delivery, delivered=before.delivered), ("head",))
    touched = Change(now, ("clocks",), touched=(now.view.timeline[-1], now.view.timeline[0]))

    both = new.then(touched)

    assert [str(entry.ref) for entry in both.new] == ["ash.1.4"]
    assert [str(entry.ref) for entry in both.touched] == ["ash.1.1"]
    assert both.sections == ("head", "clocks")
    assert both.case is now


def test_a_fragment_says_the_same_whoever_reads_it() -> None:
    """There is no token and no role in any section; the way to a form in that alone which officers have."""
    told_of, view = story()
    case = known(view, told_of.terms, "birch")

    others = tuple(name for name in SECTIONS if name != "acts")
    sent = told(Change(case, others, touched=view.timeline)) + told(Change(case, ("acts",)))

    assert "csrf" not in sent
    assert "<form" not in sent
    assert "/say/" not in told(Change(case, others, touched=view.timeline))


def test_the_acts_follow_a_colleague_who_closes_the_case() -> None:
    """To close it is offered until then, and to open it again from then on."""
    told_of, view = story()
    ours = [one for one in view.closings if one.member == view.opened_by]
    closed = known(view, told_of.terms, view.opened_by)
    open_still = replace(closed, view=structs.replace(view, closings=()))

    assert ours
    assert SECTIONS["acts"].rests_on(open_still) != SECTIONS["acts"].rests_on(closed)
    before, after = (told(Change(case, ("acts",))) for case in (open_still, closed))
    assert 'hx-target="#case-acts"' in after
    assert "/say/closing?" in before
    assert "/say/closing?" not in after
    assert f"&amp;of={ours[0].ref}" in after


def test_the_acts_follow_a_colleague_who_withdraws_the_report() -> None:
    """To correct what opened the case is offered as long as that counts."""
    told_of, view = story()
    here = known(view, told_of.terms, view.opened_by)
    gone = replace(here, view=structs.replace(view, state="unknown"))

    assert SECTIONS["acts"].rests_on(here) != SECTIONS["acts"].rests_on(gone)
    assert "/say/correction?" in told(Change(here, ("acts",)))
    assert "/say/correction?" not in told(Change(gone, ("acts",)))


def test_every_section_is_on_the_page_by_its_name() -> None:
    """What is sent finds its place."""
    told_of, view = story()
    case = known(view, told_of.terms, "birch")

    for tag in LANGUAGES:
        sent = told(Change(case, tuple(SECTIONS)), tag)
        for name in SECTIONS:
            assert f'hx-target="#case-{name}"' in sent
            assert f'id="case-{name}"' in sent


def test_a_section_is_otherwise_only_if_what_it_rests_on_is() -> None:
    """A record that says nothing of the incident leaves what is said of it alone."""
    before, now = two(5, 1)

    same = {name for name, section in SECTIONS.items() if section.rests_on(before) == section.rests_on(now)}

    assert {"described", "course", "attached"} <= same
    assert "head" not in same


def test_content_that_came_is_shown_however_often_other_content_is_named() -> None:
    """What was named before it, again and again, keeps nothing of it from being sent."""
    desks = Desks()
    for number in range(1, 81):
        sha256 = ("5e" if number < 80 else "af") * 32
        named = Attachment(media_type="image/png", sha256=sha256, size_bytes=7, name=f"{number}.png")
        desks.report("ash", number, attachments=(named,))
    before = known(desks.view(), TERMS, "ash")
    now = replace(before, is_here=lambda sha256: sha256 == "af" * 32)

    rests_on = SECTIONS["attached"].rests_on
    assert rests_on(before) != rests_on(now)
