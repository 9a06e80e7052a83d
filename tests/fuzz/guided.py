"""Fuzz one decoder, guided by what it covers: `python -m tests.fuzz.guided TARGET FOLDER SECONDS SEED`.

The folder keeps every input that covered something new, and the next run begins with them. On the first input
that breaks the target's rule the program ends with an error, and leaves that input in `<folder>-broken`.
libFuzzer itself ends it for an input that takes more than ten seconds, or more memory than any message may.
"""

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

with atheris.instrument_imports(include=["tocsin", "tomllib"]):
    from tests.fuzz.targets import TARGETS

_MAX_INPUT_BYTES = 2**18
_MAX_MEMORY_MB = 1_024
_MAX_UNIT_S = 10


def main(name: str, folder: Path, seconds: str, seed: str) -> None:
    """Fuzz for so long."""
    target, broken = TARGETS[name], folder.with_name(f"{folder.name}-broken")
    for needed in (folder, broken):
        needed.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(target.begin()):
        (folder / f"seed-{number}").write_bytes(data)
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": _MAX_INPUT_BYTES,
        "rss_limit_mb": _MAX_MEMORY_MB,
        "timeout": _MAX_UNIT_S,
        "artifact_prefix": f"{broken}/",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    atheris.Setup(
        [sys.argv[0], *(f"-{option}={value}" for option, value in options.items()), str(folder)], target.held
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
