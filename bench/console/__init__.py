"""How fast the console is: its largest pages, what comes from others on open pages, and many of those.

- `desk`: a desk as a process of its own; `process`: that process, and a browser at it, for those who measure.
- `large`: pages of very many records; `live`: what another desk says, on open pages.
"""

import shutil
from pathlib import Path

from bench.console.large import large
from bench.console.live import live
from bench.figures import Report

__all__ = ["console"]


def console(report: Report, folder: Path, scale: float) -> None:
    """Measure it."""
    large(report, folder / "large", scale)
    live(report, folder / "live", scale)
    shutil.rmtree(folder)
