"""What is known of a circle from its events, before it is decided what of it counts (docs/protocol.md, 16.1).

All versions of the charter that could count form a tree, of which the state takes one branch. Openings and
leavings are sorted by what they are about; their signatures are verified when it is known by which key.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from tocsin.circles.changing.amendment import left_out, open_amendment
from tocsin.circles.changing.events import Event, Proposal, Statement, parse_event
from tocsin.circles.changing.standing import Chain
from tocsin.circles.errors import WrongPredecessor
from tocsin.circles.founding.charter import Amendment, SignedCharter
from tocsin.circles.founding.circle import Circle, check_mode
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


@dataclass(frozen=True, slots=True)
class Known:
    """Events that were understood: `openings` by log and `leavings` by slug, their signatures not verified.

    `versions` are all that could follow from the first charter, by their ids, be it that everybody missing
    has left; `keys` those that a member has in any of them, `settled` the openings that any of them settles.
    """

    openings: dict[LogName, list[Statement]] = field(default_factory=dict)
    leavings: dict[str, list[Statement]] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    keys: dict[str, set[VerifyingKey]] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, circle: Circle, events: Collection[bytes]) -> "Known":
        """What the events say, taken in an order of their own."""
        known = cls()
        known._learn(Version(circle.signed.id, (circle.signed,)))
        proposals: list[Proposal] = []
        for data in sorted(set(events)):
            try:
                event = parse_event(data)
                check_circle(circle, event)
            except Refusal:
                continue
            if isinstance(event, Proposal):
                proposals.append(event)
            elif isinstance(event.record, Opening):
                known.openings.setdefault(event.log, []).append(event)
            else:
                known.leavings.setdefault(event.member, []).append(event)
        for proposal in sorted(proposals, key=lambda one: one.charter.version):
            if proposal.id not in known.versions:
                try:
                    known._learn(known.open(proposal))
                except Refusal:
                    continue
        return known

    def check_signed(self, note: Note, *, drill: bool) -> None:
        """That a key signed this which a member has in some version.

        Raises DrillAtLive, LiveAtDrill, BadSignature.
        """
        for signature in note.signatures:
            check_mode(signature.name, drill=drill)
        keys = {(key.name, key.key_id): key for of_member in self.keys.values() for key in of_member}
        message = note.text.encode()
        for signature in note.signatures:
            key = keys.get((signature.name, signature.key_id))
            if key is not None and key.verify(message, signature.data):
                return
        raise BadSignature("The amendment is signed by none of the members' keys.")

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
        return [one for one in self.leavings.get(slug, ()) if one.signed_by(key)]

    def alike(self, event: Statement) -> list[Statement]:
        """What is known about the same: openings of that log, or the member's leavings."""
        if isinstance(event.record, Opening):
            return self.openings.get(event.log, [])
        return self.leavings.get(event.member, [])

    def _learn(self, version: Version) -> None:
        self.versions[version.id] = version
        for place in version.chain[-1].charter.members:
            self.keys.setdefault(place.slug, set()).add(place.key())
        for cut in version.chain[-1].charter.cuts:
            self.settled.update(cut.openings)


@lru_cache(maxsize=64)
def _followed(data: bytes, predecessor: Version) -> Version:
    """The version that these bytes make of its predecessor, if all who are missing in it have left."""
    everybody = [member.slug for member in predecessor.chain[-1].charter.members]
    amendment = open_amendment(data, predecessor.chain, everybody)
    return Version(amendment.id, (*predecessor.chain, amendment))
