"""What can go wrong, in two families.

- A `Refusal` is theirs: what another node, a file or a person handed in. Refuse it, record it, go on.
- A `Fault` is ours: a defect, or a broken disk. Fail loudly; nobody else's bytes may cause one.

Each has a stable `code`, which travels and stands in metrics. A class's docstring is its default message; a
message given where it is raised says what was expected and what was found.
"""

from typing import ClassVar, Final

_MAX_PROBLEM_CHARACTERS: Final = 400


class TocsinError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__doc__ or self.code)


class Refusal(TocsinError):
    """What was handed in is refused."""

    code = "refused"


class Fault(TocsinError):
    """This node itself is at fault."""

    code = "fault"


class MalformedName(Refusal):
    """This is no name of a log, a key or an organisation."""

    code = "malformed-name"


class MalformedKey(Refusal):
    """This is no key that may be used here."""

    code = "malformed-key"


class MalformedNote(Refusal):
    """This is no signed note."""

    code = "malformed-note"


class BadSignature(Refusal):
    """A signature under a known key's name does not verify."""

    code = "bad-signature"


class UnknownSigner(Refusal):
    """No signature is by a known key."""

    code = "unknown-signer"


class UnknownOrigin(UnknownSigner):
    """The checkpoint is of a log whose key is not known here."""

    code = "unknown-origin"


class MalformedCheckpoint(Refusal):
    """This is no checkpoint."""

    code = "malformed-checkpoint"


class MalformedEntry(Refusal):
    """No entry can be made of this."""

    code = "malformed-entry"


class MalformedProof(Refusal):
    """This is no proof for these sizes."""

    code = "malformed-proof"


class ProofMismatch(Refusal):
    """The proof leads to another root than the one expected."""

    code = "proof-mismatch"

    def __init__(self, expected: bytes, found: bytes) -> None:
        super().__init__(f"The proof leads to another root: expected {expected.hex()}, found {found.hex()}.")
        self.expected = expected
        self.found = found


def quoted(found: str | bytes) -> str:
    """`found` as an error may show it: escaped and cut short, since another node wrote it."""
    return repr(found) if len(found) <= 80 else f"{found[:80]!r}… ({len(found)} in all)"


def problem_of(error: Exception) -> str:
    """What a decoder says is wrong, as an error may show it: it repeats what it found as it is, and whole."""
    problem = str(error)
    return problem if problem.isprintable() and len(problem) <= _MAX_PROBLEM_CHARACTERS else quoted(problem)
