"""What it was, in words: likelihood, confidence and who did it, each by itself."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.archive.made import NOW_MS
from tests.cases.story import FEED, HOSTILE, PLACES, Story
from tests.circles.party import party

from tocsin.cases.telling import LANGUAGES, brief, language, timeline
from tocsin.cases.telling.page import Page
from tocsin.cases.telling.readings import percent
from tocsin.core.records import (
    Actor,
    AuthorKind,
    GroundTruth,
    Hypothesis,
    Probability,
    Reading,
    Ref,
    Report,
    Source,
    Withdrawal,
)

WHO = (Actor(name=HOSTILE, permille=5), Actor(name="Harbour Thieves", permille=305))
LIKELIHOOD = ("attack", "accident", "undetermined")


def story(*, judged: bool = True) -> tuple[Story, Ref]:
    """A report; what it may have been, what two organisations make of it, and what it was."""
    story = Story(party(seed=7, chosen=PLACES))
    case = story.write("birch", Report, sources=(FEED,))
    if not judged:
        return story, case
    named = story.write("cedar", Hypothesis, case=case, under="attack", text=f"A key. {HOSTILE}", lang="en")
    story.write(
        "ash",
        Reading,
        case=case,
        probabilities=(
            Probability(what="accident", permille=200),
            Probability(what="undetermined", permille=175),
            Probability(hypothesis=named, permille=625),
        ),
        confidence="moderate",
        sources=(Source(kind="record", record=case), FEED),
        who=WHO,
        text=HOSTILE,
        lang="en",
    )
    open_to_all = (Probability(what="undetermined", permille=1_000),)
    story.write("dune", Reading, case=case, probabilities=open_to_all, confidence="low")
    story.write("birch", GroundTruth, case=case, what="attack", hypothesis=named, sources=(FEED,))
    return story, case


def page(lang: str = "en", *, judged: bool = True) -> Page:
    """The brief of it."""
    told, case = story(judged=judged)
    return brief(told.view(case), told.terms, language(lang), NOW_MS)


def lines(lang: str = "en") -> list[str]:
    """Each line of the brief, and of all records."""
    told, case = story()
    view, known = told.view(case), language(lang)
    blocks = (*page(lang).blocks, *timeline(view, told.terms, known))
    return Page(lang, blocks).plain(100_000).split("\n")


def part() -> list[str]:
    """What the brief says of it."""
    _, _, rest = page().plain(100_000).partition("What it was, as organisations read it\n")
    return rest.partition("\n\nWhat was decided")[0].split("\n")[2:]


def test_a_brief_says_what_it_was() -> None:
    """What was found in the end, what each makes of it and on what ground, and what was thought of."""
    found, *others = part()
    assert re.fullmatch(
        r"- Birch 研究所 \(duty\), \S+ \S+ UTC: in the end it was attack \(cedar\.1\.1 \(“A key\. .*”\)\)",
        found,
    )
    assert others[0].startswith("  - Rests on: https://feed.example/alerts/4711")
    assert re.match(
        r"- Ash Desk \(duty\), \S+ \S+ UTC: cedar\.1\.1 \(“A key\. .*”\) 62\.5 %, "
        r"accident 20 %, undetermined 17\.5 %$",
        others[1],
    )
    assert others[2] == "  - Confidence in that: moderate"
    assert others[3] == "  - Rests on: birch.1.1, https://feed.example/alerts/4711?utm_source=mail"
    assert others[4].startswith(
        "  - Who did it, on the word of this organisation alone, which nobody merges: "
    )
    assert "Harbour Thieves 30.5 %" in others[4]
    assert others[6].endswith(": undetermined 100 %")
    assert others[7] == "  - Confidence in that: low"
    assert others[8].startswith("- cedar.1.1, Cedar <b>Institute</b> (duty): kind: attack")


def test_a_brief_without_readings_says_nothing_of_them() -> None:
    """Neither a part of their own, nor how they are to be read."""
    text = page(judged=False).plain(100_000)
    assert "as organisations read it" not in text
    assert language("en").phrases["note_readings"] not in text
    assert language("en").phrases["note_readings"] in page().plain(100_000)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_likelihood_and_confidence_never_stand_in_one_line(lang: str) -> None:
    """Nor does who did it stand with either (ICD 203, D.6.e.2.a), in a brief or in a timeline."""
    known = language(lang)
    likely = re.compile(r"62\.5 ?%|17\.5 ?%")
    sure = known.phrases["confidence"]
    who = known.phrases["who_did_it"]
    told = lines(lang)

    for mark in (likely, re.compile(re.escape(sure)), re.compile(re.escape(who))):
        assert len([line for line in told if mark.search(line)]) >= 2
    for line in told:
        assert bool(likely.search(line)) + (sure in line) + (who in line) <= 1, line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_words_for_it(lang: str) -> None:
    """No code of a closed list is left where people read."""
    known, text = language(lang), "\n".join(lines(lang))
    for name, code in (("What", "accident"), ("Undetermined", "undetermined"), ("Confidence", "moderate")):
        assert known.word(name, code) in text
    assert lang == "en" or not set(LIKELIHOOD) & set(re.findall(r"[a-z-]+", text))
    assert "ground-truth" not in text


def test_the_timeline_says_all_of_a_reading() -> None:
    """Likeliest first, every source with how it was obtained; ground truth and hypothesis, too."""
    told, case = story()
    text = Page("en", timeline(told.view(case), told.terms, language("en"))).plain(100_000)
    assert "- What it was: cedar.1.1 62.5 %, accident 20 %, undetermined 17.5 %\n" in text
    assert "- Confidence in that: moderate\n" in text
    assert "- Rests on: birch.1.1 (record)\n" in text
    assert "- Rests on: https://feed.example/alerts/4711?utm_source=mail (website, published)\n" in text
    assert "- What it was in the end: attack (cedar.1.1)\n" in text
    assert "- A kind of: attack\n" in text


def gone(lang: str = "en", author_kind: AuthorKind = "officer") -> list[str]:
    """What a brief says where one is read: of a hypothesis that was withdrawn, and of one that stands."""
    told = Story(party(seed=7, chosen=PLACES))
    case = told.write("birch", Report, sources=(FEED,))
    named = [
        told.write("cedar", Hypothesis, case=case, under="attack", text=text, lang="en")
        for text in ("A key.", "A worm.")
    ]
    probabilities = tuple(
        Probability(hypothesis=ref, permille=permille)
        for ref, permille in zip(named, (900, 100), strict=True)
    )
    told.write(
        "ash",
        Reading,
        case=case,
        probabilities=probabilities,
        confidence="low",
        sources=(FEED,),
        author_kind=author_kind,
        answerable=None if author_kind == "officer" else "duty",
    )
    told.write("cedar", Withdrawal, case=case, of=(named[0],), reason="mistaken")
    return brief(told.view(case), told.terms, language(lang), NOW_MS).plain(100_000).split("\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hypothesis_that_was_withdrawn_says_so(lang: str) -> None:
    """Where it has a probability, that this counts as undetermined; of one that stands nothing is said."""
    remark = language(lang).phrases["no_such_hypothesis"]
    (line,) = (line for line in gone(lang) if remark in line)

    assert line.count(remark) == 1
    assert line.index("cedar.1.1") < line.index(remark) < line.index("90") < line.index("cedar.1.2")
    assert language(lang).word("Undetermined", "undetermined") in remark


def test_who_is_no_officer_is_marked() -> None:
    """A reading that a machine or an agent wrote stands under it, and under nobody's name."""
    kinds: tuple[AuthorKind, ...] = get_args(AuthorKind)
    for kind in kinds:
        (line,) = (line for line in gone(author_kind=kind) if "90 %" in line)
        word = language("en").word("AuthorKind", kind)
        assert line.startswith(f"- Ash Desk ({word}; duty answers for it), ") is (kind != "officer")


def test_what_others_wrote_into_it_is_no_markup() -> None:
    """Neither the name of who did it nor the text of a hypothesis, in any form of the page."""
    told, case = story()
    blocks = (*page().blocks, *timeline(told.view(case), told.terms, language("en")))
    made = Page("en", blocks)
    assert "<script" not in made.html()
    assert "<img" not in made.html()
    assert "](https://evil" not in made.markdown()
    assert "\u202e" not in made.plain()


@given(st.integers(1, 1_000))
def test_a_percentage_is_exact(permille: int) -> None:
    """At most one decimal, and none that says nothing."""
    assert re.fullmatch(r"\d{1,3}(\.[1-9])?", percent(permille))
    assert round(float(percent(permille)) * 10) == permille
