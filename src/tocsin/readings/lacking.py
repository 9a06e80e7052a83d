"""Why what would be likely by the numbers is not: what its two witnesses of two classes still lack."""

from collections.abc import Iterator
from typing import Literal

from tocsin.readings.view import Class, CommonView

Lack = Literal["witness", "second", "class", "apart"]
"""Nobody who saw a source itself reads it so; one member alone; one class is that of all their sources; or
each two of them have a member, a source or a class in common."""


def lacking(view: CommonView) -> tuple[Lack, ...]:
    """What a result lacks that is held back (docs/protocol.md, section 23.2); nothing where it is not."""
    return tuple(_lacks(view)) if view.held_back else ()


def classes_of_all(view: CommonView) -> tuple[Class, ...]:
    """The classes that all sources have which stand for the likeliest kind: ascending."""
    standing = [set(one.classes) for one in view.standing]
    return tuple(sorted(set.intersection(*standing))) if standing else ()


def _lacks(view: CommonView) -> Iterator[Lack]:
    if not view.standing:
        yield "witness"
        return
    lacks_second = len({one.member for one in view.standing}) < 2
    lacks_class = bool(classes_of_all(view))
    if lacks_second:
        yield "second"
    if lacks_class:
        yield "class"
    if not (lacks_second or lacks_class):
        yield "apart"
