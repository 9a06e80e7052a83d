"""How each member stands in a charter's versions: who signs its openings, and which of them are settled.

An amendment cuts every log: what is below the cut is judged by the version before it, the rest by the
amendment (docs/protocol.md, section 8.4). So an organisation key that was replaced opens no epoch beyond the
cut; nor can it open one below, since the cut names the openings there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tocsin.circles.founding.charter import Amendment, Charter, CharterMember, Cut, SignedCharter
from tocsin.core.names import LogName
from tocsin.core.records import Tlp

Chain: TypeAlias = Sequence[SignedCharter | Amendment]
"""The versions of a charter, the first one first."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What an opening is judged by: the member's place in a version, and that version's handling."""

    first_epoch: int
    place: CharterMember
    handling: Tlp


@dataclass(frozen=True, slots=True)
class Standing:
    """One member through all versions of a chain.

    `judges` are its versions, the oldest first; `settled` has the SHA-256 of openings by epoch; `cut` is the
    newest of its cuts. `present` is whether the newest version lists it, `removed` whether it is gone because
    the others wanted it so. A founder's first opening is settled by its join file.
    """

    founder: bool
    judges: tuple[Judge, ...]
    settled: Mapping[int, str]
    cut: Cut | None
    present: bool
    removed: bool

    @property
    def place(self) -> CharterMember:
        """What the newest version that lists it says of the member."""
        return self.judges[-1].place

    @property
    def settled_up_to(self) -> int:
        """The largest epoch whose opening is settled; 0 for none."""
        return max(self.settled, default=int(self.founder))

    def judge(self, epoch: int) -> Judge | None:
        """By what the opening of that epoch is judged; by nothing once the member was removed."""
        if self.founder and epoch == 1:
            return self.judges[0]
        if self.removed and self.cut is not None and epoch >= first_beyond(self.cut):
            return None
        return [judge for judge in self.judges if judge.first_epoch <= epoch][-1]


def first_beyond(cut: Cut) -> int:
    """The first epoch whose opening lies beyond the cut."""
    epoch = LogName.parse(cut.log).epoch
    return epoch + 1 if cut.size else epoch


def standings(chain: Chain) -> dict[str, Standing]:
    """How everyone stands whom a version of the charter lists. The chain is valid."""
    known: dict[str, Standing] = {}
    for version in chain:
        charter = version.charter
        cuts = {LogName.parse(cut.log).member: cut for cut in charter.cuts}
        places = {place.slug: place for place in charter.members}
        removed = {removal.slug for removal in charter.removed}
        for slug, cut in cuts.items():
            before = known[slug]
            place = places.get(slug)
            judge = () if place is None else (Judge(first_beyond(cut), place, charter.handling),)
            known[slug] = Standing(
                founder=before.founder,
                judges=(*before.judges, *judge),
                settled={**before.settled, **dict(enumerate(cut.openings, before.settled_up_to + 1))},
                cut=cut,
                present=place is not None,
                removed=slug in removed,
            )
        for slug in places.keys() - known.keys():
            judge = (Judge(1, places[slug], charter.handling),)
            known[slug] = Standing(charter.version == 1, judge, {}, None, present=True, removed=False)
    return known


def deciding(charter: Charter) -> dict[str, CharterMember]:
    """By slug, the members that count for the quorum."""
    return {member.slug: member for member in charter.deciding()}
