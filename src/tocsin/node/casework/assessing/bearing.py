"""Of a large case, the records that bear on what its readings rest on: most do not, and need no folding.

It is said too often rather than too seldom: also for a record that would bear on it if others had not been
withdrawn. A source that nobody reads says nothing in any view, so that leaving it out changes none.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import TypeAlias

from tocsin.cases.picture.places import sources_of
from tocsin.cases.picture.sources import Cited, Components, cited
from tocsin.cases.picture.view import TimelineEntry
from tocsin.core.records import Answer, Correction, Reading, Ref, Report

_Key: TypeAlias = Ref | tuple[str, Ref]


def bearing(timeline: Sequence[TimelineEntry]) -> Collection[Ref]:
    """Those on which it depends what is read.

    They are reports, answers and corrections; and what such answers name as the ask, for if it is none, they
    count for nothing.
    """
    keys: dict[Ref, _Key] = {}
    cites: defaultdict[_Key, list[Cited]] = defaultdict(list)
    onward: defaultdict[_Key, set[Ref]] = defaultdict(set)
    waiting: list[_Key] = []
    components = Components()
    for entry in timeline:
        if isinstance(entry.record, Reading):
            waiting.append(entry.ref)
        elif isinstance(entry.record, Report | Answer | Correction):
            keys[entry.ref] = _key(entry)
        else:
            continue
        key, sources = keys.get(entry.ref, entry.ref), sources_of(entry.record)
        for one in cited(entry.ref, sources):
            components.add(one, 0)
            cites[key].append(one)
        onward[key].update(source.record for source in sources if source.record is not None)
    reached: set[_Key] = set()
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting += (keys.get(ref, ref) for ref in onward[key])
    read = {components.find(one) for key in reached for one in cites[key]}
    found = {
        ref
        for ref, key in keys.items()
        if key in reached or any(components.find(one) in read for one in cites[key])
    }
    return found | {key[1] for ref in found if not isinstance(key := keys[ref], Ref)}


def _key(entry: TimelineEntry) -> _Key:
    """What stands together: a report with its corrections, and a member's answers to one ask."""
    match entry.record:
        case Correction(of=of):
            return of
        case Answer(ask=ask):
            return entry.member, ask
        case _:
            return entry.ref
