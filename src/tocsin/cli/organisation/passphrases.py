"""Where the passphrase of an organisation key comes from: a terminal, or a file.

- Never from the command line, which others on the machine can read, nor from the environment.
- Where neither is there, the command ends at once: it does not wait for somebody who is not there.
"""

import sys
from pathlib import Path

import click

from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import file_option
from tocsin.cli.organisation.keyfile import Passphrase, read_either
from tocsin.cli.terminal import beside, shown, typed, waiting
from tocsin.core.keys import SigningKey
from tocsin.core.sealed import check_passphrase
from tocsin.node.folder import read_secret

passphrase_option = file_option(
    "--passphrase-file", help="A file with the key's passphrase.  [default: ask at the terminal]"
)
"""Handed on as `passphrase_file`."""

no_passphrase_option = click.option(
    "--no-passphrase", is_flag=True, help="Leave the key without one: only for trying things."
)
"""Handed on as `no_passphrase`."""


def passphrase_of(path: Path, passphrase_file: Path | None) -> Passphrase:
    """What asks for the passphrase of the key in `path`. It raises NotSetUp, KeysMissing or UnsafeFile."""

    def ask() -> str:
        return _read(passphrase_file) if passphrase_file else _ask(f"Passphrase of {shown(str(path))}")

    return ask


def new_passphrase(passphrase_file: Path | None, *, none: bool) -> str | None:
    """One for a key to be sealed, if one is wanted. Raises as `passphrase_of`'s does, and WeakPassphrase."""
    if none:
        return None
    found = (
        _read(passphrase_file)
        if passphrase_file
        else _ask("A passphrase for the organisation key, of twelve characters or more", twice=True)
    )
    check_passphrase(found)
    return found


def warn_of_bare_key(path: Path) -> None:
    """Say on standard error that a key has no passphrase, if so."""
    if isinstance(read_either(path), SigningKey):
        words = (
            f"{shown(str(path))} has no passphrase: whoever copies the file can sign for your organisation."
        )
        lines = [*beside(waiting("note:"), words, 6), *beside("next:", f"tocsin org repass {typed(path)}", 6)]
        click.echo("\n".join(lines), err=True)


def _read(path: Path) -> str:
    """The first line of a file that only its owner may read."""
    return read_secret(path).decode(errors="replace").partition("\n")[0]


def _ask(words: str, *, twice: bool = False) -> str:
    if not sys.stdin.isatty():
        bare = ", or, for trying things, --no-passphrase" if twice else ""
        raise NotSetUp(
            "Expected a terminal to ask for the passphrase, found none. Next: give --passphrase-file"
            + bare
            + "."
        )
    answer: str = click.prompt(words, hide_input=True, confirmation_prompt=twice, err=True)
    return answer
