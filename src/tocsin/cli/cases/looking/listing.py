"""`case list` and `case search`: which cases are open, and what was said."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import click

from tocsin.cases.picture import CaseSummary
from tocsin.cases.picture.view import State
from tocsin.cli.cases.looking.picture import count, state_in_words
from tocsin.cli.cases.naming import named
from tocsin.cli.cases.parsing import RecordName, Since
from tocsin.cli.cases.words import ENGLISH, quote
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import (
    bad,
    faint,
    good,
    json_text,
    lately,
    say,
    strong,
    waiting,
)
from tocsin.cli.words import Telling
from tocsin.core.records import KINDS
from tocsin.core.records.cases.vocabulary import Severity
from tocsin.node.api.cases.found import CaseList, CasesQuery, Hit, SearchQuery
from tocsin.node.caseclient import CaseClient
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config

_GRAVEST = {code: at for at, code in enumerate(get_args(Severity))}
_INDENT = " " * 10
_PAGE = 200
_REBUILDING = "The index is being made anew: there may be more than this."


@click.command(
    "list",
    cls=Command,
    examples=("tocsin case list", "tocsin case list --state closed --limit 200", "tocsin case list --json"),
)
@click.option(
    "--state",
    "states",
    type=click.Choice(get_args(State)),
    multiple=True,
    default=("open", "contested", "unknown"),
    show_default=True,
    metavar="STATE",
    help=f"Only those: {', '.join(get_args(State))}.",
)
@click.option(
    "--limit", type=click.IntRange(1, 1_000), default=50, show_default=True, help="At most so many."
)
@circle_option
@config_option
@json_option
def list_cases(
    *, states: Sequence[State], limit: int, circle: str | None, config_path: Path, as_json: bool
) -> None:
    """List the cases that are open, the most urgent first.

    The gravest come first; of those that are as grave, the ones with open questions; then those of which
    something was last said.
    """
    client = CaseClient(load_config(config_path).api_socket)
    circle_state = chosen(client.status(), circle)
    pages = [page for state in states for page in _pages(client, circle_state.id, state)]
    found = sorted((one for page in pages for one in page.cases), key=_urgency, reverse=True)[:limit]
    if as_json:
        click.echo(json_text(named({"cases": found, "rebuilding": any(page.rebuilding for page in pages)})))
        return
    now_ms = SystemClock().wall_ms()
    if not found:
        click.echo(good(f"No case is {' or '.join(states)}."))
    for one in found:
        click.echo("\n".join(_lines(one, now_ms, circle_state.member)))
    if any(page.rebuilding for page in pages):
        say(_REBUILDING)


@click.command(
    cls=Command,
    examples=(
        "tocsin case search smoke harbour",
        "tocsin case search '\"false picture\"' --member birch --since 2026-11-01",
        "tocsin case search --kind ask --case birch.1.12",
    ),
)
@click.argument("words", nargs=-1)
@click.option("--member", metavar="MEMBER", help="Only what this member said.")
@click.option("--kind", type=click.Choice(KINDS), metavar="KIND", help="Only this kind, such as report.")
@click.option("--case", type=RecordName(), metavar="CASE", help="Only this case.")
@click.option("--since", "since_ms", type=Since(), metavar="TIME", help="Not what was said before.")
@click.option("--until", "until_ms", type=Since(), metavar="TIME", help="Not what was said after.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="At most so many.")
@circle_option
@config_option
@json_option
def search(
    *,
    words: Sequence[str],
    member: str | None,
    kind: str | None,
    case: str | None,
    since_ms: int | None,
    until_ms: int | None,
    limit: int,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Find what was said.

    All WORDS have to be in it; several in quotes one after the other; a word with * begins so. The newest
    comes last, as in `tocsin records`. With --json, one object a line.
    """
    client = CaseClient(load_config(config_path).api_socket)
    state = chosen(client.status(), circle)
    hits = client.search(
        state.id,
        SearchQuery(
            q=" ".join(words),
            member=member,
            kind=kind,
            case=case,
            since_ms=since_ms,
            until_ms=until_ms,
            limit=limit,
        ),
    )
    telling = Telling((state,), receipts=False, names=True)
    for entry in reversed(hits.records):
        told = json_text(named(entry)) if as_json else "\n".join((*telling.lines(entry), *_became(entry)))
        click.echo(told)
    if as_json:
        return
    if not hits.records:
        click.echo("Nothing was found.")
    if hits.more:
        click.echo(f"\n{faint('There is more: --limit, or more words.')}")
    if hits.rebuilding:
        say(_REBUILDING)


def _became(hit: Hit) -> Iterator[str]:
    """What became of it."""
    if hit.standing in ("superseded", "refused"):
        yield f"{_INDENT}{bad(ENGLISH.language.word('Standing', hit.standing))}"
    if hit.withdrawn_by:
        yield f"{_INDENT}{bad(f'withdrawn by {hit.withdrawn_by}')}"
    if hit.corrected_by:
        yield f"{_INDENT}{waiting('corrected by ' + ', '.join(hit.corrected_by))}"
    if hit.summary_now:
        yield from quote(hit.summary_now, _INDENT)


def _pages(client: CaseClient, circle: str, state: State) -> Iterator[CaseList]:
    after: str | None = None
    while True:
        page = client.cases(circle, CasesQuery(state=state, after=after, limit=_PAGE))
        yield page
        if (after := page.next) is None:
            return


def _urgency(case: CaseSummary) -> tuple[int, int, int]:
    return _GRAVEST.get(case.severity or "", -1), case.open_asks, case.last_at_ms


def _lines(case: CaseSummary, now_ms: int, own: str) -> Iterator[str]:
    severity = ENGLISH.language.word("Severity", case.severity) if case.severity else "no severity given"
    sources = count(case.independent_sources, "independent source")
    state = "" if case.state == "open" else f" · {state_in_words(case.state, case.outcome)}"
    grave = bad(severity) if _GRAVEST.get(case.severity or "", 0) >= _GRAVEST["incident"] else severity
    known = good(sources) if case.corroborated else waiting(sources)
    asks = f" · {waiting(count(case.open_asks, 'open question'))}" if case.open_asks else ""
    if own in case.awaited:
        asks += f", {bad('your answer is awaited')}"
    last = faint(lately(case.last_at_ms, now_ms))
    yield f"{strong(str(case.ref))}{state} · {grave} · {known}{asks} · {last}"
    if case.summary:
        yield from quote(case.summary, "  ")
