"""Named queries, from the files beside this module: `queries.sql` of the store, `index.sql` of its index.

There, `-- name: <name>` starts a query, which ends where the next one starts.
"""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_HERE = files(__package__)


def load_queries(file: str) -> Mapping[str, str]:
    """Every query of a file by its name."""
    _, *parts = _NAME.split((_HERE / file).read_text())
    return dict(zip(parts[::2], parts[1::2], strict=True))
