"""Erasure at real nodes: nothing is left in their files, and programs are shown whose order it was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.circles.lines import Lines
from tests.node.conftest import Run
from tests.node.nodes import Founded, found, until
from tests.node.test_api import client_of, in_thread, say

from tocsin.circles.erasing.view import Answer
from tocsin.core.errors import Refusal
from tocsin.core.records import NoteRecord, Place
from tocsin.node.api.proofs import NotProvable, Prover
from tocsin.node.api.types import Erasures, SayErasure, SayHold, SayRelease, ShownRecord, Written
from tocsin.node.node import Node

SECRET = "Her number is +82 10 5550 0199."
BY: dict[str, Any] = {
    "author": "duty",
    "author_kind": "officer",
    "lang": "en",
    "ordered_by": "The court",
    "reason": "The law says so.",
}


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A circle of three."""
    with Lines() as lines:
        yield lines


def files_of(node: Node) -> bytes:
    """All bytes in its data folder."""
    return b"".join(path.read_bytes() for path in node.config.data_folder.rglob("*") if path.is_file())


async def told(node: Node, circle: Founded) -> Written:
    """Say what is to be erased, and wait until another has it."""
    written = await in_thread(client_of(node).write, circle.id, say(SECRET))
    await until(lambda: any(held.size > written.index for held in node.lines[circle.id].own.held.values()))
    return written


async def answered(node: Node, circle: Founded, **answers: Answer) -> None:
    """Wait until the members have answered the first erasure in this way."""

    def all_answered() -> bool:
        ordered = list(node.lines[circle.id].erasures.ordered.values())
        return bool(ordered) and ordered[0].answers == answers

    await until(all_answered)


async def one_of(node: Node, circle: Founded, written: Written) -> ShownRecord:
    """An entry as the node shows it."""
    found = await in_thread(client_of(node).records, circle.id, written.log, written.index, 1)
    return found.records[0]


async def shown(node: Node, circle: Founded) -> Erasures:
    """The erasures as the node shows them."""
    return await in_thread(client_of(node).erasures, circle.id)


def test_nothing_is_left_in_any_file(run: Run[None], tmp_path: Path) -> None:
    """Once a node has answered, no file in its folder has a byte of what was erased."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            written = await told(east, circle)
            log, index = written.log, written.index
            _, salt, _ = east.store.record(log, index)
            assert all(SECRET.encode() in files_of(node) for node in (east, north))

            await in_thread(client_of(east).write, circle.id, SayErasure(**BY, indices=(index,)))
            gone = Answer(frozenset({index}))
            await answered(east, circle, east=gone, north=gone)
            for node in (east, north):
                files = files_of(node)
                assert (SECRET.encode() in files, salt in files) == (False, False)
                entry = await one_of(node, circle, written)
                assert (entry.state, entry.record) == ("erased", None)
                assert entry.erasure
                assert (entry.erasure.ordered_by, entry.erasure.kept) == ("The court", False)
                with pytest.raises(Refusal) as refused:
                    await in_thread(client_of(node).proof, circle.id, log, index)
                assert refused.value.code == "record-erased"
            (ordered,) = (await shown(north, circle)).erasures
            assert (ordered.of, ordered.indices, ordered.reason) == (log, (index,), BY["reason"])
            assert {(one.member, one.purged) for one in ordered.answers} == {
                ("east", (index,)),
                ("north", (index,)),
            }

    run(scenario())


def test_a_hold(run: Run[None], tmp_path: Path) -> None:
    """What a hold keeps is shown to its own organisation with the order against it, until it is released."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            written = await told(east, circle)
            place = Place(log=written.log, index=written.index)
            held = await in_thread(client_of(north).write, circle.id, SayHold(**BY, targets=(place,)))
            indices = frozenset({place.index})
            await in_thread(client_of(east).write, circle.id, SayErasure(**BY, indices=tuple(indices)))
            await answered(north, circle, east=Answer(indices), north=Answer(held=indices))

            entry = await one_of(north, circle, written)
            assert isinstance(entry.record, NoteRecord)
            assert entry.erasure
            assert (entry.state, entry.record.text, entry.erasure.kept) == ("readable", SECRET, True)
            assert (await one_of(east, circle, written)).record is None
            (hold,) = (await shown(north, circle)).holds
            assert (hold.index, hold.targets) == (held.index, (place,))
            assert (await shown(east, circle)).holds == ()

            await in_thread(client_of(north).write, circle.id, SayRelease(**BY, index=held.index))
            await answered(north, circle, east=Answer(indices), north=Answer(indices))
            assert SECRET.encode() not in files_of(north)
            assert (await shown(north, circle)).holds == ()
            assert (await one_of(north, circle, written)).state == "erased"

    run(scenario())


NOWHERE = Place(log=f"loopback.example/{'0' * 64}/east/1", index=1)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (SayErasure(**BY, indices=(0,)), "erasure-target"),
        (SayErasure(**BY, indices=(99,)), "erasure-target"),
        (SayErasure(**BY, indices=(1,)), "erasure-target"),
        (SayErasure(**BY, indices=(1,), log="nobody"), "unknown-name"),
        (SayHold(**BY, targets=(NOWHERE,)), "unknown-name"),
        (SayRelease(**BY, index=1), "no-such-hold"),
        (SayErasure(**BY | {"reason": ""}, indices=(2,)), "malformed-record"),
    ],
)
def test_what_cannot_be_ordered(
    run: Run[None], tmp_path: Path, order: SayErasure | SayHold | SayRelease, code: str
) -> None:
    """An order that names nothing it may name is refused with a code; a card is no. 1 here."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            await until(lambda: not east.cards.publishing)
            await in_thread(client_of(east).write, circle.id, say(SECRET))
            with pytest.raises(Refusal) as refused:
                await in_thread(client_of(east).write, circle.id, order)
            assert refused.value.code == code

    run(scenario())


def test_no_proof_is_made_before_the_erasures_are_known(lines: Lines) -> None:
    """A node that just started makes no proof of what others may know to be erased."""
    ash = lines.start("ash")
    lines.puppet("birch", lambda _: None)
    ash.write()
    ash.restart()
    prover = Prover(ash.line, lines.party.keys["ash"], ash.store, now_s=1)
    with pytest.raises(NotProvable, match="still being asked"):
        prover.prove(ash.log, 1)
    lines.run_for(3)
    assert prover.prove(ash.log, 1)
