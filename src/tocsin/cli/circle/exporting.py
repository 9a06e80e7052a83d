"""`circle export` and `circle recover`: a circle in one file, and what a burnt machine makes of it.

To recover: (1) the file is a circle; (2) which member this is, by the public half of the organisation key;
(3) the newest epoch that the file knows of it, and how far its log had come at least; (4) new keys for the
next one; (5) a draft, for the organisation to sign. The node is in the circle again once that is adopted.
"""

from pathlib import Path

import click

from tocsin.circles.changing.bundle import MAX_BUNDLE_BYTES, Bundle
from tocsin.circles.errors import NonMember
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.opening import opening_of
from tocsin.cli.circle.kept import read_file
from tocsin.cli.failing import NotSetUp
from tocsin.cli.options import Command, circle_option, config_option, file_option, path_argument
from tocsin.cli.organisation.keyfile import public_path, read_public
from tocsin.cli.organisation.words import draft_in_words
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import good, say, say_next, shown, strong, typed
from tocsin.core import strict_json
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Endpoint, Opening, Previous
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config, load_config
from tocsin.node.epochs import EndUnknown, read_draft
from tocsin.node.files import write_whole
from tocsin.node.folder import Folder
from tocsin.node.papers.draft import Draft
from tocsin.node.papers.founding import keep_bundle
from tocsin.node.papers.organisation import mode_of, place_of


@click.command(
    cls=Command,
    examples=("tocsin circle export line.circle", "tocsin circle export line.circle --circle 3f1c"),
)
@path_argument("file")
@circle_option
@config_option
def export(*, file: Path, circle: str | None, config_path: Path) -> None:
    """Write all that is signed of a circle into one file.

    That is its charter in all versions, who joined and left, everybody's public keys, and how far each log
    has come; no record and no secret. Whoever joins by an amendment needs it, and so do you, should this
    machine burn: make one after each change, and keep it with your organisation key.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    write_whole(file, client.bundle(state.id))
    click.echo(f"{good('Written:')} {strong(shown(state.title))} in {shown(str(file))}.")


@click.command(cls=Command, examples=("tocsin circle recover line.circle",))
@path_argument("file")
@file_option("--output", "-o", help="Where to write the draft.  [default: MEMBER-epoch-N.draft]")
@config_option
def recover(*, file: Path, output: Path | None, config_path: Path) -> None:
    """Come back to a circle on a new machine, with nothing left of the old one.

    FILE is what `tocsin circle export` wrote, here once or at any other member: take the newest that you can
    get. New keys are made, and a draft for your organisation to sign. Once that is adopted (`tocsin epoch
    adopt`), the node gets its own log and all others back from the members, and goes on in a new epoch.
    """
    config = load_config(config_path)
    # (1) circle
    data = read_file(file, MAX_BUNDLE_BYTES, "a circle in a file")
    bundle = Bundle.parse(data)
    circle = bundle.circle
    # (2) member
    mode = mode_of(circle.domain)
    slug = place_of(circle.charter, read_public(public_path(config_path.parent, mode), mode)).slug
    # (3) epoch, (4) keys, (5) draft
    opening = opening_anew(config, bundle, circle, slug)
    keep_bundle(config.data_folder, circle.id, data)
    draft = Draft(tuple(version.text for version in circle.chain), opening)
    output = output or Path(f"{slug}-epoch-{opening.epoch}.draft")
    write_whole(output, draft.encode())
    click.echo("\n".join(draft_in_words(draft)))
    click.echo(f"\n{good('The draft:')} {shown(str(output))}")
    say(
        f"Ask another member whether epoch {opening.epoch - 1} is your newest: two openings of one epoch "
        "would shut you out until the charter is amended."
    )
    say_next(
        "sign it where the organisation key is, run the node (`tocsin run`), and adopt what was signed:",
        f"tocsin org sign {typed(output)} --organisation-key FILE",
    )


def opening_anew(config: Config, bundle: Bundle, circle: Circle, slug: str) -> Opening:
    """What is to be signed; the same again, if it was made before."""
    last = circle.by_slug.get(slug)
    if last is None:
        raise NonMember(f"Expected {slug} to be a member still, found that it has left or was removed.")
    log = LogName(circle.domain, circle.id, slug, last.log.epoch + 1)
    folder = Folder.of(config)
    folder.create()
    if last.log.epoch in folder.epochs(circle.id):
        raise NotSetUp(
            f"Expected a machine without the keys of epoch {last.log.epoch}, found them. Next: run the node; "
            "for new keys, `tocsin epoch draft`."
        )
    if drafted := read_draft(folder, log):
        return drafted
    keys = folder.begin_keys(log, SystemChance())
    opening = opening_of(
        keys.member,
        Endpoint(url=config.wire.public, tls_spki_sha256=keys.tls.pin),
        at_ms=SystemClock().wall_ms(),
        tlp=circle.charter.handling,
        previous=_end(bundle, last),
        reason="lost",
    )
    folder.keep_draft(log.circle, log.epoch, strict_json.encode(opening))
    return opening


def _end(bundle: Bundle, last: Member) -> Previous:
    """The least that our log had. Raises EndUnknown."""
    newest = bundle.newest(str(last.log))
    if newest is None:
        raise EndUnknown(
            f"Expected to find how far {last.log} had come, found nothing of it in this file. Next: ask "
            "another member for a newer one (`tocsin circle export`)."
        )
    return Previous(root=encode_base64(newest.checkpoint.root), size=newest.checkpoint.size)
