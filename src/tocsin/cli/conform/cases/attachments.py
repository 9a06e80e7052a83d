"""Section 20: content, given by its hash to those who may have a record that names it.

What is given has to be at the endpoint, and nothing comes there over the wire: whoever runs it has attached
the file that `conform prepare` made. The order of the checks shows rights without it: where a right ends, so
does `wrong-size`, which comes before the question whether the content is here.
"""

import hashlib

from tocsin.circles.wire.answers import Answer, Content, Pushed
from tocsin.circles.wire.messages import MAX_CONTENT_BYTES, ContentRequest, Pull
from tocsin.circles.wire.protocol import Path
from tocsin.cli.conform.judging import Cases, Differs, eventually, expect, given
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.subject import Subject
from tocsin.core.names import LogName
from tocsin.core.records import Attachment, Correction, Report, parse_record
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES
from tocsin.core.tlog.tree import MAX_SIZE

CASES = Cases()
good, bad = CASES.good, CASES.bad
_REFUSED = "refused: no-content"
_BEYOND = "refused: wrong-size"


def _described(content: bytes, *, size_bytes: int = 0, illegal: bool = False) -> Attachment:
    """What a record says of this content, or would if it had another size."""
    return Attachment(
        media_type="application/octet-stream",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=size_bytes or len(content),
        illegal=illegal,
    )


def _asked(log: str, index: int, sha256: str, first: int = 0, most: int = 100) -> bytes:
    return ContentRequest(log, index, bytes.fromhex(sha256), first, most).encode()


async def _named_by_it(subject: Subject) -> tuple[int, Attachment]:
    """Where a record of the endpoint's names the file, and what it says of it. Raises Differs."""
    wanted = _described(subject.content).sha256
    asked = Pull(subject.name, 0, MAX_CHUNK_ENTRIES).encode()
    chunk = given(Pushed, await subject.ask(subject.callers[0], Path.PULL, asked)).push.chunk
    for index, _, _, body in chunk.items():
        record = parse_record(body).record if body else None
        attachments = (record.attachments or ()) if isinstance(record, Report | Correction) else ()
        for one in attachments:
            if one.sha256 == wanted:
                return index, one
    raise Differs(f"a report of {subject.name} with the file attached", "none")


async def _by_it(subject: Subject, first: int = 0, most: int = 100) -> Answer:
    """The answer to a member that has its right from the endpoint's own report."""
    index, attachment = await _named_by_it(subject)
    asked = _asked(subject.name, index, attachment.sha256, first, most)
    return await subject.ask(subject.callers[0], Path.CONTENT, asked)


async def _by(subject: Subject, player: Player, index: int, attachment: Attachment, first: int = 0) -> Answer:
    """The answer to another member than the one that names it."""
    asked = _asked(player.name, index, attachment.sha256, first)
    return await subject.ask(subject.callers[0], Path.CONTENT, asked)


async def _expect_part(subject: Subject, answer: Answer, first: int, most: int = 100) -> None:
    part = given(Content, answer)
    expect(f"a part of {len(subject.content)} bytes", f"a part of {part.size_bytes} bytes")
    expect(subject.content[first : first + most].hex(), part.data.hex())


@good("20")
async def whole(subject: Subject) -> None:
    """What the endpoint's report names is given to another member, in parts of 1 MiB."""
    for first in range(0, len(subject.content), MAX_CONTENT_BYTES):
        answer = await _by_it(subject, first, MAX_CONTENT_BYTES)
        await _expect_part(subject, answer, first, MAX_CONTENT_BYTES)


@good("20")
async def resumed(subject: Subject) -> None:
    """Any part is given, from wherever one was broken off; at the end, what there is."""
    end = len(subject.content)
    for first, most in ((0, 1), (1, 100), (end // 2 + 7, 100), (end - 1, MAX_CONTENT_BYTES)):
        await _expect_part(subject, await _by_it(subject, first, most), first, most)


@bad("20")
async def beyond(subject: Subject) -> None:
    """A part from the end on, or beyond it."""
    for first in (len(subject.content), len(subject.content) + 1, MAX_SIZE - 1):
        expect(_BEYOND, await _by_it(subject, first))


@bad("20")
async def not_named(subject: Subject) -> None:
    """What is here, by a record that does not name it, or by none; and by the right record, another hash."""
    caller, _ = subject.callers
    index, attachment = await _named_by_it(subject)
    other = _described(b"named by nobody").sha256
    for at, sha256 in ((0, attachment.sha256), (MAX_SIZE - 1, attachment.sha256), (index, other)):
        asked = _asked(subject.name, at, sha256)
        expect(_REFUSED, await subject.ask(caller, Path.CONTENT, asked))


@bad("20")
async def by_a_record(subject: Subject, player: Player) -> None:
    """Another member's record gives a right to what is here; one's own gives none, whatever one knows."""
    _, attachment = await _named_by_it(subject)
    expect("held 2", await subject.push(player, player.report(attachment).push(0, 2)))
    await _expect_part(subject, await _by(subject, player, 1, attachment), 0)
    own = _asked(player.name, 1, attachment.sha256)
    expect(_REFUSED, await subject.ask(player, Path.CONTENT, own))


@bad("20")
async def not_here(subject: Subject, player: Player) -> None:
    """What a record names and nobody brought here, or that the charter has no room for, or is illegal."""
    most = subject.circle.charter.limits.most_attachment_bytes
    right, large, illegal = (
        _described(player.chance.token(8)),
        _described(player.chance.token(8), size_bytes=most + 1),
        _described(player.chance.token(8), illegal=True),
    )
    player.report(right).report(large).report(illegal)
    expect("held 4", await subject.push(player, player.push(0, 4)))
    expect(_REFUSED, await _by(subject, player, 1, right))
    expect(_BEYOND, await _by(subject, player, 1, right, right.size_bytes))
    expect(_REFUSED, await _by(subject, player, 2, large, large.size_bytes))
    expect(_REFUSED, await _by(subject, player, 3, illegal, illegal.size_bytes))


@bad("20")
async def erased(subject: Subject, player: Player) -> None:
    """A record that was erased gives no right any more."""
    attachment = _described(player.chance.token(8))

    async def asked() -> Answer:
        return await _by(subject, player, 1, attachment, attachment.size_bytes)

    expect("held 2", await subject.push(player, player.report(attachment).push(0, 2)))
    expect(_BEYOND, await asked())
    expect("held 3", await subject.push(player, player.erase(1).push(2, 3)))
    await eventually(_REFUSED, asked)


@bad("20")
async def unknown_logs(subject: Subject) -> None:
    """By a record of a log that nobody here has."""
    player, _ = subject.callers
    log = player.keys.log_name
    sha256 = _described(subject.content).sha256
    for name, code in (
        (LogName(log.domain, log.circle, "nobody", 1), "unknown-name"),
        (LogName(log.domain.removeprefix("drill."), log.circle, log.member, 1), "live-at-drill"),
    ):
        answer = await subject.ask(player, Path.CONTENT, _asked(str(name), 1, sha256))
        expect(f"refused: {code}", answer)


@bad("20")
async def malformed(subject: Subject) -> None:
    """A request that is cut off or goes on behind its end, or that asks for nothing or for over 1 MiB."""
    player, _ = subject.callers
    body = _asked(subject.name, 1, _described(subject.content).sha256)
    sizes = (0, MAX_CONTENT_BYTES + 1, 2**32 - 1)
    for changed in (body[:-1], body + b"\0", *(body[:-4] + size.to_bytes(4) for size in sizes)):
        expect("refused: malformed-message", await subject.ask(player, Path.CONTENT, changed))


@bad("20")
async def named_as_illegal(subject: Subject, player: Player) -> None:
    """What any record names as illegal is given to nobody; when that record is erased, it is as before."""

    async def asked() -> object:
        answer = await _by_it(subject)
        return "given" if isinstance(answer, Content) else answer

    player.report(_described(subject.content, illegal=True))
    await eventually("given", asked)
    expect("held 2", await subject.push(player, player.push(0, 2)))
    await eventually(_REFUSED, asked)
    expect("held 3", await subject.push(player, player.erase(1).push(2, 3)))
    await eventually("given", asked)
