"""`evidence limit`: two cosigned checkpoints become a file that a stranger checks."""

from pathlib import Path

import pytest
from tests.cli.desks import desk, done, flat, joined
from tests.node.nodes import CHANCE

from tocsin.circles.founding.joining import decode_circle
from tocsin.core.tlog.checkpoint import Checkpoint, cosign, sign_checkpoint, with_signatures
from tocsin.log.sqlite import SqliteStore
from tocsin.node.config import load_config
from tocsin.node.folder import Folder

pytestmark = pytest.mark.process

START_S = 1_700_000_000


def test_a_broken_limit_convinces_strangers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The file shows who saw how much within what time; one checkpoint alone shows nothing."""
    folder: Path = tmp_path_factory.mktemp("limit")
    desks = [desk(folder, slug) for slug in ("apricot", "birch", "cedar")]
    joined(folder, *desks)
    folders = [Folder.of(load_config(one.config)) for one in desks]
    store = SqliteStore(folders[0].database, CHANCE)
    circle = decode_circle(next(iter(store.documents("circle").values())))
    store.close()
    author, *others = [one.keys(circle.id, 1).member for one in folders][::-1]
    files = []
    for size, time_s in ((1, START_S), (2_000_000, START_S + 1)):
        signed = sign_checkpoint(Checkpoint(str(author.log_name), size, bytes(32)), author.log)
        cosigned = [cosign(signed.checkpoint, other.holder, time_s) for other in others]
        files.append(folder / f"{size}.checkpoint")
        files[-1].write_bytes(with_signatures(signed, cosigned).note.encode())

    with desks[0].running():
        written = desks[0].done("evidence", "limit", *files, "--output", folder / "limit.evidence")
        again = desks[0].tocsin("evidence", "limit", files[0], "--output", folder / "none")
    assert "1,999,999 records" in flat(written)
    assert again.exit_code == 1
    assert not (folder / "none").exists()
    verified = flat(done("verify", folder / "limit.evidence", "--circle", circle.id))
    assert "more records by" in verified
    assert "apricot, birch" in verified
