"""What was ordered to be erased, as programs are shown it; and orders, as they are written."""

from collections.abc import Sequence

from tocsin.circles.erasing.view import Erasures, Ordered
from tocsin.circles.errors import UnknownName
from tocsin.circles.line import Line
from tocsin.core.errors import quoted
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Erasure, Hold, Place, Record, Release, Target
from tocsin.core.records.errors import ErasureTarget
from tocsin.log.store import Store
from tocsin.node.api import types


def order_of(line: Line, say: types.SayOrder, at_ms: int, store: Store) -> Record:
    """The record of an order. Raises UnknownName, ErasureTarget for an entry that is not here."""
    own = line.own.name
    common = {
        "circle": line.circle.id,
        "at_ms": at_ms,
        "author": say.author,
        "author_kind": say.author_kind,
        "tlp": say.tlp or line.circle.charter.handling,
        "lang": say.lang,
        "reason": say.reason,
        "ordered_by": say.ordered_by,
    }
    match say:
        case types.SayErasure():
            log = say.log or own
            targets = tuple(_target(line, log, index, store) for index in sorted(set(say.indices)))
            return Erasure(**common, log=log, targets=targets)  # type: ignore[arg-type]
        case types.SayHold():
            for place in say.targets:
                _check_known(line, place.log)
            return Hold(**common, targets=tuple(sorted(set(say.targets))))  # type: ignore[arg-type]
        case types.SayRelease():
            return Release(**common, hold=Place(log=say.log or own, index=say.index))  # type: ignore[arg-type]


def erasures_of(line: Line) -> types.Erasures:
    """Every erasure in a circle with the answers to it, and our own holds."""
    view = line.erasures
    slugs = [member.slug for member in line.circle.members]
    return types.Erasures(
        erasures=tuple(_state(ordered, slugs) for ordered in view.ordered.values()),
        holds=tuple(
            types.HoldState(
                log=place.log,
                index=place.index,
                at_ms=hold.at_ms,
                ordered_by=hold.ordered_by,
                reason=hold.reason,
                targets=hold.targets,
            )
            for place, hold in view.holds.items()
        ),
    )


def erasure_of(view: Erasures, log: str, index: int, store: Store) -> types.ErasedBy | None:
    """By whose order this entry is erased, if it is. `kept`: a hold of ours has it set apart here."""
    ordered = view.order_of(log, index)
    if ordered is None or not store.erased(log, index, index + 1):
        return None
    return types.ErasedBy(
        log=ordered.place.log,
        index=ordered.place.index,
        at_ms=ordered.record.at_ms,
        ordered_by=ordered.record.ordered_by,
        reason=ordered.record.reason,
        kept=store.set_apart(log, index) is not None,
    )


def _state(ordered: Ordered, slugs: Sequence[str]) -> types.ErasureState:
    everybody = dict.fromkeys((*slugs, *ordered.answers))
    answers = {slug: ordered.answer(slug) for slug in everybody}
    return types.ErasureState(
        log=ordered.place.log,
        index=ordered.place.index,
        member=LogName.parse(ordered.place.log).member,
        at_ms=ordered.record.at_ms,
        ordered_by=ordered.record.ordered_by,
        reason=ordered.record.reason,
        of=ordered.record.log,
        indices=tuple(sorted(ordered.targets)),
        answers=tuple(
            types.ErasureAnswer(
                member=slug,
                purged=tuple(sorted(answer.purged & ordered.targets)),
                held=tuple(sorted(answer.held & ordered.targets)),
            )
            for slug, answer in answers.items()
        ),
    )


def _target(line: Line, log: str, index: int, store: Store) -> Target:
    _check_known(line, log)
    head = store.head(log)
    if head is None or not 0 < index < head.size:
        raise ErasureTarget(f"Expected an entry of {log} that is here, and not its opening; found {index}.")
    return Target(entry=encode_base64(store.entries(log, index, index + 1)), index=index)


def _check_known(line: Line, log: str) -> None:
    if log not in line.circle.by_log:
        raise UnknownName(f"Expected a log of circle {line.circle.id}, found {quoted(log)}.")
