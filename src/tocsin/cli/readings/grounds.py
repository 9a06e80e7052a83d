"""On what a result rests, and who says what: sources, readings, who sees it otherwise, who did it."""

from collections.abc import Collection, Iterator

from tocsin.cases.telling.readings import percent
from tocsin.cli.cases.words import ENGLISH, hanging
from tocsin.cli.readings.words import (
    kind_in_words,
    numbered,
    says_most,
    then,
    times,
    told_source,
    word,
)
from tocsin.cli.terminal import bad, dotted, faint, paragraph, shown, waiting
from tocsin.core.records import Probability, Ref
from tocsin.node.api.readings.types import CommonReadings
from tocsin.readings.view import Weighed, Without

_INDENT = "  "
_FURTHER = "      "
_MOST = 10
_SHARED = (
    "The evidence of a reading is shared alike among all that it rests on. What sources have in common is "
    "not yet taken off here."
)
_REPEATS = "counts for nothing in the common view: it rests on others' records alone"
_NO_SUCH = ENGLISH.language.phrases["no_such_hypothesis"]


def sources(common: CommonReadings) -> Iterator[str]:
    """The sources that are read, those that tell most first; above them, what their numbers are."""
    known = {one.number: one for one in common.sources}
    most_first = sorted(common.view.sources, key=lambda one: (-one.diagnostic, one.source))
    if most_first:
        yield from map(faint, paragraph(_SHARED, _INDENT))
    for one in most_first[:_MOST]:
        yield from hanging(told_source(known[one.source]), _INDENT)
        yield from dotted(tuple(_weighed(one)), _FURTHER, _FURTHER)
        if not known[one.source].verifiable:
            yield f"{_FURTHER}{faint('nobody else can check it')}"
    if len(most_first) > _MOST:
        yield f"{_INDENT}{faint(f'{len(most_first) - _MOST} more, which tell less: --json')}"


def _weighed(one: Weighed) -> Iterator[str]:
    yield says_most(one)
    if one.diagnostic:
        yield f"up to {times(one.diagnostic)} likelier than another kind"
    if one.readers:
        yield f"read by {', '.join(map(shown, one.readers))}"
    if one.repeaters:
        yield f"repeated by {', '.join(map(shown, one.repeaters))}"
    yield (
        f"seen by {', '.join(map(shown, one.witnesses))}" if one.witnesses else waiting("seen by nobody here")
    )
    yield f"class {', '.join(one.classes) or 'none'}"
    if one.disputed:
        yield bad("they read it differently")


def turning(common: CommonReadings) -> Iterator[str]:
    """Without what or whom it would be which."""
    for one in common.turning[:_MOST]:
        told = then(one.what, one.permille, held_back=one.held_back)
        yield from hanging(f"without {_whom(one)}: {told}", _INDENT)
    if len(common.turning) > _MOST:
        yield f"{_INDENT}{faint(f'{len(common.turning) - _MOST} more: --json')}"


def _whom(one: Without) -> str:
    return f"source {numbered(one.source)}" if one.source is not None else f"the word of {one.member}"


def dissent(common: CommonReadings) -> Iterator[str]:
    """Who holds another kind likelier than any."""
    for one in common.view.dissent:
        kind = kind_in_words(one.what)
        yield from hanging(
            f"{one.member} holds {kind} likelier: {percent(one.permille)} % ({one.ref})", _INDENT
        )


def readings(common: CommonReadings) -> Iterator[str]:
    """What each member holds likely; below, how good the ground of that is, in a line of its own."""
    for one in common.readings:
        ordered = sorted(one.probabilities, key=lambda likely: (-likely.permille, likely.key))
        shares = ", ".join(_probability(likely, one.as_undetermined) for likely in ordered)
        yield from hanging(f"{one.member} ({one.ref}): {shares}", _INDENT)
        yield f"{_FURTHER}confidence: {word('Confidence', one.confidence)}"
        if one.sources:
            numbers = ", ".join(map(numbered, one.sources[:_MOST]))
            more = f" and {len(one.sources) - _MOST} more" if len(one.sources) > _MOST else ""
            yield f"{_FURTHER}rests on {numbers}{more}"
        if one.others and not one.own:
            yield from map(waiting, paragraph(_REPEATS, _FURTHER))
        if one.author_kind != "officer":
            yield f"{_FURTHER}{waiting('by ' + word('AuthorKind', one.author_kind))}"


def _probability(one: Probability, as_undetermined: Collection[Ref]) -> str:
    share = f"{one.hypothesis or kind_in_words(one.what or 'undetermined')} {percent(one.permille)} %"
    return f"{share} ({_NO_SUCH})" if one.hypothesis in as_undetermined else share


def responsible(common: CommonReadings) -> Iterator[str]:
    """Who did it, by whom: side by side."""
    for one in common.responsible:
        names = ", ".join(f"“{actor.name}” {percent(actor.permille)} %" for actor in one.who)
        yield from hanging(f"{one.member} ({one.ref}) says: {names}", _INDENT)


def truths(common: CommonReadings) -> Iterator[str]:
    """What it was in the end, by whom."""
    for one in common.truths:
        which = f" ({one.hypothesis})" if one.hypothesis else ""
        yield f"{_INDENT}{kind_in_words(one.what)}{which}, says {shown(one.member)} ({one.ref})"
    if common.contested:
        yield f"{_INDENT}{bad('contested: nobody is scored by it')}"
