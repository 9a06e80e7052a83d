"""Who has received and confirmed what was just written, as it comes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import click

from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import faint, good, paragraph, waiting
from tocsin.node.api.types import CircleState, MemberState
from tocsin.node.client import Client
from tocsin.node.clock import SystemClock

_ASK_AGAIN_S = 0.02

_Decorated = TypeVar("_Decorated", bound=Callable[..., object])


def urgency_options(command: _Decorated) -> _Decorated:
    """`--urgent` and `--wait`, handed on as `urgent` and `wait_s`."""
    waiting_s = click.option(
        "--wait",
        "wait_s",
        type=click.FloatRange(min=0),
        default=2.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for confirmations.",
    )
    urgent = click.option(
        "--urgent", is_flag=True, help="To members that are far behind, send it ahead of the rest."
    )
    return urgent(waiting_s(command))


def confirmed_by(client: Client, circle: str, index: int, wait_s: float, *, shows: bool) -> Sequence[str]:
    """The members that have our entry: when all have it, or the time is over. `shows`: each as it comes."""
    by: list[str] = []
    state = None
    for state in _states(client, circle, index, wait_s):
        for member in state.members:
            if member.slug not in by and _has(member, index):
                by.append(member.slug)
                if shows:
                    click.echo(_received(member))
    for member in state.members if state and shows else ():
        if member.slug not in by:
            click.echo("\n".join(_not_yet(member)))
    return by


def _states(client: Client, circle: str, index: int, wait_s: float) -> Iterator[CircleState]:
    """The circle again and again, until all members have our entry or the time is over."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + wait_s
    while True:
        state = chosen(client.status(), circle)
        yield state
        if all(_has(member, index) for member in state.members) or clock.monotonic_s() >= end_s:
            return
        threading.Event().wait(_ASK_AGAIN_S)


def _has(member: MemberState, index: int) -> bool:
    return member.confirmed is not None and member.confirmed.size > index


def _received(member: MemberState) -> str:
    fast = "" if member.latency_ms is None else faint(f" after {member.latency_ms} ms")
    return f"  {good(f'received and confirmed by {member.slug}')}{fast}"


def _not_yet(member: MemberState) -> Iterator[str]:
    yield f"  {waiting(f'not yet by {member.slug}')}; it is sent as soon as that is possible"
    if member.trouble:
        yield from paragraph(member.trouble, "    ")
