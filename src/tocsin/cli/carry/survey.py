"""What is in a carry file, looked at before or after it travels: nothing of it is believed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.circles.carry.file import MAX_CARRY_BYTES, Item, Kind, read_items
from tocsin.circles.wire.messages import MAX_PUSH_BYTES, Push
from tocsin.cli.failing import NotSetUp
from tocsin.core.errors import Refusal, quoted
from tocsin.core.names import LogName


@dataclass(slots=True)
class Survey:
    """How much a file holds. `logs`: by name, the first entry and the one after the last."""

    items: int = 0
    size_bytes: int = 0
    events: int = 0
    checkpoints: int = 0
    logs: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether what came next may not have had room."""
        return self.size_bytes > MAX_CARRY_BYTES - MAX_PUSH_BYTES

    @property
    def entries(self) -> int:
        """How many entries of all logs."""
        return sum(end - first for first, end in self.logs.values())

    def circle(self) -> str | None:
        """The circle that the file is of, if it says so itself."""
        names = {_circle_of(log) for log in self.logs}
        return names.pop() if len(names) == 1 else None

    def count(self, item: Item) -> None:
        """One more item."""
        self.items += 1
        self.size_bytes += item.size_bytes
        match item.kind:
            case Kind.PUSH:
                push = Push.decode(item.data)
                first, _ = self.logs.get(push.log, (push.chunk.first, 0))
                self.logs[push.log] = first, push.chunk.end
            case Kind.EVENT:
                self.events += 1
            case Kind.CHECKPOINT:
                self.checkpoints += 1


def items_of(path: Path) -> Iterator[Item]:
    """The items of a file. Raises NotSetUp without a file, and MalformedCarryFile."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotSetUp(
            f"Expected a carry file in {quoted(str(path))}, found none that can be read ({error.strerror}). "
            "Next: see that the file is there, and that you may read it."
        ) from None
    with file:
        yield from read_items(file)


def survey(path: Path) -> Survey:
    """All that is in a file. Raises NotSetUp, MalformedCarryFile."""
    found = Survey()
    for item in items_of(path):
        try:
            found.count(item)
        except Refusal:
            # The node says what is wrong with it.
            continue
    return found


def _circle_of(log: str) -> str | None:
    try:
        return LogName.parse(log).circle
    except Refusal:
        return None
