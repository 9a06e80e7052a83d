"""Two running nodes that never have a network between them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, flat, joined

from tocsin.circles.carry.file import HEAD, Item, Kind
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, Push
from tocsin.cli.carry.importing import _parts, together
from tocsin.cli.carry.survey import items_of
from tocsin.node.api.operations import MAX_BYTES_BYTES
from tocsin.node.api.types import Carried, Grown, RefusedItems

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """`apricot` and `birch`, in one circle, both running; the port of each is one where nobody listens."""
    folder: Path = tmp_path_factory.mktemp("apart")
    apricot, birch = desk(folder, "apricot"), desk(folder, "birch")
    joined(folder, apricot, birch)
    for one in (apricot, birch):
        text = one.config.read_text()
        one.config.write_text(text.replace('listen = "127.0.0.1:', 'listen = "127.0.0.2:'))
    with apricot.running(), birch.running():
        yield apricot, birch


def status_of(one: Desk) -> dict[str, object]:
    """The one other member, as this desk sees it."""
    member: dict[str, object] = json.loads(one.done("status", "--json"))["circles"][0]["members"][0]
    return member


def size_of(one: Desk) -> int:
    """How many entries its log has."""
    size: int = json.loads(one.done("status", "--json"))["circles"][0]["size"]
    return size


@pytest.mark.slow
def test_two_nodes_stay_in_step_by_files_alone(apart: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Records go one way, confirmations come back, and the next file begins where the last one ended."""
    apricot, birch = apart
    stick = tmp_path / "line.carry"
    apricot.done("note", "Smoke over the harbour.")
    assert "Written" in apricot.done("carry", "export", stick, "--to", "birch")
    assert stick.stat().st_mode & 0o077 == 0
    told = flat(birch.done("carry", "import", stick))
    assert f"{size_of(apricot)} new entries" in told
    assert "Smoke over the harbour." in birch.done("records")

    birch.done("note", "Seen here too.")
    birch.done("carry", "export", stick, "--to", "apricot")
    told = flat(apricot.done("carry", "import", stick))
    assert f"birch has received {size_of(apricot)} of your {size_of(apricot)} entries" in told
    confirmed = status_of(apricot)["confirmed"]
    assert isinstance(confirmed, dict)
    assert (confirmed["size"], confirmed["by_way"]) == (size_of(apricot), "a file")
    assert "by way of a file" in flat(apricot.done("status"))
    assert status_of(apricot)["held"] == size_of(birch)

    found = json.loads(apricot.done("carry", "export", stick, "--to", "birch", "--json"))
    assert (found["logs"], found["checkpoints"] > 0) == ([], True)
    told_back = json.loads(birch.done("carry", "import", stick, "--json"))
    assert told_back["confirmed"] == {"apricot": size_of(birch)}


def test_the_same_file_twice_says_nothing_new(apart: tuple[Desk, Desk], tmp_path: Path) -> None:
    """What is known is passed over."""
    apricot, birch = apart
    stick = tmp_path / "line.carry"
    apricot.done("carry", "export", stick)
    birch.done("carry", "import", stick)
    assert "0 new entries" in birch.done("carry", "import", stick)


@pytest.mark.slow
def test_a_later_file_says_what_is_missing_before_it(apart: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Where a file begins behind what is here, the command says which one to ask for."""
    apricot, birch = apart
    stick = tmp_path / "line.carry"
    for _ in range(3):
        apricot.done("note", "Still burning.")
    size = size_of(apricot)
    apricot.done("carry", "export", stick, "--since", f"apricot={size - 1}")
    held = status_of(birch)["held"]
    assert f"--since apricot={held}" in flat(birch.done("carry", "import", stick))


@pytest.mark.slow
def test_where_there_is_no_room_a_file_is_not_waited_for(three_desks: list[Desk], tmp_path: Path) -> None:
    """The command says so, and where; with room, the same command takes all of it."""
    apricot, birch, _ = three_desks
    stick = tmp_path / "line.carry"
    with apricot.running():
        apricot.done("note", "Smoke over the harbour.")
        apricot.done("carry", "export", stick)
        size = size_of(apricot)
    text = birch.config.read_text()
    birch.config.write_text(f"{text}\n[storage]\nreserve_mb = {2**40}\n")

    with birch.running():
        found = birch.tocsin("carry", "import", stick)

    assert (found.exit_code, "data folder" in flat(found.stderr)) == (5, True)
    birch.config.write_text(text)
    with birch.running():
        assert f"{size} new entries" in flat(birch.done("carry", "import", stick))


@pytest.mark.parametrize("cut_bytes", [1, 40])
def test_half_a_file_is_refused_before_anything_is_taken(
    apart: tuple[Desk, Desk], tmp_path: Path, cut_bytes: int
) -> None:
    """A file that was not copied whole is found before it is sent to the node."""
    apricot, birch = apart
    stick = tmp_path / "line.carry"
    apricot.done("carry", "export", stick)
    stick.write_bytes(stick.read_bytes()[:-cut_bytes])
    result = birch.tocsin("carry", "import", stick)
    assert result.exit_code == 1
    assert "malformed-carry-file" in result.stderr


def test_what_does_not_hold_is_refused_and_the_rest_is_taken(
    apart: tuple[Desk, Desk], tmp_path: Path
) -> None:
    """A push with a bent signature ends in exit code 1 and its reason; what stands behind it is taken."""
    apricot, birch = apart
    stick = tmp_path / "line.carry"
    apricot.done("note", "One more.")
    apricot.done("carry", "export", stick, "--to", "birch")
    items = list(items_of(stick))
    good = Push.decode(next(item.data for item in items if item.kind == Kind.PUSH))
    bent = replace(good, checkpoint=good.checkpoint.replace(b"/1 ", b"/1 A", 1))
    stick.write_bytes(HEAD + b"".join(item.encode() for item in [Item(Kind.PUSH, bent.encode()), *items]))
    result = birch.tocsin("carry", "import", stick)
    assert result.exit_code == 1
    assert "1 refused (malformed-note)" in result.stdout
    assert status_of(birch)["held"] == size_of(apricot)


def test_files_that_are_none_and_members_that_are_none(apart: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Each mistake has its own code, and leaves no file behind."""
    apricot, _ = apart
    assert apricot.tocsin("carry", "import", tmp_path / "nothing").exit_code == 3
    (tmp_path / "text").write_text("hello")
    assert "malformed-carry-file" in apricot.tocsin("carry", "import", tmp_path / "text").stderr
    result = apricot.tocsin("carry", "export", tmp_path / "out", "--to", "nobody")
    assert "non-member" in result.stderr
    assert "malformed-since" in apricot.tocsin("carry", "export", tmp_path / "out", "--since", "birch").stderr
    assert {path.name for path in tmp_path.iterdir()} == {"text"}


def test_parts_of_a_file_fit_into_a_call() -> None:
    """However small or large its items are, no part is larger than a call may be, and none is lost."""
    sizes = [0] * 3_000 + [MAX_PUSH_BYTES, 1, 1_500_000, 1_500_000, MAX_PUSH_BYTES]
    items = [Item(Kind.PUSH, bytes(size)) for size in sizes]
    parts = list(_parts(iter(items)))
    assert [item for part in parts for item in part] == items
    assert max(sum(item.size_bytes for item in part) for part in parts) <= MAX_BYTES_BYTES - len(HEAD)


def test_what_parts_brought_is_added_up() -> None:
    """A log counts from its first size to its last, a code with all its items and the first explanation."""

    def part(before: int, size: int, count: int, why: str) -> Carried:
        grown = Grown(log="l", member="birch", before=before, size=size)
        refused = RefusedItems(code="rollback", count=count, explanation=why)
        return Carried(
            items=1,
            later_ms=9,
            logs=(grown,),
            gaps={},
            confirmed={"birch": size},
            receipts=1,
            events=2,
            refused=(refused,),
        )

    whole = together(part(3, 7, 1, "first"), part(7, 9, 2, "second"))
    assert whole.logs == (Grown(log="l", member="birch", before=3, size=9),)
    assert whole.refused == (RefusedItems(code="rollback", count=3, explanation="first"),)
    assert (whole.items, whole.confirmed, whole.receipts, whole.events) == (2, {"birch": 9}, 2, 4)
