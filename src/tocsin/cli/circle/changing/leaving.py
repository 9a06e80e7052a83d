"""`circle leave`: what stays and what is purged is shown; then a draft, and what was signed takes effect."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.circles.errors import MalformedEvent
from tocsin.cli.circle.kept import read_file
from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, good, json_text, paragraph, say_next, shown, strong, table, typed
from tocsin.core.names import LogName
from tocsin.core.records import Leaving, parse_record
from tocsin.core.tlog.entry import MAX_RECORD_BYTES
from tocsin.log.store import ASIDE
from tocsin.node.api.changetypes import DepartureState, DraftLeaving, KeptState, Purge
from tocsin.node.api.types import CircleState
from tocsin.node.client import Client
from tocsin.node.files import write_whole
from tocsin.node.papers.draft import Draft


@click.command(
    cls=Command,
    examples=(
        "tocsin circle leave",
        "tocsin circle leave --signed apricot-leaving.signed",
        'tocsin circle leave --purge --ordered-by "Data protection officer"',
        "tocsin circle leave --cancel",
    ),
)
@click.option("--reason", help="Why, if that is to be said.")
@click.option("--lang", default="en", show_default=True, help="The language of the reason.")
@file_option("--signed", help="Leave now: this is what your organisation signed.")
@click.option("--purge", is_flag=True, help="Purge here what the others said: with --signed, or later.")
@click.option("--ordered-by", metavar="WHO", help="Who ordered the purge: a court, a role.")
@click.option("--cancel", is_flag=True, help="Stay after all, and write again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@file_option("--output", "-o", help="Where to write the draft.  [default: MEMBER-leaving.draft]")
@circle_option
@config_option
@json_option
def leave(
    *,
    reason: str | None,
    lang: str,
    signed: Path | None,
    purge: bool,
    ordered_by: str | None,
    cancel: bool,
    yes: bool,
    output: Path | None,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Leave a circle. Nobody has to agree.

    Shows first what stays where. Then your node writes nothing more in this circle, and makes a draft, which
    your organisation signs (`tocsin org sign`). With what it signed (--signed) you have left: at once here,
    and at each member as soon as it hears of it. It cannot be taken back.

    What the others said stays here, and goes on to bind you as it is marked, unless you have it purged
    (--purge): then it is gone from every file of your node, but for what a legal hold of yours keeps. Entries
    and checkpoints stay as proof. Your node keeps who ordered it, and why (--reason). Nobody else is told.
    """
    if purge != (ordered_by is not None):
        raise click.UsageError("--purge and --ordered-by go together.")
    client = reach(config_path)
    state = chosen(client.status(), circle)
    if cancel:
        done = client.cancel_leaving(state.id)
        stay = f"{good('You stay')} in {shown(state.title)}. Destroy the draft, if it was signed."
        click.echo(json_text(done) if as_json else stay)
        return
    if signed or ordered_by:
        event = _signed_leaving(signed) if signed else None
        order = Purge(ordered_by=ordered_by, reason=reason) if ordered_by else None
        _leave(client, state, event, order, yes=yes, as_json=as_json)
        return
    _ask(client, state, None, yes=yes, words="Stop writing, and make the draft?")
    draft = Draft.of(client.draft_leaving(state.id, DraftLeaving(reason=reason, lang=lang)))
    output = output or Path(f"{state.member}-leaving.draft")
    write_whole(output, draft.encode())
    if as_json:
        click.echo(json_text({"circle": state.id, "draft": str(output)}))
        return
    click.echo(f"{good('The draft:')} {shown(str(output))}. Your node writes nothing more in this circle.")
    say_next(
        "carry it to the machine that has the organisation key, and sign it there:",
        f"tocsin org sign {typed(output)} --organisation-key FILE",
    )


def _leave(
    client: Client, state: CircleState, event: str | None, order: Purge | None, *, yes: bool, as_json: bool
) -> None:
    """Leave with what was signed, and purge what was ordered; or do one of the two."""
    _ask(client, state, order, yes=yes, words="Leave now?" if event else "Purge it now?")
    done = client.take(state.id, [event]) if event else None
    purged = client.purge(state.id, order) if order else None
    if as_json:
        click.echo(json_text({"left": done, "purged": purged}))
        return
    if done:
        click.echo(f"{good('You have left')} {strong(shown(state.title))}.")
    if purged and purged.purge:
        held = sum(log.held for log in purged.logs)
        words = "Purged" if purged.purge.done else "It is being purged"
        kept = f" Legal holds of yours keep {held} records." if held else ""
        click.echo(f"{good(words)}, as {shown(purged.purge.ordered_by)} ordered.{kept}")


def _signed_leaving(path: Path) -> str:
    """The event in that file. Raises MalformedEvent for another record, and what `parse_record` raises."""
    data = read_file(path, MAX_RECORD_BYTES, "a signed leaving")
    record = parse_record(data).record
    if not isinstance(record, Leaving):
        raise MalformedEvent(f"Expected a signed leaving in {path}, found a record of kind {record.kind}.")
    return data.decode()


def _ask(client: Client, state: CircleState, order: Purge | None, *, yes: bool, words: str) -> None:
    departure = client.departure(state.id)
    click.echo("\n".join(_what_stays(state, departure, order)), err=True)
    if not yes:
        click.confirm(f"\n{words}", abort=True, err=True)


def _what_stays(state: CircleState, departure: DepartureState, order: Purge | None) -> Iterator[str]:
    yield strong(f"{'After' if departure.gone else 'Before'} {state.member} leaves {shown(state.title)}:")
    yield ""
    rows = [(strong(state.member), f"your own log stays here, all {state.size} entries")]
    for member in state.members:
        held = member.confirmed.size if member.confirmed else 0
        lacks = "" if held == state.size else bad(f"  and never gets the other {state.size - held}")
        rows.append((strong(member.slug), f"keeps {held} of your {state.size} entries{lacks}"))
    yield from table(rows)
    yield ""
    yield from table([(strong(log.member), _becomes(log, order)) for log in departure.logs if log.records])
    yield ""
    if order:
        words = (
            "What is purged is gone for good from every file of this node, backups made before excepted. Its "
            "entries and checkpoints stay as proof that something was said, not what. What a legal hold of "
            "yours keeps stays, shown to you alone; release it before you leave if it is to go too."
        )
    else:
        words = (
            "Their handling goes on to bind you: keep them as marked. Leaving purges nothing. Purge them "
            "with --purge --ordered-by WHO: together with --signed, or at any time after you have left."
        )
    gets = "You receive nothing more, and nobody receives anything more from you."
    yield from paragraph(f"{words} {gets}", "  ")


def _becomes(log: KeptState, order: Purge | None) -> str:
    """What becomes of what is here of a log."""
    epoch = LogName.parse(log.log.partition(ASIDE)[0]).epoch
    of = f" of epoch {epoch}" if epoch > 1 else ""
    if order is None:
        return f"{log.records} records{of} stay here"
    kept = f", {log.held} stay by legal hold" if log.held else ""
    return f"{log.records - log.held} records{of} are purged here{kept}"
