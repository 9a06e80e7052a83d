"""Whether a database has all that a process acknowledged (see `appending`), and nothing it never said."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from tests.core.naive_tree import NaiveTree
from tests.log.appending import record
from tests.log.author import LOG, key
from tests.simulation.clock import SeededChance

from tocsin.core.tlog.checkpoint import open_checkpoint
from tocsin.core.tlog.entry import entry_of
from tocsin.log.marker import Marker
from tocsin.log.sqlite import SqliteStore


def check_kept(database: Path, acknowledged: Iterable[str]) -> None:
    """Every record that was acknowledged is there and verifies, and the marker fits."""
    with closing(SqliteStore(database, SeededChance(1, "database"))) as store:
        assert Marker(database.parent / "marker").check(store) == []
        whole = [line.split() for line in acknowledged if line.endswith("\n")]
        head = store.head(LOG)
        if head is None:
            assert whole == []
            return
        kept = [store.record(LOG, index) for index in range(head.size)]
        assert [body for _, _, body in kept] == [record(index) for index in range(head.size)]
        assert [entry for entry, _, _ in kept] == [entry_of(LOG, salt, body or b"") for _, salt, body in kept]
        tree = NaiveTree([entry for entry, _, _ in kept])
        for _, _, size, root in whole:
            assert tree.mth(0, int(size)).hex() == root
        if note := store.newest_checkpoint(LOG):
            newest = open_checkpoint(note, lambda _: key(LOG).verifying).checkpoint
            assert (newest.size, newest.root) == (head.size, tree.mth())
        else:
            assert head.size == 0
