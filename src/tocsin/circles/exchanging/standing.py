"""What this node may do in a circle as it is now: in which epoch, with which keys, and why not more.

A pure function of the circle, of the secret keys that are here, and of what this node keeps of itself. Which
member it is, it knows by itself: no event takes that from it, nor what it holds.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from tocsin.circles.changing.fold import state_of
from tocsin.circles.changing.known import Known
from tocsin.circles.errors import NoKeysHere
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import open_opening
from tocsin.core.errors import Refusal
from tocsin.core.names import LogName

KeysOf = Callable[[LogName], MemberKeys | None]
"""The secret keys of an epoch, if this node has them. Raises a Refusal if they cannot be used."""

NEXT = (
    " Next: if the database that wrote last still exists, stop this node and put that one back; otherwise "
    "this log ends here, and goes on in a new epoch: `tocsin epoch draft --reason lost`."
)
"""What to do where records of our own log may be missing."""


HaltCode: TypeAlias = Literal[
    "gone", "stranger", "two-charters", "disputed", "keys-missing", "keys-unusable", "lost", "paused"
]


@dataclass(frozen=True, slots=True)
class Halted:
    """Why nothing is written in our log, and in words, what to do."""

    code: HaltCode
    explanation: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`member` is our organisation in its newest epoch, and `me` that epoch's secret keys, if they are here.

    `takes_part`: it speaks with the others. `halted`: why nothing is written, if so. `lost`: records of our
    log may be missing here: it is got back from the others, like any log.
    """

    member: Member
    me: MemberKeys | None
    takes_part: bool
    halted: Halted | None = None
    lost: bool = False


def seen_by(slug: str, known: Known, keys_of: KeysOf) -> Circle:
    """The circle as what is known leaves it, at the node of that member.

    Where that leaves no epoch of the member, those that it opened are `unlisted`. Raises NoKeysHere if there
    are none: who was listed once always has some, since no event is forgotten.
    """
    circle = state_of(known)
    if any(member.slug == slug for member in (*circle.members, *circle.past)):
        return circle
    opened = list(_opened_by(slug, known))
    ours = [member for member in opened if _keys(member, keys_of)[0]] or opened
    if not ours:
        raise NoKeysHere(f"Expected a member of circle {circle.id}, found {slug}, which never opened a log.")
    by_epoch = {member.log.epoch: member for member in ours}
    return replace(circle, unlisted=tuple(by_epoch[epoch] for epoch in sorted(by_epoch)))


def _opened_by(slug: str, known: Known) -> Iterator[Member]:
    """Every epoch that was opened with a key and a place that a version of the charter has for the member."""
    charters = [version.chain[-1].charter for version in known.versions.values()]
    places = [(place, one.handling) for one in charters for place in one.members if place.slug == slug]
    for log, openings in known.openings.items():
        for opening in openings if log.member == slug else ():
            for place, handling in places:
                with suppress(Refusal):
                    yield open_opening(opening.data, log, place, handling)


def standing(
    circle: Circle, slug: str, keys_of: KeysOf, lost: Mapping[str, bytes], paused: Mapping[str, bytes]
) -> Standing:
    """What the node of that member may do in the circle, as it is `seen_by` it."""
    current = circle.by_slug.get(slug)
    if current is None:
        gone = [member for member in (*circle.past, *circle.unlisted) if member.slug == slug]
        last = max(gone, key=lambda member: member.log.epoch)
        me, _ = _keys(last, keys_of)
        return Standing(last, me, takes_part=False, halted=_why_gone(circle, last))
    name, (me, why_not) = str(current.log), _keys(current, keys_of)
    if current.disputed:
        words = (
            f"There are two openings of epoch {current.log.epoch + 1} of {current.label}, both signed by its "
            "organisation key. Next: `tocsin circle amend`, which replaces that key."
        )
        return Standing(current, me, takes_part=me is not None, halted=Halted("disputed", words))
    if me is None:
        return Standing(current, None, takes_part=False, halted=why_not)
    if why := lost.get(name):
        return Standing(current, me, takes_part=True, halted=Halted("lost", why.decode() + NEXT), lost=True)
    if why := paused.get(name):
        return Standing(current, me, takes_part=True, halted=Halted("paused", why.decode()))
    return Standing(current, me, takes_part=True)


def _why_gone(circle: Circle, last: Member) -> Halted:
    """Why our organisation has no epoch that counts, and what to do."""
    if not circle.unlisted:
        return Halted("gone", f"{last.label} is no member of this circle any more. What it held stays here.")
    if any(place.slug == last.slug for place in circle.charter.members):
        return Halted(
            "stranger",
            f"The charter lists {last.label}, but no opening of its first epoch counts: there are two, or "
            "none by its organisation key. To the others it is a stranger; what it holds stays here. Next: "
            "talk to them by another way; an amendment of theirs settles which counts, or replaces the key.",
        )
    return Halted(
        "two-charters",
        f"There are two versions {circle.charter.version + 1} of the charter, both signed by enough members, "
        f"and {last.label} joined by one of them, or after it: neither counts, and to the others it is a "
        "stranger; what it holds stays here. Next: settle who signed both, and found a circle in its place "
        "(`tocsin circle draft --continues ID`).",
    )


def _keys(member: Member, keys_of: KeysOf) -> tuple[MemberKeys | None, Halted | None]:
    """The keys that the member's opening names, if they are here; or else, why not and what to do."""
    epoch, circle = member.log.epoch, member.log.circle
    try:
        keys = keys_of(member.log)
    except Refusal as refusal:
        return None, Halted("keys-unusable", f"The keys of epoch {epoch} cannot be used: {refusal}")
    if keys and keys.public() == member.online_keys():
        return keys, None
    return None, Halted(
        "keys-missing",
        f"The keys of epoch {epoch} are not here. Next: put back the folder `keys/{circle}/{epoch}`; if it "
        "is gone: `tocsin epoch draft --reason lost`.",
    )
