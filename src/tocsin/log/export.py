"""A log as a folder of static files, which public tools read (C2SP tlog-tiles).

    checkpoint                       the note that was given
    tile/<level>/<index>[.p/<width>] the tree
    tile/entries/<index>[.p/<width>] the entries: no record, no salt

Copied anywhere, served by any web server, it lets an outsider check every proof; it says nothing of what the
records say.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.core.errors import Fault, Refusal
from tocsin.core.note import parse_note
from tocsin.core.tlog.checkpoint import parse_text
from tocsin.core.tlog.entry import ENTRY_BYTES
from tocsin.core.tlog.tiles import encode_bundle, entries_path, tiles_of
from tocsin.core.tlog.tree import tree_root
from tocsin.log.store import Store


class FolderNotEmpty(Refusal):
    """The folder has something in it already."""

    code = "folder-not-empty"


def export_log(store: Store, log: str, folder: Path, checkpoint_note: bytes) -> None:
    """Write the log as it was at that checkpoint into `folder`, which is new or empty; whole or not at all.

    Raises FolderNotEmpty; Fault for a checkpoint that is not of what the store has.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(f"Expected a new or an empty folder, found files in {folder}.")
    checkpoint = parse_text(parse_note(checkpoint_note).text)
    read = store.read_tiles(log)
    if (checkpoint.origin, checkpoint.root) != (log, tree_root(checkpoint.size, read)):
        raise Fault(f"Expected a checkpoint of {log} with the root it has, found {checkpoint}.")
    with made_whole(folder) as unfinished:
        for tile in tiles_of(checkpoint.size):
            _write(unfinished / tile.path(), *read([tile]))
            if tile.level == 0:
                entries = store.entries(log, tile.entries.start, tile.entries.stop)
                _write(unfinished / entries_path(tile.index, tile.width), encode_bundle(_split(entries)))
        _write(unfinished / "checkpoint", checkpoint_note)


@contextmanager
def made_whole(folder: Path, mode: int = 0o777) -> Iterator[Path]:
    """A folder that gets this name when all is in it, and is removed if that fails."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode, parents=True)
    try:
        yield unfinished
        unfinished.rename(folder)
    except BaseException as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, OSError):
            # That of a full disk does not say where.
            error.filename = error.filename or str(folder)
        raise


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _split(entries: bytes) -> list[bytes]:
    return [entries[start : start + ENTRY_BYTES] for start in range(0, len(entries), ENTRY_BYTES)]
