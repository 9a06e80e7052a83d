import shutil
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest
from tests.process.members import RUN, Members
from tests.process.processes import Process

from tocsin.core.errors import Refusal
from tocsin.node.folder import Folder

pytestmark = [pytest.mark.process, pytest.mark.slow]


def test_a_second_process_on_one_folder(members: Members) -> None:
    """It says why it ends; the first goes on, and when that is killed, the next one starts at once."""
    for slug in ("north", "east"):
        members.start(slug)

    second = Process(*RUN, members.config_file("east"))

    assert second.ended() == 3
    told = "\n".join(second.told)
    assert "next: stop that one" in told
    assert "(database-in-use)" in told
    assert "Traceback" not in told
    members.write("east", "Still here.")
    members.until_confirmed("east")
    members.end("east", SIGKILL)
    members.start("east")
    members.write("east", "Here again.")
    members.until_confirmed("east")


@pytest.mark.parametrize("snapshot", [False, True], ids=["marker-kept", "marker-restored"])
def test_a_restored_database_is_not_written(members: Members, snapshot: bool, tmp_path: Path) -> None:
    """By its marker, or else by what others hold, it knows that it is old; it goes on to hold and confirm."""
    for slug in ("north", "east"):
        members.start(slug)
        members.write(slug, "Before.")
    copy, folder = tmp_path / "copy", Folder.of(members.config("east"))
    members.end("east", SIGTERM)
    shutil.copytree(folder.data, copy)
    members.start("east")
    for slug in ("north", "east"):
        members.write(slug, "After.")
        members.until_confirmed(slug)
    members.end("east", SIGTERM)
    if snapshot:
        shutil.rmtree(folder.data)
        shutil.copytree(copy, folder.data)
    else:
        shutil.copy(copy / folder.database.name, folder.database)

    members.start("east")
    with pytest.raises(Refusal) as caught:
        members.write("east", "Once more.")

    assert caught.value.code == "writes-halted"
    assert "Next: " in str(caught.value)
    assert members.state("east").halted
    members.write("north", "To whoever holds this.")
    members.until_confirmed("north")
    members.check("north", "east", {})
    north = members.kept("north", of="east")
    assert max(north.checkpoints) == len(north.entries)
