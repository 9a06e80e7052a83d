"""`epoch draft` and `epoch cancel`: new keys, and what the organisation is to sign for them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import click

from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option
from tocsin.cli.organisation.words import draft_in_words
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, good, json_text, say, say_next, shown, strong, typed
from tocsin.cli.words import REASONS
from tocsin.core.names import LogName
from tocsin.core.records import Reason
from tocsin.node.api.changetypes import DraftEpoch
from tocsin.node.api.types import CircleState
from tocsin.node.files import write_whole
from tocsin.node.papers.draft import Draft

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command(
    cls=Command,
    examples=(
        "tocsin epoch draft",
        "tocsin epoch draft --reason lost",
        "tocsin epoch draft --reason compromised --since 2026-11-20T14:00Z --cut 4711",
    ),
)
@click.option(
    "--reason",
    type=click.Choice(get_args(Reason)),
    default="scheduled",
    show_default=True,
    help="Why: it is time; keys or disk are lost; somebody else has the keys; two versions of the log.",
)
@click.option("--since", metavar="TIME", help="With compromised: since when, such as 2026-11-20T14:00Z.")
@click.option(
    "--cut",
    type=click.IntRange(min=1),
    metavar="SIZE",
    help="How many entries of the log stay.  [default: all]",
)
@yes_option
@file_option("--output", "-o", help="Where to write the draft.  [default: MEMBER-epoch-N.draft]")
@circle_option
@config_option
@json_option
def draft(
    *,
    reason: Reason,
    since: str | None,
    cut: int | None,
    yes: bool,
    output: Path | None,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Make new keys for your node, and a draft for your organisation to sign.

    Unless the reason is lost, the draft states exactly how the present log ends. So from then on the node
    writes nothing, until the signed draft is adopted or the draft is cancelled; it goes on to receive and
    confirm what the others write. Whatever turns up beyond that end is void: everyone keeps it as evidence,
    and nobody takes it for yours.
    """
    if since is not None and reason != "compromised":
        raise click.UsageError("--since goes with --reason compromised.")
    client = reach(config_path)
    state = chosen(client.status(), circle)
    number = LogName.parse(state.log).epoch + 1
    if not yes:
        _warn(state, reason, cut, number)
        click.confirm("Go on?", abort=True, err=True)
    wish = DraftEpoch(reason=reason, since_ms=_moment(since), cut=cut)
    drafted = Draft.of(client.draft_epoch(state.id, wish))
    output = output or Path(f"{state.member}-epoch-{number}.draft")
    write_whole(output, drafted.encode())
    if as_json:
        click.echo(json_text({"circle": state.id, "epoch": number, "draft": str(output)}))
        return
    click.echo("\n".join(draft_in_words(drafted)))
    click.echo(f"\n{good('The draft:')} {shown(str(output))}")
    say_next(
        "carry it to the machine that has the organisation key, and sign it there:",
        f"tocsin org sign {typed(output)} --organisation-key FILE",
    )


@click.command(cls=Command, examples=("tocsin epoch cancel", "tocsin epoch cancel --circle 3f1c --yes"))
@yes_option
@circle_option
@config_option
@json_option
def cancel(*, yes: bool, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Forget the draft of a new epoch, and its keys, and go on in the present one.

    If the draft was signed, destroy what was signed: it names keys that are gone.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    if not yes:
        click.confirm("Forget the draft and its keys?", abort=True, err=True)
    done = client.cancel_epoch(state.id)
    if as_json:
        click.echo(json_text(done))
        return
    say(f"The draft is gone; your node goes on in epoch {LogName.parse(done.log).epoch}.")
    if done.halted:
        click.echo(f"{bad('It does not write:')} {shown(done.halted)}")


def _warn(state: CircleState, reason: Reason, cut: int | None, number: int) -> None:
    click.echo(strong(f"A new epoch of {state.member}: number {number}, since {REASONS[reason]}."), err=True)
    if reason == "lost":
        words = "Everything of the present epoch that turns up later stays yours."
    else:
        stays = state.size if cut is None else cut
        words = (
            f"From now on your node writes nothing in {shown(state.title)} until the new epoch is adopted or "
            f"cancelled. Of the present one {stays} entries stay; whatever lies beyond will be void."
        )
    click.echo(words, err=True)


def _moment(text: str | None) -> int | None:
    """Unix time in milliseconds."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write it as 2026-11-20T14:00Z.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
