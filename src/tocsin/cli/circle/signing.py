"""`circle sign`: an organisation signs a charter, and its node gets keys for the circle.

(1) the charter can be read; (2) the organisation key is of its mode, and of one of its members; (3) what was
drafted before is given again, since two openings of one log would be two versions of it; (4) new keys,
durably in the data folder, before anything is signed for them; (5) the draft, kept before it is handed out to
be signed (`org sign`). Where the organisation key is given: (6) a person has seen what is signed, before
there are keys or a draft; (7) the join file, kept before it is handed out.
"""

from pathlib import Path

import click

from tocsin.cli.circle.kept import read_bundle, read_charter
from tocsin.cli.node import check_endpoint
from tocsin.cli.options import Command, config_option, file_option, path_argument
from tocsin.cli.organisation.keyfile import (
    in_circle,
    public_path,
    read_half,
    read_key,
    read_public,
)
from tocsin.cli.organisation.passphrases import passphrase_of, passphrase_option, warn_of_bare_key
from tocsin.cli.organisation.signing import sign_draft
from tocsin.cli.organisation.words import charter_to_sign
from tocsin.cli.terminal import good, say_next, shown, typed
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config, load_config
from tocsin.node.files import write_whole
from tocsin.node.folder import Folder
from tocsin.node.papers.founding import Founding
from tocsin.node.papers.joining import draft_to_join
from tocsin.node.papers.organisation import mode_of, place_of


@click.command(
    cls=Command,
    examples=(
        "tocsin circle sign charter.toml",
        "tocsin circle sign charter.toml --organisation-key /media/safe/organisation-live.key",
        "tocsin circle sign charter.toml --endpoint https://10.0.0.5:8440",
        "tocsin circle sign amendment.toml --of line.circle",
    ),
)
@path_argument("charter")
@file_option(
    "--organisation-key",
    "key_path",
    help="Sign here and now with the organisation key.  [default: write a draft, for `tocsin org sign`]",
)
@file_option("--of", "bundle", help="CHARTER is an amendment of this circle, which you join.")
@passphrase_option
@click.option(
    "--endpoint", metavar="URL", help="Where the others reach this node.  [default: as in the configuration]"
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@file_option("--output", "-o", help="Where to write it.  [default: MEMBER.draft, or MEMBER.join]")
@config_option
def sign(
    *,
    charter: Path,
    key_path: Path | None,
    bundle: Path | None,
    passphrase_file: Path | None,
    endpoint: str | None,
    yes: bool,
    output: Path | None,
    config_path: Path,
) -> None:
    """Sign a charter for your organisation.

    Makes this node's keys for the circle, and a draft that names them and the node's address. Carry the draft
    to the machine that has the organisation key (`tocsin org sign`), which makes the join file of it: your
    signature on the charter and on the keys. That goes to all other members.

    With --organisation-key, what is signed is shown here, and the join file made at once.

    To join a circle that there is, CHARTER is its amendment, and --of the circle in a file, as a member
    exports it. The join file then goes to whoever collects the signatures.
    """
    config = load_config(config_path)
    url = endpoint or config.wire.public
    check_endpoint(url)
    # (1) charter
    founding = _founding(read_charter(charter), bundle, config)
    # (2) key
    mode = mode_of(founding.charter.domain)
    public = read_half(key_path) if key_path else read_public(public_path(config_path.parent, mode), mode)
    member = place_of(founding.charter, public)
    if key_path is None:
        # (3) before, (4) keys, (5) draft
        output = output or Path(f"{member.slug}.draft")
        write_whole(
            output,
            draft_to_join(
                Folder.of(config), founding, member, url, clock=SystemClock(), chance=SystemChance()
            ).encode(),
        )
        click.echo(f"{good('The draft:')} {shown(str(output))}")
        say_next(
            "carry it to the machine that has the organisation key, and sign it there:",
            f"tocsin org sign {typed(output)} --organisation-key FILE",
        )
        return
    # (6) shown
    click.echo("\n".join(charter_to_sign(founding.charter, founding.id, member.slug)))
    click.echo(f"\n  {'this node':<14}{shown(url)}\n")
    click.echo(f"The text of {shown(str(charter))} is what counts: read it, too.")
    warn_of_bare_key(key_path)
    if not yes:
        click.confirm("Sign?", abort=True)
    # (7) join file
    signed = None if founding.before else founding.join_files().get(member.slug)
    words = "Signed before; this is the same join file again:" if signed else "Signed. The join file:"
    if signed is None:
        key = read_key(key_path, mode, passphrase_of(key_path, passphrase_file))
        draft = draft_to_join(
            Folder.of(config), founding, member, url, clock=SystemClock(), chance=SystemChance()
        )
        signed = sign_draft(draft, in_circle(key, founding.charter.domain, member.slug))
        founding.keep_join_file(member.slug, signed)
    output = output or Path(f"{member.slug}.join")
    write_whole(output, signed)
    click.echo(f"\n{good(words)} {shown(str(output))}")
    if bundle:
        say_next(f"put the organisation key back into its safe. Give {output} to whoever collects.")
        return
    say_next(
        f"put the organisation key back into its safe. Give {output} to all other members, and with theirs:",
        f"tocsin circle join {typed(charter)} FILE…",
    )


def _founding(text: str, bundle: Path | None, config: Config) -> Founding:
    """A circle to be founded, or one that there is, in which the amendment makes a place."""
    if bundle is None:
        return Founding.of(text, config.data_folder)
    circle = read_bundle(bundle).circle
    return Founding.amending(text, circle, config.data_folder)
