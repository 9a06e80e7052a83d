"""What each kind of evidence shows, in plain words, and what it does not.

One function for each kind, of evidence that was verified. The words promise no more than the signatures do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.circles.changing.standing import standings
from tocsin.circles.evidence import finding
from tocsin.circles.evidence.brokenlimit import BrokenLimit
from tocsin.circles.evidence.contradictions import TwoAmendments, TwoOpenings
from tocsin.circles.evidence.finding import Found
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.voids import Void
from tocsin.circles.founding.circle import Circle, Member
from tocsin.cli.terminal import moment, shown
from tocsin.core.tlog.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """Evidence that holds. `rows` are names and what stands beside them; `more` is for programs."""

    kind: str
    about: tuple[Member, ...]
    found: str
    rows: tuple[tuple[str, str], ...]
    shows: str
    shows_not: str
    more: Mapping[str, object] = field(default_factory=dict)


def find(data: bytes, circle: Circle) -> Finding:
    """What a file of evidence shows. Raises what `circles.evidence.finding.find` raises."""
    return in_words(finding.find(data, circle), circle)


def in_words(found: Found, circle: Circle) -> Finding:
    """Evidence that was verified with the keys of that circle."""
    match found:
        case Fork():
            return _fork(found, circle)
        case Void():
            return _void(found, circle)
        case BrokenLimit():
            return _broken_limit(found)
        case TwoOpenings():
            return _two_openings(found, circle)
        case TwoAmendments():
            return _two_amendments(found, circle)


def named(member: Member) -> str:
    """A member, as it calls itself."""
    return f"{shown(member.label)} ({member.slug}, {member.economy})"


def _fork(fork: Fork, circle: Circle) -> Finding:
    first, second = fork.first.checkpoint, fork.second.checkpoint
    member = circle.by_log[first.origin]
    return Finding(
        kind="fork",
        about=(member,),
        found=f"two versions of one log, both signed by {named(member)}",
        rows=(("first", _state(first)), ("second", _state(second))),
        shows="Its log's key signed both, and no log that only grows can have been both.",
        shows_not="It does not show which of them is true, who used the key, or what for.",
        more={"log": first.origin, "sizes": [first.size, second.size]},
    )


def _void(void: Void, circle: Circle) -> Finding:
    member, end, signed = void.member, void.end, void.signed.checkpoint
    what = "goes on beyond its end" if void.beyond else "is another than the one that ended"
    standing = standings(circle.chain)[member.slug]
    removed = standing.removed and standing.cut is not None and standing.cut.log == signed.origin
    if removed:
        whose = "by the amendment that removed it"
        shows = "The key of this log signed what the other members do not take for a part of it."
        shows_not = (
            "It does not show a fault: the member may have gone on before it knew where the others cut."
        )
    else:
        whose = "by its organisation's word"
        shows = "Somebody used the key of this log for what its organisation does not stand by."
        shows_not = "It does not show who used it, or when: a thief, or the organisation before it said so."
    return Finding(
        kind="void",
        about=(member,),
        found=f"a log of {named(member)} that {what}: what is not of the ended one is void",
        rows=(
            ("ended with", f"{end.size} entries, fingerprint {end.root.hex()}, {whose}"),
            ("signed", _state(signed)),
        ),
        shows=shows,
        shows_not=shows_not,
        more={"log": signed.origin, "end": end.size, "size": signed.size},
    )


def _broken_limit(broken: BrokenLimit) -> Finding:
    confirmed_by = ", ".join(member.slug for member in broken.cosigners)
    return Finding(
        kind="broken-limit",
        about=(broken.author,),
        found=f"more records by {named(broken.author)} than the charter allows",
        rows=(
            ("came", f"{broken.grown} records within {broken.within_s} s"),
            ("allowed", f"{broken.allowed}, with all that may have been under way"),
            ("confirmed by", f"{confirmed_by}, in {len(broken.economies)} economies"),
        ),
        shows="These members each confirmed, with a time, that they held so much before and after.",
        shows_not="It is worth what the most independent two of them are worth: the times are theirs, and "
        "whoever keeps the limits takes no more, and confirms no such thing.",
        more={
            "log": str(broken.author.log),
            "grown": broken.grown,
            "within_s": broken.within_s,
            "allowed": broken.allowed,
            "cosigners": [member.slug for member in broken.cosigners],
        },
    )


def _two_openings(two: TwoOpenings, circle: Circle) -> Finding:
    about = _last(circle, two.log.member)
    names = ", ".join(map(named, about)) or two.log.member
    return Finding(
        kind="two-openings",
        about=about,
        found=f"two openings of one epoch, both signed by the organisation key of {names}",
        rows=(
            ("log", str(two.log)),
            ("first", f"{moment(two.first.at_ms)}, with the key {two.first.log}"),
            ("second", f"{moment(two.second.at_ms)}, with the key {two.second.log}"),
        ),
        shows="Whoever has this organisation's key opened one log twice, and differently.",
        shows_not="It does not show whether the key was stolen, or the organisation shows two faces.",
        more={"log": str(two.log)},
    )


def _two_amendments(two: TwoAmendments, circle: Circle) -> Finding:
    first, second = two.first.charter, two.second.charter
    about = tuple(member for slug in two.signers for member in _last(circle, slug))
    return Finding(
        kind="two-amendments",
        about=about,
        found=f"two charters that cannot both be the next, both signed by {', '.join(map(named, about))}",
        rows=(
            ("first", f"version {first.version}, {two.first.id}"),
            ("second", f"version {second.version}, {two.second.id}"),
        ),
        shows="Their organisation keys signed both, and a member signs at most one.",
        shows_not="It does not show whether a key was stolen, or which of the two they stand by.",
        more={"versions": [two.first.id, two.second.id], "signers": list(two.signers)},
    )


def _last(circle: Circle, slug: str) -> tuple[Member, ...]:
    """The member of that slug, in its newest epoch, if it ever had one."""
    return tuple(member for member in (*circle.past, *circle.members) if member.slug == slug)[-1:]


def _state(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.size} entries, fingerprint {checkpoint.root.hex()}"
