"""The common view a second time, from docs/protocol.md, section 23.2, alone, to be laid beside it.

As plain and as slow as can be: fractions, decimals, all of it anew for each range. Its
parts have the names and the order of the section's, and a quotation where a sentence is easily read over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from functools import cache
from itertools import permutations
from math import ceil, floor, trunc

from tocsin.core.records import Hypothesis, Ref, Source
from tocsin.core.views import Evidence, ReadOn, Said

KINDS = ("accident", "attack", "cascade", "misuse", "no-ai")
DIGITS = 80

Numbers = tuple[int, ...]
"""For each alternative one, in milli-nats."""
Gone = int | str
"""A source by its number, or a member."""


@dataclass(frozen=True)
class Range:
    """Permille of all evidence, and the least and most without any one source or member."""

    permille: int
    least_permille: int
    most_permille: int


@dataclass(frozen=True)
class Without:
    """What it would be without a source or a member, and the permille of the kinds."""

    what: str
    held_back: bool
    kinds: tuple[int, ...]


@dataclass(frozen=True)
class Common:
    """The common view; `leaves` by kind or hypothesis (`birch.1.5`), `sources` those with a voice.

    `standing`: what can be one of the two for the likeliest kind, by source and member, with its classes.
    """

    what: str
    held_back: bool
    standing: dict[tuple[int, str], frozenset[str]]
    independent_milli: int
    kinds: dict[str, Range]
    leaves: dict[str, Range]
    sources: dict[int, Numbers]
    without: dict[Gone, Without]


@dataclass(frozen=True)
class Leaf:
    """A kind, or a hypothesis of it."""

    kind: str
    hypothesis: Ref | None


@dataclass(frozen=True)
class Voice:
    """A reading's, by one of its own sources."""

    member: str
    source: int
    numbers: Numbers
    share: int
    classes: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """Of alternatives that were compared: their shares, and the permille that they have of 1,000."""

    shares: tuple[int, ...]
    permille: tuple[int, ...]
    held_back: bool
    n: int


@dataclass(frozen=True)
class Reckoned:
    """What comes out once, of the kinds and of all leaves."""

    what: str
    held_back: bool
    kinds: tuple[int, ...]
    leaves: tuple[int, ...]
    n: int


# "All of it is reckoned in integers."


@cache
def ln(number: int) -> int:
    """Thousandths of natural logarithms, each rounded to the nearest, half to even."""
    with localcontext(prec=DIGITS):
        return int((Decimal(number).ln() * 1000).to_integral_value(ROUND_HALF_EVEN))


def times(numbers: Numbers, a: int, b: int) -> Numbers:
    """All of them × a/b: "`a/b` in what follows is cut towards zero"."""
    return tuple(trunc(Fraction(one * a, b)) for one in numbers)


# "Leaves."


def leaves_of(evidence: Evidence) -> tuple[Leaf, ...]:
    """The five kinds, then the hypotheses to which a reading with a source of its own gives any."""
    given = {
        one.hypothesis for read in evidence.readings if read.own for one in read.said.record.probabilities
    }
    taken: list[Said[Hypothesis]] = []
    for one in evidence.hypotheses:
        # "... the first four of each member, and of these the first 32."
        if one.ref in given and sum(other.member == one.member for other in taken) < 4:
            taken.append(one)
    return (
        *(Leaf(kind, None) for kind in KINDS),
        *(Leaf(one.record.under, one.ref) for one in taken[:32]),
    )


def leaves_of_kind(kind: str, leaves: Sequence[Leaf]) -> list[int]:
    """Their places, its own leaf first."""
    return [at for at, leaf in enumerate(leaves) if leaf.kind == kind]


# "What one reading says."


def given_to_kinds(read: ReadOn, evidence: Evidence) -> Numbers:
    """The permille that it gives to each kind and to all hypotheses of 23.1 that are under it."""
    under: dict[str | Ref | None, str] = {one.ref: one.record.under for one in evidence.hypotheses}
    under |= {kind: kind for kind in KINDS}
    return tuple(
        sum(
            one.permille
            for one in read.said.record.probabilities
            if under.get(one.hypothesis or one.what) == kind
        )
        for kind in KINDS
    )


def given_to_leaves(read: ReadOn, leaves: Sequence[Leaf]) -> Numbers:
    """To each hypothesis the permille that it gives to that, and 0 to the kind's own leaf."""
    return tuple(
        sum(
            one.permille
            for one in read.said.record.probabilities
            if leaf.hypothesis is not None and one.hypothesis == leaf.hypothesis
        )
        for leaf in leaves
    )


def said_by(ms: Numbers) -> Numbers:
    """Its numbers, of *k* alternatives to which it gives *m* each."""
    k = len(ms)
    u = 1000 - sum(ms)
    logarithms = tuple(ln(max(1, u + k * m)) for m in ms)
    mean = trunc(Fraction(sum(logarithms), k))
    numbers = tuple(one - mean for one in logarithms)
    spread = max(numbers) - min(numbers)
    return times(numbers, 2079, spread) if spread > 2079 else numbers


# "Whose voice counts."


def class_of(cited: Source) -> str:
    """The class of a citation."""
    if cited.kind in {"post", "website"}:
        return "published"
    if cited.kind in {"document", "other"} and cited.locator is not None:
        locator = cited.locator.lstrip().lower()
        if locator[:8] == "https://" or locator[:7] == "http://":
            return "published"
    return cited.kind


def voices_of(read: ReadOn, ms: Numbers, evidence: Evidence) -> list[Voice]:
    """By each of its own sources, of more than 64 the first 64, and by nothing else."""
    by = read.own[:64]
    c = len(by) + read.others
    numbers = times(said_by(ms), 1, c) if by else ()
    if all(one == 0 for one in numbers):
        return []
    member = read.said.member
    return [
        Voice(
            member,
            source,
            numbers,
            ceil(Fraction(1000, c)),
            frozenset(class_of(one) for who, one in evidence.sources[source].cited if who == member),
        )
        for source in by
    ]


# "What one source says."


def least(coordinates: Sequence[int]) -> int:
    """The one nearest to 0, or 0 if they are on different sides."""
    if min(coordinates) < 0 < max(coordinates):
        return 0
    return min(coordinates, key=abs)


def said_by_sources(voices: Sequence[Voice]) -> dict[int, Numbers]:
    """What all voices by each source say at least."""
    return {
        source: tuple(map(least, zip(*(one.numbers for one in voices if one.source == source), strict=True)))
        for source in sorted({one.source for one in voices})
    }


def readings_milli(voices: Sequence[Voice]) -> int:
    """*n*: each source adds the largest share of a voice by it."""
    largest = dict[int, int]()
    for one in voices:
        largest[one.source] = max(one.share, largest.get(one.source, 0))
    return sum(largest.values())


# "Together."


@cache
def exponential(thousandths: int) -> int:
    """⌊2^48 e^(thousandths/1000)⌋."""
    with localcontext(prec=DIGITS):
        return floor(2**48 * (Decimal(thousandths) / 1000).exp())


def shares(xs: Numbers) -> list[int]:
    """Of each, its share of 2^48."""
    most = max(xs)
    found = []
    for x in xs:
        d = min(32000, most - x)
        c, f = exponential(-200 * (d // 200)), exponential(-(d % 200))
        found.append(c * f // 2**48)
    return found


def permille_of(parts: Sequence[int], whole: int = 1000) -> tuple[int, ...]:
    """So many in all, by the largest remainders, of equal ones the first."""
    permille = [whole * one // sum(parts) for one in parts]
    remainders = [whole * one % sum(parts) for one in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: -remainders[at])
    for at in by_remainder[: whole - sum(permille)]:
        permille[at] += 1
    return tuple(permille)


def together(voices: Sequence[Voice], k: int) -> Numbers:
    """The sources' numbers are added, and multiplied by 8000/(8000 + max(0, *n* − 1000) × 3)."""
    of_sources = said_by_sources(voices).values()
    added = tuple(sum(numbers[at] for numbers in of_sources) for at in range(k))
    return times(added, 8000, 8000 + max(0, readings_milli(voices) - 1000) * 3)


# "Likely."


def says_most_for(numbers: Numbers, alternative: int) -> bool:
    """More than for any other and more than 0."""
    others = [one for at, one in enumerate(numbers) if at != alternative]
    return numbers[alternative] > max(0, *others)


def standing_for(alternative: int, voices: Sequence[Voice]) -> list[Voice]:
    """The voices that can be one of the two."""
    of_sources = said_by_sources(voices)
    return [
        one
        for one in voices
        if says_most_for(one.numbers, alternative) and says_most_for(of_sources[one.source], alternative)
    ]


def has_two(alternative: int, voices: Sequence[Voice]) -> bool:
    """Of different members, by different sources, of classes that have none in common."""
    return any(
        one.member != other.member and one.source != other.source and not one.classes & other.classes
        for one, other in permutations(standing_for(alternative, voices), 2)
    )


def compared(voices: Sequence[Voice], k: int) -> Outcome:
    """What all voices on *k* alternatives make of them."""
    xs = together(voices, k)
    permille = permille_of(shares(xs))
    likely = [at for at in range(k) if permille[at] >= 550]
    held_back = bool(likely) and not has_two(likely[0], voices)
    if held_back:
        t = 0
        for step in (512, 256, 128, 64, 32, 16, 8, 4, 2, 1):
            if permille_of(shares(times(xs, t + step, 1024)))[likely[0]] < 550:
                t += step
        xs = times(xs, t, 1024)
    return Outcome(tuple(shares(xs)), permille_of(shares(xs)), held_back, readings_milli(voices))


@dataclass(frozen=True)
class Case:
    """The leaves, and all voices: on the kinds, and on the leaves of each kind that has hypotheses."""

    leaves: tuple[Leaf, ...]
    on_kinds: tuple[Voice, ...]
    on_leaves: Mapping[str, tuple[Voice, ...]]

    def but(self, stays: Callable[[Voice], bool]) -> "Case":
        """Hypotheses stay leaves, and each voice by the other sources what it is."""
        return Case(
            self.leaves,
            tuple(filter(stays, self.on_kinds)),
            {kind: tuple(filter(stays, voices)) for kind, voices in self.on_leaves.items()},
        )


def case_of(evidence: Evidence) -> Case:
    """The evidence, as it is reckoned with."""
    leaves = leaves_of(evidence)
    readings = evidence.readings

    def on_leaves_of(kind: str) -> tuple[Voice, ...]:
        own = [leaves[at] for at in leaves_of_kind(kind, leaves)]
        return tuple(v for read in readings for v in voices_of(read, given_to_leaves(read, own), evidence))

    return Case(
        leaves,
        tuple(v for read in readings for v in voices_of(read, given_to_kinds(read, evidence), evidence)),
        {kind: on_leaves_of(kind) for kind in KINDS if len(leaves_of_kind(kind, leaves)) > 1},
    )


def reckoned(case: Case) -> Reckoned:
    """The five kinds first, and then, apart, the leaves of each kind that has hypotheses."""
    kinds = compared(case.on_kinds, 5)
    leaves = dict(enumerate(kinds.permille))
    for kind, voices in case.on_leaves.items():
        places = leaves_of_kind(kind, case.leaves)
        found = compared(voices, len(places))
        # "... of the leaves of a kind, as many as the kind has."
        leaves |= zip(places, permille_of(found.shares, kinds.permille[KINDS.index(kind)]), strict=True)
    likely = [kind for kind, permille in zip(KINDS, kinds.permille, strict=True) if permille >= 550]
    return Reckoned(
        what=likely[0] if likely else "undetermined",
        held_back=kinds.held_back,
        kinds=kinds.permille,
        leaves=tuple(leaves[at] for at in range(len(case.leaves))),
        n=kinds.n,
    )


# "Ranges."


def all_ranges(case: Case) -> dict[Gone, Reckoned]:
    """Without each source by which there is a voice on the kinds, and without each member that has one."""
    sources = sorted({one.source for one in case.on_kinds})
    members = sorted({one.member for one in case.on_kinds})
    return {gone: reckoned(case.but(lambda one, gone=gone: one.source != gone)) for gone in sources} | {  # type: ignore[misc]
        gone: reckoned(case.but(lambda one, gone=gone: one.member != gone))  # type: ignore[misc]
        for gone in members
    }


def fused(evidence: Evidence) -> Common:
    """The common view."""
    case = case_of(evidence)
    whole = reckoned(case)
    ranges = all_ranges(case)

    def spans(names: Sequence[str], of: Callable[[Reckoned], tuple[int, ...]]) -> dict[str, Range]:
        columns = zip(*map(of, [whole, *ranges.values()]), strict=True)
        return {name: Range(each[0], min(each), max(each)) for name, each in zip(names, columns, strict=True)}

    likeliest = [at for at, permille in enumerate(whole.kinds) if permille == max(whole.kinds)]
    standing = standing_for(likeliest[0], case.on_kinds) if len(likeliest) == 1 else []
    return Common(
        what=whole.what,
        held_back=whole.held_back,
        standing={(one.source, one.member): one.classes for one in standing},
        # "*n*, multiplied so, is shown as to how many independent readings they come".
        independent_milli=times((whole.n,), 8000, 8000 + max(0, whole.n - 1000) * 3)[0],
        kinds=spans(KINDS, lambda one: one.kinds),
        leaves=spans([str(leaf.hypothesis or leaf.kind) for leaf in case.leaves], lambda one: one.leaves),
        sources=said_by_sources(case.on_kinds),
        without={gone: Without(one.what, one.held_back, one.kinds) for gone, one in ranges.items()},
    )
