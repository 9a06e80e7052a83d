"""What `case` writes into files: only the owner may read it, and nothing is overwritten unasked."""

from pathlib import Path

import click

from tocsin.cli.terminal import good, json_text, shown, typed
from tocsin.core.errors import Refusal
from tocsin.node.files import OWNER_ONLY, write_whole

force_option = click.option("--force", is_flag=True, help="Overwrite the file that is there.")


class FileExists(Refusal):
    """There is a file already where one is to be written."""

    code = "file-exists"


def check_free(path: Path, *, force: bool) -> None:
    """That no file is there, before long work begins. Raises FileExists."""
    if path.is_file() and not force:
        raise FileExists(
            f"Expected a file that is not there yet, found {typed(path)}. "
            "Next: name another file with --output, or overwrite that one with --force."
        )


def hand_out(path: Path, data: bytes, *, force: bool, as_json: bool, **told: object) -> None:
    """Write it, which holds records in the clear, and say so. Raises FileExists."""
    check_free(path, force=force)
    write_whole(path, data, OWNER_ONLY)
    if as_json:
        click.echo(json_text(told | {"path": str(path), "bytes": len(data)}))
    else:
        click.echo(f"{good('Written:')} {shown(str(path))}")
