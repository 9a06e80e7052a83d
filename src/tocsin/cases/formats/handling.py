"""To whom something may be shown, from whatever others call it: always the strictest of what was said."""

from collections.abc import Iterable
from typing import NamedTuple, get_args

from tocsin.cases.formats.errors import ExerciseMark, NoLabel
from tocsin.cases.formats.terms import Into
from tocsin.core.records import Tlp, tlp_at_most
from tocsin.core.records.errors import HandlingExceeded

_BY_NAME: dict[str, Tlp] = {
    **{label.removeprefix("TLP:").lower(): label for label in get_args(Tlp)},
    "white": "TLP:CLEAR",
}


class Saying(NamedTuple):
    """A label, and by what in a file it is said, in words."""

    label: Tlp
    by: str


def label_named(name: str) -> Tlp:
    """The label of that name, `tlp:` before it or not. What is not known is as strict as there is."""
    return _BY_NAME.get(name.strip().lower().removeprefix("tlp:"), "TLP:RED")


def strictest(labels: Iterable[Tlp]) -> Tlp | None:
    """The one that lets fewest see it; None of none."""
    found: Tlp | None = None
    for label in labels:
        if found is None or tlp_at_most(found, label):
            found = label
    return found


def admitted(whole: Iterable[Saying], parts: Iterable[Saying], into: Into, *, exercise: bool) -> Tlp:
    """The label with which a file is taken in, by what it says of itself and of its parts.

    (1) an exercise in a drill alone, and nothing else there: ExerciseMark; (2) the label of the whole, or
    what the officer says of a file without one: NoLabel; (3) none of its parts is stricter, and the circle
    takes it: HandlingExceeded.
    """
    # (1) exercise
    if exercise is not into.drill:
        found = "an exercise" if exercise else "one without the mark of an exercise"
        raise ExerciseMark(
            f"Expected a file for a {'drill' if into.drill else 'live circle'}, found {found}."
        )
    # (2) the whole
    sayings = list(whole)
    if not sayings:
        if into.unlabelled is None:
            raise NoLabel
        sayings = [Saying(into.unlabelled, "said by the officer")]
    # (3) parts and circle
    narrowest = sayings[0]
    for one in (*sayings, *parts):
        narrowest = narrowest if tlp_at_most(one.label, narrowest.label) else one
    if not tlp_at_most(narrowest.label, into.handling):
        raise HandlingExceeded(
            f"Expected at most {into.handling}, which the circle takes, "
            f"found {narrowest.label} ({narrowest.by})."
        )
    return narrowest.label
