"""Records of cases, for tests of what a node makes of them."""

from hashlib import sha256
from typing import Any

from tocsin.core.keys import encode_base64
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    Attachment,
    Closing,
    Context,
    Correction,
    Ref,
    Report,
    Source,
    Withdrawal,
)
from tocsin.core.records.context import Seen

AT_MS = 1_700_000_000_000


def source(number: int = 0) -> Source:
    """A page that anybody may have seen."""
    return Source(kind="website", locator=f"https://feed.example/{number}", obtained="published")


class Casebook:
    """Says things in one circle, each a minute after the one before."""

    def __init__(self, circle: str) -> None:
        self.circle = circle
        self.minutes = 0

    def report(self, text: str | None = None, **more: Any) -> Report:  # noqa: ANN401 - any field of one
        """A report, which opens a case unless it names one."""
        said = {} if text is None else {"summary": text, "lang": "en"}
        return Report(**self._common(), **{"sources": (source(),), **said, **more})

    def ask(self, case: Ref, **more: Any) -> Ask:  # noqa: ANN401
        """An ask to all."""
        return Ask(**self._common(), case=case, questions=("seen",), **more)

    def answer(self, case: Ref, ask: Ref, **more: Any) -> Answer:  # noqa: ANN401
        """An answer: seen."""
        return Answer(**self._common(), case=case, ask=ask, seen="seen", **{"sources": (source(),), **more})

    def withdrawal(self, case: Ref, *of: Ref) -> Withdrawal:
        """It takes these back."""
        return Withdrawal(**self._common(), case=case, of=of, reason="mistaken")

    def correction(self, case: Ref, of: Ref, **more: Any) -> Correction:  # noqa: ANN401
        """It says it otherwise."""
        return Correction(**self._common(), case=case, of=of, **more)

    def acknowledgement(self, case: Ref, *of: Ref) -> Acknowledgement:
        """An officer is aware."""
        return Acknowledgement(**self._common(), case=case, of=of)

    def closing(self, case: Ref) -> Closing:
        """It was an incident."""
        return Closing(**self._common(), case=case, outcome="incident")

    def context(self, **seen: tuple[str, int]) -> Context:
        """What was held of other logs: by any word, a log's name and size."""
        common = self._common() | {"author": "node", "author_kind": "machine"}
        logs = [Seen(log=log, root=encode_base64(bytes(32)), size=size) for log, size in seen.values()]
        return Context(**common, seen=tuple(sorted(logs, key=lambda one: one.log)))

    def _common(self) -> dict[str, Any]:
        self.minutes += 1
        return {
            "circle": self.circle,
            "at_ms": AT_MS + self.minutes * 60_000,
            "author": "duty",
            "author_kind": "officer",
            "tlp": "TLP:GREEN",
        }


def attachment(content: bytes = b"content") -> Attachment:
    """An attachment with the hash of some content."""
    return Attachment(media_type="text/plain", sha256=sha256(content).hexdigest(), size_bytes=len(content))
