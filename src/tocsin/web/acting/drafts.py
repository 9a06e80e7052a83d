"""Records as they would be written, until somebody signs them or does not: in memory, and each person's own.

What was typed is kept beside, so that one can go back to the form. A start of the node forgets drafts; what
stands in the form, the browser remembers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tocsin.core.clock import Chance, Clock
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.records import Record, parse_record
from tocsin.web.serving.person import Role

LASTS_S: Final = 3_600.0
MOST_OF_ONE: Final = 32


class NoSuchDraft(Refusal):
    """This draft is not there any more. Next: open the form again; your browser has what was typed."""

    code = "no-such-draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """What `person` would say in a circle: the record's bytes, plain, and what was `typed` for them.

    `form`: the path of the form in which it was typed. `saw`: what its author knew that colleagues have said
    to the same; see `cautions`. `role`: what they still have to be when they confirm it, besides officer.
    """

    id: str
    person: str
    circle: str
    form: str
    data: bytes = field(repr=False)
    typed: Mapping[str, list[str]] = field(repr=False)
    urgent: bool
    saw: frozenset[str]
    role: Role
    made_at_s: float

    @property
    def record(self) -> Record:
        """The record."""
        return parse_record(self.data).record

    @property
    def text(self) -> str:
        """What is signed: the record and a newline."""
        return self.data.decode() + "\n"


class Drafts:
    """The drafts of everybody, each for an hour."""

    def __init__(self, clock: Clock, chance: Chance) -> None:
        self._clock = clock
        self._chance = chance
        self._kept: dict[str, Draft] = {}

    def add(
        self,
        person: str,
        circle: str,
        form: str,
        data: bytes,
        typed: Mapping[str, list[str]],
        *,
        urgent: bool,
        saw: frozenset[str],
        role: Role,
    ) -> Draft:
        """A new draft. The oldest of somebody who has too many goes."""
        self._forget_old()
        own = [one for one in self._kept.values() if one.person == person]
        for oldest in own[: max(0, len(own) + 1 - MOST_OF_ONE)]:
            del self._kept[oldest.id]
        number = encode_base64(self._chance.token(18)).translate(str.maketrans("+/", "-_"))
        made_at_s = self._clock.monotonic_s()
        draft = Draft(number, person, circle, form, data, typed, urgent, saw, role, made_at_s)
        self._kept[number] = draft
        return draft

    def get(self, number: str, person: str) -> Draft:
        """The draft of that person. Raises NoSuchDraft."""
        self._forget_old()
        draft = self._kept.get(number)
        if draft is None or draft.person != person:
            raise NoSuchDraft
        return draft

    def of(self, person: str) -> list[Draft]:
        """That person's drafts, the newest first."""
        self._forget_old()
        return [one for one in reversed(self._kept.values()) if one.person == person]

    def _forget_old(self) -> None:
        before_s = self._clock.monotonic_s() - LASTS_S
        for old in [one.id for one in self._kept.values() if one.made_at_s < before_s]:
            del self._kept[old]
