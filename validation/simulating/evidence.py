"""A simulated case as `fuse` takes it: records as members would have written them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from tocsin.core.records import Probability, Reading, Ref, Source
from tocsin.core.views import CaseSource, Evidence, ReadOn, Said
from validation.simulating.parameters import KINDS, MEMBERS
from validation.simulating.world import Seen, Voice

_CIRCLE = "51" * 32
_ENTRY = "A" * 43 + "="
_SHA256 = "0" * 64


def _ref(member: int) -> Ref:
    return Ref(log=f"drill.example/{_CIRCLE}/{MEMBERS[member]}/1", index=1, entry=_ENTRY)


_REFS = tuple(_ref(member) for member in range(len(MEMBERS)))


def evidence(voices: Sequence[Voice]) -> Evidence:
    """What a case rests on, and what is made of it. `voices` ascend by member."""
    citing: dict[str, list[tuple[Seen, str]]] = {}
    for voice in voices:
        member = MEMBERS[voice.member]
        for seen in voice.sources:
            citing.setdefault(_same(seen, member), []).append((seen, member))
    places = {name: place for place, name in enumerate(citing)}
    readings = (_read(voice, places) for voice in voices)
    sources = (_source(tuple(cited)) for cited in citing.values())
    return Evidence(case=_REFS[0], sources=tuple(sources), readings=tuple(readings))


def _read(voice: Voice, places: Mapping[str, int]) -> ReadOn:
    """Its reading; every source it cites itself."""
    own = tuple(sorted({places[_same(seen, MEMBERS[voice.member])] for seen in voice.sources}))
    said = _said(voice.member, voice.permille, voice.sources)
    return ReadOn(said=said, sources=own, own=own, others=0)


def _same(seen: Seen, member: str) -> str:
    """By which citations are one: what others cannot look at is one word of whoever cites it."""
    return seen.name if seen.verifiable else f"{member}'s word"


@lru_cache(maxsize=4_096)
def _source(cited: tuple[tuple[Seen, str], ...]) -> CaseSource:
    return CaseSource(
        cited=tuple((member, _citation(seen)) for seen, member in cited),
        verifiable=any(seen.verifiable for seen, _ in cited),
    )


@lru_cache(maxsize=1_024)
def _citation(seen: Seen) -> Source:
    if seen.kind in ("website", "post"):
        return Source(kind=seen.kind, locator=f"https://{seen.name}.example/", obtained="published")
    sha256 = _SHA256 if seen.verifiable else None
    return Source(kind=seen.kind, locator=seen.name, obtained="received", sha256=sha256)


@lru_cache(maxsize=16_384)
def _said(member: int, permille: tuple[int, ...], sources: tuple[Seen, ...]) -> Said[Reading]:
    reading = Reading(
        circle=_CIRCLE,
        at_ms=0,
        author="duty-officer",
        author_kind="officer",
        tlp="TLP:GREEN",
        case=_REFS[0],
        probabilities=_probabilities(permille),
        confidence="moderate",
        sources=tuple(_citation(seen) for seen in sources) or None,
    )
    return Said(_REFS[member], MEMBERS[member], reading)


@lru_cache(maxsize=16_384)
def _probabilities(permille: tuple[int, ...]) -> tuple[Probability, ...]:
    codes = (*KINDS, "undetermined")
    of = zip(codes, permille, strict=True)
    return tuple(
        sorted(
            (Probability(permille=one, what=code) for code, one in of if one),  # type: ignore[arg-type]
            key=lambda one: one.key,
        )
    )
