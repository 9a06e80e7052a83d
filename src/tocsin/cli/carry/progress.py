"""How far a long command is, on standard error: to people alone, and beside what it says to programs."""

import sys

import click


class Progress:
    """So many bytes of a whole, or of what nobody knows the size of."""

    def __init__(self, label: str, whole_bytes: int | None = None) -> None:
        self._label = label
        self._whole_bytes = whole_bytes
        self._done_bytes = 0
        self._shown = ""

    def add(self, size_bytes: int) -> None:
        """So many bytes more are done."""
        self._done_bytes += size_bytes
        done = f"{self._done_bytes / 10**6:.1f} MB"
        if self._whole_bytes:
            done = f"{100 * self._done_bytes // self._whole_bytes} % of {self._whole_bytes / 10**6:.1f} MB"
        self.say(done)

    def say(self, text: str) -> None:
        """Show this, in place of what was shown last."""
        if sys.stderr.isatty() and text != self._shown:
            click.echo(f"\r\033[K{self._label}  {text}", err=True, nl=False)
            self._shown = text

    def end(self) -> None:
        """Leave the line as it was before."""
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)
