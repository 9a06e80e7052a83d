"""Numbers, kinds and sources in words.

How likely something is stands with its number. How good the ground of that is, never stands beside it.
"""

from collections.abc import Collection, Sequence
from math import ceil, exp

from tocsin.cases.telling.readings import percent, what_word
from tocsin.cli.cases.words import ENGLISH
from tocsin.core.records import Source
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.node.api.readings.types import ReadSource
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.likelihood import likelihood
from tocsin.readings.view import CommonView, Judged, Weighed

word = ENGLISH.language.word


def kind_in_words(kind: What | Undetermined) -> str:
    """What it was."""
    return what_word(kind, ENGLISH.language)


def likely(permille: int) -> str:
    """How likely: a number, and the word of ICD 203 for it."""
    return f"{percent(permille)} %, {likely_word(permille)}"


def likely_word(permille: int) -> str:
    """The word alone, beside a number that stands in a column of its own."""
    return likelihood(permille).replace("-", " ")


def held_back_at(permille: int) -> str:
    """A limit, and no finding: so there is no word for it."""
    return f"held back at {percent(permille)} %"


def between(one: Judged) -> str:
    """From where to where it goes without any one source or member."""
    return f"{percent(one.least_permille)} to {percent(one.most_permille)} %"


def or_held_back(view: CommonView, one: Judged) -> str:
    """Whether an end of that is a limit, for one of the kinds; nothing if none is."""
    at = KINDS.index(one.what)
    limits = {of.permille[at] for of in view.without if of.held_back and of.permille[at] == max(of.permille)}
    found = limits & {one.least_permille, one.most_permille}
    return f", or {held_back_at(min(found))}" if found else ""


def is_level(view: CommonView) -> bool:
    """Whether nothing is likelier than what stands beside it: nothing is known, or it cancels out."""
    beside = [[one.permille for one in view.leaves if one.what == kind] for kind in KINDS]
    return len({one.permille for one in view.kinds}) == 1 and all(max(of) - min(of) <= 1 for of in beside)


def capped(view: CommonView) -> Collection[What]:
    """The kinds whose number is a limit: those that are likeliest, where that is held back."""
    most = max(one.permille for one in view.kinds)
    return {one.what for one in view.kinds if one.permille == most} if view.held_back else ()


def times(millinats: int) -> str:
    """How many times likelier, at most, one thing is made than another: by no more than 0.1 too many."""
    return f"{ceil(10 * exp(millinats / 1000)) / 10:g} times"


def says_most(source: Weighed) -> str:
    """For which kind a source says most, or for which ones alike; one that tells none apart says nothing."""
    if source.diagnostic == 0:
        return "says nothing"
    most = max(source.millinats)
    kinds = (kind for kind, value in zip(KINDS, source.millinats, strict=True) if value == most)
    *others, last = map(kind_in_words, kinds)
    return f"speaks for {', '.join(others)} or {last} alike" if others else f"speaks for {last}"


def numbered(source: int) -> str:
    """A source by its number, which begins at 1 for people."""
    return f"[{source + 1}]"


def cited(citations: Sequence[Source]) -> str:
    """A source as it is cited first: what it is, and by which way it was obtained."""
    first = citations[0]
    how = f", {word('Obtained', first.obtained)}" if first.obtained else ""
    return f"{first.locator or first.record or '?'} ({word('SourceKind', first.kind)}{how})"


def told_source(source: ReadSource) -> str:
    """A source with its number."""
    return f"{numbered(source.number)} {cited(source.citations)}"


def top(permille: Sequence[int]) -> tuple[What, int] | None:
    """Of the five kinds, the likeliest, and how likely it is; None if several are as likely."""
    most = max(permille)
    kinds = [kind for kind, one in zip(KINDS, permille, strict=True) if one == most]
    return (kinds[0], most) if len(kinds) == 1 else None


def then(what: What | Undetermined, permille: Sequence[int], *, held_back: bool) -> str:
    """What it was, and how likely that is, or, if nothing is likely, what comes next to it."""
    if (best := top(permille)) is None:
        return f"{kind_in_words(what)}, held back" if held_back else kind_in_words(what)
    if held_back:
        return f"{kind_in_words(what)}; {kind_in_words(best[0])} is {held_back_at(best[1])}"
    told = f"{kind_in_words(best[0])}, {percent(best[1])} %"
    return told if what == best[0] else f"{kind_in_words(what)}; the likeliest is {told}"
