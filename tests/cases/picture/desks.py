"""Desks that write records of one case, and what their nodes held when they did."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from tests.cases.charters import charter
from tests.cases.picture.contexts import Contexts

from tocsin.cases.picture import CaseView, evidence, view
from tocsin.cases.picture.view import FindingCode, TimelineEntry
from tocsin.core.records import (
    Answer,
    Ask,
    CaseRecord,
    Context,
    Probability,
    Reading,
    Ref,
    Report,
    Seen,
    Source,
    Withdrawal,
)
from tocsin.core.views import Evidence, Knowledge, Party, Said, Terms

CIRCLE = "0d" * 32
START_MS = 1_780_000_000_000
MINUTE_MS = 60_000
DAY_MS = 86_400_000
ROOT = "A" * 43 + "="
MEMBERS = ("alder", "birch", "cedar", "dogwood", "elder")
ECONOMIES = ("EA", "EA", "EB", "EC", "EC")

Kind = TypeVar("Kind", bound=CaseRecord | Context)
encode = msgspec.json.Encoder(order="deterministic").encode


def url(path: str) -> Source:
    """A source that others can look at."""
    return Source(kind="website", locator=f"https://news.example/{path}", obtained="published")


def words(text: str) -> Source:
    """A source that stands on its member's word."""
    return Source(kind="person", locator=text, obtained="received")


def cites(ref: Ref) -> Source:
    """Another record, as a source."""
    return Source(kind="record", record=ref)


def terms(*, members: Iterable[str] = MEMBERS, economies: Iterable[str] = ECONOMIES, **changes: int) -> Terms:
    """A charter, of five desks in three economies if nothing else is said."""
    parties = (Party(slug, slug.title(), economy) for slug, economy in zip(members, economies, strict=True))
    return replace(charter(CIRCLE, parties), **changes)  # type: ignore[arg-type]


def lying(ref: Ref) -> Ref:
    """The same place, and another entry."""
    return msgspec.structs.replace(ref, entry=ROOT)


class Desks:
    """A circle's desks: each record is written at the end of its member's log, a minute after the last.

    `held` says what of other logs each record's author had seen, `case` which report was the first.
    """

    def __init__(self) -> None:
        self.said: list[Said[CaseRecord]] = []
        self.knowledge = Contexts()
        self.epochs: dict[str, int] = {}
        self.now_ms = START_MS
        self.held: dict[Ref, Mapping[str, int]] = {}
        self._sizes: dict[str, int] = {}
        self._saw: dict[str, dict[str, int]] = {}

    @property
    def case(self) -> Ref:
        """The report that opened it."""
        return self.said[0].ref

    def log(self, member: str) -> str:
        """The log that a member now writes."""
        return f"drill.example/{CIRCLE}/{member}/{self.epochs.get(member, 1)}"

    def says(self, member: str, record: CaseRecord) -> Ref:
        """A record at the end of the member's log."""
        log = self.log(member)
        index = self._next(log)
        entry = b64encode(sha256(f"{log} {index}".encode()).digest()).decode()
        ref = Ref(log=log, index=index, entry=entry)
        self.held[ref] = dict(self._saw.get(log, {}))
        self.said.append(Said(ref, member, record))
        return ref

    def sees(self, member: str, *others: str) -> None:
        """The member's node now holds these others' logs, and says so in its next context."""
        log = self.log(member)
        sizes = {
            name: self._sizes[name] for name in map(self.log, others) if name in self._sizes and name != log
        }
        if not sizes:
            return
        index = self._next(log)
        self._saw[log] = {**self._saw.get(log, {}), **sizes}
        seen = tuple(Seen(log=name, root=ROOT, size=size) for name, size in sorted(sizes.items()))
        self.knowledge.add(log, index, self.made(Context, author="node", author_kind="machine", seen=seen))

    def made(self, kind: type[Kind], **fields: object) -> Kind:
        """A record of the case, now."""
        common = {"circle": CIRCLE, "at_ms": self.now_ms, "author": "duty", "author_kind": "officer"}
        of_case = {"case": self.case} if self.said and kind is not Context else {}
        everything: dict[str, Any] = {**common, "tlp": "TLP:GREEN", **of_case, **fields}
        return kind(**everything)

    def reports(self, member: str, *sources: Source, **fields: object) -> Ref:
        """The member reports, or opens the case."""
        return self.says(member, self.made(Report, sources=sources or (url(member),), **fields))

    def cites(self, member: str, *refs: Ref) -> Ref:
        """The member reports what other records say."""
        return self.reports(member, *map(cites, refs))

    def asks(self, member: str, *to: str) -> Ref:
        """The member asks these, or everybody."""
        return self.says(member, self.made(Ask, questions=("seen",), to=tuple(sorted(to)) or None))

    def answers(self, member: str, ask: Ref, *sources: Source, **fields: object) -> Ref:
        """The member answers that it has seen it, by these sources; or, without any, that it has not."""
        seen = {"seen": "seen", "sources": sources} if sources else {"seen": "not-seen"}
        return self.says(member, self.made(Answer, ask=ask, **{**seen, **fields}))

    def reads(
        self,
        member: str,
        *sources: Source,
        attack: int = 600,
        hypothesis: Ref | None = None,
        **fields: object,
    ) -> Ref:
        """The member holds an attack to be so likely, in permille; the rest a hypothesis, or undetermined."""
        rest: dict[str, Any] = {"what": "undetermined"} if hypothesis is None else {"hypothesis": hypothesis}
        probabilities = (
            Probability(what="attack", permille=attack),
            Probability(**rest, permille=1_000 - attack),
        )
        given = {
            "probabilities": probabilities,
            "confidence": "moderate",
            "sources": sources or (url(member),),
        }
        return self.says(member, self.made(Reading, **{**given, **fields}))

    def withdraws(self, member: str, *refs: Ref) -> Ref:
        """The member takes these back."""
        return self.says(member, self.made(Withdrawal, of=tuple(sorted(refs)), reason="mistaken"))

    def view(
        self,
        said: Iterable[Said[CaseRecord]] | None = None,
        charter: Terms | None = None,
        knowledge: Knowledge | None = None,
    ) -> CaseView:
        """The picture that these records give, or all."""
        records = self.said if said is None else said
        return view(self.case, records, charter or terms(), knowledge or self.knowledge)

    def evidence(
        self, said: Iterable[Said[CaseRecord]] | None = None, knowledge: Knowledge | None = None
    ) -> Evidence:
        """What it rests on by these records, or all, and what its members make of it."""
        return evidence(self.case, self.said if said is None else said, knowledge or self.knowledge)

    def entry(self, ref: Ref) -> TimelineEntry:
        """A record in the timeline."""
        (entry,) = (entry for entry in self.view().timeline if entry.ref == ref)
        return entry

    def found(self, ref: Ref) -> set[FindingCode]:
        """What is found wrong with a record."""
        return {finding.code for finding in self.entry(ref).findings}

    def _next(self, log: str) -> int:
        self.now_ms += MINUTE_MS
        index = self._sizes.get(log, 1)
        self._sizes[log] = index + 1
        return index
