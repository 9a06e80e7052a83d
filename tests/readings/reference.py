"""The common view a second time, from docs/protocol.md, section 23.2, alone, to be laid beside it.

As plain and as slow as can be: fractions, decimals, all of it anew for each range. Its
parts have the names and the order of the section's, and a quotation where a sentence is easily read over.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import floor, trunc

from tocsin.core.records import Hypothesis, Ref
from tocsin.core.views import CaseSource, Evidence, Said

KINDS = ("accident", "attack", "cascade", "misuse", "no-ai")
CLASSES = {"post": "published", "website": "published"}
DIGITS = 80

Numbers = tuple[int, ...]
"""For each leaf one, in milli-nats."""


@dataclass(frozen=True)
class Range:
    """Permille of all evidence, and the least and most without any one source or member."""

    permille: int
    least_permille: int
    most_permille: int


@dataclass(frozen=True)
class Common:
    """The common view; `leaves` by kind or hypothesis (`birch.1.5`), `sources` those that are read.

    `without`: what it would be, and the permille of the kinds, without a source or a member. `standing`: the
    sources that can be one of the two for the likeliest kind, and by whose readings.
    """

    what: str
    held_back: bool
    standing: dict[int, tuple[str, ...]]
    independent_milli: int
    kinds: dict[str, Range]
    leaves: dict[str, Range]
    sources: dict[int, Numbers]
    without: dict[int | str, tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Leaf:
    """A kind, or a hypothesis of it; `siblings` is *k*, how many leaves the kind has."""

    kind: str
    hypothesis: Ref | None
    siblings: int

    @property
    def prior(self) -> Fraction:
        """1/(5k)."""
        return Fraction(1, 5 * self.siblings)


@dataclass(frozen=True)
class Reader:
    """A reading: what it says, and on what it rests; `c` stays where sources are left out."""

    member: str
    sources: frozenset[int]
    c: int
    undetermined: int
    numbers: Numbers


@dataclass(frozen=True)
class Seen:
    """A source."""

    witnesses: frozenset[str]
    classes: frozenset[str]


@dataclass(frozen=True)
class Case:
    """What is reckoned with, or what of it is left; `n` and `a` stay."""

    leaves: tuple[Leaf, ...]
    readings: tuple[Reader, ...]
    sources: dict[int, Seen]
    n: int
    a: Mapping[Numbers, int]


@dataclass(frozen=True)
class Reckoned:
    """What comes out of a case once."""

    what: str
    held_back: bool
    permille: tuple[int, ...]
    kinds: dict[str, int]
    sources: dict[int, Numbers]


# "All of it is reckoned in integers."


@cache
def ln(number: int) -> int:
    """Thousandths of natural logarithms, each rounded to the nearest, half to even."""
    with localcontext(prec=DIGITS):
        return int((Decimal(number).ln() * 1000).to_integral_value(ROUND_HALF_EVEN))


def cut(a: int | Fraction, b: int = 1) -> int:
    """a/b, cut towards zero."""
    return trunc(Fraction(a, b))


def times(numbers: Numbers, a: int, b: int) -> Numbers:
    """All of them × a/b, each cut."""
    return tuple(cut(one * a, b) for one in numbers)


def no_further_apart(numbers: Numbers, most: int) -> Numbers:
    """If two of them are further apart, all × most/their spread."""
    spread = max(numbers) - min(numbers)
    return times(numbers, most, spread) if spread > most else numbers


# "Leaves."


def leaves_of(evidence: Evidence) -> tuple[Leaf, ...]:
    """The five kinds, then the hypotheses to which a standing reading gives any probability."""
    held = {one.hypothesis for read in evidence.readings for one in read.said.record.probabilities}
    hypotheses: list[Said[Hypothesis]] = []
    for one in evidence.hypotheses:
        # "... the first four of each member, and 32 in all."
        if one.ref in held and sum(other.member == one.member for other in hypotheses) < 4:
            hypotheses.append(one)
    hypotheses = hypotheses[:32]
    siblings = Counter([*KINDS, *(one.record.under for one in hypotheses)])
    return (
        *(Leaf(kind, None, siblings[kind]) for kind in KINDS),
        *(Leaf(one.record.under, one.ref, siblings[one.record.under]) for one in hypotheses),
    )


# "What one reading says."


def said_by(probabilities: Mapping[str | Ref, int], leaves: Sequence[Leaf]) -> tuple[int, Numbers]:
    """How much of it is undetermined, and its numbers."""
    known = {*KINDS, *(leaf.hypothesis for leaf in leaves)}
    u = sum(permille for of, permille in probabilities.items() if of not in known)
    logarithms = []
    for leaf in leaves:
        m = probabilities.get(leaf.kind, 0)
        o = probabilities.get(leaf.hypothesis, 0) if leaf.hypothesis else 0
        r = max(1, u + 5 * m + 5 * leaf.siblings * o)
        logarithms.append(ln(r) - ln(1000))
    mean = cut(sum((one * leaf.prior for one, leaf in zip(logarithms, leaves, strict=True)), Fraction()))
    numbers = no_further_apart(tuple(one - mean for one in logarithms), 4159)
    return u, tuple(125 * cut(one, 125) for one in numbers)


def readers_of(evidence: Evidence, leaves: Sequence[Leaf]) -> tuple[Reader, ...]:
    """All readings but those that rest on no source."""
    found = []
    for read in evidence.readings:
        probabilities: dict[str | Ref, int] = {
            one.hypothesis or one.what or "": one.permille for one in read.said.record.probabilities
        }
        if read.sources:
            u, numbers = said_by(probabilities, leaves)
            sources = sorted(read.sources)[:64]
            found.append(Reader(read.said.member, frozenset(sources), len(sources), u, numbers))
    return tuple(found)


# "How many are independent."


def independent(readings: Sequence[Reader], numbers: Numbers | None = None) -> int:
    """*n*, in thousandths; or *a*, what of it the readings with these numbers are."""
    # "Readings whose numbers are all 0 are not among them."
    # "Readings with the same sources and the same numbers are one."
    ones = {(one.sources, one.numbers) for one in readings if any(one.numbers)}
    total = 0
    for sources, said in ones:
        s = min(sum(source in others for others, _ in ones) for source in sources)
        if numbers in {None, said}:
            total += cut(1000, s)
    return total


# "What one source says."


def has_voice(reading: Reader, source: int, case: Case) -> bool:
    """With 500 permille or more undetermined, it has none if another of which less are reads the source."""
    return reading.undetermined < 500 or not any(
        source in one.sources and one.undetermined < reading.undetermined for one in case.readings
    )


def said_on_a_source(reading: Reader, case: Case) -> Numbers:
    """What a reading says of each of its sources."""
    a = case.a[reading.numbers]
    said = times(reading.numbers, 1_000_000, (1_000_000 + max(0, a - 1000) * 500) * reading.c)
    return no_further_apart(said, 2079)


def median(coordinates: Iterable[int]) -> int:
    """Of two in the middle the one nearer to 0, or 0 if they are on different sides."""
    ordered = sorted(coordinates)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if low < 0 < high:
        return 0
    return min(low, high, key=abs)


def said_by_source(source: int, case: Case) -> Numbers:
    """Of the distinct ones the median of each coordinate."""
    distinct = {
        said_on_a_source(one, case)
        for one in case.readings
        if source in one.sources and has_voice(one, source, case)
    }
    return tuple(median(one[leaf] for one in distinct) if distinct else 0 for leaf in range(len(case.leaves)))


# "Together."


@cache
def exponential(thousandths: int) -> int:
    """⌊2^48 e^(thousandths/1000)⌋."""
    with localcontext(prec=DIGITS):
        return floor(2**48 * (Decimal(thousandths) / 1000).exp())


def shares(numbers: Numbers) -> list[int]:
    """Of each, its share of 2^48."""
    found = []
    most = max(numbers)
    for x in numbers:
        d = min(32000, most - x)
        c, f = exponential(-200 * (d // 200)), exponential(-(d % 200))
        found.append(c * f // 2**48)
    return found


def permille_of(parts: Sequence[int], whole: int) -> tuple[int, ...]:
    """So many in all, by the largest remainders, of equal ones the first."""
    permille = [whole * one // sum(parts) for one in parts]
    remainders = [whole * one % sum(parts) for one in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: -remainders[at])
    for at in by_remainder[: whole - sum(permille)]:
        permille[at] += 1
    return tuple(permille)


def sums_of(own: Mapping[int, Numbers], case: Case) -> Numbers:
    """The sources' numbers are added, and multiplied by 1000000/(1000000 + max(0, n − 1000) × 250)."""
    added = tuple(sum(numbers[leaf] for numbers in own.values()) for leaf in range(len(case.leaves)))
    return times(added, 1_000_000, 1_000_000 + max(0, case.n - 1000) * 250)


def together(sums: Numbers, leaves: Sequence[Leaf]) -> tuple[int, ...]:
    """The permille of each leaf: with the logarithm of its prior, each leaf has a number x."""
    xs = tuple(one - ln(5 * leaf.siblings) for one, leaf in zip(sums, leaves, strict=True))
    parts = shares(xs)
    at_leaves = [[at for at, leaf in enumerate(leaves) if leaf.kind == kind] for kind in KINDS]
    kinds = permille_of([sum(parts[at] for at in ats) for ats in at_leaves], 1000)
    found = dict[int, int]()
    for ats, permille in zip(at_leaves, kinds, strict=True):
        found |= zip(ats, permille_of([parts[at] for at in ats], permille), strict=True)
    return tuple(found[at] for at in range(len(leaves)))


def of_kinds(permille: Sequence[int], leaves: Sequence[Leaf]) -> dict[str, int]:
    """A kind has what its leaves have."""
    return {
        kind: sum(one for one, leaf in zip(permille, leaves, strict=True) if leaf.kind == kind)
        for kind in KINDS
    }


# "Likely."


def most_for(numbers: Numbers, leaves: Sequence[Leaf]) -> str | None:
    """The kind for whose leaves alone it says most, if there is one."""
    best = {leaf.kind for one, leaf in zip(numbers, leaves, strict=True) if one == max(numbers)}
    return best.pop() if len(best) == 1 else None


def read_by_witnesses(source: int, kind: str, case: Case) -> set[str]:
    """By readings that say most for leaves of that kind alone."""
    return {
        one.member
        for one in case.readings
        if source in one.sources
        and one.member in case.sources[source].witnesses
        and most_for(one.numbers, case.leaves) == kind
    }


def says_itself(own: Numbers, kind: str, case: Case) -> bool:
    """By its own numbers, most for leaves of that kind alone, and more than 0."""
    return most_for(own, case.leaves) == kind and max(own) > 0


def such_sources(kind: str, own: Mapping[int, Numbers], case: Case) -> dict[int, tuple[str, ...]]:
    """Those that are both, each with the witnesses that read it so."""
    return {
        source: tuple(sorted(witnesses))
        for source, numbers in own.items()
        if says_itself(numbers, kind, case) and (witnesses := read_by_witnesses(source, kind, case))
    }


def is_supported(kind: str, own: Mapping[int, Numbers], case: Case) -> bool:
    """Whether there are two such sources with no witness and no class in common."""
    such = [case.sources[source] for source in such_sources(kind, own, case)]
    # "Of those with the same witnesses and the same classes one is enough."
    such = sorted(dict.fromkeys(such), key=lambda one: len(one.witnesses))[:64]
    return any(
        not one.witnesses & other.witnesses and not one.classes & other.classes
        for one, other in combinations(such, 2)
    )


def held_below(kind: str, sums: Numbers, leaves: Sequence[Leaf]) -> tuple[int, ...]:
    """All numbers, before their priors, are multiplied by t/1024."""
    t = 0
    for step in (512, 256, 128, 64, 32, 16, 8, 4, 2, 1):
        tried = together(times(sums, t + step, 1024), leaves)
        t += step if of_kinds(tried, leaves)[kind] < 550 else 0
    return together(times(sums, t, 1024), leaves)


def reckoned(case: Case) -> Reckoned:
    """What it was, held back where that takes two sources which are not there."""

    def is_likely(permille: Sequence[int]) -> list[str]:
        return [kind for kind, held in of_kinds(permille, case.leaves).items() if held >= 550]

    own = {source: said_by_source(source, case) for source in case.sources}
    sums = sums_of(own, case)
    permille = together(sums, case.leaves)
    likely = is_likely(permille)
    held_back = bool(likely) and not is_supported(likely[0], own, case)
    if held_back:
        (kind,) = likely
        permille = held_below(kind, sums, case.leaves)
    return Reckoned(
        what=(is_likely(permille) or ["undetermined"])[0],
        held_back=held_back,
        permille=permille,
        kinds=of_kinds(permille, case.leaves),
        sources={
            source: numbers
            for source, numbers in own.items()
            if any(source in one.sources for one in case.readings)
        },
    )


# "Ranges."


def without_sources(case: Case, gone: set[int]) -> Case:
    """As if nobody had read or seen these."""
    left = (replace(one, sources=one.sources - gone) for one in case.readings)
    return replace(
        case,
        readings=tuple(one for one in left if one.sources),
        sources={source: seen for source, seen in case.sources.items() if source not in gone},
    )


def without_member(case: Case, member: str) -> Case:
    """Without its readings, without the sources that it alone witnesses, and with it no witness of others."""
    alone = {source for source, seen in case.sources.items() if seen.witnesses == {member}}
    left = without_sources(case, alone)
    return replace(
        left,
        readings=tuple(one for one in left.readings if one.member != member),
        sources={
            source: replace(seen, witnesses=seen.witnesses - {member})
            for source, seen in left.sources.items()
        },
    )


def all_ranges(case: Case) -> dict[int | str, Reckoned]:
    """Without each source that is read, by its place; without each member that reads or witnesses one."""
    read = {source for one in case.readings for source in one.sources}
    members = {one.member for one in case.readings}
    for source in read:
        members |= case.sources[source].witnesses
    return {source: reckoned(without_sources(case, {source})) for source in sorted(read)} | {
        member: reckoned(without_member(case, member)) for member in sorted(members)
    }


def case_of(evidence: Evidence) -> Case:
    """The evidence, as it is reckoned with."""

    def seen(source: CaseSource) -> Seen:
        classes = frozenset(CLASSES.get(one.kind, one.kind) for one in source.citations)
        return Seen(frozenset(source.witnesses), classes)

    leaves = leaves_of(evidence)
    readings = readers_of(evidence, leaves)
    return Case(
        leaves=leaves,
        readings=readings,
        sources={number: seen(one) for number, one in enumerate(evidence.sources)},
        n=independent(readings),
        a={one.numbers: independent(readings, one.numbers) for one in readings},
    )


def fused(evidence: Evidence) -> Common:
    """The common view."""
    case = case_of(evidence)
    whole = reckoned(case)
    without = all_ranges(case)

    def span(of: Callable[[Reckoned], int]) -> Range:
        each = [of(whole), *map(of, without.values())]
        return Range(of(whole), min(each), max(each))

    likeliest = [kind for kind in KINDS if whole.kinds[kind] == max(whole.kinds.values())]
    return Common(
        what=whole.what,
        held_back=whole.held_back,
        standing=such_sources(likeliest[0], whole.sources, case) if len(likeliest) == 1 else {},
        independent_milli=case.n,
        kinds={kind: span(lambda one: one.kinds[kind]) for kind in KINDS},  # noqa: B023 - called at once
        leaves={
            str(leaf.hypothesis or leaf.kind): span(lambda one: one.permille[at])  # noqa: B023 - as above
            for at, leaf in enumerate(case.leaves)
        },
        sources=whole.sources,
        without={gone: (one.what, tuple(one.kinds.values())) for gone, one in without.items()},
    )
