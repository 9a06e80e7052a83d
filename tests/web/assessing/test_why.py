"""Why it was that: what each source contributes, what would change the result, and who dissents."""

import html
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from msgspec import structs
from tests.readings.evidences import CASE, CIRCLE, Desk, of_case, source
from tests.readings.test_fusion import desks
from tests.web.assessing.made import assessed, case_of, shown
from tests.web.assessing.test_verdict import plain, two_witnesses
from tests.web.casebook.test_pages import HOSTILE
from tests.web.casebook.told import namer

from tocsin.core.records import Ask, Source
from tocsin.core.views import CaseSource
from tocsin.readings import fuse
from tocsin.readings.asking import asked_already
from tocsin.readings.overlay import Overlay, private_view
from tocsin.web.assessing.known import Known
from tocsin.web.assessing.matrix import matrix
from tocsin.web.assessing.question import asked_next
from tocsin.web.casebook.sections import Kept
from tocsin.web.languages import LANGUAGES

ENGLISH = LANGUAGES["en"]


@given(desks())
def test_a_cell_says_what_its_source_says(desk: Desk) -> None:
    """For, against or neither, by the numbers that all have in common; its bar is on that side."""
    view = fuse(desk.evidence)
    said = {one.source: one.millinats for one in view.sources}
    found = matrix(view, desk.evidence, ENGLISH)
    order = sorted(view.sources, key=lambda one: (-one.diagnostic, one.source))
    for row, weighed in zip(found.rows, order, strict=True):
        for cell, millinats in zip(row.cells, said[weighed.source], strict=True):
            side = {True: "-for", False: "-against"}[millinats > 0] if millinats else "neither"
            assert cell.strength.endswith(side)
            css = {part.css for part in cell.bar.parts}  # type: ignore[union-attr]
            assert ("judged-for" in css, "judged-against" in css) == (millinats > 0, millinats < 0)


def test_a_source_of_which_readers_differ_says_so() -> None:
    """With who reads it, who repeats it, and who saw it."""
    desk = Desk([source("sensor", "ash", "birch", "elm")])
    desk.read("ash", {"attack": 900}, 0).read("birch", {"accident": 900}, 0).read("cedar", {"attack": 900}, 0)
    (row,) = matrix(fuse(desk.evidence), desk.evidence, ENGLISH).rows
    assert (row.disputed, row.readers, row.repeaters, row.witnesses, row.classes) == (
        True,
        ("ash", "birch"),
        ("cedar",),
        ("ash", "birch", "elm"),
        ("sensor",),
    )
    assert "read differently" in shown(assessed(desk.evidence))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_reading_that_only_repeats_says_that_it_counts_for_nothing(tag: str) -> None:
    """Beside that one alone, in the reader's language; and its source says who repeats it."""
    phrases = LANGUAGES[tag].phrases
    text = plain(shown(assessed(two_witnesses().read("elm", {"attack": 900}, 0).evidence), tag=tag))
    assert text.count(phrases["assessing.repeats"]) == 1
    assert phrases["assessing.repeats"] in text[text.rindex("elm") :]
    assert f"{phrases['assessing.repeaters']} elm" in text
    without = plain(shown(assessed(two_witnesses().evidence), tag=tag))
    assert phrases["assessing.repeats"] not in without
    assert phrases["assessing.repeaters"] not in without


def test_what_would_change_the_result_is_named() -> None:
    """Each source and member without which it is another; where there is none, that is said."""
    text = shown(assessed(two_witnesses().evidence))
    part = text[text.index("What would change") : text.index("Dissent")]
    assert re.findall(r"<bdi>(https[^<]+)</bdi>", part) == [
        "https://a.example/sensor",
        "https://b.example/person",
    ]
    assert part.count("<td data-name") == 4
    open_case = Desk([source("sensor", "ash")]).read("ash", {"attack": 300}, 0)
    assert "No one source, and no one member’s word" in shown(assessed(open_case.evidence))


def test_dissent_is_kept() -> None:
    """Who holds another kind likelier stands there by name, with what and how likely."""
    desk = two_witnesses()
    desk.sources = [*desk.sources, source("document", "elm", name="c")]
    desk.read("elm", {"accident": 600}, 2)
    text = shown(assessed(desk.evidence))
    part = text[text.index(">Dissent<") : text.index("Probabilities over time")]
    assert '<code class="case-slug">elm</code>' in part
    assert "accident 60 %" in part


def unread() -> Desk:
    """Elm saw something that nobody has read yet."""
    desk = Desk([source("sensor", "ash", name="a"), source("person", "elm", name="b")])
    return desk.read("ash", {"attack": 600}, 0)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_next_question_leads_to_its_form_filled_in(tag: str) -> None:
    """In the reader's language, and so that it is known afterwards to be asked."""
    desk = unread()
    made = assessed(desk.evidence, members=("birch", "cedar", "elm"))
    assert made.question
    found = asked_next(made.question, desk.evidence, CIRCLE, LANGUAGES[tag])
    fields = parse_qs(urlsplit(found.form).query, strict_parsing=True)
    assert urlsplit(found.form).path == "/say/ask"
    assert fields["case"] == [str(CASE)]
    assert (fields["to"], fields["lang"]) == ([made.question.question.member], [tag])
    english = [made.question.wording.text]
    assert (fields["text"] == english) is (tag == "en")
    assert fields.get("translations-0-text") == (None if tag == "en" else english)
    ask = of_case(
        Ask,
        questions=("other",),
        to=tuple(fields["to"]),
        text=fields["text"][0],
        lang=tag,
    )
    question = made.question.question
    assert (question.member, question.source) in asked_already(desk.evidence, [ask])


def test_only_who_may_ask_has_the_button() -> None:
    """Whoever may not sees the question all the same."""
    made = assessed(unread().evidence, members=("birch", "cedar", "elm"))
    assert 'href="/say/ask?' in shown(made, "question")
    assert "The next question" in shown(made, "asking")
    assert "/say/ask" not in shown(made, "asking")
    nothing = assessed(Desk([]).evidence)
    assert shown(nothing, "question").strip().endswith('<div id="case-question" hidden></div>')


def test_what_this_node_learned_stands_apart() -> None:
    """In a box that says whose it is; nothing else on the page is otherwise with it."""
    desk = two_witnesses()
    private = private_view(desk.evidence, Overlay(weights={"birch": 250, "ash": 1_000}))
    with_it, without = shown(assessed(desk.evidence, private=private)), shown(assessed(desk.evidence))
    box = re.search(r'<section class="judged-private".*?</section>', with_it, re.DOTALL)
    assert box
    assert "This node’s alone" in box[0]
    assert '<code class="case-slug">birch</code>' in box[0]
    assert 'case-slug">ash' not in box[0]
    assert re.sub(r"\s+", "", with_it.replace(box[0], "")) == re.sub(r"\s+", "", without)


@pytest.mark.parametrize(("both", "named"), [({"ash": 0, "birch": 0}, ()), ({}, ("accident", "attack"))])
def test_of_kinds_that_are_as_likely_here_none_is_put_first(
    both: dict[str, int], named: tuple[str, ...]
) -> None:
    """All that are the likeliest are named; where all are, as where nobody counts, none is."""
    desk = Desk([source("sensor", "ash", name="a"), source("sensor", "birch", name="b")])
    desk.read("ash", {"attack": 500}, 0).read("birch", {"accident": 500}, 1)
    private = private_view(desk.evidence, Overlay(weights=both))
    text = shown(assessed(desk.evidence, private=private))
    box = plain(text[text.index("This node’s alone") :])
    line = re.search(r"Likeliest: (.*), [a-z ]+, [0-9.]+ %", box)
    assert tuple(line[1].split(", ") if line else ()) == named


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_others_wrote_is_text(tag: str) -> None:
    """A source's name, a hypothesis, the words of a reading: none of it is markup, or invisible."""
    hostile = CaseSource(
        cited=(("ash", Source(kind="person", locator=HOSTILE, obtained="received")),),
        verifiable=True,
    )
    desk = Desk([hostile, source("sensor", "birch")])
    desk.read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1)
    for member, read in desk.reads.items():
        record = structs.replace(read.said.record, text=HOSTILE, lang="en")
        desk.reads[member] = replace(read, said=replace(read.said, record=record))
    made = assessed(desk.evidence, members=("cedar", "elm"))
    for name in ("judged", "question", "asking"):
        text = shown(made, name, tag)
        assert "<script" not in text
        assert "<img" not in text
        assert "\u202e" not in text
    assert "{{ 7*7 }}" in html.unescape(shown(made, tag=tag))


def test_what_is_kept_of_a_page_is_no_older_than_what_was_learned() -> None:
    """A page that is looked at again shows this node's weights as they are now."""
    desk = two_witnesses()
    kept, before = Kept(), case_of(assessed(desk.evidence))
    learned = private_view(desk.evidence, Overlay(weights={"birch": 250}))
    now = replace(before, assessed=Known(before.assessed.assessment, private=learned))  # type: ignore[union-attr]
    names = namer(before.terms)
    values = [kept.values_of(one, names)["judged"] for one in (before, before, now)]
    assert values[0] is values[1]
    assert [one.private is None for one in values] == [True, True, False]  # type: ignore[attr-defined]
