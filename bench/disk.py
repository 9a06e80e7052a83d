"""The disk's own time: how long one fdatasync of a small append takes, back to back and after idleness."""

import os
import time
from pathlib import Path

from bench.figures import Figure, Report, percentile

_BYTES = b"x" * 1500


def measure(report: Report, folder: Path, suffix: str) -> None:
    """Fdatasync after appends of 1,500 bytes, back to back, and every 20 ms."""
    for pause_s, count, label in ((0.0, 2000, "back to back"), (0.02, 250, "every 20 ms")):
        times_ms = _times_ms(folder / "fdatasync", pause_s, count)
        name = f"disk.fdatasync.{'busy' if not pause_s else 'idle'}.{suffix}"
        for share, short in ((0.5, "p50"), (0.99, "p99")):
            report.add(
                Figure(
                    f"{name}.{short}",
                    f"disk: append and fdatasync, {label}, {suffix} the run, {short}",
                    percentile(times_ms, share),
                    "ms",
                    samples=count,
                )
            )


def _times_ms(path: Path, pause_s: float, count: int) -> list[float]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    times_ms = []
    try:
        for _ in range(count):
            if pause_s:
                time.sleep(pause_s)
            start = time.perf_counter()
            os.write(descriptor, _BYTES)
            os.fdatasync(descriptor)
            times_ms.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(descriptor)
        path.unlink()
    return times_ms
