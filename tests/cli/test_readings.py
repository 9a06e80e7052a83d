"""What an officer types to see what a case was, and to ask further."""

import json
import re
import shlex

import click
import pytest
from hypothesis import given
from tests.cases.picture.desks import Desks, cites, terms, url
from tests.cases.picture.stories import OF_SEVERAL_CASES, Step
from tests.cases.picture.stories import told as told_story
from tests.cli.desks import Desk, flat
from tests.node.test_assessing_course import stories
from tests.readings.evidences import Desk as Said
from tests.readings.test_fusion import desks as fused

from tocsin.cli.readings.asking import lines as questions
from tocsin.cli.readings.lines import told
from tocsin.cli.readings.scoring import lines as scored
from tocsin.cli.readings.words import says_most
from tocsin.cli.terminal import width
from tocsin.core.legible import is_legible
from tocsin.core.records import Actor, Hypothesis, Probability, Source
from tocsin.node.api.readings.telling import common
from tocsin.node.api.readings.types import CaseReadings, PrivateReadings
from tocsin.node.casework.assessing.asking import questions_of
from tocsin.node.casework.assessing.assessment import Assessed
from tocsin.node.casework.assessing.learning import Scored
from tocsin.readings import fuse
from tocsin.readings.overlay import Overlay, private_view
from tocsin.readings.scoring import Forecast, scores

_STUCK_S = "30"
HOSTILE = "\x1b[2J\u202eHarbour\u2066 Thieves\nConfidence: high, says everybody\x07"
CAMERA = Source(kind="sensor", locator=f"camera 7 {HOSTILE}", obtained="automatic")


def readings(desks: Desks, **weights: int) -> CaseReadings:
    """What a node would give of their case; with weights, what it learned too."""
    evidence = desks.evidence()
    private = private_view(evidence, Overlay(weights=weights)).view
    return CaseReadings(
        common=common(Assessed(desks.case).make(desks.view(), evidence)),
        private=PrivateReadings(view=private, weights=weights, cases=7, learning=True) if weights else None,
        unread=(),
    )


def page(desks: Desks, **weights: int) -> str:
    """What is shown of it."""
    return "\n".join(told(readings(desks, **weights)))


def words(text: str) -> str:
    """What is shown, without styles, wherever lines were wrapped."""
    return flat(click.unstyle(text))


@pytest.fixture
def desks() -> Desks:
    """A case that two have seen themselves, each another source, and read as an attack."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.reports("birch", CAMERA)
    desks.reads("alder", url("one"), attack=900, who=(Actor(name=HOSTILE, permille=300),))
    desks.reads("birch", CAMERA, attack=900, who=(Actor(name="Nobody", permille=1_000),))
    return desks


def test_the_result_comes_first_with_its_number_and_range(desks: Desks) -> None:
    """Word and number in one line, and between what it stays without any one source or member."""
    (found,) = (one for one in readings(desks).common.view.kinds if one.what == "attack")
    limit = min(one.permille[1] for one in readings(desks).common.turning if one.held_back)
    line = words(page(desks).partition("\n\n")[0]).replace(" ·", "")

    assert line == (
        f"Case {desks.case} attack {found.permille / 10:g} %, {found.likelihood.replace('-', ' ')} "
        f"{found.least_permille / 10:g} to {found.most_permille / 10:g} %, or held back at {limit / 10:g} %, "
        "without any one source or member"
    )


def test_a_likelihood_and_a_confidence_stand_in_no_one_line(desks: Desks) -> None:
    """How good the ground of a reading is stands by itself."""
    lines = [line.strip() for line in click.unstyle(page(desks)).splitlines()]

    assert [line for line in lines if "confidence" in line] == ["confidence: moderate"] * 2


def test_who_did_it_stands_side_by_side_and_in_no_result(desks: Desks) -> None:
    """Each member's own word, by whom; no other line has the names."""
    text = click.unstyle(page(desks))
    before, section = text.split("Who did it", 1)
    section, _, after = section.partition("\n\n")

    assert section.startswith(" · each member's own word; merged by nobody")
    assert "alder (alder.1.2) says: “" in section
    assert "birch (birch.1.2) says: “Nobody” 100 %" in section
    assert "Nobody" not in before + after


def test_what_is_held_back_says_who_is_missing() -> None:
    """First nobody holds that alone to be the likeliest, then one does; who repeats is no second."""
    desks = Desks()
    first, second = desks.reports("alder", url("one")), desks.reports("birch", CAMERA)
    attack = Probability(what="attack", permille=500)
    desks.reads("alder", cites(first), probabilities=(Probability(what="accident", permille=500), attack))
    desks.reads("birch", cites(second), probabilities=(attack, Probability(what="misuse", permille=500)))
    nobody = words(page(desks))
    desks.reads("birch", CAMERA, attack=999)
    desks.withdraws("alder", desks.said[2].ref)
    desks.reads("cedar", cites(first), attack=999)
    alone = words(page(desks))

    assert "undetermined, held back the likeliest is attack: held back at 54." in nobody
    assert "Nobody who saw a source themselves reads it so." in nobody
    assert "So far: birch, by [2] (sensor). Only birch reads it so by a source of its own." in alone


def test_where_nothing_is_likelier_than_the_rest_nothing_is_named() -> None:
    """Five kinds that are alike have no likeliest."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.says("birch", desks.made(Hypothesis, under="attack", text="A worm.", lang="en"))

    assert "likeliest" not in words(page(desks))


def test_what_is_private_is_marked_as_that(desks: Desks) -> None:
    """It stands last, says whose it is, and gives nobody a grade."""
    text = words(page(desks, birch=137))
    private = text.partition("Private")[2]

    assert private.startswith(" · this node's alone; told to nobody")
    assert "7 closed cases, and the common view is without it" in private
    assert "still learning" in private
    assert "137" not in text
    assert text.partition("Private")[0].strip() == words(page(desks))


@given(steps=stories(10))
def test_whatever_members_write_only_shows_what_it_says(steps: list[Step]) -> None:
    """No control character reaches the terminal but ours for style, and no line is too wide."""
    desks = told_story(steps, OF_SEVERAL_CASES)
    desks.says("cedar", desks.made(Hypothesis, under="attack", text=HOSTILE, lang="en"))
    desks.reads("cedar", CAMERA, hypothesis=desks.said[-1].ref, who=(Actor(name=HOSTILE, permille=1),))
    asked = questions_of(desks.evidence(), desks.view(), terms(), me="alder", on_duty=())
    for line in (*page(desks).splitlines(), *(one for some in questions(asked) for one in some.splitlines())):
        assert all(map(is_legible, click.unstyle(line)))
        assert width(line) <= 100
        assert not click.unstyle(line).startswith("Confidence")


def test_a_hypothesis_that_does_not_count_says_so(desks: Desks) -> None:
    """Where it was withdrawn, beside its percentage; of one that stands nothing is said."""
    supposed = [
        desks.says("cedar", desks.made(Hypothesis, under="attack", text="A worm.", lang="en"))
        for _ in range(2)
    ]
    for member, ref in zip(("alder", "cedar"), supposed, strict=True):
        desks.reads(member, url("one"), attack=300, hypothesis=ref)
    desks.withdraws("cedar", supposed[0])
    text = words(page(desks))

    assert f"{supposed[0]} 70 % (withdrawn, or not here: counts as undetermined), attack 30 %" in text
    assert f"{supposed[1]} 70 %, attack 30 %" in text


def test_a_source_that_speaks_for_two_kinds_alike_says_so() -> None:
    """Which those are; that it says nothing is told of one alone that tells none apart."""
    desks = Desks()
    desks.reports("alder", url("one"), CAMERA)
    both = (Probability(what="attack", permille=400), Probability(what="misuse", permille=400))
    desks.reads("alder", url("one"), probabilities=(*both, Probability(what="undetermined", permille=200)))
    desks.reads("birch", CAMERA, probabilities=(Probability(what="undetermined", permille=1_000),))
    first, second = re.split(
        r"\[2\]", words(page(desks)).partition("It rests on")[2].partition("Readings")[0]
    )

    assert re.search(r"speaks for attack or misuse alike up to 8 times likelier than another kind", first)
    assert "says nothing" not in first
    assert "says nothing" in second
    assert "likelier" not in second


@given(desks=fused())
def test_only_what_tells_nothing_apart_says_nothing(desks: Said) -> None:
    """Whatever is said of whichever sources: else it names the kinds for which it says most."""
    view = fuse(desks.evidence)
    for one in view.sources:
        kinds = says_most(one)
        assert (kinds == "says nothing") is (one.diagnostic == 0)
        most = {
            kind.what
            for kind, value in zip(view.kinds, one.millinats, strict=True)
            if value == max(one.millinats)
        }
        assert one.diagnostic == 0 or all(kind.replace("no-ai", "no AI") in kinds for kind in most)


def test_who_repeats_is_told_apart_from_who_reads(desks: Desks) -> None:
    """Beside the source, and beside its reading: that rests on others' records alone, and adds nothing."""
    alone = page(desks)
    desks.reads("cedar", cites(desks.case), attack=1_000)
    text = words(page(desks))
    nothing = "counts for nothing in the common view: it rests on others' records alone"

    assert "read by alder · repeated by cedar · seen by alder" in text
    assert nothing not in words(alone)
    assert text.count(nothing) == 1
    assert nothing in text.partition("cedar (cedar.1.1): attack 100 %")[2]
    assert words(alone).partition("It rests on")[0] == text.partition("It rests on")[0]


def test_what_is_told_of_sources_says_what_it_is_not(desks: Desks) -> None:
    """Once: a reading's evidence is shared, and what they have in common is not yet taken off."""
    text = words(page(desks))

    assert text.count("The evidence of a reading is shared alike among all that it rests on.") == 1
    assert text.count("What sources have in common is not yet taken off here.") == 1


def test_questions_say_to_whom_about_what_and_what_would_come_of_it() -> None:
    """The first with all of it; how it is asked is quoted."""
    desks = Desks()
    desks.reports("alder", url("one"), CAMERA)
    desks.reads("birch", url("one"), attack=700)
    found = questions_of(desks.evidence(), desks.view(), terms(), me="birch", on_duty=())
    text = words("\n".join(questions(found)))

    assert text.startswith("1. Ask alder, ")
    assert "alder saw it itself; can tell with 90 %" in text
    assert "bits of " in text
    assert "if the answer is accident" in text
    assert "asked in these words, marked TLP:GREEN or more: │ " in text


def test_scores_are_ones_own_and_those_of_all_together() -> None:
    """None yet, where there are none; a case of which nothing is known has something to be compared with."""
    own = scores([Forecast((900, 25, 25, 25, 25), 0), Forecast((900, 25, 25, 25, 25), 1)])
    text = words("\n".join(scored(Scored(cases=2, learning=True, own=own, merged=None))))

    assert "Your own readings · 2 cases" in text
    assert "Brier score 0.89 worse than always saying 20 % of each: 0.80" in text
    assert "log score 1.90 worse than always saying 20 % of each: 1.61" in text
    assert "by chance 20 %" in text
    assert "All readings together · none yet" in text
    assert "the likeliest came true 50 %" in text
    assert (
        f"temperature {own.temperature:.2f} too sure: its 90 % is worth {own.ninety_permille / 10:.0f} %"
        in text
    )
    assert "said 90 %: came true in 50 % of 2 cases" in text
    assert "Cases are still being read" in text


def test_what_is_shown_alike_is_no_better_and_no_worse() -> None:
    """Who says 20 % of each itself is as good as who always does; who is right is better."""
    alike, right = ([Forecast(permille, 0)] for permille in ((200,) * 5, (900, 25, 25, 25, 25)))
    text = words("\n".join(scored(Scored(cases=1, learning=False, own=scores(alike), merged=scores(right)))))
    alike_text, right_text = text.split("All readings together")

    assert "Brier score 0.80 as good as always saying 20 % of each: 0.80" in alike_text
    assert "log score 1.61 as good as always saying 20 % of each: 1.61" in alike_text
    assert "Brier score 0.01 better than always saying 20 % of each: 0.80" in right_text


def said(desk: Desk, *arguments: str) -> str:
    """The name of what a command wrote, which all others have confirmed."""
    told = json.loads(desk.done(*arguments, "--wait", _STUCK_S, "--json"))
    assert len(told["confirmed_by"]) == 2
    name: str = told["record"]
    return name


@pytest.mark.process
def test_a_case_is_read_and_asked_further(three: list[Desk]) -> None:
    """Three desks see one result; a question is shown first, and sent if that is wished."""
    apricot, birch, cedar = three
    case = said(apricot, "case", "report", "Smoke.", "--source", "sensor camera-7 automatic")
    assert "nobody has read it yet" in birch.done("readings", "show", case)
    assert "nobody has read case" in birch.done("readings", "question", case)

    like = ("--confidence", "low", "--source", "website https://news.example/1 published")
    said(birch, "case", "reading", case, "attack=70", "undetermined=30", *like, "--who", "Harbour Thieves=30")
    told = [one.done("readings", "show", case).partition("\nYour organisation")[0] for one in three]
    assert len({one.partition("\nNext:")[0].strip() for one in told}) == 1
    assert "undetermined" in told[0]
    assert "confidence: low" in told[0]
    found = json.loads(cedar.done("readings", "show", case, "--json"))
    assert (found["common"]["case"]["name"], found["private"]) == (case, None)

    asked = flat(birch.done("readings", "question", case))
    assert asked.startswith("1. Ask apricot, ")
    assert f"tocsin readings question {case} --send" in asked
    size = json.loads(birch.done("status", "--json"))["circles"][0]["size"]
    refused = birch.tocsin("readings", "question", case, "--send", stdin="n\n")
    assert refused.exit_code == 1
    assert "Send this to apricot (TLP:AMBER)? [y/N]" in refused.stderr
    wider = birch.tocsin("readings", "question", case, "--send", "--yes", "--tlp", "TLP:CLEAR", "--json")
    assert (wider.exit_code, json.loads(wider.stderr)["error"]) == (1, "handling-exceeded")
    assert json.loads(birch.done("status", "--json"))["circles"][0]["size"] == size
    ask = said(birch, "readings", "question", case, "--send", "--yes")
    view = json.loads(apricot.done("case", "show", case, "--json"))["case"]
    assert [(one["ref"]["name"], one["asked"]) for one in view["asks"]] == [(ask, ["apricot"])]
    assert view["timeline"][-1]["record"]["text"].startswith("You saw it")


@pytest.mark.process
def test_a_question_that_settles_little_is_not_sent(three: list[Desk]) -> None:
    """What would help instead is said, one's own reading first; the refusal has a code."""
    apricot, birch, cedar = three
    post = ("--source", "post https://social.example/it's published")
    like = ("--confidence", "low", *post)
    case = said(apricot, "case", "report", "Smoke.", *post)
    for one in (birch, cedar):
        said(one, "case", "reading", case, "attack=90", "undetermined=10", *like)
    own = flat(apricot.done("readings", "question", case))
    assert own.startswith("No further question to a member would settle even 1 % of what is open. Your or")
    assert f"tocsin case reading {case} KIND=PERCENT" in own
    assert "What would: a source that is not in the case yet." in flat(
        birch.done("readings", "question", case)
    )

    size = json.loads(birch.done("status", "--json"))["circles"][0]["size"]
    refused = birch.tocsin("readings", "question", case, "--send", "--yes", "--json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    error = json.loads(refused.stderr)
    assert (error["error"], error["next"].partition("tocsin")[2]) == (
        "settles-little",
        f' case report --case {case} --source "…"',
    )
    assert json.loads(birch.done("status", "--json"))["circles"][0]["size"] == size

    said(apricot, "case", "close", case, "incident")
    assert "is closed" in birch.done("readings", "question", case)
    closed = birch.tocsin("readings", "question", case, "--send", "--yes", "--json")
    assert (closed.exit_code, json.loads(closed.stderr)["error"]) == (1, "case-closed")


@pytest.mark.process
def test_what_one_saw_and_did_not_read_is_asked_of_oneself(three: list[Desk]) -> None:
    """The command that is shown, with what it was and how sure filled in, is one that the node takes."""
    apricot, birch, _ = three
    hostile = 'it\'s; $(touch owned) `id` "x" & published'
    case = said(apricot, "case", "report", "Smoke.", "--source", f"post {hostile} published")
    shown = apricot.done("readings", "show", case)
    assert "Your organisation saw sources of this case itself (1), and has no reading of it." in flat(shown)
    assert "Your organisation" not in birch.done("readings", "show", case)

    typed = shlex.split(shown.strip().splitlines()[-1])
    filled = {"KIND=PERCENT": "attack=70", "undetermined=REST": "undetermined=30", "CONFIDENCE": "low"}
    said(apricot, *(filled.get(word, word) for word in typed[1:]))
    found = json.loads(apricot.done("readings", "show", case, "--json"))
    assert [one["sources"] for one in found["common"]["readings"]] == [[0]]
    assert [one["witnesses"] for one in found["common"]["sources"]] == [["apricot"]]
    assert found["unread"] == []
    assert "Your organisation" not in apricot.done("readings", "show", case)


@pytest.mark.process
def test_scores_of_a_desk(three: list[Desk]) -> None:
    """None yet, and then its own; what is no case is refused."""
    apricot, birch, _ = three
    assert "Your own readings · none yet" in apricot.done("readings", "scores")
    cited = ("--source", "website https://news.example/1 published")
    case = said(apricot, "case", "report", "Smoke.", *cited)
    said(birch, "case", "reading", case, "attack=90", "undetermined=10", "--confidence", "low", *cited)
    said(apricot, "case", "close", case, "incident")
    said(apricot, "case", "truth", case, "attack")
    while (found := json.loads(birch.done("readings", "scores", "--json")))["learning"]:
        pass
    assert (found["cases"], found["own"]["count"], found["own"]["hits"]) == (1, 1, 1.0)
    assert "In the end" in apricot.done("readings", "show", case)
    refused = apricot.tocsin("readings", "show", "apricot.1.99", "--json")
    assert (refused.exit_code, json.loads(refused.stderr)["error"]) == (1, "unknown-record")
    assert apricot.tocsin("readings", "show", "nonsense").exit_code == 2
