"""What a case was, on a terminal: the result in one line, then what it rests on, then who sees it otherwise.

- A likelihood and a confidence never stand in one sentence.
- Who did it stands apart, each time as one member's word.
- Whatever a member wrote is marked as that (`quote`, `hanging`).
"""

from collections.abc import Iterable, Iterator

from tocsin.cases.telling.readings import percent
from tocsin.cli.cases.looking.picture import count
from tocsin.cli.cases.words import hanging, quote
from tocsin.cli.readings.grounds import dissent, readings, responsible, sources, truths, turning
from tocsin.cli.readings.missing import missing
from tocsin.cli.readings.words import (
    between,
    capped,
    held_back_at,
    is_level,
    kind_in_words,
    likely,
    likely_word,
    or_held_back,
    then,
    top,
)
from tocsin.cli.terminal import dotted, faint, moment, paragraph, strong, table, waiting
from tocsin.node.api.readings.types import CaseReadings, CommonReadings, PrivateReadings
from tocsin.readings.view import CommonView

_INDENT = "  "
_FURTHER = "      "
_LAST_POINTS = 5
_NOT_MERGED = "each member's own word; merged by nobody"
_PRIVATE = "this node's alone; told to nobody"
_LEVEL = (
    "No kind is likelier than another. What would help: a source that tells the kinds apart, and a reading "
    "that rests on it, by an organisation that looked at it itself."
)


def told(found: CaseReadings) -> Iterator[str]:
    """The lines of a case that somebody has read."""
    common = found.common
    yield from _result(common)
    if not is_level(common.view):
        yield from _section("How likely", _kinds(common), "from and to without any one source or member")
    yield from _section("It rests on", sources(common), count(len(common.sources), "source"))
    yield from _section("Another result it would be", turning(common))
    yield from _section("Seen otherwise", dissent(common))
    yield from _section("Readings", readings(common), _independent(common.view))
    yield from _section("Who did it", responsible(common), _NOT_MERGED)
    yield from _section("In the end", truths(common))
    yield from _section("How it came about", _course(common))
    if found.private is not None:
        yield from _section("Private", _privately(found.private), _PRIVATE)


def result(view: CommonView) -> tuple[str, ...]:
    """What it was, in parts of one line."""
    if is_level(view):
        return (strong("nothing is known yet"),)
    if view.what == "undetermined":
        best = top([one.permille for one in view.kinds])
        held = strong("undetermined, held back" if view.held_back else "undetermined")
        if best is None:
            return (held,)
        share = held_back_at(best[1]) if view.held_back else likely(best[1])
        return held, f"the likeliest is {kind_in_words(best[0])}: {share}"
    one = next(one for one in view.kinds if one.what == view.what)
    kind = strong(kind_in_words(one.what))
    without = f"{between(one)}{or_held_back(view, one)}, without any one source or member"
    return kind, likely(one.permille), without


def _result(common: CommonReadings) -> Iterator[str]:
    case = strong(f"Case {common.case}")
    if not common.readings:
        yield from dotted((case, strong("nobody has read it")))
        return
    yield from dotted((case, *result(common.view)))
    if is_level(common.view):
        yield from map(faint, paragraph(_LEVEL, _INDENT))
    elif common.view.held_back:
        yield from map(waiting, paragraph(missing(common.view), _INDENT))
    elif common.view.what == "undetermined":
        yield from map(faint, paragraph("No kind is at least likely (55 %).", _INDENT))


def _kinds(common: CommonReadings) -> Iterator[str]:
    view = common.view
    limits = capped(view)
    rows = [
        (
            kind_in_words(one.what),
            f"{percent(one.permille)} %",
            f"({between(one)})",
            waiting("held back: a limit, not a finding")
            if one.what in limits
            else f"{likely_word(one.permille)}{or_held_back(view, one)}",
        )
        for one in view.kinds
    ]
    yield from table(rows)
    known = {one.ref: one for one in common.hypotheses}
    for leaf in view.leaves:
        if leaf.hypothesis is not None:
            share = held_back_at(leaf.permille) if leaf.what in limits else likely(leaf.permille)
            about = f"{leaf.hypothesis}, a kind of {kind_in_words(leaf.what)}: {share}"
            yield f"{_INDENT}{about} ({between(leaf)})"
            if hypothesis := known.get(leaf.hypothesis):
                yield from quote(hypothesis.text, f"{_INDENT}{_INDENT}")


def _independent(view: CommonView) -> str:
    return f"{view.readings} that count, as {view.independent_milli / 1000:.1f} independent ones"


def _course(common: CommonReadings) -> Iterator[str]:
    points = common.course[-_LAST_POINTS:]
    if before := common.earlier + len(common.course) - len(points):
        yield f"{_INDENT}{faint(f'{before} earlier: the newest {len(common.course)} of all are in --json')}"
    for one in points:
        told = then(one.what, [judged.permille for judged in one.kinds], held_back=one.held_back)
        yield from hanging(f"{moment(one.at_ms)}  {one.ref}: {told}", _INDENT)


def _privately(private: PrivateReadings) -> Iterator[str]:
    yield from dotted(result(private.view), _INDENT, _FURTHER)
    learned = (
        f"by what it learned from {count(private.cases, 'closed case')}, and the common view is without it"
    )
    yield from map(faint, paragraph(learned, _INDENT))
    if private.learning:
        yield f"{_INDENT}{faint('it is still learning')}"


def _section(title: str, lines: Iterable[str], mark: str = "") -> Iterator[str]:
    """The lines under a title; without any, nothing."""
    for at, line in enumerate(lines):
        if at == 0:
            yield ""
            yield from dotted((strong(title), mark) if mark else (strong(title),))
        yield line
