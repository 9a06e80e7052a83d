"""Drafts of amendments: the newest charter with other values, and what is different in words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import msgspec

from tocsin.circles.changing.events import event_id
from tocsin.circles.changing.standing import Standing, first_beyond, standings
from tocsin.circles.founding.charter import (
    AuthenticText,
    Authority,
    Charter,
    CharterMember,
    Clocks,
    Cut,
    Limits,
    Removal,
    Verification,
    parse_version,
)
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.text import write_charter
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Tlp
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.core.tlog.tree import EMPTY_ROOT

MAX_OPENINGS = 256
"""How many openings the cuts of one text settle, shared between the members: a charter is 64 KiB at most."""

DoubtCode: TypeAlias = Literal["opening-unknown", "opening-other", "entries-missing", "entries-other"]

_DOUBTS: Final[dict[DoubtCode, str]] = {
    "opening-unknown": "of {0.member}, epoch {0.epoch} is settled, which is not known here",
    "opening-other": "of {0.member}, another epoch {0.epoch} is settled than the one that counts here",
    "entries-missing": "of {0.member}, {0.cut} entries are cut, of which {0.here} are here",
    "entries-other": "of {0.member}, other entries are cut than those that are here",
}

_NAMES = {
    "title": "the title",
    "purpose": "the purpose",
    "quorum": "how many members must agree",
    "handling": "the highest marking of a record",
    "clocks": "how soon members are expected to react",
    "verification": "what it takes to call something corroborated",
    "authority": "what the circle may do",
    "limits": "how much a member may write",
    "texts": "the authentic texts in other languages",
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an amendment says of a member's log in this epoch, and is otherwise here or not known.

    `cut`: after how many entries the log is cut; `here`: how many of it are here.
    """

    code: DoubtCode
    member: str
    epoch: int
    cut: int
    here: int

    def __str__(self) -> str:
        return _DOUBTS[self.code].format(self)


def draft_amendment(
    circle: Circle,
    held: Iterable[Checkpoint],
    *,
    members: Sequence[CharterMember] | None = None,
    removed: Sequence[Removal] = (),
    title: str | None = None,
    purpose: str | None = None,
    quorum: int | None = None,
    handling: Tlp | None = None,
    clocks: Clocks | None = None,
    verification: Verification | None = None,
    authority: Authority | None = None,
    limits: Limits | None = None,
    texts: Sequence[AuthenticText] | None = None,
    cuts: Collection[Cut] = (),
) -> str:
    """The text of the charter's next version: the newest one, with the values that are given.

    `held` is what is held of the members' logs, and becomes the cuts; `cuts` go before it, to settle a
    disputed epoch for one. Without `members`, it is all who stay: not removed, and not gone. Raises what
    `parse_version` raises; whether the text can follow, `open_amendment` finds out.
    """
    before = circle.charter
    gone = circle.left | {removal.slug for removal in removed}
    staying = [member for member in before.members if member.slug not in gone] if members is None else members
    old = {member.slug for member in before.members}
    given = {
        "title": title,
        "purpose": purpose,
        "quorum": quorum,
        "handling": handling,
        "clocks": clocks,
        "verification": verification,
        "authority": authority,
        "limits": limits,
        "texts": None if texts is None else tuple(texts),
    }
    charter = msgspec.structs.replace(
        before,
        **{name: value for name, value in given.items() if value is not None},
        version=before.version + 1,
        continues=None,
        previous=circle.chain[-1].id,
        members=tuple(
            msgspec.structs.replace(member, sponsors=()) if member.slug in old else member
            for member in staying
        ),
        cuts=_cuts(circle, held, cuts),
        removed=tuple(removed),
    )
    text = write_charter(charter, differences(before, charter))
    parse_version(text)
    return text


def differences(before: Charter, after: Charter) -> tuple[str, ...]:
    """What a version changes, in words, each a line: first who belongs to the circle, then by which rules."""
    old = {member.slug: member for member in before.members}
    new = {member.slug: member for member in after.members}
    removed = {removal.slug for removal in after.removed}
    lines = [
        f"{slug} is removed" if slug in removed else f"{slug} has left" for slug in old if slug not in new
    ]
    for slug, member in new.items():
        lines += _joined(member) if slug not in old else _changed(old[slug], member)
    lines += [
        f"{words} {'is' if name != 'texts' else 'are'} another"
        for name, words in _NAMES.items()
        if getattr(before, name) != getattr(after, name)
    ]
    return tuple(lines)


def doubts(circle: Circle, held: Iterable[Checkpoint], amendment: Charter) -> tuple[Doubt, ...]:
    """What an amendment's cuts say, and is otherwise here or not known.

    For whoever is to sign it: a cut holds for good, also one that is wrong. It follows the newest charter.
    """
    sizes = {one.origin: one for one in held}
    known = standings(circle.chain)
    found: list[Doubt] = []
    for cut in amendment.cuts:
        log, checkpoint = LogName.parse(cut.log), sizes.get(cut.log)
        here = checkpoint.size if checkpoint else 0
        for epoch, named in enumerate(cut.openings, known[log.member].settled_up_to + 1):
            member = circle.by_log.get(str(replace(log, epoch=epoch)))
            if member is None:
                found.append(Doubt("opening-unknown", log.member, epoch, cut.size, here))
            elif event_id(member.opening).hex() != named:
                found.append(Doubt("opening-other", log.member, epoch, cut.size, here))
        if checkpoint is None or here < cut.size:
            found.append(Doubt("entries-missing", log.member, log.epoch, cut.size, here))
        elif here == cut.size and encode_base64(checkpoint.root) != cut.root:
            found.append(Doubt("entries-other", log.member, log.epoch, cut.size, here))
    return tuple(found)


def _joined(member: CharterMember) -> list[str]:
    how = " as an observer" if member.observer else ""
    return [f"{member.slug} joins{how}: {member.label}, vouched for by {', '.join(member.sponsors)}"]


def _changed(old: CharterMember, new: CharterMember) -> list[str]:
    lines = []
    if old.observer and not new.observer:
        lines.append(f"{new.slug} is no longer an observer: it counts and signs")
    if new.observer and not old.observer:
        lines.append(f"{new.slug} becomes an observer: it neither counts nor signs")
    if old.organisation_key != new.organisation_key:
        lines.append(f"{new.slug} has another organisation key: the one before signs nothing any more")
    if (old.label, old.economy) != (new.label, new.economy):
        lines.append(f"{new.slug} is called {new.label}, {new.economy}")
    return lines


def _cuts(circle: Circle, held: Iterable[Checkpoint], given: Collection[Cut]) -> tuple[Cut, ...]:
    sizes = {one.origin: one for one in held}
    known = standings(circle.chain)
    by_hand = {LogName.parse(cut.log).member: cut for cut in given}
    members = circle.charter.members
    most = MAX_OPENINGS // len(members)
    cuts = [
        by_hand.get(member.slug) or _cut(circle, known[member.slug], member.slug, sizes, most)
        for member in members
    ]
    return tuple(sorted(cuts, key=lambda cut: cut.log))


def _cut(circle: Circle, standing: Standing, slug: str, held: dict[str, Checkpoint], most: int) -> Cut:
    """How far the member's log is known: its stated end, what is held, or the end of the epoch before.

    Where that settles more than `most` openings, it is in the last epoch that does not.
    """
    epochs = [member for member in (*circle.past, *circle.members) if member.slug == slug]
    reached = [(1, 0, EMPTY_ROOT), *filter(None, (_reached(member, held) for member in epochs))]
    if standing.cut is not None:
        log = LogName.parse(standing.cut.log)
        reached.append((log.epoch, standing.cut.size, b""))
    last = standing.settled_up_to + most
    epoch, size, root = max((one for one in reached if one[0] <= last), key=lambda one: one[:2])
    log = LogName(circle.domain, circle.id, slug, epoch)
    if standing.cut is not None and (standing.cut.log, standing.cut.size) == (str(log), size):
        return msgspec.structs.replace(standing.cut, openings=())
    cut = Cut(log=str(log), size=size, root=encode_base64(root))
    openings = tuple(
        event_id(_opening(circle, log, one)).hex()
        for one in range(standing.settled_up_to + 1, first_beyond(cut))
    )
    return msgspec.structs.replace(cut, openings=openings)


def _reached(member: Member, held: dict[str, Checkpoint]) -> tuple[int, int, bytes] | None:
    if member.end is not None and member.end.size:
        return member.log.epoch, member.end.size, member.end.root
    checkpoint = held.get(str(member.log))
    return (member.log.epoch, checkpoint.size, checkpoint.root) if checkpoint and checkpoint.size else None


def _opening(circle: Circle, log: LogName, epoch: int) -> bytes:
    return circle.by_log[str(LogName(log.domain, log.circle, log.member, epoch))].opening
