"""Section 8.4: the charter over time, as events bring it.

All of them change the one circle of this drill, and each case begins with what came of those before it.
"""

from dataclasses import replace
from functools import partial

import msgspec

from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.fold import changed
from tocsin.circles.founding.charter import CharterMember, NoticePlace, Removal, parse_version
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.founding.text import write_charter
from tocsin.circles.wire.answers import Pushed
from tocsin.circles.wire.messages import Pull
from tocsin.circles.wire.protocol import Path
from tocsin.cli.conform.cases.events import bring, knows, no_member
from tocsin.cli.conform.judging import Cases, expect, given
from tocsin.cli.conform.player import NOBODY_LISTENS, Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.names import LogName, organisation_name
from tocsin.core.note import Note, parse_note, sign_note
from tocsin.core.records import Endpoint

CASES = Cases()
good, bad = CASES.good, CASES.bad
_JOINER = "joiner"


async def _now(subject: Subject) -> Circle:
    """The circle as it is now, by the events that the endpoint has."""
    known: tuple[bytes, ...] = ()
    while more := (await bring(subject, subject.callers[0], known=known)).events:
        known += more
    return changed(subject.circle, known)


def _signed(subject: Subject, circle: Circle, text: str, *new: SigningKey, but: int = 0) -> bytes:
    """The amendment, signed by a quorum of members that are played (`but` so many), and by new keys."""
    keys = (player.organisation for player in subject.players)
    current = {member.key(): member.slug for member in circle.charter.deciding()}
    stays = {member.slug for member in parse_version(text).members}
    quorum = [key for key in keys if current.get(key.verifying) in stays][: circle.charter.quorum - but]
    places = [member.key() for member in circle.charter.members]
    quorum.sort(key=lambda key: places.index(key.verifying))
    return Note(text, tuple(sign_note(text, key).signatures[0] for key in (*quorum, *new))).encode()


def _new_key(player: Player) -> SigningKey:
    return SigningKey.generate(player.organisation.verifying.name, SignatureType.ED25519, player.chance)


def _with_key(circle: Circle, key: SigningKey) -> list[CharterMember]:
    """The members, one of them with another organisation key."""
    return [
        msgspec.structs.replace(member, organisation_key=key.verifying.encode())
        if member.key().name == key.verifying.name
        else member
        for member in circle.charter.members
        if member.slug not in circle.left
    ]


async def _refused(subject: Subject, amendment: bytes) -> None:
    """That nobody is told of it: it is not kept."""
    await bring(subject, subject.callers[1], amendment)
    expect("False", await knows(subject, amendment))


async def _taken(subject: Subject, amendment: bytes, *events: bytes) -> None:
    await bring(subject, subject.callers[1], amendment, *events)
    expect("True", await knows(subject, amendment))


@bad("8.4")
async def few(subject: Subject) -> None:
    """An amendment that one member less than a quorum signed."""
    circle = await _now(subject)
    text = draft_amendment(circle, (), handling="TLP:GREEN")
    await _refused(subject, _signed(subject, circle, text, but=1))


@bad("8.4")
async def damaged(subject: Subject) -> None:
    """An amendment of which one signature does not verify."""
    circle = await _now(subject)
    right = parse_note(_signed(subject, circle, draft_amendment(circle, (), handling="TLP:GREEN")))
    *others, last = right.signatures
    await _refused(subject, Note(right.text, (*others, replace(last, data=bytes(64)))).encode())


@bad("8.4")
async def unfit(subject: Subject) -> None:
    """An amendment that follows another version, or leaves out a cut."""
    circle = await _now(subject)
    right = parse_version(draft_amendment(circle, (), handling="TLP:GREEN"))
    change = partial(msgspec.structs.replace, right)
    for wrong in (
        change(version=right.version + 1),
        change(previous="0" * 64),
        change(cuts=right.cuts[1:]),
    ):
        await _refused(subject, _signed(subject, circle, write_charter(wrong)))


@bad("8.4")
async def widens(subject: Subject) -> None:
    """An amendment that widens the circle's purpose, and that not all members signed."""
    circle = await _now(subject)
    text = draft_amendment(circle, (), purpose="To hold all endpoints against the protocol.")
    await _refused(subject, _signed(subject, circle, text))


@good("8.4")
async def joins(subject: Subject, player: Player) -> None:
    """Whoever joins as an observer is a member, and has of each log the records from its cut on."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    circle = await _now(subject)
    joiner = _joiner(circle, player)
    sponsor, _ = subject.callers
    place = CharterMember(
        slug=_JOINER,
        label=_JOINER,
        economy="XX",
        organisation_key=joiner.organisation.verifying.encode(),
        observer=True,
        sponsors=(sponsor.keys.log_name.member,),
    )
    members = [member for member in circle.charter.members if member.slug not in circle.left]
    text = draft_amendment(circle, [player.checkpoint(2).checkpoint], members=[*members, place])
    await _taken(subject, _signed(subject, circle, text, joiner.organisation), joiner.opening)
    expect("held 1", await subject.push(joiner, joiner.push(0, 1)))
    for caller, absent in ((joiner, "[0, 1]"), (sponsor, "[]")):
        answer = await subject.ask(caller, Path.PULL, Pull(player.name, 0, 3).encode())
        expect(absent, given(Pushed, answer).push.chunk.absent())


@good("8.4")
async def replaced(subject: Subject, player: Player) -> None:
    """A stolen organisation key is replaced: it opens no epoch any more, and the new one does."""
    expect("held 2", await subject.push(player, player.say(1).push(0, 2)))
    circle, new = await _now(subject), _new_key(player)
    text = draft_amendment(circle, (), members=_with_key(circle, new))
    await _taken(subject, _signed(subject, circle, text, new))
    stolen = player.next_epoch(2, "scheduled")
    await bring(subject, subject.callers[1], stolen.opening)
    await no_member(subject, stolen)
    player.organisation = new
    later = player.next_epoch(2, "compromised")
    await bring(subject, later, later.opening)
    expect("held 1", await subject.push(later, later.push(0, 1)))


@good("8.4")
async def removed(subject: Subject, player: Player) -> None:
    """A member that is removed is gone: its log ends at the cut, and its keys sign nothing."""
    expect("held 3", await subject.push(player, player.say(3).push(0, 3)))
    circle = await _now(subject)
    notice = NoticePlace(log=subject.callers[0].name, index=1, entry=encode_base64(bytes(32)))
    removal = Removal(slug=player.keys.log_name.member, reason="This is a drill.", notice=notice)
    text = draft_amendment(circle, [player.checkpoint(2).checkpoint], removed=[removal])
    await _taken(subject, _signed(subject, circle, text))
    await no_member(subject, player)
    expect("refused: epoch-ended", await subject.push(subject.callers[0], player.push(3, 4)))


@bad("8.4")
async def rivals(subject: Subject, player: Player) -> None:
    """Two amendments of one version: both are shown on, and neither counts; everything else goes on."""
    circle = await _now(subject)
    for new in (_new_key(player), _new_key(player)):
        text = draft_amendment(circle, (), members=_with_key(circle, new))
        await _taken(subject, _signed(subject, circle, text, new))
    expect("held 2", await subject.push(player, player.say(1).push(0, 2)))
    later = player.next_epoch(2, "scheduled")
    await bring(subject, later, later.opening)
    expect("held 1", await subject.push(later, later.push(0, 1)))


def _joiner(circle: Circle, player: Player) -> Player:
    """A member that the circle does not have yet."""
    keys = MemberKeys.generate(LogName(circle.domain, circle.id, _JOINER, 1), player.chance)
    name = organisation_name(circle.domain, _JOINER)
    organisation = SigningKey.generate(name, SignatureType.ED25519, player.chance)
    at = Endpoint(url=NOBODY_LISTENS, tls_spki_sha256=player.chance.token(32).hex())
    opening = make_opening(keys, organisation, at, at_ms=0, tlp="TLP:GREEN")
    return Player(keys, organisation, opening, player.chance)
