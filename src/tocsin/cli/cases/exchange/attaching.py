"""`case attach` and `case fetch`: content that records name by its hash."""

import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path

import click

from tocsin.cli.cases.parsing import RecordName
from tocsin.cli.cases.speaking import Speaker, case_of, record_of, speaking
from tocsin.cli.circle.kept import read_file
from tocsin.cli.options import Command, circle_option, config_option, folder_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import good, json_text, shown, waiting
from tocsin.core.errors import Refusal
from tocsin.core.records import Attachment, Correction, Report
from tocsin.node.api.cases.attaching import MAX_ATTACHED_BYTES, AttachQuery
from tocsin.node.api.cases.types import SayCorrection
from tocsin.node.api.types import CircleState
from tocsin.node.caseclient import CaseClient
from tocsin.node.config import load_config
from tocsin.node.files import OWNER_ONLY, write_whole

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_files = click.Path(path_type=Path, dir_okay=False)


class NoAttachments(Refusal):
    """Nothing is attached to that record."""

    code = "no-attachments"


attach_option = click.option(
    "--attach", "attached", type=_files, multiple=True, metavar="FILE", help="Content that belongs to it."
)


@click.command(
    cls=Command,
    examples=(
        "tocsin case attach birch.1.12 picture.png",
        "tocsin case attach birch.1.12 seized.bin --illegal",
    ),
)
@click.argument("report", type=RecordName())
@click.argument("files", type=_files, metavar="FILE...", nargs=-1, required=True)
@click.option("--illegal", is_flag=True, help="To have it may be an offence: describe it, and keep nothing.")
@speaking
def attach(*, speaker: Speaker, report: str, files: tuple[Path, ...], illegal: bool) -> None:
    """Attach files to a report of your own.

    The report says of each its hash, type and size; the content stays at your node, and goes to members that
    fetch it. Of what is illegal nothing but the hash is kept, and nobody can fetch it.
    """
    case = speaker.case_of(report)
    present = _attached(speaker, report, case)
    added = kept(speaker, files, illegal=illegal)
    each_once = {one.sha256: one for one in (*present, *added)}
    say = SayCorrection(**speaker.by, case=case, of=report, attachments=tuple(each_once.values()))
    speaker.say(say, f"{len(added)} attached to {report}", attached=added)
    if not illegal:
        speaker.next("others get it with:", f"tocsin case fetch {report}")


@click.command(
    cls=Command,
    examples=("tocsin case fetch birch.1.12", "tocsin case fetch birch.1.12 --output evidence"),
)
@click.argument("record", type=RecordName())
@folder_option
@circle_option
@config_option
@json_option
def fetch(*, record: str, output: Path, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Fetch what a record has attached, and write it into files.

    Of a report, that is what its corrections leave. It comes from whichever member has it, and is checked by
    its hash; broken off, it is resumed. What is marked as illegal is not fetched. Nobody has looked at what
    comes: open it with care.
    """
    client = CaseClient(load_config(config_path).api_socket)
    state = chosen(client.status(), circle)
    attachments = _named(client, state, record)
    if not attachments:
        raise NoAttachments(
            f"Expected a record with attachments, found none in {record}. "
            "Next: see with `tocsin case show` which record has some."
        )
    written = {}
    for one, by in attachments:
        if one.illegal:
            click.echo(waiting(f"Not fetched, since to have it may be an offence: {one.sha256}"), err=True)
            continue
        client.fetch(state.id, one.sha256, by)
        path = output / _file_name(one)
        output.mkdir(parents=True, exist_ok=True)
        write_whole(path, client.content(state.id, one.sha256), OWNER_ONLY)
        written[one.sha256] = str(path)
        if not as_json:
            click.echo(f"{good('Written:')} {shown(str(path))}")
    if as_json:
        click.echo(json_text(written))


def kept(speaker: Speaker, files: Sequence[Path], *, illegal: bool = False) -> tuple[Attachment, ...]:
    """What records say of these files, which the node keeps from now on."""
    return tuple(
        speaker.client.attach(
            speaker.state.id,
            AttachQuery(
                media_type=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
                name=file.name,
                illegal=illegal,
            ),
            read_file(file, MAX_ATTACHED_BYTES, "a file to attach"),
        )
        for file in files
    )


def _attached(speaker: Speaker, report: str, case: str) -> tuple[Attachment, ...]:
    """What a report has attached, as its corrections leave it."""
    for entry in speaker.client.case(speaker.state.id, case).timeline:
        if str(entry.ref) == report and isinstance(entry.record, Report):
            return (entry.corrected or entry.record).attachments or ()
    return ()


def _named(client: CaseClient, state: CircleState, name: str) -> list[tuple[Attachment, str]]:
    """What a record has attached, and which record says so: of a report, it or one of its corrections."""
    record = record_of(client, state, name)
    saying = {name: record}
    attached = record.attachments if isinstance(record, Report | Correction) else None
    if isinstance(record, Report):
        timeline = {str(one.ref): one for one in client.case(state.id, case_of(client, state, name)).timeline}
        if (entry := timeline.get(name)) and entry.corrected:
            attached = entry.corrected.attachments
            saying |= {str(ref): timeline[str(ref)].record for ref in entry.corrected_by}
    by = {
        one.sha256: saying_name
        for saying_name, said in saying.items()
        if isinstance(said, Report | Correction)
        for one in said.attachments or ()
    }
    return [(one, by.get(one.sha256, name)) for one in attached or ()]


def _file_name(attachment: Attachment) -> str:
    """A name that does nothing but name a file: somebody else gave it."""
    start = attachment.sha256[:12]
    return f"{start}-{attachment.name}" if _PLAIN.fullmatch(attachment.name or "") else f"{start}.content"
