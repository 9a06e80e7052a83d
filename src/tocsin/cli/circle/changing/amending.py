"""`circle amend`: the next version of a charter, from a draft to what all members have.

    draft    the newest charter with other values: a text, which people read together and change
    show     what it changes, in words, and who has to sign
    apply    the text with the signatures of enough members: an event, which goes to everybody

It is signed where the organisation key is (`org sign`), like a first charter.
"""

from pathlib import Path
from typing import get_args

import click

from tocsin.circles.changing.draft import differences, doubts, draft_amendment
from tocsin.circles.changing.proposing import (
    Collected,
    next_members,
    next_quorum,
    problem_of,
    read_amendment,
)
from tocsin.circles.errors import CharterSignatures
from tocsin.circles.founding.charter import Charter, parse_version
from tocsin.circles.founding.circle import Circle
from tocsin.cli.circle.changing.known import Known
from tocsin.cli.circle.drafting import output_option, read_members, write
from tocsin.cli.circle.kept import read_file
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.options import Command, circle_option, config_option, json_option, path_argument
from tocsin.cli.reaching import reach
from tocsin.cli.terminal import good, json_text, say_next, shown, strong, typed, waiting
from tocsin.core.note import MAX_NOTE_BYTES, Signature
from tocsin.core.records import Tlp


@click.group()
def amend() -> None:
    """Change the charter: draft, show, apply.

    An amendment is the whole charter with other values. It needs the signatures of as many members as the
    charter says; what asks more of the members (a stricter rule, a wider purpose, more handling), all of them
    sign. Two amendments of one version, both with enough signatures, undo each other: nothing is amended any
    more, and everything else goes on. So let one member collect.
    """


@click.command(
    cls=Command,
    examples=(
        "tocsin circle amend draft --quorum 3 --output amendment.toml",
        "tocsin circle amend draft cedar.toml --observer cedar --output amendment.toml",
        "tocsin circle amend draft apricot-new-key.toml --output amendment.toml",
    ),
)
@path_argument("members", nargs=-1)
@click.option("--sponsor", "sponsors", multiple=True, metavar="MEMBER", help="Who vouches.  [default: you]")
@click.option("--observer", "observers", multiple=True, metavar="MEMBER", help="Follows, and does not count.")
@click.option("--decides", "deciding", multiple=True, metavar="MEMBER", help="Is an observer no longer.")
@click.option("--title", help="What the circle calls itself.")
@click.option("--purpose", help="What it is for.")
@click.option("--quorum", type=int, help="How many members decide together.")
@click.option("--handling", type=click.Choice(get_args(Tlp)), help="The highest marking of a record.")
@output_option
@circle_option
@config_option
def draft(
    *,
    members: tuple[Path, ...],
    sponsors: tuple[str, ...],
    observers: tuple[str, ...],
    deciding: tuple[str, ...],
    title: str | None,
    purpose: str | None,
    quorum: int | None,
    handling: Tlp | None,
    output: Path | None,
    circle: str | None,
    config_path: Path,
) -> None:
    """Draft the next version of the charter.

    MEMBERS are files that `circle introduce` wrote. An organisation that the charter does not have joins; the
    entry of one that it has is replaced, for another organisation key above all. What the options do not
    change, change in the text.
    """
    known = Known.of(reach(config_path), circle)
    entries = [entry for path in members for entry in read_members(path)]
    vouching = sponsors or (known.state.member,)
    changed_members = list(next_members(known.circle, entries, vouching, observers, deciding))
    text = draft_amendment(
        known.circle,
        known.held(),
        members=changed_members,
        title=title,
        purpose=purpose,
        quorum=next_quorum(known.circle, changed_members, quorum),
        handling=handling,
    )
    write(output, text)
    if output:
        _tell(known.circle, parse_version(text))
        say_next(
            f"read {output} together, and change what you agreed on otherwise. Then give the same file to "
            "all who sign it, each where the organisation key is:",
            f"tocsin org sign {typed(output)} --organisation-key FILE",
        )


@click.command(cls=Command, examples=("tocsin circle amend show amendment.toml",))
@path_argument("file")
@circle_option
@config_option
@json_option
def show(*, file: Path, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show what an amendment changes, and who has to sign it.

    FILE is a draft, or one that somebody signed. Exit code 0 says that it follows the charter that there is.
    """
    known = Known.of(reach(config_path), circle)
    text, signatures = _read(file)
    charter = parse_version(text)
    in_force = text in {version.text for version in known.circle.chain}
    why_not = None if in_force else problem_of(known.circle, text, signatures)
    if as_json:
        told = {
            "version": charter.version,
            "in_force": in_force,
            "changes": differences(known.circle.charter, charter),
            "charter": charter,
            "why_not": why_not and {"error": why_not.code, "message": str(why_not)},
        }
        click.echo(json_text(told))
        return
    click.echo("\n".join(charter_in_words(charter, known.circle.id, {})))
    click.echo()
    if in_force:
        click.echo(good("This is in force."))
        return
    _tell(known.circle, charter)
    if why_not and not isinstance(why_not, CharterSignatures):
        raise why_not
    for doubt in doubts(known.circle, known.held(), charter):
        click.echo(f"  {waiting('Ask before you sign:')} {shown(str(doubt))}")
    if why_not:
        click.echo(f"\n{waiting('It does not count yet.')} {shown(str(why_not))}")
    else:
        click.echo(f"\n{good('All who have to have signed it.')}")


@click.command(
    cls=Command,
    examples=("tocsin circle amend apply apricot-version-2.signed birch-version-2.signed cedar.join",),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Do not ask.")
@circle_option
@config_option
@json_option
def apply(
    *, files: tuple[Path, ...], yes: bool, circle: str | None, config_path: Path, as_json: bool
) -> None:
    """Put an amendment into force, with the signatures of its members.

    FILES are what `tocsin org sign` made for each of them, and the join files of members that join. It counts
    from then on, here, and at every member as soon as it hears of it.
    """
    client = reach(config_path)
    known = Known.of(client, circle)
    given = {
        str(path): read_file(path, MAX_NOTE_BYTES, "a signed amendment or a join file") for path in files
    }
    collected = Collected.of(given)
    amendment = collected.sealed(known.circle)
    if not as_json:
        _tell(known.circle, amendment.charter)
    if not yes:
        click.confirm("Put it into force?", abort=True, err=True)
    done = client.take(known.circle.id, list(collected.events(known.circle)))
    if as_json:
        click.echo(json_text(done))
        return
    click.echo(
        f"{good('In force:')} version {done.version} of the charter of {shown(amendment.charter.title)}."
    )
    if collected.openings:
        say_next(
            "give the circle to whoever joined, who takes it with `tocsin circle join FILE`:",
            "tocsin circle export line.circle",
        )


for command in (draft, show, apply):
    amend.add_command(command)


def _tell(circle: Circle, charter: Charter) -> None:
    click.echo(strong(f"Version {charter.version} changes:"))
    for line in differences(circle.charter, charter) or ("nothing but its words",):
        click.echo(f"  {shown(line)}")
    before = circle.charter
    names = ", ".join(member.slug for member in before.deciding())
    click.echo(f"  to be signed by {before.quorum} at least of {names}, and by every new key")


def _read(path: Path) -> tuple[str, tuple[Signature, ...]]:
    """The text of an amendment, and the signatures on it, if it is a signed note."""
    return read_amendment(read_file(path, MAX_NOTE_BYTES, "an amendment"), str(path))
