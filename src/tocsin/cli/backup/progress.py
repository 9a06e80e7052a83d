"""How far something is that takes long, in one line of a terminal; nothing where there is none."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

import click

_WIDTH = 30


class Progress:
    """A context in which each `of(what)` is a function to be told how much is done, and of how much."""

    def __init__(self) -> None:
        self._shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show("")

    def of(self, what: str) -> Callable[[int, int], None]:
        """Tells of one part of the work."""

        def told(done: int, total: int) -> None:
            part = done / total if total else 1.0
            bar = "━" * round(part * _WIDTH)
            self._show(f"{what:<10} {bar:<{_WIDTH}} {part:4.0%}")

        return told

    def _show(self, line: str) -> None:
        if line != self._shown and sys.stderr.isatty():
            click.echo(f"\r{line:<{len(self._shown)}}" + "\r" * (not line), nl=False, err=True)
        self._shown = line
