"""From a lost disk to a new epoch, as an operator types it: with the online keys in its backup or not."""

import shutil
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, done, flat, joined
from tests.process.processes import until

from tocsin.node.client import Client

pytestmark = [pytest.mark.process, pytest.mark.slow]


def size(client: Client) -> int:
    """How long our log is."""
    (circle,) = client.status().circles
    return circle.size


def drafted(apricot: Desk, folder: Path, *, with_keys: bool) -> Path:
    """The draft of a new epoch."""
    draft = folder / "apricot.draft"
    if with_keys:
        apricot.done("epoch", "draft", "--reason", "lost", "--yes", "--output", draft)
    else:
        (circle,) = (folder / "safe" / "circles").iterdir()
        apricot.done("circle", "recover", circle, "--output", draft)
    return draft


@pytest.mark.parametrize("with_keys", [True, False])
def test_a_lost_disk(tmp_path_factory: pytest.TempPathFactory, *, with_keys: bool) -> None:
    """The node is restored, gets back what it wrote after the backup, and goes on in a new epoch."""
    folder = tmp_path_factory.mktemp("lost")
    apricot, birch = desk(folder, "apricot"), desk(folder, "birch")
    joined(folder, apricot, birch)
    with birch.running():
        with apricot.running() as client:
            apricot.done("note", "before the backup")
            apricot.done("backup", folder / "safe", *(["--with-keys"] if with_keys else []))
            said = flat(apricot.done("note", "after the backup"))
            assert "received and confirmed by birch" in said
            written = size(client)
        shutil.rmtree(apricot.data)
        said = apricot.done("restore", folder / "safe")
        assert ("tocsin circle recover" in said) is not with_keys
        with apricot.running() as client:
            assert apricot.tocsin("note", "too early").exit_code != 0
            if with_keys:
                until(lambda: size(client) == written)
            draft = drafted(apricot, folder, with_keys=with_keys)
            done("org", "sign", draft, "--organisation-key", apricot.key, "--yes")
            (signed,) = folder.glob("*.signed")
            apricot.done("epoch", "adopt", signed)
            said = flat(apricot.done("note", "in the new epoch"))
            assert "received and confirmed by birch" in said
            log = ("--member", "apricot", "--epoch", "1")
            until(lambda: "after the backup" in apricot.done("records", *log))
