"""`restore`: a node's folder from a backup.

(1) the backup is whole, file by file; (2) there is no database yet, or it is to be put aside, and no process
uses it; (3) beside its place, the database is brought to this version, gets another id, and all of it is
checked; (4) what is missing of the small files and attachments is put beside it, and what is there stays; the
marker is told, and the database takes its place: last, so that a restore that was broken off can be given
again.

The id and the marker are what keeps the node from writing its old epochs on: others may hold more of them
than the backup has. Nor does it confirm anything in them of which it cannot know that it fits what it
confirmed after the backup was made: only a marker that was saved, on whatever disk, can tell that.
"""

import shutil
from collections.abc import Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

import click

from tocsin.cli.backup.manifest import (
    CONFIG,
    DATABASE,
    MalformedBackup,
    Manifest,
    attachment_in,
    copy_attachment,
    copy_file,
    copy_large,
    is_circle,
    is_public_key,
    read_manifest,
    saved,
)
from tocsin.cli.backup.progress import Progress
from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, config_option, json_option
from tocsin.cli.terminal import good, json_text, moment, say, say_next, shown, table, typed
from tocsin.log.durable import sync
from tocsin.log.marker import Marker
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.backup import check
from tocsin.log.sqlite.lock import Lock
from tocsin.log.store import Head
from tocsin.node.attachments.kept import Kept
from tocsin.node.clock import SystemChance
from tocsin.node.config import load_config
from tocsin.node.folder import Folder


@click.command(
    cls=Command,
    examples=(
        "tocsin restore /media/stick/apricot-2026-11-22",
        "tocsin restore /media/stick/apricot-2026-11-22 --config apricot/tocsin.toml --replace",
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--replace", is_flag=True, help="Put the database that is there aside.")
@config_option
@json_option
def restore(*, folder: Path, replace: bool, config_path: Path, as_json: bool) -> None:
    """Restore a node from a backup.

    FOLDER is what `tocsin backup` wrote. The node is the one of --config; where there is no such file, that
    of the backup is put there. A database that is there already is refused, or with --replace put aside.

    The node then reads what the backup has, and gets from the other members what was said since, its own
    records among them. It never writes its old log on, since others may hold more of it: to write again, it
    opens a new epoch.
    """
    # (1) whole
    manifest = read_manifest(folder)
    node = _node(folder, config_path, manifest)
    # (2) nothing in its place
    if node.database.exists() and not replace:
        raise NotSetUp(
            f"Expected no database at {node.database}, found one. "
            "Next: `tocsin backup` it first, then this again with --replace, which puts it aside."
        )
    node.create()
    lock = Lock(node.database)
    try:
        # (3) made ready beside it
        ready = _workshop_of(node) / DATABASE
        shutil.rmtree(ready.parent, ignore_errors=True)
        ready.parent.mkdir(mode=0o700)
        heads, backed_up = _make_ready(folder / DATABASE, ready, manifest)
        # (4) what it needs, and then itself, in its place
        _put_beside(folder, node, config_path.absolute().parent, manifest)
        Marker(node.marker / "marker").restored(backed_up)
        aside = _aside(node.database) if _files_of(node.database) else None
        if aside:
            _move(node.database, aside)
        _move(ready, node.database)
        sync(node.data)
    finally:
        shutil.rmtree(_workshop_of(node), ignore_errors=True)
        lock.release()
    _tell(heads, folder, manifest, node, aside, as_json=as_json)


def _node(folder: Path, config_path: Path, manifest: Manifest) -> Folder:
    """The node that is meant. Raises MalformedConfig, MalformedBackup."""
    if not config_path.exists():
        if CONFIG not in manifest.files:
            raise MalformedBackup(f"Expected a configuration at {config_path} or in the backup, found none.")
        copy_file(folder / CONFIG, config_path)
    return Folder.of(load_config(config_path))


def _workshop_of(node: Folder) -> Path:
    """A folder on the disk of the data folder, of this command alone."""
    return node.data / "restoring"


def _make_ready(source: Path, ready: Path, manifest: Manifest) -> tuple[list[Head], str]:
    """The database of the backup, of this version, with another id, and checked.

    Returns where logs end, and the id that it had.
    """
    chance = SystemChance()
    with Progress() as progress:
        copy_large(source, ready, progress.of("copying"))
        with closing(SqliteStore(ready, chance)) as store:
            backed_up = store.database_id
            store.become_another()
        heads = check(ready, chance, progress.of("checking"))
    if saved(heads) != manifest.logs:
        raise MalformedBackup("Expected the logs that the manifest of the backup lists, found others.")
    return heads, backed_up


def _files_of(database: Path) -> list[Path]:
    """The files there are of a database: itself, its write-ahead log, and the index of that."""
    files = (database.with_name(database.name + ending) for ending in ("", "-wal", "-shm"))
    return [file for file in files if file.exists()]


def _move(database: Path, target: Path) -> None:
    """Give a database another name, and what belongs to it."""
    for file in _files_of(database):
        file.rename(target.with_name(file.name.replace(database.name, target.name)))


def _aside(database: Path) -> Path:
    """A name that is free."""
    names = (database.with_name(f"{database.name}.replaced-{number}") for number in count(1))
    return next(name for name in names if not name.exists())


def _put_beside(folder: Path, node: Folder, config_folder: Path, manifest: Manifest) -> None:
    """What the node has not of the small files of the backup, and of its attachments."""
    for path in manifest.files:
        # A circle in a file is for `circle recover`, which is told where it is.
        if is_circle(path):
            continue
        target = (config_folder if is_public_key(path) else node.data) / path
        if sha256 := attachment_in(path):
            kept = Kept(target.parent, lambda: False)
            # What is set apart here was named as illegal after the backup was made.
            if kept.path(sha256) is None and not kept.is_set_apart(sha256):
                copy_attachment(folder / path, target)
        elif path not in (DATABASE, CONFIG) and not target.exists():
            copy_file(folder / path, target)


def _tell(
    heads: Sequence[Head],
    folder: Path,
    manifest: Manifest,
    node: Folder,
    aside: Path | None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        told = {
            "database": str(node.database),
            "made_at_ms": manifest.made_at_ms,
            "keys": manifest.has_keys,
            "attachments": manifest.attachments,
            "replaced": str(aside) if aside else None,
            "logs": saved(heads),
        }
        click.echo(json_text(told))
        return
    made = moment(manifest.made_at_ms)
    click.echo(f"{good('Restored and checked:')} {shown(str(node.database))}, as it was {made}\n")
    click.echo("\n".join(table([(f"{head.size} entries", head.name) for head in heads])))
    click.echo()
    if aside:
        say(f"What was there is now {aside}: remove it when you are sure that nobody needs it.")
    say(
        "Your node will not write its old logs on: the other members may hold more of them than this backup. "
        "It gets from them what is missing here. To write again it needs a new epoch, with new keys."
    )
    keyless = [path for path in manifest.files if is_circle(path) and not _has_keys(node, path)]
    if keyless:
        say_next("the online keys are not here: make new ones, sign the draft, run the node, and adopt it:")
        for path in keyless:
            click.echo(f"  tocsin circle recover {typed(folder / path)}")
    else:
        say_next("run the node and, once it has heard from the others, open the new epoch:", "tocsin run")
        click.echo("  tocsin epoch draft --reason lost")


def _has_keys(node: Folder, path: str) -> bool:
    """Whether there are keys of any epoch for the circle that stands at this path of a backup."""
    return bool(node.epochs(Path(path).stem))
