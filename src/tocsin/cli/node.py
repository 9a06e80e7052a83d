"""`init` and `run`: the folder of a node, and the node.

    FOLDER/tocsin.toml             what its operator decides
    FOLDER/data/                   the node's own; `tocsin.node.folder` knows more
    FOLDER/organisation-live.key   the organisation key, until it is taken offline
    FOLDER/organisation-live.pub   its public half

`init` overwrites nothing. `run` opens no organisation key; the node warns of one in its data folder.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import CONFIG_NAME, Command, config_option, file_option
from tocsin.cli.organisation.keyfile import (
    make_key,
    public_path,
    read_half,
    read_public,
    secret_path,
    write_public,
)
from tocsin.cli.organisation.passphrases import (
    new_passphrase,
    no_passphrase_option,
    passphrase_option,
    warn_of_bare_key,
)
from tocsin.cli.terminal import bad, beside, say, say_next, shown, strong, table
from tocsin.core.errors import quoted
from tocsin.core.records.common import Url
from tocsin.node.clock import SystemChance
from tocsin.node.config import Config, load_config, parse_config
from tocsin.node.errors import MalformedConfig
from tocsin.node.files import write_whole
from tocsin.node.folder import Folder
from tocsin.node.papers.organisation import Mode, check_mode

_CONFIG = """\
# What you decide about your node (docs/configuration.md has every setting).

# The node's own: its database and its online keys. Nobody else may read it.
data_folder = "data"

[wire]
# Where the node listens, and the address at which the other members reach it, which goes into join files.
# When it changes later, the node tells the others.
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


@click.command(
    cls=Command,
    examples=(
        "tocsin init",
        "tocsin init apricot --endpoint https://tocsin.apricot.example:8440",
        "tocsin init apricot --public-key /media/stick/organisation-live.pub",
        "tocsin init apricot --drill --no-passphrase",
    ),
)
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--endpoint",
    default="https://127.0.0.1:8440",
    show_default=True,
    metavar="URL",
    help="Where the other members reach this node, https://host:port.",
)
@click.option(
    "--desk", default="Duty desk", show_default=True, metavar="NAME", help="Your desk, as others see it."
)
@click.option("--drill", is_flag=True, help="Make the organisation key for drills.")
@file_option(
    "--public-key", help="Make no key: this is the public half of the one that `tocsin org keygen` made."
)
@file_option("--organisation-key", "key_path", help="Where to put the organisation key, or has it already.")
@passphrase_option
@no_passphrase_option
def init(
    *,
    folder: Path,
    endpoint: str,
    desk: str,
    drill: bool,
    public_key: Path | None,
    key_path: Path | None,
    passphrase_file: Path | None,
    no_passphrase: bool,
) -> None:
    """Make a folder for a node, and the organisation's key.

    The organisation key signs charters in your organisation's name. There is one for live circles, and with
    --drill another one for drills. It is put under a passphrase. Take it offline as soon as it is made: the
    node runs without it. Better still, make it elsewhere (`tocsin org keygen`), and give --public-key here.
    """
    mode: Mode = "drill" if drill else "live"
    if public_path(folder, mode).exists():
        raise NotSetUp(
            f"Expected no {mode} organisation key yet, found {public_path(folder, mode)}; one is for all "
            f"{mode} circles. Next: use it; for another organisation, give another FOLDER."
        )
    check_endpoint(endpoint)
    key_path = key_path or secret_path(folder, mode)
    made = public_key is None and not key_path.exists()
    passphrase = new_passphrase(passphrase_file, none=no_passphrase) if made else None
    folder.mkdir(parents=True, exist_ok=True)
    config = _write_config(folder / CONFIG_NAME, endpoint, desk)
    Folder.of(config).create()
    if public_key:
        key = read_public(public_key, mode)
    elif made:
        key = make_key(key_path, mode, SystemChance(), passphrase).verifying
    else:
        key = read_half(key_path)
        check_mode(key, mode)
    write_public(public_path(folder, mode), key)
    _tell(folder, config, mode, None if public_key else key_path)


@click.command(cls=Command, examples=("tocsin run", "tocsin run --config /etc/tocsin/tocsin.toml"))
@config_option
def run(*, config_path: Path) -> None:
    """Run the node.

    It writes your log, receives those of the other members and confirms them, until it is stopped (Ctrl-C or
    SIGTERM). Stopped at any moment, also by a power cut, it goes on where it was when it is run again. Where
    the configuration has a table [console], people of yours reach it with a browser, too.
    """
    from tocsin.node.process import run_node  # noqa: PLC0415 - a third of a second that `init` does not need

    config = load_config(config_path)
    if config.console:
        from tocsin.web.console import console_of  # noqa: PLC0415 - as above: a node without needs no pages

        run_node(config, console_of)
    else:
        run_node(config)


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
        write_whole(path, text.encode())
    return load_config(path)


def check_endpoint(endpoint: str) -> None:
    """That others can be told of it. Raises MalformedConfig."""
    try:
        msgspec.convert(endpoint, Url)
    except msgspec.ValidationError:
        raise MalformedConfig(
            f"Expected an endpoint as https://host:port, found {quoted(endpoint)}."
        ) from None


def _quoted(text: str) -> str:
    """A TOML string: its basic strings have the escapes of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _tell(folder: Path, config: Config, mode: Mode, key_path: Path | None) -> None:
    rows = [
        (CONFIG_NAME, "what you decide about your node; read it and change it"),
        ("data", "the node's own database and online keys"),
        (public_path(folder, mode).name, "the public half of the organisation key: no secret"),
    ]
    if key_path:
        rows.insert(2, (key_path.name, bad("the organisation key: secret")))
    click.echo(f"{strong('Your node has a folder:')} {shown(str(folder.absolute()))}\n")
    click.echo("\n".join(table(rows)))
    if key_path:
        _tell_key(config, mode, key_path)
    if urlsplit(config.wire.public).hostname in _LOOPBACK:
        click.echo()
        say(
            f"Only this machine reaches the node at {config.wire.public}. For organisations elsewhere, "
            f"change `public` and `listen` in {CONFIG_NAME} before you sign a charter."
        )
    domain = "drill.line.example" if mode == "drill" else "line.example"
    say_next(
        "introduce your organisation to the others, for example:",
        f"tocsin circle introduce --domain {domain} --member apricot --label Apricot --economy KR",
    )


def _tell_key(config: Config, mode: Mode, key_path: Path) -> None:
    click.echo(f"\n{strong('Take the organisation key offline now.')}")
    say(
        f"Whoever has {key_path} can sign charters in your organisation's name. Move it to a medium that is "
        "connected to nothing and lies in a safe; put a copy into another safe. The node never needs it. You "
        f"need it to sign the charter of a {mode} circle, and for new keys of the node."
    )
    warn_of_bare_key(key_path)
    if key_path.absolute().is_relative_to(config.data_folder):
        _warn(key_path)


def _warn(path: Path) -> None:
    words = (
        f"{path} lies in the node's data folder, and is no key of the node's: it may be the organisation "
        "key. Whoever takes over this machine could then sign in your organisation's name. Move it to a "
        "medium that is connected to nothing."
    )
    click.echo("\n" + "\n".join(beside(bad("WARNING"), words, 9)), err=True)
