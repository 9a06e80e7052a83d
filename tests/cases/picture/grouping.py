"""Which citations the picture takes for one source."""

from collections.abc import Iterable

from tocsin.cases.picture.sources import Components, cited
from tocsin.core.records import Ref, Source


def grouped(citing: Iterable[tuple[str, Source]]) -> list[list[int]]:
    """Of these citations, each by a member, those that mean one source: their places in the order given.

    Citations of records are in no group.
    """
    components = Components()
    for place, (member, source) in enumerate(citing):
        log = f"line.example/{'7' * 64}/{member}/1"
        for one in cited(Ref.at(log, place + 1, bytes(32)), (source,)):
            components.add(one, 0)
    return sorted(sorted(one.ref.index - 1 for one in source.cited) for source in components)
