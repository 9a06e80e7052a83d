"""`org keygen`, `org show` and `org repass`: the organisation key by itself."""

from pathlib import Path

import click

from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, file_option, json_option, path_argument
from tocsin.cli.organisation.keyfile import (
    change_passphrase,
    make_key,
    public_path,
    read_either,
    read_half,
    read_key,
    read_public,
    secret_path,
    write_public,
)
from tocsin.cli.organisation.passphrases import (
    new_passphrase,
    no_passphrase_option,
    passphrase_of,
    passphrase_option,
    warn_of_bare_key,
)
from tocsin.cli.terminal import bad, json_text, say, say_next, shown, strong, table, typed, waiting
from tocsin.core.keys import VerifyingKey
from tocsin.core.sealed import SealedKey
from tocsin.core.spelling import code_of, spoken, written
from tocsin.node.clock import SystemChance
from tocsin.node.papers.organisation import Mode

_PUBLIC = ".pub"


@click.command(
    cls=Command,
    examples=("tocsin org keygen /media/safe", "tocsin org keygen /media/safe --drill"),
)
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--drill", is_flag=True, help="Make the organisation key for drills.")
@passphrase_option
@no_passphrase_option
def keygen(*, folder: Path, drill: bool, passphrase_file: Path | None, no_passphrase: bool) -> None:
    """Make an organisation key, on a machine without network.

    FOLDER gets two files: the key itself, under a passphrase, which stays on a medium that is connected to
    nothing; and its public half, which goes to the node (`tocsin init --public-key FILE`).
    """
    mode: Mode = "drill" if drill else "live"
    secret, public = secret_path(folder, mode), public_path(folder, mode)
    for path in (secret, public):
        if path.exists():
            raise NotSetUp(
                f"Expected no {mode} organisation key in {folder} yet, found {path}. "
                "Next: use it; for another organisation, give another FOLDER."
            )
    passphrase = new_passphrase(passphrase_file, none=no_passphrase)
    folder.mkdir(parents=True, exist_ok=True)
    key = make_key(secret, mode, SystemChance(), passphrase)
    try:
        write_public(public, key.verifying)
    except BaseException:
        secret.unlink()
        raise
    rows = (
        (shown(str(secret)), bad("the organisation key: secret")),
        (shown(str(public)), "its public half: no secret"),
    )
    click.echo("\n".join(table(rows)))
    _say_code(key.verifying)
    say_next("put the key into a safe, and a copy into another. The public half goes to the node:")
    click.echo(f"  tocsin init FOLDER --public-key {typed(public)}{' --drill' * drill}")


@click.command(
    cls=Command,
    examples=("tocsin org show /media/safe/organisation-live.key", "tocsin org show organisation-live.pub"),
)
@path_argument("file")
@json_option
def show(*, file: Path, as_json: bool) -> None:
    """Show the public half of a key, and whether it has a passphrase.

    FILE is either half. No passphrase is asked for. The letters are for comparing the key aloud: whoever has
    the same file sees the same letters.
    """
    if file.suffix == _PUBLIC:
        key, sealed = read_public(file, None), None
    else:
        key, sealed = read_half(file), isinstance(read_either(file), SealedKey)
    if as_json:
        told = {"mode": key.name, "public": key.encode(), "compare": _code(key), "passphrase": sealed}
        click.echo(json_text(told))
        return
    half = "public half" if sealed is None else "secret, under a passphrase" if sealed else "secret"
    bare = "" if sealed is not False else waiting("  without a passphrase")
    click.echo(f"{strong('organisation key')} for {key.name} circles, {half}{bare}")
    click.echo(key.encode())
    _say_code(key)
    if sealed is False:
        warn_of_bare_key(file)


@click.command(
    cls=Command,
    examples=(
        "tocsin org repass /media/safe/organisation-live.key",
        "tocsin org repass KEY --passphrase-file OLD --new-passphrase-file NEW",
    ),
)
@path_argument("file")
@passphrase_option
@file_option(
    "--new-passphrase-file",
    "new_file",
    help="A file with the new passphrase.  [default: ask at the terminal]",
)
@no_passphrase_option
def repass(*, file: Path, passphrase_file: Path | None, new_file: Path | None, no_passphrase: bool) -> None:
    """Put a key under another passphrase, or under its first.

    The key stays the same, and so does what it has signed. Copies that lie elsewhere keep their passphrase:
    replace them too.
    """
    key = read_key(file, None, passphrase_of(file, passphrase_file))
    change_passphrase(file, key, SystemChance(), new_passphrase(new_file, none=no_passphrase))
    say(f"{shown(str(file))} has {'no passphrase any more' if no_passphrase else 'its new passphrase'}.")
    say_next("replace the copies in your other safes.")


def _code(key: VerifyingKey) -> str:
    # Not of its name: that is another one in each circle.
    return code_of(key.public)


def _say_code(key: VerifyingKey) -> None:
    click.echo(f"\n{strong('To compare aloud:')}")
    for line, words in zip(written(_code(key)), spoken(_code(key)), strict=True):
        click.echo("\n".join(table([(line, words)])))
