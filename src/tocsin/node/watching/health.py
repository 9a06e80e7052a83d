"""What is not as it should be: this node cannot do its part (*failing*), or something else (*degraded*)."""

from collections.abc import Iterable, Iterator

from tocsin.circles.line import Line
from tocsin.node.api.types import Health, Trouble


def health_of(
    lines: Iterable[Line],
    failure: BaseException | None,
    *,
    full: bool,
    reserve_only: bool,
    clock: str | None,
    circles: Iterable[Trouble],
) -> Health:
    """The health of a node with these lines.

    `full`: there was no room for its last commit. `reserve_only`: there is none for others' records. `clock`:
    what is wrong with this machine's clock. `circles`: what is wrong with the circles themselves.
    """
    own = list(_own(lines, failure, full=full, reserve_only=reserve_only))
    others = [Trouble(code="clock", explanation=clock)] if clock else []
    others += circles
    others += [trouble for line in lines for trouble in _others(line)]
    return Health(status="failing" if own else "degraded" if others else "ok", troubles=(*own, *others))


def _own(
    lines: Iterable[Line], failure: BaseException | None, *, full: bool, reserve_only: bool
) -> Iterator[Trouble]:
    if failure:
        yield Trouble(code="failed", explanation=str(failure))
    if full:
        yield Trouble(code="storage-full", explanation="There was no room for the last commit.")
    elif reserve_only:
        words = "What is free is kept for this node's own records; others' wait with them. Next: make room."
        yield Trouble(code="storage-low", explanation=words)
    for line in lines:
        if halted := line.own.halted:
            yield Trouble(code="writes-halted", explanation=halted.explanation, circle=line.circle.id)


def _others(line: Line) -> Iterator[Trouble]:
    for status in line.status().members:
        found = {
            "two-versions": "There are two versions of its log." if status.stopped else None,
            "missing": "Some of its records have not come." if status.missing_here else None,
            "trouble": status.trouble.explanation if status.trouble else None,
        }
        for code, explanation in found.items():
            if explanation:
                yield Trouble(
                    code=code, explanation=explanation, circle=line.circle.id, member=status.member.slug
                )
