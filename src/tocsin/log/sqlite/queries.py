"""The named queries of the store, from the file beside this module.

In `queries.sql`, `-- name: <name>` starts a query, which ends where the next one starts.
"""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_HERE = files(__package__)


def load_queries() -> Mapping[str, str]:
    """Every query by its name."""
    _, *parts = _NAME.split((_HERE / "queries.sql").read_text())
    return dict(zip(parts[::2], parts[1::2], strict=True))
