"""Two who do not keep to the rules: an impostor, and a member with two stories.

Their keys are driven by hand, without a node, a database or a scruple. What they send is as well formed as it
can be: only what a rule of the protocol catches is wrong with it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.circles.authoring.calling import Caller
from tocsin.circles.errors import LogStopped
from tocsin.circles.events import RefusedHere, TwoVersions
from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import Answer, Held, Refused
from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.messages import Push
from tocsin.circles.wire.protocol import Path, Wire
from tocsin.cli.demo.day.founding import found_with
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import FIVE, GARAM, JANUS, MERBAU, MINATO, POMIR
from tocsin.cli.demo.script.nights import FALSE_CORRECTION, STILL_HERE, TWO_STORIES
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import bad, faint, good, shown, strong
from tocsin.core.clock import Chance
from tocsin.core.records import encode_record
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.core.tlog.chunk import Chunk
from tocsin.core.tlog.entry import SALT_BYTES, entry_of
from tocsin.core.tlog.tree import Frontier, leaf_hash


class Impostor(Facts, frozen=True, kw_only=True, tag="impostor"):
    """A push in another's name was refused, with this reason, and changed nothing."""

    in_the_name_of: str
    sent_to: str
    code: str
    explanation: str
    entries_before: int
    entries_after: int

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "An impostor", f"refused: {self.code}"


class TwoStories(Facts, frozen=True, kw_only=True, tag="two-versions"):
    """A member showed two desks two versions of its log; they compared, and have evidence for anyone.

    Milliseconds from the moment at which both had been told.
    """

    circle: str
    members: int
    member: str
    told: list[str]
    caught_by: list[str]
    caught_after_ms: float
    stopped_by: list[str]
    evidence: str
    size: int
    roots: list[str]
    refused_then: str
    others_confirmed_by_all_ms: float

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "Two stories", f"caught after {self.caught_after_ms} ms, with evidence, and stopped"


async def show_impostor(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: somebody without Garam's keys speaks in Garam's name."""
    screen.headline("An impostor")
    await screen.look(*looks.IMPOSTOR)
    victim, addressee = circle.by_slug[GARAM.slug], circle.by_slug[POMIR.slug]
    screen.line(f"Somebody writes to {POMIR.name} in {GARAM.name}'s name, with keys of {GARAM.name}'s names:")
    screen.say(FALSE_CORRECTION.text, INSET)
    await screen.pause(2.5)
    store, since = stage.desks[addressee.slug].node.store, len(stage.watch.seen)
    before = store.head(str(victim.log))
    async with HttpWire() as wire:
        forger = _Forger(MemberKeys.generate(victim.log, stage.chance), wire, stage.chance)
        record = encode_record(FALSE_CORRECTION.record(circle.id, stage.clock.wall_ms()))
        answer = await forger.push(forger.log_of([record]), addressee)
    after = store.head(str(victim.log))
    noticed = [s.event for s in stage.watch.seen[since:] if s.desk == addressee.slug]
    refused = (
        isinstance(answer, Refused) and RefusedHere(victim.slug, answer.code, answer.explanation) in noticed
    )
    if not isinstance(answer, Refused) or not refused or before is None or after != before:
        raise DidNotHappen(f"Expected {POMIR.name}'s node to refuse what an impostor sends, found {answer}.")
    screen.line()
    screen.happens(f"{bad('refused')}  {faint(shown(answer.code))}")
    screen.say(answer.explanation.replace(circle.id, f"{circle.id[:8]}…"), INSET)
    screen.line()
    held = f"{POMIR.name} holds {before.size} entries of {GARAM.name}'s log"
    screen.say(f"{held}, as before, and has noted the attempt.")
    screen.facts(
        Impostor(
            in_the_name_of=victim.slug,
            sent_to=addressee.slug,
            code=answer.code,
            explanation=answer.explanation,
            entries_before=before.size,
            entries_after=after.size,
        )
    )
    await screen.pause(4)


async def show_two_versions(stage: Stage, screen: Screen) -> None:
    """Scene: a member tells two desks two stories, and they compare."""
    screen.headline("A member with two stories")
    await screen.look(*looks.TWO_VERSIONS)
    circle, keys = await found_with(stage, "Six, and one of them is not honest", JANUS)
    screen.say(
        f"A second circle: the five and {JANUS.label}. All {len(circle.members)} have signed its charter."
    )
    async with HttpWire() as wire:
        forger = _Forger(keys, wire, stage.chance)
        stories = await _tell_two_stories(stage, screen, circle, forger)
        told_s = stage.clock.monotonic_s()
        await screen.pause(2.5)
        caught = await _found_two_versions(stage, circle, [GARAM.slug, MINATO.slug])
        caught_ms = milliseconds(max(caught.values()) - told_s)
        stopped = await _found_two_versions(stage, circle, list(stage.desks))
        evidence, fork = await _evidence(stage, circle)
        _show_caught(screen, fork, caught_ms)
        await screen.pause(3)
        refused = await _refused_now(circle, forger, stories[0])
    uttered = await stage.utter(circle, STILL_HERE)
    receipts = await stage.received(uttered, FIVE)
    others_ms = milliseconds(max(receipts.confirmed.values()) - uttered.began_s)
    screen.line()
    screen.say(
        f"The two signatures are evidence for anyone: {len(evidence):,} bytes, and verified. All five take "
        f"nothing more of Janus's log. Nobody else is held up: {GARAM.name}'s next note was confirmed by all "
        f"in {others_ms} ms."
    )
    path = stage.folder / f"{JANUS.slug}.fork.json"
    path.write_bytes(evidence)
    screen.facts(
        TwoStories(
            circle=circle.id,
            members=len(circle.members),
            member=JANUS.slug,
            told=[GARAM.slug, MINATO.slug],
            caught_by=sorted(caught),
            caught_after_ms=caught_ms,
            stopped_by=sorted(stopped),
            evidence=path.name,
            size=fork.first.checkpoint.size,
            roots=[signed.checkpoint.root.hex() for signed in (fork.first, fork.second)],
            refused_then=refused.code,
            others_confirmed_by_all_ms=others_ms,
        )
    )
    await screen.pause(5)


async def _tell_two_stories(stage: Stage, screen: Screen, circle: Circle, forger: "_Forger") -> list[Push]:
    """Two versions of Janus's log, each told to one desk, which takes it: the signatures are good."""
    opening, told = circle.by_slug[JANUS.slug].opening, (GARAM, MINATO)
    records = [encode_record(said.record(circle.id, stage.clock.wall_ms())) for said in TWO_STORIES]
    stories = [forger.log_of([opening, record]) for record in records]
    # At once: whoever is told compares soon, and the other would take nothing any more.
    answers = await asyncio.gather(
        *(forger.push(story, circle.by_slug[to.slug]) for story, to in zip(stories, told, strict=True))
    )
    for said, organisation, answer in zip(TWO_STORIES, told, answers, strict=True):
        if not isinstance(answer, Held):
            raise DidNotHappen(f"Expected {organisation.name} to take what Janus signed, found {answer}.")
        screen.line()
        addressee = f"{organisation.name} ({organisation.economy})"
        screen.happens(f"{strong(JANUS.name)} to {addressee}, as entry 1 of its log")
        screen.say(said.text, INSET)
        screen.line(f"{good('confirmed by')} {organisation.economy}", INSET)
    return stories


def _show_caught(screen: Screen, fork: Fork, caught_ms: float) -> None:
    screen.line()
    after = f"after {caught_ms / 1000:.1f} s"
    screen.happens(f"{bad('caught')}  {after}: {GARAM.name} and {MINATO.name} compare what they know")
    rows = [
        (
            f"{signed.checkpoint.size} entries, ending in",
            faint(f"{signed.checkpoint.root.hex()[:16]}…"),
            "signed by Janus",
        )
        for signed in (fork.first, fork.second)
    ]
    screen.table(rows, INSET)


async def _found_two_versions(stage: Stage, circle: Circle, desks: Sequence[str]) -> dict[str, float]:
    """Wait until these desks have found two versions of Janus's log: by desk, when. Raises DidNotHappen."""
    event = TwoVersions(str(circle.by_slug[JANUS.slug].log))

    def found() -> dict[str, float]:
        return {s.desk: s.at_s for s in stage.watch.seen if s.event == event and s.desk in desks}

    await stage.watch.until(f"{len(desks)} desks to catch Janus", lambda: len(found()) == len(desks))
    return found()


async def _refused_now(circle: Circle, forger: "_Forger", story: Push) -> Refused:
    """That a third desk takes nothing of Janus's log any more. Raises DidNotHappen if it does."""
    answer = await forger.push(story, circle.by_slug[MERBAU.slug])
    if isinstance(answer, Refused) and answer.code == LogStopped.code:
        return answer
    raise DidNotHappen(f"Expected {MERBAU.name} to take nothing more of Janus's log, found {answer}.")


async def _evidence(stage: Stage, circle: Circle) -> tuple[bytes, Fork]:
    """The evidence against Janus as Garam's node hands it out, verified. Raises DidNotHappen without any."""
    listed = await asyncio.to_thread(stage.desks[GARAM.slug].api.evidence, circle.id)
    for one in listed.evidence:
        if one.member == JANUS.slug:
            evidence = bytes(one.evidence).rstrip(b"\n") + b"\n"
            return evidence, verify_fork(evidence, circle)
    raise DidNotHappen(f"Expected {GARAM.name}'s node to hand out evidence against Janus, found none.")


@dataclass(frozen=True, slots=True)
class _Forger:
    """Keys that are driven by hand."""

    keys: MemberKeys
    wire: Wire
    chance: Chance

    def log_of(self, records: Sequence[bytes]) -> Push:
        """A log of these records and nothing else, signed as it must be."""
        log = str(self.keys.log_name)
        salts = [self.chance.token(SALT_BYTES) for _ in records]
        entries = [entry_of(log, salt, record) for salt, record in zip(salts, records, strict=True)]
        root = Frontier.EMPTY.append([leaf_hash(entry) for entry in entries]).root()
        signed = sign_checkpoint(Checkpoint(log, len(entries), root), self.keys.log)
        chunk = Chunk.make(0, zip(entries, salts, records, strict=True))
        return Push(log, chunk, signed.note.encode(), (), ())

    async def push(self, push: Push, to: Member) -> Answer:
        """What the member's node answers. Raises Unreachable."""
        caller = Caller(self.keys, to, lambda: [to.endpoint], self.wire)
        return await caller.call(Path.PUSH, push.encode())
