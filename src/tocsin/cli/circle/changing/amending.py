"""`circle amend`: the next version of a charter, from a draft to what all members have.

    draft    the newest charter with other values: a text, which people read together and change
    show     what it changes, in words, and who has to sign
    apply    the text with the signatures of enough members: an event, which goes to everybody

It is signed where the organisation key is (`org sign`), like a first charter.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import click
import msgspec

from tocsin.circles.changing.amendment import open_amendment, sealed_amendment
from tocsin.circles.changing.draft import differences, doubts, draft_amendment
from tocsin.circles.errors import CharterSignatures, MalformedCharter, WrongPredecessor
from tocsin.circles.founding.charter import Charter, CharterMember, parse_version
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joinfile import JoinFile
from tocsin.cli.circle.changing.known import Known
from tocsin.cli.circle.drafting import output_option, read_members, write
from tocsin.cli.circle.kept import decoded_charter, read_file
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.options import Command, circle_option, config_option, json_option, path_argument
from tocsin.cli.reaching import reach
from tocsin.cli.terminal import good, json_text, say_next, shown, strong, typed, waiting
from tocsin.core.errors import Refusal
from tocsin.core.note import MAX_NOTE_BYTES, Note, Signature, parse_note
from tocsin.core.records import Tlp

_JOIN_FILE = b"{"
_NOBODYS = Signature("nobody", bytes(4), bytes(64))


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
    changed_members = list(_members(known.circle, entries, vouching, set(observers), set(deciding)))
    text = draft_amendment(
        known.circle,
        known.held(),
        members=changed_members,
        title=title,
        purpose=purpose,
        quorum=_quorum(known.circle, changed_members, quorum),
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
    why_not = None if in_force else _problem(known.circle, text, signatures)
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
    for line in doubts(known.circle, known.held(), charter):
        click.echo(f"  {waiting('Ask before you sign:')} {shown(line)}")
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
    texts, signatures, openings = _collected(files)
    if len(texts) != 1:
        raise WrongPredecessor(
            f"Expected signatures on one and the same text, found them on {len(texts)}. Next: let all sign "
            "the same file."
        )
    (text,) = texts
    amendment = sealed_amendment(text, signatures, known.circle.chain, known.circle.left)
    if not as_json:
        _tell(known.circle, amendment.charter)
    if not yes:
        click.confirm("Put it into force?", abort=True, err=True)
    done = client.take(known.circle.id, [amendment.encode().decode(), *openings])
    if as_json:
        click.echo(json_text(done))
        return
    click.echo(
        f"{good('In force:')} version {done.version} of the charter of {shown(amendment.charter.title)}."
    )
    if openings:
        say_next(
            "give the circle to whoever joined, who takes it with `tocsin circle join FILE`:",
            "tocsin circle export line.circle",
        )


for command in (draft, show, apply):
    amend.add_command(command)


def _members(
    circle: Circle,
    entries: Sequence[CharterMember],
    sponsors: Sequence[str],
    observers: set[str],
    deciding: set[str],
) -> Iterator[CharterMember]:
    """Those who stay, each with its new entry if there is one, then those who join."""
    given = {entry.slug: entry for entry in entries}
    for member in circle.charter.members:
        if member.slug not in circle.left:
            entry = given.pop(member.slug, member)
            observer = (member.observer or member.slug in observers) and member.slug not in deciding
            yield msgspec.structs.replace(entry, observer=observer, sponsors=())
    for slug, entry in given.items():
        yield msgspec.structs.replace(entry, observer=slug in observers, sponsors=tuple(sponsors))


def _quorum(circle: Circle, members: Iterable[CharterMember], quorum: int | None) -> int | None:
    """What was asked for; or as before, if that is still more than half and not more than all."""
    count = sum(not member.observer for member in members)
    before = circle.charter.quorum
    if quorum is not None or count < 2 * before <= 2 * count:
        return quorum
    return count // 2 + 1


def _tell(circle: Circle, charter: Charter) -> None:
    click.echo(strong(f"Version {charter.version} changes:"))
    for line in differences(circle.charter, charter) or ("nothing but its words",):
        click.echo(f"  {shown(line)}")
    before = circle.charter
    names = ", ".join(member.slug for member in before.deciding())
    click.echo(f"  to be signed by {before.quorum} at least of {names}, and by every new key")


def _problem(circle: Circle, text: str, signatures: Sequence[Signature]) -> Refusal | None:
    """Why it does not count. That signatures are missing is said last."""
    try:
        if signatures:
            sealed_amendment(text, signatures, circle.chain, circle.left)
        else:
            open_amendment(Note(text, (_NOBODYS,)).encode(), circle.chain, circle.left)
    except Refusal as refusal:
        return refusal
    return None


def _read(path: Path) -> tuple[str, tuple[Signature, ...]]:
    """The text of an amendment, and the signatures on it, if it is a signed note."""
    data = read_file(path, MAX_NOTE_BYTES, "an amendment")
    if b"\n\n\xe2\x80\x94 " in data:
        note = parse_note(data)
        return note.text, note.signatures
    return decoded_charter(path, data), ()


def _collected(files: Iterable[Path]) -> tuple[set[str], list[Signature], list[str]]:
    """The texts that were signed, all signatures, and the openings of those who join."""
    texts: set[str] = set()
    signatures: list[Signature] = []
    openings: list[str] = []
    for path in files:
        data = read_file(path, MAX_NOTE_BYTES, "a signed amendment or a join file")
        if data.startswith(_JOIN_FILE):
            joined = JoinFile.parse(data)
            signatures.append(joined.signature())
            openings.append(joined.opening)
            continue
        text, found = _read(path)
        if not found:
            raise MalformedCharter(
                f"Expected a signed amendment in {path}, found one that nobody has signed."
            )
        texts.add(text)
        signatures += found
    return texts, signatures, openings
