"""The drill in which an endpoint is tested: a charter, keys for all, and the files that the endpoint needs.

    FOLDER/subject/charter.toml, *.join     what the endpoint under test joins with
    FOLDER/subject/data/keys/…              its keys (docs/conformance.md)
    FOLDER/subject/tocsin.toml              its configuration, if it is a node of ours
    FOLDER/subject/attachment.bin           what it attaches to a report of its own
    FOLDER/played.json                      the secrets of the members that are played

Nothing here is ever real: it is a drill, whose keys no live circle accepts. Each run needs a drill of its
own, since the endpoint remembers.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tocsin.circles.founding.charter import CharterMember, Limits, circle_id
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.draft import draft_charter
from tocsin.circles.founding.joinfile import make_join_file
from tocsin.circles.founding.joining import assemble
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.wire.messages import MAX_CONTENT_BYTES
from tocsin.cli.conform.player import NOBODY_LISTENS, Player
from tocsin.cli.failing import NotSetUp
from tocsin.core.clock import Chance
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import Endpoint
from tocsin.log.export import FolderNotEmpty, made_whole
from tocsin.node.config import load_config
from tocsin.node.folder import Folder, write_secret

SUBJECT = "subject"
ATTACHMENT = "attachment.bin"
PLAYERS = 62
_DOMAIN = "drill.conform.example"
_PLAYED = "played.json"
# More than goes in one part.
_ATTACHMENT_BYTES = 3 * MAX_CONTENT_BYTES // 2
# A member is played with few records, and some have to be more than the limit allows.
_LIMITS = Limits(records_per_second=20, bytes_per_day=10_000_000_000)

_CONFIG = """\
# A node whose conformance is tested, in a drill.
data_folder = "data"

[wire]
listen = {listen}
public = {public}
unsafe_loopback = {loopback}

[desk]
name = "The endpoint under test"
"""


class _Secrets(msgspec.Struct, frozen=True):
    keys: str
    organisation: str


def prepare(folder: Path, endpoint: str, chance: Chance) -> Path:
    """Make a drill for the endpoint at that address; the folder of what it needs. Raises FolderNotEmpty."""
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(f"Expected a new or an empty folder, found files in {folder}.")
    folder = folder.absolute()
    with made_whole(folder) as unfinished:
        _prepare(unfinished, endpoint, chance)
    return folder / SUBJECT


def _prepare(folder: Path, endpoint: str, chance: Chance) -> None:
    subject = folder / SUBJECT
    subject.mkdir()
    slugs = [SUBJECT, *(f"player-{number}" for number in range(1, PLAYERS + 1))]
    organisations = {slug: _organisation(slug, chance) for slug in slugs}
    text = draft_charter(
        domain=_DOMAIN,
        title="A test of conformance",
        purpose="To hold one endpoint against the protocol. Nothing that is said here is real.",
        members=[
            CharterMember(slug=slug, label=slug, economy="XX", organisation_key=key.verifying.encode())
            for slug, key in organisations.items()
        ],
        nonce=chance.token(32),
        limits=_LIMITS,
    )
    (subject / "charter.toml").write_text(text, encoding="utf-8")
    (subject / ATTACHMENT).write_bytes(chance.token(_ATTACHMENT_BYTES))
    own = _configure(subject, endpoint)
    own.create()
    secrets = {}
    for slug, organisation in organisations.items():
        log = LogName(_DOMAIN, circle_id(text), slug, 1)
        if slug == SUBJECT:
            made = own.create_keys(log, chance)
            keys, at = made.member, Endpoint(url=endpoint, tls_spki_sha256=made.tls.pin)
        else:
            keys, at = (
                MemberKeys.generate(log, chance),
                Endpoint(url=NOBODY_LISTENS, tls_spki_sha256=chance.token(32).hex()),
            )
        secrets[slug] = _Secrets(keys.encode_unsafe(), organisation.encode_unsafe())
        opening = make_opening(keys, organisation, at, at_ms=0, tlp="TLP:GREEN")
        (subject / f"{slug}.join").write_bytes(make_join_file(text, opening, organisation).encode())
    del secrets[SUBJECT]
    write_secret(folder / _PLAYED, msgspec.json.encode(secrets))


def load(folder: Path, chance: Chance) -> tuple[Circle, list[Player], bytes]:
    """The circle of a drill, its players, and what the endpoint attaches.

    Raises NotSetUp, and what `assemble` raises.
    """
    subject = folder / SUBJECT
    if not (folder / _PLAYED).exists() or not (subject / ATTACHMENT).exists():
        raise NotSetUp(f"Expected a drill in {folder}, found none. Next: `tocsin conform prepare` makes one.")
    joins = [path.read_bytes() for path in sorted(subject.glob("*.join"))]
    circle = assemble((subject / "charter.toml").read_text(encoding="utf-8"), joins)
    secrets = msgspec.json.decode((folder / _PLAYED).read_bytes(), type=dict[str, _Secrets])
    players = [
        Player(
            MemberKeys.parse(one.keys),
            SigningKey.parse(one.organisation),
            circle.by_slug[slug].opening,
            chance,
        )
        for slug, one in secrets.items()
    ]
    return circle, players, (subject / ATTACHMENT).read_bytes()


def _organisation(slug: str, chance: Chance) -> SigningKey:
    return SigningKey.generate(organisation_name(_DOMAIN, slug), SignatureType.ED25519, chance)


def _configure(subject: Path, endpoint: str) -> Folder:
    url = urlsplit(endpoint)
    host = "127.0.0.1" if url.hostname == "127.0.0.1" else "0.0.0.0"  # noqa: S104 - where others shall reach it
    text = _CONFIG.format(
        listen=json.dumps(f"{host}:{url.port}"),
        public=json.dumps(endpoint),
        loopback=str(url.scheme == "http").lower(),
    )
    (subject / "tocsin.toml").write_text(text, encoding="utf-8")
    return Folder.of(load_config(subject / "tocsin.toml"))
