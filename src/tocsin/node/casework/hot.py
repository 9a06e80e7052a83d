"""The cases that were asked for last, with their records: one more record is one more, and not all again."""

import asyncio
from base64 import b64decode
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tocsin.cases.picture import Case, CaseView
from tocsin.core.records import Ref
from tocsin.core.views import Terms
from tocsin.node.casework.assessing.assessment import Assessed

MOST_RECORDS = 50_000
"""So many records are kept in memory, of all hot cases together; those of the last one always are."""

Spot = tuple[str, int]
"""Log and index."""


@dataclass(slots=True, eq=False)
class Hot:
    """A case in memory.

    Of its entries, `spots` were read and `fresh` were not yet. `looked_for` are those of other cases that its
    records name, and that were looked for where they should be. `over`: what was read may be no more.
    `is_judged`: somebody says in it what it was.
    """

    ref: Ref
    case: Case
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    located: bool = False
    over: bool = False
    spots: set[Spot] = field(default_factory=set)
    fresh: set[Spot] = field(default_factory=set)
    looked_for: set[Ref] = field(default_factory=set)
    said: int = 0
    is_judged: bool = False
    view: CaseView | None = None
    terms: Terms | None = None
    assessed: Assessed = field(init=False)

    def __post_init__(self) -> None:
        self.assessed = Assessed(self.ref)

    @classmethod
    def new(cls, ref: Ref) -> "Hot":
        """A case of which nothing was read."""
        return cls(ref, Case(ref))

    @property
    def subject(self) -> bytes:
        """The 32 bytes of the report that opened it."""
        return b64decode(self.ref.entry)


class HotCases:
    """The hot cases of a circle, the one asked for last at the end."""

    def __init__(self) -> None:
        self._cases: OrderedDict[Ref, Hot] = OrderedDict()
        # Of one subject there may be several: somebody may name a report with a wrong place.
        self._by_subject: defaultdict[bytes, set[Ref]] = defaultdict(set)

    def of(self, ref: Ref) -> Hot:
        """That case, which is hot now."""
        hot = self._cases.pop(ref, None) or Hot.new(ref)
        self._cases[ref] = hot
        self._by_subject[hot.subject].add(ref)
        return hot

    def get(self, ref: Ref) -> Hot | None:
        """That case, if it is hot."""
        return self._cases.get(ref)

    def with_subject(self, subject: bytes) -> Iterable[Hot]:
        """Those whose report has these 32 bytes."""
        return [self._cases[ref] for ref in self._by_subject.get(subject, ())]

    def trim(self) -> list[Hot]:
        """Let go of those that were not asked for lately, if all are large together."""
        dropped = []
        records = sum(len(hot.spots) for hot in self._cases.values())
        while records > MOST_RECORDS and len(self._cases) > 1:
            hot = next(iter(self._cases.values()))
            self.drop(hot)
            dropped.append(hot)
            records -= len(hot.spots)
        return dropped

    def drop(self, hot: Hot) -> None:
        """It is read again when it is asked for again."""
        hot.over = True
        if self._cases.pop(hot.ref, None):
            self._by_subject[hot.subject].discard(hot.ref)
            if not self._by_subject[hot.subject]:
                del self._by_subject[hot.subject]

    def clear(self) -> list[Hot]:
        """All are read again."""
        dropped = list(self._cases.values())
        for hot in dropped:
            self.drop(hot)
        return dropped
