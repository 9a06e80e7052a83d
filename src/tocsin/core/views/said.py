"""A record that can be read, where it stands, and what its author's node held when it was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tocsin.core.records import Record, Ref

T_co = TypeVar("T_co", bound=Record, covariant=True)


@dataclass(frozen=True, slots=True)
class Said(Generic[T_co]):
    """A record that `member` wrote at `ref`.

    `officer` is the role of the person whose signature on it was verified; None for a plain record. What is
    void, erased, missing or not understood is no Said.
    """

    ref: Ref
    member: str
    record: T_co
    officer: str | None = None


class Knowledge(Protocol):
    """What the authors' nodes held of other logs, by their contexts (docs/protocol.md, section 7.3, context).

    It is what each says of itself: an author can leave out what it knew, and cannot name a log's size and
    root that nobody signed.
    """

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """Of each log, how many entries its author held when it wrote entry `index` of `log`.

        What its contexts up to there name, the newest of each log; its own log is not among them.
        """
        ...
