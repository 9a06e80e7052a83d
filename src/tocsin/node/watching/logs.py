"""What a node tells its operator, on standard error: one event a line, as JSON or for people.

These lines are for finding out what is wrong; they are no evidence, the records are. No record and no secret
goes into them, only codes, names, sizes and explanations. What others wrote is made plain, so that no
terminal obeys it.

A line that cannot be written is lost, and nothing else: whoever read them may have gone, and the disk that
they are kept on may be as full as the database's.

Each node has a logger of its own: several run in one process.
"""

import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog
from structlog.typing import FilteringBoundLogger, WrappedLogger

from tocsin.circles.plaintext import plain_line
from tocsin.node.config import LogSettings

_MAX_CHARACTERS = 1_000


def make_logger(settings: LogSettings, file: TextIO | None = None, **bound: str) -> FilteringBoundLogger:
    """The logger of one node, which says `bound` in every line."""
    file = file or sys.stderr
    render = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=file.isatty())
    )
    logger: FilteringBoundLogger = structlog.wrap_logger(
        _Lines(file),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _plain,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
    )
    return logger.bind(**bound)


class _Lines:
    """The last of a logger: writes each line at once."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> None:
        """Print it, if that is possible."""
        with suppress(OSError):
            print(line, file=self._file, flush=True)

    debug = info = warning = error = write


def _plain(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Every text in one line, shown as it is and cut; a trace keeps its lines."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            event[name] = plain_line(value[:_MAX_CHARACTERS])
    return event
