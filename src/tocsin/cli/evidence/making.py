"""`prove`, `log export`: what a node can hand out for others to check."""

from pathlib import Path

import click

from tocsin.cli.options import Command, circle_option, config_option, file_option
from tocsin.cli.reaching import chosen, log_of, reach
from tocsin.cli.terminal import good, say_next, shown, typed
from tocsin.core.errors import Refusal, quoted
from tocsin.core.names import LogName
from tocsin.log.export import export_log
from tocsin.log.sqlite import SqliteStore
from tocsin.log.store import Store
from tocsin.node.clock import SystemChance
from tocsin.node.config import load_config
from tocsin.node.files import OWNER_ONLY, write_whole
from tocsin.node.folder import Folder

_output_option = file_option(
    "--output", "-o", help="Where to write it.  [default: a name that says what it is]"
)
_member_option = click.option("--member", metavar="MEMBER", help="Whose log.  [default: yours]")


class NothingFound(Refusal):
    """There is nothing to hand out."""

    code = "nothing-found"


@click.command(
    cls=Command,
    examples=("tocsin prove 3", "tocsin prove 7 --member birch --output birch-7.tlog-proof"),
)
@click.argument("number", type=click.IntRange(min=0))
@_member_option
@circle_option
@_output_option
@config_option
def prove(
    *, number: int, member: str | None, circle: str | None, output: Path | None, config_path: Path
) -> None:
    """Write a proof of one record, for anyone.

    NUMBER is the record's number in its log; `tocsin records` shows it. The file holds the record, who wrote
    it, and who has received and confirmed it. Whoever gets it checks it offline, trusting none of the
    members. It contains the record: hand it only to those who may read that.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    log = log_of(state, member)
    data = client.proof(state.id, log, number)
    output = output or Path(f"{LogName.parse(log).member}-{number}.tlog-proof")
    # It holds a record in the clear.
    write_whole(output, data, OWNER_ONLY)
    click.echo(f"{good('Written:')} {shown(str(output))}")
    say_next(
        "give it to whoever is to check it, offline, with the circle's id from somebody they trust:",
        f"tocsin verify {typed(output)} --circle {state.id}",
    )


@click.group()
def log() -> None:
    """Hand out a log for auditors."""


@log.command(cls=Command, examples=("tocsin log export apricot apricot-log",))
@click.argument("member")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@circle_option
@config_option
def export(*, member: str, folder: Path, circle: str | None, config_path: Path) -> None:
    """Export a member's log as a folder of static files, for public tools.

    FOLDER, new or empty, gets the log as C2SP tlog-tiles has it: its signed state, and what any proof of its
    records is checked against. No record is in it, so that it can be published.
    """
    database = Folder.of(load_config(config_path)).database
    if not database.exists():
        raise NothingFound(f"Expected a database at {database}, found none. Next: `tocsin doctor`.")
    # The node may go on meanwhile: logs only grow, and what was signed of them stays.
    store = SqliteStore(database, SystemChance(), beside=True)
    try:
        name = _one_log(store, member, circle or "")
        note = store.newest_checkpoint(name)
        if note is None:
            raise NothingFound(f"Expected a log with a signed state, found nothing of {name} yet.")
        export_log(store, name, folder, note)
    finally:
        store.close()
    click.echo(f"{good('Written:')} {shown(str(folder))}, the log {name}")


def _one_log(store: Store, member: str, circle: str) -> str:
    """The log of that member in the circle whose id starts so. Raises NothingFound."""
    names = [LogName.parse(name) for name in store.logs()]
    found = [name for name in names if name.member == member and name.circle.startswith(circle)]
    if len(found) != 1:
        known = ", ".join(f"{name.member} in {name.circle[:8]}…" for name in names) or "no log at all"
        raise NothingFound(
            f"Expected one log of {quoted(member)}, found {len(found)} among {known}. "
            "Next: name one of these, and its circle with --circle."
        )
    return str(found[0])
