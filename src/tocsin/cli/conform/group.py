"""`conform prepare` and `conform run`: hold an endpoint against the protocol."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.protocol import Endpoint
from tocsin.cli.conform.cases import ALL, vectors
from tocsin.cli.conform.judging import Case, Differs, Verdict
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.stage import ATTACHMENT, SUBJECT, load, prepare
from tocsin.cli.conform.subject import Subject
from tocsin.cli.failing import REFUSED
from tocsin.cli.node import check_endpoint
from tocsin.cli.options import Command, json_option
from tocsin.cli.terminal import bad, beside, good, json_text, say_next, shown, strong, typed
from tocsin.core.errors import Refusal
from tocsin.node.clock import SystemChance

_ROOM = 22
_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def conform() -> None:
    """Test whether an endpoint keeps to the protocol."""


@conform.command(
    "prepare",
    cls=Command,
    examples=(
        "tocsin conform prepare trial --endpoint https://tocsin.apricot.example:8440",
        "tocsin conform prepare trial --endpoint http://127.0.0.1:8440",
    ),
)
@_folder
@click.option("--endpoint", required=True, metavar="URL", help="Where the endpoint under test will listen.")
def prepare_command(*, folder: Path, endpoint: str) -> None:
    """Make a drill in which an endpoint is to be tested.

    FOLDER gets a charter and the join files of all members. One of them, `subject`, is the endpoint under
    test: its keys are made too, and lie with what it needs in FOLDER/subject. The others are played. A drill
    is good for one run, since the endpoint remembers it.
    """
    check_endpoint(endpoint)
    subject = prepare(folder, endpoint, SystemChance())
    click.echo(f"{good('Written:')} {shown(str(subject))}, for the endpoint under test")
    config = typed(subject / "tocsin.toml")
    say_next(
        "start the endpoint with these keys, let it join with the charter and the join files, attach "
        f"{ATTACHMENT} to a report, and test it. If it is a node of ours:",
        f"tocsin run --config {config} &",
    )
    click.echo(
        f"  tocsin circle join {typed(subject)}/charter.toml {typed(subject)}/*.join --config {config}"
    )
    click.echo(
        f'  tocsin case report --source "person runner first-hand" --attach {typed(subject / ATTACHMENT)} '
        f"--config {config}"
    )
    click.echo(f"  tocsin conform run {typed(folder)}")


@conform.command(
    "run",
    cls=Command,
    examples=(
        "tocsin conform run trial",
        "tocsin conform run trial --only 9.2 --only 11 --json",
        "tocsin conform run trial --vectors vectors",
    ),
)
@_folder
@click.option("--endpoint", metavar="URL", help="Call this address instead, such as that of a proxy.")
@click.option(
    "--only", multiple=True, metavar="SECTION", help="Only the cases of this section; may be repeated."
)
@click.option(
    "--vectors",
    "vectors_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Also the messages of the protocol's test vectors.",
)
@json_option
@click.pass_context
def run_command(
    ctx: click.Context,
    *,
    folder: Path,
    endpoint: str | None,
    only: Sequence[str],
    vectors_folder: Path | None,
    as_json: bool,
) -> None:
    """Test an endpoint: what should be taken is taken, and what should be refused is refused, by its name.

    FOLDER is what `tocsin conform prepare` made. Each line is one case, with the section of docs/protocol.md
    that it holds the endpoint against. Exit code 0 says that all of them hold, 1 that one does not.
    """
    cases = [case for case in ALL if _is_meant(case, only)]
    if vectors_folder:
        cases += vectors.cases_of(vectors_folder)
    verdicts = asyncio.run(_run(folder, endpoint, cases, tell=not as_json))
    failed = sum(not verdict.holds for verdict in verdicts)
    held = len(verdicts) - failed
    if as_json:
        click.echo(json_text({"held": held, "failed": failed, "cases": _as_json(verdicts)}))
    else:
        words = f"{held} of {len(verdicts)} cases hold"
        click.echo(f"\n{bad(words) if failed else good(words)}")
    ctx.exit(REFUSED if failed else 0)


def _is_meant(case: Case, only: Sequence[str]) -> bool:
    section = case.section.partition(" ")[0]
    return not only or any(section == one or section.startswith(f"{one}.") for one in only)


async def _run(folder: Path, url: str | None, cases: Sequence[Case], *, tell: bool) -> list[Verdict]:
    circle, players, content = load(folder, SystemChance())
    member = circle.by_slug[SUBJECT]
    endpoint = Endpoint(url=url or member.endpoint.url, tls_spki_sha256=member.endpoint.tls_spki_sha256)
    unseen = iter(players[2:])
    verdicts = []
    async with HttpWire(unsafe_loopback=True) as wire:
        subject = Subject(circle, member, endpoint, wire, players, content=content)
        for case in cases:
            verdicts.append(await _judge(case, subject, [next(unseen) for _ in range(case.players)]))
            if tell:
                click.echo("\n".join(_lines(verdicts[-1])))
    return verdicts


async def _judge(case: Case, subject: Subject, players: Sequence[Player]) -> Verdict:
    try:
        await case.run(subject, *players)
    except Differs as differs:
        return Verdict(case, differs.expected, differs.found)
    except Refusal as refusal:
        # What came back can be read, and does not hold: a cosignature, a proof, a record.
        return Verdict(case, "what verifies", f"{refusal.code}: {refusal}")
    return Verdict(case)


def _lines(verdict: Verdict) -> Iterator[str]:
    case = verdict.case
    mark = good("holds ") if verdict.holds else bad("FAILS ")
    yield from beside(f"{mark} {case.section}", case.name, _ROOM)
    if not verdict.holds:
        indent = " " * _ROOM
        yield from beside(strong("expected"), verdict.expected, 10, indent)
        yield from beside(strong("found"), verdict.found, 10, indent)


def _as_json(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """What programs may rely on (docs/conformance.md)."""
    return [
        {
            "section": verdict.case.section,
            "name": verdict.case.name,
            "good": verdict.case.good,
            "holds": verdict.holds,
            "expected": verdict.expected or None,
            "found": verdict.found or None,
        }
        for verdict in verdicts
    ]
