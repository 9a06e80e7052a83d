"""`circle suspend`, `resume`, `expel` and `reply`: keeping a member away, for oneself or for all.

- To suspend is each member's own: nobody else learns of it but the one that is refused.
- To expel takes a reason, a notice, time for a reply, and an amendment signed by a quorum of the others.
"""

from pathlib import Path

import click

from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.proposing import next_members, next_quorum
from tocsin.circles.errors import NonMember
from tocsin.circles.founding.charter import NoticePlace, Removal
from tocsin.cli.circle.changing.known import Known
from tocsin.cli.circle.drafting import output_option, write
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, log_of, reach
from tocsin.cli.terminal import good, json_text, say_next, shown, strong, typed
from tocsin.core.errors import quoted
from tocsin.core.records import Notice, Reply, encode_record
from tocsin.node.api.types import SayRecord
from tocsin.node.client import Client
from tocsin.node.clock import SystemClock

_AUTHOR = "duty-officer"
_author_option = click.option(
    "--author", default=_AUTHOR, show_default=True, metavar="ROLE", help="Who says it, by role."
)
_lang_option = click.option("--lang", default="en", show_default=True, help="The language of the text.")


@click.command(
    cls=Command, examples=('tocsin circle suspend dune --reason "Two versions of its log; we call them."',)
)
@click.argument("member")
@click.option("--reason", required=True, help="Why: for your own records, and for `status`.")
@circle_option
@config_option
@json_option
def suspend(*, member: str, reason: str, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Do not speak with a member for now.

    At once, and for your node alone: it sends the member nothing and takes nothing from it, but tells it that
    it is suspended. What the others pass on of it still comes. Nobody has to agree.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    done = client.suspend(state.id, member, reason)
    if as_json:
        click.echo(json_text(done))
        return
    click.echo(f"{good('Suspended:')} your node does not speak with {strong(shown(member))} any more.")
    say_next("talk to them by another way. To speak again:", f"tocsin circle resume {shown(member)}")


@click.command(cls=Command, examples=("tocsin circle resume dune",))
@click.argument("member")
@circle_option
@config_option
@json_option
def resume(*, member: str, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Speak with a suspended member again. What was missed in between is made up for."""
    client = reach(config_path)
    state = chosen(client.status(), circle)
    done = client.suspend(state.id, member, None)
    click.echo(
        json_text(done) if as_json else f"{good('Resumed:')} your node speaks with {shown(member)} again."
    )


@click.command(
    cls=Command,
    examples=(
        'tocsin circle expel dune --reason "Two versions of its log." --reply-within-hours 72',
        'tocsin circle expel dune --reason "Two versions of its log." --notice 41 -o amendment.toml',
    ),
)
@click.argument("member")
@click.option("--reason", required=True, help="Why. All members read it.")
@click.option(
    "--reply-within-hours",
    "hours",
    type=click.IntRange(min=1),
    default=72,
    show_default=True,
    help="How long the member has to reply.",
)
@click.option(
    "--notice",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Draft the removal: the notice is this number of your log.",
)
@_author_option
@_lang_option
@output_option
@circle_option
@config_option
@json_option
def expel(
    *,
    member: str,
    reason: str,
    hours: int,
    notice: int | None,
    author: str,
    lang: str,
    output: Path | None,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Have a member removed: first a notice, then an amendment.

    Without --notice, a notice is written that all members receive, the member itself too, which can reply.
    With it, after the time that the notice gave, the amendment is drafted that removes the member. It needs
    the signatures of as many members as the charter says, and that of the member does not count.
    """
    client = reach(config_path)
    known = Known.of(client, circle)
    if member not in known.circle.by_slug or member == known.state.member:
        raise NonMember(f"Expected another member of this circle, found {quoted(member)}.")
    if notice is None:
        record = Notice(
            circle=known.circle.id,
            at_ms=SystemClock().wall_ms(),
            author=author,
            author_kind="officer",
            tlp=known.state.handling,
            member=member,
            reply_within_hours=hours,
            text=reason,
            lang=lang,
        )
        _give_notice(client, record, as_json=as_json)
        return
    named = client.entry(known.circle.id, known.state.log, notice)
    removal = Removal(
        slug=member,
        reason=reason,
        notice=NoticePlace(log=named.log, index=named.index, entry=named.entry),
    )
    staying = [place for place in next_members(known.circle, (), ()) if place.slug != member]
    quorum = next_quorum(known.circle, staying)
    write(output, draft_amendment(known.circle, known.held(), removed=[removal], quorum=quorum))
    if output:
        say_next(
            "give it to all who sign it, each where the organisation key is; then `circle amend apply`:",
            f"tocsin org sign {typed(output)} --organisation-key FILE",
        )


@click.command(
    cls=Command, examples=('tocsin circle reply birch 41 "The second version was a restored backup."',)
)
@click.argument("member")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("text")
@_author_option
@_lang_option
@circle_option
@config_option
@json_option
def reply(
    *,
    member: str,
    number: int,
    text: str,
    author: str,
    lang: str,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Reply to a notice, before all members.

    The notice is entry NUMBER of MEMBER's log; `tocsin records` shows it.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    notice = client.entry(state.id, log_of(state, member), number)
    record = Reply(
        circle=state.id,
        at_ms=SystemClock().wall_ms(),
        author=author,
        author_kind="officer",
        tlp=state.handling,
        log=notice.log,
        notice=notice.index,
        entry=notice.entry,
        text=text,
        lang=lang,
    )
    written = client.write(state.id, SayRecord(record=encode_record(record)))
    told = f"{good('Replied')}, as no. {written.index} of your log."
    click.echo(json_text(written) if as_json else told)


def _give_notice(client: Client, notice: Notice, *, as_json: bool) -> None:
    written = client.write(notice.circle, SayRecord(record=encode_record(notice)))
    if as_json:
        click.echo(json_text(written))
        return
    click.echo(f"{good('The notice')} is no. {written.index} of your log; all members receive it.")
    say_next(
        f"wait {notice.reply_within_hours} hours for a reply (`tocsin records`). If it is still to be:",
        f"tocsin circle expel {notice.member} --reason REASON --notice {written.index} -o amendment.toml",
    )
