"""What a backup is: a folder, and in it a list of its files.

    manifest.json                  what follows, and how far each log went
    node.sqlite3                   the database, as of one moment
    tocsin.toml                    the node's configuration
    organisation-live.pub          public halves of the organisation's keys
    founding/<circle>/…            charters and join files
    circles/<circle>.circle        all that is signed of a circle, as `tocsin circle export` writes it
    attachments/<circle>/<sha256>  content that records name, and none as illegal to have
    keys/<circle>/<epoch>/…        the node's online keys, only if that was asked for

Only files of these names are taken, whatever else lies in a node's folder: the organisation key is never
there. A folder, so that whatever copies folders can bring it to safety, and one can look into it.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.core.errors import Refusal, quoted
from tocsin.core.keys import encode_base64
from tocsin.log.durable import sync
from tocsin.log.sqlite.copying import Progress
from tocsin.log.store import Head
from tocsin.node.attachments.attachments import ATTACHMENTS
from tocsin.node.files import naming
from tocsin.node.folder import write_secret

DATABASE, CONFIG = "node.sqlite3", "tocsin.toml"
MANIFEST = "manifest.json"

_MAX_MANIFEST_BYTES = 2**28
_PART_BYTES = 2**22
_KEY = re.compile(r"keys/[0-9a-f]{64}/[0-9]{1,10}/((log|holder|witness|request|tls|phone)\.key|tls\.crt)")
_PUBLIC_KEY = re.compile(r"organisation-(live|drill)\.pub")
_CIRCLE = re.compile(r"circles/[0-9a-f]{64}\.circle")
_FOUNDING = re.compile(r"founding/[0-9a-f]{64}/(charter\.toml|[a-z0-9-]{1,32}\.join)")
_ATTACHMENT = re.compile(rf"{ATTACHMENTS}/[0-9a-f]{{64}}/([0-9a-f]{{64}})")


class MalformedBackup(Refusal):
    """This is no backup, or not all of it."""

    code = "malformed-backup"


class SavedLog(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a log went; `root` is base64."""

    log: str
    size: int
    root: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is in a backup. `files`: by its path, the SHA-256 of each file."""

    format: Literal["tocsin-backup/v1"] = "tocsin-backup/v1"
    version: str
    made_at_ms: int
    logs: tuple[SavedLog, ...]
    files: dict[str, str]

    @property
    def has_keys(self) -> bool:
        """Whether online keys are in it."""
        return any(map(is_key, self.files))

    @property
    def attachments(self) -> int:
        """How many are in it."""
        return sum(attachment_in(path) is not None for path in self.files)


def saved(heads: Sequence[Head]) -> tuple[SavedLog, ...]:
    """The logs, as a manifest has them."""
    return tuple(SavedLog(head.name, head.size, encode_base64(head.root)) for head in heads)


def is_key(path: str) -> bool:
    """Whether a file of that path, from the data folder on, is an online key of a node."""
    return bool(_KEY.fullmatch(path))


def is_public_key(path: str) -> bool:
    """Whether a file of that path, from the configuration's folder on, is half of an organisation key."""
    return bool(_PUBLIC_KEY.fullmatch(path))


def is_founding(path: str) -> bool:
    """Whether a file of that path, from the data folder on, is a charter or a join file."""
    return bool(_FOUNDING.fullmatch(path))


def is_circle(path: str) -> bool:
    """Whether a file of that path, from the backup's folder on, is a circle in one file."""
    return bool(_CIRCLE.fullmatch(path))


def attachment_in(path: str) -> str | None:
    """The SHA-256 of the attachment whose path that is, from the data folder on."""
    found = _ATTACHMENT.fullmatch(path)
    return found[1] if found else None


def attachment_path(circle: str, sha256: str) -> str:
    """Its path."""
    return f"{ATTACHMENTS}/{circle}/{sha256}"


def circle_path(circle: str) -> str:
    """The path of the circle of that id."""
    return f"circles/{circle}.circle"


_KNOWN = (is_key, is_public_key, is_founding, is_circle, attachment_in)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, durably."""
    write_secret(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """What is in a backup, each file compared with its SHA-256. Raises MalformedBackup."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            manifest = msgspec.json.decode(file.read(_MAX_MANIFEST_BYTES), type=Manifest)
    except OSError as error:
        raise MalformedBackup(
            f"Expected a backup in {folder}, found no {MANIFEST} in it ({error.strerror}). "
            "Next: name the folder that `tocsin backup` wrote."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBackup(f"Expected a backup in {folder}, found in {MANIFEST}: {error}.") from None
    if DATABASE not in manifest.files:
        raise MalformedBackup(f"Expected {DATABASE} among the files of the backup in {folder}, found none.")
    for path, digest in manifest.files.items():
        if path not in (DATABASE, CONFIG) and not any(known(path) for known in _KNOWN):
            raise MalformedBackup(f"Expected only files of a node in a backup, found {quoted(path)}.")
        fits = attachment_in(path) in {None, digest}
        if not fits or not (folder / path).is_file() or digest_of(folder / path) != digest:
            raise MalformedBackup(
                f"Expected {path} of the backup in {folder} as it was written, found it changed or missing. "
                "Next: use another copy of this backup, or another one."
            )
    return manifest


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_file(source: Path, target: Path) -> None:
    """Copy a small file, durably, for its owner alone; folders that are missing are made. Raises OSError."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(target, source.read_bytes())


def copy_large(source: Path, target: Path, progress: Progress) -> None:
    """Copy a large file, durably, for its owner alone. `progress` counts bytes. Raises OSError."""
    with source.open("rb") as source_file:
        total_bytes = os.fstat(source_file.fileno()).st_size
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with naming(target), os.fdopen(descriptor, "wb") as file:
            while part := source_file.read(_PART_BYTES):
                file.write(part)
                progress(file.tell(), total_bytes)
            file.flush()
            os.fsync(descriptor)


def copy_attachment(source: Path, target: Path) -> None:
    """Copy an attachment, durably: it is there whole, or not at all. Raises OSError."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.unlink(missing_ok=True)
    copy_large(source, unfinished, lambda _done, _total: None)
    unfinished.replace(target)
    sync(target.parent)


def files_below(folder: Path) -> Iterator[str]:
    """The path of each file in a folder, from there on, sorted."""
    paths = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return iter(sorted(str(path.relative_to(folder)) for path in paths))
