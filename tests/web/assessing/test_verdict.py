"""The result as people read it: its word, its number, its range, and why there is none."""

import html
import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from msgspec import structs
from tests.cli.test_readings_missing import called
from tests.readings.evidences import CASE, Desk, hypothesis, of_case, ref, source
from tests.readings.test_fusion import desks
from tests.web.assessing.made import assessed, shown
from tests.web.casebook.told import TERMS

from tocsin.core.records import Actor, AuthorKind, GroundTruth, Ref
from tocsin.core.views import Evidence, Said
from tocsin.readings import fuse
from tocsin.readings.lacking import lacking
from tocsin.web.assessing.section import judged
from tocsin.web.assessing.verdict import verdict
from tocsin.web.casebook.sections import SECTIONS
from tocsin.web.languages import LANGUAGES


def plain(text: str) -> str:
    """What is read, in one line."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))).replace("\u00a0", " ")


def two_witnesses() -> Desk:
    """A sensor and a person, each read by who saw it."""
    desk = Desk([source("sensor", "ash", name="a"), source("person", "birch", name="b")])
    return desk.read("ash", {"attack": 900}, 0).read("birch", {"attack": 900}, 1)


def test_what_is_likely_has_its_word_its_number_and_its_range() -> None:
    """In one line, so that none of them is read alone."""
    desk = two_witnesses()
    best = max(fuse(desk.evidence).kinds, key=lambda one: one.permille)
    text = plain(shown(assessed(desk.evidence)))
    assert f"attack very likely, {best.permille / 10:g} % " in text
    assert (
        f"{best.least_permille / 10:g}–{best.most_permille / 10:g} % without any one source or member" in text
    )


@pytest.mark.parametrize(
    ("desk", "lack"),
    [
        (
            Desk([source("sensor", "ash", name="a"), source("person", "birch", name="b")])
            .read("ash", {"attack": 500, "accident": 500}, 0)
            .read("birch", {"attack": 500, "misuse": 500}, 1),
            "witness",
        ),
        (
            Desk([source("sensor", "ash", name="a"), source("person", "ash", name="b")]).read(
                "ash", {"attack": 950}, 0, 1
            ),
            "second",
        ),
        (
            Desk([source("sensor", "ash", name="a"), source("sensor", "birch", name="b")])
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 1),
            "class",
        ),
        (
            Desk([called(("ash", "sensor"), ("birch", "person"))])
            .read("ash", {"attack": 950}, 0)
            .read("birch", {"attack": 950}, 0),
            "apart",
        ),
    ],
)
def test_what_is_held_back_says_what_it_lacks(desk: Desk, lack: str) -> None:
    """Undetermined is a result with a reason: one knows what to look for."""
    made = assessed(desk.evidence)
    assert made.assessment.view.held_back
    assert lack in lacking(made.assessment.view)
    text = plain(shown(made))
    assert (
        "undetermined held back What is known so far points to the likeliest below, but it is held back"
        in text
    )
    assert LANGUAGES["en"].phrases[f"assessing.lack_{lack}"] in text


@given(desks())
def test_the_likeliest_stands_first_and_ties_are_told(desk: Desk) -> None:
    """Of kinds that are as likely none is put before another; where all are, none is named."""
    view = fuse(desk.evidence)
    found = verdict(view, desk.evidence)
    most = max(one.permille for one in view.kinds)
    alike = tuple(one.what for one in view.kinds if one.permille == most)
    assert found.likeliest == (alike if len(alike) < 5 else ())
    assert found.best.what == alike[0]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_sentence_has_a_likelihood_and_a_confidence(tag: str) -> None:
    """ICD 203, D.6.e.2.a: they are two things."""
    desk = two_witnesses()
    text = shown(assessed(desk.evidence), tag=tag)
    words = set(LANGUAGES[tag].codes["Confidence"].values())
    label = LANGUAGES[tag].phrases["confidence"]
    lines = [plain(one) for one in re.split(r"</?(?:p|li|td|th|h3|figcaption|text|title|desc)\b", text)]
    of_confidence = [one for one in lines if label in one]
    assert len(of_confidence) == 2
    assert all(any(word in one for word in words) for one in of_confidence)
    assert [one for one in of_confidence if "%" in one] == []


def test_who_did_it_is_merged_by_nobody() -> None:
    """Each organisation's word stands by itself, and no number of it is anybody else's."""
    desk = two_witnesses()
    for member, permille in (("ash", 600), ("birch", 300)):
        read = desk.reads[member]
        record = read.said.record
        record = structs.replace(record, who=(Actor(name="Thieves", permille=permille),))
        desk.reads[member] = replace(read, said=replace(read.said, record=record))
    made = assessed(desk.evidence)
    without = assessed(two_witnesses().evidence)
    found = judged(made, TERMS, LANGUAGES["en"])
    assert found
    assert [(one.member, one.names) for one in found.sides.held] == [
        ("ash", (("Thieves", "60"),)),
        ("birch", (("Thieves", "30"),)),
    ]
    assert made.assessment.view == without.assessment.view
    assert "45" not in re.findall(r"Thieves</bdi> <span class=\"number\">(\d+) %", shown(made))
    assert "Merged by nobody." in plain(shown(made))


def test_where_nobody_reads_it_the_section_says_so() -> None:
    """And shows no numbers that nobody has stated."""
    text = shown(assessed(Desk([]).evidence))
    assert "Nobody has said yet what it was." in text
    assert "%" not in plain(text)
    assert {"judged", "question", "asking"} <= SECTIONS.keys()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_hypothesis_that_does_not_count_says_so(tag: str) -> None:
    """Beside the percentage that it was given, and beside no other."""
    here, gone = hypothesis("ash", "attack"), ref("ash", 6)
    desk = Desk([source("sensor", "ash")], [here]).read("ash", {gone: 700, here.ref: 200}, 0)
    remark = LANGUAGES[tag].phrases["no_such_hypothesis"]
    shares = re.findall(
        r"<li>((?:(?!<li>).)*?%</span>.*?)</li>", shown(assessed(desk.evidence), tag=tag), re.DOTALL
    )
    marked = [plain(one) for one in shares if remark in plain(one)]
    assert len(marked) == 1
    assert str(gone) in marked[0]
    assert "70" in marked[0]


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(AuthorKind))
def test_who_is_no_officer_is_marked(kind: AuthorKind, tag: str) -> None:
    """A reading by a machine or an agent says so, one by an officer needs no mark."""
    desk = two_witnesses()
    read = desk.reads["ash"]
    by = None if kind == "officer" else "duty-officer"
    record = structs.replace(read.said.record, author_kind=kind, answerable=by)
    desk.reads["ash"] = replace(read, said=replace(read.said, record=record))
    text = shown(assessed(desk.evidence), tag=tag)
    mark = f'<span class="badge plain">{LANGUAGES[tag].word("AuthorKind", kind)}</span>'
    assert text.count(mark) == (kind != "officer")


@pytest.mark.parametrize("is_here", [True, False])
def test_what_was_found_in_the_end_names_its_hypothesis(is_here: bool) -> None:
    """By where it stands and, if it is here, in its own words."""
    here = hypothesis("ash", "attack")
    evidence = Evidence(
        case=CASE,
        hypotheses=(here,) if is_here else (),
        truths=(Said(ref("ash", 7), "ash", truth(hypothesis=here.ref)),),
        closed_by=("ash",),
    )
    text = shown(assessed(evidence))
    found = plain(text[text.index("judged-found") : text.index("</p>", text.index("judged-found"))])
    assert str(here.ref) in found
    assert ("Poisoned weights." in found) is is_here


def test_what_was_found_in_the_end_is_shown_though_nobody_had_read_it() -> None:
    """Where a member only says what it was in truth, nobody is told that nothing was said."""
    evidence = Evidence(case=CASE, truths=(Said(ref("ash", 7), "ash", truth()),), closed_by=("ash",))
    text = shown(assessed(evidence))
    assert "What it was in the end: attack" in plain(text)
    assert "Nobody has said yet" not in text
    assert "%" not in plain(text)


def truth(hypothesis: Ref | None = None) -> GroundTruth:
    """It was an attack."""
    return of_case(GroundTruth, what="attack", hypothesis=hypothesis)
