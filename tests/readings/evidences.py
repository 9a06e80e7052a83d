"""Evidence for tests: readings of members who cite numbered sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec.structs import replace

from tocsin.core.records import CaseRecord, Hypothesis, Probability, Reading, Ref, Source
from tocsin.core.records.cases.vocabulary import SourceKind, What
from tocsin.core.views import CaseSource, Evidence, ReadOn, Said

CIRCLE = "ab" * 32
Kind = TypeVar("Kind", bound=CaseRecord)
CASE = Ref(log=f"x.example/{CIRCLE}/ash/1", index=1, entry="A" * 43 + "=")


def ref(member: str, index: int) -> Ref:
    """A record of a member."""
    return Ref(log=f"x.example/{CIRCLE}/{member}/1", index=index, entry="A" * 43 + "=")


def source(kind: SourceKind, *witnesses: str, name: str = "s") -> CaseSource:
    """A source of that kind which these members say they saw themselves."""
    cited = Source(kind=kind, locator=f"https://{name}.example/{kind}", obtained="published")
    return CaseSource(cited=tuple((member, cited) for member in witnesses), verifiable=True)


def probabilities(of: Mapping[str | Ref, int]) -> tuple[Probability, ...]:
    """As a reading writes them; what is left is undetermined."""
    said = dict(of)
    if left := 1_000 - sum(said.values()):
        said["undetermined"] = said.get("undetermined", 0) + left
    some = [
        Probability(permille=permille, hypothesis=one)
        if isinstance(one, Ref)
        else Probability(permille=permille, what=one)  # type: ignore[arg-type]
        for one, permille in said.items()
        if permille
    ]
    return tuple(sorted(some, key=lambda one: one.key))


def of_case(kind: type[Kind], **fields: object) -> Kind:
    """A record of that kind, in the case."""
    common = {"circle": CIRCLE, "at_ms": 1, "author": "duty-officer", "author_kind": "officer"}
    everything: dict[str, Any] = {**common, "tlp": "TLP:GREEN", "case": CASE, **fields}
    return kind(**everything)


def reading(member: str, of: Mapping[str | Ref, int], index: int = 9) -> Said[Reading]:
    """A reading of a member."""
    record = of_case(
        Reading,
        probabilities=probabilities(of),
        confidence="moderate",
        sources=(Source(kind="document", locator="what it rests on", obtained="received"),),
    )
    return Said(ref(member, index), member, record)


def hypothesis(member: str, under: What, index: int = 5) -> Said[Hypothesis]:
    """A hypothesis of a member."""
    record = of_case(Hypothesis, under=under, text="Poisoned weights.", lang="en")
    return Said(ref(member, index), member, record)


def rests(said: Said[Reading], sources: Sequence[CaseSource], on: Iterable[int], others: int = 0) -> ReadOn:
    """A reading that rests on these: on its organisation's own, and else by a record of others each."""
    numbers = tuple(sorted(set(on)))
    own = tuple(number for number in numbers if said.member in sources[number].witnesses)
    return ReadOn(said, numbers, own, len(numbers) - len(own) + others)


@dataclass
class Desk:
    """What members make of a case: `reads` says what they rest it on, by the places of `sources`."""

    sources: Sequence[CaseSource]
    hypotheses: Sequence[Said[Hypothesis]] = ()
    reads: dict[str, ReadOn] = field(default_factory=dict)

    def read(self, member: str, of: Mapping[str | Ref, int], *sources: int, others: int = 0) -> "Desk":
        """Somebody reads it so: what it did not see itself, by a record of others each."""
        self.reads[member] = rests(reading(member, of), self.sources, sources, others)
        return self

    def copy(self, member: str, read: ReadOn) -> "Desk":
        """Somebody repeats another's reading of the same sources."""
        record = replace(read.said.record, at_ms=read.said.record.at_ms + 1)
        said = Said(ref(member, 9), member, record)
        self.reads[member] = rests(said, self.sources, read.sources)
        return self

    def saw(self, member: str, of: Mapping[str | Ref, int], *own: int, others: int = 0) -> "Desk":
        """Somebody reads it so, by these of its own in this order, and by so many records of others."""
        self.reads[member] = ReadOn(reading(member, of), tuple(sorted(own)), own, others)
        return self

    @property
    def evidence(self) -> Evidence:
        """All of it."""
        return Evidence(
            case=CASE,
            sources=tuple(self.sources),
            hypotheses=tuple(self.hypotheses),
            readings=tuple(self.reads[member] for member in sorted(self.reads)),
        )
