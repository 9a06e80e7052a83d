"""What a node holds of cases, read from its store alone: no index, nothing that was kept from before.

From it follows the picture that its index must lead to (`picture`), and the list of cases (`listed`).
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator
from functools import cached_property

from tests.cases.picture.contexts import Contexts
from tests.simulation.memory_store import MemoryStore

from tocsin.cases.picture import Case, CaseView, case_of
from tocsin.circles.line import Line
from tocsin.core.keys import encode_base64
from tocsin.core.records import CaseRecord, Context, Ref
from tocsin.core.views import Said, Terms
from tocsin.node.casework.reading import is_of_a_case
from tocsin.node.casework.sayings import Sayings
from tocsin.node.casework.terms import terms_of

Spot = tuple[str, int]
"""Log and index."""


class Held:
    """The records of cases that a node holds, its own contexts and others', and what the charter says.

    `ahead`: which of them came ahead; `gone`: entries whose records are not here, or cannot be read.
    """

    def __init__(
        self,
        said: Iterable[Said[CaseRecord]],
        knowledge: Contexts,
        terms: Terms,
        ahead: Collection[Spot] = (),
        gone: Collection[tuple[str, int, str]] = (),
    ) -> None:
        self.said = {one.ref: one for one in said}
        self.knowledge = knowledge
        self.terms = terms
        self.ahead = ahead
        self.gone = gone

    @classmethod
    def by(cls, line: Line, store: MemoryStore) -> "Held":
        """What this node holds now, what came ahead included."""
        sayings, knowledge = Sayings(lambda: line.circle, store), Contexts()
        said: list[Said[CaseRecord]] = []
        aheads, gone = set[Spot](), set[tuple[str, int, str]]()
        for log in line.circle.by_log:
            head = store.head(log)
            ahead = sayings.ahead(log)
            aheads |= {(log, index) for index in ahead}
            for index in [*range(1, head.size if head else 0), *ahead]:
                one = sayings.at(log, index)
                if one is None and index < sayings.end(log):
                    gone.add((log, index, encode_base64(store.record(log, index)[0])))
                if one and isinstance(one.record, Context):
                    knowledge.add(log, index, one.record)
                elif one and is_of_a_case(one):
                    said.append(one)
        return cls(said, knowledge, terms_of(line.circle), aheads, gone)

    def without(self, gone: Container[Ref]) -> "Held":
        """The same, but for these records."""
        kept = (one for ref, one in self.said.items() if ref not in gone)
        return Held(kept, self.knowledge, self.terms, self.ahead, self.gone)

    @cached_property
    def cases(self) -> dict[Ref, list[Said[CaseRecord]]]:
        """The records by the case that they name."""
        found: defaultdict[Ref, list[Said[CaseRecord]]] = defaultdict(list)
        for ref, one in self.said.items():
            found[case_of(ref, one.record)].append(one)
        return found

    def case(self, ref: Ref) -> Case:
        """A case, of all its records; and those of others that they name."""
        case = Case(ref)
        for one in self.cases.get(ref, ()):
            case.add(one)
        for other in case.wanted & self.said.keys():
            case.add(self.said[other])
        return case

    def picture(self, ref: Ref) -> CaseView:
        """The picture of a case."""
        return self.case(ref).view(self.terms, self.knowledge)

    def listed(self) -> Iterator[set[Ref]]:
        """What a list of cases has one of, each: a case, or some that name one report at wrong places."""
        by_entry: defaultdict[str, set[Ref]] = defaultdict(set)
        for ref in self.cases:
            by_entry[ref.entry].add(ref)
        for refs in by_entry.values():
            yield {
                ref for ref in refs if ref in self.said or (ref.log, ref.index, ref.entry) in self.gone
            } or refs
