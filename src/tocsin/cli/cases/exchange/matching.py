"""`case observe` and `case match`: what we observed ourselves, and what of it fits what others ask."""

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from tocsin.cases.formats.ids import stamp
from tocsin.cases.matching import Match, Probe, Proposal
from tocsin.cases.telling.teller import cut
from tocsin.cli.cases.looking.picture import count
from tocsin.cli.cases.parsing import Role
from tocsin.cli.cases.speaking import OFFICER
from tocsin.cli.cases.words import ENGLISH
from tocsin.cli.options import Command, as_here, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import (
    columns,
    faint,
    good,
    json_text,
    moment,
    paragraph,
    say,
    shown,
    strong,
    waiting,
)
from tocsin.core.records import Source
from tocsin.node.api.cases.observing import MatchQuery, ProposalsQuery
from tocsin.node.caseclient import CaseClient
from tocsin.node.config import load_config
from tocsin.node.observing.files import read_file

_AT_ONCE = 500
_TO_THE_SECOND = len("2026-11-22T09:30:00")
_OF = {
    (False, False): "of what you observed fits what others ask",
    (True, False): "of what you observed fits this",
    (False, True): "was judged by a machine here",
}
"""What there is none of: with a text or not, of probes or not."""
_NOT_WHOLE = "What is kept is still being read: there may be more than this."


@click.command(
    cls=Command,
    examples=("tocsin case observe sightings.csv", "tocsin case observe crawler.jsonl --feed crawler"),
)
@click.argument(
    "files", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE...", nargs=-1, required=True
)
@click.option("--feed", metavar="NAME", help="From which feed they come.  [default: as the file says]")
@config_option
@json_option
def observe(*, files: tuple[Path, ...], feed: str | None, config_path: Path, as_json: bool) -> None:
    """Keep what your organisation observed itself.

    FILEs are tables (CSV) with the columns id, at, source, obtained and, as there are, text, lang, system,
    version, operator, sha256, pdq, url, domain, class, handling: `source` is what an answer may cite, an
    address or words; `obtained` is first-hand, received, published, automatic, confidential or other. Or
    they are JSON lines, each as `tocsin case observed --json` lists it. One of an id that is there takes its
    place. It stays at your node; what others ask is compared with it, and what fits is proposed to you.
    """
    client = CaseClient(load_config(config_path).api_socket)
    # Of a file that is refused, nothing is kept.
    observations = iter([one for file in files for one in read_file(file, feed)])
    kept = 0
    while some := list(islice(observations, _AT_ONCE)):
        client.observe(some)
        kept += len(some)
    click.echo(json_text({"kept": kept}) if as_json else f"{good('Kept:')} {count(kept, 'observation')}.")


@click.command(
    cls=Command,
    examples=(
        "tocsin case match",
        'tocsin case match --text "smoke beside a large building"',
        "tocsin case match --probes",
    ),
)
@click.option("--text", help="What of ours fits this text.  [default: what fits the open asks]")
@click.option("--probes", is_flag=True, help="What a machine was let judge, and for whom.")
@click.option(
    "--author", type=Role(), default=OFFICER, show_default=True, metavar="ROLE", help="For which officer."
)
@click.option(
    "--limit", type=click.IntRange(1, 200), default=5, show_default=True, help="At most so many each."
)
@circle_option
@config_option
@json_option
def match(
    *,
    text: str | None,
    probes: bool,
    author: str,
    limit: int,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """See what of yours fits what others ask.

    Of each open ask: your observations that fit it, by what, and the answer that you could give. Nothing
    leaves your node by that: you answer, with the command that is shown or another.
    """
    if text is not None and probes:
        raise click.UsageError("--text and --probes do not go together.")
    client = CaseClient(load_config(config_path).api_socket)
    if text is not None:
        found = client.match(MatchQuery(text=text, limit=limit))
        whole, lines = found.whole, [line for one in found.matches for line in _match(one)]
        told: object = found
    else:
        state = chosen(client.status(), circle)
        if probes:
            judged = client.probes(state.id)
            told, whole, lines = judged, True, [_probe(one) for one in judged.probes]
        else:
            proposed = client.proposals(state.id, ProposalsQuery(author=author, limit=limit))
            told, whole = proposed, proposed.whole
            lines = [line for one in proposed.proposals for line in _proposal(one)]
    if as_json:
        click.echo(json_text(told))
        return
    click.echo("\n".join(lines) or f"Nothing {_OF[text is not None, probes]}.")
    if not whole:
        say(_NOT_WHOLE)


def _proposal(proposal: Proposal) -> Iterator[str]:
    yield f"{strong(str(proposal.ask))} in case {proposal.case}"
    for one in proposal.matches:
        yield from _match(one)
    answer = proposal.answer
    sources = "".join(f" --source {shlex.quote(typed_source(source))}" for source in answer.sources or ())
    by = "" if answer.author == OFFICER else f" --author {answer.author}"
    typed = as_here(f"tocsin case answer {answer.ask} {answer.seen}{shown(sources)}{by}")
    yield f"  {good('To answer:')} {typed}"


def _match(match: Match) -> Iterator[str]:
    seen = match.observation
    by = ENGLISH.language.word("Matched", match.matched)
    yield f"  {match.score_permille / 10:.0f} %  {shown(seen.id)}, by {by}"
    text = cut(seen.texts[0].text, columns()) if seen.texts else ""
    yield from map(faint, paragraph(f"{typed_source(seen.source)}{'  ' if text else ''}{text}", "        "))


def _probe(probe: Probe) -> str:
    outcome = good(probe.outcome) if probe.outcome == "allowed" else waiting(probe.outcome)
    why = f" ({probe.reason})" if probe.reason else ""
    said = {True: ", answered seen", False: ", answered cannot-tell", None: ""}[probe.seen]
    asked = f"{moment(probe.at_ms)}  {strong(probe.asker)} asked {probe.ask}"
    return f"{asked}: {outcome}{why}{said}, cost {probe.cost}"


def typed_source(source: Source) -> str:
    """A source as --source takes it."""
    at = None if source.obtained_at_ms is None else stamp(source.obtained_at_ms)
    words = [
        source.kind,
        str(source.record) if source.record else source.locator or "",
        source.obtained or "",
        "" if at is None else f"{at[:_TO_THE_SECOND]}Z",
    ]
    if source.sha256:
        words.append(f"sha256:{source.sha256}")
    return " ".join(filter(None, words))
