"""What the console says, by part and language."""

from typing import Final

PARTS: Final = (
    "acting",
    "assessing",
    "calls",
    "casebook",
    "charts",
    "circles",
    "common",
    "live",
    "logs",
    "overview",
    "people",
)
"""Every part that has words."""

REFUSALS: Final = ("protocol", "refusals")
"""Where a sentence stands for the code of each error; together, they are the closed list *Refusal*."""
