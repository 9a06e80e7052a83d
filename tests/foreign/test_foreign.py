"""What we export, prove and cosign verifies with tools that nobody here wrote; what was changed does not.

Where the foreign tools take more than we do, nothing is claimed of them: they look at neither the `extra`
line nor signature lines by keys that they were not given, and the last character before the padding of base64
has bits that say nothing. (`tocsin verify` refuses every changed byte: tests/circles/test_prooffile.py.)
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from tests.circles.party import Seeded, note_bytes, party
from tests.foreign.drivers import (
    GO_DRIVERS,
    NODE_DRIVER,
    Ask,
    ask,
    build_go,
    missing_for_go,
    missing_for_node,
)

from tocsin.circles.evidence.prooffile import make_proof
from tocsin.core.keys import SigningKey
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, cosign, sign_checkpoint
from tocsin.core.tlog.chunk import MAX_CHUNK_ENTRIES, Chunk
from tocsin.core.tlog.entry import EntryHasher
from tocsin.core.tlog.tree import inclusion_proof, tree_root
from tocsin.log.export import export_log
from tocsin.log.sqlite import SqliteStore

pytestmark = pytest.mark.foreign

SIZES = (1, 2, 255, 256, 257, 1_000)
PLACES = sorted({(index, size) for size in SIZES for index in (0, size // 2, size - 1)})
TIME_S = 1_684_764_000

P = party()
ASH = P.circle.by_slug["ash"]
LOG = str(ASH.log)
LOG_KEY = P.keys["ash"].log
COSIGNERS = [P.keys["birch"].holder, P.keys["birch"].witness, P.keys["cedar"].holder]


class Log:
    """Ash's log in a real store: its opening, and notes."""

    def __init__(self, store: SqliteStore, size: int) -> None:
        self.store = store
        chance, entry_of = Seeded("salts"), EntryHasher(LOG).entry
        records = [ASH.opening, *(note_bytes(ASH.log, f"No. {index}.") for index in range(1, size))]
        triples = [(entry_of(salt := chance.token(32), record), salt, record) for record in records]
        with store.transaction():
            store.create(LOG)
            for first in range(0, size, MAX_CHUNK_ENTRIES):
                chunk = Chunk.make(first, triples[first : first + MAX_CHUNK_ENTRIES])
                store.extend(LOG, first, store.edge(LOG).extend(chunk.entries), chunk)

    def checkpoint(self, size: int) -> SignedCheckpoint:
        """The signed checkpoint of that size."""
        return sign_checkpoint(Checkpoint(LOG, size, tree_root(size, self.store.read_tiles(LOG))), LOG_KEY)

    def entry(self, index: int) -> str:
        """An entry, as the drivers want it."""
        return self.store.entries(LOG, index, index + 1).hex()

    def export(self, size: int, folder: Path) -> Path:
        """The log at that size as a static folder."""
        export_log(self.store, LOG, folder, self.checkpoint(size).note.encode())
        return folder

    def prove(self, index: int, size: int) -> bytes:
        """The proof file of a record, with cosignatures of two holders and a witness."""
        signed = self.checkpoint(size)
        _, salt, record = self.store.record(LOG, index)
        return make_proof(
            P.circle,
            signed,
            [cosign(signed.checkpoint, key, TIME_S + place) for place, key in enumerate(COSIGNERS)],
            index=index,
            salt=salt,
            record=record or b"",
            hashes=inclusion_proof(index, size, self.store.read_tiles(LOG)),
        )


def log_of(size: int, folder: Path) -> Iterator[Log]:
    """A log of that size, and its store while it is used."""
    with closing(SqliteStore(folder / "log.sqlite3", Seeded("database"))) as store:
        yield Log(store, size)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log."""
    yield from log_of(max(SIZES), tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="module")
def large_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log whose tree has three levels of tiles."""
    yield from log_of(70_000, tmp_path_factory.mktemp("large"))


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with Go's drivers, built."""
    if missing := missing_for_go():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("go")
    build_go(folder)
    return folder


@pytest.fixture(params=["go", "node"])
def ask_proof(request: pytest.FixtureRequest) -> Ask:
    """Ask whether an entry is in the log that a key signs: each verifier in turn."""
    if request.param == "go":
        return partial(ask, request.getfixturevalue("go") / "verify_proof")
    if missing := missing_for_node():
        pytest.skip(missing)
    return partial(ask, "node", NODE_DRIVER)


@pytest.fixture
def ask_log(go: Path) -> Ask:
    """Ask whether a folder is the log that a key signs."""
    return partial(ask, go / "verify_log")


@pytest.fixture
def ask_cosigned(go: Path) -> Ask:
    """Ask whether keys cosigned the checkpoint on stdin."""
    return partial(ask, go / "verify_cosignatures")


def flipped(data: bytes, place: int) -> bytes:
    """The same bytes but for one bit."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def damaged(line: bytes) -> Iterator[bytes]:
    """A line with a bit of its first, a middle and its last byte turned, unless that may say nothing."""
    last = len(line) - (5 if line.endswith(b"=") else 1)
    for place in sorted({0, len(line) // 2, last}):
        yield flipped(line, place)


def damaged_lines(data: bytes, *ignored: bytes) -> Iterator[bytes]:
    """The file with one line damaged, for every line but empty ones and those that start so."""
    lines = data.split(b"\n")
    for number, line in enumerate(lines):
        if line and not line.startswith(ignored):
            for other in damaged(line):
                yield b"\n".join([*lines[:number], other, *lines[number + 1 :]])


def signature_by(key: SigningKey) -> bytes:
    """How a signature line by this key starts."""
    return f"— {key.verifying.name} ".encode()


def checkpoint_of(proof: bytes) -> bytes:
    """The cosigned checkpoint of a proof file."""
    return proof.partition(b"\n\n")[2]


def vkeys(*keys: SigningKey) -> list[str]:
    """What the drivers know keys by."""
    return [key.verifying.encode() for key in keys]


def twin(key: SigningKey) -> SigningKey:
    """Another key of the same name."""
    return SigningKey.from_seed(key.verifying.name, key.verifying.type, b"another" + bytes(25))


(VKEY,) = vkeys(LOG_KEY)


@pytest.mark.parametrize("driver", [*GO_DRIVERS, NODE_DRIVER], ids=lambda driver: driver.name)
def test_drivers_are_short(driver: Path) -> None:
    """A driver has at most 60 lines: too few to verify anything by itself."""
    assert len(driver.read_text().splitlines()) <= 60


@pytest.mark.parametrize("size", SIZES)
def test_exported_log(ask_log: Ask, log: Log, tmp_path: Path, size: int) -> None:
    """A log, exported at any size, is the tree that its key signed."""
    assert ask_log(log.export(size, tmp_path / "log"), VKEY) == log.checkpoint(size).checkpoint.text()


@pytest.mark.slow
def test_large_log(ask_log: Ask, ask_proof: Ask, large_log: Log, tmp_path: Path) -> None:
    """The same holds for a log with three levels of tiles, and for its records."""
    signed = large_log.checkpoint(70_000).checkpoint.text()

    assert ask_log(large_log.export(70_000, tmp_path / "log"), VKEY) == signed
    for index in (0, 65_535, 65_536, 69_999):
        file = tmp_path / f"{index}.tlog-proof"
        file.write_bytes(large_log.prove(index, 70_000))
        assert (ask_proof(file, VKEY, large_log.entry(index)) or "").strip() == signed.strip()


def test_every_file_of_an_export_counts(ask_log: Ask, log: Log, tmp_path: Path) -> None:
    """A bit turned at the start, in the middle or at the end of any tile or bundle, or a lost file, shows."""
    folder = log.export(1_000, tmp_path / "log")
    files = sorted(path for path in (folder / "tile").rglob("*") if path.is_file())
    assert len(files) == 9

    for file in files:
        data = file.read_bytes()
        for place in (0, len(data) // 2, len(data) - 1):
            file.write_bytes(flipped(data, place))
            assert ask_log(folder, VKEY) is None, f"{file}, byte {place}"
        file.unlink()
        assert ask_log(folder, VKEY) is None, f"{file} lost"
        file.write_bytes(data)
    assert ask_log(folder, VKEY)


@pytest.mark.parametrize("kind", ["0", "entries"])
def test_swapped_tiles(ask_log: Ask, log: Log, tmp_path: Path, kind: str) -> None:
    """Two tiles, or two bundles of entries, in each other's place show."""
    folder = log.export(1_000, tmp_path / "log")
    one, other, aside = (folder / "tile" / kind / name for name in ("000", "001", "aside"))
    one.rename(aside)
    other.rename(one)
    aside.rename(other)

    assert ask_log(folder, VKEY) is None


def test_the_checkpoint_of_an_export_counts(ask_log: Ask, log: Log, tmp_path: Path) -> None:
    """A bit turned in any line of the checkpoint shows, and so does the checkpoint of a larger tree."""
    folder = log.export(257, tmp_path / "log")
    good = log.checkpoint(257).note.encode()

    for note in (*damaged_lines(good), log.checkpoint(258).note.encode()):
        (folder / "checkpoint").write_bytes(note)
        assert ask_log(folder, VKEY) is None, note.decode(errors="replace")


def test_a_log_that_signs_another_root(ask_log: Ask, log: Log, tmp_path: Path) -> None:
    """The log's own signature on a root that is not that of its entries helps nothing."""
    folder = log.export(257, tmp_path / "log")
    forged = Checkpoint(LOG, 257, log.checkpoint(256).checkpoint.root)
    (folder / "checkpoint").write_bytes(sign_checkpoint(forged, LOG_KEY).note.encode())

    assert ask_log(folder, VKEY) is None


def test_export_and_another_key(ask_log: Ask, log: Log, tmp_path: Path) -> None:
    """Another log's key, and another key of the log's name, verify nothing."""
    folder = log.export(257, tmp_path / "log")

    for vkey in vkeys(P.keys["birch"].log, twin(LOG_KEY)):
        assert ask_log(folder, vkey) is None


@pytest.mark.parametrize(("index", "size"), PLACES)
def test_proof_file(ask_proof: Ask, log: Log, tmp_path: Path, index: int, size: int) -> None:
    """The proof file of a record, cosignatures and all, shows that its entry is in the log."""
    file = tmp_path / "proof"
    file.write_bytes(log.prove(index, size))

    said = ask_proof(file, VKEY, log.entry(index))

    assert (said or "").strip() == log.checkpoint(size).checkpoint.text().strip()


@pytest.mark.slow
def test_every_line_of_a_proof_counts(ask_proof: Ask, log: Log, tmp_path: Path) -> None:
    """A bit turned in the index, a hash, the checkpoint or its log's signature shows."""
    file, good = tmp_path / "proof", log.prove(2, 6)
    file.write_bytes(good)
    assert ask_proof(file, VKEY, log.entry(2))

    for data in damaged_lines(good, b"extra ", *map(signature_by, COSIGNERS)):
        file.write_bytes(data)
        assert ask_proof(file, VKEY, log.entry(2)) is None, data.decode(errors="replace")


def test_proof_of_something_else(ask_proof: Ask, log: Log, tmp_path: Path) -> None:
    """Another entry, another log's key, another key of this name, swapped or lost hashes: none verifies."""
    file, good = tmp_path / "proof", log.prove(100, 257)
    file.write_bytes(good)
    entry = log.entry(100)
    assert ask_proof(file, VKEY, entry)

    assert ask_proof(file, VKEY, log.entry(101)) is None
    assert ask_proof(file, VKEY, flipped(bytes.fromhex(entry), 31).hex()) is None
    for vkey in vkeys(P.keys["birch"].log, twin(LOG_KEY)):
        assert ask_proof(file, vkey, entry) is None
    head, extra, index, first, second, *rest = good.split(b"\n")
    for lines in ([second, first, *rest], [second, *rest], [first, first, second, *rest]):
        file.write_bytes(b"\n".join([head, extra, index, *lines]))
        assert ask_proof(file, VKEY, entry) is None


@pytest.mark.parametrize("size", SIZES)
def test_cosignatures(ask_cosigned: Ask, log: Log, size: int) -> None:
    """The cosignatures that a proof file carries are those of its holders and its witness."""
    note = checkpoint_of(log.prove(0, size))

    said = ask_cosigned(*vkeys(*COSIGNERS), stdin=note)

    assert said == log.checkpoint(size).checkpoint.text()


def test_every_cosignature_counts(ask_cosigned: Ask, log: Log) -> None:
    """A bit turned in the checkpoint or in any cosignature shows, be it in its name, time or signature."""
    good = checkpoint_of(log.prove(0, 257))

    for note in damaged_lines(good, signature_by(LOG_KEY)):
        assert ask_cosigned(*vkeys(*COSIGNERS), stdin=note) is None, note.decode(errors="replace")


def test_cosignatures_by_others(ask_cosigned: Ask, log: Log) -> None:
    """A cosigner who did not sign, a key of its name, and the log's own key are not among those who did."""
    good = checkpoint_of(log.prove(0, 257))

    for key in (P.keys["cedar"].witness, P.keys["ash"].holder, twin(COSIGNERS[0]), LOG_KEY):
        assert ask_cosigned(*vkeys(*COSIGNERS[1:], key), stdin=good) is None
