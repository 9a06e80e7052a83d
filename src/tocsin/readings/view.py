"""The common view of what a case was: what all who have the same records see, byte for byte."""

from typing import Literal

from msgspec import Struct

from tocsin.core.records import Ref
from tocsin.core.records.cases.vocabulary import Undetermined, What
from tocsin.readings.likelihood import Likelihood

Class = Literal["sensor", "person", "document", "published", "other"]
"""Classes of sources, by how what they say can go wrong: a machine's own measurement; what a person says;
a document; what anybody can read, and others may have read; anything else."""


class Judged(Struct, frozen=True, kw_only=True, gc=False):
    """How likely one thing is held to be, in permille, and between what without any one source or member.

    `hypothesis`: that one, of this kind; without it, the kind, whichever of it.
    """

    what: What
    permille: int
    least_permille: int
    most_permille: int
    likelihood: Likelihood
    hypothesis: Ref | None = None


class Weighed(Struct, frozen=True, kw_only=True, gc=False):
    """What one source of the case says for each of `CommonView.kinds`, in milli-nats; 0 throughout: nothing.

    `source` is its place in the evidence. `witnesses` cite it itself. `readers` do, and read the case by it:
    it says what they do. `repeaters` rest on it by the records of others, which adds nothing. `disputed`: its
    readers do not all hold the same likeliest by it. `diagnostic`: how far it tells the kinds apart, largest
    less smallest.
    """

    source: int
    millinats: tuple[int, ...]
    diagnostic: int
    classes: tuple[Class, ...]
    readers: tuple[str, ...]
    repeaters: tuple[str, ...]
    witnesses: tuple[str, ...]
    disputed: bool


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """A source that says most for the likeliest kind, and a member that saw it itself and reads it so.

    `source` is its place in the evidence. `classes` are those that it is of as that member cites it.
    """

    source: int
    member: str
    classes: tuple[Class, ...]


class Without(Struct, frozen=True, kw_only=True, gc=False):
    """What it would be without one source, or one member's word: if that one is wrong, or lying.

    `held_back`: so it would be then, and the number of the likeliest kind is a limit.
    """

    what: What | Undetermined
    permille: tuple[int, ...]
    held_back: bool
    source: int | None = None
    member: str | None = None


class Dissent(Struct, frozen=True, kw_only=True, gc=False):
    """A standing reading that holds another kind to be the likeliest than all readings together."""

    member: str
    ref: Ref
    what: What
    permille: int


class CommonView(Struct, frozen=True, kw_only=True):
    """What it was, by all standing readings together, under common rules alone.

    `kinds` are the five, `leaves` those and the hypotheses of the case, each time 1,000 permille in all.
    `what` is the kind that is at least likely (550 permille), or *undetermined*. `held_back`: by the numbers
    it would be likely, but not two witnesses of two classes of sources say so, each for itself.
    `standing`: on whose own word the likeliest kind stands, in the order of sources; none where two are
    equally likeliest. `readings` is how many have a voice, `independent_milli` to how many
    independent ones they come, in thousandths.
    """

    what: What | Undetermined
    kinds: tuple[Judged, ...]
    leaves: tuple[Judged, ...]
    held_back: bool
    readings: int
    independent_milli: int
    sources: tuple[Weighed, ...]
    standing: tuple[Standing, ...]
    without: tuple[Without, ...]
    dissent: tuple[Dissent, ...]

    @property
    def turning(self) -> tuple[Without, ...]:
        """What would change the result: those sources and members without which it is another."""
        return tuple(one for one in self.without if one.what != self.what)
