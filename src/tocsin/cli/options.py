"""Options that several commands share.

`--config` names the node by its configuration; without it, that is `tocsin.toml` here. Nothing comes from the
environment, except NO_COLOR.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

CONFIG_NAME = "tocsin.toml"
_WANTS_JSON = "tocsin.wants_json"

_Command = TypeVar("_Command", bound=Callable[..., object])


def config_option(command: _Command) -> _Command:
    """`--config FILE`, handed on as `config_path`."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        default=CONFIG_NAME,
        show_default=True,
        metavar="FILE",
        help="The node's configuration.",
    )(command)


def circle_option(command: _Command) -> _Command:
    """`--circle ID`, handed on as `circle`, which is None when left out."""
    return click.option(
        "--circle",
        metavar="ID",
        help="The circle, by its id or by the first digits of it. Needed with more than one circle.",
    )(command)


def json_option(command: _Command) -> _Command:
    """`--json`, handed on as `as_json`. Errors are then JSON, too."""
    return click.option(
        "--json", "as_json", is_flag=True, callback=_remember, is_eager=True, help="Write JSON, for a program."
    )(command)


def wants_json(ctx: click.Context) -> bool:
    """Whether `--json` was given to any command of this call."""
    return bool(ctx.meta.get(_WANTS_JSON))


def _remember(ctx: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's form of a callback
    ctx.meta[_WANTS_JSON] = value
    return value
