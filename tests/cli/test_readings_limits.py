"""What an officer reads of numbers that are limits, and of a case of which nothing is known."""

from collections.abc import Sequence

import click
from hypothesis import given
from msgspec.structs import replace
from tests.cases.picture.desks import Desks, url
from tests.cases.picture.stories import OF_SEVERAL_CASES, Step
from tests.cases.picture.stories import told as told_story
from tests.cli.test_readings import CAMERA, page, readings, words
from tests.node.test_assessing_course import stories
from tests.readings.evidences import Desk as Said
from tests.readings.test_fusion import desks as fused

from tocsin.cli.readings.lines import result
from tocsin.cli.readings.words import is_level, likely_word
from tocsin.core.records import Hypothesis, Probability
from tocsin.readings import fuse

LEVEL = tuple(
    Probability(what=what, permille=200) for what in ("accident", "attack", "cascade", "misuse", "no-ai")
)
OPEN = (Probability(what="undetermined", permille=1_000),)


def held_back() -> Desks:
    """A case that one member alone has seen and reads as an attack, by a hypothesis of its own too."""
    desks = Desks()
    desks.reports("alder", CAMERA)
    worm = desks.says("alder", desks.made(Hypothesis, under="attack", text="A worm.", lang="en"))
    desks.reads("alder", CAMERA, attack=500, hypothesis=worm)
    return desks


def section(text: str, title: str) -> Sequence[str]:
    """The lines under a title."""
    return text.partition(f"\n{title}")[2].partition("\n\n")[0].splitlines()[1:]


def words_by_line(text: str) -> str:
    """What is shown, without styles, and each line that was wrapped in one."""
    return click.unstyle(text).replace("\n      ", " ")


def test_a_limit_is_called_one_wherever_it_stands() -> None:
    """In the result, among kinds and hypotheses, over time and in private: and no word says how likely."""
    desks = held_back()
    desks.reports("birch", url("one"))
    text = words_by_line(page(desks, birch=900))
    limit = next(one for one in readings(desks).common.view.kinds if one.what == "attack").permille
    number = f"{limit / 10:g} %"

    assert f"undetermined, held back the likeliest is attack: held back at {number}" in words(text)
    (attack,) = (line for line in section(text, "How likely") if line.startswith("  attack "))
    assert number in attack
    assert "held back: a limit, not a finding" in attack
    (worm,) = (line for line in section(text, "How likely") if ", a kind of attack: " in line)
    assert ", a kind of attack: held back at " in worm
    for line in (attack, worm, *section(text, "How it came about"), *section(text, "Private")):
        assert likely_word(limit) not in line
    assert f"undetermined; attack is held back at {number}" in section(text, "How it came about")[-1]
    assert f"held back at {number}" in section(text, "Private")[0]


def test_what_would_be_held_back_without_one_says_so() -> None:
    """Where it would turn, and as an end of the range: without the other's word the number is a limit."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.reports("birch", CAMERA)
    desks.reads("alder", url("one"), attack=950)
    desks.reads("birch", CAMERA, attack=900)
    text = words_by_line(page(desks))
    common = readings(desks).common
    (attack,) = (one for one in common.view.kinds if one.what == "attack")

    assert common.view.what == "attack"
    assert any(one.held_back for one in common.turning)
    for one in common.turning:
        of = f"source [{one.source + 1}]" if one.source is not None else f"the word of {one.member}"
        limit = f"{one.permille[1] / 10:g} %"
        assert f"without {of}: undetermined; attack is held back at {limit}" in text
    ends = f"{attack.least_permille / 10:g} to {attack.most_permille / 10:g} %, or held back at "
    assert ends in words(text)


@given(desks=fused())
def test_a_limit_has_no_word_for_how_likely_it_is(desks: Said) -> None:
    """Whatever is said: the result says that it is held back, or how likely it is, and never both."""
    view = fuse(desks.evidence)
    told = words(" · ".join(result(view)))
    if view.held_back:
        assert told.startswith("undetermined, held back")
        assert told.count("held back at") == told.count("likeliest")
    elif not is_level(view) and view.what != "undetermined":
        assert likely_word(max(one.permille for one in view.kinds)) in told


def test_where_nothing_is_known_no_number_says_otherwise() -> None:
    """Five kinds that are equally likely are no five findings: what would help is said in their place."""
    nobody = Desks()
    nobody.reports("alder", url("one"))
    nobody.says("alder", nobody.made(Hypothesis, under="attack", text="A worm.", lang="en"))
    unsure = Desks()
    unsure.reports("alder", url("one"))
    unsure.reads("alder", probabilities=OPEN)
    unsure.reads("birch", url("one"), probabilities=OPEN)
    level = Desks()
    level.reports("alder", url("one"))
    level.reads("alder", url("one"), probabilities=LEVEL)

    assert words(page(nobody)).startswith(f"Case {nobody.case} · nobody has read it")
    for desks in (unsure, level):
        text = words(page(desks, birch=900))
        assert text.startswith(f"Case {desks.case} · nothing is known yet No kind is likelier than another.")
        assert "What would help: a source that tells the kinds apart" in text
        assert "· this node's alone; told to nobody nothing is known yet by what" in text
    for desks in (nobody, unsure, level):
        text = words(page(desks))
        assert "unlikely" not in text
        assert "(20 to 20 %)" not in text


def test_a_hypothesis_that_is_likelier_than_the_rest_of_its_kind_is_something_known() -> None:
    """All kinds are equally likely then, and yet not all is alike."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.says("alder", desks.made(Hypothesis, under="attack", text="A worm.", lang="en"))
    desks.reads("alder", probabilities=OPEN)
    view = fuse(desks.evidence())
    assert is_level(view)
    (kind,) = (one for one in view.leaves if one.what == "attack")
    others = tuple(one for one in view.leaves if one.what != "attack")
    parts = tuple(replace(kind, permille=permille) for permille in (120, 80))
    assert not is_level(replace(view, leaves=(*others, *parts)))


@given(steps=stories(10))
def test_five_rows_are_shown_only_of_what_differs(steps: list[Step]) -> None:
    """In whatever case: a table in which all is alike would say five times that it is unlikely."""
    desks = told_story(steps, OF_SEVERAL_CASES)
    assert ("How likely" in words(page(desks))) is not is_level(readings(desks).common.view)
