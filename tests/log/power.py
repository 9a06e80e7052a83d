r"""A disk that loses what was not synced, made from what strace saw a process write.

Python's SQLite goes straight to the system, so nothing can stand between the two; but all that it asks of the
disk is seen. `Disk` follows that and knows at each moment what a power cut could leave of the files in one
folder:

- What was written to a file before a sync of it began is there once that sync is done.
- Anything later may be there or not: each sector of 512 bytes by itself, in any order, and so may be what
  became of the file's length.
- A file's name is a matter of its folder: what was made, renamed or removed since the folder's last sync may
  have been or not.

strace prints text and paths in hex (`-xx`), since they may hold anything.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR_BYTES = 512
CALLS = "openat,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename"
STRACE = ("strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}")

_LINE = re.compile(r"(?P<thread>\d+) +(?P<text>.*)\n")
_CALL = re.compile(
    r"(?P<name>[a-z0-9]+)\((?:(?P<fd>\d+)<(?P<open>[^>]*)>(?:, )?)?(?P<rest>.*)\) += (?P<result>-?\d+).*"
)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_STANDARD_OUTPUT = "1"


@dataclass(frozen=True, slots=True)
class _Write:
    at: int
    data: bytes

    def sectors(self) -> Iterator["_Write"]:
        """The write in parts that a disk writes whole or not at all."""
        start, end = self.at, self.at + len(self.data)
        while start < end:
            stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
            yield _Write(start, self.data[start - self.at : stop - self.at])
            start = stop


@dataclass(slots=True)
class _File:
    """`synced`: what is sure; `since`: what was done to it after that, a number being a length."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[_Write | int] = field(default_factory=list)

    def sync(self, count: int) -> None:
        """So much of what was done is sure."""
        for done in self.since[:count]:
            _do(self.synced, done)
        del self.since[:count]

    def left(self, chance: random.Random, kept: float) -> bytes:
        """What is left of it when each later part is kept with this probability."""
        data = bytearray(self.synced)
        for done in self.since:
            for part in done.sectors() if isinstance(done, _Write) else [done]:
                if chance.random() < kept:
                    _do(data, part)
        return bytes(data)


@dataclass
class Disk:
    """The files in one folder. `said`: the lines that the process wrote on standard output so far.

    Of the file `lies` it syncs nothing, and says it had.
    """

    folder: Path
    lies: str = ""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names: dict[str, _File] = {}
        self._sure_names: dict[str, _File] = {}
        self._begun: dict[str, tuple[str, int]] = {}

    @classmethod
    def of(cls, folder: Path, files: dict[str, bytes]) -> "Disk":
        """A disk that has these files."""
        disk = cls(folder)
        disk._names = {name: _File(bytearray(data)) for name, data in files.items()}
        disk._sure_names = dict(disk._names)
        return disk

    def follow(self, line: str) -> bool:
        """Take note of one whole line of strace's; whether anything changed by it."""
        seen = _LINE.fullmatch(line)
        if seen is None:
            return False
        thread, text = seen["thread"], seen["text"]
        if text.endswith("<unfinished ...>"):
            head = text.removesuffix("<unfinished ...>").rstrip()
            self._begun[thread] = head, self._count(head)
            return False
        before = None
        if resumed := re.match(r"<\.\.\. \w+ resumed>", text):
            head, before = self._begun.pop(thread)
            text = head + text[resumed.end() :]
        call = _CALL.fullmatch(text)
        return bool(call and int(call["result"]) >= 0 and self._done(call, before))

    def left(self, chance: random.Random, kept: float) -> dict[str, bytes]:
        """What a power cut now could leave: each part that is not sure is kept with this probability."""
        names = dict(self._sure_names)
        for name in sorted(self._names.keys() | names.keys()):
            if self._names.get(name) is not names.get(name) and chance.random() < kept:
                names.pop(name, None)
                if name in self._names:
                    names[name] = self._names[name]
        return {name: file.left(chance, kept) for name, file in names.items()}

    def _done(self, call: re.Match[str], before: int | None) -> bool:
        path = _path(call["open"]) if call["open"] else None
        texts = [_bytes(text) for text in _TEXT.findall(call["rest"])]
        match call["name"]:
            case "write" if call["fd"] == _STANDARD_OUTPUT:
                self.said.append(texts[0].decode())
            case "fsync" | "fdatasync" if path == self.folder:
                self._sure_names = dict(self._names)
            case "openat" if (opened := Path(texts[-1].decode())).parent == self.folder:
                if "O_CREAT" in call["rest"]:
                    self._names.setdefault(opened.name, _File())
                if "O_TRUNC" in call["rest"]:
                    self._names[opened.name].since.append(0)
            case "unlink":
                self._names.pop(Path(texts[0].decode()).name, None)
            case "rename" if (old := Path(texts[0].decode())).parent == self.folder:
                self._names[Path(texts[1].decode()).name] = self._names.pop(old.name)
            case name if path and path.parent == self.folder and path.name in self._names:
                self._changed(path.name, name, call["rest"], texts, before)
            case _:
                return False
        return True

    def _changed(self, of: str, name: str, rest: str, texts: list[bytes], before: int | None) -> None:
        file, last = self._names[of], rest.rpartition(", ")[2]
        match name:
            case "pwrite64":
                file.since.append(_Write(int(last), texts[0]))
            case "write":
                file.since.append(_Write(0, texts[0]))
            case "ftruncate":
                file.since.append(int(last))
            case "fsync" | "fdatasync" if of != self.lies:
                file.sync(len(file.since) if before is None else before)

    def _count(self, head: str) -> int:
        """How much had been done to a file when a call on it began."""
        path = _path(head.partition("<")[2].partition(">")[0])
        return len(self._names[path.name].since) if path.parent == self.folder else 0


def _do(data: bytearray, done: _Write | int) -> None:
    if isinstance(done, int):
        del data[done:]
        data.extend(bytes(done - len(data)))
    else:
        data.extend(bytes(max(0, done.at - len(data))))
        data[done.at : done.at + len(done.data)] = done.data


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _path(text: str) -> Path:
    return Path(_bytes(text).decode())
