"""The committer: what its callers may rely on, whoever else is in the same commit."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.log.author import LOG, OTHER_LOG, Author, hold
from tests.simulation.clock import SeededChance

from tocsin.core.errors import Fault
from tocsin.log.committer import Committer
from tocsin.log.sqlite import SqliteStore
from tocsin.log.store import Head, StorageFailed, StorageFull


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store with two empty logs."""
    with closing(SqliteStore(tmp_path / "log.db", SeededChance(1, "database"))) as store:
        with store.transaction():
            store.create(LOG)
            store.create(OTHER_LOG)
        yield store


class Commits:
    """A committer, and what it told before anything left."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.told: list[list[tuple[str, int]]] = []
        self.failure: Exception | None = None
        self.failures: list[Exception] = []
        self.committer = Committer(store, self._before_leaving, self.failures.append)

    def _before_leaving(self, heads: Sequence[Head]) -> None:
        if self.failure:
            raise self.failure
        self.told.append([(head.name, head.size) for head in heads])

    def document(self, key: str, size_bytes: int = 1) -> Callable[[], str]:
        """A job that keeps a document."""

        def job() -> str:
            self.store.put_document("space", key, b"d" * size_bytes)
            return key

        return job

    def failing(self, key: str, error: Exception) -> Callable[[], None]:
        """A job that keeps a document, and then fails."""

        def job() -> None:
            self.store.put_document("space", key, b"d")
            raise error

        return job

    def gather(self, *jobs: Callable[[], Any]) -> list[Any]:
        """The outcomes of jobs that were submitted at once."""

        async def work() -> list[Any]:
            futures = [self.committer.submit(job) for job in jobs]
            return await asyncio.gather(*futures, return_exceptions=True)

        return asyncio.run(work())

    def leave_room(self, pages: int) -> None:
        """Limit the database to so many pages more than it has; many for no limit."""
        (now,) = self.store._database._connection.execute("PRAGMA page_count").fetchone()
        self.store._database._connection.execute(f"PRAGMA max_page_count = {now + pages}").fetchone()


@pytest.fixture
def commits(store: SqliteStore) -> Commits:
    """A committer on the store."""
    return Commits(store)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end."""
    asyncio.run(work)


def test_one_commit(commits: Commits) -> None:
    """What is submitted before the loop comes to it is one commit, in order, and each has its own result."""
    maple, birch = Author(), Author(OTHER_LOG)
    seen = commits.gather(
        lambda: hold(commits.store, LOG, maple.say(2)),
        lambda: commits.store.head(LOG),
        lambda: hold(commits.store, OTHER_LOG, birch.say(1)),
        lambda: hold(commits.store, LOG, maple.say(1)),
    )

    assert seen[1].size == 2
    assert commits.told == [[(OTHER_LOG, 1), (LOG, 3)]]


def test_results_leave_last(commits: Commits) -> None:
    """No result is known before the commit is durable and `before_leaving` has returned."""
    order: list[str] = []
    store = commits.store

    def before_leaving(_: Sequence[Head]) -> None:
        assert store._extended is None
        order.append("told")

    async def work() -> None:
        committer = Committer(store, before_leaving)
        future = committer.submit(lambda: order.append("ran"))
        future.add_done_callback(lambda _: order.append("left"))
        await future

    run(work())
    assert order == ["ran", "told", "left"]


def test_a_failing_job_is_undone_alone(commits: Commits) -> None:
    """A job that raises gets what it raised, leaves nothing, and takes nobody with it."""
    error, defect = Fault("mine"), ValueError("a defect")
    outcomes = commits.gather(
        commits.document("first"),
        commits.failing("undone", error),
        commits.document("second"),
        commits.failing("undone too", defect),
        commits.document("third"),
    )

    assert outcomes == ["first", error, "second", defect, "third"]
    assert list(commits.store.documents("space")) == ["first", "second", "third"]
    assert len(commits.told) == 1


def test_no_room_for_all(commits: Commits) -> None:
    """Without room for all, each job is tried alone: what fits is done, and what did not can come again."""
    commits.leave_room(12)
    large = commits.document("large", 200_000)

    outcomes = commits.gather(commits.document("before"), large, commits.document("after"))

    assert outcomes[0::2] == ["before", "after"]
    assert isinstance(outcomes[1], StorageFull)
    assert list(commits.store.documents("space")) == ["after", "before"]
    commits.leave_room(10_000)
    assert commits.gather(large) == ["large"]


def test_tried_again(commits: Commits) -> None:
    """What a job did when it was tried with others is forgotten when it is tried alone."""
    commits.leave_room(12)
    runs: list[int] = []

    def job() -> list[int]:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("not with others")
        return list(runs)

    outcomes = commits.gather(job, commits.document("large", 200_000))

    assert outcomes[0] == [1, 1]


def test_failed_storage(commits: Commits) -> None:
    """When the storage has failed, everyone is told, also who comes later, and nothing more is written."""
    ran: list[str] = []
    commits.store._database.fail(StorageFailed("broken"))

    for _ in range(2):
        outcomes = commits.gather(lambda: ran.append("ran"), commits.document("key"))
        assert [str(outcome) for outcome in outcomes] == ["broken", "broken"]

    assert not ran
    assert not commits.told


def test_failing_before_leaving(commits: Commits) -> None:
    """What was written but could not be noted is not spoken of, and nothing is written after it."""
    commits.failure = OSError("no marker")
    author = Author()
    job = lambda: hold(commits.store, LOG, author.say(1))  # noqa: E731 - said twice below

    assert commits.gather(job, commits.document("key")) == [commits.failure] * 2
    commits.failure = None
    assert [type(outcome) for outcome in commits.gather(job, commits.document("key"))] == [OSError] * 2
    assert [str(failure) for failure in commits.failures] == ["no marker"]
    head = commits.store.head(LOG)
    assert head
    assert head.size == 1


def test_a_defect_in_the_committer(commits: Commits, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong on the loop's bare turn is told like any failure, and nobody waits for ever."""

    def transaction(**_: object) -> None:
        raise StorageFull

    def alone(_: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(commits.store, "transaction", transaction)
    monkeypatch.setattr(commits.committer, "_commit_alone", alone)
    outcomes = commits.gather(commits.document("one"), commits.document("other"))
    assert [str(outcome) for outcome in outcomes] == ["a defect"] * 2
    assert [str(failure) for failure in commits.failures] == ["a defect"]


def test_cancelled(commits: Commits) -> None:
    """A job that nobody waits for any more does not run, and changes nothing for the others."""

    async def work() -> None:
        cancelled = commits.committer.submit(commits.document("cancelled"))
        kept = commits.committer.submit(commits.document("kept"))
        cancelled.cancel()
        await kept

    run(work())
    assert list(commits.store.documents("space")) == ["kept"]


def test_submitted_from_a_job_s_end(commits: Commits) -> None:
    """Jobs go on commit after commit: what is submitted after one commit is in the next."""

    async def work() -> None:
        for number in range(5):
            await commits.committer.submit(commits.document(str(number)))

    run(work())
    assert list(commits.store.documents("space")) == ["0", "1", "2", "3", "4"]
    assert len(commits.told) == 5
