"""What fails beside the lines keeps none of them from its work."""

from pathlib import Path

import pytest
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found, until

from tocsin.node import deskwork
from tocsin.node.node import Node
from tocsin.node.observing.observing import Observing


def codes(node: Node) -> set[str]:
    """What is not as it should be at a node."""
    return {trouble.code for trouble in node.health().troubles}


def test_a_part_that_fails_is_said_and_begun_again(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of a node that fails is said by its health, keeps no line from its work, and is begun again."""
    tries = 0

    async def fails_once(*_: object) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ZeroDivisionError

    async def scenario() -> None:
        monkeypatch.setattr(deskwork, "AGAIN_S", 0.2)
        monkeypatch.setattr(Observing, "watch", fails_once)
        circle = found(tmp_path)
        async with circle.running() as (east, _):
            await until(lambda: bool(codes(east)))
            assert codes(east) == {"part-failed"}
            line = east.lines[circle.id]
            written = await line.write([circle.note("Still here.")])
            await confirmed(line, written.size)
            await until(lambda: not codes(east))
            assert tries > 1

    run(scenario())
