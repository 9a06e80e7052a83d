"""What authors held, by the contexts that were added: in the plainest way, for tests and benchmarks."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping

from tocsin.core.records import Context


class Contexts:
    """A `Knowledge`; contexts may come in any order."""

    def __init__(self) -> None:
        self._contexts: defaultdict[str, dict[int, dict[str, int]]] = defaultdict(dict)
        self._saw: dict[str, tuple[list[int], list[dict[str, int]]]] = {}

    def add(self, log: str, index: int, context: Context) -> None:
        """That entry `index` of `log` is this context."""
        self._contexts[log][index] = {seen.log: seen.size for seen in context.seen if seen.log != log}
        self._saw.pop(log, None)

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """See `Knowledge`."""
        if log not in self._saw:
            sums: list[dict[str, int]] = [{}]
            for _, sizes in sorted(self._contexts[log].items()):
                sums.append(sums[-1] | sizes)
            self._saw[log] = (sorted(self._contexts[log]), sums)
        indices, sums = self._saw[log]
        return sums[bisect_right(indices, index)]
