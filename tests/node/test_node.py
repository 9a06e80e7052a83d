from pathlib import Path

import pytest
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found, until

from tocsin.circles.events import Confirmed


def test_a_record_reaches_the_other_and_is_confirmed(run: Run[None], tmp_path: Path) -> None:
    """What one node writes is held by the other, over pinned TLS, and the confirmation comes back."""
    circle = found(tmp_path, 2)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            written = await line.write([circle.note("Smoke over the harbour.")])
            await confirmed(line, written.size)

            held = north.store.record(line.own.name, written.size - 1)[2]
            assert held == circle.note("Smoke over the harbour.")
            assert [event.member for event in circle.places[0].events if isinstance(event, Confirmed)]

    run(scenario())
