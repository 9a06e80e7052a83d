"""docs/cli.md: its head is written by people, its commands come from the program.

python -m tests.cli.reference        writes it anew
"""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli import main

PATH = Path(__file__).parents[2] / "docs" / "cli.md"
_MARK = "<!-- What follows is `--help`, written by `python -m tests.cli.reference`. -->\n"
_COLUMNS = 100


def leaves() -> Iterator[tuple[str, click.Command]]:
    """Every command and group with its full name, in the order of the help."""
    context = click.Context(main, info_name="tocsin", **main.context_settings)
    yield from _below("tocsin", main, context)


def reference() -> str:
    """The whole document, as it should be."""
    head, _, _ = PATH.read_text(encoding="utf-8").partition(_MARK)
    return head + _MARK + "".join(_section(name, help_of(name)) for name, _ in leaves())


def help_of(name: str) -> str:
    """What `--help` says."""
    context = None
    command: click.Command = main
    for part in ("tocsin", *name.split()[1:]):
        if context is not None and isinstance(command, click.Group):
            found = command.get_command(context, part)
            assert found is not None
            command = found
        context = click.Context(
            command,
            parent=context,
            info_name=part,
            terminal_width=_COLUMNS,
            **(main.context_settings if context is None else {}),
        )
    assert context is not None
    return command.get_help(context)


def _below(name: str, command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for part in command.list_commands(context):
            found = command.get_command(context, part)
            assert found is not None
            yield from _below(f"{name} {part}", found, click.Context(found, info_name=part, parent=context))


def _section(name: str, text: str) -> str:
    return f"\n## {name}\n\n```\n{text}\n```\n"


if __name__ == "__main__":
    PATH.write_text(reference(), encoding="utf-8")
