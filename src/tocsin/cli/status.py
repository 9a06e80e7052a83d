"""`status`: who has received what of whom."""

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import (
    bad,
    beside,
    faint,
    good,
    json_text,
    lately,
    paragraph,
    shown,
    strong,
    table,
    waiting,
)
from tocsin.node.api.types import CircleState, MemberState
from tocsin.node.clock import SystemClock
from tocsin.node.watching.clocks import WARN_MS


@click.command(cls=Command, examples=("tocsin status", "tocsin status --circle 3f1c --json"))
@circle_option
@config_option
@json_option
def status(*, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show who has received what of whom.

    For each member: how much of your log it has received and confirmed, and how much of its log you have.
    """
    found = reach(config_path).status()
    circles = [chosen(found, circle)] if circle else list(found.circles)
    if as_json:
        click.echo(json_text(msgspec.structs.replace(found, circles=tuple(circles))))
        return
    if not circles:
        click.echo("This node is in no circle. Next: `tocsin circle --help`.")
    for number, state in enumerate(circles):
        if number:
            click.echo()
        click.echo("\n".join(_circle(state, SystemClock().wall_ms())))
    if abs(ahead_ms := found.clock_ahead_ms or 0) >= WARN_MS:
        by = f"{abs(ahead_ms) // 1000} s {'ahead of' if ahead_ms > 0 else 'behind'}"
        words = f"this machine's is {by} those of other members. Next: `tocsin doctor`."
        click.echo("\n" + "\n".join(beside(waiting("clock"), words, 7, "  ")))


def _circle(state: CircleState, now_ms: int) -> Iterator[str]:
    drill = f"  {waiting('DRILL: nothing of it is real')}" if state.drill else ""
    yield f"{strong(shown(state.title))}{drill}"
    yield faint(state.id)
    yield ""
    yield f"You are {strong(state.member)}, {shown(state.label)}; entries in your log: {state.size}"
    if state.halted:
        yield ""
        yield bad("This node does not write any more:")
        yield from paragraph(state.halted, "  ")
    yield ""
    head = (faint("member"), "", "", faint("has received of yours"), faint("you have of theirs"))
    yield from table([head, *(_member(state, member, now_ms) for member in state.members)])
    troubles = [(member, trouble) for member in state.members for trouble in _troubles(member)]
    if troubles:
        yield ""
    for member, trouble in troubles:
        yield from beside(bad(member.slug), trouble, len(member.slug) + 2, "  ")


def _member(state: CircleState, member: MemberState, now_ms: int) -> tuple[str, ...]:
    name, label = strong(member.slug), shown(member.label)
    return name, label, member.economy, _theirs(state, member, now_ms), _ours(member)


def _theirs(state: CircleState, member: MemberState, now_ms: int) -> str:
    confirmed = member.confirmed
    if confirmed is None:
        return waiting("nothing confirmed yet")
    at = faint(lately(confirmed.time_s * 1000, now_ms))
    if confirmed.size < state.size:
        return f"{waiting(f'{confirmed.size} of {state.size}')}  {at}"
    if confirmed.by_way:
        return f"{good(f'all {confirmed.size}')}{faint(f', by way of {confirmed.by_way},')}  {at}"
    fast = "" if member.latency_ms is None else faint(f" in {member.latency_ms} ms")
    return f"{good(f'all {confirmed.size}')}{fast}  {at}"


def _ours(member: MemberState) -> str:
    if member.stopped:
        return bad(f"{member.held}, then stopped")
    if member.held < member.known:
        return waiting(f"{member.held} of {member.known}")
    if member.held == 0:
        return waiting("nothing yet")
    return waiting(f"all {member.held} but some") if member.missing else good(f"all {member.held}")


def _troubles(member: MemberState) -> Iterator[str]:
    if member.stopped:
        yield (
            "showed two versions of its log. Nothing more of it is accepted; what was received stays. Talk "
            f"to them by another way. The evidence, for anyone: `tocsin evidence export {member.slug}`."
        )
    if member.suspended:
        yield f"is suspended by you: {member.suspended} To speak again: `tocsin circle resume {member.slug}`."
    if member.missing:
        yield "has sent entries without their records; they are asked for again and again."
    if member.trouble:
        yield member.trouble
