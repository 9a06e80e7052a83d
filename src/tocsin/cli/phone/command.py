"""`phone`: what each side of a call reads, so that each knows whose node is behind the voice."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal

import click

from tocsin.cases.telling import LANGUAGES, UnknownLanguage, language
from tocsin.cli.cases.writing import check_free, force_option, hand_out
from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option
from tocsin.cli.phone.sheet import sheet_text
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import bad, beside, faint, json_text, paragraph, say_next, strong, waiting
from tocsin.core.phone import MINUTE_MS, SPOKEN, Sets, grouped, spoken
from tocsin.node.client import Client
from tocsin.node.config import load_config
from tocsin.node.phoning.types import MAX_ROWS, MAX_SHEET, PhoneCall, SheetQuery

_MS = 1_000
_INDENT = "  "
_TIME_COLUMNS = 7
_NAME_COLUMNS = 13
_THEIRS_FIRST = {"theirs": "they read", "ours": "you answer"}
_OURS_FIRST = {"ours": "you read", "theirs": "they answer"}


@click.command(
    cls=Command,
    examples=(
        "tocsin phone birch",
        "tocsin phone birch --called --lang ko",
        "tocsin phone birch --sheets birch-1.txt --sheet 1",
    ),
)
@click.argument("member")
@click.option("--called", "side", flag_value="called", help="Only what is read when they have called you.")
@click.option("--calling", "side", flag_value="calling", help="Only what is read when you have called them.")
@click.option(
    "--lang",
    type=click.Choice(list(SPOKEN)),
    help="In which language you speak on the telephone.  [default: the desk's]",
)
@file_option("--sheets", help="Write a sheet to print there, and show nothing.")
@click.option(
    "--sheet",
    type=click.IntRange(1, MAX_SHEET),
    default=1,
    show_default=True,
    metavar="NUMBER",
    help="Which sheet; both sides print the same.",
)
@click.option(
    "--rows",
    type=click.IntRange(1, MAX_ROWS),
    default=SheetQuery(member="any").rows,
    show_default=True,
    metavar="NUMBER",
    help="How many rows it has.",
)
@force_option
@circle_option
@config_option
@json_option
def phone(
    *,
    member: str,
    side: Literal["called", "calling"] | None,
    lang: str | None,
    sheets: Path | None,
    sheet: int,
    rows: int,
    force: bool,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Show what you and a member read to each other in a call.

    A voice can be made. Whoever was called reads six digits, the caller answers with six others: both come
    from a secret that only the two nodes have, and from the minute. Nothing is sent: it works with the line
    down. Where no machine works, either, a sheet does that both have printed before (--sheets).

    It shows that the other end has the member's node or sheet before it. It does not show who else is on the
    line, or that nobody passes your words on between two calls: see docs/phone.md.
    """
    if sheets and side:
        raise click.UsageError("A sheet has both sides: --sheets goes without --called and --calling.")
    config = load_config(config_path)
    client = Client(config.api_socket)
    state = chosen(client.status(), circle)
    tag = lang or _tag(config.desk.lang)
    if sheets:
        check_free(sheets, force=force)
        found = client.phone_sheet(state.id, SheetQuery(member=member, sheet=sheet, rows=rows))
        told = {"circle": state.id, "member": member, "sheet": sheet}
        hand_out(sheets, sheet_text(found, tag).encode(), force=force, as_json=as_json, **told)
        if not as_json:
            say_next(
                f"print it, seal it in an envelope, and delete the file. {member} prints the same:",
                f"tocsin phone {state.member} --sheets FILE --sheet {sheet} --rows {rows}",
            )
        return
    call = client.phone(state.id, member)
    click.echo(json_text(call) if as_json else "\n".join(_lines(call, side, tag)))


def _lines(call: PhoneCall, side: str | None, tag: str) -> Iterator[str]:
    between, desk = call.between, call.desk
    if between.drill:
        yield waiting("DRILL: nothing in this is real. Say so before you read.")
    yield from paragraph(f"{between.title}: a call between {between.us} and {between.member}", "")
    parts = (between.label, desk.name, desk.hours, ", ".join(desk.languages or ()), desk.contact)
    yield from paragraph(" · ".join(filter(None, parts)), _INDENT)
    yield from _warnings(call)
    words = partial(_set, tag=tag)
    if side != "calling":
        left_s = (call.called.at_ms + MINUTE_MS - call.now_ms) // _MS
        now = f"{_clock(call.called.at_ms)} UTC, for {left_s} s more."
        yield f"\n{strong('They called you: you read first.')} {now}"
        yield from words(call.called.sets, _OURS_FIRST, _INDENT)
    if side != "called":
        yield f"\n{strong('You called them: they read first.')} One of these; answer from the same minute."
        for minute in call.calling:
            start = f"{_INDENT}{_clock(minute.at_ms)}".ljust(_TIME_COLUMNS + len(_INDENT))
            first, *others = words(minute.sets, _THEIRS_FIRST, " " * len(start))
            yield from (start + first[len(start) :], *others)
    yield ""
    yield from paragraph(
        "If a digit differs, have it read once more. If it differs again, end the call, and call back at a "
        "number that you know.",
        "",
    )
    if not LANGUAGES[tag].reviewed:
        yield faint(f"The words in {LANGUAGES[tag].name} are unreviewed; the digits count.")


def _warnings(call: PhoneCall) -> Iterator[str]:
    them = call.between.member
    if not call.reached_them:
        yield from map(
            waiting, paragraph(f"{them} has not confirmed your key yet: it may see others.", _INDENT)
        )
    if call.two_versions:
        words = f"There are two versions of the log of {them}: somebody else may have its keys."
        yield from map(bad, paragraph(words, _INDENT))


def _set(sets: Sets, names: dict[str, str], indent: str, tag: str) -> Iterator[str]:
    for whose, name in names.items():
        digits = getattr(sets, whose)
        text = f"{grouped(digits)}  {spoken(digits, tag)}"
        yield from beside(name, text, _NAME_COLUMNS, indent)


def _clock(at_ms: int) -> str:
    minutes = at_ms // MINUTE_MS
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _tag(lang: str) -> str:
    """The language of the desk, if there are words in it."""
    try:
        return language(lang).tag
    except UnknownLanguage:
        return "en"
