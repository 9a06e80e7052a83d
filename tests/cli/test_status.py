import pytest
from tests.cli.desks import done, flat

from tocsin.cli import status as module
from tocsin.node.api.types import Status


class Said:
    """A node that says one thing."""

    def __init__(self, clock_ahead_ms: int | None) -> None:
        self._status = Status(version="1", started_at_ms=0, circles=(), clock_ahead_ms=clock_ahead_ms)

    def status(self) -> Status:
        """See Client."""
        return self._status


@pytest.mark.parametrize(
    ("ahead_ms", "words"),
    [
        (34_000, "this machine's is 34 s ahead of those of other members"),
        (-34_000, "this machine's is 34 s behind those of other members"),
        (2_000, None),
        (None, None),
    ],
)
def test_a_wrong_clock_is_said(
    monkeypatch: pytest.MonkeyPatch, ahead_ms: int | None, words: str | None
) -> None:
    """With how much and which way, and where to go on; two seconds are no news."""
    monkeypatch.setattr(module, "reach", lambda _: Said(ahead_ms))
    told = flat(done("status"))
    assert ("clock" in told) is (words is not None)
    assert words is None or words in told
