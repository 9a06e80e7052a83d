"""Two who do not keep to the rules: an impostor, and a member with two stories.

Their keys are driven by hand, without a node, a database or a scruple. What they send is as well formed as it can be:
only what a rule of the protocol catches is wrong with it.
"""

import asyncio
from collections.abc import Sequence

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.errors import LogStopped
from tocsin.circles.events import RefusedHere, TwoVersions
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import Answer, Held, Refused
from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.messages import Push
from tocsin.circles.wire.protocol import Path as Call
from tocsin.circles.wire.protocol import Wire
from tocsin.cli.demo.founding import found_with
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds
from tocsin.cli.demo.script import (
    CORRECTION,
    FIVE,
    GARAM,
    JANUS,
    MERBAU,
    MINATO,
    STILL_HERE,
    TWO_STORIES,
    Said,
)
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import bad, faint, good, shown, strong
from tocsin.core.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.chunk import Chunk
from tocsin.core.clock import Chance
from tocsin.core.entry import SALT_BYTES, entry_of
from tocsin.core.records import encode_record
from tocsin.core.tree import Frontier, leaf_hash


class Impostor(Facts, frozen=True, kw_only=True, tag="impostor"):
    """A push in another's name was refused, and changed nothing."""

    in_the_name_of: str
    sent_to: str
    code: str
    explanation: str
    changed: bool


class TwoStories(Facts, frozen=True, kw_only=True, tag="two-versions"):
    """A member showed two versions of its log, and was caught by two members that talked to each other."""

    circle: str
    members: int
    member: str
    size: int
    roots: list[str]
    shown_to: list[str]
    both_confirmed: bool
    caught_by: list[str]
    caught_after_ms: float
    stopped_everywhere_after_ms: float
    evidence_verified: bool
    evidence: str
    then_refused: str
    others_go_on_ms: float


async def show_impostor(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: somebody without Garam's keys speaks in Garam's name."""
    victim, addressee = circle.by_slug[GARAM.slug], circle.by_slug[MINATO.slug]
    node = stage.desks[addressee.slug].node
    screen.headline("An impostor")
    keys = MemberKeys.generate(victim.log, stage.chance)
    forged = _log_of(keys, [_record(stage, circle, CORRECTION)], stage.chance)
    before, since = node.store.head(str(victim.log)), len(stage.watch.seen)
    screen.line(
        f"Somebody writes to {strong(MINATO.name)} as {strong(GARAM.name)}, with keys of the same names:"
    )
    screen.say(CORRECTION.text, INSET)
    await screen.pause(2)
    async with HttpWire() as wire:
        answer = await _push(forged, addressee, keys, wire)
    refused = [
        seen.event
        for seen in stage.watch.seen[since:]
        if seen.desk == addressee.slug and isinstance(seen.event, RefusedHere)
    ]
    if not isinstance(answer, Refused) or not any(event.code == answer.code for event in refused):
        raise DidNotHappen(f"Expected {MINATO.name}'s node to refuse the impostor's push, found {answer}.")
    changed = node.store.head(str(victim.log)) != before
    if changed:
        raise DidNotHappen(f"Expected {GARAM.name}'s log at {MINATO.name} to be as it was, found it changed.")
    screen.line()
    screen.line(f"{bad('refused')}  {faint(shown(answer.code))}")
    screen.say(answer.explanation, INSET)
    screen.line()
    screen.say(
        f"What {MINATO.name} holds of {GARAM.name} is what it was. The attempt stands in its operator's log."
    )
    screen.facts(
        Impostor(
            in_the_name_of=victim.slug,
            sent_to=addressee.slug,
            code=answer.code,
            explanation=answer.explanation,
            changed=changed,
        )
    )
    await screen.pause(4)


async def show_two_versions(stage: Stage, screen: Screen) -> None:
    """Scene: a member tells two desks two stories, and they compare."""
    screen.headline("A member with two stories")
    circle, keys = await found_with(stage, "Six, and one of them is not honest", JANUS)
    janus, first, second = (circle.by_slug[organisation.slug] for organisation in (JANUS, GARAM, MINATO))
    screen.say(f"A second circle: the five, and {JANUS.label} as the sixth. All six have signed its charter.")
    screen.line()
    opening = janus.opening
    stories = [_log_of(keys, [opening, _record(stage, circle, said)], stage.chance) for said in TWO_STORIES]
    async with HttpWire() as wire:
        answers = [
            await _push(story, to, keys, wire) for story, to in zip(stories, (first, second), strict=True)
        ]
        told_s = stage.clock.monotonic_s()
        for said, organisation, answer in zip(TWO_STORIES, (GARAM, MINATO), answers, strict=True):
            if not isinstance(answer, Held):
                raise DidNotHappen(f"Expected {organisation.name} to take what Janus signed, found {answer}.")
            screen.line(f"{strong(JANUS.name)} tells {strong(organisation.name)}, as entry 1 of its log:")
            screen.say(said.text, INSET)
            screen.line(f"{good('confirmed by')} {organisation.economy}: the signature is Janus's own", INSET)
        await screen.pause(2)
        caught = await _caught(stage, circle, janus, [first.slug, second.slug])
        caught_ms = milliseconds(max(caught.values()) - told_s)
        screen.line()
        screen.line(
            f"{bad('caught')}  after {caught_ms / 1000:.1f} s, when {GARAM.name} and {MINATO.name} had told each other what they know:"
        )
        everywhere = await _caught(stage, circle, janus, list(stage.desks))
        evidence = await _evidence(stage, circle, janus)
        fork = verify_fork(evidence, circle)
        checkpoints = fork.first.checkpoint, fork.second.checkpoint
        for checkpoint in checkpoints:
            screen.line(
                f"  {checkpoint.size} entries, ending in {faint(checkpoint.root.hex()[:32])}…  signed by Janus"
            )
        refused = await _push(stories[0], circle.by_slug[MERBAU.slug], keys, wire)
    if not isinstance(refused, Refused) or refused.code != LogStopped.code:
        raise DidNotHappen(f"Expected {MERBAU.name} to take nothing more of Janus's log, found {refused}.")
    path = stage.folder / "janus.fork.json"
    path.write_bytes(evidence)
    uttered = await stage.utter(circle, GARAM, _record(stage, circle, STILL_HERE))
    receipts = await stage.received(uttered, FIVE)
    go_on_ms = milliseconds(receipts.by_all_s - uttered.began_s)
    screen.line()
    screen.say(
        f"Both signatures cannot be of one log that only grew: that is evidence for anyone, {len(evidence)} bytes, and "
        f"verified. All five nodes have stopped Janus's log. Nobody else is stopped: a note of {GARAM.name}'s was "
        f"received and confirmed by all in {go_on_ms} ms."
    )
    screen.facts(
        TwoStories(
            circle=circle.id,
            members=len(circle.members),
            member=janus.slug,
            size=checkpoints[0].size,
            roots=[checkpoint.root.hex() for checkpoint in checkpoints],
            shown_to=[first.slug, second.slug],
            both_confirmed=True,
            caught_by=sorted(caught),
            caught_after_ms=caught_ms,
            stopped_everywhere_after_ms=milliseconds(max(everywhere.values()) - told_s),
            evidence_verified=True,
            evidence=path.name,
            then_refused=refused.code,
            others_go_on_ms=go_on_ms,
        )
    )
    await screen.pause(5)


async def _caught(stage: Stage, circle: Circle, member: Member, desks: Sequence[str]) -> dict[str, float]:
    """Wait until these desks have found two versions of the member's log: by desk, when. Raises DidNotHappen."""

    def found() -> dict[str, float]:
        return {
            seen.desk: seen.at_s
            for seen in stage.watch.seen
            if seen.event == TwoVersions(str(member.log)) and seen.desk in desks
        }

    await stage.watch.until(
        f"{len(desks)} desks to find two versions of {member.slug}'s log", lambda: len(found()) == len(desks)
    )
    return found()


async def _evidence(stage: Stage, circle: Circle, member: Member) -> bytes:
    """The evidence against a member, as Garam's node hands it out."""
    listed = await asyncio.to_thread(stage.desks[GARAM.slug].api.evidence, circle.id)
    for one in listed.evidence:
        if one.member == member.slug:
            return bytes(one.evidence).rstrip(b"\n") + b"\n"
    raise DidNotHappen(
        f"Expected {GARAM.name}'s node to hand out evidence against {member.slug}, found none."
    )


def _record(stage: Stage, circle: Circle, said: Said) -> bytes:
    return encode_record(said.record(circle.id, stage.clock.wall_ms()))


def _log_of(keys: MemberKeys, records: Sequence[bytes], chance: Chance) -> Push:
    """A log of these records and nothing else, signed as it must be, ready to be pushed."""
    log = str(keys.log_name)
    salts = [chance.token(SALT_BYTES) for _ in records]
    entries = [entry_of(log, salt, record) for salt, record in zip(salts, records, strict=True)]
    root = Frontier.EMPTY.append([leaf_hash(entry) for entry in entries]).root()
    signed = sign_checkpoint(Checkpoint(log, len(entries), root), keys.log)
    chunk = Chunk.make(0, zip(entries, salts, records, strict=True))
    return Push(log, chunk, signed.note.encode(), (), ())


async def _push(push: Push, to: Member, keys: MemberKeys, wire: Wire) -> Answer:
    """What the member's node answers to this push, requested with these keys. Raises Unreachable."""
    return await Caller(keys, to, lambda: [to.endpoint], wire).call(Call.PUSH, push.encode())
