"""Summaries, bells and clocks, for tests of what the room makes of them."""

from hashlib import sha256
from typing import Any

from tocsin.cases.delivery import Due
from tocsin.cases.duty import Bell
from tocsin.cases.picture import CaseSummary
from tocsin.core.keys import encode_base64
from tocsin.core.records import Ref
from tocsin.core.views import Party, Terms
from tocsin.node.alerting.telling import Ring

CIRCLE = "ab" * 32
LABELS = {"birch": "Birch", "cedar": "Cedar", "elm": "Elm"}


def ref(index: int, member: str = "birch") -> Ref:
    """A record."""
    log = f"towers.example/{CIRCLE}/{member}/1"
    return Ref(log=log, index=index, entry=encode_base64(sha256(f"{log} {index}".encode()).digest()))


def terms(*, drill: bool = False, labels: dict[str, str] | None = None) -> Terms:
    """What the charter says."""
    parties = {slug: Party(slug, label, "KR") for slug, label in (labels or LABELS).items()}
    return Terms(
        circle=CIRCLE,
        parties=parties,
        handling="TLP:AMBER",
        independent_sources=2,
        organisations=2,
        economies=2,
        acknowledge_within_minutes=15,
        answer_within_minutes=240,
        drill=drill,
    )


def summary(case: Ref | None = None, **more: Any) -> CaseSummary:  # noqa: ANN401 - any field of one
    """A case in a list."""
    said: dict[str, Any] = {
        "opened_at_ms": 1,
        "last_at_ms": 1_000,
        "state": "open",
        "outcome": None,
        "event": None,
        "severity": None,
        "summary": "Smoke.",
        "lang": "en",
        "records": 1,
        "open_asks": 0,
        "independent_sources": 1,
        "corroborated": False,
    }
    case = case or ref(1)
    return CaseSummary(ref=case, opened_by=case.log_name.member, **said | more)


def bell(case: Ref | None = None, **more: Any) -> Bell:  # noqa: ANN401
    """Something that we owe."""
    case = case or ref(1)
    said: dict[str, Any] = {
        "due": "acknowledgement",
        "audience": "duty",
        "of": case,
        "count": 1,
        "due_by_ms": 5_000,
        "overdue": False,
        "tlp": "TLP:GREEN",
        "last_ms": 1_000,
        "next_ms": None,
    }
    return Bell(case=case, **said | more)


def ring(of: Bell, *, drill: bool = False) -> Ring:
    """Its ring."""
    return Ring(CIRCLE, of, "", drill)


def due(of: Ref, member: str, **more: Any) -> Due:  # noqa: ANN401
    """Something that is owed."""
    said: dict[str, Any] = {"due": "acknowledgement", "state": "open", "since_ms": 1, "due_by_ms": 5_000}
    return Due(of=of, member=member, **said | more)
