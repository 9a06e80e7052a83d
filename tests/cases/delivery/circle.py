"""A circle without nodes: who wrote, received and confirmed what, each at a moment that is known exactly.

What a case's picture, contexts and cosignatures say of it is made from that; so what is told of moments can
be held against the moments themselves.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.cases.charters import charter

from tocsin.cases.picture.view import CaseView, Corroboration, Description, Standing, TimelineEntry
from tocsin.core.records import CaseRecord, Ref, Report, Source
from tocsin.core.views import Cosigned, Holdings, Party, Terms

CIRCLE = "c" * 64
MEMBERS = ("birch", "cedar", "elm", "oak")
ECONOMIES = {"birch": "KR", "cedar": "JP", "elm": "JP", "oak": "TJ"}


def log_of(member: str, epoch: int = 1) -> str:
    """A member's log."""
    return f"example.org/{CIRCLE}/{member}/{epoch}"


def ref(member: str, index: int) -> Ref:
    """A record's reference."""
    entry = base64.b64encode(hashlib.sha256(f"{member} {index}".encode()).digest()).decode()
    return Ref(entry=entry, index=index, log=log_of(member))


def terms(acknowledge_minutes: int = 15, answer_minutes: int = 240, **parties: Party) -> Terms:
    """The charter of four members; `parties` replaces some."""
    listed = {slug: Party(slug, f"Desk {slug}", ECONOMIES[slug]) for slug in MEMBERS}
    return charter(
        CIRCLE,
        (listed | parties).values(),
        acknowledge_within_minutes=acknowledge_minutes,
        answer_within_minutes=answer_minutes,
    )


def report(at_ms: int = 1000, *, case: Ref | None = None, **changes: object) -> Report:
    """A report; without a case it opens one."""
    fields: dict[str, object] = {
        "circle": CIRCLE,
        "at_ms": at_ms,
        "author": "duty",
        "author_kind": "officer",
        "tlp": "TLP:GREEN",
        "case": case,
        "sources": (Source(kind="website", locator="https://example.org/1", obtained="published"),),
    }
    return Report(**(fields | changes))  # type: ignore[arg-type]


def entry(
    member: str,
    index: int,
    record: CaseRecord,
    *,
    standing: Standing = "counts",
    officer: str | None = None,
    since_closing: bool = False,
) -> TimelineEntry:
    """A record where it stands in the timeline."""
    return TimelineEntry(
        ref=ref(member, index),
        member=member,
        record=record,
        standing=standing,
        officer=officer,
        since_closing=since_closing,
    )


def view(timeline: Iterable[TimelineEntry], **changes: object) -> CaseView:
    """The picture, as far as delivery looks at it; the first record opens the case."""
    entries = tuple(timeline)
    fields: dict[str, object] = {
        "case": entries[0].ref,
        "opened_by": entries[0].member,
        "opened_at_ms": entries[0].record.at_ms,
        "state": "open",
        "outcome": None,
        "summary": None,
        "lang": None,
        "description": Description(),
        "corroboration": Corroboration(
            replies=0, independent_sources=0, organisations=0, economies=0, corroborated=False, sources=()
        ),
        "timeline": entries,
        "asks": (),
        "links": (),
        "closings": (),
        "since_closing": sum(entry.since_closing for entry in entries),
    }
    return CaseView(**(fields | changes))  # type: ignore[arg-type]


@dataclass
class Contexts:
    """What authors' nodes held: by log and index, sizes of other logs."""

    seen: dict[tuple[str, int], Mapping[str, int]] = field(default_factory=dict)

    def saw(self, log: str, index: int) -> Mapping[str, int]:
        """As Knowledge has it."""
        return self.seen.get((log, index), {})


def holdings(me: str, cosigned: Sequence[tuple[str, str, int, int]] = (), **arrived: int) -> Holdings:
    """What (author, holder, size, seconds) say; `birch_1=5` arrived here at 5 ms."""
    by_log: dict[str, dict[str, tuple[Cosigned, ...]]] = {}
    for author, holder, size, time_s in cosigned:
        by_holder = by_log.setdefault(log_of(author), {})
        by_holder[holder] = (*by_holder.get(holder, ()), Cosigned(size, time_s))
    places = (name.split("_") for name in arrived)
    return Holdings(me, by_log, dict(zip((ref(m, int(i)) for m, i in places), arrived.values(), strict=True)))


@dataclass
class Happened:
    """Everything that happened, each at a second of its own: the truth that nobody in the circle has."""

    written: dict[Ref, int] = field(default_factory=dict)
    held: dict[tuple[Ref, str], int] = field(default_factory=dict)
    cosigned: list[tuple[str, str, int, int]] = field(default_factory=list)
    contexts: Contexts = field(default_factory=Contexts)
    timeline: list[TimelineEntry] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MEMBERS, 1))
    _has: dict[tuple[str, str], int] = field(default_factory=dict)

    def write(self, member: str, now_s: int) -> None:
        """A member writes a report; its context says what it holds."""
        index = self._sizes[member]
        self._sizes[member] += 1
        place = ref(member, index)
        case = self.timeline[0].ref if self.timeline else None
        self.timeline.append(entry(member, index, report(now_s * 1000, case=case)))
        self.contexts.seen[log_of(member), index] = {
            log_of(other): size for (holder, other), size in self._has.items() if holder == member
        }
        self.written[place] = now_s * 1000

    def deliver(self, author: str, to: str, now_s: int, *, confirmed: bool) -> None:
        """All of a log comes to a member, which confirms it at once, or nobody ever hears of it."""
        size = self._sizes[author]
        for place in self.written:
            if place.log == log_of(author) and place.index < size:
                self.held.setdefault((place, to), now_s * 1000)
        self._has[to, author] = size
        if confirmed:
            self.cosigned.append((author, to, size, now_s))
