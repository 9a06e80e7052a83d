"""What was written to a file, made durable."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Make durable what a file has in it; of a folder, which files are there, under which names."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
