"""`python -m validation [--data FOLDER] [--json]`: print every row; exit with 1 if one is missed.

`--data` names the folder of what is not shipped; else the environment variable TOCSIN_DATA does.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from validation import anaesthetists, bluebirds, copying, ours, relays
from validation.rows import Row, as_json, table


def every_row(folder: Path | None) -> list[Row]:
    """All there is to reproduce, with what came out, and what ours makes of some of it."""
    return [*anaesthetists.rows(), *bluebirds.rows(folder), *copying.rows(), *relays.rows(), *ours.rows()]


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if a row is missed."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("TOCSIN_DATA") or None)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    rows = every_row(chosen.data)
    print(as_json(rows) if chosen.json else table(rows))
    return int(any(row.is_missed for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
