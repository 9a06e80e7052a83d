"""Sections 10 and 12.1: signatures and nonces of requests, the calls that read, and HTTP."""

from tocsin.circles.evidence.forks import Fork
from tocsin.circles.wire.answers import Bodies, Checkpoints, Hashes, Pushed
from tocsin.circles.wire.messages import BodiesRequest, CheckpointsRequest, ProofRequest, Pull
from tocsin.circles.wire.protocol import Path, Request
from tocsin.circles.wire.requests import MAX_NONCES, NO_NONCE, sign_request
from tocsin.cli.conform.judging import Cases, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject, forged
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName
from tocsin.core.tlog.checkpoint import open_checkpoint
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import Frontier, leaf_hash, verify_consistency

CASES = Cases()
good, bad = CASES.good, CASES.bad
_ASK = CheckpointsRequest().encode()


def _pull(subject: Subject, player: Player, nonce: bytes) -> Request:
    """A pull of the member's own log, of which nothing was sent."""
    body = Pull(player.name, 0, 1).encode()
    return sign_request(player.keys.request, subject.name, Path.PULL, body, nonce)


async def _refused_unread(subject: Subject, request: Request, code: str) -> None:
    """That a request is refused whose signature did not verify, or could not: then no nonce comes back."""
    answer, nonce = await subject.send(request)
    expect(f"refused: {code}", answer)
    expect("no nonce", "a nonce" if nonce else "no nonce")


@bad("10.1")
async def nonce_once(subject: Subject) -> None:
    """A nonce counts once, and what it is refused with brings another."""
    player, _ = subject.callers
    nonce = await subject.new_nonce(player)
    request = _pull(subject, player, nonce)
    expect("size held 0", (await subject.send(request))[0])
    answer, fresh = await subject.send(request)
    expect("refused: stale-nonce", answer)
    again = _pull(subject, player, fresh)
    expect("size held 0", (await subject.send(again))[0])


@bad("10.1")
async def nonces_outstanding(subject: Subject) -> None:
    """Of more than 32 nonces, the oldest falls out."""
    player, _ = subject.callers
    nonces = [await subject.new_nonce(player) for _ in range(MAX_NONCES + 1)]
    oldest, newest = (_pull(subject, player, nonce) for nonce in (nonces[0], nonces[-1]))
    expect("size held 0", (await subject.send(newest))[0])
    expect("refused: stale-nonce", (await subject.send(oldest))[0])


@bad("10.1")
async def nonce_of_another(subject: Subject) -> None:
    """A nonce that was given to another member."""
    player, other = subject.callers
    nonce = await subject.new_nonce(other)
    request = _pull(subject, player, nonce)
    expect("refused: stale-nonce", (await subject.send(request))[0])


@bad("10.1")
async def changed_requests(subject: Subject) -> None:
    """Another path, body, nonce or signer than the one that was signed."""
    player, other = subject.callers
    request = sign_request(
        player.keys.request, subject.name, Path.CHECKPOINTS, _ASK, await subject.new_nonce(player)
    )
    for changed in (
        forged(request, path=Path.PULL),
        forged(request, body=Pull(player.name, 0, 1).encode()),
        forged(request, nonce=NO_NONCE),
        forged(request, signer=other.keys.request.verifying.name),
        forged(request, signature=bytes(64)),
        forged(request, signature=b""),
    ):
        await _refused_unread(subject, changed, "bad-request-signature")
    given(Checkpoints, (await subject.send(request))[0])


@bad("10.1")
async def strangers(subject: Subject) -> None:
    """A signer who is no member, another key of a member, and the receiver's own name."""
    player, _ = subject.callers
    log = player.keys.log_name
    stranger = LogName(log.domain, log.circle, "nobody", 1).request
    chance = player.chance
    for key in (
        SigningKey.generate(stranger, SignatureType.ED25519, chance),
        SigningKey.generate(player.keys.log.verifying.name, SignatureType.ED25519, chance),
        SigningKey.generate(subject.member.request_key.name, SignatureType.ED25519, chance),
    ):
        request = sign_request(key, subject.name, Path.CHECKPOINTS, _ASK, NO_NONCE)
        await _refused_unread(subject, request, "non-member")


@bad("10.1")
async def live_signer(subject: Subject) -> None:
    """A signer whose name is live, at a drill."""
    player, _ = subject.callers
    log = player.keys.log_name
    name = LogName(log.domain.removeprefix("drill."), log.circle, log.member, 1).request
    key = SigningKey.generate(name, SignatureType.ED25519, player.chance)
    request = sign_request(key, subject.name, Path.CHECKPOINTS, _ASK, NO_NONCE)
    await _refused_unread(subject, request, "live-at-drill")


@bad("10.1")
async def another_receiver(subject: Subject) -> None:
    """A request that was signed for another receiver."""
    player, other = subject.callers
    nonce = await subject.new_nonce(player)
    request = sign_request(player.keys.request, other.name, Path.CHECKPOINTS, _ASK, nonce)
    await _refused_unread(subject, request, "unknown-name")
    sent_on = forged(request, receiver=subject.name)
    await _refused_unread(subject, sent_on, "bad-request-signature")


@good("10.2")
async def pull(subject: Subject, player: Player) -> None:
    """A pull gives what is held, from whomever it came, and nothing beyond."""
    other, _ = subject.callers
    expect("held 5", await subject.push(player, player.say(4).push(0, 5)))
    push = given(Pushed, await subject.ask(other, Path.PULL, Pull(player.name, 2, 2).encode())).push
    expect(player.chunk(2, 4).data.hex(), push.chunk.data.hex())
    root = Frontier.EMPTY.append([leaf_hash(entry) for entry, _, _ in player.said[:4]]).root()
    signed = open_checkpoint(push.checkpoint, subject.circle.log_keys.get).checkpoint
    verify_consistency(4, root, signed.size, signed.root, push.consistency)
    expect("size held 5", await subject.ask(other, Path.PULL, Pull(player.name, 5, 10).encode()))


@good("10.2")
async def pull_own(subject: Subject) -> None:
    """A pull of its own log begins with the opening of its join file."""
    player, _ = subject.callers
    push = given(Pushed, await subject.ask(player, Path.PULL, Pull(subject.name, 0, 1).encode())).push
    ((_, entry, salt, record),) = push.chunk.items()
    expect(subject.member.opening.hex(), (record or b"").hex())
    expect(EntryHasher(subject.name).entry(salt, record or b"").hex(), entry.hex())
    signed = open_checkpoint(push.checkpoint, subject.circle.log_keys.get).checkpoint
    root = Frontier.EMPTY.append([leaf_hash(entry)]).root()
    verify_consistency(1, root, signed.size, signed.root, push.consistency)


@good("10.2")
async def bodies(subject: Subject, player: Player) -> None:
    """Bodies: those that are here, of those that are asked for."""
    push = player.say(4).push(0, 5, absent=(2,))
    expect("missing 2 of 5", await subject.push(player, push))
    found = given(
        Bodies, await subject.ask(player, Path.BODIES, BodiesRequest(player.name, (1, 2, 4, 9)).encode())
    )
    expect("bodies 1, 4", found)
    for body in found.bodies:
        expect(player.said[body.index][0].hex(), EntryHasher(player.name).entry(body.salt, body.record).hex())


@good("10.2")
async def proof(subject: Subject, player: Player) -> None:
    """A consistency proof between any two sizes up to the checkpoint held."""
    expect("held 9", await subject.push(player, player.say(8).push(0, 9)))
    for old, new in ((1, 9), (3, 7), (8, 9), (5, 5)):
        asked = ProofRequest(player.name, old, new).encode()
        found = given(Hashes, await subject.ask(player, Path.PROOF, asked))
        verify_consistency(old, player.root(old), new, player.root(new), found.hashes)


@bad("12.1")
async def two_versions(subject: Subject, player: Player) -> None:
    """Of a stopped log, the call for proofs gives the hashes that show its two versions."""
    expect("held 6", await subject.push(player, player.say(5).push(0, 6)))
    other = player.parting(2, 4)
    expect("refused: fork", await subject.push(player, other.push(0, 4)))
    found = given(Hashes, await subject.ask(player, Path.PROOF, ProofRequest(player.name, 4, 6).encode()))
    Fork(other.checkpoint(4), player.checkpoint(6), found.hashes)


@bad("10.2")
async def wrong_sizes(subject: Subject, player: Player) -> None:
    """A proof of sizes that are not held, or in the wrong order."""
    expect("held 3", await subject.push(player, player.say(2).push(0, 3)))
    for old, new in ((1, 4), (3, 2)):
        asked = ProofRequest(player.name, old, new).encode()
        expect("refused: wrong-size", await subject.ask(player, Path.PROOF, asked))


@bad("10.2")
async def unknown_logs(subject: Subject) -> None:
    """What is asked of logs that nobody here has."""
    player, _ = subject.callers
    log = player.keys.log_name
    for name, code in (
        (str(LogName(log.domain, log.circle, "nobody", 1)), "unknown-name"),
        (str(LogName(log.domain.removeprefix("drill."), log.circle, log.member, 1)), "live-at-drill"),
    ):
        for path, body in (
            (Path.PULL, Pull(name, 0, 1).encode()),
            (Path.BODIES, BodiesRequest(name, (0,)).encode()),
            (Path.PROOF, ProofRequest(name, 1, 2).encode()),
        ):
            expect(f"refused: {code}", await subject.ask(player, path, body))


@bad("10.2")
async def malformed(subject: Subject) -> None:
    """Messages that are cut off, or go on behind their end."""
    player, _ = subject.callers
    for path, body in (
        (Path.PULL, Pull(player.name, 0, 1).encode()),
        (Path.BODIES, BodiesRequest(player.name, (0,)).encode()),
        (Path.PROOF, ProofRequest(player.name, 1, 2).encode()),
        (Path.CHECKPOINTS, _ASK),
    ):
        for changed in (body[:-1], body + b"\0"):
            expect("refused: malformed-message", await subject.ask(player, path, changed))


@bad("10.2")
async def http(subject: Subject) -> None:
    """A path that is no call, a method that is not POST, a body without a stated length."""
    for head, headers, status, code in (
        ("POST /tocsin/v1/nothing HTTP/1.1", ("content-length: 0",), 404, b"unknown-path"),
        (f"GET {Path.PULL} HTTP/1.1", (), 404, b"unknown-path"),
        (f"POST {Path.PULL} HTTP/1.1", ("transfer-encoding: chunked",), 413, b"push-too-large"),
    ):
        found, body = await subject.raw(head, (*headers, "connection: close"))
        expect(
            f"{status} {code.decode()}", f"{found} {(code if code in body else body[:80]).decode('latin-1')}"
        )
