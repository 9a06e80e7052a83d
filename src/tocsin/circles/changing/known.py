"""What is known of a circle from its events, before it is decided what of it counts (docs/protocol.md, 16.1).

All versions of the charter that could count form a tree, of which the state takes one branch. Openings and
leavings are sorted by what they are about; their signatures are verified when it is known by which key.
"""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from tocsin.circles.changing.amendment import left_out, open_amendment
from tocsin.circles.changing.events import Event, Proposal, Statement, event_id, parse_event
from tocsin.circles.changing.standing import Chain, Judge
from tocsin.circles.errors import WrongPredecessor
from tocsin.circles.founding.charter import Amendment, SignedCharter
from tocsin.circles.founding.circle import Circle, Member, check_mode
from tocsin.circles.founding.opening import open_opening
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.note import Note
from tocsin.core.records import Opening
from tocsin.core.records.errors import WrongCircle


def check_circle(circle: Circle, event: Event) -> None:
    """That an event is of this circle: DrillAtLive, LiveAtDrill, WrongCircle. An amendment shows the mode."""
    if isinstance(event, Proposal):
        check_mode(event.charter.domain, drill=circle.drill)
        return
    check_mode(str(event.log), drill=circle.drill)
    if (event.log.domain, event.log.circle) != (circle.domain, circle.id):
        raise WrongCircle(f"Expected an event of circle {circle.id}, found one of {event.log}.")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the charter and all before it. Since each names the one before, its id stands for all."""

    id: str
    chain: tuple[SignedCharter | Amendment, ...] = field(compare=False)


class Known:
    """What is known of a circle that was founded as `circle`, whatever became of it.

    `events` are all of them by their ids; `openings` by log and `leavings` by slug were understood, their
    signatures not verified. `versions` are all that could follow from the first charter, by their ids, be it
    that everybody missing has left; `keys` those that a member has in any of them, `signers` the same by
    their names and ids, `settled` the openings that any of them settles.

    It grows by one event after the other. What a signature was found to be is kept with it, since all events
    are looked at whenever one comes.
    """

    def __init__(self, circle: Circle) -> None:
        self.circle = circle
        self.events: dict[bytes, bytes] = {}
        self.openings: dict[LogName, tuple[Statement, ...]] = {}
        self.leavings: dict[str, tuple[Statement, ...]] = {}
        self.versions: dict[str, Version] = {}
        self.keys: dict[str, frozenset[VerifyingKey]] = {}
        self.settled: frozenset[str] = frozenset()
        self.signers: dict[tuple[str, bytes], VerifyingKey] = {}
        self._signed: dict[tuple[bytes, VerifyingKey], bool] = {}
        self._opened: dict[tuple[bytes, Judge], Member | None] = {}
        self._learn(Version(circle.signed.id, (circle.signed,)))

    @classmethod
    def of(cls, circle: Circle, events: Collection[bytes]) -> Self:
        """What the events say, taken in an order of their own. What is none, says nothing."""
        known = cls(circle)
        parsed: list[Event] = []
        for data in sorted(set(events)):
            try:
                event = parse_event(data)
                check_circle(circle, event)
            except Refusal:
                continue
            parsed.append(event)
        for event in sorted(parsed, key=_version_of):
            try:
                known.add(event)
            except Refusal:
                continue
        return known

    def copy(self) -> Self:
        """The same, which grows by itself."""
        other = copy(self)
        other.events = dict(self.events)
        other.openings, other.leavings = dict(self.openings), dict(self.leavings)
        other.versions, other.keys = dict(self.versions), dict(self.keys)
        other.signers = dict(self.signers)
        return other

    def add(self, event: Event) -> None:
        """An event of this circle. Of an amendment, raises what `open` raises."""
        id_ = event_id(event.data)
        if id_ in self.events:
            return
        if isinstance(event, Proposal):
            self._learn(self.open(event))
        elif isinstance(event.record, Opening):
            self.openings[event.log] = (*self.openings.get(event.log, ()), event)
        else:
            self.leavings[event.member] = (*self.leavings.get(event.member, ()), event)
        self.events[id_] = event.data

    def check_signed(self, note: Note) -> None:
        """That a key signed this which a member has in some version; of several, the first is looked at.

        Raises DrillAtLive, LiveAtDrill, BadSignature.
        """
        for signature in note.signatures:
            check_mode(signature.name, drill=self.circle.drill)
        signers = ((one, self.signers.get((one.name, one.key_id))) for one in note.signatures)
        first = next(((one, key) for one, key in signers if key is not None), None)
        if first is None or not first[1].verify(note.text.encode(), first[0].data):
            raise BadSignature("The amendment is signed by none of the members' keys.")

    def is_signed(self, event: Statement, key: VerifyingKey) -> bool:
        """Whether that key signed it."""
        place = event.data, key
        if place not in self._signed:
            self._signed[place] = event.signed_by(key)
        return self._signed[place]

    def opened(self, event: Statement, judge: Judge) -> Member | None:
        """The member in the epoch that this opens, if it is signed and says what it may, by that judge."""
        place = event.data, judge
        if place not in self._opened:
            try:
                self._opened[place] = open_opening(event.data, event.log, judge.place, judge.handling)
            except Refusal:
                self._opened[place] = None
        return self._opened[place]

    def open(self, proposal: Proposal) -> Version:
        """The version that the proposal is. Raises WrongPredecessor, and what `open_amendment` raises."""
        predecessor = self.versions.get(proposal.charter.previous or "")
        if predecessor is None:
            raise WrongPredecessor(
                f"Expected a version that follows one known here, found {proposal.charter.previous}."
            )
        return _followed(proposal.data, predecessor)

    def successors(self, chain: Chain) -> list[Amendment]:
        """What can be the next version, sorted by id."""
        charter = chain[-1].charter
        left = {place.slug for place in charter.members if self.leavings_by(place.slug, place.key())}
        followers = (self.versions[id_].chain[-1] for id_ in sorted(self.versions))
        return [
            follower
            for follower in followers
            if isinstance(follower, Amendment)
            and follower.charter.previous == chain[-1].id
            and left_out(charter, follower.charter) <= left
        ]

    def leavings_by(self, slug: str, key: VerifyingKey) -> list[Statement]:
        """The member's leavings that this key signed."""
        return [one for one in self.leavings.get(slug, ()) if self.is_signed(one, key)]

    def alike(self, event: Statement) -> tuple[Statement, ...]:
        """What is known about the same: openings of that log, or the member's leavings."""
        if isinstance(event.record, Opening):
            return self.openings.get(event.log, ())
        return self.leavings.get(event.member, ())

    def _learn(self, version: Version) -> None:
        self.versions[version.id] = version
        for place in version.chain[-1].charter.members:
            key = place.key()
            self.keys[place.slug] = self.keys.get(place.slug, frozenset()) | {key}
            self.signers[key.name, key.key_id] = key
        self.settled = self.settled.union(*(cut.openings for cut in version.chain[-1].charter.cuts))


def _version_of(event: Event) -> int:
    """Amendments come after those that they may follow."""
    return event.charter.version if isinstance(event, Proposal) else 0


@lru_cache(maxsize=64)
def _followed(data: bytes, predecessor: Version) -> Version:
    """The version that these bytes make of its predecessor, if all who are missing in it have left."""
    everybody = [member.slug for member in predecessor.chain[-1].charter.members]
    amendment = open_amendment(data, predecessor.chain, everybody)
    return Version(amendment.id, (*predecessor.chain, amendment))
