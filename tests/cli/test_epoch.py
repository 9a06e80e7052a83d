import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.desks import Desk, done, flat

pytestmark = [pytest.mark.process, pytest.mark.slow]


def epochs(one: Desk) -> dict[tuple[str, int], dict[str, object]]:
    """What `epoch list` says, by member and epoch."""
    found = json.loads(one.done("epoch", "list", "--json"))["epochs"]
    return {(epoch["member"], epoch["epoch"]): epoch for epoch in found}


def signed(one: Desk, draft: Path) -> Path:
    """What the organisation signs."""
    told = done("org", "sign", draft, "--organisation-key", one.key, "--yes")
    assert "Signed." in told
    return draft.with_suffix(".signed")


def drafted(one: Desk, number: int, *arguments: str) -> Path:
    """The draft of that epoch."""
    draft = one.folder / f"{one.slug}-epoch-{number}.draft"
    one.done("epoch", "draft", "--yes", "--output", draft, *arguments)
    return draft


def eventually(question: object) -> None:
    """Ask until the answer is yes."""
    assert callable(question)
    for _ in range(2_000):
        if question():
            return
    raise AssertionError(question)


@pytest.fixture
def two(three_desks: list[Desk]) -> Iterator[tuple[Desk, Desk]]:
    """Two desks of a circle, both running."""
    apricot, birch, _ = three_desks
    with apricot.running(), birch.running():
        yield apricot, birch


def test_new_keys_on_a_schedule(two: tuple[Desk, Desk]) -> None:
    """Drafted, signed and adopted: both go on in the new epoch, and nothing said is lost or void."""
    apricot, birch = two
    apricot.done("note", "Before.", "--wait", "5")
    draft = drafted(apricot, 2)
    assert apricot.tocsin("note", "Between.").exit_code == 1
    event = signed(apricot, draft)
    assert "epoch 2" in apricot.done("epoch", "adopt", event)
    eventually(lambda: ("apricot", 2) in epochs(birch))
    assert epochs(birch)["apricot", 1]["state"] == "ended"
    assert "confirmed by birch" in flat(apricot.done("note", "After.", "--wait", "5"))
    told = birch.done("records")
    assert "Before." in told
    assert "After." in told
    assert "it is time for new keys" in apricot.done("epoch", "list")


def test_a_draft_that_is_cancelled_leaves_everything_as_it_was(two: tuple[Desk, Desk]) -> None:
    """The node writes again in its epoch, the keys are gone, and the signed draft cannot be adopted."""
    apricot, _ = two
    draft = drafted(apricot, 2)
    first = draft.read_bytes()
    assert drafted(apricot, 2).read_bytes() == first
    assert apricot.tocsin("epoch", "draft", "--yes", "--reason", "lost").exit_code == 1
    told = flat(apricot.tocsin("doctor").stdout)
    assert "A new epoch is drafted (epoch 2)" in told
    assert "`tocsin epoch cancel`" in told
    event = signed(apricot, draft)
    apricot.done("epoch", "cancel", "--yes")
    apricot.done("note", "Still here.", "--wait", "5")
    result = apricot.tocsin("epoch", "adopt", event)
    assert result.exit_code == 3
    assert "(keys-missing)" in result.stderr
    assert apricot.tocsin("epoch", "cancel", "--yes").exit_code == 1


def test_what_a_thief_writes_beyond_the_cut_is_void(two: tuple[Desk, Desk]) -> None:
    """The log is cut where the organisation says; what lies beyond is kept, and marked."""
    apricot, birch = two
    apricot.done("note", "True.", "--wait", "5")
    size = json.loads(apricot.done("status", "--json"))["circles"][0]["size"]
    apricot.done("note", "By a thief.", "--wait", "5")
    when = ("--reason", "compromised", "--since", "2026-11-20T14:00Z", "--cut", str(size))
    draft = drafted(apricot, 2, *when)
    told = done("org", "sign", draft, "--organisation-key", apricot.key, "--yes")
    assert f"the first {size} entries of epoch 1" in flat(told)
    assert "2026-11-20 14:00:00 UTC" in told
    apricot.done("epoch", "adopt", draft.with_suffix(".signed"))
    eventually(lambda: ("apricot", 2) in epochs(birch))
    assert "are void" in flat(birch.done("epoch", "list"))
    newest = birch.done("records")
    assert "True." in newest
    assert "By a thief." not in newest
    assert "lie beyond the end of epoch 1" in flat(birch.tocsin("doctor").stdout)
    whole = birch.done("records", "--member", "apricot", "--epoch", "1")
    assert "VOID" in whole
    assert "By a thief." in whole


def test_a_burnt_machine_comes_back(three_desks: list[Desk], tmp_path: Path) -> None:
    """From a file of another member's, and its organisation key: all logs, its own too, and a new epoch."""
    apricot, birch, _ = three_desks
    file = tmp_path / "line.circle"
    with birch.running():
        with apricot.running():
            apricot.done("note", "Before the fire.", "--wait", "5")
            birch.done("note", "Heard.", "--wait", "5")
        shutil.rmtree(apricot.data)
        birch.done("circle", "export", file)
        draft = apricot.folder / "apricot-epoch-2.draft"
        told = apricot.done("circle", "recover", file, "--output", draft)
        assert "the old keys or the disk are lost" in told
        assert draft.read_bytes() == _recovered(apricot, file, draft)
        event = signed(apricot, draft)
        with apricot.running():
            assert "`tocsin epoch adopt FILE`" in flat(apricot.done("doctor"))
            assert "epoch 2" in apricot.done("epoch", "adopt", event)
            eventually(lambda: "Before the fire." in apricot.done("records"))
            assert "confirmed by birch" in flat(apricot.done("note", "Back again.", "--wait", "5"))
            eventually(lambda: "Back again." in birch.done("records"))
        with apricot.running():
            assert "Before the fire." in apricot.done("records")


def _recovered(one: Desk, file: Path, draft: Path) -> bytes:
    """Recovered again, it is the same draft."""
    one.done("circle", "recover", file, "--output", draft)
    return draft.read_bytes()
