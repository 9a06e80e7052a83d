"""Where the attachments of one circle are kept: whatever the node has, and what it is given."""

from typing import Protocol


class Contents(Protocol):
    """The attachments of one circle that are here, whole, by their SHA-256 in hex."""

    def read(self, sha256: str, first: int, most_bytes: int) -> bytes | None:
        """So many bytes from `first` on, fewer at the end; None for what is not here."""
        ...


class NoContents:
    """A node that keeps none."""

    def read(self, _sha256: str, _first: int, _most_bytes: int) -> bytes | None:
        """None is here."""
        return None


class Partly(Protocol):
    """An attachment that is on its way here, and goes on where it was broken off."""

    @property
    def size_bytes(self) -> int:
        """How much of it is here."""
        ...

    def add(self, data: bytes) -> None:
        """Take what follows. Raises what keeps it from being written."""
        ...

    async def complete(self) -> bool:
        """Whether all of it fits its hash: then it is here, durably. Else what was here of it is gone."""
        ...

    def drop(self) -> None:
        """Begin anew."""
        ...
