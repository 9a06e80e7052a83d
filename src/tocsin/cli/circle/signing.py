"""`circle sign`: a person reads a charter in plain words, and signs it for an organisation.

(1) the charter can be read; (2) the key is of its mode, and of one of its members; (3) a person has seen what
is signed; (4) a charter that was signed before gives the same join file again, since two openings of one log
would be two versions of it; (5) new online keys, durably in the data folder, before anything is signed for
them; (6) the join file, kept before it is handed out.
"""

from pathlib import Path

import click

from tocsin.circles.errors import NonMember
from tocsin.circles.founding.charter import CharterMember
from tocsin.circles.founding.joinfile import make_join_file
from tocsin.circles.founding.opening import make_opening
from tocsin.cli.circle.kept import Founding, read_charter
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.node import check_endpoint
from tocsin.cli.options import Command, config_option, file_option, path_argument
from tocsin.cli.organisation import in_circle, mode_of, read_key
from tocsin.cli.terminal import good, say_next, shown, strong, typed
from tocsin.core.keys import SigningKey, VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.records import Endpoint
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config, load_config
from tocsin.node.errors import KeysMissing
from tocsin.node.folder import Folder, NodeKeys

_FIRST_EPOCH = 1


@click.command(
    cls=Command,
    examples=(
        "tocsin circle sign charter.toml --organisation-key /media/safe/organisation-live.key",
        "tocsin circle sign charter.toml --organisation-key FILE --endpoint https://10.0.0.5:8440",
    ),
)
@path_argument("charter")
@file_option(
    "--organisation-key",
    "key_path",
    required=True,
    help="The organisation key, from its safe. It is read here and nowhere else.",
)
@click.option(
    "--endpoint", metavar="URL", help="Where the others reach this node.  [default: as in the configuration]"
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@file_option("--output", "-o", help="Where to write the join file.  [default: MEMBER.join]")
@config_option
def sign(
    *,
    charter: Path,
    key_path: Path,
    endpoint: str | None,
    yes: bool,
    output: Path | None,
    config_path: Path,
) -> None:
    """Sign a charter for your organisation.

    Shows what is signed, and asks. Then makes this node's keys for the circle, and writes the join file,
    which goes to all other members: your organisation's signature on the charter, your node's public keys and
    its address. Put the organisation key back into its safe afterwards.
    """
    config = load_config(config_path)
    url = endpoint or config.wire.public
    check_endpoint(url)
    # (1) charter
    founding = Founding.of(read_charter(charter), config.data_folder)
    # (2) key
    key = read_key(key_path, mode_of(founding.charter.domain))
    member = _place_of(key.verifying, founding)
    key = in_circle(key, founding.charter.domain, member.slug)
    # (3) shown
    click.echo(f"{strong('You are about to sign this charter')} for {shown(member.label)}.\n")
    click.echo("\n".join(charter_in_words(founding.charter, founding.id, {member.slug: good("you")})))
    click.echo(f"\n  {'this node':<14}{shown(url)}\n")
    click.echo(f"The text of {shown(str(charter))} is what counts: read it, too.")
    if not yes:
        click.confirm("Sign?", abort=True)
    # (4) signed before
    data = founding.join_files().get(member.slug)
    words = "Signed before; this is the same join file again:" if data else "Signed. The join file:"
    if data is None:
        # (5) keys
        keys = _keys(config, LogName(founding.charter.domain, founding.id, member.slug, _FIRST_EPOCH))
        # (6) join file
        data = _join_file(founding, keys, key, url)
        founding.keep()
        founding.keep_join_file(member.slug, data)
    output = output or Path(f"{member.slug}.join")
    output.write_bytes(data)
    click.echo(f"\n{good(words)} {shown(str(output))}")
    say_next(
        f"put the organisation key back into its safe. Give {output} to all other members, and with theirs:",
        f"tocsin circle join {typed(charter)} FILE…",
    )


def _place_of(key: VerifyingKey, founding: Founding) -> CharterMember:
    """The member whose key that is. Raises NonMember."""
    for member in founding.charter.members:
        if member.key().public == key.public:
            return member
    slugs = ", ".join(member.slug for member in founding.charter.members)
    raise NonMember(
        f"Expected the organisation key of a member of this charter ({slugs}), found one that it does not "
        "list. Next: use the key whose public half you gave for the draft, or have the charter drafted anew."
    )


def _keys(config: Config, log: LogName) -> NodeKeys:
    """This node's keys for the circle; those of a signing that was broken off are taken up again."""
    folder = Folder.of(config)
    folder.create()
    try:
        return folder.keys(log.circle, log.epoch)
    except KeysMissing:
        # Where only some of them are, this raises, too: nobody knows which were used.
        return folder.create_keys(log, SystemChance())


def _join_file(founding: Founding, keys: NodeKeys, key: SigningKey, url: str) -> bytes:
    opening = make_opening(
        keys.member,
        key,
        Endpoint(tls_spki_sha256=keys.tls.pin, url=url),
        at_ms=SystemClock().wall_ms(),
        tlp=founding.charter.handling,
    )
    return make_join_file(founding.text, opening, key).encode()
