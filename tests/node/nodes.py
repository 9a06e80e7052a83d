"""Real nodes on loopback: a circle founded between them, each with its own data folder, keys and port."""

import asyncio
import contextlib
import io
import itertools
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.circles.events import Event
from tocsin.circles.founding.charter import CharterMember, Limits, circle_id
from tocsin.circles.founding.draft import DEFAULT_LIMITS, draft_charter
from tocsin.circles.founding.joinfile import make_join_file
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.line import Line
from tocsin.core.clock import Clock
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import Endpoint, NoteRecord, encode_record
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config, parse_config
from tocsin.node.folder import Folder
from tocsin.node.node import Node
from tocsin.node.serving.listener import bind_tcp
from tocsin.node.watching.logs import make_logger

DOMAIN = "loopback.example"
PLACES = {"east": "KR", "north": "JP", "south": "SG", "west": "TW", "upper": "TJ"}
CHANCE = SystemChance()
CLOCK = SystemClock()


# Below those that the system gives to connections. Of workers that run tests at once, each has its own, and
# each run of tests begins elsewhere.
_PER_WORKER = 1_024
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 20
_PORTS = itertools.count(os.getpid())


def free_port() -> int:
    """A port that nobody listens on, and that no other test takes before whoever asked does."""
    while True:
        port = 10_240 + _WORKER * _PER_WORKER + next(_PORTS) % _PER_WORKER
        with contextlib.suppress(OSError), bind_tcp("127.0.0.1", port):
            return port


@dataclass
class Place:
    """One organisation: where its node lives, and what it is told."""

    slug: str
    folder: Path
    port: int
    more: str = ""
    events: list[Event] = field(default_factory=list)
    printed: io.StringIO = field(default_factory=io.StringIO)
    clock: Clock = CLOCK

    @property
    def toml(self) -> str:
        """Its configuration, as a file."""
        return f"""
            data_folder = "{self.folder}"
            [wire]
            listen = "127.0.0.1:{self.port}"
            public = "https://127.0.0.1:{self.port}"
            [desk]
            name = "Desk {self.slug}"
            {self.more}
        """

    @property
    def config(self) -> Config:
        """Its configuration."""
        return parse_config(self.toml, self.folder)

    def node(self) -> Node:
        """Its node, not started."""
        config = self.config
        node = Node(config, clock=self.clock, log=make_logger(config.log, self.printed))
        node.listen(lambda _, event: self.events.append(event))
        return node


@dataclass
class Founded:
    """A signed charter, the join files, and the places of its members."""

    places: list[Place]
    text: str
    join_files: list[bytes]
    organisations: dict[str, SigningKey]

    @property
    def id(self) -> str:
        """The circle's id."""
        return circle_id(self.text)

    @contextlib.asynccontextmanager
    async def running(self, *slugs: str) -> AsyncIterator[list[Node]]:
        """The nodes of these places, or of all, joined and running."""
        async with contextlib.AsyncExitStack() as stack:
            nodes = []
            for place in self.places:
                if not slugs or place.slug in slugs:
                    node = await stack.enter_async_context(place.node())
                    if self.id not in node.lines:
                        await node.join(self.text, self.join_files)
                    nodes.append(node)
            yield nodes

    def note(self, text: str) -> bytes:
        """A note of this circle."""
        return note(self.id, text)


def found(
    folder: Path,
    members: int = 2,
    domain: str = DOMAIN,
    places: Sequence[Place] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Founded:
    """Found a circle between so many members, at new places or at some that are there already."""
    if not places:
        places = [Place(slug, folder / slug, free_port()) for slug in list(PLACES)[:members]]
    organisations = {
        place.slug: SigningKey.generate(organisation_name(domain, place.slug), SignatureType.ED25519, CHANCE)
        for place in places
    }
    text = draft_charter(
        domain=domain,
        title="Loopback",
        purpose="To try.",
        limits=limits,
        nonce=CHANCE.token(32),
        members=[
            CharterMember(
                slug=place.slug,
                label=f"Desk {place.slug}",
                economy=PLACES[place.slug],
                organisation_key=organisations[place.slug].verifying.encode(),
            )
            for place in places
        ],
    )
    join_files = []
    for place in places:
        data = Folder.of(place.config)
        data.create()
        keys = data.create_keys(LogName(domain, circle_id(text), place.slug, 1), CHANCE)
        opening = make_opening(
            keys.member,
            organisations[place.slug],
            Endpoint(url=place.config.wire.public, tls_spki_sha256=keys.tls.pin),
            at_ms=CLOCK.wall_ms(),
            tlp="TLP:GREEN",
        )
        join_files.append(make_join_file(text, opening, organisations[place.slug]).encode())
    return Founded(list(places), text, join_files, organisations)


def note(circle: str, text: str) -> bytes:
    """A note's bytes."""
    return encode_record(
        NoteRecord(
            circle=circle,
            at_ms=1,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            text=text,
            lang="en",
        )
    )


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as that holds. The test's own deadline is the only one."""
    while not holds():  # noqa: ASYNC110 - what it waits for tells nobody
        await asyncio.sleep(0.005)


async def confirmed(line: Line, size: int, by: int | None = None) -> None:
    """So many members, or all, hold so many entries of our log."""
    others = by or len(line.circle.members) - 1
    await until(lambda: sum(held.size >= size for held in line.own.held.values()) >= others)
