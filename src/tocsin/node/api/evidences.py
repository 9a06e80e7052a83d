"""The evidence that a node keeps, each as a file that a stranger can check (docs/protocol.md, section 12)."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from tocsin.circles.evidence.contradictions import (
    contradictions,
    verify_two_amendments,
    verify_two_openings,
)
from tocsin.circles.evidence.envelope import format_of
from tocsin.circles.evidence.forks import verify_fork
from tocsin.circles.evidence.voids import Void
from tocsin.circles.following.asides import asides_of
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
            of = verify_two_openings(data, circle).log
            yield Evidence(kind="two-openings", log=str(of), member=of.member, evidence=msgspec.Raw(data))
        else:
            for slug in verify_two_amendments(data, circle).signers:
                yield Evidence(kind="two-amendments", log="", member=slug, evidence=msgspec.Raw(data))
    for member in (*circle.past, *circle.members):
        log = str(member.log)
        asides = asides_of(log, store)
        for name in (log, *asides):
            with suppress(Refusal, UnknownLog):
                if (fork := store.evidence(name)) is not None:
                    # What was set aside may be of another opening, whose key the circle does not know.
                    verify_fork(fork, circle)
                    yield Evidence(kind="fork", log=log, member=member.slug, evidence=msgspec.Raw(fork))
        for note in _beyond_or_beside(circle.id, log, asides, store):
            with suppress(Refusal, UnknownLog):
                void = Void.of(member, open_checkpoint(note, circle.log_keys.get), store.read_tiles(log))
                yield Evidence(kind="void", log=log, member=member.slug, evidence=msgspec.Raw(void.encode()))
                break


def evidence_file(kept: Evidence) -> bytes:
    """The file of evidence, as its own module wrote it."""
    return bytes(kept.evidence).rstrip(b"\n") + b"\n"


def _beyond_or_beside(circle: str, log: str, asides: Sequence[str], store: Store) -> Iterator[bytes]:
    """Checkpoints that may be void: the one that is kept for it, and those of what was set aside."""
    kept = store.document(f"void/{circle}", log)
    yield from filter(None, (kept, *map(store.newest_checkpoint, asides)))
