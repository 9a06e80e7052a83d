"""How much memory a decoder takes for what it is given."""

import tracemalloc

from tests.fuzz.targets import Target

_BYTES_FOR_NOTHING = 2**20


def check_memory(target: Target, data: bytes) -> None:
    """That the target's rule holds, in memory that the size of the input bounds.

    The bound is generous. What it finds is memory that a length within the input claims, or that grows faster
    than the input.
    """
    tracemalloc.start()
    try:
        target.held(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes <= _BYTES_FOR_NOTHING + target.bytes_for_a_byte * len(data)
