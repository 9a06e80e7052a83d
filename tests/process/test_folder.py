import shutil
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest
from tests.process.members import RUN, Members
from tests.process.processes import Process, until

from tocsin.core.errors import Refusal
from tocsin.node.folder import Folder

pytestmark = pytest.mark.process


@pytest.mark.slow
def test_a_second_process_on_one_folder(members: Members) -> None:
    """It says why it ends; the first goes on, and when that is killed, the next one starts at once."""
    for slug in ("north", "east"):
        members.start(slug)

    with Process(*RUN, members.config_file("east")) as second:
        assert second.ended() == 3

    told = " ".join(" ".join(second.told).split())
    assert "next: stop that one" in told
    assert "(database-in-use)" in told
    assert "Traceback" not in told
    members.write("east", "Still here.")
    members.until_confirmed("east")
    members.end("east", SIGKILL)
    members.start("east")
    members.write("east", "Here again.")
    members.until_confirmed("east")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("with_marker", "reason"),
    [
        pytest.param(False, "The marker ", id="alone"),
        pytest.param(True, "Others hold ", id="with-its-marker"),
    ],
)
def test_a_restored_database_is_not_written(
    members: Members, tmp_path: Path, with_marker: bool, reason: str
) -> None:
    """By its marker, or by what others hold, a node knows that it is an old copy.

    It goes on to hold what others write, and to confirm it if its marker says what it has confirmed before.
    """
    copy, folder = tmp_path / "copy", Folder.of(members.config("east"))
    members.start("north")
    size = 0
    for text in ("Before.", "After."):
        members.start("east")
        for slug in ("east", "north"):
            members.write(slug, text)
            members.until_confirmed(slug)
        size = members.state("east").size
        members.end("east", SIGTERM)
        if not copy.exists():
            shutil.copytree(folder.data, copy)
    if with_marker:
        shutil.rmtree(folder.data)
        copy.rename(folder.data)
    else:
        shutil.copy(copy / folder.database.name, folder.database)

    members.start("east")
    with pytest.raises(Refusal, match=f"{reason}.* Next: ") as caught:
        members.write("east", "Once more.")

    assert caught.value.code == "writes-halted"
    confirmed = members.confirmed("north", "east")
    end = members.write("north", "To whoever holds this.").index + 1
    until(lambda: members.held("east", "north") >= end)
    if with_marker:
        assert members.confirmed("north", "east") == confirmed
    else:
        members.until_confirmed("north")
    members.check("north", "east", {})
    assert [trouble.code for trouble in members.client("east").health().troubles] == ["writes-halted"]
    assert len(members.kept("north", of="east").entries) == size
