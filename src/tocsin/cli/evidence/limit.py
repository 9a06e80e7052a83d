"""`evidence limit`: the evidence of a broken limit, if cosigned checkpoints show one."""

from pathlib import Path

import click

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.evidence.brokenlimit import find_broken_limit
from tocsin.circles.evidence.envelope import Envelope
from tocsin.circles.founding.circle import Circle
from tocsin.cli.circle.kept import read_file
from tocsin.cli.options import Command, circle_option, config_option, path_argument
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import good, say_next, shown, typed
from tocsin.core.tlog.checkpoint import SignedCheckpoint, open_checkpoint
from tocsin.core.tlog.proof import MAX_PROOF_BYTES, TlogProof
from tocsin.node.files import write_whole

_PROOF = b"c2sp.org/tlog-proof@"


@click.command(
    cls=Command,
    examples=("tocsin evidence limit dune-3.tlog-proof dune-90412.tlog-proof -o dune-limit.evidence",),
)
@path_argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write.",
)
@circle_option
@config_option
def limit(*, files: tuple[Path, ...], output: Path, circle: str | None, config_path: Path) -> None:
    """Show that a log grew by more than the charter allows.

    FILEs are proof files of records of one log (`tocsin prove`), or checkpoints of it, with what others
    confirmed. The same two members have to have confirmed two of them, so close to each other in time that
    the log may not have brought so much in between.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    bundle = Bundle.parse(client.bundle(state.id))
    known = bundle.circle
    found = find_broken_limit(known, [_checkpoint(path, known) for path in files])
    write_whole(output, Envelope(bundle.founded, bundle.events, found.encode(known.id)).encode())
    click.echo(
        f"{good('Written:')} {shown(str(output))}: {found.grown:,} records of {shown(found.author.label)} "
        f"within {found.within_s:,} s, where {found.allowed:,} are allowed."
    )
    say_next(
        "whoever gets it checks it offline, with the circle's id from somebody they trust:",
        f"tocsin verify {typed(output)} --circle {known.id}",
    )


def _checkpoint(path: Path, circle: Circle) -> SignedCheckpoint:
    """The checkpoint in a proof file, or in a file of its own."""
    data = read_file(path, MAX_PROOF_BYTES, "a proof file or a checkpoint")
    note = TlogProof.parse(data).checkpoint_note if data.startswith(_PROOF) else data
    return open_checkpoint(note, circle.log_keys.get)
