"""`org sign`: a person reads what a node or another member asks for, and signs it for an organisation.

(1) each file is a draft, or the text of an amendment; (2) the key is of its circle's mode, and of the member
that is to sign; (3) a person has seen what is signed; (4) signed, and written beside what was given. The same
file signed again gives the same bytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tocsin.circles.errors import MalformedCharter, NonMember, WrongOrganisationKey
from tocsin.circles.founding.charter import Charter, CharterMember, parse_version
from tocsin.circles.founding.joinfile import JoinFile
from tocsin.cli.circle.kept import read_file
from tocsin.cli.options import Command, file_option
from tocsin.cli.organisation.keyfile import in_circle, read_half, read_key
from tocsin.cli.organisation.passphrases import passphrase_of, passphrase_option, warn_of_bare_key
from tocsin.cli.organisation.words import charter_to_sign, draft_in_words
from tocsin.cli.terminal import good, say_next, shown, typed
from tocsin.core import strict_json
from tocsin.core.errors import quoted
from tocsin.core.keys import SigningKey, VerifyingKey
from tocsin.core.names import LogName
from tocsin.core.note import sign_note
from tocsin.core.records.opening import Opening
from tocsin.node.files import write_whole
from tocsin.node.papers.draft import MAX_DRAFT_BYTES, Draft
from tocsin.node.papers.founding import decoded_charter
from tocsin.node.papers.organisation import listed, place_of

_JOIN, _ADOPT, _LEAVE, _APPLY = (
    "tocsin circle join CHARTER {}",
    "tocsin epoch adopt {}",
    "tocsin circle leave --signed {}",
    "tocsin circle amend apply {}",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file asks a member for. What is signed gets a name in `suffix`, and `next` takes it."""

    charter: Charter
    member: CharterMember
    words: Sequence[str]
    sign: Callable[[SigningKey], bytes]
    suffix: str
    next: str


@click.command(
    cls=Command,
    examples=(
        "tocsin org sign apricot.draft --organisation-key /media/safe/organisation-live.key",
        "tocsin org sign amendment.toml --organisation-key KEY --output /media/stick",
        "tocsin org sign amendment.toml --organisation-key OLD-KEY --old-key-of apricot",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@file_option("--organisation-key", "key_path", required=True, help="The organisation key, from its safe.")
@passphrase_option
@click.option(
    "--old-key-of", "old_key_of", metavar="MEMBER", help="The key is MEMBER's, and the amendment replaces it."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="FOLDER",
    help="Where to write what is signed.  [default: beside each FILE]",
)
def sign(
    *,
    files: tuple[Path, ...],
    key_path: Path,
    passphrase_file: Path | None,
    old_key_of: str | None,
    yes: bool,
    output: Path | None,
) -> None:
    """Sign for your organisation, on a machine without network.

    FILES are drafts that your node wrote (to join a circle, for new keys, to leave it), and amendments of a
    charter. Each is shown in plain words before anything is signed. What is signed goes back to your node.

    An amendment that gives you another key is signed with the new one. If you still have the old one, and
    nobody else has, its signature counts as your voice.
    """
    # (1) files, (2) key
    public = read_half(key_path)
    asked = {path: _asked(path, public, old_key_of) for path in files}
    targets = {
        path: (output or path.parent) / f"{one.member.slug}{one.suffix}" for path, one in asked.items()
    }
    if len(set(targets.values())) < len(targets):
        raise click.UsageError(
            "Two of these would both be signed as one file: sign them one by one, each with its --output."
        )
    # (3) shown
    for path, one in asked.items():
        click.echo("\n".join(one.words))
        click.echo(f"\nThat is what {shown(str(path))} says.\n")
    warn_of_bare_key(key_path)
    if not yes:
        click.confirm("Sign?", abort=True)
    # (4) signed
    key = read_key(key_path, None, passphrase_of(key_path, passphrase_file))
    for path, one in asked.items():
        data = one.sign(in_circle(key, one.charter.domain, one.member.slug))
        write_whole(targets[path], data)
        click.echo(f"\n{good('Signed.')} {shown(str(targets[path]))}")
        say_next("at your node:", one.next.format(typed(targets[path])))
    click.echo("\nPut the organisation key back into its safe.")


def sign_draft(draft: Draft, key: SigningKey) -> bytes:
    """A join file, or a signed record. `key` has its name of the circle."""
    record = sign_note(f"{strict_json.encode(draft.record).decode()}\n", key).encode()
    if not draft.joins:
        return record
    line = sign_note(draft.charters[-1], key).signatures[0].line().removesuffix("\n")
    return JoinFile(
        circle=draft.record.circle,
        member=draft.record.member,
        charter_signature=line,
        opening=record.decode(),
    ).encode()


def _replaced_by(charter: Charter, public: VerifyingKey, slug: str) -> CharterMember:
    """The member whose organisation key that was before this amendment.

    Raises DrillAtLive, LiveAtDrill or MalformedKey, NonMember; WrongOrganisationKey for one that it lists.
    """
    if other := listed(charter, public):
        raise WrongOrganisationKey(
            f"Expected a key that this amendment replaces, found that of {other.slug} in it. Next: the same "
            "without --old-key-of."
        )
    for member in charter.members:
        if member.slug == slug:
            return member
    raise NonMember(f"Expected a member that this amendment lists, found {quoted(slug)}.")


def _asked(path: Path, public: VerifyingKey, old_key_of: str | None) -> Asked:
    """Raises what says that the file, or the key for it, cannot be taken."""
    data = read_file(path, MAX_DRAFT_BYTES, "a draft or an amendment")
    if not data.startswith(b"{"):
        return _amendment(path, data, public, old_key_of)
    if old_key_of:
        raise click.UsageError(f"--old-key-of goes with an amendment; {path} is a draft.")
    return _draft(path, data, public)


def _draft(path: Path, data: bytes, public: VerifyingKey) -> Asked:
    draft = Draft.parse(data)
    place = place_of(draft.charter, public)
    if place.slug != draft.record.member:
        raise WrongOrganisationKey(
            f"Expected the organisation key of {draft.record.member} for {path}, found that of {place.slug}."
        )
    if draft.joins:
        suffix, following = ".join", _JOIN
    elif isinstance(draft.record, Opening):
        suffix, following = f"-epoch-{draft.record.epoch}.signed", _ADOPT
    else:
        suffix, following = "-leaving.signed", _LEAVE
    words = list(draft_in_words(draft))
    return Asked(draft.charter, place, words, lambda key: sign_draft(draft, key), suffix, following)


def _amendment(path: Path, data: bytes, public: VerifyingKey, old_key_of: str | None) -> Asked:
    text = decoded_charter(str(path), data)
    charter = parse_version(text)
    if charter.version == 1:
        raise MalformedCharter(
            f"Expected a draft or an amendment in {path}, found a first charter: it is signed together with "
            "the keys of a node. Next: at the node, `tocsin circle sign CHARTER` writes a draft with both."
        )
    place = _replaced_by(charter, public, old_key_of) if old_key_of else place_of(charter, public)
    words = list(charter_to_sign(charter, _circle_of(charter), place.slug))
    suffix = f"-version-{charter.version}{'-old-key' if old_key_of else ''}.signed"
    return Asked(charter, place, words, lambda key: sign_note(text, key).encode(), suffix, _APPLY)


def _circle_of(amendment: Charter) -> str:
    """The id of the circle, which every cut names."""
    return LogName.parse(amendment.cuts[0].log).circle
