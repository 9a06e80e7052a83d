"""Many jobs, one transaction: what arrived while the last commit was synced goes into the next together.

A job is a function that reads and writes the store. All jobs that were submitted before the event loop comes
to them run in one transaction, in order, on the loop itself: to hand them to a thread would cost more than
most commits take.

- Durable before known: no result is released before the transaction is durable and `before_leaving` has
  returned. That is where the marker is written (`marker`).
- Each for itself: an exception undoes the job that raised it, and goes to its caller alone.
- No room for all is not yet no room for one: after StorageFull each job is tried alone. So a job may run
  twice. It changes nothing but the store, and makes what it returns anew.
- After any other failure, of the storage, of `before_leaving` or in here, nothing runs any more. Every caller
  is told, and `on_failure` once: who stands on this committer has to stop.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from tocsin.log.store import Head, StorageFailed, StorageFull, Store

T = TypeVar("T")


@dataclass(slots=True)
class _Job:
    run: Callable[[], Any]
    future: asyncio.Future[Any]
    synced: bool
    result: Any = None
    error: Exception | None = None

    def release(self) -> None:
        if self.future.done():
            return
        if self.error:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class _Undone(Exception):
    """A job raised an exception, which it has."""


class Committer:
    """The one writer of a store. `before_leaving` is given the heads of the logs that a commit extended."""

    def __init__(
        self,
        store: Store,
        before_leaving: Callable[[Sequence[Head]], None],
        on_failure: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._before_leaving = before_leaving
        self._on_failure = on_failure
        self._waiting: list[_Job] = []
        self._failure: Exception | None = None

    def submit(self, job: Callable[[], T], *, synced: bool = True) -> asyncio.Future[T]:
        """What the job returns, once it is durable. Raises what the job raised, StorageFull or StorageFailed.

        Not `synced`, it asks for no sync: a commit of such jobs alone is written, and durable with the next.

        Cancelled before its turn, the job does not run.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._turn)
        self._waiting.append(_Job(job, future, synced))
        return future

    def _turn(self) -> None:
        jobs = [job for job in self._waiting if not job.future.done()]
        self._waiting = []
        failed_before = self._failure is not None
        try:
            self._commit_jobs(jobs)
        except Exception as failure:  # noqa: BLE001 - on a bare turn of the loop, nobody else would hear of it
            self._failure = failure
        if self._failure and not failed_before:
            self._on_failure(self._failure)
        for job in jobs:
            job.error = self._failure or job.error
            job.release()

    def _commit_jobs(self, jobs: Sequence[_Job]) -> None:
        try:
            self._commit(jobs)
        except StorageFull:
            for job in jobs:
                self._commit_alone(job)

    def _commit_alone(self, job: _Job) -> None:
        try:
            self._commit([job])
        except StorageFull as full:
            job.error = full

    def _commit(self, jobs: Sequence[_Job]) -> None:
        """Run the jobs in one transaction, unless something has failed before. Raises StorageFull."""
        if self._failure or not jobs:
            return
        try:
            with self._store.transaction(synced=any(job.synced for job in jobs)) as extended:
                if len(jobs) == 1:
                    _run(jobs[0])
                else:
                    for job in jobs:
                        self._run_part(job)
            heads = [self._store.head(log) for log in sorted(extended)]
            self._before_leaving([head for head in heads if head])
        except _Undone:
            return
        except StorageFull:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever it is, what was written may not be spoken of
            self._failure = failure

    def _run_part(self, job: _Job) -> None:
        """Run one job as a part of the transaction, which its error undoes alone."""
        with suppress(_Undone), self._store.transaction():
            _run(job)


def _run(job: _Job) -> None:
    """Raises _Undone for an exception that is the job's own."""
    job.error = None
    try:
        job.result = job.run()
    except (StorageFull, StorageFailed):
        raise
    except Exception as error:
        job.error = error
        raise _Undone from error
