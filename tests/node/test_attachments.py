"""Attachments at nodes: files by their hashes, which come on demand and go with their records."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from threading import get_ident
from typing import ParamSpec, TypeVar

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
P = ParamSpec("P")
T = TypeVar("T")
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


async def at_once(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Done where virtual time has no threads."""
    return work(*args, **kwargs)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """An empty folder of attachments."""
    return Kept(tmp_path / "attachments" / "0", lambda: True)


def hash_of(data: bytes) -> str:
    """Its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def test_only_the_owner_may_read_and_nobody_run(kept: Kept) -> None:
    """A file has the mode 0600 and its folder 0700, whether it was attached or fetched."""
    kept.put(hash_of(b"attached"), [b"att", b"ached"])
    attached = kept.path(hash_of(b"attached"))
    part = kept.partly(hash_of(b"fetched"))
    part.add(b"fet")
    part.add(b"ched")
    assert asyncio.run(part.complete())
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

    assert not asyncio.run(part.complete())
    assert (kept.path(SHA256), part.size_bytes) == (None, 0)
    part.add(CONTENT)
    assert asyncio.run(part.complete())


def test_a_part_stays_when_a_node_ends(kept: Kept) -> None:
    """What is on its way goes on from where it was, in another process too."""
    kept.partly(SHA256).add(CONTENT[:1000])
    part = kept.partly(SHA256)
    assert part.size_bytes == 1000
    part.add(CONTENT[1000:])

    assert asyncio.run(part.complete())
    assert kept.read(SHA256, 5, 7) == CONTENT[5:12]
    assert kept.read(SHA256, len(CONTENT), 7) == b""


@contextmanager
def disk_full_at(size_bytes: int) -> Iterator[None]:
    """No file can become larger than that."""
    before = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)


def test_what_was_written_when_the_disk_was_full_is_gone(kept: Kept) -> None:
    """A part goes on from where it was before; of what is attached here nothing is left."""
    part = kept.partly(SHA256)
    part.add(CONTENT[:1000])
    with disk_full_at(100_000):
        with pytest.raises(StorageFull):
            part.add(CONTENT[1000:])
        with pytest.raises(StorageFull):
            kept.put(hash_of(CONTENT[1:]), [CONTENT[1:]])

    assert list(kept.all()) == [SHA256]
    assert part.size_bytes == 1000
    part.add(CONTENT[1000:])
    assert asyncio.run(part.complete())


def test_an_empty_attachment(kept: Kept) -> None:
    """There is content of no bytes, and it has a hash."""
    assert asyncio.run(kept.partly(hash_of(b"")).complete())
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
    kept.put(SHA256, [CONTENT])
    assert kept.path(SHA256)


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=50), max_size=6))
def test_what_is_put_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, contents: list[bytes]) -> None:
    """Each content is there under its hash, once, whatever else is."""
    kept = Kept(tmp_path_factory.mktemp("kept"), lambda: True)
    for content in contents * 2:
        kept.put(hash_of(content), [content])

    assert sorted(set(map(hash_of, contents))) == list(kept.all())
    assert all(kept.read(hash_of(content), 0, 100) == content for content in contents)


def test_a_large_one_is_hashed_once_and_beside_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While content is hashed and written, the node goes on with everything else."""
    hashed: list[tuple[int, int]] = []
    sha256 = hashlib.sha256

    def watched(data: bytes = b"") -> object:
        hashed.append((len(data), get_ident()))
        return sha256(data)

    with Lines() as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, Hands(), lambda: True)
        monkeypatch.setattr(hashlib, "sha256", watched)
        attached = asyncio.run(attachments.attach(ash.line, CONTENT, media_type="image/png"))

        assert [size_bytes for size_bytes, _ in hashed] == [len(CONTENT)]
        assert get_ident() not in {thread for _, thread in hashed}
        assert attachments.of(lines.circle.id).read(attached.sha256, 0, len(CONTENT)) == CONTENT


def test_what_is_being_attached_is_not_let_go_of(tmp_path: Path) -> None:
    """What no record can name yet, since it is not whole, stays until it is; what was broken off does not."""
    swept: list[list[str]] = []

    async def naming(_: str) -> Collection[Ref]:
        return ()

    with Lines() as lines:
        ash = lines.start("ash")

        async def after_a_sweep(work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
            if attachments.of(lines.circle.id).is_any:
                (folder / f"{SHA256}.{len(swept)}.new").write_bytes(CONTENT[:9])
                swept.append(await attachments.sweep(ash.line, naming))
            return work(*args, **kwargs)

        attachments = Attachments(tmp_path, ash.store, Hands(), lambda: True, after_a_sweep)
        folder = tmp_path / "attachments" / lines.circle.id
        folder.mkdir(parents=True)
        (folder / f"{SHA256}.killed.new").write_bytes(CONTENT[:9])
        attached = lines.run(attachments.attach(ash.line, CONTENT, media_type="image/png"))

        # The first while it was hashed, the second while it was written.
        assert swept == [[SHA256], []]
        assert {path.name for path in folder.iterdir()} == {
            f"{attached.sha256}{end}" for end in (".1.new", ".unnamed")
        }


def test_what_another_circle_has_is_carried_over(tmp_path: Path) -> None:
    """Content that is here for one circle is there for another too, and what is illegal is not."""
    with Lines() as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True, at_once)
        other = attachments.of("0" * 64)
        other.put(SHA256, [CONTENT])

        lines.run(attachments.carry_over("0" * 64, ash.line, attachment(CONTENT, illegal=True)))
        assert attachments.here(lines.circle.id, SHA256) is None
        lines.run(attachments.carry_over("0" * 64, ash.line, attachment(CONTENT)))

        assert attachments.of(lines.circle.id).read(SHA256, 0, len(CONTENT)) == CONTENT
        assert attachments.of(lines.circle.id).is_unnamed(SHA256)


def test_what_is_carried_over_is_as_large_as_it_is(tmp_path: Path) -> None:
    """A record that says less than there is carries nothing over that the other charter has no room for."""
    limits = Limits(records_per_second=1000, bytes_per_day=10**9, attachment_bytes=100)
    with Lines(limits=limits) as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True, at_once)
        attachments.of("0" * 64).put(SHA256, [CONTENT])
        said = Attachment(media_type="a/b", sha256=SHA256, size_bytes=1)
        with pytest.raises(AttachmentTooLarge, match="100 bytes"):
            lines.run(attachments.carry_over("0" * 64, ash.line, said))

        assert attachments.here(lines.circle.id, SHA256) is None


def test_what_was_let_go_of_while_it_came_is_not_here(kept: Kept) -> None:
    """Whoever waits no more lets a thread write on: what is dropped meanwhile comes to nothing."""

    def parts() -> Iterator[bytes]:
        yield CONTENT
        kept.drop(SHA256)

    with pytest.raises(StorageFull):
        kept.put(SHA256, parts())

    assert list(kept.all()) == []


def test_a_forgotten_attachment_goes_after_a_day(tmp_path: Path) -> None:
    """What was attached to a record that nobody wrote is let go after a day, and not before."""

    async def naming(_: str) -> Collection[Ref]:
        return ()

    with Lines() as lines:
        ash, clock = lines.start("ash"), Hands()
        attachments = Attachments(tmp_path, ash.store, clock, lambda: True, at_once)
        clock.at_ms += 3 * DAY_MS
        attached = lines.run(attachments.attach(ash.line, CONTENT, media_type="image/png"))
        clock.at_ms += DAY_MS - 1
        assert lines.run(attachments.sweep(ash.line, naming)) == []
        clock.at_ms += 1

        assert lines.run(attachments.sweep(ash.line, naming)) == [attached.sha256]
        assert attachments.here(lines.circle.id, attached.sha256) is None


def test_what_is_illegal_is_described_and_not_kept(tmp_path: Path) -> None:
    """A record may name what is illegal to have; the node keeps it nowhere, and does not fetch it."""
    with Lines() as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True, at_once)
        attached = lines.run(
            attachments.attach(ash.line, CONTENT, media_type="image/png", name="x.png", illegal=True)
        )
        ash.write(report(ash.line.own.member.log, attached))
        ref = Ref.at(ash.log, 1, ash.store.record(ash.log, 1)[0])

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
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True, at_once)
        with pytest.raises(MalformedRecord):
            lines.run(attachments.attach(ash.line, CONTENT, media_type=media_type))

        assert attachments.here(lines.circle.id, SHA256) is None


def test_nothing_larger_than_the_charter_allows(tmp_path: Path) -> None:
    """The charter's limit holds for what is attached here."""
    limits = Limits(records_per_second=1000, bytes_per_day=10**9, attachment_bytes=100)
    with Lines(limits=limits) as lines:
        ash = lines.start("ash")
        attachments = Attachments(tmp_path, ash.store, VirtualClock(lines.loop), lambda: True, at_once)
        with pytest.raises(AttachmentTooLarge, match="100 bytes"):
            lines.run(attachments.attach(ash.line, bytes(101), media_type="a/b"))
        lines.run(attachments.attach(ash.line, bytes(100), media_type="a/b"))


def test_what_another_names_as_illegal_is_set_apart_at_once(tmp_path: Path) -> None:
    """From when a record comes that says so, and before anything is looked through, it is not shown."""
    with Lines() as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        files = Attachments(tmp_path, ash.store, Hands(), lambda: True, at_once)
        ash.on_event = lambda event: files.heard(ash.line, event)
        named = lines.run(files.attach(ash.line, CONTENT, media_type="image/png"))
        ash.write(report(ash.line.own.member.log, named))
        assert files.here(lines.circle.id, SHA256)

        birch.history.write(report(birch.member.log, attachment(CONTENT, illegal=True)))
        birch.push("ash", birch.history.push())

        assert files.here(lines.circle.id, SHA256) is None
        assert files.of(lines.circle.id).is_set_apart(SHA256)
        with pytest.raises(IllegalContent):
            lines.run(files.attach(ash.line, CONTENT, media_type="image/png"))


def test_nobody_has_it(tmp_path: Path) -> None:
    """What no member gives is not here, and it is said why."""
    with Lines() as lines:
        birch = lines.start("birch")
        ash = ash_reports(lines, Attachment(media_type="a/b", sha256=SHA256, size_bytes=len(CONTENT)))
        lines.run_for(5)
        attachments = Attachments(tmp_path, birch.store, VirtualClock(lines.loop), lambda: True, at_once)
        last = ash.line.own.size - 1
        ref = Ref.at(ash.log, last, ash.store.record(ash.log, last)[0])
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
        marked = Ref.at(birch.log, last, birch.store.record(birch.log, last)[0])

        def says(request: Request) -> Answer | Reply | None:
            if request.path == CallPath.CONTENT:
                marks[:] = [marked]
            return serving(CONTENT)(request)

        ash = lines.puppet("ash", says=says)
        ash.history.write(report(ash.member.log, attachment(CONTENT)))
        ash.push("birch", ash.history.push())
        ref = Ref.at(ash.log, 1, birch.store.record(ash.log, 1)[0])
        attachments = Attachments(tmp_path, birch.store, VirtualClock(lines.loop), lambda: True, at_once)

        async def scenario() -> None:
            running = asyncio.create_task(attachments.run(birch.line, naming))
            await asyncio.sleep(0)
            with pytest.raises(IllegalContent):
                await attachments.fetch(birch.line, ref, SHA256)
            running.cancel()

        lines.run(scenario())

        assert marks
        assert attachments.here(lines.circle.id, SHA256) is None


async def written(node: Node, circle: Founded, record: Record | bytes) -> Ref:
    """Write a record; where it stands."""
    line = node.lines[circle.id]
    done = await line.write([record if isinstance(record, bytes) else encode_record(record)])
    index = done.size - 1
    return Ref.at(line.own.name, index, node.store.record(line.own.name, index)[0])


async def has(node: Node, ref: Ref) -> None:
    """Wait until that record is here."""

    def is_here() -> bool:
        head = node.store.head(ref.log)
        return head is not None and head.size > ref.index

    await until(is_here)


async def reported(circle: Founded, at: Node, to: Node) -> Ref:
    """A report with the content attached at one node, once it is at the other; where it stands."""
    line = at.lines[circle.id]
    attached = await at.desk.attachments.attach(line, CONTENT, media_type="image/png")
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
            attached = await east.desk.attachments.attach(line, CONTENT, media_type="image/png")
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
