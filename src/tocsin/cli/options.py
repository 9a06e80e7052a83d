"""What several commands share: how they are declared, and their options.

- A command's help ends in examples, which stand beside it as what one types.
- `--config` names the node by its configuration; without it, that is `tocsin.toml` here. Nothing comes from
  the environment, except NO_COLOR.
"""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

CONFIG_NAME = "tocsin.toml"
_WANTS_JSON = "tocsin.wants_json"

_Decorated = TypeVar("_Decorated", bound=Callable[..., object])


class Command(click.Command):
    """A command with examples."""

    def __init__(self, name: str | None, *, examples: Sequence[str] = (), **attributes: Any) -> None:  # noqa: ANN401
        super().__init__(name, **attributes)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, one a line, as they are."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {example}\n" for example in self.examples))


def path_argument(name: str, **attributes: Any) -> Callable[[_Decorated], _Decorated]:  # noqa: ANN401 - click's
    """An argument that is a file."""
    return click.argument(name, type=click.Path(path_type=Path, dir_okay=False), **attributes)


def file_option(*names: str, **attributes: Any) -> Callable[[_Decorated], _Decorated]:  # noqa: ANN401 - click's
    """An option that is a file."""
    return click.option(*names, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", **attributes)


config_option = file_option(
    "--config", "config_path", default=CONFIG_NAME, show_default=True, help="The node's configuration."
)
"""Handed on as `config_path`."""

circle_option = click.option(
    "--circle", metavar="ID", help="The circle, by the first digits of its id.  [default: the only one]"
)
"""Handed on as `circle`."""


def as_here(command: str) -> str:
    """A command to type next, in the circle that was named in this one, as it was typed."""
    context = click.get_current_context(silent=True)
    circle = context.params.get("circle") if context else None
    return command if circle is None else f"{command} --circle {shlex.quote(circle)}"


folder_option = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="In which folder.  [default: this one]",
)
"""Handed on as `output`: where what is written goes."""


def json_option(command: _Decorated) -> _Decorated:
    """`--json`, handed on as `as_json`. Errors are then JSON, too."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        callback=_remember,
        is_eager=True,
        help="Write JSON, for a program.",
    )(command)


def wants_json(ctx: click.Context) -> bool:
    """Whether `--json` was given to any command of this call."""
    return bool(ctx.meta.get(_WANTS_JSON))


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's form
    ctx.meta[_WANTS_JSON] = value
    return value
