"""One's own observations, and which of them fit what is asked.

Four ways to fit, strongest first (`matched`); what fits in several ways fits that much better, as chance in
all of them is less likely (1 less the product of what each leaves open):

- *exact*: the same hash, URL or address of e-mail: certain; a perceptual hash near another: by its distance;
  the same domain or IP: by how few observations have it.
- *name*: the same system or operator, by how few observations name it (`names`).
- *text*: like words (`words`); what the URL of a source says counts as part of its texts (`addresses`).
- *meaning*: like vectors where there are any (`vectors`), and with them what words say.

What the numbers here are taken from stands in docs/decisions/0025. Who is compared is chosen by what is rare,
in bounded work, and then compared in full; vectors are all compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import zip_longest

from tocsin.cases.matching.asked import Asked
from tocsin.cases.matching.canonical import Key, of_fingerprint, of_source
from tocsin.cases.matching.meanings import WORDS_BESIDE, Meanings
from tocsin.cases.matching.names import COMMON, Names, rarity
from tocsin.cases.matching.observation import Observation, read_observation, write_observation
from tocsin.cases.matching.perceptual import PerceptualIndex
from tocsin.cases.matching.texts.lists import Lists
from tocsin.cases.matching.texts.words import Words
from tocsin.core.records.cases.vocabulary import Matched

LEAST_PERMILLE = 250
"""What fits less is shown to nobody."""
LIKE_WORDS = 0.35
"""From here on it is said to fit by its text, also where its meaning was compared."""

_LIKEST = 64
_STRONGEST_FIRST: tuple[Matched, ...] = ("exact", "name", "text", "meaning")
_PLACE = 0.8
_PERCEPTUAL_BITS = 64


@dataclass(frozen=True, slots=True)
class Match:
    """An observation that fits: by what above all, how well (1000: surely), and in which ways (`reasons`).

    A reason is a kind of fingerprint, `name`, `version`, `text` or `meaning`.
    """

    observation: Observation
    matched: Matched
    score_permille: int
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Signs:
    """How well an observation fits: of each thing that is compared, by what above all."""

    of: dict[str, tuple[float, Matched, str]] = field(default_factory=dict)

    def add(self, thing: str, strength: float, matched: Matched, reason: str) -> None:
        if strength > self.of.get(thing, (0.0,))[0]:
            self.of[thing] = (min(1.0, strength), matched, reason)

    def permille(self) -> int:
        left_open = 1.0
        for strength, _, _ in self.of.values():
            left_open *= 1 - strength
        return round(1000 * (1 - left_open))

    def matched(self) -> Matched:
        """The way that says most."""
        return max(self.of.values(), key=lambda sign: (sign[0], -_STRONGEST_FIRST.index(sign[1])))[1]

    def reasons(self) -> tuple[str, ...]:
        return tuple(sorted({reason for _, _, reason in self.of.values()}))


class Index:
    """Observations by their id. `aliases`: other names of what is called otherwise here."""

    def __init__(self, aliases: Mapping[str, str] | None = None) -> None:
        self._aliases = tuple((aliases or {}).items())
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[str, int] = {}
        self._bodies: list[bytes | None] = []
        self._keys = Lists()
        self._perceptual = PerceptualIndex()
        self._names = Names(self._aliases)
        self._words = Words()
        self._meanings = Meanings()

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, observation_id: str) -> bool:
        return observation_id in self._numbers

    def add(self, observation: Observation, vectors: Sequence[bytes] = ()) -> None:
        """Take one in, in place of an earlier one of that id; `vectors` of its texts, in their order."""
        body = write_observation(observation)
        known = self._numbers.get(observation.id)
        if known is not None and self._bodies[known] == body and self._meanings.of(known) in ([], [*vectors]):
            if not self._meanings.of(known):
                self._meanings.add(vectors, known)
            return
        self.remove(observation.id)
        number = self._numbers[observation.id] = len(self._bodies)
        self._bodies.append(body)
        for key in _keys(observation):
            self._keys.add(key, number)
            if key.kind == "pdq":
                self._perceptual.add(key.value, number)
        for system in observation.systems:
            self._names.add(system.name, system.version, number)
        for operator in observation.operators:
            self._names.add(operator, None, number)
        self._words.add(observation.said(), number)
        self._meanings.add(vectors, number)

    def remove(self, observation_id: str) -> None:
        """Forget one, if it is there. The arrays are made anew once most of what they hold is forgotten."""
        number = self._numbers.pop(observation_id, None)
        if number is None:
            return
        self._bodies[number] = None
        if len(self._bodies) > 2 * len(self._numbers) + 1_000:
            kept = [(body, self._meanings.of(at)) for at, body in enumerate(self._bodies) if body is not None]
            self._clear()
            for body, vectors in kept:
                self.add(read_observation(body), vectors)

    def match(
        self,
        asked: Asked,
        vectors: Sequence[bytes] = (),
        *,
        limit: int = 10,
        least_permille: int = LEAST_PERMILLE,
    ) -> tuple[Match, ...]:
        """What fits, the best first; `vectors` of the texts asked about, if there is a model."""
        signs: dict[int, _Signs] = {}
        self._by_keys(asked, signs)
        self._by_texts(asked, vectors, signs)
        self._by_names(asked, signs)
        ranked = sorted(
            (-permille, number)
            for number, sign in signs.items()
            if self._bodies[number] is not None and (permille := sign.permille()) >= max(1, least_permille)
        )
        return tuple(self._match(number, signs[number]) for _, number in ranked[:limit])

    def _match(self, number: int, signs: _Signs) -> Match:
        body = self._bodies[number]
        assert body is not None  # noqa: S101 - only what is here was ranked
        return Match(read_observation(body), signs.matched(), signs.permille(), signs.reasons())

    def _by_keys(self, asked: Asked, signs: dict[int, _Signs]) -> None:
        for key in asked.keys:
            having = self._keys.having(key)
            strength = 1.0
            if key.strength == "place":
                strength = _PLACE * rarity(len(having), len(self))
                if len(having) > COMMON:
                    having = [number for number in having if number in signs]
            for number in having:
                _signs(signs, number).add(f"{key.kind} {key.value}", strength, "exact", key.kind)
            if key.kind == "pdq":
                for number, bits in self._perceptual.near(key.value):
                    _signs(signs, number).add(f"pdq {key.value}", 1 - bits / _PERCEPTUAL_BITS, "exact", "pdq")

    def _by_texts(self, asked: Asked, vectors: Sequence[bytes], signs: dict[int, _Signs]) -> None:
        for text, vector in zip_longest(asked.said(), vectors[: len(asked.texts)]):
            sought = self._words.sought(text)
            like = self._words.find(sought)
            near = (
                self._meanings.near(vector, nlargest(_LIKEST, like, key=like.__getitem__)) if vector else {}
            )
            for number, meant in near.items():
                if number not in like:
                    like[number] = self._words.likeness(sought, number)
                strength = meant + WORDS_BESIDE * like[number]
                way: Matched = "text" if like[number] >= LIKE_WORDS else "meaning"
                _signs(signs, number).add("text", strength, way, way)
            for number, likeness in like.items():
                if number not in near:
                    _signs(signs, number).add("text", likeness, "text", "text")

    def _by_names(self, asked: Asked, signs: dict[int, _Signs]) -> None:
        for name, version in asked.names:
            also = tuple(signs)
            for number, (strength, reason) in self._names.likeness(name, version, len(self), also).items():
                _signs(signs, number).add(f"name {name}", strength, "name", reason)


def _signs(signs: dict[int, _Signs], number: int) -> _Signs:
    if (found := signs.get(number)) is None:
        found = signs[number] = _Signs()
    return found


def _keys(observation: Observation) -> set[Key]:
    return {*map(of_fingerprint, observation.fingerprints), *of_source(observation.source)}
