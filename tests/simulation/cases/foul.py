"""What hostile desks write, straight to their nodes' lines, past all that `cases.writing` checks.

`FOUL` are the ways in which it is tried to make a case look better founded than it is, to have it look
otherwise, or to have it gone. Each record has the form of its kind; all else is as bad as one likes.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Struct
from tests.simulation.cases.desk import Saying, page, told

from tocsin.cases.picture.places import says
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    CaseRecord,
    Closing,
    Correction,
    Link,
    Moment,
    Ref,
    Reminder,
    Report,
    Source,
    Withdrawal,
)
from tocsin.core.strict_json import MAX_INTEGER
from tocsin.core.views import Said

FLOOD = 150

_NOWHERE = "A" * 43 + "="
_SPELLINGS = (
    "HTTP://WWW.{}",
    "https://desk@{}#top",
    "http://{}?utm_source=mail&fbclid=1",
    "  https://{}",
)
_SCRIPT = (
    "</script><script>alert(1)</script>\u202e<img src=x onerror=alert(2)>&#0; {{7*7}} '; DROP TABLE case; --"
)
_MOST_REFS = 64


class Prey:
    """What a hostile desk sees: all records that its node holds, and one case among them."""

    def __init__(
        self, by: Saying, said: Iterable[Said[CaseRecord]], case: Ref, of_case: Iterable[Ref]
    ) -> None:
        self.by = by
        self.said = {one.ref: one for one in said}
        self.case = case
        self.here = sorted(of_case)

    def some(self, *kinds: type[Struct], own: bool) -> list[Ref]:
        """The case's records of these kinds, or all, its own or the others'."""
        ours = self.by.member
        return [
            ref
            for ref in self.here
            if isinstance(self.said[ref].record, kinds or Struct) and (self.said[ref].member == ours) is own
        ]


_Records = Iterator[CaseRecord]


def _copy(prey: Prey) -> _Records:
    """What others cite, cited again in another spelling, as if it were another page of its own."""
    for number, source in enumerate(_cited(prey)):
        spelling = _SPELLINGS[(prey.by.a + number) % len(_SPELLINGS)]
        locator = spelling.format((source.locator or "").removeprefix("https://"))
        copied = Source(kind="post", locator=locator, obtained="first-hand", obtained_at_ms=number)
        yield prey.by.report(copied, case=prey.case)


def _strip(prey: Prey) -> _Records:
    """What it read, told as what many people told it."""
    for number in range(1 + prey.by.a % 4):
        yield prey.by.report(told(prey.by.member, number), case=prey.case)


def _cite(prey: Prey) -> _Records:
    """Reports that cite the others' records, and nothing else."""
    for ref in prey.some(Report, Answer, own=False)[:4]:
        yield prey.by.report(_record(ref), case=prey.case)


def _invent(prey: Prey) -> _Records:
    """Pages that there are not."""
    sources = [
        Source(
            kind="website",
            locator=f"https://{prey.by.member}.example/{prey.by.word}/{n}",
            obtained="published",
        )
        for n in range(1 + prey.by.b % 3)
    ]
    yield prey.by.report(*sources, case=prey.case)


def _lie_about_hashes(prey: Prey) -> _Records:
    """Two pages of others, said to be one content."""
    cited = _cited(prey)[:2]
    if cited:
        lies = [msgspec.structs.replace(source, sha256="ab" * 32) for source in cited]
        yield prey.by.report(*lies, case=prey.case)


def _flood(prey: Prey) -> _Records:
    """Hundreds of reports at once, into the case of somebody else."""
    for number in range(FLOOD):
        yield prey.by.report(page(number), told(prey.by.member, number), case=prey.case)


def _flood_of_cases(prey: Prey) -> _Records:
    """Many cases at once."""
    for number in range(FLOOD // 5):
        yield prey.by.report(told(prey.by.member, number))


def _contradict(prey: Prey) -> _Records:
    """Answers to one ask, each other than the one before."""
    for ask in prey.some(Ask, own=False)[:2]:
        for number in range(2 + prey.by.b % 4):
            if (number + prey.by.a) % 2:
                yield prey.by.made(Answer, prey.case, ask=ask, seen="seen", sources=(page(number),))
            else:
                yield prey.by.made(Answer, prey.case, ask=ask, seen=("not-seen", "may-not-say")[number % 2])


def _withdraw_others(prey: Prey) -> _Records:
    """A withdrawal of all that others said, and of something of its own."""
    others, own = prey.some(own=False), prey.some(own=True)
    if others:
        of = tuple(sorted({*others[: _MOST_REFS - 1], *own[:1]}))
        yield prey.by.made(Withdrawal, prey.case, of=of, reason="unfounded")
        yield from (prey.by.made(Withdrawal, prey.case, of=(ref,), reason="legal") for ref in others[:4])


def _correct_others(prey: Prey) -> _Records:
    """Corrections of what others reported."""
    for ref in prey.some(Report, own=False)[:4]:
        yield prey.by.made(Correction, prey.case, of=ref, sources=(page(0),), cleared=("severity", "summary"))


def _waver(prey: Prey) -> _Records:
    """Withdrawals of its own, of others' or of both, and withdrawals of what is withdrawn."""
    for ref in prey.some(own=True)[-3:]:
        yield prey.by.made(Withdrawal, prey.case, of=(ref,), reason="superseded")


def _cite_in_circles(prey: Prey) -> _Records:
    """Reports of its own that cite its own, and corrections after which they cite what cites them."""
    own = prey.some(Report, own=True)
    for ref in own[-2:]:
        yield prey.by.report(_record(ref), case=prey.case)
    if own and prey.case != own[0]:
        yield prey.by.made(Correction, prey.case, of=own[0], sources=(_record(own[-1]),))


def _name_nothing(prey: Prey) -> _Records:
    """Records of a case, an ask and other records that there are not; some at a true place."""
    by, case = prey.by, prey.case
    nowhere = msgspec.structs.replace(case, entry=_NOWHERE)
    displaced = msgspec.structs.replace(case, index=case.index + 1 + by.a)
    for wrong in (nowhere, displaced):
        yield by.report(page(by.b), case=wrong)
        yield by.made(Answer, case, ask=wrong, seen="seen", sources=(page(by.a),))
        yield by.made(Withdrawal, case, of=(wrong,), reason="duplicate")
        yield by.made(Link, case, other=wrong, link="same-case")
        yield by.report(_record(wrong), case=case)
        yield by.made(Acknowledgement, wrong, of=(case,))


def _displace(prey: Prey) -> _Records:
    """So many records of a case that says the honest one's hash, and another place, that it may hide it."""
    for number in range(20):
        wrong = msgspec.structs.replace(prey.case, index=prey.case.index + 1 + number % 3)
        yield prey.by.report(page(number), case=wrong)


def _name_wrongly(prey: Prey) -> _Records:
    """Answers to what is no ask, corrections of what is no report, and records of other cases named."""
    by, case = prey.by, prey.case
    elsewhere = sorted(prey.said.keys() - set(prey.here))
    for ref in (*elsewhere[:3], *prey.here[-2:]):
        yield by.made(Answer, case, ask=ref, seen="seen", sources=(page(by.a),))
        yield by.made(Correction, case, of=ref, event="hazard")
        yield by.made(Withdrawal, case, of=(ref,), reason="not-ours")
        yield by.report(_record(ref), case=case)
        yield by.made(Closing, case, outcome="no-ai", dissent=(ref,))


def _far_off(prey: Prey) -> _Records:
    """Times long ago, and in thousands of years."""
    far = MAX_INTEGER if prey.by.a % 2 else 0
    source = msgspec.structs.replace(page(prey.by.b), obtained_at_ms=far)
    moment = Moment(asserted_by="author", at_ms=far, clock="occurred", precision="second")
    yield prey.by.report(source, case=prey.case, at_ms=far, moments=(moment,))
    for ask in prey.some(Ask, own=False)[:1]:
        yield prey.by.made(Answer, prey.case, ask=ask, seen="not-seen", at_ms=far)


def _script(prey: Prey) -> _Records:
    """Texts that are programs elsewhere."""
    source = Source(kind="other", locator=_SCRIPT, obtained="other")
    url = Source(kind="website", locator='https://x.example/"><script>', obtained="published")
    yield prey.by.made(Report, prey.case, sources=(source, url), summary=_SCRIPT, lang="en")
    yield prey.by.made(Ask, prey.case, questions=("other",), text=_SCRIPT, lang="x-script")


def _close(prey: Prey) -> _Records:
    """The end of a case that somebody else opened, in several ways."""
    for outcome in ("false-alarm", "duplicate"):
        yield prey.by.made(Closing, prey.case, outcome=outcome)


def _answer_itself(prey: Prey) -> _Records:
    """An ask to itself and to nobody, answered by itself; answers to what others were asked."""
    yield prey.by.made(Ask, prey.case, questions=("seen",), to=(prey.by.member,))
    yield prey.by.made(Ask, prey.case, questions=("seen",), to=("nobody",))
    for ask in prey.some(Ask, own=True)[:2]:
        yield prey.by.made(Answer, prey.case, ask=ask, seen="seen", sources=(page(prey.by.a),))


def _hurry(prey: Prey) -> _Records:
    """Reminders of what is not due, to whomever."""
    ref = next(iter(prey.some(own=False)), prey.case)
    for member in sorted({one.member for one in prey.said.values()}):
        yield prey.by.made(
            Reminder, prey.case, of=ref, member=member, due="answer", due_by_ms=0, step="deputy"
        )


FOUL: dict[str, Callable[[Prey], _Records]] = {
    "copy": _copy,
    "strip": _strip,
    "cite": _cite,
    "invent": _invent,
    "lie about hashes": _lie_about_hashes,
    "flood": _flood,
    "flood of cases": _flood_of_cases,
    "contradict": _contradict,
    "withdraw others": _withdraw_others,
    "correct others": _correct_others,
    "waver": _waver,
    "cite in circles": _cite_in_circles,
    "name nothing": _name_nothing,
    "displace": _displace,
    "name wrongly": _name_wrongly,
    "far off": _far_off,
    "script": _script,
    "close": _close,
    "answer itself": _answer_itself,
    "hurry": _hurry,
}


def _record(ref: Ref) -> Source:
    return Source(kind="record", record=ref)


def _cited(prey: Prey) -> list[Source]:
    """The pages that others cite in the case."""
    found: dict[str, Source] = {}
    for ref in prey.some(Report, own=False):
        one = prey.said[ref]
        if says(one, Report):
            for source in one.record.sources:
                if source.locator and source.locator.startswith("https://"):
                    found.setdefault(source.locator, source)
    return list(found.values())
