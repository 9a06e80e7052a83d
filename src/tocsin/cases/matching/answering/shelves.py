"""One's observations, apart by who may be answered from them by machine, and under which label.

What a machine answers is looked up on the shelves that are open to it alone. So nothing on another shelf can
change an answer: not whether it is there, nor how well it fits, nor what is rare in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tocsin.cases.matching.answering.policy import Grant, Policy
from tocsin.cases.matching.asked import Asked
from tocsin.cases.matching.index import LEAST_PERMILLE, Index, Match
from tocsin.cases.matching.observation import Observation
from tocsin.core.records import Tlp
from tocsin.core.records.common import tlp_at_most

_Shelf = tuple[frozenset[str], Tlp]
"""The circles that may be answered from it, and the handling of what is on it."""


class Shelves:
    """Observations by their id, each on the shelf where the policy puts it."""

    def __init__(self, policy: Policy, aliases: Mapping[str, str] | None = None) -> None:
        self._policy = policy
        self._aliases = aliases
        self._shelves: dict[_Shelf, Index] = {}

    def __len__(self) -> int:
        return sum(map(len, self._shelves.values()))

    def __contains__(self, observation_id: str) -> bool:
        return any(observation_id in index for index in self._shelves.values())

    def add(self, observation: Observation, vectors: Sequence[bytes] = ()) -> None:
        """Take one in, in place of an earlier one of that id."""
        circles = frozenset(grant.circle for grant in self._policy.grants if grant.covers(observation))
        shelf = circles, observation.handling
        for other, index in self._shelves.items():
            if other != shelf:
                index.remove(observation.id)
        if shelf not in self._shelves:
            self._shelves[shelf] = Index(self._aliases)
        self._shelves[shelf].add(observation, vectors)

    def remove(self, observation_id: str) -> None:
        """Forget one, if it is there."""
        for index in self._shelves.values():
            index.remove(observation_id)

    def match(self, asked: Asked, vectors: Sequence[bytes] = (), *, limit: int = 10) -> tuple[Match, ...]:
        """What fits of all, the best first: for the officer."""
        return _best((index.match(asked, vectors, limit=limit) for index in self._shelves.values()), limit)

    def open_match(
        self, grant: Grant, tlp: Tlp, asked: Asked, vectors: Sequence[bytes] = (), *, limit: int = 10
    ) -> tuple[Match, ...]:
        """What fits of what a machine may answer with under this label, the best first."""
        least = max(LEAST_PERMILLE, grant.least_permille)
        return _best(
            (
                index.match(asked, vectors, limit=limit, least_permille=least)
                for (circles, handling), index in self._shelves.items()
                if grant.circle in circles and tlp_at_most(handling, tlp)
            ),
            limit,
        )


def _best(found: Iterable[tuple[Match, ...]], limit: int) -> tuple[Match, ...]:
    every: Iterator[Match] = (match for matches in found for match in matches)
    return tuple(sorted(every, key=lambda match: (-match.score_permille, match.observation.id))[:limit])
