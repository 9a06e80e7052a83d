"""Circles and their members as pages show them: frozen, from the node's status, charters and cards."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tocsin.cases.delivery import Hours
from tocsin.circles.authoring.sending import Trouble
from tocsin.circles.exchanging.standing import Halted
from tocsin.circles.founding.charter import Amendment, Charter, SignedCharter
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.comparing import code_between
from tocsin.circles.line import Line
from tocsin.core.records import Card
from tocsin.core.spelling import spoken, written
from tocsin.node.api.types import CircleState, MemberState
from tocsin.web.desk.cards import Cards

State: TypeAlias = Literal[
    "ours", "good", "behind", "lost", "suspended", "stopped", "disputed", "unread", "left"
]
"""How it stands with a member, worst last but for who has left."""

Duty: TypeAlias = Literal["always", "now", "not-now", "words", "unknown"]
"""Whether a desk is on duty now; *words*: its hours are words for people; *unknown*: there is no card."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody by role, and the key that signs this person's records."""

    role: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """One member of a circle. `behind`: entries of ours that it lacks; `lacking`: of its that we lack.

    `trouble`: why it does not take what we send, if so.
    """

    slug: str
    label: str
    economy: str
    state: State
    observer: bool
    epoch: int
    log: str | None
    card: Card | None
    duty: Duty
    exchange: MemberState | None
    trouble: Trouble | None
    behind: int
    lacking: int

    @property
    def officers(self) -> tuple[Officer, ...]:
        """Those whose signatures hold."""
        if self.card is None:
            return ()
        return tuple(Officer(one.role, one.key, one.verifying_key.key_id.hex()) for one in self.card.officers)


@dataclass(frozen=True, slots=True)
class CircleSeen:
    """One circle at this node. `halted`: why nothing is written in our log, if so."""

    state: CircleState
    circle: Circle
    members: tuple[MemberSeen, ...]
    gone: bool
    halted: Halted | None

    @property
    def charter(self) -> Charter:
        """What holds now."""
        return self.circle.charter

    @property
    def good(self) -> int:
        """How many of the other members have everything of ours, and answer."""
        return sum(one.state == "good" for one in self.members)

    @property
    def others(self) -> int:
        """How many other members there are now."""
        return sum(one.state not in ("ours", "left") for one in self.members)

    def member(self, slug: str) -> MemberSeen | None:
        """The member of that slug, if it is or was one."""
        return next((one for one in self.members if one.slug == slug), None)


@dataclass(frozen=True, slots=True)
class VersionSeen:
    """One version of a charter: who signed it, by slug."""

    number: int
    version: SignedCharter | Amendment
    signers: tuple[str, ...]
    before: Charter | None

    @property
    def charter(self) -> Charter:
        """What it says."""
        return self.version.charter


@dataclass(frozen=True, slots=True)
class Words:
    """What two members read to each other: lines of letters and digits, and how each is said.

    Who comes first by slug reads the first line, so that both pages say the same.
    """

    us: str
    member: str
    lines: tuple[tuple[str, str], ...]

    @property
    def we_begin(self) -> bool:
        """Whether the first line is ours to read."""
        return self.us < self.member


def circle_seen(line: Line, state: CircleState, cards: Cards, now_ms: int) -> CircleSeen:
    """A circle with its members in the charter's order, and those who have left behind them."""
    circle = line.circle
    exchanges = {one.slug: one for one in state.members}
    troubles = {one.member.slug: one.trouble for one in line.status().members}
    members = [
        _member(one, state, exchanges.get(one.slug), troubles.get(one.slug), cards=cards, now_ms=now_ms)
        for one in circle.members
    ]
    left = tuple(_left(circle, cards))
    return CircleSeen(state, circle, (*members, *left), line.departure.gone, line.own.halted)


def versions(circle: Circle) -> tuple[VersionSeen, ...]:
    """All versions of the charter, the newest first."""
    found: list[VersionSeen] = []
    before: Charter | None = None
    for number, version in enumerate(circle.chain, 1):
        signers = tuple(one.name.rpartition("/")[2] for one in version.note.signatures)
        found.append(VersionSeen(number, version, signers, before))
        before = version.charter
    return tuple(reversed(found))


def words_between(circle: Circle, one: str, other: str) -> Words:
    """What `one`, which is us, and the other member read to each other; the same words for both."""
    code = code_between(circle, one, other)
    return Words(one, other, tuple(zip(written(code), spoken(code), strict=True)))


def _member(
    member: Member,
    state: CircleState,
    exchange: MemberState | None,
    trouble: Trouble | None,
    *,
    cards: Cards,
    now_ms: int,
) -> MemberSeen:
    confirmed = exchange.confirmed.size if exchange and exchange.confirmed else 0
    card, hours = cards.card(str(member.log))
    return MemberSeen(
        slug=member.slug,
        label=member.label,
        economy=member.economy,
        state=_state(member, exchange, state.size),
        observer=member.observer,
        epoch=member.log.epoch,
        log=str(member.log),
        card=card,
        duty=_duty(card, hours, now_ms),
        exchange=exchange,
        trouble=trouble,
        behind=max(0, state.size - confirmed) if exchange else 0,
        lacking=max(0, exchange.known - exchange.held) if exchange else 0,
    )


def _left(circle: Circle, cards: Cards) -> Iterator[MemberSeen]:
    """Each of those who are gone, in its last epoch."""
    last = {one.slug: one for one in circle.past if one.slug not in circle.by_slug}
    for member in last.values():
        card, _ = cards.card(str(member.log))
        yield MemberSeen(
            slug=member.slug,
            label=member.label,
            economy=member.economy,
            state="left",
            observer=member.observer,
            epoch=member.log.epoch,
            log=str(member.log),
            card=card,
            duty="unknown",
            exchange=None,
            trouble=None,
            behind=0,
            lacking=0,
        )


def _state(member: Member, exchange: MemberState | None, size: int) -> State:
    if exchange is None:
        return "disputed" if member.disputed else "ours"
    if exchange.stopped:
        return "stopped"
    if member.disputed:
        return "disputed"
    if exchange.suspended is not None:
        return "suspended"
    if exchange.trouble is not None:
        return "lost"
    if exchange.confirmed is None:
        return "unread"
    return "good" if exchange.confirmed.size >= size and not exchange.missing else "behind"


def _duty(card: Card | None, hours: Hours, now_ms: int) -> Duty:
    if card is None:
        return "unknown"
    if not hours.understood:
        return "words"
    if hours.week is None:
        return "always" if card.desk.hours else "words"
    return "now" if hours.worked(now_ms, now_ms + 1) else "not-now"
