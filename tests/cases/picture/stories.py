"""Stories of a case, of any length and malice, for Hypothesis to draw."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hypothesis import strategies as st
from tests.cases.picture.desks import DAY_MS, MEMBERS, Desks, cites, lying, url, words

from tocsin.core.records import (
    Acknowledgement,
    Closing,
    Correction,
    GroundTruth,
    Hypothesis,
    Link,
    OperatorPosition,
    Passing,
    Ref,
    Reminder,
    Source,
)

Step: TypeAlias = tuple[int, str, int, int]

_SOURCES: Sequence[Source] = (
    url("one"),
    url("two"),
    Source(kind="post", locator="http://www.news.example/one?utm_source=x", obtained="received"),
    Source(kind="document", locator="a paper", obtained="received", sha256="5e" * 32),
    Source(kind="post", locator="https://mirror.example/", obtained="published", sha256="5e" * 32),
    words("by telephone"),
    words("a captain"),
)


def _pick(desks: Desks, number: int) -> Ref:
    return desks.said[number % len(desks.said)].ref


def _refs(desks: Desks, a: int, b: int) -> tuple[Ref, ...]:
    return tuple(sorted({_pick(desks, a), _pick(desks, b)}))


def _sources(desks: Desks, a: int, b: int) -> tuple[Source, ...]:
    pool = [*_SOURCES, cites(_pick(desks, b)), cites(lying(_pick(desks, b)))]
    return (pool[a % len(pool)], pool[b % len(pool)])


def _report(desks: Desks, member: str, a: int, b: int) -> None:
    desks.reports(
        member, *_sources(desks, a, b), severity="incident" if a % 2 else "disaster", event="incident"
    )


def _correction(desks: Desks, member: str, a: int, b: int) -> None:
    sources = {"sources": _sources(desks, a, b)} if b % 2 else {"cleared": ("severity",)}
    desks.says(member, desks.made(Correction, of=_pick(desks, a), **sources))


def _withdrawal(desks: Desks, member: str, a: int, b: int) -> None:
    own = [said.ref for said in desks.said if said.member == member] or [desks.case]
    desks.withdraws(member, *({_pick(desks, a)} if b % 4 == 0 else {own[a % len(own)], own[b % len(own)]}))


def _ask(desks: Desks, member: str, a: int, _: int) -> None:
    desks.asks(member, *({MEMBERS[a % 5]} if a % 2 else ()))


def _answer(desks: Desks, member: str, a: int, b: int) -> None:
    asks = [said.ref for said in desks.said if said.record.kind == "ask"] or [desks.case]
    desks.answers(member, asks[a % len(asks)], *(_sources(desks, a, b) if b % 3 else ()))


def _lie(desks: Desks, member: str, a: int, b: int) -> None:
    ref = lying(_pick(desks, a)) if b % 2 else _pick(desks, a)
    desks.answers(member, ref, url(f"{b % 3}"))


def _other(desks: Desks, member: str, a: int, b: int) -> None:
    of = _refs(desks, a, b)
    outcome = ("incident", "false-alarm")[b % 2]
    record = (
        desks.made(Acknowledgement, of=of),
        desks.made(Passing, of=of),
        desks.made(Closing, outcome=outcome, dissent=of),
        desks.made(Closing, outcome=outcome),
        desks.made(Link, other=lying(desks.case), link="same-case"),
        desks.made(
            OperatorPosition, operator="Maker", role="provider", position="disputes", sources=(url("own"),)
        ),
        desks.made(Reminder, of=of[0], member="birch", due="answer", due_by_ms=0, step="reminder"),
    )
    desks.says(member, record[(a + b) % len(record)])


def _reading(desks: Desks, member: str, a: int, b: int) -> None:
    hypotheses = [said.ref for said in desks.said if said.record.kind == "hypothesis"]
    of = (
        (_pick(desks, b) if b % 7 == 0 else hypotheses[b % len(hypotheses)]) if hypotheses and b % 2 else None
    )
    desks.reads(member, *_sources(desks, a, b), attack=300 + a, hypothesis=of)


def _assessment(desks: Desks, member: str, a: int, b: int) -> None:
    of = _pick(desks, a) if b % 3 == 0 else None
    record = (
        desks.made(Hypothesis, under="attack", text="A worm", lang="en"),
        desks.made(GroundTruth, what=("attack", "accident")[b % 2], hypothesis=of),
    )
    desks.says(member, record[(a + b) % len(record)])


def _sees(desks: Desks, member: str, a: int, b: int) -> None:
    desks.sees(member, MEMBERS[a % 5], MEMBERS[b % 5])


def _far_off(desks: Desks, member: str, a: int, b: int) -> None:
    desks.reports(member, *_sources(desks, a, b), at_ms=(0, desks.now_ms + 40 * DAY_MS)[b % 2])


def _elsewhere(desks: Desks, member: str, a: int, b: int) -> None:
    desks.reports(member, *_SOURCES[: 1 + a % 2], case=None if b % 2 else lying(desks.case))


def _epoch(desks: Desks, member: str, _: int, __: int) -> None:
    desks.epochs[member] = desks.epochs.get(member, 1) + 1


PLAIN: dict[str, Callable[[Desks, str, int, int], None]] = {
    "report": _report,
    "correct": _correction,
    "withdraw": _withdrawal,
    "ask": _ask,
    "answer": _answer,
    "read": _reading,
    "assess": _assessment,
    "other": _other,
    "see": _sees,
    "epoch": _epoch,
}
WILD = PLAIN | {"lie": _lie, "far off": _far_off}
OF_SEVERAL_CASES = WILD | {"elsewhere": _elsewhere}
CHANGING = {name: step for name, step in OF_SEVERAL_CASES.items() if name not in {"see", "epoch", "far off"}}


def stories(
    kinds: dict[str, Callable[[Desks, str, int, int], None]] = WILD,
    members: int = len(MEMBERS),
    at_least: int = 0,
) -> st.SearchStrategy[Desks]:
    """Desks of so many members that have told each other something, of these kinds of steps."""
    step = st.tuples(
        st.integers(0, members - 1), st.sampled_from(sorted(kinds)), st.integers(0, 50), st.integers(0, 50)
    )
    return st.lists(step, min_size=at_least, max_size=30).map(lambda steps: told(steps, kinds))


def told(steps: Sequence[Step], kinds: dict[str, Callable[[Desks, str, int, int], None]]) -> Desks:
    """The desks after these steps."""
    desks = Desks()
    desks.reports("alder", url("one"), event="incident", severity="incident", summary="Seen", lang="en")
    told_more(desks, steps, kinds)
    return desks


def told_more(
    desks: Desks, steps: Sequence[Step], kinds: dict[str, Callable[[Desks, str, int, int], None]] = WILD
) -> None:
    """Have the desks take these steps, too."""
    for member, kind, a, b in steps:
        kinds[kind](desks, MEMBERS[member], a, b)
