"""A number that is held back is a limit: wherever it stands it says so, and has no word of likelihood."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from msgspec import structs
from tests.readings.evidences import Desk, hypothesis, source
from tests.readings.test_fusion import desks
from tests.web.assessing.made import assessed, points, shown
from tests.web.assessing.test_verdict import plain, two_witnesses
from tests.web.casebook.told import TERMS

from tocsin.readings import fuse
from tocsin.readings.overlay import Overlay, private_view
from tocsin.web.assessing.known import Known
from tocsin.web.assessing.sides import sides
from tocsin.web.assessing.verdict import verdict
from tocsin.web.charts import course_chart
from tocsin.web.languages import LANGUAGES

WORDS = {
    tag: [phrase for key, phrase in one.phrases.items() if key.startswith("assessing.likelihood_")]
    for tag, one in LANGUAGES.items()
}


def one_witness() -> Desk:
    """Two sensors say that it was an attack by a hypothesis: one class alone."""
    here = hypothesis("ash", "attack")
    desk = Desk([source("sensor", "ash", name="a"), source("sensor", "birch", name="b")], [here])
    return desk.read("ash", {here.ref: 900}, 0).read("birch", {here.ref: 900}, 1)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_capped_number_is_marked_and_has_no_word(tag: str) -> None:
    """In the result, among the kinds, of a hypothesis, in the course, its table, and in the private box."""
    desk = one_witness()
    private = private_view(desk.evidence, Overlay(weights={}))
    made = assessed(desk.evidence, private=private)
    language = LANGUAGES[tag]
    best = max(made.assessment.view.kinds, key=lambda one: one.permille)
    number = f"{best.permille / 10:g} %"
    pieces = [
        plain(one)
        for one in re.split(r"</?(?:p|li|td|th|h2|h3|figcaption|text|title|desc)\b", shown(made, tag=tag))
    ]
    # A range may end at it, too: those stand beside a number that is marked.
    with_it = [one for one in pieces if re.search(rf"(?<![–\d]){re.escape(number)}(?!.?[)）])", one)]
    assert len(with_it) >= 6
    for one in with_it:
        assert language.phrases["assessing.held"] in one or "–" in one.partition(number)[0]
    as_found = [
        plain(language.say("assessing.likely_line", likelihood=word, percent=number[:-2]))
        for word in WORDS[tag]
    ]
    assert [one for one in as_found if any(one in piece for piece in pieces)] == []


@given(desks())
def test_only_the_kind_that_is_held_back_is_marked(desk: Desk) -> None:
    """The likeliest, and none where nothing is held back."""
    view = fuse(desk.evidence)
    found = verdict(view, desk.evidence)
    assert [one.held for one in found.kinds] == [view.held_back, *[False] * 4]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_would_be_held_back_without_somebody_says_so(tag: str) -> None:
    """Among what would change the result, and at the end of the range that is such a limit."""
    made = assessed(two_witnesses().evidence)
    assert not made.assessment.view.held_back
    language, text = LANGUAGES[tag], plain(shown(made, tag=tag))
    undetermined = language.word("Undetermined", "undetermined")
    then = f"{undetermined}{language.phrases['comma']}{language.phrases['assessing.held']}"
    turning = sides(made.assessment.view, made.assessment.evidence).turning
    assert [one.held for one in turning] == [True] * 4
    assert text.count(then) == 4
    least = min(one.permille[1] for one in made.assessment.view.without)
    at_limit = plain(language.say("assessing.held_at", percent=f"{least / 10:g}"))
    assert text.count(at_limit) == 2


def test_a_step_at_which_it_was_held_back_is_hollow() -> None:
    """In both drawings, with a key; where nothing was, there is neither."""
    held, found = fuse(one_witness().evidence), fuse(two_witnesses().evidence)
    english = LANGUAGES["en"]
    for views, hollow in (((held, found), 1), ((found,), 0), ((held, held), 2)):
        chart = course_chart(points(*views), 0, TERMS, english.say, english.word)
        for drawing in chart.drawings:
            assert drawing.__html__().count("judged-hollow") == hollow
        assert [key.word for key in chart.keys].count("held back") == (hollow > 0)


def test_the_course_says_in_words_that_it_was_held_back() -> None:
    """As its first and its last step stand in a sentence."""
    english, held = LANGUAGES["en"], fuse(one_witness().evidence)
    number = max(one.permille for one in held.kinds) / 10
    chart = course_chart(points(held), 0, TERMS, english.say, english.word)
    assert f"Now: undetermined (attack {number:g} %, held back)." in chart.words
    assert chart.table is not None
    assert [cell.endswith(", held back") for cell in chart.table.rows[0][3:]] == [False, True, *[False] * 3]


@pytest.mark.parametrize(
    "desk",
    [
        Desk([source("sensor", "ash")]).read("ash", {}, 0),
        Desk([source("sensor", "ash")]).read("ash", {"attack": 900}),
        Desk([source("sensor", "ash")], [hypothesis("ash", "attack")]),
        Desk([]),
    ],
)
def test_where_nothing_is_known_no_number_says_so(desk: Desk) -> None:
    """What is equally open between all kinds is told in a sentence, and what would help."""
    text = shown(assessed(desk.evidence))
    told = plain(text.partition("judged-sides")[0])
    assert "What would help: a source that tells the kinds apart" in told
    assert "Nothing is known yet of what it was." in told or "Nobody has said yet what it was." in told
    assert "undetermined" in told or not desk.reads
    assert "%" not in told
    assert [word for word in WORDS["en"] if re.search(rf"\b{word}\b", told)] == []
    assert "chart-wide" not in text
    closed = assessed(replace(desk.evidence, closed_by=("ash",)))
    assert "What would help" not in plain(shown(closed))


def test_readings_that_cancel_out_are_told_as_that() -> None:
    """Sources speak, and no kind is likelier than another: that is not that nobody said anything."""
    names = ("accident", "attack", "cascade", "misuse", "no-ai")
    desk = Desk([source("sensor", f"m{at}", name=f"s{at}") for at in range(5)])
    for at, name in enumerate(names):
        desk.read(f"m{at}", {name: 900}, at)
    assert len({one.permille for one in fuse(desk.evidence).kinds}) == 1
    text = plain(shown(assessed(desk.evidence)))
    assert "By all readings together no kind is likelier than another." in text
    assert "Nothing is known yet" not in text


def test_a_course_that_began_with_nothing_has_no_number_there() -> None:
    """A dash in its table, and a word where it still is so."""
    english, nothing = LANGUAGES["en"], fuse(Desk([]).evidence)
    begun = course_chart(points(nothing, fuse(two_witnesses().evidence)), 0, TERMS, english.say, english.word)
    assert begun.table is not None
    assert begun.table.rows[1][3:] == ("–",) * 5
    still = course_chart(points(fuse(two_witnesses().evidence), nothing), 0, TERMS, english.say, english.word)
    for drawing in still.drawings:
        assert [one.text for one in drawing.texts()].count("undetermined") == 5


def asked(settled: int, of: int) -> Known:
    """A question that would settle so much of what is open."""
    desk = Desk([source("sensor", "ash", name="a"), source("person", "elm", name="b")])
    made = assessed(desk.read("ash", {"attack": 600}, 0).evidence, members=("birch", "elm"))
    assert made.question
    worth = structs.replace(made.question.question, gain_millibits=settled, now_millibits=of)
    return replace(made, question=structs.replace(made.question, question=worth))


@pytest.mark.parametrize("name", ["question", "asking"])
def test_a_question_that_settles_next_to_nothing_is_not_asked(name: str) -> None:
    """Below a hundredth of what is open there is no way to ask it, and a sentence says what would help."""
    for settled, is_asked in ((23, True), (22, False), (1, False)):
        text = shown(asked(settled, 2300), name)
        told = plain(text)
        assert ("an answer is expected to settle 1 %" in told) is is_asked
        assert ("No further question to a member would settle even 1 %" in told) is not is_asked
        assert ("a source that is not in the case yet" in told) is not is_asked
        assert ("/say/ask" in text) is (is_asked and name == "question")


def test_of_a_closed_case_and_one_that_nobody_reads_nothing_is_said_of_questions() -> None:
    """Nothing would come of any."""
    made = asked(1, 2300)
    evidence = replace(made.assessment.evidence, closed_by=("ash",))
    closed = Known(structs.replace(made.assessment, evidence=evidence))
    for one in (closed, assessed(Desk([]).evidence)):
        assert plain(shown(one, "question")).strip() == ""
