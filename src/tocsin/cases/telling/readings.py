"""What it was, as organisations read it: hypotheses, readings and ground truth in words.

- How likely something is held to be, and how good the ground of that is, never stand in one sentence
  (ICD 203, D.6.e.2.a).
- Who did it stands apart, each time with that it is this organisation's word, and merged by nobody.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from tocsin.cases.picture.view import TimelineEntry
from tocsin.cases.telling.language import Language
from tocsin.cases.telling.page import Item
from tocsin.cases.telling.teller import Teller, cut, time
from tocsin.core.records import GroundTruth, Hypothesis, Probability, Reading, Ref, Source

MAX_TOLD: Final = 6
"""So many sources of one of them are named."""
_MAX_SOURCE_CHARACTERS: Final = 120
_MAX_GIST_CHARACTERS: Final = 60


def percent(permille: int) -> str:
    """A probability as people read it, in percent, exactly."""
    return f"{permille / 10:g}"


def what_word(code: str, language: Language) -> str:
    """The word for what it was, or for that this is open."""
    return language.word("Undetermined" if code == "undetermined" else "What", code)


def likelihood(reading: Reading, language: Language, named: Callable[[Ref], str] = str) -> str:
    """What is held to be how likely, the likeliest first; `named` says how a hypothesis is called."""
    ordered = sorted(reading.probabilities, key=lambda one: (-one.permille, one.key))
    return language.listed(_share(_called(one, language, named), one.permille, language) for one in ordered)


def told_reading(reading: Reading, language: Language) -> Iterator[str]:
    """What a reading says, line by line, but for its sources."""
    yield language.pair(language.phrases["what_it_was"], likelihood(reading, language))
    yield _confidence(reading, language)
    if told := _who(reading, language):
        yield told


def told_hypothesis(hypothesis: Hypothesis, language: Language) -> str:
    """Of which kind it is. What it is, its text says."""
    return language.pair(language.phrases["under"], language.word("What", hypothesis.under))


def told_truth(truth: GroundTruth, language: Language) -> str:
    """What it was in the end."""
    return language.pair(language.phrases["in_the_end"], _found(truth, language, str))


class Judged:
    """What it was, as the records that count have it: `groups` are ground truth, readings and hypotheses.

    Each in the order of the timeline.
    """

    def __init__(self, entries: Iterable[TimelineEntry], teller: Teller) -> None:
        found: dict[type, list[TimelineEntry]] = {GroundTruth: [], Reading: [], Hypothesis: []}
        for entry in entries:
            if type(entry.record) in found:
                found[type(entry.record)].append(entry)
        self.groups: tuple[Sequence[TimelineEntry], ...] = tuple(found.values())
        self._teller = teller
        self._texts: Mapping[Ref, str] = {
            entry.ref: entry.record.text or ""
            for entry in found[Hypothesis]
            if isinstance(entry.record, Hypothesis)
        }

    def told(self, entry: TimelineEntry) -> Iterator[Item]:
        """One of them without its free text: who says so, and below that each thing by itself."""
        language, author, at = self._teller.language, self._teller.who(entry), time(entry.record.at_ms)
        match entry.record:
            case GroundTruth() as truth:
                found = _found(truth, language, self._named)
                yield Item(language.say("found", who=author, time=at, what=found))
                yield from _resting(truth.sources or (), language)
            case Hypothesis(under=under):
                kind = language.word("What", under)
                yield Item(language.say("supposes", ref=entry.ref, who=author, what=kind))
            case Reading() as reading:
                likely = likelihood(reading, language, self._read)
                yield Item(language.say("reads", who=author, time=at, what=likely))
                yield Item(_confidence(reading, language), 1)
                yield from _resting(reading.sources or (), language)
                if actors := _who(reading, language):
                    yield Item(actors, 1)

    def _named(self, ref: Ref) -> str:
        """A hypothesis by its place and how its text begins, if it is here."""
        text = cut(self._texts.get(ref, ""), _MAX_GIST_CHARACTERS)
        return self._teller.language.say("aside", text=ref, aside=f"“{text}”") if text else str(ref)

    def _read(self, ref: Ref) -> str:
        """As above; of one that does not count, that what is read of it does not either."""
        if ref in self._texts:
            return self._named(ref)
        language = self._teller.language
        return language.say("aside", text=ref, aside=language.phrases["no_such_hypothesis"])


def _share(what: str, permille: int, language: Language) -> str:
    return language.say("share", what=what, percent=percent(permille))


def _called(one: Probability, language: Language, named: Callable[[Ref], str]) -> str:
    return named(one.hypothesis) if one.hypothesis else what_word(one.what or "", language)


def _found(truth: GroundTruth, language: Language, named: Callable[[Ref], str]) -> str:
    what = language.word("What", truth.what)
    if truth.hypothesis is None:
        return what
    return language.say("aside", text=what, aside=named(truth.hypothesis))


def _confidence(reading: Reading, language: Language) -> str:
    return language.pair(language.phrases["confidence"], language.word("Confidence", reading.confidence))


def _who(reading: Reading, language: Language) -> str | None:
    if not reading.who:
        return None
    told = (_share(cut(one.name), one.permille, language) for one in reading.who)
    return language.pair(language.phrases["who_did_it"], language.listed(told))


def _resting(sources: Sequence[Source], language: Language) -> Iterator[Item]:
    told = [_source(one) for one in sources[:MAX_TOLD]]
    if len(sources) > MAX_TOLD:
        told.append(language.say("more", count=len(sources) - MAX_TOLD))
    if told:
        yield Item(language.pair(language.phrases["rests_on"], language.listed(told)), 1)


def _source(source: Source) -> str:
    return str(source.record) if source.record else cut(source.locator or "?", _MAX_SOURCE_CHARACTERS)
