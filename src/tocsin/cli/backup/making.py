"""`backup`: a copy of a node, made while it runs.

(1) the folder is new; (2) the database is copied, as of one moment, and (3) the copy is checked: it is the
copy that has to be whole; (4) the attachments that its records name follow, and (5) the small files; (6) the
manifest says what there is, and then the folder gets its name. The node is not asked, and waits for nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import click

from tocsin import __version__
from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.founding.joining import decode_circle
from tocsin.cli.backup.attached import Attached, copy_attached
from tocsin.cli.backup.manifest import (
    CONFIG,
    DATABASE,
    Manifest,
    attachment_in,
    circle_path,
    copy_file,
    digest_of,
    files_below,
    is_founding,
    is_key,
    is_public_key,
    saved,
    write_manifest,
)
from tocsin.cli.backup.progress import Progress
from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, config_option, json_option
from tocsin.cli.terminal import bad, good, json_text, say, say_next, shown, table, typed
from tocsin.log.durable import sync
from tocsin.log.export import FolderNotEmpty, made_whole
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.backup import back_up, check
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import load_config
from tocsin.node.folder import CIRCLES, EVENTS, Folder, write_secret


@click.command(
    cls=Command,
    examples=(
        "tocsin backup /media/stick/apricot-2026-11-22",
        "tocsin backup /media/safe/apricot-whole --with-keys",
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--with-keys", is_flag=True, help="Also the node's online keys. Then it must lie as safe as they do."
)
@click.option(
    "--without-attachments", is_flag=True, help="Without attachments, which come again from the others."
)
@config_option
@json_option
def backup(
    *, folder: Path, with_keys: bool, without_attachments: bool, config_path: Path, as_json: bool
) -> None:
    """Make a backup of the node, while it runs.

    FOLDER, which is new, gets the database as it is at one moment, the attachments that are here and that its
    records name, the configuration, charters and join files. All of the copy is checked: each record, that
    the entries of each log lead to its root, and each attachment by its SHA-256. It holds every record in the
    clear, and nothing that any record names as illegal to have. The organisation key is never in it: keep
    that, and its copies, offline.

    With --with-keys, whoever has the backup can write in your log and confirm in your name. Without, a node
    that is restored from it needs new keys before it writes again. Either way it needs a new epoch: the other
    members may hold records of yours that the backup does not have.
    """
    node, config_folder = Folder.of(load_config(config_path)), config_path.absolute().parent
    if not node.database.exists():
        raise NotSetUp(f"Expected a database at {node.database}, found none. Next: `tocsin doctor`.")
    # (1) a new folder
    folder = folder.absolute()
    if folder.exists():
        raise FolderNotEmpty(f"Expected a folder that is new, found {folder}. Next: give another name.")
    with made_whole(folder, 0o700) as unfinished:
        with Progress() as progress:
            # (2) copied, (3) checked
            back_up(node.database, unfinished / DATABASE, progress.of("copying"))
            attached = Attached()
            heads = check(unfinished / DATABASE, SystemChance(), progress.of("checking"), attached.read)
            # (4) attachments
            illegal = 0
            if not without_attachments:
                attached.read_apart(unfinished / DATABASE)
                copy_attached(attached, node.data, unfinished, progress.of("attached"))
                illegal = attached.left_out(node.data)
        # (5) small files
        copy_file(config_path, unfinished / CONFIG)
        for file in config_folder.iterdir():
            if is_public_key(file.name):
                copy_file(file, unfinished / file.name)
        for path in files_below(node.data):
            if is_founding(path) or (with_keys and is_key(path)):
                copy_file(node.data / path, unfinished / path)
        for circle, data in _circles(unfinished / DATABASE):
            file = unfinished / circle_path(circle)
            file.parent.mkdir(mode=0o700, exist_ok=True)
            write_secret(file, data)
        # (6) the manifest, and the name
        files = {path: digest_of(unfinished / path) for path in files_below(unfinished)}
        damaged = [path for path, digest in files.items() if attachment_in(path) not in {None, digest}]
        for path in damaged:
            (unfinished / path).unlink()
            del files[path]
        manifest = Manifest(
            version=__version__, made_at_ms=SystemClock().wall_ms(), logs=saved(heads), files=files
        )
        write_manifest(unfinished, manifest)
    sync(folder.parent)
    _tell(folder, manifest, damaged, illegal, as_json=as_json)


def _circles(database: Path) -> Iterator[tuple[str, bytes]]:
    """Each circle in one file, by its id."""
    with closing(SqliteStore(database, SystemChance(), beside=True)) as store:
        for circle, founded in store.documents(CIRCLES).items():
            events = tuple(store.documents(f"{EVENTS}/{circle}").values())
            notes = (store.newest_checkpoint(log) for log in store.logs() if f"/{circle}/" in log)
            bundle = Bundle(decode_circle(founded), events, tuple(note for note in notes if note))
            yield circle, bundle.encode()


def _tell(folder: Path, manifest: Manifest, damaged: Sequence[str], illegal: int, *, as_json: bool) -> None:
    if as_json:
        told = {
            "folder": str(folder),
            "keys": manifest.has_keys,
            "logs": manifest.logs,
            "attachments": manifest.attachments,
            "damaged": damaged,
            "illegal": illegal,
        }
        click.echo(json_text(told))
        return
    click.echo(f"{good('Written and checked:')} {shown(str(folder))}\n")
    click.echo("\n".join(table([(f"{log.size} entries", log.log) for log in manifest.logs])))
    click.echo()
    if manifest.attachments:
        say(f"{manifest.attachments} attachments are in it.")
    if illegal:
        say(f"{illegal} attachments are not in it, since a record names them as illegal to have.")
    for path in damaged:
        click.echo(f"{bad('Damaged here, and not in it:')} {shown(path)}")
    if manifest.has_keys:
        say(
            "It holds every record in the clear, and the node's online keys: whoever has it can write in "
            "your log and confirm in your name."
        )
        click.echo(bad("Keep it encrypted, or in a safe."))
    else:
        say(
            "It holds every record in the clear, and no secret key. A node restored from it reads what was "
            "said, and needs new keys before it writes again."
        )
    say_next("to use it, on this machine or another:", f"tocsin restore {typed(folder)}")
