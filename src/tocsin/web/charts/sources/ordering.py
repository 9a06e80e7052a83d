"""What stands below what, so that few lines cross: each where its neighbours are on average (barycentre)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from tocsin.web.charts.sources.citing import Graph

_SWEEPS = 4

Columns: TypeAlias = tuple[list[int], list[str], list[str]]
"""The sources by their numbers, the members that cite one directly, and those that only repeat."""

_Node: TypeAlias = int | str
_N = TypeVar("_N", int, str)


def columns(graph: Graph) -> Columns:
    """What stands in each column, top down."""
    repeating = graph.repeating
    sources = list(range(len(graph.sources)))
    firsts = [member for member in graph.members if member not in repeating]
    of_source = _neighbours(graph.firsts)
    of_member = _neighbours((member, source) for source, member in graph.firsts)
    for _ in range(_SWEEPS):
        firsts = _sorted(firsts, of_member, _places(sources))
        sources = _sorted(sources, of_source, _places(firsts))
    whom = _neighbours((repeat.member, repeat.of) for repeat in graph.repeats)
    return sources, firsts, _sorted(sorted(repeating), whom, _places(firsts))


def _neighbours(lines: Iterable[tuple[_Node, _Node]]) -> Mapping[_Node, Sequence[_Node]]:
    found: dict[_Node, list[_Node]] = {}
    for one, other in lines:
        found.setdefault(one, []).append(other)
    return found


def _places(nodes: Iterable[_Node]) -> Mapping[_Node, int]:
    return {node: place for place, node in enumerate(nodes)}


def _sorted(
    nodes: list[_N], neighbours: Mapping[_Node, Sequence[_Node]], places: Mapping[_Node, int]
) -> list[_N]:
    """These by the average place of their neighbours; without any, and among equals, as they stood."""
    wanted: dict[_Node, float] = {}
    for place, node in enumerate(nodes):
        theirs = [places[one] for one in neighbours.get(node, ()) if one in places]
        wanted[node] = sum(theirs) / len(theirs) if theirs else place
    return sorted(nodes, key=wanted.__getitem__)
