"""The records of a case in causal order (docs/protocol.md, section 19).

- A record comes after those before it in its log, after its member's earlier epochs, and after what the
  contexts up to it name.
- Otherwise they come by the times they give, made causal: a record's is a millisecond, at least, after all
  that it has to follow. Equal times: by member, epoch and index.
- A time that is far off (`times`) decides nothing, not even here.

So the order depends on the set alone, and no time that a member makes up moves the others' records.
"""

from collections.abc import Iterable, Sequence
from operator import lt

from tocsin.cases.picture.ordering.lines import Line, hold, lines
from tocsin.cases.picture.ordering.times import causal_time, causal_times, far_off, is_far
from tocsin.cases.picture.places import place
from tocsin.cases.picture.view import TimelineEntry
from tocsin.core.records import CaseRecord, Ref
from tocsin.core.views import Knowledge, Said


class Timeline:
    """The records of a case in causal order, and those of them whose time is `far_off`.

    Its `entries` say whose they are and when they were written, and not yet what others do to them. It can go
    on by records that come last, without being made anew: the same as if it were.
    """

    def __init__(self, said: Iterable[Said[CaseRecord]], knowledge: Knowledge) -> None:
        self.entries: list[TimelineEntry] = []
        self._lines = lines(said, knowledge)
        self._times = causal_times(self._lines, ())
        if off := far_off(self._lines, self._times):
            self._times = causal_times(self._lines, off)
        self.far_off: frozenset[Ref] = off
        self._before = [0] * len(self._lines)
        self._known: dict[tuple[int, tuple[bool, ...]], tuple[tuple[str, ...], tuple[str, ...]]] = {}
        order = sorted(
            (at, line, nth) for line, known in enumerate(self._times) for nth, at in enumerate(known)
        )
        for _, number, nth in order:
            self._place(number, nth)
        self._last = order[-1] if order else (0, 0, 0)

    def goes_on(self, said: Iterable[Said[CaseRecord]], knowledge: Knowledge) -> bool:
        """Whether it went on by these records. If not, it is of no use any more.

        It does if what is known of those before is what it was, and each of these is the last of its member,
        whose log has some here, was seen by none of them, and comes last in time, which is not far off.
        """
        newest = {line.member: number for number, line in enumerate(self._lines)}
        return (
            not self.far_off
            and all(
                (known := knowledge.saw(line.log, index)) is saw or known == saw
                for line in self._lines
                for index, saw in zip(line.indices, line.saw, strict=True)
            )
            and all(
                one.member in newest and self._append(newest[one.member], one, knowledge)
                for one in sorted(said, key=lambda one: place(one.ref))
            )
        )

    def _append(self, number: int, said: Said[CaseRecord], knowledge: Knowledge) -> bool:
        line, index = self._lines[number], said.ref.index
        if said.ref.log != line.log or index <= line.indices[-1] or index < line.named:
            return False
        line.said.append(said)
        line.indices.append(index)
        hold(line, self._lines, knowledge.saw(line.log, index))
        at_ms = causal_time(line, self._times, number, ())
        before, self._last = self._last, (at_ms, number, len(line.said) - 1)
        if self._last < before or is_far(at_ms, said):
            return False
        self._times[number].append(at_ms)
        self._place(number, len(line.said) - 1)
        return True

    def _place(self, number: int, nth: int) -> None:
        line, before = self._lines[number], self._before
        short = tuple(map(lt, line.held[nth], before))
        members = self._known.get((number, short))
        if members is None:
            members = self._known[number, short] = _members(self._lines, line.member, before, short)
        said, (seen, unseen) = line.said[nth], members
        self.entries.append(
            TimelineEntry(
                ref=said.ref,
                member=said.member,
                record=said.record,
                officer=said.officer,
                standing="counts",
                seen=seen,
                unseen=unseen,
            )
        )
        before[number] += 1
        if before[number] == 1:
            self._known.clear()


def _members(
    by_log: Sequence[Line], author: str, before: Sequence[int], short: Sequence[bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the members with records before, those of whom none came short, and the others."""
    others = {line.member for line, count in zip(by_log, before, strict=True) if count} - {author}
    unseen = {line.member for line, is_short in zip(by_log, short, strict=True) if is_short} & others
    return tuple(sorted(others - unseen)), tuple(sorted(unseen))
