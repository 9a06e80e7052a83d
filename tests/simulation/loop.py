"""An asyncio event loop on virtual time: no threads, no sockets, no system clock.

What it is not: a place for real input or output. Whatever would need any (executors, connections, signals)
is not there and says so.

- `time()` stands still while callbacks run; when none is ready it jumps to the next timer.
- Callbacks run in the order they were scheduled, timers of one moment in the order they were set. Tasks hash
  by their serial number, so that a set of them has the same order in every process.
- A loop that can never go on (nothing ready, no timer), or never comes to rest (one moment without end), is
  an error, and so is an exception that nobody handles: none is only logged.
"""

import asyncio
import contextlib
import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar, copy_context
from typing import Any, NoReturn, TypeVar, TypeVarTuple

MAX_CALLBACKS_AT_ONE_MOMENT = 1_000_000

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

OWNER: ContextVar[object] = ContextVar("OWNER", default=None)
"""Whose tasks are being started. What a task starts is its owner's too."""


class StuckError(Exception):
    """The simulation can never go on, or never comes to rest."""


class OwnedTask(asyncio.Task[Any]):
    """A task that knows its owner, and has the same place in a set in every process."""

    def __init__(self, work: Any, loop: "VirtualLoop", name: str | None, context: Context | None) -> None:  # noqa: ANN401
        self.owner = OWNER.get()
        self.serial = loop.next_serial()
        super().__init__(work, loop=loop, name=name, context=context)

    def __hash__(self) -> int:
        return self.serial

    def __eq__(self, other: object) -> bool:
        return self is other


class _Handle(asyncio.TimerHandle):
    """A callback to run, soon or at a time; lighter than asyncio's own, of which there are thousands."""

    __slots__ = ()

    def __init__(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None, when_s: float
    ) -> None:
        self._callback = callback
        self._args = args
        self._context = copy_context() if context is None else context
        self._when = when_s
        self._cancelled = False

    def __repr__(self) -> str:
        return f"<{self._callback!r}{self._args!r}>"

    def cancel(self) -> None:
        """Do not run it."""
        self._cancelled = True


def new_loop() -> "VirtualLoop":
    """A loop at 0 seconds."""
    return VirtualLoop()  # type: ignore[abstract]  # what it lacks, no simulation may call


class VirtualLoop(asyncio.AbstractEventLoop):
    """Runs coroutines on virtual time, which starts at 0 seconds."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._serial = 0
        self._ready: deque[_Handle] = deque()
        self._timers: list[tuple[float, int, _Handle]] = []
        self._failures: list[BaseException] = []
        self._at_this_moment = 0
        self._running = False
        self._closed = False

    def run(self, coroutine: Coroutine[Any, Any, T], limit_s: float) -> T:
        """What `coroutine` returns. Raises StuckError if that takes more than `limit_s` of virtual time."""
        task = self.create_task(coroutine)
        self._run(task.done, self._now_s + limit_s)
        if not task.done():
            task.cancel()
            waiting = f"not done after {limit_s} s" if self._timers else "waits for what cannot happen"
            raise StuckError(f"At {self._now_s} s: {waiting}: {task!r}")
        return task.result()

    def run_for(self, seconds: float) -> None:
        """Let `seconds` of virtual time pass."""
        end_s = self._now_s + seconds
        self._run(lambda: False, end_s)
        self._now_s = end_s

    def spawn(self, owner: object, work: Coroutine[Any, Any, None]) -> None:
        """Start a task of `owner` that nobody awaits: if it fails, the run does."""
        token = OWNER.set(owner)
        self.create_task(work).add_done_callback(self._fail_with)
        OWNER.reset(token)

    def cancel_tasks_of(self, owner: object) -> None:
        """Cancel what `owner` has started, oldest first."""
        for task in self._tasks():
            if task.owner is owner:
                task.cancel()

    def close(self) -> None:
        """Cancel every task and let each come to its end; what fails then is of no interest."""
        self._closed = True
        while tasks := self._tasks():
            for task in tasks:
                task.cancel()
            with contextlib.suppress(Exception):
                self._run(lambda: not self._ready, self._now_s)

    def _tasks(self) -> list[OwnedTask]:
        """What is not done, oldest first."""
        tasks = [task for task in asyncio.all_tasks(self) if isinstance(task, OwnedTask)]
        return sorted(tasks, key=hash)

    def _fail_with(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._failures.append(error)

    def _run(self, done: Callable[[], bool], end_s: float) -> None:
        if self._running:
            raise RuntimeError("The loop runs already.")
        self._running = True
        asyncio._set_running_loop(self)
        try:
            while not done():
                if self._ready:
                    self._run_ready()
                elif not self._jump(end_s):
                    return
        finally:
            asyncio._set_running_loop(None)
            self._running = False

    def _run_ready(self) -> None:
        """Run what is ready now; what that makes ready waits for the next call."""
        ready = self._ready
        self._at_this_moment += len(ready)
        if self._at_this_moment > MAX_CALLBACKS_AT_ONE_MOMENT:
            raise StuckError(f"At {self._now_s} s: no rest: {ready[0]!r}")
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._context.run(handle._callback, *handle._args)
        if self._failures and not self._closed:
            raise self._failures.pop(0)

    def _jump(self, end_s: float) -> bool:
        """Go to the next timer; False if there is none until `end_s`."""
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            heapq.heappop(timers)
        if not timers or timers[0][0] > end_s:
            return False
        self._at_this_moment = 0
        self._now_s = max(self._now_s, timers[0][0])
        while timers and timers[0][0] <= self._now_s:
            self._ready.append(heapq.heappop(timers)[2])
        return True

    def next_serial(self) -> int:
        """A number larger than those before it: the order in which tasks and timers were made."""
        self._serial += 1
        return self._serial

    def time(self) -> float:
        """Seconds of virtual time."""
        return self._now_s

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run `callback` at this moment, after what is ready already."""
        handle = _Handle(callback, args, context, self._now_s)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run `callback` in `delay` seconds."""
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run `callback` when `time()` is `when`."""
        handle = _Handle(callback, args, context, when)
        heapq.heappush(self._timers, (when, self.next_serial(), handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """A task of whoever is OWNER."""
        return OwnedTask(coro, self, name, context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """End the run with the exception that nobody handled."""
        self._failures.append(context.get("exception") or RuntimeError(context["message"]))

    def get_debug(self) -> bool:
        """No."""
        return False

    def is_running(self) -> bool:
        """Whether a callback is running."""
        return self._running

    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def run_in_executor(self, executor: object, func: Callable[[*Ts], object], *args: *Ts) -> NoReturn:  # noqa: ARG002
        """Refuse: there are no threads."""
        raise RuntimeError(f"A simulation has no threads; {func!r} wants one.")
