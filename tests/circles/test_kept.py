"""What a line keeps of what its holder signed before records were lost."""

import asyncio

from tests.simulation.memory_store import MemoryStore

from tocsin.circles.exchanging.kept import Kept
from tocsin.core.names import LogName
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.committer import Committer

_CIRCLE = "a" * 64
_HOLDER = LogName("line.example", _CIRCLE, "apricot", 1)
_LOG = f"line.example/{_CIRCLE}/birch/1"


def _after(*losses: dict[str, tuple[int, bytes]] | None) -> tuple[int, bytes] | None:
    """What the holder must not contradict after these losses, one after the other."""

    async def lose() -> tuple[int, bytes] | None:
        store = MemoryStore("")
        kept = Kept(_CIRCLE, store, Committer(store, lambda _: None))
        for promised in losses:
            await kept.lose([_HOLDER], "Why.", promised)
        return kept.promise(_HOLDER, _LOG)

    return asyncio.run(lose())


def test_the_most_that_was_promised_stays() -> None:
    """A copy that is put back twice knows less the second time, and takes nothing back."""
    assert _after({_LOG: (100, b"r")}, {_LOG: (60, b"s")}) == (100, b"r")


def test_a_later_promise_may_be_larger() -> None:
    """What was signed since counts."""
    assert _after({_LOG: (60, b"s")}, {_LOG: (100, b"r")}) == (100, b"r")


def test_nobody_knows_is_stronger_than_a_size() -> None:
    """Once it is unknown how far the holder had signed, it signs nothing, whatever was known before."""
    assert _after({_LOG: (100, b"r")}, None) == (MAX_SIZE, b"")


def test_another_epoch_promised_nothing() -> None:
    """Without a loss there is no promise."""
    assert _after() is None
