"""`init` and `run`: the folder of a node, and the node.

    FOLDER/tocsin.toml             what its operator decides
    FOLDER/data/                   the node's own; `tocsin.node.folder` knows more
    FOLDER/organisation-live.key   the organisation key, until it is taken offline
    FOLDER/organisation-live.pub   its public half

`init` overwrites nothing. `run` never opens an organisation key.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import click

from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import CONFIG_NAME, config_option
from tocsin.cli.organisation import Mode, make_key, public_path, read_key, secret_path, write_public
from tocsin.cli.terminal import bad, faint, shown, strong, table
from tocsin.node.clock import SystemChance
from tocsin.node.config import Config, load_config, parse_config
from tocsin.node.folder import Folder

_CONFIG = """\
# What you decide about your node (docs/configuration.md has every setting).

# The node's own: its database and its online keys. Nobody else may read it.
data_folder = "data"

[wire]
# Where the node listens, and the address at which the other members reach it. It goes into your join files:
# once others have those, it changes by a new card.
listen = {listen}
public = {public}
{unsafe}
[desk]
# Who is on duty, as the others see it. More, if you want to say it: hours, languages, contact.
name = {desk}
"""
_UNSAFE = """\
# No encryption, so only for trying things on one machine.
unsafe_loopback = true
"""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--endpoint",
    default="https://127.0.0.1:8440",
    show_default=True,
    metavar="URL",
    help="Where the other members reach this node, https://host:port.",
)
@click.option("--desk", default="Duty desk", show_default=True, metavar="NAME", help="Your desk, as others see it.")
@click.option("--drill", is_flag=True, help="Make the organisation key for drills, not the one for live circles.")
@click.option(
    "--organisation-key",
    "key_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to put the organisation key, or the one to use if it is there already.",
)
def init(folder: Path, endpoint: str, desk: str, drill: bool, key_path: Path | None) -> None:  # noqa: FBT001 - click
    """Make a folder for a node, and the organisation's key.

    The organisation key signs charters in your organisation's name. There is one for live circles, and with --drill
    another one for drills. Take it offline as soon as it is made: the node runs without it.

    \b
    Examples:
      tocsin init
      tocsin init apricot --endpoint https://tocsin.apricot.example:8440
      tocsin init apricot --drill
    """
    mode: Mode = "drill" if drill else "live"
    if public_path(folder, mode).exists():
        raise NotSetUp(
            f"Expected no {mode} organisation key in {folder} yet, found {public_path(folder, mode)}. An organisation "
            f"has one for all its {mode} circles. Next: use it; or give another FOLDER for another organisation."
        )
    folder.mkdir(parents=True, exist_ok=True)
    config = _write_config(folder / CONFIG_NAME, endpoint, desk)
    Folder.of(config).create()
    key_path = key_path or secret_path(folder, mode)
    key = read_key(key_path, mode) if key_path.exists() else make_key(key_path, mode, SystemChance())
    write_public(public_path(folder, mode), key.verifying)
    _tell(folder, config, mode, key_path)


@click.command()
@config_option
def run(config_path: Path) -> None:
    """Run the node.

    It writes your log, receives those of the other members and confirms them, until it is stopped (Ctrl-C or
    SIGTERM). Stopped at any moment, also by a power cut, it goes on where it was when it is run again.

    \b
    Examples:
      tocsin run
      tocsin run --config /etc/tocsin/tocsin.toml
    """
    config = load_config(config_path)
    for path in Folder.of(config).stray_keys():
        click.echo(_warning(path), err=True)
    raise NotImplementedError


def _write_config(path: Path, endpoint: str, desk: str) -> Config:
    """The configuration that is there, or a new one. Raises MalformedConfig."""
    if not path.exists():
        url = urlsplit(endpoint)
        loopback = url.hostname in _LOOPBACK
        text = _CONFIG.format(
            listen=_quoted(f"{'127.0.0.1' if loopback else '0.0.0.0'}:{url.port}"),  # noqa: S104 - others shall reach it
            public=_quoted(endpoint),
            unsafe="" if url.scheme == "https" else _UNSAFE,
            desk=_quoted(desk),
        )
        parse_config(text, path.parent)
        path.write_text(text, encoding="utf-8")
    return load_config(path)


def _quoted(text: str) -> str:
    """A TOML string: its basic strings have the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _tell(folder: Path, config: Config, mode: Mode, key_path: Path) -> None:
    rows = (
        (CONFIG_NAME, "what you decide about your node; read it and change it"),
        ("data", "the node's own database and online keys"),
        (key_path.name, bad("the organisation key: secret")),
        (public_path(folder, mode).name, "its public half: no secret"),
    )
    click.echo(f"{strong('Your node has a folder:')} {shown(str(folder.absolute()))}\n")
    click.echo("\n".join(table(rows)))
    click.echo(f"\n{strong('Take the organisation key offline now.')}")
    click.echo(
        f"Whoever has {shown(str(key_path))} can sign charters in your organisation's name.\n"
        "Move it to a medium that is connected to nothing and lies in a safe; put a copy into another safe.\n"
        f"The node never needs it. You need it to sign a charter of a {mode} circle."
    )
    if key_path.absolute().is_relative_to(config.data_folder):
        click.echo("\n" + _warning(key_path), err=True)
    domain = "drill.line.example" if mode == "drill" else "line.example"
    click.echo(f"\n{strong('Next:')} introduce your organisation to the others, under the circle's domain:")
    click.echo(
        f"  tocsin circle introduce --domain {domain} --member apricot --label 'Apricot AI Safety Institute' \\\n"
        f"    --economy KR --config {shown(str(folder / CONFIG_NAME))} --output apricot.toml"
    )
    click.echo(faint(f"The others will reach this node at {config.wire.public}; see {CONFIG_NAME} to change it."))


def _warning(path: Path) -> str:
    return (
        f"{bad('WARNING')} {shown(str(path))} lies in the node's data folder, and is no key of the node's: it may be\n"
        "the organisation key. Whoever takes over this machine could then sign in your organisation's name.\n"
        "Move it to a medium that is connected to nothing."
    )
