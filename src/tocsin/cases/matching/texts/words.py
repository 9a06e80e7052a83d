"""Which observations say something in like words: their passages, by words and by groups of letters.

A passage is as like another as 0.3 of the cosine of their words and 0.7 of that of their groups of letters.
Of an observation its likest passage counts.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import islice

from tocsin.cases.matching.texts.postings import Postings, Wanted
from tocsin.cases.matching.texts.wording import passages

WORDS_SHARE = 0.3
MOST_PASSAGES = 4
"""So many passages are looked for: of a longer text, the first."""
BY_WORDS, BY_LETTERS = 96, 48
"""So many are found by words, and by letters, to be compared in full."""
WALK_WORDS, WALK_LETTERS = 8_000, 2_000

Sought = tuple[Wanted, Wanted]


class Words:
    """Passages by observation, whose numbers come in ascending order."""

    def __init__(self) -> None:
        self._words = Postings()
        self._letters = Postings()
        self._owners = array("I")
        self._first: dict[int, int] = {}

    def add(self, texts: Iterable[str], owner: int) -> None:
        """What an observation says."""
        for text in texts:
            for words, letters in passages(text):
                self._first.setdefault(owner, self._words.add(words))
                self._letters.add(letters)
                self._owners.append(owner)

    def sought(self, text: str) -> list[Sought]:
        """A text as it is looked for: once for all that is asked of it."""
        return [
            (self._words.wanted(words), self._letters.wanted(letters))
            for words, letters in islice(passages(text), MOST_PASSAGES)
        ]

    def find(self, sought: Iterable[Sought]) -> dict[int, float]:
        """The observations that share what is rare, and how like they are."""
        found: dict[int, float] = {}
        for words, letters in sought:
            by_words = self._words.find(words, BY_WORDS, WALK_WORDS)
            by_letters = self._letters.find(letters, BY_LETTERS, WALK_LETTERS)
            for row in {*by_words, *by_letters}:
                owner = self._owners[row]
                found[owner] = max(self._likeness(words, letters, row), found.get(owner, 0.0))
        return found

    def likeness(self, sought: Iterable[Sought], owner: int) -> float:
        """How like an observation is."""
        return max(
            (self._likeness(*passage, row) for passage in sought for row in self._rows(owner)), default=0.0
        )

    def _likeness(self, words: Wanted, letters: Wanted, row: int) -> float:
        return WORDS_SHARE * self._words.likeness(words, row) + (1 - WORDS_SHARE) * self._letters.likeness(
            letters, row
        )

    def _rows(self, owner: int) -> Iterator[int]:
        row = self._first.get(owner, len(self._owners))
        while row < len(self._owners) and self._owners[row] == owner:
            yield row
            row += 1
