"""What goes into a format and comes out of one: who brings it in, what leaves, and what became of each part.

Every element of a file is accounted for. `Placed` names it by its place in the file (an RFC 6901 pointer)
and says where it went: *mapped*, a field of a record says it; *kept*, it is carried in a record's `more` and
comes out again; *no-place*, neither, and why.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from msgspec import Struct

from tocsin.core.records import Answer, AuthorKind, Ref, Report, Tlp
from tocsin.core.views import Terms

Where = Literal["mapped", "kept", "no-place"]

WhyNot: TypeAlias = Literal[
    "above",
    "another-event",
    "defined-elsewhere",
    "format",
    "no-exercise",
    "other-label",
    "outside",
    "publishing",
    "refused",
    "superseded",
    "taken-back",
    "too-large",
    "too-wide",
    "unreadable",
    "withdrawn",
]
"""Why something has no place: three are the standing of a record that does not count."""


class Placed(Struct, frozen=True):
    """What became of the element at `path`: `to` names the record's field.

    `why` says why it has no place, and `code` the same for programs.
    """

    path: str
    where: Where
    to: str = ""
    why: str = ""
    code: WhyNot | None = None


def unplaced(path: str, code: WhyNot, why: str, to: str = "") -> Placed:
    """What is neither said nor carried, and why."""
    return Placed(path, "no-place", to, why, code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """Into what a file is read: whose record it becomes, and what its circle takes.

    `handling` is the most restricted label that the circle takes. `unlabelled` is the label for a file that
    has none, `groups` those for what MISP sharing groups (by UUID) have. Without `case` a new one is opened;
    with `ask`, sightings become the answer to it.
    """

    circle: str
    at_ms: int
    author: str
    handling: Tlp
    drill: bool
    author_kind: AuthorKind = "officer"
    answerable: str | None = None
    case: Ref | None = None
    ask: Ref | None = None
    unlabelled: Tlp | None = None
    groups: Mapping[str, Tlp] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one event, incident or bundle becomes: records to be written, none of them signed.

    `opening` is written first. `following` makes the others, which name the case: of which they are, its
    reference says, as soon as there is one.
    """

    title: str
    opening: Report
    following: Callable[[Ref], tuple[Report | Answer, ...]]
    placed: tuple[Placed, ...]

    @property
    def no_place(self) -> tuple[Placed, ...]:
        """What is lost by reading it."""
        return tuple(one for one in self.placed if one.where == "no-place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """On which terms a case leaves the circle: by whose hand, and up to which label.

    Members that are not `named`, and are not the exporter's `own`, appear as "member 1", "member 2".
    """

    terms: Terms
    own: str
    up_to: Tlp
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file. `no_place` is what of the case it does not say; a path there is a record as people write it."""

    data: bytes
    media_type: str
    no_place: tuple[Placed, ...]
