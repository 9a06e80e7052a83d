"""The marker: it notices every database that is not the one that spoke last, and no other."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.log.author import LOG, OTHER_LOG, Author
from tests.simulation.clock import SeededChance

from tocsin.log.marker import Marker, MarkerFailed, MismatchKind
from tocsin.log.sqlite import SqliteStore


class Node:
    """A database, its marker, and the authors of its two logs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.maple, self.birch = Author(), Author(OTHER_LOG)

    @property
    def marker(self) -> Path:
        """Where the marker is."""
        return self.folder / "marker"

    def open(self) -> SqliteStore:
        """The database."""
        self.folder.joinpath("data").mkdir(exist_ok=True)
        return SqliteStore(self.folder / "data" / "log.db", SeededChance(1, "database"))

    def speak(self, *counts: int, spoken: bool = True) -> None:
        """Run: both logs grow by each count, and what is spoken is noted."""
        with closing(self.open()) as store:
            marker = Marker(self.marker)
            assert marker.check(store) == []
            marker.begin(store)
            for count in counts:
                self.maple.held_by(store, count)
                self.birch.held_by(store, count)
                if spoken:
                    marker.note([head for log in store.logs() if (head := store.head(log))])
            marker.close()

    def found(self) -> list[MismatchKind]:
        """What a start finds."""
        with closing(self.open()) as store:
            return [mismatch.kind for mismatch in Marker(self.marker).check(store)]

    def backup(self) -> Path:
        """A copy of the database as it is now."""
        return Path(shutil.copytree(self.folder / "data", self.folder / f"backup {len(self.maple.said)}"))

    def restore(self, backup: Path) -> None:
        """Put a copy of the database back."""
        shutil.rmtree(self.folder / "data")
        shutil.copytree(backup, self.folder / "data")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node that has spoken."""
    node = Node(tmp_path)
    node.speak(3, 1, 4)
    return node


def test_fits(node: Node) -> None:
    """What spoke last may go on, as often as it is started."""
    for _ in range(4):
        node.speak(1)
        assert node.found() == []


def test_database_may_be_ahead(node: Node) -> None:
    """What was committed and not yet spoken of when the node died is no mismatch."""
    node.speak(300, 300, spoken=False)

    node.speak(2)

    assert node.found() == []


def test_text(node: Node) -> None:
    """The marker is text that says where each log ended, and nobody else may read it."""
    lines = node.marker.read_text().splitlines()

    assert lines[0].split()[:2] == ["tocsin-marker/v1", SeededChance(1, "database").token(16).hex()]
    root = node.maple.tree(8).mth().hex()
    assert [line.split()[:3] for line in lines if line.startswith(f"{LOG} 8")] == [[LOG, "8", root]]
    assert {len(line) for line in lines} == {511}
    assert node.marker.stat().st_mode & 0o777 == 0o600


def test_older_copy(node: Node) -> None:
    """A database that was restored from a backup is noticed, for each log that had grown since."""
    backup = node.backup()
    node.speak(1)
    node.restore(backup)

    assert node.found() == [MismatchKind.BEHIND] * 2


def test_lost_database(node: Node) -> None:
    """A database that was lost, and made anew, is another one."""
    shutil.rmtree(node.folder / "data")
    node.folder.joinpath("data").mkdir()
    with closing(SqliteStore(node.folder / "data" / "log.db", SeededChance(2, "another"))):
        pass

    assert node.found() == [MismatchKind.OTHER_DATABASE]


def test_two_copies(node: Node) -> None:
    """A copy that went on by itself is noticed, even where it has grown further."""
    backup = node.backup()
    node.speak(1)
    node.restore(backup)
    with closing(node.open()) as store:
        for author, said in ((node.maple, 8), (node.birch, 8)):
            twin = Author(author.log)
            twin.say(said)
            twin.said[-1] = (b"e" * 32, b"s" * 32, b"another record")
            edge = store.edge(author.log)
            with store.transaction():
                chunk = twin.say(5)
                other = chunk.make(
                    said, [(b"f" * 32, b"s" * 32, b"r"), *(item[1:] for item in list(chunk.items())[1:])]
                )
                store.extend(author.log, said, edge.extend(other.entries), other)

    assert node.found() == [MismatchKind.OTHER_ROOT] * 2


def test_missing(node: Node) -> None:
    """A marker that is missing beside a database is a mismatch, unless the database is new."""
    node.marker.unlink()
    assert node.found() == [MismatchKind.MISSING]

    shutil.rmtree(node.folder / "data")
    assert node.found() == []


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b"\xff" * 5000, b"tocsin-marker/v1\n" * 100])
def test_unreadable(node: Node, content: bytes) -> None:
    """A file that is no marker is a mismatch."""
    node.marker.write_bytes(content)

    assert node.found() == [MismatchKind.UNREADABLE]


def test_damaged(node: Node) -> None:
    """Damage of one slot is no mismatch and hides none; damage of both, or of the title, is one."""
    whole = node.marker.read_bytes()
    for slots, expected in (
        ([0], [MismatchKind.UNREADABLE]),
        ([1], []),
        ([2], []),
        ([1, 2], [MismatchKind.UNREADABLE]),
        ([1, 3], []),
        ([3, 4], [MismatchKind.UNREADABLE]),
    ):
        damaged = bytearray(whole)
        for slot in slots:
            damaged[slot * 512 + 100] ^= 1
        node.marker.write_bytes(damaged)
        assert node.found() == expected


@pytest.mark.parametrize("runs", [[(1, 1)], [(1,), (1,)], [(1,), (1, 1)]])
def test_torn(node: Node, runs: list[tuple[int, ...]]) -> None:
    """When the newest slots broke while they were written, the marker still says what was spoken before."""
    backup = node.backup()
    for counts in runs:
        node.speak(*counts)
    newest = len(node.maple.said)
    lines = node.marker.read_bytes().splitlines(keepends=True)
    for place, line in enumerate(lines):
        if line.split()[1] == b"%d" % newest:
            lines[place] = line[:250] + b"\0" * 262
    node.marker.write_bytes(b"".join(lines))

    assert node.found() == []
    node.restore(backup)
    assert node.found() == [MismatchKind.BEHIND] * 2
    assert b"\0" * 262 in node.marker.read_bytes()


def test_not_synced(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """To note what was committed costs one write for each log and no sync."""
    calls: list[str] = []
    real = os.pwrite

    def pwrite(file: int, data: bytes, start: int) -> int:
        calls.append("pwrite")
        return real(file, data, start)

    with closing(node.open()) as store:
        marker = Marker(node.marker)
        marker.begin(store)
        monkeypatch.setattr(os, "pwrite", pwrite)
        monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
        marker.note([head for log in store.logs() if (head := store.head(log))])
        marker.close()

    assert calls == ["pwrite", "pwrite"]


def test_cannot_write(node: Node) -> None:
    """A marker that cannot be written is a fault: nothing may leave without it."""
    with closing(node.open()) as store:
        marker = Marker(node.folder / "no such folder" / "marker")
        with pytest.raises(MarkerFailed):
            marker.begin(store)
        marker = Marker(node.marker)
        marker.begin(store)
        marker.close()
        with pytest.raises(MarkerFailed):
            marker.note([head for log in store.logs() if (head := store.head(log))])


@pytest.mark.parametrize("noted", [True, False])
def test_set_aside(node: Node, *, noted: bool) -> None:
    """A log that was set aside begins anew, whether or not that was noted before a crash."""
    node.speak(3, 4)
    with closing(node.open()) as store:
        marker = Marker(node.marker)
        marker.begin(store)
        with store.transaction() as extended:
            store.rename(LOG, f"{LOG}/aside/1")
            store.create(LOG)
        assert {LOG, f"{LOG}/aside/1"} <= extended
        if noted:
            marker.note([head for log in sorted(extended) if (head := store.head(log))])
        marker.close()
    assert node.found() == []
    node.maple = Author(version=b"true")
    node.speak(2)
    assert node.found() == []
    backup = node.backup()
    node.speak(1)
    node.restore(backup)
    # Both logs: also the one that was larger before it began anew.
    assert node.found() == [MismatchKind.BEHIND, MismatchKind.BEHIND]


def test_what_was_spoken_of_is_known_after_a_restore(node: Node) -> None:
    """Size and root of each log, as the newest marks have them; None where nobody can tell."""
    with closing(node.open()) as store:
        heads = {log: head for log in store.logs() if (head := store.head(log))}
    expected = {log: (head.size, head.root) for log, head in heads.items()}
    assert Marker(node.marker).promised() == expected
    whole = node.marker.read_bytes()
    node.marker.write_bytes(b"x" * len(whole))
    assert Marker(node.marker).promised() is None
    node.marker.unlink()
    assert Marker(node.marker).promised() is None


def test_a_marker_that_is_forgotten_fits_what_is_noted_anew(node: Node) -> None:
    """After a restore, once it is kept what must not be written again, it begins with what is here."""
    backup = node.backup()
    node.speak(2)
    node.restore(backup)
    assert node.found()
    with closing(node.open()) as store:
        marker = Marker(node.marker)
        marker.forget()
        marker.begin(store)
        marker.note([head for log in store.logs() if (head := store.head(log))])
        marker.close()
        assert set(Marker(node.marker).promised() or ()) == set(store.logs())
    assert node.found() == []
