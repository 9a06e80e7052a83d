"""Which questions are worked out, of all that there are.

- Members that have no reading are alike, but for what they saw: a question to any of them is worked out once.
- Each of those that have one is a question of its own. Of few all are worked out. Of many, first one to each
  member, then time and again those to members, and about sources, of which the best are known by then: it
  takes no longer the more there are. Of 50 members and 20 sources, where up to half have a reading, the first
  question then gained 96 % of what the best one does, on average; where all have one, four fifths.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.core.views import Evidence
from tocsin.readings.asking.predicting import tells
from tocsin.readings.asking.prospects import Answers, Prospects

_MOST_TO_OTHERS: Final = 200
_MOST_TO_READERS: Final = 40
"""So many are worked out: of members without a reading, and with one."""
_AT_ONCE: Final = 8
_UNKNOWN: Final = 10**15
"""More than any answer gains (`Answers.gain`): of whom nothing is known comes first."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A question to any of these members, of all of whom the same is expected.

    `reads`: they have a reading; then it is to one alone.
    """

    source: int
    members: Sequence[str]
    reads: bool
    is_witness: bool
    tells_permille: int


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What comes of asking one of a group."""

    group: Group
    answers: Answers

    @property
    def worth(self) -> int:
        """What that is expected to gain, in 10^-15 bits."""
        return self.group.tells_permille * self.answers.gain


def groups(
    evidence: Evidence, prospects: Prospects, members: Collection[str], asked: Collection[tuple[str, int]]
) -> list[Group]:
    """All questions of a case, to these members, but for those that were `asked` or answered already."""
    readers = {read.said.member for read in evidence.readings}
    found = []
    for number, source in enumerate(evidence.sources):
        alike: defaultdict[tuple[bool, str | None], list[str]] = defaultdict(list)
        for member in members:
            if prospects.left_open(member, number) is not False and (member, number) not in asked:
                alike[member in source.witnesses, member if member in readers else None].append(member)
        for (is_witness, reader), some in alike.items():
            left_open = prospects.left_open(some[0], number) is not None
            permille = tells(source, is_witness=is_witness, left_open=left_open)
            found.append(Group(number, some, reader is not None, is_witness, permille))
    return found


def worked_out(all_of_them: Collection[Group], prospects: Prospects) -> Iterator[WorkedOut]:
    """The questions that promise most, in no order."""
    of_source: dict[int, int] = {}
    of_member: dict[str, int] = {}

    def done(group: Group) -> WorkedOut:
        answers = prospects.of(group.members[0], group.source)
        of_source[group.source] = max(answers.gain, of_source.get(group.source, 0))
        if group.reads:
            (member,) = group.members
            of_member[member] = max(answers.gain, of_member.get(member, 0))
        return WorkedOut(group, answers)

    def promise(group: Group, of_unknown: int) -> tuple[int, int, str]:
        promised = of_member.get(group.members[0], of_unknown) + of_source.get(group.source, 0)
        return -group.tells_permille * promised, group.source, group.members[0]

    to_others = [group for group in all_of_them if not group.reads]
    to_others.sort(key=lambda group: (-group.tells_permille, group.source))
    yield from map(done, to_others[:_MOST_TO_OTHERS])
    waiting = [group for group in all_of_them if group.reads]
    for _ in range(_MOST_TO_READERS // _AT_ONCE):
        of_unknown = max(of_member.values(), default=_UNKNOWN)
        best_of_each: dict[str, Group] = {}
        for group in sorted(waiting, key=lambda group: promise(group, of_unknown)):
            best_of_each.setdefault(group.members[0], group)
        chosen = list(best_of_each.values())[:_AT_ONCE]
        yield from map(done, chosen)
        for group in chosen:
            waiting.remove(group)
