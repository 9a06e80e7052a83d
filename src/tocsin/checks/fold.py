"""From the records of a circle to what a node shows of its checks (docs/protocol.md, section 21).

- What is no check by another, or is not here, nobody can answer: such an answer counts for nothing.
- All members are asked, but for who asks, and observers. Whoever left asks nothing, and has answered nothing.
- A check that comes within an hour of another by its member is *quiet*; so each member rings others once an
  hour at most, however many it writes, and not at all while it goes on writing them.
- Whether a time is plausible by another's clock decides nothing: what is measured, one clock measured.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from tocsin.checks.times import Answers, Duty, answers_of, circle_median_ms, median_ms, place, response_ms
from tocsin.checks.view import KEPT, ChecksView, CheckView, State
from tocsin.core.records import Check, Record, Ref
from tocsin.core.views import Holdings, Said, Terms

HOUR_MS: Final = 3_600_000
_MINUTE_MS: Final = 60_000


def fold(
    said: Iterable[Said[Record]],
    holdings: Holdings,
    terms: Terms,
    *,
    hours: Mapping[str, Duty],
    now_ms: int,
) -> ChecksView:
    """The checks among these records, at the node of `holdings.me`.

    `hours` are those of all members that there are now. Neither the order of the records, nor repetition, nor
    others among them make a difference.
    """
    records = {one.ref: one for one in said}.values()
    checks = [found for one in records if (found := _check(one))]
    authors = {one.ref: one.member for one in checks}
    answers = {
        member: {check: one for check, one in some.items() if check in authors and authors[check] != member}
        for member, some in answers_of(records).items()
        if _is_asked(member, terms)
    }
    circle = _Circle(holdings, terms, answers, hours, now_ms)
    medians = {member: median_ms(circle.times_ms(member)) for member in answers}
    own_times_ms = circle.times_ms(holdings.me)
    others = [one for member, one in medians.items() if member != holdings.me and one is not None]
    return ChecksView(
        me=holdings.me,
        now_ms=now_ms,
        checks=tuple(sorted(circle.shown(checks), key=_newest_first)),
        own_answers=len(own_times_ms),
        own_median_ms=median_ms(own_times_ms),
        others=len(others),
        circle_median_ms=circle_median_ms(others),
    )


class _Circle:
    """What is known of a circle, for one check after the other."""

    def __init__(
        self, holdings: Holdings, terms: Terms, answers: Answers, hours: Mapping[str, Duty], now_ms: int
    ) -> None:
        self._holdings = holdings
        self._answers = answers
        self._hours = hours
        self._now_ms = now_ms
        self._asked = {slug for slug in hours if _is_asked(slug, terms)}
        self._answered = Counter(check for some in answers.values() for check in some)

    def times_ms(self, member: str) -> list[int]:
        """A member's response times."""
        answers = self._answers.get(member, {}).values()
        times = (response_ms(answer, self._hours[member]) for _, answer in answers)
        return [time_ms for time_ms in times if time_ms is not None]

    def shown(self, checks: Iterable[Said[Check]]) -> Iterator[CheckView]:
        """The newest checks of each member."""
        by_member: defaultdict[str, list[Said[Check]]] = defaultdict(list)
        for one in checks:
            if one.member in self._hours:
                by_member[one.member].append(one)
        for some in by_member.values():
            newest = sorted(some, key=lambda one: place(one.ref))[-KEPT:]
            for one, quiet in zip(newest, self._quiet(newest), strict=True):
                yield self._view(one, quiet=quiet)

    def _quiet(self, checks: Sequence[Said[Check]]) -> Iterator[bool]:
        # Of the oldest of so many, nobody has looked at what came before it.
        yield len(checks) == KEPT
        for before, after in pairwise(map(self._came_ms, checks)):
            yield after - before < HOUR_MS

    def _came_ms(self, check: Said[Check]) -> int:
        """When it came; where that is not known any more, when it was written, by itself."""
        return min(self._holdings.arrived.get(check.ref, check.record.at_ms), self._now_ms)

    def _view(self, check: Said[Check], *, quiet: bool) -> CheckView:
        me, came_ms = self._holdings.me, self._came_ms(check)
        asked = self._asked - {check.member}
        duty_ms = check.record.within_minutes * _MINUTE_MS
        due_by_ms = self._hours[me].after(came_ms, duty_ms) if me in asked else None
        answer, record = self._answers.get(me, {}).get(check.ref, (None, None))
        return CheckView(
            ref=check.ref,
            member=check.member,
            record=check.record,
            officer=check.officer,
            came_ms=came_ms,
            state=self._state(check, asked, due_by_ms, answer),
            asked=len(asked),
            answered=self._answered[check.ref],
            due_by_ms=due_by_ms,
            answer=answer,
            response_ms=response_ms(record, self._hours[me]) if record else None,
            unconfirmed=tuple(self._unconfirmed(check.ref, asked)) if check.member == me else (),
            quiet=quiet,
        )

    def _state(
        self, check: Said[Check], asked: Collection[str], due_by_ms: int | None, answer: Ref | None
    ) -> State:
        if check.member == self._holdings.me:
            return "own"
        if self._holdings.me not in asked:
            return "not-asked"
        if answer:
            return "answered"
        return "waiting" if due_by_ms is None or self._now_ms < due_by_ms else "missed"

    def _unconfirmed(self, ref: Ref, asked: Iterable[str]) -> Iterator[str]:
        cosigned = self._holdings.cosigned.get(ref.log, {})
        for slug in sorted(asked):
            if all(size <= ref.index for size, _ in cosigned.get(slug, ())):
                yield slug


def _check(said: Said[Record]) -> Said[Check] | None:
    record = said.record
    return Said(said.ref, said.member, record, said.officer) if isinstance(record, Check) else None


def _is_asked(member: str, terms: Terms) -> bool:
    """Whether checks by others ask this one."""
    party = terms.parties.get(member)
    return party is not None and party.present and not party.observer


def _newest_first(check: CheckView) -> tuple[int, Ref]:
    return -check.came_ms, check.ref
