"""Nobody takes the whole node for themselves: what takes long is bounded, and others have their turn."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from tests.node.nodes import CLOCK
from tests.web.circles.circling import desk

from tocsin.core.errors import Refusal
from tocsin.core.records import NoteRecord, encode_record
from tocsin.web.casebook.working import Works

pytestmark = pytest.mark.anyio

_RECORDS = 600


async def test_only_so_much_is_under_way_at_once() -> None:
    """Whoever begins an archive of each of a thousand cases is told to wait after a few."""
    works: Works[None] = Works(CLOCK, 2)
    begun = 0

    async def endless() -> None:
        await asyncio.Event().wait()

    with suppress(Refusal):
        for begun in range(1_000):
            works.begin(str(begun), endless)
    again = works.begin("0", endless)
    await works.stop()

    assert 1 <= begun <= 32
    assert again.task.cancelled()


async def test_a_log_that_is_searched_leaves_others_their_turn(tmp_path: Path) -> None:
    """Its entries are looked at a few at a time: a long log of long records holds up nobody."""
    async with desk(tmp_path) as at:
        line, turns, over = at.line, 0, False
        notes = [
            encode_record(
                NoteRecord(
                    circle=at.founded.id,
                    at_ms=number,
                    author="duty",
                    author_kind="officer",
                    tlp="TLP:GREEN",
                    text="Smoke.",
                    lang="en",
                )
            )
            for number in range(_RECORDS)
        ]
        for first in range(0, _RECORDS, 100):
            await line.write(notes[first : first + 100])

        async def count() -> None:
            nonlocal turns
            while not over:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        answer = await at.browser().get(f"/log/{line.own.name}?kind=missing")
        over = True
        await counting

        assert answer.status == 200
        assert turns >= _RECORDS // 100
