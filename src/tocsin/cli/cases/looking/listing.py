"""`case list` and `case search`: which cases are open, and what was said."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import click
from msgspec.structs import replace

from tocsin.cases.picture import CaseSummary
from tocsin.cases.picture.view import State
from tocsin.cli.cases.looking.picture import Desk, count, for_desk, state_in_words
from tocsin.cli.cases.naming import named
from tocsin.cli.cases.parsing import RecordName, Since
from tocsin.cli.cases.words import ENGLISH, quote, translated
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import (
    bad,
    dotted,
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
from tocsin.core.records.cases.vocabulary import gravity
from tocsin.node.api.cases.found import CaseList, CasesQuery, Hit, SearchQuery
from tocsin.node.caseclient import CaseClient
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config

_FURTHER = "  "
_INDENT = " " * 10
_NOT_CLOSED: tuple[State, ...] = ("open", "contested", "unknown")
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
    metavar="STATE",
    help=f"Only those: {', '.join(get_args(State))}.  [default: all but closed ones into which nothing came]",
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

    A closed one stands among them if something came in since: a report, an ask, a correction, or that it was
    seen, which the member that closed it had not received by then.

    The gravest come first; of those that are as grave, the ones with open questions; then those of which
    something was last said.
    """
    config = load_config(config_path)
    client = CaseClient(config.api_socket)
    circle_state = chosen(client.status(), circle)
    queries = [CasesQuery(state=state, limit=_PAGE) for state in states or _NOT_CLOSED]
    if not states:
        queries.append(CasesQuery(state="closed", since_closing=True, limit=_PAGE))
    pages = [page for query in queries for page in _pages(client, circle_state.id, query)]
    found = sorted((one for page in pages for one in page.cases), key=_urgency, reverse=True)[:limit]
    if as_json:
        click.echo(json_text(named({"cases": found, "rebuilding": any(page.rebuilding for page in pages)})))
        return
    now_ms = SystemClock().wall_ms()
    if not found:
        click.echo(good(f"No case is {' or '.join(states or _NOT_CLOSED)}."))
    for one in found:
        click.echo("\n".join(_lines(one, now_ms, Desk(circle_state.member, config.desk.lang))))
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
        yield f"{_INDENT}it says now:"
        yield from quote(hit.summary_now, _INDENT)


def _pages(client: CaseClient, circle: str, query: CasesQuery) -> Iterator[CaseList]:
    while True:
        page = client.cases(circle, query)
        yield page
        if page.next is None:
            return
        query = replace(query, after=page.next)


def _urgency(case: CaseSummary) -> tuple[int, int, int]:
    return gravity(case.severity), case.open_asks, case.last_at_ms


def _lines(case: CaseSummary, now_ms: int, desk: Desk) -> Iterator[str]:
    severity = ENGLISH.language.word("Severity", case.severity) if case.severity else "no severity given"
    sources = count(case.independent_sources, "independent source")
    parts = [strong(str(case.ref))]
    if case.state != "open":
        parts.append(state_in_words(case))
    grave = bad(severity) if gravity(case.severity) >= gravity("incident") else severity
    known = good(sources) if case.corroborated else waiting(sources)
    parts += [grave, known]
    if case.open_asks:
        # Once the member that opened it has closed it, nobody owes an answer to what was asked before.
        owed = case.state in ("open", "unknown") and desk.member in case.awaited
        awaited = f", {bad('your answer is awaited')}" if owed else ""
        parts.append(waiting(count(case.open_asks, "open question")) + awaited)
    yield from dotted((*parts, faint(lately(case.last_at_ms, now_ms))))
    told = next(for_desk(case.translations, case.lang, desk.lang), None)
    if told:
        yield from translated(told, _FURTHER)
    elif case.summary:
        yield from quote(case.summary, _FURTHER)
