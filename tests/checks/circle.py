"""A circle without nodes, whose desks check on each other: five members, and one that only observes."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cases.charters import charter

from tocsin.cases.delivery import Hours
from tocsin.checks import ChecksView, CheckView, Duty, fold
from tocsin.core.records import Check, CheckAnswer, Record, Ref
from tocsin.core.views import Cosigned, Holdings, Party, Said, Terms

CIRCLE = "c" * 64
MINUTE_MS = 60_000
START_MS = 1_700_000_000_000
MEMBERS = ("birch", "cedar", "elm", "oak", "pine")
PARTIES = {
    **{slug: Party(slug, f"Desk {slug}", "KR") for slug in MEMBERS},
    "willow": Party("willow", "Desk willow", "JP", observer=True),
    "yew": Party("yew", "Desk yew", "JP", present=False),
}


def terms(**parties: Party) -> Terms:
    """The charter; `parties` replaces some."""
    return charter(CIRCLE, (PARTIES | parties).values())


def ref(member: str, index: int, epoch: int = 1) -> Ref:
    """A record's reference."""
    entry = base64.b64encode(hashlib.sha256(f"{member} {epoch} {index}".encode()).digest()).decode()
    return Ref(entry=entry, index=index, log=f"example.org/{CIRCLE}/{member}/{epoch}")


def common(at_ms: int) -> dict[str, Any]:
    """What every record has."""
    return {
        "circle": CIRCLE,
        "at_ms": at_ms,
        "author": "duty",
        "author_kind": "officer",
        "tlp": "TLP:GREEN",
    }


def check(at_ms: int = START_MS, within_minutes: int = 30) -> Check:
    """A check."""
    return Check(**common(at_ms), within_minutes=within_minutes)


def answer(to: Ref, took_ms: int | None = MINUTE_MS, at_ms: int = START_MS) -> CheckAnswer:
    """An answer; without a time, one that does not know when the check came."""
    came_ms = None if took_ms is None else at_ms - took_ms
    return CheckAnswer(**common(at_ms), check=to, received_at_ms=came_ms)


def said(member: str, index: int, record: Record, epoch: int = 1) -> Said[Record]:
    """A record where it stands."""
    return Said(ref(member, index, epoch), member, record)


@dataclass
class Circle:
    """Its records, and what the node of `me` knows of them."""

    me: str = "birch"
    said: list[Said[Record]] = field(default_factory=list)
    arrived: dict[Ref, int] = field(default_factory=dict)
    cosigned: dict[str, Mapping[str, tuple[Cosigned, ...]]] = field(default_factory=dict)
    hours: dict[str, Duty] = field(default_factory=dict)
    terms: Terms = field(default_factory=terms)

    def check(
        self, member: str, index: int, came_ms: int = START_MS, within_minutes: int = 30, epoch: int = 1
    ) -> Ref:
        """A member checks, and that comes here."""
        one = said(member, index, check(came_ms, within_minutes), epoch)
        self.said.append(one)
        self.arrived[one.ref] = came_ms
        return one.ref

    def answer(
        self, member: str, index: int, to: Ref, took_ms: int | None = MINUTE_MS, epoch: int = 1
    ) -> Ref:
        """A member answers."""
        one = said(member, index, answer(to, took_ms), epoch)
        self.said.append(one)
        return one.ref

    def view(self, now_ms: int = START_MS, records: Iterable[Said[Record]] | None = None) -> ChecksView:
        """What the node shows."""
        desks = {slug: Hours() for slug, party in self.terms.parties.items() if party.present}
        return fold(
            self.said if records is None else records,
            Holdings(self.me, self.cosigned, self.arrived),
            self.terms,
            hours=desks | self.hours,
            now_ms=now_ms,
        )

    def shown(self, of: Ref, now_ms: int = START_MS) -> CheckView:
        """One of the checks."""
        return next(one for one in self.view(now_ms).checks if one.ref == of)
