"""What the graph of sources consists of: who cites which source directly, and who repeats whom.

- Each source stands there once, however often it is cited, and each member once.
- Who repeats, repeats somebody: the member whose record it cites, or whose citation its node held when it
  cited the same.
- Of very many the most important are taken: the sources that most members cite, and the members that cite
  most of those. How many more there are is said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tocsin.cases.picture.view import COUNTING, CaseView, SourceView, TimelineEntry
from tocsin.core.records import Answer, Ref, Report, Source

MAX_SOURCES = 40
MAX_MEMBERS = 64
MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Repeat:
    """That a member repeats `of`, by citing its record `through`."""

    member: str
    of: str
    through: Ref


@dataclass(frozen=True, slots=True)
class Graph:
    """Sources, members, and lines between them.

    `firsts` cite a source directly; each is the number of the source, and the member. `lone` repeat a
    source without anybody of whom that could be said. `more_…` are how many there are besides.
    """

    sources: tuple[SourceView, ...]
    members: tuple[str, ...]
    firsts: tuple[tuple[int, str], ...]
    lone: tuple[tuple[int, str], ...]
    repeats: tuple[Repeat, ...]
    more_sources: int = 0
    more_members: int = 0
    more_lines: int = 0

    @property
    def repeating(self) -> frozenset[str]:
        """The members that cite nothing directly."""
        return frozenset(self.members) - {member for _, member in self.firsts}


def graph_of(view: CaseView) -> Graph:
    """The graph of a case."""
    every = sorted(view.corroboration.sources, key=_importance)
    sources = every[:MAX_SOURCES]
    weight = Counter(member for one in sources for member in one.members)
    independent = Counter(member for one in sources for member in one.members if member not in one.repeaters)
    members = sorted(weight, key=lambda one: (-independent[one], -weight[one], one))[:MAX_MEMBERS]
    everybody = {member for one in every for member in one.members}
    firsts = [
        (place, member)
        for place, one in enumerate(sources)
        for member in one.members
        if member not in one.repeaters
    ]
    lone, repeats = _repeats(sources, _Citing(view.timeline))
    shown = frozenset(members)
    kept_firsts = _spread([one for one in firsts if one[1] in shown], MAX_LINES)
    kept_lone = [one for one in lone if one[1] in shown][: MAX_LINES - len(kept_firsts)]
    kept = [one for one in repeats if one.member in shown and one.of in shown]
    kept = kept[: MAX_LINES - len(kept_firsts) - len(kept_lone)]
    return Graph(
        tuple(sources),
        tuple(members),
        tuple(kept_firsts),
        tuple(kept_lone),
        tuple(kept),
        len(every) - len(sources),
        len(everybody) - len(members),
        len(firsts) + len(lone) + len(repeats) - len(kept_firsts) - len(kept_lone) - len(kept),
    )


def _importance(source: SourceView) -> tuple[int, tuple[Ref, ...], list[str]]:
    # A record may cite several sources that nobody else cites.
    return -len(source.members), source.refs, [one.locator or "" for one in source.citations]


def _spread(lines: Sequence[tuple[int, str]], most: int) -> list[tuple[int, str]]:
    """So many of these lines: the first of every member, then the second of each, and so on."""
    if len(lines) <= most:
        return list(lines)
    had: Counter[str] = Counter()
    ranked = []
    for place, member in lines:
        ranked.append((had[member], place, member))
        had[member] += 1
    return sorted((place, member) for _, place, member in sorted(ranked)[:most])


class _Citing:
    """Which records that count cite which records, and whose citations their authors' nodes held."""

    def __init__(self, timeline: Iterable[TimelineEntry]) -> None:
        self.cited: dict[Ref, tuple[Ref, ...]] = {}
        self.cited_by: dict[Ref, list[Ref]] = {}
        self.seen: dict[Ref, tuple[str, ...]] = {}
        for entry in timeline:
            sources = _sources(entry)
            if sources:
                self.seen[entry.ref] = entry.seen
                cited = tuple(sorted(one.record for one in sources if one.record is not None))
                self.cited[entry.ref] = cited
                for ref in cited:
                    self.cited_by.setdefault(ref, []).append(entry.ref)

    def leading_to(self, refs: Iterable[Ref]) -> list[Ref]:
        """These records, and all whose citations lead to them, ascending."""
        found, waiting = set(refs), list(refs)
        while waiting:
            onward = [ref for ref in self.cited_by.get(waiting.pop(), ()) if ref not in found]
            found.update(onward)
            waiting.extend(onward)
        return sorted(found)


def _sources(entry: TimelineEntry) -> Sequence[Source]:
    if entry.standing not in COUNTING:
        return ()
    if isinstance(entry.record, Report):
        return (entry.corrected or entry.record).sources
    return (entry.record.sources or ()) if isinstance(entry.record, Answer) else ()


def _repeats(sources: Sequence[SourceView], citing: _Citing) -> tuple[list[tuple[int, str]], list[Repeat]]:
    """Who repeats a source, and who repeats whom, each pair once."""
    lone: list[tuple[int, str]] = []
    repeats: dict[tuple[str, str], Repeat] = {}
    for place, one in enumerate(sources):
        if not one.repeaters:
            continue
        records: dict[str, list[Ref]] = {}
        for ref in citing.leading_to(one.refs):
            records.setdefault(ref.log_name.member, []).append(ref)
        for member in one.repeaters:
            through = _through(member, records, one.refs, citing)
            if through is None:
                lone.append((place, member))
            else:
                of = through.log_name.member
                repeats.setdefault((member, of), Repeat(member, of, through))
    return lone, list(repeats.values())


def _through(
    member: str, records: Mapping[str, Sequence[Ref]], refs: Sequence[Ref], citing: _Citing
) -> Ref | None:
    """The record of another that a member goes by: the one that it cites, or else the first it held.

    `records` are those that lead to the source, by member; `refs` cite it directly.
    """
    own = records.get(member, ())
    for ref in own:
        for cited in citing.cited.get(ref, ()):
            other = cited.log_name.member
            if other != member and cited in records.get(other, ()):
                return cited
    others = [ref for ref in refs if ref.log_name.member != member]
    held = {seen for ref in own for seen in citing.seen.get(ref, ())}
    return next((ref for ref in others if ref.log_name.member in held), others[0] if others else None)
