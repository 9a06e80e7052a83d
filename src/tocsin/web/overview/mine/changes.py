"""What was said since somebody left: by case, the newest first, and what in no case."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from tocsin.cases.picture import case_of
from tocsin.core.records import CaseRecord, Context, Record, Ref
from tocsin.core.views import Said

MOST_CASES = 12
MOST_READ = 200
"""Of each log, so that whoever was away for a year waits no longer than others."""


class Change(Struct, frozen=True, kw_only=True):
    """What came in a case, or in none: how many records of each kind. `opened`: the case is new itself."""

    circle: str
    case: Ref | None
    opened: bool
    kinds: tuple[tuple[str, int], ...]
    last_at_ms: int

    @property
    def path(self) -> str | None:
        """Where its page is."""
        return f"/cases/{self.circle}/{self.case}" if self.case else None


class Changes(Struct, frozen=True, kw_only=True):
    """What came `since_ms`, by case, of which `more` are not shown. `whole`: all of it was read."""

    since_ms: int
    shown: tuple[Change, ...]
    more: int
    whole: bool


def changes_of(
    said: Iterable[tuple[str, Said[Record]]], me: Mapping[str, str], since_ms: int, *, whole: bool
) -> Changes:
    """Of what was said in which circle, what others said; `me` is our slug in each circle."""
    kinds: dict[tuple[str, Ref | None], Counter[str]] = {}
    opened: set[Ref] = set()
    newest: dict[tuple[str, Ref | None], int] = {}
    for circle, one in said:
        record = one.record
        if one.member == me[circle] or isinstance(record, Context):
            continue
        case = case_of(one.ref, record) if isinstance(record, CaseRecord) else None
        if case == one.ref:
            opened.add(one.ref)
        key = circle, case
        kinds.setdefault(key, Counter())[str(record.__struct_config__.tag)] += 1
        newest[key] = max(newest.get(key, 0), record.at_ms)
    every = [
        Change(
            circle=circle,
            case=case,
            opened=case in opened,
            kinds=tuple(sorted(count.items())),
            last_at_ms=newest[circle, case],
        )
        for (circle, case), count in kinds.items()
    ]
    every.sort(key=lambda change: (not change.opened, -change.last_at_ms, change.circle, str(change.case)))
    return Changes(
        since_ms=since_ms,
        shown=tuple(every[:MOST_CASES]),
        more=max(0, len(every) - MOST_CASES),
        whole=whole,
    )
