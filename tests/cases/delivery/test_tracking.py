"""That what is kept from one look at a case to the next changes nothing of what is told."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.delivery.circle import CIRCLE, MEMBERS, Contexts, entry, log_of, ref, report, terms, view
from tests.cases.delivery.plain import Plain

from tocsin.cases.delivery import Hours, Tracking, delivery
from tocsin.cases.picture.view import CaseView, Standing, TimelineEntry
from tocsin.core.records import Acknowledgement, Answer, Ask, CaseRecord, Ref
from tocsin.core.views import Cosigned, Holdings, Party, Terms

MOST_MS = 4_000_000
HOURS: Mapping[str, Hours] = {"cedar": Hours("never", week=((),) * 7)}


class World:
    """A case about which everybody may say anything; it grows, and what is known of it changes."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.entries: list[TimelineEntry] = []
        self.contexts = Contexts()
        self.cosigned: dict[str, dict[str, tuple[Cosigned, ...]]] = {}
        self.arrived: dict[Ref, int] = {}
        self.terms = terms(oak=Party("oak", "Oak", "TJ", observer=True))
        self.state = "open"
        self.hours = HOURS
        self.now_ms = MOST_MS // 2
        self.write()

    def step(self) -> None:
        """Something else is so."""
        change = self.chance.choice([*([self.write] * 4), *([self.cosign] * 3), *([self.pass_time] * 2)])
        others = [self.arrive, self.withdraw, self.leave, self.close, self.learn, self.rest]
        self.chance.choice([change, change, *others])()

    def write(self) -> None:
        """Another record, of any member in any of two epochs, with any time and context."""
        member, epoch = self.chance.choice(MEMBERS), self.chance.randint(1, 2)
        log = log_of(member, epoch)
        index = max((one.ref.index for one in self.entries if one.ref.log == log), default=0)
        index += self.chance.randint(1, 2)
        place = msgspec.structs.replace(ref(member, index + 100 * epoch), index=index, log=log)
        self.learn(log, index)
        officer = self.chance.choice([None, None, "night"])
        one = entry(member, index, self.record(), officer=officer)
        self.entries.append(msgspec.structs.replace(one, ref=place, since_closing=self.chance.random() < 0.2))

    def learn(self, log: str | None = None, index: int = 0) -> None:
        """A context says anything of what the author of that record held, or of any other."""
        if log is None:
            place = self.chance.choice(self.entries).ref
            log, index = place.log, place.index
        others = [other for one in MEMBERS for of in (1, 2) if (other := log_of(one, of)) != log]
        seen = self.chance.sample(others, self.chance.randint(0, 4))
        self.contexts.seen[log, index] = {one: self.chance.randint(1, 6) for one in seen}

    def record(self) -> CaseRecord:
        """A record of the case; the first one opens it."""
        at_ms = self.time_ms()
        if not self.entries:
            return report(at_ms)
        case, other = self.entries[0].ref, self.chance.choice(self.entries).ref
        common = {"circle": CIRCLE, "at_ms": at_ms, "author": "duty", "author_kind": "officer"}
        common |= {"tlp": "TLP:GREEN", "case": case}
        match self.chance.randrange(4):
            case 0:
                return Acknowledgement(**common, of=(other,))  # type: ignore[arg-type]
            case 1:
                return Answer(**common, ask=other, seen="cannot-tell")  # type: ignore[arg-type]
            case 2:
                to = self.chance.choice([None, ("birch", "cedar")])
                wanted = self.chance.choice([None, self.time_ms()])
                return Ask(**common, questions=("seen",), to=to, wanted_by_ms=wanted)  # type: ignore[arg-type]
        return report(at_ms, case=case)

    def cosign(self) -> None:
        """Somebody confirms any size of any log at any time."""
        log, member = self.chance.choice(self.entries).ref.log, self.chance.choice([*MEMBERS, "ash"])
        time_s = self.time_ms() // 1000 + 1
        by_member = dict(self.cosigned.get(log, {}))
        kept = by_member.get(member, ()) if self.chance.random() < 0.7 else ()
        by_member[member] = (*kept, Cosigned(self.chance.randint(1, 6), time_s))
        self.cosigned = {**self.cosigned, log: by_member}

    def arrive(self) -> None:
        """It gets known when something came here."""
        self.arrived = {**self.arrived, self.chance.choice(self.entries).ref: self.time_ms()}

    def withdraw(self) -> None:
        """A record stands otherwise."""
        place = self.chance.randrange(len(self.entries))
        standing = self.chance.choice(get_args(Standing))
        since = self.chance.random() < 0.5
        one = msgspec.structs.replace(self.entries[place], standing=standing, since_closing=since)
        self.entries[place] = one

    def leave(self) -> None:
        """The charter changes."""
        elm = Party("elm", "Elm", "JP", present=self.chance.random() < 0.5)
        self.terms = replace(self.terms, parties={**self.terms.parties, "elm": elm})

    def close(self) -> None:
        """It is closed, or open again."""
        self.state = self.chance.choice(["open", "closed"])

    def rest(self) -> None:
        """A desk's hours change."""
        self.hours = self.chance.choice([HOURS, {}])

    def pass_time(self) -> None:
        """The clock goes on, or is set back."""
        self.now_ms = self.chance.choice([self.now_ms + 1, self.time_ms()])

    def time_ms(self) -> int:
        """A time of which there are few, so that many are the same."""
        return self.chance.randrange(8) * MOST_MS // 8

    def look(self) -> tuple[CaseView, Holdings, Contexts, Terms]:
        """What is known now."""
        picture = view(self.entries, state=self.state)
        return picture, Holdings("birch", self.cosigned, self.arrived), self.contexts, self.terms


@settings(max_examples=150)
@given(st.randoms(), st.integers(1, 40))
def test_what_is_told_does_not_depend_on_what_was_told_before(chance: random.Random, steps: int) -> None:
    """At any time, a case is told as by the plain definition, whatever was looked at before."""
    world, tracking = World(chance), Tracking()
    for _ in range(steps):
        world.step()
        if chance.random() < 0.5:
            known = world.look()
            plain = Plain(*known, world.hours, world.now_ms).delivery()

            assert tracking.delivery(*known, hours=world.hours, now_ms=world.now_ms) == plain
            assert delivery(*known, hours=world.hours, now_ms=world.now_ms) == plain


def test_what_rests_on_the_same_is_not_worked_out_again() -> None:
    """Of two looks between which nothing happened, the second gives the very same of all records."""
    world, tracking = World(random.Random(1)), Tracking()
    for _ in range(200):
        world.step()

    def looks() -> Sequence[object]:
        known = world.look()
        return tracking.delivery(*known, hours={}, now_ms=world.now_ms).records

    assert looks() is looks()
