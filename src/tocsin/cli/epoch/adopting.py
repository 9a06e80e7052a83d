"""`epoch adopt`: the node takes an opening that its organisation signed, and goes on with the keys it names.

(1) the file is a signed opening; (2) the keys that it names are here; (3) the circle is here, or was handed
in by `circle recover`; (4) the node takes it, and says what it then does.
"""

from pathlib import Path

import click

from tocsin.circles.founding.opening import read_opening
from tocsin.cli.circle.kept import read_file
from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, config_option, json_option, path_argument
from tocsin.cli.terminal import bad, good, json_text, paragraph, say, shown, strong
from tocsin.core.errors import quoted
from tocsin.core.records import Opening
from tocsin.core.tlog.entry import MAX_RECORD_BYTES
from tocsin.node.api.changetypes import Done
from tocsin.node.client import Client
from tocsin.node.config import Config, load_config
from tocsin.node.errors import KeysMissing
from tocsin.node.folder import Folder
from tocsin.node.papers.founding import kept_bundle


@click.command(
    cls=Command,
    examples=("tocsin epoch adopt apricot-epoch-2.signed", "tocsin epoch adopt FILE --json"),
)
@path_argument("file")
@config_option
@json_option
def adopt(*, file: Path, config_path: Path, as_json: bool) -> None:
    """Take what your organisation signed, and go on with the new keys.

    FILE is what `tocsin org sign` made of a draft. The node must run. Every member learns of the new keys
    from it, or from any other member.
    """
    config = load_config(config_path)
    # (1) opening
    data = read_file(file, MAX_RECORD_BYTES, "a signed opening")
    opening = read_opening(data)
    # (2) keys
    _check_keys(config, opening)
    # (3) circle, (4) taken
    done = _take(config, opening, data.decode())
    if as_json:
        click.echo(json_text(done))
    elif done.halted:
        click.echo(bad("The opening is kept, and your node does not write:"))
        click.echo("\n".join(paragraph(done.halted, "  ")))
    else:
        click.echo(f"{good('Adopted:')} your node goes on in {strong(f'epoch {opening.epoch}')}.")
        say(f"Keep {shown(str(file))}: a copy of it tells any member of the new keys.")


def _take(config: Config, opening: Opening, event: str) -> Done:
    client = Client(config.api_socket)
    if opening.circle in {circle.id for circle in client.status().circles}:
        return client.take(opening.circle, [event])
    bundle = kept_bundle(config.data_folder, opening.circle)
    if bundle is None:
        raise NotSetUp(
            f"Expected an opening for a circle of this node, found one for {opening.circle}. Next: "
            "`tocsin circle recover`, with a file that another member exports."
        )
    return client.take_bundle(bundle.decode(), [event])


def _check_keys(config: Config, opening: Opening) -> None:
    """That the keys that it names are here. Raises KeysMissing."""
    folder, log = Folder.of(config), opening.log_name
    here = log.epoch in folder.epochs(log.circle)
    if not here or folder.keys(log.circle, log.epoch).member.log.verifying != opening.log_key:
        raise KeysMissing(
            f"Expected the keys that {quoted(str(log))} was opened for, found none or others. Next: adopt it "
            "on the node that made the draft; or draft anew (`tocsin epoch draft`)."
        )
