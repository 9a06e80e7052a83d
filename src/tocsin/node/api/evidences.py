"""The evidence that a node keeps, each as a file that a stranger can check (docs/protocol.md, section 12)."""

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from tocsin.circles.evidence.contradictions import (
    contradictions,
    verify_two_amendments,
    verify_two_openings,
)
from tocsin.circles.evidence.envelope import format_of
from tocsin.circles.evidence.voids import Void
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.tlog.checkpoint import open_checkpoint
from tocsin.log.store import Store, UnknownLog
from tocsin.node.api.types import Evidence


def evidence_at(line: Line, store: Store) -> Iterator[Evidence]:
    """All of it: two versions of logs, what was signed beyond or beside an end, and what was signed twice."""
    circle = line.circle
    for data in contradictions(circle, line.events):
        if format_of(data) == "tocsin-two-openings/v1":
            name = verify_two_openings(data, circle).log
            yield Evidence(kind="two-openings", log=str(name), member=name.member, evidence=msgspec.Raw(data))
        else:
            for slug in verify_two_amendments(data, circle).signers:
                yield Evidence(kind="two-amendments", log="", member=slug, evidence=msgspec.Raw(data))
    for member in (*circle.past, *circle.members):
        log = str(member.log)
        with suppress(UnknownLog):
            if (fork := store.evidence(log)) is not None:
                yield Evidence(kind="fork", log=log, member=member.slug, evidence=msgspec.Raw(fork))
        note = store.document(f"void/{circle.id}", log)
        if note:
            with suppress(Refusal, UnknownLog):
                void = Void.of(member, open_checkpoint(note, circle.log_keys.get), store.read_tiles(log))
                yield Evidence(kind="void", log=log, member=member.slug, evidence=msgspec.Raw(void.encode()))
