"""`circle check`: the first communication check with a member.

(1) a note goes to the member, and its confirmation comes back: the line carries; (2) two people read words to
each other over a telephone: it is the right line. The words come from the circle's id and from the newest
openings of both members, that is, from all keys of both. Who has the same words has the same keys.
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.circles.errors import NonMember
from tocsin.circles.founding.comparing import code_between
from tocsin.cli.circle.changing.known import Known
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import good, json_text, say, shown, strong, table, waiting
from tocsin.core.errors import quoted
from tocsin.core.spelling import spoken, written
from tocsin.node.api.types import MemberState, SayNote
from tocsin.node.client import Client
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config

_ASK_AGAIN_S = 0.05


@click.command(
    cls=Command, examples=("tocsin circle check birch", "tocsin circle check birch --wait 600 --json")
)
@click.argument("member")
@click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the confirmation.",
)
@circle_option
@config_option
@json_option
def check(*, member: str, wait_s: float, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Check the line to a member: by the line, and aloud.

    Sends a note and waits until the member has confirmed it. Then shows words that both of you read to each
    other, over a line that you trust otherwise: you the first line, they the second. They see the same words
    with `tocsin circle check` and your name.
    """
    config = load_config(config_path)
    client = Client(config.api_socket)
    known = Known.of(client, circle)
    us = known.state.member
    if member == us or not {member, us} <= known.circle.by_slug.keys():
        raise NonMember(f"Expected two members of this circle, found {quoted(us)} and {quoted(member)}.")
    words = code_between(known.circle, us, member)
    note = SayNote(
        author="node",
        author_kind="machine",
        lang="en",
        text=f"Communication check: {us} to {member}.",
    )
    sent = client.write(known.circle.id, note)
    found = next(_confirmations(client, known.circle.id, member, sent.index, wait_s), None)
    if as_json:
        told = {"member": member, "confirmed": found is not None, "index": sent.index, "compare": words}
        click.echo(json_text(told))
        return
    if found is None:
        click.echo(
            waiting(f"No confirmation by {shown(member)} within {wait_s:g} s; it comes when it comes.")
        )
    else:
        fast = "" if found.latency_ms is None else f" after {found.latency_ms} ms"
        click.echo(good(f"Received and confirmed by {shown(member)}{fast}."))
    click.echo(f"\n{strong('Read to each other:')} you the first line, {shown(member)} the second.\n")
    click.echo("\n".join(table(list(zip(written(words), spoken(words), strict=True)))))
    click.echo()
    say(
        f"If one word differs, somebody stands between you: stop here (`tocsin circle suspend {member}`), "
        "and compare what both of you have (`tocsin circle show`) in person."
    )


def _confirmations(
    client: Client, circle: str, member: str, index: int, wait_s: float
) -> Iterator[MemberState]:
    """The member, as soon as it has our entry; nothing if the time is over."""
    clock = SystemClock()
    end_s = clock.monotonic_s() + wait_s
    while True:
        state = chosen(client.status(), circle)
        for one in state.members:
            if one.slug == member and one.confirmed is not None and one.confirmed.size > index:
                yield one
                return
        if clock.monotonic_s() >= end_s:
            return
        threading.Event().wait(_ASK_AGAIN_S)
