"""`case import` and `case export`: the files of others' formats."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import click

from tocsin.cases.formats.terms import Placed
from tocsin.cases.telling.teller import cut
from tocsin.cli.cases.looking.picture import count
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import By, by_options
from tocsin.cli.cases.writing import check_free, force_option, hand_out
from tocsin.cli.circle.kept import read_file
from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option, path_argument
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import faint, json_text, paragraph, say_next, shown, strong, waiting
from tocsin.core.records import Tlp
from tocsin.node.api.cases.exchangetypes import (
    ExportFormat,
    ExportQuery,
    ImportedCase,
    ImportedFile,
    ImportFormat,
    ImportQuery,
)
from tocsin.node.api.operations import MAX_BYTES_BYTES
from tocsin.node.caseclient import CaseClient
from tocsin.node.config import load_config

_TITLE = 100
_ENDINGS = {"misp": "misp.json", "stix": "stix.json", "oecd": "oecd.json", "oecd-table": "oecd.md"}


@click.command(
    "import",
    cls=Command,
    examples=(
        "tocsin case import event.json --format misp --dry-run",
        "tocsin case import bundle.json --format stix --tlp TLP:GREEN",
        "tocsin case import event.json --format misp --case birch.1.12 --ask birch.1.13",
    ),
)
@path_argument("file")
@click.option(
    "--format", "form", type=click.Choice(get_args(ImportFormat)), required=True, help="What the file is."
)
@click.option("--case", type=RecordName(), metavar="CASE", help="It adds to this case.  [default: new ones]")
@click.option("--ask", type=RecordName(), metavar="ASK", help="Sightings in it are the answer to this.")
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="UUID=TLP",
    help="The label that a MISP sharing group has: an unknown group is refused.",
)
@click.option(
    "--tlp", type=click.Choice(get_args(Tlp)), metavar="TLP", help="The label of what has none in the file."
)
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would become of it.")
@click.option("--again", is_flag=True, help="Also what you have brought in before.")
@by_options
@circle_option
@config_option
@json_option
def import_file(
    *,
    file: Path,
    form: ImportFormat,
    case: str | None,
    ask: str | None,
    groups: Sequence[str],
    dry: bool,
    again: bool,
    tlp: Tlp | None,
    by: By,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Take others' files into cases: MISP, STIX 2.1, AI Incident Database.

    Each event or incident of FILE becomes a case, with its sources. What no record has a place for is listed:
    nothing is lost in silence. What you have brought in before is not written again: it is known by the
    identifier that the file gives it.
    """
    data = read_file(file, MAX_BYTES_BYTES, "a file to import")
    client = CaseClient(load_config(config_path).api_socket)
    state = chosen(client.status(), circle)
    query = ImportQuery(
        format=form,
        author=by["author"],
        author_kind=by["author_kind"],
        answerable=by["answerable"],
        case=case,
        ask=ask,
        tlp=tlp,
        groups=",".join(groups),
        dry=dry,
        again=again,
    )
    found = client.import_cases(state.id, query, data)
    click.echo(json_text(found) if as_json else "\n".join(_imported(found)))
    if any(one.already for one in found.cases) and not as_json:
        say_next("to write it all the same, add --again.")


@click.command(
    "export",
    cls=Command,
    examples=(
        "tocsin case export birch.1.12 --format misp --up-to TLP:GREEN",
        "tocsin case export birch.1.12 --format oecd-table --up-to TLP:CLEAR --name birch --output -",
    ),
)
@click.argument("case", type=RecordName())
@click.option(
    "--format", "form", type=click.Choice(get_args(ExportFormat)), required=True, help="What it is to be."
)
@click.option(
    "--up-to",
    type=click.Choice(get_args(Tlp)),
    metavar="TLP",
    required=True,
    help="Leave out what is marked above that: TLP:CLEAR, TLP:GREEN, …",
)
@click.option("--name", "named", multiple=True, metavar="MEMBER", help="May be named; others are “member 2”.")
@file_option("--output", "-o", help="Where to write it; - is standard output.  [default: CASE.FORMAT.json]")
@force_option
@circle_option
@config_option
@json_option
def export(
    *,
    case: str,
    form: ExportFormat,
    up_to: Tlp,
    named: Sequence[str],
    output: Path | None,
    force: bool,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Write a case in others' formats: MISP, STIX 2.1, the OECD's framework.

    Only what the marking lets out, and without the names of members that may not be named. What of the case
    the format has no place for is listed.
    """
    output = output or Path(f"{case}.{_ENDINGS[form]}")
    shows = output == Path("-")
    if shows and as_json:
        raise click.UsageError("--json and --output - do not go together.")
    client = CaseClient(load_config(config_path).api_socket)
    state = chosen(client.status(), circle)
    if not shows:
        check_free(output, force=force)
    query = ExportQuery(format=form, up_to=up_to, named=",".join(named))
    exported = client.export_case(state.id, case, query)
    for line in () if as_json else _without_place(exported.no_place):
        click.echo(line, err=True)
    if shows:
        click.echo(exported.data, nl=False)
        return
    told = {"circle": state.id, "case": case, "format": form, "no_place": exported.no_place}
    hand_out(output, exported.data, force=force, as_json=as_json, **told)


def _imported(found: ImportedFile) -> Iterator[str]:
    for one in found.cases:
        if one.already:
            yield f"is here already as {strong(one.case or '')}; nothing was written: {_title(one)}"
            if one.lacking:
                lacking = f"{count(one.lacking, 'record')} of it missing here"
                yield f"  {waiting(lacking)}; to add all of it: --case {one.case} --again"
            elif one.differs:
                yield f"  {waiting('it says now what was not in it then')}; compare it with {one.case}"
            continue
        where = (
            f"{strong(one.case)}, {count(len(one.records), 'record')}"
            if one.case
            else waiting("nothing written")
        )
        yield f"{where}: {_title(one)}"
        counts = Counter(placed.where for placed in one.placed)
        yield f"  {counts['mapped']} elements said in fields, {counts['kept']} kept beside them"
        yield from _without_place([placed for placed in one.placed if placed.where == "no-place"])
    if not found.cases:
        yield "There is nothing in it that could be a case."


def _title(one: ImportedCase) -> str:
    return shown(cut(one.title, _TITLE))


def _without_place(lost: Sequence[Placed]) -> Iterator[str]:
    """What has no place, each once: of one record, several things may have none."""
    told = dict.fromkeys(f"{placed.path}: {placed.why}" for placed in lost)
    if told:
        yield f"  {waiting(f'{len(told)} without a place:')}"
    for one in told:
        yield from map(faint, paragraph(one, "    "))
