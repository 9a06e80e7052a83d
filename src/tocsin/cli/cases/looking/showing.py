"""`case show` and `case brief`: what is known of one case."""

from pathlib import Path

import click

from tocsin.cli.cases.looking.picture import Desk, picture
from tocsin.cli.cases.naming import named
from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import place_of
from tocsin.cli.cases.writing import check_free, force_option, hand_out
from tocsin.cli.options import Command, circle_option, config_option, file_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import columns, json_text, say_next, typed, waiting
from tocsin.node.api.cases.found import ArchiveQuery, BriefQuery
from tocsin.node.caseclient import CaseClient
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config


@click.command(
    cls=Command, examples=("tocsin case show birch.1.12", "tocsin case show birch.1.12 --records 500")
)
@click.argument("case", type=RecordName())
@click.option(
    "--records",
    "most",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    metavar="NUMBER",
    help="At most so many records, the newest.",
)
@circle_option
@config_option
@json_option
def show(*, case: str, most: int, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show what is known of a case.

    What is said of it and who says so; how many independent sources there are, and who only repeats; what was
    asked, and who has not answered; who has received each record, and which officer is aware of it. What was
    corrected, withdrawn or does not count is shown as that.
    """
    config = load_config(config_path)
    client = CaseClient(config.api_socket)
    state = chosen(client.status(), circle)
    view, delivered = client.case(state.id, case), client.delivery(state.id, case)
    if as_json:
        click.echo(json_text(named({"case": view, "delivery": delivered})))
        return
    if state.drill:
        click.echo(waiting("DRILL: nothing in this is real."))
    place, erased = place_of(state, case), None
    if view.state == "unknown":
        (opening,) = client.records(state.id, place.log, place.index, 1).records
        erased = opening.erasure
    desk = Desk(state.member, config.desk.lang)
    click.echo("\n".join(picture(view, delivered, SystemClock().wall_ms(), most, desk, erased=erased)))


@click.command(
    cls=Command,
    examples=("tocsin case brief birch.1.12 --lang ko", "tocsin case brief birch.1.12 --output brief.md"),
)
@click.argument("case", type=RecordName())
@click.option("--lang", help="In which language: en, ja, ko, ru, tg, zh-Hant.  [default: the desk's]")
@file_option("--output", "-o", help="Write it there, in Markdown.  [default: show it]")
@force_option
@circle_option
@config_option
@json_option
def brief(
    *,
    case: str,
    lang: str | None,
    output: Path | None,
    force: bool,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Give one page about a case, for whoever decides.

    What is known and what not, what was asked, what was decided and by whom. What members wrote themselves
    stands in their own words and languages.
    """
    config = load_config(config_path)
    client = CaseClient(config.api_socket)
    state = chosen(client.status(), circle)
    if output:
        check_free(output, force=force)
    lang = lang or config.desk.lang
    page = client.brief(
        state.id, case, BriefQuery(lang=lang, columns=None if output or as_json else columns())
    )
    if output:
        hand_out(output, page.encode(), force=force, as_json=as_json, case=case, lang=lang)
    else:
        click.echo(json_text({"case": case, "lang": lang, "markdown": page}) if as_json else page)


@click.command(
    cls=Command,
    examples=("tocsin case evidence birch.1.12", "tocsin case evidence birch.1.12 --lang ja -o case.zip"),
)
@click.argument("case", type=RecordName())
@click.option("--lang", help="In which language its page is.  [default: the desk's]")
@file_option("--output", "-o", help="Where to write it.  [default: CASE.zip]")
@force_option
@circle_option
@config_option
@json_option
def evidence(
    *,
    case: str,
    lang: str | None,
    output: Path | None,
    force: bool,
    circle: str | None,
    config_path: Path,
    as_json: bool,
) -> None:
    """Write a case with all that shows it into one file.

    It has a page to read, every record with its proof, the circle, and the attachments that are here (at most
    256 MiB, the small ones first). Whoever unpacks it opens the page in a browser, without a network, and
    sees what holds and what does not. It contains the records: hand it only to those who may read them.
    """
    config = load_config(config_path)
    client = CaseClient(config.api_socket)
    state = chosen(client.status(), circle)
    output, lang = output or Path(f"{case}.zip"), lang or config.desk.lang
    check_free(output, force=force)
    data = client.archive(state.id, case, ArchiveQuery(lang=lang))
    hand_out(output, data, force=force, as_json=as_json, circle=state.id, case=case, lang=lang)
    if not as_json:
        say_next(
            "give it to whoever is to check it, with the circle's id by another way:",
            f"tocsin verify {typed(output)} --circle {state.id}",
        )
