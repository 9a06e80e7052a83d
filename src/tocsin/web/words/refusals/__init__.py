"""Why what a person asks of the console is not done, by the code of the error: what happened, what next.

Codes of a group mean one thing to a person, and have one sentence.
"""

from typing import Final

FAULT: Final = (
    "fault",
    "lost-race",
    "node-failed",
)

DISK: Final = (
    "marker-failed",
    "storage-failed",
)
