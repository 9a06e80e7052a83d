"""The course in words: as a sentence, step by step, and as a table.

What is held back says so, and its number is a limit. Where no kind is likelier than another nothing is known:
no number says so.
"""

from collections.abc import Sequence
from itertools import pairwise

from tocsin.cases.telling.readings import percent
from tocsin.node.casework.assessing import Point
from tocsin.readings.view import Judged
from tocsin.web.charts.drawing.figure import Table
from tocsin.web.charts.saying import Telling, moment


def is_known(point: Point) -> bool:
    """Whether anything was known then: some kind was likelier than another."""
    return len({one.permille for one in point.kinds}) > 1


def in_words(points: Sequence[Point], earlier: int, telling: Telling) -> str:
    """How it began, how it stands, how often it turned, and what is not shown."""
    say = telling.say
    turned = sum(one.what != other.what for one, other in pairwise(points))
    told = [
        say("assessing.course_steps", n=len(points)),
        say("assessing.course_first", found=_found(points[0], telling)),
        say("assessing.course_now", found=_found(points[-1], telling)),
        say("assessing.course_turned", n=turned),
    ]
    if earlier:
        told.append(say("assessing.course_earlier", n=earlier))
    return say("gap").join(told)


def _found(point: Point, telling: Telling) -> str:
    """What was likely then, and how likely; the likeliest, where that was none."""
    best = [telling.word("What", one.what) for one in _likeliest(point)]
    most = percent(_likeliest(point)[0].permille)
    likeliest = telling.say("share", what=telling.say("comma").join(best), percent=most)
    if point.held_back:
        likeliest = telling.say("comma").join((likeliest, telling.say("assessing.held")))
    if point.what != "undetermined":
        return likeliest
    undetermined = telling.word("Undetermined", point.what)
    return telling.say("aside", text=undetermined, aside=likeliest) if is_known(point) else undetermined


def _likeliest(point: Point) -> list[Judged]:
    most = max(one.permille for one in point.kinds)
    return [one for one in point.kinds if one.permille == most]


def is_held(one: Judged, point: Point) -> bool:
    """Whether that kind was held back then."""
    return point.held_back and one in _likeliest(point)


def step_told(one: Judged, point: Point, telling: Telling) -> str:
    """How likely a kind was after a step, and its range; no number where nothing was known."""
    if not is_known(point):
        return telling.word("Undetermined", "undetermined")
    told = telling.say(
        "assessing.share_in_range",
        percent=percent(one.permille),
        least=percent(one.least_permille),
        most=percent(one.most_permille),
    )
    return telling.say("comma").join((told, telling.say("assessing.held"))) if is_held(one, point) else told


def now_told(one: Judged, point: Point, telling: Telling) -> str:
    """How likely a kind is at last, by a word and its number; one that is held back has no word."""
    if not is_known(point):
        return telling.word("Undetermined", "undetermined")
    likelihood = "assessing.held" if is_held(one, point) else f"assessing.likelihood_{one.likelihood}"
    return telling.say(
        "assessing.likely_line", likelihood=telling.say(likelihood), percent=percent(one.permille)
    )


def as_table(points: Sequence[Point], telling: Telling) -> Table:
    """All steps, the newest first, as whoever opens it looks for that."""
    head = (
        telling.say("assessing.course_when"),
        telling.say("charts.member"),
        telling.say("what_it_was"),
        *(telling.word("What", one.what) for one in points[0].kinds),
    )
    rows = (
        (
            moment(point.at_ms),
            telling.called(point.member),
            _word_of(point, telling),
            *(step_told(one, point, telling) if is_known(point) else "–" for one in point.kinds),
        )
        for point in reversed(points)
    )
    return Table(telling.say("charts.as_table"), head, tuple(rows))


def _word_of(point: Point, telling: Telling) -> str:
    name = "Undetermined" if point.what == "undetermined" else "What"
    return telling.word(name, point.what)
