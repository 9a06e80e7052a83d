"""How a command ends that is told to: by Ctrl-C, by SIGTERM, or since its terminal is gone.

All three interrupt it, so that it takes back what it has begun; the exit code is 128 and the signal's number.
What was to be ignored stays so (`nohup`). `run` and `demo` hear signals themselves, once their nodes run.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

_OTHERS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """A context that such a signal ends, with SystemExit."""
    told = signal.SIGINT

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal told
        told = signal.Signals(number)
        # An event loop has its own way for Ctrl-C; where that is ignored, as in scripts, it is Python's.
        ctrl_c = signal.getsignal(signal.SIGINT)
        (ctrl_c if callable(ctrl_c) else signal.default_int_handler)(number, frame)

    is_main = threading.current_thread() is threading.main_thread()
    heard = [number for number in _OTHERS if is_main and signal.getsignal(number) is signal.SIG_DFL]
    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    except (KeyboardInterrupt, click.Abort) as ended:
        # At a prompt, Ctrl-C and the end of what is read come as the same.
        if not isinstance(ended.__context__ if isinstance(ended, click.Abort) else ended, KeyboardInterrupt):
            raise
        if sys.stderr.isatty():
            # The terminal has shown ^C.
            click.echo(err=True)
        raise SystemExit(128 + told) from None
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)
