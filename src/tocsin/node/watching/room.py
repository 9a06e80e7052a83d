"""The disk of the data folder, and the part of it that is kept for what this node writes itself.

What others write must not keep a node from writing: below the reserve, their records wait with them
(docs/protocol.md, section 9.7), while ours go on until the disk is full.
"""

import os
from pathlib import Path

_MB = 10**6


class Room:
    """The room on the disk that has this folder."""

    def __init__(self, folder: Path, reserve_mb: int) -> None:
        self._folder = folder
        self.reserve_bytes = reserve_mb * _MB

    def free_bytes(self) -> int:
        """How much this node may still write."""
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize

    def for_others(self) -> bool:
        """Whether more is free than is kept."""
        return self.free_bytes() >= self.reserve_bytes
