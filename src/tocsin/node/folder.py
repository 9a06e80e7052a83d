"""Where a node keeps things: the layout of its data folder, and the files with secrets in it.

    node.sqlite3                        the database, of which `tocsin.log` knows more
    index.sqlite3                       what finds records in it again; thrown away, it is made anew
    marker/                             what tells that the database is an old copy; better on another disk
    keys/<circle id>/<epoch>/log.key    and holder.key, witness.key, request.key: one secret key each, as Go's
                                        sumdb/note writes it
    keys/<circle id>/<epoch>/tls.key    and tls.crt
    keys/<circle id>/<epoch>/phone.key  the key for calls; made when this epoch is ours
    keys/<circle id>/<epoch>/draft.json what the organisation is asked to sign for these keys; after epoch 1
    api.sock                            the machine API, while the node runs

- The organisation key has no place here: it stays offline (docs/protocol.md, section 2).
- Folders are 0700 and secrets 0600. A secret that others can read is refused: it may be known already.
- Keys are written once and durably, before anything is signed with them, and never overwritten.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.circles.errors import NoKeysHere
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.core.certificate import make_tls_key, pin_of
from tocsin.core.clock import Chance
from tocsin.core.errors import MalformedKey
from tocsin.core.keys import SigningKey
from tocsin.core.names import LogName
from tocsin.core.phone import PhoneSecret
from tocsin.log.durable import sync
from tocsin.node.config import Config
from tocsin.node.errors import KeysMissing, UnsafeFile, UnusableFolder
from tocsin.node.files import write_new
from tocsin.node.serving.tls import TlsFiles

CIRCLES, EVENTS = "circle", "events"
"""The spaces of the database with the circles as they were founded, and with the events of each (`/<id>`)."""
MAX_SECRET_BYTES = 16 * 1024
_OTHERS = 0o077
_EPOCH = re.compile("[1-9][0-9]*")
_DRAFT = "draft.json"
_PHONE = "phone.key"
_NAMES = ("log", "holder", "witness", "request")


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """All secrets of a node in one circle and epoch."""

    member: MemberKeys
    tls: TlsFiles


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder, and the folder of its marker."""

    data: Path
    marker: Path

    @classmethod
    def of(cls, config: Config) -> "Folder":
        """The folders that a configuration names."""
        return cls(config.data_folder, config.marker_folder or config.data_folder / "marker")

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "node.sqlite3"

    @property
    def index(self) -> Path:
        """The index of the database."""
        return self.data / "index.sqlite3"

    def create(self) -> None:
        """Make the folders that are missing. Raises UnusableFolder."""
        for folder in (self.data, self.marker, self.data / "keys"):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise UnusableFolder(f"Expected to make {folder}, found: {error.strerror}.") from error

    def create_keys(self, log: LogName, chance: Chance) -> NodeKeys:
        """New keys for one circle and epoch, durable: all, or none. Raises FileExistsError."""
        final = self._keys(log.circle, log.epoch)
        if final.exists():
            raise FileExistsError(f"{final} exists")
        member, tls = MemberKeys.generate(log, chance), make_tls_key(chance)
        folder = final.with_name(f"{log.epoch}.new")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        for name, key in zip(
            _NAMES, (member.log, member.holder, member.witness, member.request), strict=True
        ):
            write_secret(folder / f"{name}.key", f"{key.encode_unsafe()}\n".encode())
        write_secret(folder / "tls.key", tls.secret_pem)
        write_secret(folder / "tls.crt", tls.certificate_pem)
        folder.rename(final)
        for above in (final.parent, final.parent.parent):
            sync(above)
        return NodeKeys(member, TlsFiles(final / "tls.key", final / "tls.crt", tls.pin))

    def begin_keys(self, log: LogName, chance: Chance) -> NodeKeys:
        """Keys for one circle and epoch: new ones, or those of a beginning that was broken off.

        Raises as `keys` does: where only some of them are, nobody knows which were used.
        """
        if log.epoch in self.epochs(log.circle):
            return self.keys(log.circle, log.epoch)
        return self.create_keys(log, chance)

    def keys(self, circle: str, epoch: int) -> NodeKeys:
        """The keys for one circle and epoch.

        Raises KeysMissing, UnsafeFile, MalformedKey, MalformedName, MalformedCertificate or KeyReused.
        """
        folder = self._keys(circle, epoch)
        log, *others = (_parse(read_secret(folder / f"{name}.key")) for name in _NAMES)
        certificate = read_secret(folder / "tls.crt")
        read_secret(folder / "tls.key")
        return NodeKeys(
            MemberKeys(LogName.parse(log.verifying.name), log, *others),
            TlsFiles(folder / "tls.key", folder / "tls.crt", pin_of(certificate)),
        )

    def keys_of(self, log: LogName) -> NodeKeys | None:
        """The keys with which that log is written, if they are here. Raises what `keys` raises."""
        if log.epoch not in self.epochs(log.circle):
            return None
        keys = self.keys(log.circle, log.epoch)
        return keys if keys.member.log_name == log else None

    def newest_keys(self, circle: Circle) -> NodeKeys | None:
        """The keys of our newest epoch, if they are here and are those that its opening names."""
        for member in circle.members:
            if keys := self.keys_of(member.log):
                named = (member.online_keys(), member.endpoint.tls_spki_sha256)
                return keys if (keys.member.public(), keys.tls.pin) == named else None
        return None

    def member_in(self, circle: str) -> str:
        """Which member of a circle we are: the keys tell. Raises NoKeysHere."""
        epochs = self.epochs(circle)
        if not epochs:
            raise NoKeysHere(f"Expected the keys of a member of circle {circle}, found none.")
        return self.keys(circle, epochs[0]).member.log_name.member

    def phone_key(self, log: LogName) -> PhoneSecret | None:
        """Our key for calls in that epoch, if there is one. Raises UnsafeFile or MalformedKey."""
        path = self._keys(log.circle, log.epoch) / _PHONE
        if not path.exists():
            return None
        secret = PhoneSecret.parse(_text(read_secret(path)))
        if secret.key.log != log:
            raise MalformedKey(f"Expected the key for calls of {log} in {path}, found {secret.key.log}'s.")
        return secret

    def begin_phone_key(self, log: LogName, chance: Chance) -> PhoneSecret:
        """The same; a new one where there is none, since versions before 0.4.0 made none."""
        secret = self.phone_key(log)
        if secret is None:
            secret = PhoneSecret.generate(log, chance)
            path = self._keys(log.circle, log.epoch) / _PHONE
            replace_secret(path, f"{secret.encode_unsafe()}\n".encode())
        return secret

    def circles(self) -> list[str]:
        """The ids of the circles for which there are keys."""
        return sorted(folder.name for folder in (self.data / "keys").glob("*"))

    def epochs(self, circle: str) -> list[int]:
        """The epochs of a circle for which there are keys, in order."""
        folders = (self.data / "keys" / circle).glob("*")
        return sorted(int(folder.name) for folder in folders if _EPOCH.fullmatch(folder.name))

    def keep_draft(self, circle: str, epoch: int, draft: bytes) -> None:
        """Keep, durably, what the organisation is asked to sign for these keys."""
        replace_secret(self._keys(circle, epoch) / _DRAFT, draft)

    def draft(self, circle: str, epoch: int) -> bytes | None:
        """What the organisation is asked to sign for these keys, if it is."""
        path = self._keys(circle, epoch) / _DRAFT
        return read_secret(path) if path.exists() else None

    def drop_keys(self, circle: str, epoch: int) -> None:
        """Forget keys with which nothing was ever signed."""
        folder = self._keys(circle, epoch)
        dropped = folder.with_name(f"{epoch}.dropped")
        shutil.rmtree(dropped, ignore_errors=True)
        folder.rename(dropped)
        sync(folder.parent)
        shutil.rmtree(dropped)

    def stray_keys(self) -> Iterator[Path]:
        """Files of the data folder that look like a secret key and are none of the node's."""
        keys = self.data / "keys"
        return (path for path in self.data.rglob("*.key") if not path.is_relative_to(keys))

    def _keys(self, circle: str, epoch: int) -> Path:
        return self.data / "keys" / circle / str(epoch)


def write_secret(path: Path, secret: bytes) -> None:
    """A new file, durable, that only its owner may read. Raises FileExistsError."""
    write_new(path, secret)
    sync(path.absolute().parent)


def replace_secret(path: Path, secret: bytes) -> None:
    """A secret in place of the one that is there: durably the one or the other."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    write_secret(new, secret)
    new.replace(path)
    sync(path.absolute().parent)


def read_secret(path: Path, *, others: bool = False) -> bytes:
    """What `write_secret` wrote. Raises KeysMissing, or UnsafeFile if others than its owner may read it.

    `others`: they may.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            secret = file.read(MAX_SECRET_BYTES)
    except OSError as error:
        raise KeysMissing(
            f"Expected a secret in {path}, found: {error.strerror}. Next: restore it from its copy."
        ) from error
    if mode & _OTHERS and not others:
        raise UnsafeFile(
            f"Expected {path} to be readable by its owner alone, found mode {mode & 0o777:o}: others may "
            f"know the secret. Next: replace it, or `chmod 600 {path}` if you are sure that they do not."
        )
    return secret


def _parse(secret: bytes) -> SigningKey:
    return SigningKey.parse(_text(secret))


def _text(secret: bytes) -> str:
    return secret.decode("latin-1").removesuffix("\n")
