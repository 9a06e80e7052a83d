"""How a circle is founded, as between strangers; and the first scene, which shows it.

There is one charter, which each organisation signs with its own key, and a join file of each, which it gives
to all the others. Each node checks all of them by itself.
"""

from tocsin.circles.founding.charter import CharterMember, Limits
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.draft import draft_charter
from tocsin.circles.founding.joinfile import make_join_file
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.cli.demo.cables import LOOPBACK, calls_of
from tocsin.cli.demo.screen import Facts, Screen, milliseconds
from tocsin.cli.demo.script.cast import DOMAIN, HANDLING, PURPOSE, Organisation
from tocsin.cli.demo.stage import Stage
from tocsin.cli.organisation.keyfile import in_circle
from tocsin.cli.terminal import faint, good, strong
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName
from tocsin.core.records import Endpoint
from tocsin.node.papers.founding import Founding

# Where nothing listens: the port of RFC 863, which nobody serves any more.
_DISCARD_PORT = 9
# A file of lines is to show what the nodes can do, and not what a charter lets them.
_LIMITS = Limits(records_per_second=1_000_000, bytes_per_day=10**13)


class Founded(Facts, frozen=True, kw_only=True, tag="founding"):
    """A circle is founded, and every node holds what the others wrote to begin with."""

    circle: str
    labels: dict[str, str]
    economies: dict[str, str]
    ports: dict[str, int]
    signatures: int
    entries_at_each: int
    founded_ms: float

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "One charter", f"{self.signatures} signatures; every line stood after {self.founded_ms} ms"


async def show_founding(stage: Stage, screen: Screen) -> Circle:
    """Scene: five organisations found a circle."""
    screen.headline("Five organisations sign one charter")
    began_s = stage.clock.monotonic_s()
    circle = await found(stage, "A picture that was not true")
    founded_s = stage.clock.monotonic_s() - began_s
    ports = {slug: desk.node.config.wire.address.port for slug, desk in stage.desks.items()}
    members = [desk.organisation for desk in stage.desks.values()]
    screen.table(
        [(strong(m.economy), strong(m.name), m.label, faint(f"port {ports[m.slug]}")) for m in members]
    )
    await screen.pause(3)
    screen.line()
    screen.say(
        "They trust nobody in common. Each runs a node of its own, with its own keys and database: a log "
        "that only it can continue, and a copy of everybody else's."
    )
    signatures = len(circle.signed.note.signatures)
    screen.line()
    screen.happens(f"{good('founded')}  in {founded_s:.2f} s, as a drill, with {signatures} signatures:")
    screen.line(f"         {faint(circle.id)}")
    screen.facts(
        Founded(
            circle=circle.id,
            labels={member.slug: member.label for member in members},
            economies={member.slug: member.economy for member in members},
            ports=ports,
            signatures=signatures,
            entries_at_each=await stage.same(circle),
            founded_ms=milliseconds(founded_s),
        )
    )
    await screen.pause(5)
    return circle


async def found(stage: Stage, title: str) -> Circle:
    """A circle of the five, whose nodes are in it. Raises DidNotHappen unless all its lines stand."""
    circle, _ = await _found(stage, title, {})
    return circle


async def found_with(stage: Stage, title: str, guest: Organisation) -> tuple[Circle, MemberKeys]:
    """A circle of the five and a guest without a node, whose keys are then driven by hand."""
    key = SigningKey.generate("drill", SignatureType.ED25519, stage.chance)
    circle, keys = await _found(stage, title, {guest: key})
    return circle, keys[guest]


async def _found(
    stage: Stage, title: str, guests: dict[Organisation, SigningKey]
) -> tuple[Circle, dict[Organisation, MemberKeys]]:
    members = {desk.organisation: desk.organisation_key for desk in stage.desks.values()} | guests
    signers = {member: in_circle(key, DOMAIN, member.slug) for member, key in members.items()}
    text = draft_charter(
        domain=DOMAIN,
        title=title,
        purpose=PURPOSE,
        members=[_in_charter(member, signer) for member, signer in signers.items()],
        nonce=stage.chance.token(32),
        handling=HANDLING,
        limits=_LIMITS,
    )
    founding = Founding.of(text, stage.folder)
    founding.keep()
    made: dict[Organisation, MemberKeys] = {}
    for member, signer in signers.items():
        keys, endpoint = _make_keys(stage, LogName(DOMAIN, founding.id, member.slug, 1))
        opening = make_opening(keys, signer, endpoint, at_ms=stage.clock.wall_ms(), tlp=HANDLING)
        founding.keep_join_file(member.slug, make_join_file(text, opening, signer).encode())
        made[member] = keys
    join_files = list(founding.join_files().values())
    circles = [await _join(stage, slug, text, join_files) for slug in stage.desks]
    await stage.settle(circles[0])
    return circles[0], made


def _in_charter(member: Organisation, signer: SigningKey) -> CharterMember:
    return CharterMember(
        slug=member.slug,
        label=member.label,
        economy=member.economy,
        organisation_key=signer.verifying.encode(),
    )


def _make_keys(stage: Stage, log: LogName) -> tuple[MemberKeys, Endpoint]:
    """New keys for this log, and where its node is reached; a guest's is nowhere."""
    desk = stage.desks.get(log.member)
    if desk is None:
        nowhere = f"https://{LOOPBACK}:{_DISCARD_PORT}"
        pin = stage.chance.token(32).hex()
        return MemberKeys.generate(log, stage.chance), Endpoint(url=nowhere, tls_spki_sha256=pin)
    keys = desk.node.folder.create_keys(log, stage.chance)
    return keys.member, Endpoint(url=desk.node.config.wire.public, tls_spki_sha256=keys.tls.pin)


async def _join(stage: Stage, slug: str, charter: str, join_files: list[bytes]) -> Circle:
    with calls_of(slug):
        line = await stage.desks[slug].node.join(charter, join_files)
    return line.circle
