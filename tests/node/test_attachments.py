"""Attachments at nodes: files by their hashes, which come on demand and go with their records."""

import asyncio
import hashlib
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.circles.lines import Lines
from tests.circles.test_attaching import ash_reports, attachment, report, serving
from tests.node.conftest import Run
from tests.node.nodes import Founded, found, until
from tests.simulation.clock import VirtualClock

from tocsin.circles.errors import AttachmentTooLarge, IllegalContent, NotFetched
from tocsin.circles.founding.charter import Limits
from tocsin.circles.wire.answers import Answer
from tocsin.circles.wire.protocol import Path as CallPath
from tocsin.circles.wire.protocol import Reply, Request
from tocsin.core.keys import encode_base64
from tocsin.core.records import (
    Attachment,
    Correction,
    Erasure,
    Hold,
    Place,
    Record,
    Ref,
    Target,
    encode_record,
)
from tocsin.core.records.errors import MalformedRecord
from tocsin.log.store import StorageFull
from tocsin.node.attachments.attachments import Attachments
from tocsin.node.attachments.kept import Kept
from tocsin.node.node import Node

CONTENT = bytes(range(256)) * 9_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
DAY_MS = 24 * 3_600_000


class Hands:
    """A clock that stands still until a test moves it."""

    at_ms = 0

    def wall_ms(self) -> int:
        """Where it stands."""
        return self.at_ms

    def monotonic_s(self) -> float:
        """The same."""
        return self.at_ms / 1000

    async def sleep(self, seconds: float) -> None:
        """Not at all."""


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """An empty folder of attachments."""
    return Kept(tmp_path / "attachments" / "0", lambda: True)


def hash_of(data: bytes) -> str:
    """Its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def test_only_the_owner_may_read_and_nobody_run(kept: Kept) -> None:
    """A file has the mode 0600 and its folder 0700, whether it was attached or fetched."""
    attached = kept.path(kept.put(b"attached"))
    part = kept.partly(hash_of(b"fetched"))
    part.add(b"fet")
    part.add(b"ched")
    assert part.complete()
    fetched = kept.path(hash_of(b"fetched"))

    assert attached
    assert fetched
    assert [path.stat().st_mode & 0o777 for path in (attached, fetched, fetched.parent)] == [
        0o600,
        0o600,
        0o700,
    ]


def test_what_does_not_fit_its_hash_is_not_here(kept: Kept) -> None:
    """A part, and a whole that is another, are not here; of the wrong one nothing is left."""
    part = kept.partly(SHA256)
    part.add(CONTENT[:-1])
    assert (kept.path(SHA256), kept.read(SHA256, 0, 1)) == (None, None)
    part.add(b"!")

    assert not part.complete()
    assert (kept.path(SHA256), part.size_bytes) == (None, 0)


def test_a_part_stays_when_a_node_ends(kept: Kept) -> None:
    """What is on its way goes on from where it was, in another process too."""
    kept.partly(SHA256).add(CONTENT[:1000])
    part = kept.partly(SHA256)
    assert part.size_bytes == 1000
    part.add(CONTENT[1000:])

    assert part.complete()
    assert kept.read(SHA256, 5, 7) == CONTENT[5:12]
    assert kept.read(SHA256, len(CONTENT), 7) == b""


def test_an_empty_attachment(kept: Kept) -> None:
    """There is content of no bytes, and it has a hash."""
    assert kept.partly(hash_of(b"")).complete()
    assert kept.read(hash_of(b""), 0, 10) == b""


@pytest.mark.parametrize(
    "name", ["../../keys", "", "A" * 64, "0" * 63, "0" * 65, "/" + "0" * 63, "0" * 63 + "\n"]
)
def test_a_name_is_a_hash_and_nothing_else(kept: Kept, name: str) -> None:
    """No name leads out of the folder."""
    with pytest.raises(ValueError, match="Expected a SHA-256"):
        kept.path(name)


def test_room_for_others_is_kept(tmp_path: Path) -> None:
    """What others wrote waits for room; what is attached here does not."""
    kept = Kept(tmp_path / "full", lambda: False)
    with pytest.raises(StorageFull):
        kept.partly(SHA256).add(b"more")

    assert kept.path(SHA256) is None
    assert kept.path(kept.put(CONTENT))


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=50), max_size=6))
def test_what_is_put_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> None:
    """Each content is there under its hash, once, whatever else is."""
    kept = Kept(tmp_path_factory.mktemp("kept"), lambda: True)
    for content in contents * 2:
        kept.put(content)

    assert sorted(set(map(hash_of, contents))) == list(kept.all())
    assert all(kept.read(hash_of(content), 0, 100) == content for content in contents)


def test_a_forgotten_attachment_goes_after_a_day(tmp_path: Path) -> None:
    """What was attached to a record that nobody wrote is let go after a day, and not before."""

    async def naming(_: str) -> Collection[Ref]:
        return ()

    with Lines() as lines:
        ash, clock = lines.start("ash"), Hands()
        attachments = Attachments(tmp_path, ash.store, clock, lambda: True)
        attached = attachments.attach(ash.line, CONTENT, media_type="image/png")
        clock.at_ms += DAY_MS - 1
        assert lines.run(attachments.sweep(ash.line, naming)) == []
        clock.at_ms += 1

        assert lines.run(attachments.sweep(ash.line, naming)) == [attached.sha256]
        assert attachments.here(lines.circle.id, attached.sha256) is None


def test_what_is_illegal_is_described_and_not_kept(tmp_path: Path) -> None:
    """A record may name what is illegal to have; the node keeps it nowhere, and does not fetch it."""
    with Lines() as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True)
        attached = attachments.attach(ash.line, CONTENT, media_type="image/png", name="x.png", illegal=True)
        ash.write(report(ash.line.own.member.log, attached))
        ref = ref_at(ash.store.record(ash.log, 1)[0], ash.log, 1)

        assert attached == Attachment(
            media_type="image/png", sha256=SHA256, size_bytes=len(CONTENT), name="x.png", illegal=True
        )
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        with pytest.raises(IllegalContent):
            lines.run(attachments.fetch(ash.line, ref, SHA256))


@pytest.mark.parametrize("media_type", ["", "image", "IMAGE/PNG", "a/b; c=d", "a/b\n"])
def test_what_no_record_can_say(tmp_path: Path, media_type: str) -> None:
    """A media type that no record can have is refused before anything is kept."""
    with Lines() as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True)
        with pytest.raises(MalformedRecord):
            attachments.attach(ash.line, CONTENT, media_type=media_type)

        assert attachments.here(lines.circle.id, SHA256) is None


def test_nothing_larger_than_the_charter_allows(tmp_path: Path) -> None:
    """The charter's limit holds for what is attached here."""
    limits = Limits(records_per_second=1000, bytes_per_day=10**9, attachment_bytes=100)
    with Lines(limits=limits) as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True)
        with pytest.raises(AttachmentTooLarge, match="100 bytes"):
            attachments.attach(ash.line, bytes(101), media_type="a/b")
        attachments.attach(ash.line, bytes(100), media_type="a/b")


def test_nobody_has_it(tmp_path: Path) -> None:
    """What no member gives is not here, and it is said why."""
    with Lines() as lines:
        birch = lines.start("birch")
        ash = ash_reports(lines, Attachment(media_type="a/b", sha256=SHA256, size_bytes=len(CONTENT)))
        lines.run_for(5)
        attachments = Attachments(tmp_path, birch.store, VirtualClock(lines.loop), lambda: True)
        last = ash.line.own.size - 1
        ref = ref_at(ash.store.record(ash.log, last)[0], ash.log, last)
        with pytest.raises(NotFetched, match="ash: "):
            lines.run(attachments.fetch(birch.line, ref, SHA256))

        assert attachments.here(lines.circle.id, SHA256) is None


def test_what_is_named_as_illegal_while_it_comes(tmp_path: Path) -> None:
    """Who is told only while it comes that content is illegal does not have it in the end."""
    marks: list[Ref] = []

    async def naming(_: str) -> Collection[Ref]:
        return marks

    with Lines() as lines:
        birch = lines.start("birch")
        birch.write(report(birch.line.own.member.log, attachment(CONTENT, illegal=True)))
        last = birch.line.own.size - 1
        marked = ref_at(birch.store.record(birch.log, last)[0], birch.log, last)

        def says(request: Request) -> Answer | Reply | None:
            if request.path == CallPath.CONTENT:
                marks[:] = [marked]
            return serving(CONTENT)(request)

        ash = lines.puppet("ash", says=says)
        ash.history.write(report(ash.member.log, attachment(CONTENT)))
        ash.push("birch", ash.history.push())
        ref = ref_at(birch.store.record(ash.log, 1)[0], ash.log, 1)
        attachments = Attachments(tmp_path, birch.store, VirtualClock(lines.loop), lambda: True)

        async def scenario() -> None:
            running = asyncio.create_task(attachments.run(birch.line, naming))
            await asyncio.sleep(0)
            with pytest.raises(IllegalContent):
                await attachments.fetch(birch.line, ref, SHA256)
            running.cancel()

        lines.run(scenario())

        assert marks
        assert attachments.here(lines.circle.id, SHA256) is None


def ref_at(entry: bytes, log: str, index: int) -> Ref:
    """The record there."""
    return Ref(entry=encode_base64(entry), index=index, log=log)


async def written(node: Node, circle: Founded, record: Record | bytes) -> Ref:
    """Write a record; where it stands."""
    line = node.lines[circle.id]
    done = await line.write([record if isinstance(record, bytes) else encode_record(record)])
    index = done.size - 1
    return ref_at(node.store.record(line.own.name, index)[0], line.own.name, index)


async def has(node: Node, ref: Ref) -> None:
    """Wait until that record is here."""

    def is_here() -> bool:
        head = node.store.head(ref.log)
        return head is not None and head.size > ref.index

    await until(is_here)


async def reported(circle: Founded, at: Node, to: Node) -> Ref:
    """A report with the content attached at one node, once it is at the other; where it stands."""
    line = at.lines[circle.id]
    attached = at.desk.attachments.attach(line, CONTENT, media_type="image/png")
    ref = await written(at, circle, report(line.own.member.log, attached))
    await has(to, ref)
    return ref


def common(circle: Founded) -> dict[str, object]:
    """What orders have in common."""
    return {
        "circle": circle.id,
        "at_ms": 1,
        "author": "duty",
        "author_kind": "officer",
        "tlp": "TLP:GREEN",
        "lang": "en",
        "ordered_by": "The court",
        "reason": "The law says so.",
    }


def erasure(circle: Founded, ref: Ref) -> Erasure:
    """An order to erase it."""
    return Erasure(**common(circle), log=ref.log, targets=(Target(entry=ref.entry, index=ref.index),))  # type: ignore[arg-type]


def hold(circle: Founded, ref: Ref) -> Hold:
    """A hold that keeps it."""
    return Hold(**common(circle), targets=(Place(log=ref.log, index=ref.index),))  # type: ignore[arg-type]


def test_it_comes_on_demand_and_goes_with_its_record(run: Run[None], tmp_path: Path) -> None:
    """A member fetches what another attached; when the record is erased, both let go of it, all of it."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            attached = east.desk.attachments.attach(line, CONTENT, media_type="image/png")
            first = await written(east, circle, report(line.own.member.log, attached))
            again = await written(east, circle, report(line.own.member.log, attached))
            await has(north, again)
            assert north.desk.attachments.here(circle.id, SHA256) is None

            path = await north.desk.attachments.fetch(north.lines[circle.id], first, SHA256)
            assert path.read_bytes() == CONTENT
            await written(east, circle, erasure(circle, first))
            await until(lambda: bool(north.store.erased(first.log, first.index, first.index + 1)))
            assert await north.desk.casework[circle.id].naming(SHA256) == [again]
            assert path.exists()

            await written(east, circle, erasure(circle, again))
            await until(lambda: not path.exists() and east.desk.attachments.here(circle.id, SHA256) is None)

    run(scenario())
    assert [*tmp_path.rglob(f"*{SHA256}*")] == []


def test_a_hold_keeps_what_its_record_names(run: Run[None], tmp_path: Path) -> None:
    """Where a hold of ours keeps an erased record apart, its attachment stays here too."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            ref = await reported(circle, east, north)
            path = await north.desk.attachments.fetch(north.lines[circle.id], ref, SHA256)
            await written(north, circle, hold(circle, ref))
            await written(east, circle, erasure(circle, ref))
            await until(lambda: east.desk.attachments.here(circle.id, SHA256) is None)
            await until(lambda: north.store.set_apart(ref.log, ref.index) is not None)
            await until(lambda: bool(north.store.erased(ref.log, ref.index, ref.index + 1)))
            naming = north.desk.casework[circle.id].naming

            assert await north.desk.attachments.sweep(north.lines[circle.id], naming) == []
            assert path.exists()

    run(scenario())


def correction(circle: Founded, of: Ref, *, illegal: bool) -> bytes:
    """A correction of a report's attachment."""
    return encode_record(
        Correction(
            circle=circle.id,
            at_ms=2,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            case=of,
            of=of,
            attachments=(attachment(CONTENT, illegal=illegal),),
        )
    )


def test_whoever_attached_it_finds_that_it_is_illegal(run: Run[None], tmp_path: Path) -> None:
    """Once all who name content name it as illegal, it is gone everywhere, and is not fetched again."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            ref = await reported(circle, east, north)
            path = await north.desk.attachments.fetch(north.lines[circle.id], ref, SHA256)
            marked = await written(east, circle, correction(circle, ref, illegal=True))
            assert east.desk.attachments.here(circle.id, SHA256) is None
            await has(north, marked)
            await until(lambda: not path.exists())
            with pytest.raises(IllegalContent):
                await north.desk.attachments.fetch(north.lines[circle.id], ref, SHA256)

    run(scenario())
    assert [*tmp_path.rglob(f"*{SHA256}*")] == []


def test_another_names_it_as_illegal(run: Run[None], tmp_path: Path) -> None:
    """What others name as illegal is set apart, neither shown nor given, until nobody does any more."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            ref = await reported(circle, east, north)
            illegal = report(north.lines[circle.id].own.member.log, attachment(CONTENT, illegal=True))
            marked = await written(north, circle, illegal)
            await has(east, marked)
            await until(lambda: east.desk.attachments.here(circle.id, SHA256) is None)
            assert east.desk.attachments.of(circle.id).read(SHA256, 0, 1) is None
            with pytest.raises(IllegalContent):
                await north.desk.attachments.fetch(north.lines[circle.id], ref, SHA256)

            await written(north, circle, erasure(circle, marked))
            await until(lambda: east.desk.attachments.here(circle.id, SHA256) is not None)
            path = await north.desk.attachments.fetch(north.lines[circle.id], ref, SHA256)
            assert path.read_bytes() == CONTENT

    run(scenario())


def test_it_is_here_again_after_a_start(run: Run[None], tmp_path: Path) -> None:
    """What was attached or fetched is there after a start, and is given to others."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            ref = await reported(circle, east, north)
        async with circle.running() as (east, north):
            path = await north.desk.attachments.fetch(north.lines[circle.id], ref, SHA256)
            assert path.read_bytes() == CONTENT
            assert east.desk.attachments.here(circle.id, SHA256)

    run(scenario())
