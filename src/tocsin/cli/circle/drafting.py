"""`circle introduce` and `circle draft`: from organisations to the text that they will sign."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from tocsin.circles.founding.charter import CharterMember, circle_id, parse_charter
from tocsin.circles.founding.draft import draft_charter
from tocsin.circles.founding.entries import MAX_ENTRIES_BYTES, domain_of, read_entries, write_entry
from tocsin.cli.circle.kept import read_file
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.options import Command, config_option, file_option, path_argument
from tocsin.cli.organisation.keyfile import public_path, read_public
from tocsin.cli.terminal import say_next, typed
from tocsin.core.records import Tlp
from tocsin.node.clock import SystemChance
from tocsin.node.files import write_whole
from tocsin.node.papers.organisation import mode_of, public_in_circle

output_option = file_option("--output", "-o", help="Write it here, and not to the screen.")
"""Handed on as `output`."""


@click.command(
    cls=Command,
    examples=(
        "tocsin circle introduce --domain line.example --member apricot \\",
        '  --label "Apricot AI Safety Institute" --economy KR --output apricot.toml',
    ),
)
@click.option("--domain", required=True, help="What all names in the circle start with; drill.… for a drill.")
@click.option("--member", "slug", required=True, help="Your short name in the circle: a-z, 0-9 and hyphen.")
@click.option("--label", required=True, help="Your organisation's name, in its own words.")
@click.option("--economy", required=True, help="Your economy, such as KR or TW.")
@file_option(
    "--public-key",
    "key_path",
    help="The public half of the organisation key.  [default: beside the configuration]",
)
@config_option
@output_option
def introduce(
    *,
    domain: str,
    slug: str,
    label: str,
    economy: str,
    key_path: Path | None,
    config_path: Path,
    output: Path | None,
) -> None:
    """Introduce your organisation to whoever drafts the charter.

    Writes your entry for the charter: name, economy, and the public half of the organisation key under the
    circle's domain. It is no secret, but it has to arrive as it is: give it in person, or compare it over the
    telephone.
    """
    mode = mode_of(domain)
    key = read_public(key_path or public_path(config_path.parent, mode), mode)
    text = write_entry(
        public_in_circle(key, domain, slug), slug=slug, label=label, economy=economy, where="--label"
    )
    write(output, text)
    if output:
        say_next(f"give {output} to whoever drafts the charter.")


@click.command(
    cls=Command,
    examples=(
        'tocsin circle draft apricot.toml birch.toml --title "Two desks" \\',
        '  --purpose "To warn each other of AI incidents." --output charter.toml',
    ),
)
@path_argument("members", nargs=-1, required=True)
@click.option("--title", required=True, help="What the circle calls itself.")
@click.option("--purpose", required=True, help="What it is for, in a sentence or more.")
@click.option("--quorum", type=int, help="How many members decide together.  [default: more than half]")
@click.option(
    "--handling",
    type=click.Choice(get_args(Tlp)),
    default="TLP:AMBER",
    show_default=True,
    help="The highest marking that a record may carry.",
)
@click.option("--continues", metavar="ID", help="The circle that this one goes on in place of.")
@output_option
def draft(
    *,
    members: tuple[Path, ...],
    title: str,
    purpose: str,
    quorum: int | None,
    handling: Tlp,
    continues: str | None,
    output: Path | None,
) -> None:
    """Draft a charter from the entries of its members.

    MEMBERS are files that `circle introduce` wrote, yours among them; one file may hold several entries. The
    charter is a text with explanations: read it together, and change in it what you agreed on otherwise (who
    may do what, how soon to answer) before anybody signs. From then on, any change makes another text.

    Where too many members of a circle are gone for anything to be decided in it, those who are left found
    another, which says by --continues whose place it takes.
    """
    entries = [entry for path in members for entry in read_members(path)]
    text = draft_charter(
        domain=domain_of(entries),
        title=title,
        purpose=purpose,
        members=entries,
        nonce=SystemChance().token(32),
        quorum=quorum,
        handling=handling,
        continues=continues,
    )
    write(output, text)
    if output:
        click.echo("\n".join(charter_in_words(parse_charter(text), circle_id(text), {})))
        say_next(
            f"read {output} together, and change what you agreed on otherwise. Then give all members the "
            "same file; from then on, any change makes another circle. Each signs it:",
            f"tocsin circle sign {typed(output)} --organisation-key FILE",
        )


def read_members(path: Path) -> Sequence[CharterMember]:
    """The entries in a file. Raises MalformedCharter."""
    return read_entries(read_file(path, MAX_ENTRIES_BYTES, "entries of members"), str(path))


def write(output: Path | None, text: str) -> None:
    """Write a text where it is wanted."""
    if output:
        write_whole(output, text.encode())
    else:
        click.echo(text, nl=False)
