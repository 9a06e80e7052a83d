"""What this node may do in a circle as it is now: in which epoch, with which keys, and why not more.

A pure function of the circle, of the secret keys that are here, and of what this node keeps of itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tocsin.circles.errors import NoKeysHere
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.core.names import LogName

KeysOf = Callable[[LogName], MemberKeys | None]
"""The secret keys of an epoch, if this node has them."""

NEXT = (
    " Next: if the database that wrote last still exists, stop this node and put that one back; otherwise "
    "this log ends here, and goes on in a new epoch: `tocsin epoch draft --reason lost`."
)
"""What to do where records of our own log may be missing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`member` is our organisation in its newest epoch, and `me` that epoch's secret keys, if they are here.

    `takes_part`: it speaks with the others. `halted`: why nothing is written, and what to do, if so. `lost`:
    records of our log may be missing here: it is got back from the others, like any log.
    """

    member: Member
    me: MemberKeys | None
    takes_part: bool
    halted: str | None = None
    lost: bool = False


def standing(
    circle: Circle, keys_of: KeysOf, lost: Mapping[str, bytes], paused: Mapping[str, bytes]
) -> Standing:
    """The standing of whoever has the keys of `keys_of`. Raises NoKeysHere if they are of no member."""
    ours = [member for member in (*circle.members, *circle.past) if keys_of(member.log)]
    if not ours:
        raise NoKeysHere(f"Expected the keys of a member of circle {circle.id}, found none.")
    slug = ours[0].slug
    current = circle.by_slug.get(slug)
    if current is None:
        last = max((m for m in circle.past if m.slug == slug), key=lambda member: member.log.epoch)
        words = f"{last.label} is no member of this circle any more. What it held stays here."
        return Standing(last, keys_of(last.log), takes_part=False, halted=words)
    name, me = str(current.log), _fitting(current, keys_of(current.log))
    if current.disputed:
        words = (
            f"There are two openings of epoch {current.log.epoch + 1} of {current.label}, both signed by its "
            "organisation key. Next: `tocsin circle amend`, which replaces that key."
        )
        return Standing(current, me, takes_part=me is not None, halted=words)
    if me is None:
        words = (
            f"The keys of epoch {current.log.epoch} are not here. Next: put back the folder "
            f"`keys/{circle.id}/{current.log.epoch}`; if it is gone: `tocsin epoch draft --reason lost`."
        )
        return Standing(current, None, takes_part=False, halted=words)
    if why := lost.get(name):
        return Standing(current, me, takes_part=True, halted=why.decode() + NEXT, lost=True)
    if why := paused.get(name):
        return Standing(current, me, takes_part=True, halted=why.decode())
    return Standing(current, me, takes_part=True)


def _fitting(member: Member, keys: MemberKeys | None) -> MemberKeys | None:
    """The keys, if they are those that the member's opening names."""
    if keys is None:
        return None
    found = tuple(key.verifying for key in (keys.log, keys.holder, keys.witness, keys.request))
    return keys if found == member.online_keys() else None
