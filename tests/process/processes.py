"""A process that a test started: what it says, and how it ends."""

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL, Signals
from typing import IO, Self

ROOT = Path(__file__).parents[2]
_STUCK_S = 60.0


def until(holds: Callable[[], object]) -> None:
    """Return as soon as that holds."""
    give_up_s = time.monotonic() + _STUCK_S
    while not holds():
        assert time.monotonic() < give_up_s, f"After {_STUCK_S:.0f} s it does not hold yet."
        time.sleep(0.01)


class Process:
    """A running process. `said` and `told` are its lines on standard output and error so far."""

    def __init__(self, *command: str | Path) -> None:
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "COLUMNS": "1000"},
        )
        self.pid = self._child.pid
        self.said: list[str] = []
        self.told: list[str] = []
        self._readers = [_gather(self._child.stdout, self.said), _gather(self._child.stderr, self.told)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._child.poll() is not None

    def check_running(self) -> None:
        """It has not ended by itself; if it has, how, and its last words."""
        code = self._child.poll()
        assert code is None, "\n".join([f"It ended by itself: {code}.", *self.told[-20:]])

    def send(self, number: Signals) -> None:
        """Send it, and what it started, a signal."""
        self.check_running()
        os.killpg(self.pid, number)

    def ended(self) -> int:
        """Its exit code, once it has ended; then all that it said has come."""
        code = self._child.wait(_STUCK_S)
        for reader in self._readers:
            reader.join()
        if self._child.stdin:
            self._child.stdin.close()
        return code

    def end(self, number: Signals) -> int:
        """Send it a signal that ends it; its exit code."""
        self.send(number)
        return self.ended()

    def close(self) -> None:
        """Kill it, if it has not ended."""
        if not self.over:
            self.send(SIGKILL)
        self.ended()

    def until(self, holds: Callable[[], object]) -> None:
        """Return as soon as that holds; fails if it ends meanwhile."""
        until(lambda: self.over or holds())
        self.check_running()

    # Of those that take orders (see `ordered`)

    def order(self, *words: object) -> None:
        """Tell it what to do."""
        assert self._child.stdin
        self._child.stdin.write(" ".join(map(str, words)).encode() + b"\n")
        self._child.stdin.flush()

    def do(self, *words: object) -> None:
        """Tell it what to do, and wait until it is done."""
        done = self.count("done")
        self.order(*words)
        self.until(lambda: self.count("done") > done)

    def until_wrote(self, count: int) -> None:
        """Wait until it has acknowledged so many records."""
        self.until(lambda: self.count("wrote") >= count)

    @property
    def wrote(self) -> dict[int, str]:
        """The SHA-256 of each record that it acknowledged, by its index."""
        return {int(index): digest for index, digest in map(str.split, self._after("wrote"))}

    @property
    def confirmed(self) -> int:
        """How much of its log others confirmed, by what it said."""
        return max(map(int, self._after("confirmed")), default=0)

    @property
    def refused(self) -> list[str]:
        """Code and reason of each write that it refused."""
        return self._after("refused")

    def count(self, word: str) -> int:
        """How many lines it has said that begin with this word."""
        return len(self._after(word))

    def _after(self, word: str) -> list[str]:
        word += " "
        return [line.removeprefix(word) for line in self.said.copy() if line.startswith(word)]


def _gather(stream: IO[bytes] | None, lines: list[str]) -> threading.Thread:
    """A thread that keeps every whole line of the stream, so that nobody ever waits for a reader."""

    def read() -> None:
        assert stream
        with stream:
            for line in stream:
                if line.endswith(b"\n"):
                    lines.append(line.decode().rstrip())  # noqa: PERF401 - it is read meanwhile

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
