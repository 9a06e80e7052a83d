"""A line across changes of its circle: events, ended logs, epochs of one's own, who is spoken to."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.circles.lines import LATER, Desk, Lines, Puppet, codes, holds_all
from tests.circles.party import AT_MS, Seeded, note_bytes
from tests.simulation.clock import SeededChance
from tests.simulation.hostile import History

from tocsin.circles.changing.amendment import sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.fold import event_id
from tocsin.circles.changing.leaving import make_leaving
from tocsin.circles.errors import NonMember, WritesHalted
from tocsin.circles.events import CircleChanged, SetAside, Unentitled, Voided
from tocsin.circles.founding.charter import CharterMember
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.wire.answers import (
    Answer,
    Bodies,
    Checkpoints,
    Events,
    Held,
    Later,
    Missing,
    Pushed,
    Refused,
    SizeHeld,
    decode_answer,
    encode_answer,
    status_of,
)
from tocsin.circles.wire.messages import BodiesRequest, EventsRequest, Pull, Push
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.circles.wire.requests import Nonces, sign_request
from tocsin.core.errors import BadSignature
from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.names import LogName, organisation_name
from tocsin.core.note import sign_note
from tocsin.core.records import Endpoint, Previous, Reason
from tocsin.core.tlog.checkpoint import Checkpoint

UNKNOWN_PATH: Answer = Refused("unknown-path", 0, "There is no such call.")


def log_of(lines: Lines, slug: str, epoch: int) -> LogName:
    """A member's log in an epoch."""
    return LogName(lines.circle.domain, lines.circle.id, slug, epoch)


def keys_of(lines: Lines, slug: str, epoch: int, seed: int = 1) -> MemberKeys:
    """The keys of an epoch."""
    return MemberKeys.generate(log_of(lines, slug, epoch), Seeded(f"{slug} {epoch} {seed}"))


def opening(
    lines: Lines, slug: str, size: int, root: bytes, *, reason: Reason = "scheduled", seed: int = 1
) -> bytes:
    """The opening of epoch 2; epoch 1 ended at that size and root."""
    return make_opening(
        keys_of(lines, slug, 2, seed),
        lines.party.organisations[slug],
        lines.circle.by_slug[slug].endpoint,
        at_ms=AT_MS,
        tlp="TLP:GREEN",
        previous=Previous(root=encode_base64(root), size=size),
        reason=reason,
    )


def ended(lines: Lines, puppet: Puppet, size: int, reason: Reason = "scheduled") -> bytes:
    """The opening of the puppet's epoch 2; what it wrote ended at that size."""
    return opening(lines, puppet.slug, size, puppet.history.checkpoint(size).checkpoint.root, reason=reason)


def tell(puppet: Puppet, to: str, *events: bytes, known: tuple[bytes, ...] = ()) -> Answer:
    """Bring events to a desk."""
    return puppet.call(to, Path.EVENTS, EventsRequest(tuple(sorted(known)), events).encode())


def relay(puppet: Puppet, to: str, push: Push, note: bytes) -> Answer:
    """Push another's log, under this checkpoint."""
    return puppet.push(to, replace(push, checkpoint=note))


def grown(puppet: Puppet, records: int) -> Puppet:
    """The puppet, when it has written so many records more."""
    puppet.history.write(*(puppet.note(f"No. {puppet.history.size + n}") for n in range(records)))
    return puppet


def end_note(history: History, size: int, key: SigningKey) -> bytes:
    """The end of a log as a checkpoint, stated by somebody else."""
    root = history.checkpoint(size).checkpoint.root
    return sign_note(Checkpoint(history.log, size, root).text(), key).encode()


# --- the call `events` ---


def test_new_keys_make_themselves_known(lines: Lines) -> None:
    """A request by keys that nobody knows is answered if the events that it brings name them."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.push("ash", birch.history.push())
    event, new = ended(lines, birch, 1), keys_of(lines, "birch", 2)
    birch.keys = new
    assert codes([birch.push("ash", birch.history.push())]) == ["non-member"]
    assert tell(birch, "ash", event) == Events(())
    assert ash.line.circle.by_slug["birch"].log.epoch == 2
    assert ash.line.events == (event,)
    history = History(str(new.log_name), new.log, SeededChance(4, "birch"))
    history.write(event)
    assert isinstance(birch.push("ash", history.push()), Held)


def test_events_that_the_caller_lacks_are_answered(lines: Lines) -> None:
    """What the receiver has and the caller does not name comes back, and nothing else."""
    lines.start("ash")
    birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
    event = ended(lines, birch, 1)
    tell(cedar, "ash", event)
    assert tell(cedar, "ash") == Events((event,))
    assert tell(cedar, "ash", known=(event_id(event),)) == Events(())


def test_events_are_adopted_whoever_brings_them(lines: Lines) -> None:
    """A stranger brings a true event: it is taken, and the stranger is refused all the same."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    stranger = MemberKeys.generate(log_of(lines, "birch", 7), Seeded("stranger"))
    body = EventsRequest((), (ended(lines, birch, 1),)).encode()
    request = sign_request(stranger.request, lines.log("ash"), Path.EVENTS, body, bytes(16))
    assert codes([decode_answer(birch.send("ash", request).body)]) == ["non-member"]
    assert ash.line.circle.by_slug["birch"].log.epoch == 2


def test_events_that_may_not_be_kept_keep_no_others_out(lines: Lines) -> None:
    """Noise, and an opening signed by another organisation, are passed over; what is true is taken."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    false = opening(lines, "birch", 9, bytes(32), seed=2).replace(b"birch", b"cedar")
    assert tell(birch, "ash", b"noise", false, ended(lines, birch, 1)) is not None
    assert len(ash.line.events) == 1
    with pytest.raises(BadSignature):
        lines.run(ash.line.take([opening_by_another(lines)]))


def opening_by_another(lines: Lines) -> bytes:
    """An opening of birch's that cedar's organisation signed under birch's name."""
    key = SigningKey.generate(
        lines.party.organisations["birch"].verifying.name, SignatureType.ED25519, Seeded("thief")
    )
    return make_opening(
        keys_of(lines, "birch", 2, 3),
        key,
        lines.circle.by_slug["birch"].endpoint,
        at_ms=AT_MS,
        tlp="TLP:GREEN",
        previous=Previous(root=encode_base64(bytes(32)), size=1),
        reason="scheduled",
    )


@pytest.mark.parametrize("path", [Path.EVENTS, Path.CHECKPOINTS])
def test_only_events_may_be_brought_to_an_ended_log(lines: Lines, path: Path) -> None:
    """A caller that knows an old epoch of the receiver alone can learn of the new one."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    rotate(lines, ash)
    body = EventsRequest((), ()).encode() if path is Path.EVENTS else b"\x01\x01"
    answer = birch.call("ash", path, body)
    expected = "Events" if path is Path.EVENTS else "unknown-name"
    assert codes([answer]) == [expected]


def rotate(lines: Lines, desk: Desk) -> bytes:
    """Begin epoch 2 of a desk's log."""
    head = desk.line.own.checkpoint
    assert head is not None
    event = opening(lines, desk.slug, head.checkpoint.size, head.checkpoint.root)
    desk.keys[log_of(lines, desk.slug, 2)] = keys_of(lines, desk.slug, 2)
    lines.run(desk.line.take([event]))
    lines.run_for(3)
    return event


def test_a_change_is_told_to_every_member_until_it_answers(lines: Lines) -> None:
    """The event is brought again to a member that does not answer, and no more to one that did."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    silent = True
    birch.says = lambda _: LATER if silent else Events(())
    cedar.says = lambda _: Events(())
    event = rotate(lines, ash)
    birch.asked.clear()
    cedar.asked.clear()
    lines.run_for(20)
    assert any(event in asked.events for asked in events_asked(birch))
    silent = False
    lines.run_for(40)
    birch.asked.clear()
    lines.run_for(300)
    assert not any(event in asked.events for asked in events_asked(birch))
    assert not any(event in asked.events for asked in events_asked(cedar))
    assert 2 <= len(events_asked(birch)) <= 5


def events_asked(puppet: Puppet) -> list[EventsRequest]:
    """The calls `events` that a puppet got."""
    return [EventsRequest.decode(asked.body) for asked in puppet.asked if asked.path == Path.EVENTS]


def test_a_member_of_version_0_1_0_is_left_alone(lines: Lines) -> None:
    """One that does not know the call is not asked again, and gets all that it knows as before."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    holds = holds_all(birch)
    birch.says = lambda request: UNKNOWN_PATH if request.path == Path.EVENTS else holds(request)
    lines.run_for(200)
    assert len(events_asked(birch)) == 1
    ash.write()
    assert ash.line.own.held["birch"].size == ash.line.own.size


def test_a_refusal_as_strangers_has_events_told(lines: Lines) -> None:
    """Whoever answers `non-member` or `unknown-name` is told at once what it may not know."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    birch.says = lambda request: Events(()) if request.path == Path.EVENTS else LATER
    rotate(lines, ash)
    birch.asked.clear()
    birch.says = lambda request: (
        Events(()) if request.path == Path.EVENTS else Refused("unknown-name", 0, "Who?")
    )
    ash.write()
    lines.run_for(10)
    assert any(asked.events for asked in events_asked(birch))


# --- ended logs ---


def test_beyond_an_exact_end_nothing_is_accepted(lines: Lines) -> None:
    """A checkpoint beyond the end, or beside it, is `epoch-ended`, and one is kept as evidence."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    tell(cedar, "ash", ended(lines, birch, 4))
    beyond = birch.history.checkpoint(6).note.encode()
    beside = birch.history.sign(4, bytes(32)).note.encode()
    answers = [relay(cedar, "ash", birch.history.push(0, 4), note) for note in (beyond, beside)]
    assert codes(answers) == ["epoch-ended"] * 2
    assert ash.line.void_evidence(birch.log) == beyond
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert followed.size == 0


def test_an_end_proves_entries_without_the_log_s_signature(lines: Lines) -> None:
    """The organisation signed the end: a relayed log up to there needs no checkpoint of its own key."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    tell(cedar, "ash", ended(lines, birch, 4))
    note = end_note(birch.history, 4, cedar.keys.request)
    push = birch.history.push(0, 4, 4)
    assert isinstance(cedar.push("ash", replace(push, checkpoint=note)), Held)
    pulled = cedar.call("ash", Path.PULL, Pull(birch.log, 0, 10).encode())
    assert isinstance(pulled, Pushed)
    assert pulled.push.chunk.end == 4
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert followed.complete


def test_before_the_end_the_log_s_own_checkpoints_count_too(lines: Lines) -> None:
    """Of a log of which nobody holds all, what its key signed below the end is taken as before."""
    lines.start("ash")
    birch, cedar = grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    tell(cedar, "ash", ended(lines, birch, 6))
    assert isinstance(cedar.push("ash", birch.history.push(0, 3, 3)), Held)


def test_what_is_held_beyond_the_end_becomes_void(lines: Lines) -> None:
    """It stays, it is told, it counts for nothing, and nobody gets it any more."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    birch.push("ash", birch.history.push())
    tell(cedar, "ash", ended(lines, birch, 4, "compromised"))
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert (followed.size, followed.voided) == (4, range(4, 6))
    assert ash.heard(Voided) == [Voided(birch.log, 4, 6)]
    assert ash.line.void_evidence(birch.log) == birch.history.checkpoint(6).note.encode()
    assert cedar.call("ash", Path.PULL, Pull(birch.log, 4, 10).encode()) == SizeHeld(4)
    bodies = cedar.call("ash", Path.BODIES, BodiesRequest(birch.log, (3, 4)).encode())
    assert isinstance(bodies, Bodies)
    assert [body.index for body in bodies.bodies] == [3]
    assert ash.store.record(birch.log, 5)[2] is not None


def test_a_lost_log_may_have_a_longer_tail(lines: Lines) -> None:
    """Beyond the least that an opening states, what continues it is taken; what does not is refused."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    other = birch.history.branch(3)
    other.write(*(birch.note(f"Other {n}") for n in range(3)))
    tell(cedar, "ash", ended(lines, birch, 4, "lost"))
    cedar.push("ash", birch.history.push(0, 6, 6))
    assert isinstance(cedar.push("ash", birch.history.push(4, 6, 6)), Held)
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert (followed.size, followed.voided, followed.complete) == (6, None, False)
    assert codes([cedar.push("ash", other.push(0, 6, 6))]) == ["fork"]


def pulls_from(history: History, end: int, key: SigningKey) -> Callable[[Request], Answer]:
    """A member that holds a log up to its end, and gives it for the asking."""

    def says(request: Request) -> Answer:
        if request.path != Path.PULL:
            return Events(()) if request.path == Path.EVENTS else LATER
        pull = Pull.decode(request.body)
        if pull.log != history.log or pull.first >= end:
            return SizeHeld(end)
        upto = min(end, pull.first + pull.most_entries)
        push = history.push(pull.first, upto, end)
        return Pushed(replace(push, checkpoint=end_note(history, end, key)))

    return says


def test_another_version_than_the_true_one_is_set_aside(lines: Lines) -> None:
    """The held branch is kept under a name of its own, the true log taken, and never confirmed again."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    true = birch.history.branch(3)
    true.write(*(birch.note(f"True {n}") for n in range(5)))
    assert isinstance(birch.push("ash", birch.history.push()), Held)
    cedar.says = pulls_from(true, 8, cedar.keys.request)
    tell(cedar, "ash", opening(lines, "birch", 8, true.checkpoint(8).checkpoint.root, reason="compromised"))
    lines.run_for(20)
    assert ash.heard(SetAside) == [SetAside(birch.log, f"{birch.log}/aside/1", 3)]
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert followed.complete
    aside = ash.store.head(f"{birch.log}/aside/1")
    assert aside is not None
    assert aside.size == 6
    assert [ash.store.record(f"{birch.log}/aside/1", index)[2] is None for index in (2, 3)] == [True, False]
    push = replace(true.push(0, 8, 8), checkpoint=end_note(true, 8, cedar.keys.request))
    assert cedar.push("ash", push) == SizeHeld(8)
    ash.restart()
    assert cedar.push("ash", push) == SizeHeld(8)


def test_a_member_that_lies_has_nothing_set_aside(lines: Lines) -> None:
    """Who shows entries that do not lead to the end shows nothing."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 5), lines.puppet("cedar")
    false = birch.history.branch(2)
    false.write(*(birch.note(f"False {n}") for n in range(6)))
    birch.push("ash", birch.history.push())
    grown(birch, 2)
    cedar.says = pulls_from(false, 8, cedar.keys.request)
    birch.says = cedar.says
    tell(cedar, "ash", ended(lines, birch, 8, "compromised"))
    lines.run_for(30)
    assert ash.heard(SetAside) == []
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert followed.size == 6


def test_a_fork_is_resolved_by_the_next_epoch(lines: Lines) -> None:
    """A log stopped for two versions goes on to its end, once the organisation says which one is true."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 3), lines.puppet("cedar")
    other = birch.history.branch(2)
    other.write(birch.note("Other"), birch.note("Another"))
    birch.push("ash", birch.history.push())
    assert codes([birch.push("ash", other.push())]) == ["fork"]
    grown(birch, 2)
    cedar.says = pulls_from(birch.history, 6, cedar.keys.request)
    tell(cedar, "ash", ended(lines, birch, 6, "fork"))
    lines.run_for(20)
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert (followed.complete, followed.stopped) == (True, False)
    assert ash.store.evidence(f"{birch.log}/aside/1") is not None


def test_a_fork_of_which_nothing_is_held_is_resolved_too(lines: Lines) -> None:
    """A node on a new disk hears of two versions before it holds any, and gets the true one all the same."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 3), lines.puppet("cedar")
    other = birch.history.branch(2)
    other.write(birch.note("Other"), birch.note("Another"))
    cedar.tell("ash", birch.history.checkpoint().note.encode())
    assert codes([cedar.push("ash", replace(other.push(0, 0), checkpoint=other.push().checkpoint))]) == [
        "fork"
    ]
    cedar.says = pulls_from(birch.history, 4, cedar.keys.request)
    tell(cedar, "ash", ended(lines, birch, 4, "fork"))
    lines.run_for(20)
    followed = ash.line.following.log(birch.log)
    assert followed is not None
    assert followed.complete


def test_of_a_disputed_member_nothing_more_is_accepted(lines: Lines) -> None:
    """Two openings of one epoch: its log is as good as stopped until an amendment settles it."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 3), lines.puppet("cedar")
    root = birch.history.checkpoint(4).checkpoint.root
    tell(cedar, "ash", *(opening(lines, "birch", 4, root, seed=seed) for seed in (1, 2)))
    assert ash.line.circle.by_slug["birch"].disputed
    assert codes([cedar.push("ash", birch.history.push())]) == ["log-stopped"]
    assert codes([birch.push("ash", birch.history.push())]) == ["non-member"]


# --- one's own epochs ---


def test_writing_goes_on_in_the_new_epoch(lines: Lines) -> None:
    """The old log ends where the opening says, the new one begins with it, and the node says so."""
    ash, birch = lines.start("ash"), lines.start("birch")
    ash.write()
    event, old = rotate(lines, ash), ash.log
    ash.write(note_bytes(ash.line.own.member.log, "In the new one."))
    assert ash.line.own.name == str(log_of(lines, "ash", 2))
    assert ash.store.record(ash.line.own.name, 0)[2] == event
    assert ash.heard(CircleChanged)[-1] == CircleChanged(1, 2)
    lines.run_for(5)
    followed = birch.line.following.log(old)
    assert followed is not None
    assert followed.complete
    assert ash.line.own.held["birch"].size == ash.line.own.size


def test_without_the_keys_of_the_newest_epoch_nothing_is_written(lines: Lines) -> None:
    """The node says which keys are missing and what to do, and holds nothing back of what it has."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    head = ash.line.own.checkpoint
    assert head is not None
    lines.run(ash.line.take([opening(lines, "ash", head.checkpoint.size, head.checkpoint.root)]))
    lines.run_for(3)
    with pytest.raises(WritesHalted, match="keys of epoch 2 are not here"):
        lines.run(ash.line.write([note_bytes(lines.party.log("ash"), "?")]))
    request = sign_request(
        birch.keys.request, str(log_of(lines, "ash", 2)), Path.PULL, Pull(ash.log, 0, 9).encode(), bytes(16)
    )
    reply = birch.send("ash", request)
    again = replace(request, nonce=reply.nonce)
    signed = sign_request(birch.keys.request, again.receiver, Path.PULL, again.body, reply.nonce)
    assert isinstance(decode_answer(birch.send("ash", signed).body), Pushed | SizeHeld)


def test_a_pause_is_durable_until_it_ends(lines: Lines) -> None:
    """Between a draft that states the end and its adoption nothing is written, also after a new start."""
    ash = lines.start("ash")
    lines.run(ash.line.pause_writing("A new epoch was drafted."))
    ash.restart()
    with pytest.raises(WritesHalted, match="drafted"):
        lines.run(ash.line.write([note_bytes(lines.party.log("ash"), "?")]))
    lines.run(ash.line.go_on_writing())
    ash.write()


def test_what_was_lost_is_never_written_again_and_never_contradicted(lines: Lines) -> None:
    """After a loss the holder signs only what continues its promise, also after a new start."""
    ash, birch = lines.start("ash"), grown(lines.puppet("birch"), 5)
    root = birch.history.checkpoint(4).checkpoint.root
    lines.run(ash.line.lose("The marker does not fit.", {birch.log: (4, root)}))
    assert birch.push("ash", birch.history.push(0, 3, 3)) == SizeHeld(3)
    ash.restart()
    assert ash.line.own.halted is not None
    assert isinstance(birch.push("ash", birch.history.push(3, 6, 6)), Held)
    other = grown(lines.puppet("cedar"), 5)
    lines.run(ash.line.lose("The marker does not fit.", None))
    assert other.push("ash", other.history.push()) == SizeHeld(6)


def test_who_lost_records_still_tells_what_it_knows_of_others(lines: Lines) -> None:
    """It pushes nothing of its own log, which it is getting back, and passes on what it hears."""
    ash, birch, cedar = lines.start("ash"), lines.puppet("birch"), lines.puppet("cedar")
    lines.run(ash.line.lose("The marker does not fit.", {}))
    cedar.says = lambda request: SizeHeld(7) if request.path == Path.PUSH else LATER
    birch.push("ash", birch.history.push())
    lines.run_for(5)
    pushed = [push for push in cedar.pushed() if push.newest]
    assert birch.history.checkpoint().note.encode() in pushed[-1].newest
    assert pushed[-1].checkpoint == b""
    assert ash.line.senders["cedar"].trouble is None


def test_a_disputed_log_is_witnessed_no_more(lines: Lines) -> None:
    """Nothing more is accepted of it, so that nobody says that it grew."""
    ash, birch, cedar = lines.start("ash"), grown(lines.puppet("birch"), 3), lines.puppet("cedar")
    asking = b"old 0\n\n" + birch.history.checkpoint().note.encode()
    root = birch.history.checkpoint(4).checkpoint.root
    tell(cedar, "ash", *(opening(lines, "birch", 4, root, seed=seed) for seed in (1, 2)))
    assert lines.run(ash.line.add_checkpoint(asking)).status == 404


def test_who_lost_records_witnesses_nothing(lines: Lines) -> None:
    """What its witness key said went with them: it might say now that another version only grew."""
    ash, birch = lines.start("ash"), grown(lines.puppet("birch"), 3)
    lines.run(ash.line.lose("The marker does not fit.", {}))
    asking = b"old 0\n\n" + birch.history.checkpoint().note.encode()
    for _ in range(2):
        assert lines.run(ash.line.add_checkpoint(asking)).status == 503
        ash.restart()


def test_an_ended_log_is_witnessed_no_more(lines: Lines) -> None:
    """It grows no more, so that nobody says that it did."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    tell(birch, "ash", ended(lines, birch, 1))
    body = b"old 0\n\n" + birch.history.checkpoint().note.encode()
    assert lines.run(ash.line.add_checkpoint(body)).status == 404


# --- who is spoken to ---


def test_a_suspended_member_is_neither_called_nor_answered(lines: Lines) -> None:
    """But for a refusal that says so; it is durable, and ends when one wants."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    lines.run(ash.line.suspend("birch", "Its building burns."))
    ash.restart()
    birch.asked.clear()
    ash.write()
    lines.run_for(130)
    assert birch.asked == []
    answers = [birch.push("ash", birch.history.push()), tell(birch, "ash")]
    assert codes(answers) == ["suspended"] * 2
    assert isinstance(answers[0], Refused)
    assert "Its building burns." in answers[0].explanation
    assert [status.suspended for status in ash.line.status().members] == ["Its building burns.", None]
    lines.run(ash.line.resume("birch"))
    assert isinstance(birch.push("ash", birch.history.push()), Held)
    with pytest.raises(NonMember):
        lines.run(ash.line.suspend("ash", "?"))


def test_who_left_is_asked_nothing_and_gets_nothing(lines: Lines) -> None:
    """Its log ends where it said, its requests are a stranger's, and it hears nothing more."""
    ash, birch = lines.start("ash"), grown(lines.puppet("birch"), 2)
    birch.push("ash", birch.history.push())
    root = birch.history.checkpoint(3).checkpoint.root
    event = make_leaving(
        log_of(lines, "birch", 1), 3, root, lines.party.organisations["birch"], at_ms=AT_MS, tlp="TLP:GREEN"
    )
    assert codes([tell(birch, "ash", event)]) == ["non-member"]
    lines.run_for(1)
    birch.asked.clear()
    ash.write()
    lines.run_for(130)
    assert birch.asked == []
    assert codes([birch.call("ash", Path.PULL, Pull(ash.log, 0, 9).encode())]) == ["non-member"]
    assert [status.member.slug for status in ash.line.status().members] == ["cedar"]


def joined(lines: Lines, *cuts: Checkpoint) -> tuple[bytes, bytes, MemberKeys]:
    """An amendment by which elm joins, when so much was written; its opening and keys."""
    circle, name = lines.circle, organisation_name(lines.circle.domain, "elm")
    key = SigningKey.generate(name, SignatureType.ED25519, Seeded("elm"))
    elm = CharterMember(
        slug="elm",
        label="Elm",
        economy="NZ",
        organisation_key=key.verifying.encode(),
        observer=True,
        sponsors=("ash",),
    )
    text = draft_amendment(circle, cuts, members=[*circle.charter.members, elm])
    keys = [*lines.party.organisations.values(), key]
    amendment = sealed_amendment(text, [sign_amendment(text, one) for one in keys], circle.chain).encode()
    online = keys_of(lines, "elm", 1)
    endpoint = Endpoint(tls_spki_sha256="cd" * 32, url="https://elm.example:8443")
    return amendment, make_opening(online, key, endpoint, at_ms=AT_MS, tlp="TLP:GREEN"), online


def test_who_joins_gets_records_from_its_cuts_on(lines: Lines) -> None:
    """Below them, entries come without records: by push, by pull, and when records are asked for."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    for number in range(4):
        ash.write(note_bytes(ash.line.own.member.log, f"No. {number}"))
    head = ash.line.own.checkpoint
    assert head is not None
    size = head.checkpoint.size
    amendment, first, keys = joined(lines, head.checkpoint)
    tell(birch, "ash", amendment, first)
    ash.write(note_bytes(ash.line.own.member.log, "After the cut."))
    caller = replace_keys(birch, keys)
    chunk = caller.call("ash", Path.PULL, Pull(ash.log, 0, 99).encode())
    assert isinstance(chunk, Pushed)
    assert chunk.push.chunk.absent() == list(range(size))
    bodies = caller.call("ash", Path.BODIES, BodiesRequest(ash.log, (size - 1, size)).encode())
    assert isinstance(bodies, Bodies)
    assert [body.index for body in bodies.bodies] == [size]


def test_who_joins_gets_no_urgent_record_from_below_its_cuts(lines: Lines) -> None:
    """Neither by push nor ahead of others, however late its author hears that it lies below the cut."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    amendment, first, _ = joined(lines, Checkpoint(ash.log, 5, bytes(32)))
    tell(birch, "ash", amendment, first)
    asked, nonces = list[Request](), Nonces(Seeded("elm"))

    async def answer(request: Request) -> Reply:
        asked.append(request)
        said = Refused("stale-nonce", 0, "Because.") if request.path == Path.NONCE else Later(500)
        return Reply(status_of(said), encode_answer(said), nonces.give(request.signer))

    lines.outlet("elm").listen(answer)
    for number in range(6):
        ash.write(note_bytes(ash.line.own.member.log, f"Urgent {number}!"), urgent=True)
    lines.run_for(10)
    assert {request.path for request in asked} >= {Path.PUSH, Path.AHEAD}
    assert not any(b"Urgent 0!" in request.body or b"Urgent 3!" in request.body for request in asked)
    assert any(b"Urgent 4!" in request.body for request in asked if request.path == Path.AHEAD)


def replace_keys(puppet: Puppet, keys: MemberKeys) -> Puppet:
    """The puppet, which speaks for another member now."""
    puppet.keys = keys
    return puppet


def test_what_lies_below_one_s_cuts_is_not_missing(lines: Lines) -> None:
    """A node that joined holds, and confirms, logs whose first records it will never have."""
    birch = grown(lines.puppet("birch"), 5)
    amendment, first, keys = joined(lines, birch.history.checkpoint(4).checkpoint)
    elm = lines.join(keys, amendment, first)
    push = birch.history.push(0, 5, 5)
    assert isinstance(birch.push("elm", without(push, *range(4))), Held)
    assert birch.push("elm", without(birch.history.push(5, 6, 6), 5)) == Missing(6, (5,))
    assert elm.store.missing(birch.log, 9) == [5]


def test_what_others_send_from_below_one_s_cuts_is_not_kept(lines: Lines) -> None:
    """A node that joined has no record from before, also if somebody sends it one, at once or ahead."""
    birch = grown(lines.puppet("birch"), 6)
    amendment, first, keys = joined(lines, birch.history.checkpoint(4).checkpoint)
    elm = lines.join(keys, amendment, first)
    assert birch.ahead("elm", birch.history.ahead(3, 0)) == SizeHeld(0)
    assert isinstance(birch.push("elm", birch.history.push(0, 5, 5)), Held)
    assert elm.store.chunk(birch.log, 0, 5, 2**20).absent() == [0, 1, 2, 3]
    assert elm.store.aheads(birch.log) == []
    assert elm.heard(Unentitled) == [Unentitled("birch", birch.log, (0, 1, 2, 3))]


def without(push: Push, *indices: int) -> Push:
    """The push without these records."""
    return replace(push, chunk=push.chunk.without(frozenset(indices)))


def test_what_lies_beyond_an_exact_end_is_not_waited_for(lines: Lines) -> None:
    """A thief's checkpoint was known when the others were asked: what is void keeps no record back."""
    birch, cedar = grown(lines.puppet("birch"), 7), lines.puppet("cedar")
    known = Checkpoints((birch.history.checkpoint().note.encode(),))
    cedar.says = lambda request: known if request.path == Path.CHECKPOINTS else LATER
    ash = lines.start("ash")
    lines.run_for(3)
    birch.push("ash", birch.history.push(0, 6, 6))
    assert not ash.line.may_leave(birch.log)
    tell(cedar, "ash", ended(lines, birch, 6, "compromised"))
    lines.run_for(1)
    assert ash.line.may_leave(birch.log)
