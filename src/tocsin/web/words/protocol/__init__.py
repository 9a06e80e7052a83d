"""Why what nodes, files and papers hand in is refused, by the code of the error: what happened, what next.

Codes of a group mean one thing to a person, and have one sentence.
"""

from typing import Final

BEYOND: Final = (
    "epoch-ended",
    "void-entry",
)

MISUNDERSTOOD: Final = (
    "bad-request-signature",
    "no-common-version",
    "push-too-large",
    "refused-otherwise",
    "stale-nonce",
    "unexpected-answer",
    "unknown-path",
)

NO_EVIDENCE: Final = (
    "malformed-broken-limit",
    "malformed-evidence",
    "malformed-fork",
    "malformed-void",
)

NOTHING_SHOWN: Final = (
    "limit-kept",
    "no-contradiction",
    "no-fork",
    "no-void",
)

OTHER_LOG: Final = (
    "unknown-name",
    "unknown-origin",
    "wrong-name",
)

UNPROVEN: Final = (
    "body-mismatch",
    "malformed-proof",
    "proof-mismatch",
    "proof-parts",
    "wrong-root",
    "wrong-size",
)

UNREADABLE: Final = (
    "chunk-too-large",
    "duplicate-key",
    "float",
    "integer-out-of-range",
    "invalid-utf-8",
    "malformed-call",
    "malformed-certificate",
    "malformed-checkpoint",
    "malformed-chunk",
    "malformed-entry",
    "malformed-event",
    "malformed-json",
    "malformed-message",
    "malformed-note",
    "malformed-push",
    "malformed-since",
    "misplaced-opening",
    "nesting-too-deep",
    "not-a-number",
    "not-canonical",
    "not-json",
    "nul-character",
    "unknown-field",
)
