"""The stage: five running nodes, each with keys, a database and a port of its own.

- A desk's folder is laid out as `tocsin init` does it, so that with `--keep` each can be run again by itself.
- What a desk says is written at its node. Who received and confirmed it, and when, the nodes' events say.
"""

import shutil
from collections import Counter
from collections.abc import Container, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tocsin.circles.events import Arrived, Confirmed
from tocsin.circles.founding.circle import Circle
from tocsin.circles.reading import Readable, Reading
from tocsin.cli.demo.cables import LOOPBACK, Cables, calls_of
from tocsin.cli.demo.script.cast import DOMAIN, FIVE, Organisation, Said
from tocsin.cli.demo.watch import BOUND_S, DidNotHappen, Watch
from tocsin.cli.options import CONFIG_NAME
from tocsin.cli.organisation.keyfile import in_circle, make_key, public_path, secret_path, write_public
from tocsin.core.keys import SigningKey
from tocsin.core.records import Record, Ref, encode_record, sign_record
from tocsin.node.api.changetypes import Unsigned
from tocsin.node.caseclient import CaseClient
from tocsin.node.client import Client
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import load_config
from tocsin.node.node import Node
from tocsin.node.papers.draft import Draft
from tocsin.node.watching.logs import make_logger

_CONFIG = """\
# A desk of the demonstration: it is invented, and so is what it says.
data_folder = "data"

[wire]
listen = "{host}:{port}"
public = "https://{host}:{port}"

[desk]
name = "{label}"
hours = "24/7"
languages = {languages}
contact = "{name} does not exist, and has no telephone"
"""


# Browsers take every name that ends in .localhost for this machine.
_CONSOLE = """
[console]
listen = "{host}:{port}"
public = "http://{slug}.localhost:{port}"
unsafe_loopback = true
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """An organisation and its running node."""

    organisation: Organisation
    organisation_key: SigningKey
    node: Node

    @property
    def api(self) -> Client:
        """The node's machine API. Its calls block: they belong into a thread."""
        return Client(self.node.config.api_socket)

    @property
    def cases(self) -> CaseClient:
        """The same for what is about cases."""
        return CaseClient(self.node.config.api_socket)


@dataclass(frozen=True, slots=True)
class Uttered:
    """A record that is durable at its author's node, as entry `index` of `log`.

    `began_s` is the monotonic moment before it was written, `durable_s` how long that took. Nothing that was
    seen before number `since` has to do with it.
    """

    circle: Circle
    author: Organisation
    log: str
    index: int
    record: Record
    began_s: float
    durable_s: float
    since: int

    def is_in(self, reading: Reading) -> bool:
        """Whether that is what somebody read."""
        return isinstance(reading, Readable) and (reading.index, reading.record) == (self.index, self.record)


@dataclass(frozen=True, slots=True)
class Receipts:
    """By desk, the monotonic moments at which it had read a record, and its author had its confirmation."""

    known: dict[str, float]
    confirmed: dict[str, float]


class Stage:
    """Five running nodes. An async context manager: when it ends, nothing of them runs any more.

    Those `with_console` are configured for one.
    """

    def __init__(self, folder: Path, cables: Cables, with_console: Container[Organisation] = ()) -> None:
        self.folder = folder
        self.cables = cables
        self.clock = SystemClock()
        self.chance = SystemChance()
        self.watch = Watch(self.clock, self._troubles)
        self.desks: dict[str, Desk] = {}
        self._with_console = with_console
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            for organisation in FIVE:
                self.desks[organisation.slug] = await self._open(organisation)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        """Enter something beside the nodes; it ends before them."""
        return await self._stack.enter_async_context(context)

    async def utter(self, circle: Circle, said: Said) -> Uttered:
        """Write what is said at its author's node. It is durable there when this returns."""
        return await self.write(circle, said.author, said.record(circle.id, self.clock.wall_ms()))

    async def write(self, circle: Circle, author: Organisation, record: Record) -> Uttered:
        """Write a record at its author's node. It is durable there when this returns."""
        line = self.desks[author.slug].node.lines[circle.id]
        since, began_s = len(self.watch.seen), self.clock.monotonic_s()
        written = await line.write([encode_record(record)])
        durable_s = self.clock.monotonic_s() - began_s
        index = written.size - 1
        return Uttered(circle, author, written.log, index, record, began_s, durable_s, since)

    def ref(self, uttered: Uttered) -> Ref:
        """How other records name it."""
        store, log, index = self.desks[uttered.author.slug].node.store, uttered.log, uttered.index
        return Ref.at(log, index, store.entries(log, index, index + 1))

    def receipts(self, uttered: Uttered) -> Receipts:
        """Who has it by now."""
        receipts = Receipts({}, {})
        home = (uttered.author.slug, uttered.circle.id)
        for seen in self.watch.seen[uttered.since :]:
            match seen.event:
                case Arrived(uttered.log, readings) if any(uttered.is_in(reading) for reading in readings):
                    receipts.known.setdefault(seen.desk, seen.at_s)
                case Confirmed(member, size) if (seen.desk, seen.circle) == home and size > uttered.index:
                    receipts.confirmed.setdefault(member, seen.at_s)
        return receipts

    async def received(self, uttered: Uttered, by: Iterable[Organisation]) -> Receipts:
        """Wait until these, but for its author, have received and confirmed it. Raises DidNotHappen."""
        wanted = {organisation.slug for organisation in by} - {uttered.author.slug}

        def all_have_it() -> bool:
            receipts = self.receipts(uttered)
            return wanted <= receipts.known.keys() & receipts.confirmed.keys()

        record = f"{uttered.author.name}'s record no. {uttered.index}"
        await self.watch.until(f"{record} to be received and confirmed by {len(wanted)} others", all_have_it)
        return self.receipts(uttered)

    async def settle(self, circle: Circle, *, within_s: float = BOUND_S) -> None:
        """Wait until all that each desk wrote, its card too, is confirmed by all. Raises DidNotHappen."""

        def settled() -> bool:
            return all(self._confirmed_by_all(desk, circle) for desk in self.desks.values())

        await self.watch.until("every desk to hold what all the others wrote", settled, within_s=within_s)

    async def same(self, circle: Circle) -> int:
        """Wait until every node holds the same, log by log. Returns how many entries. Raises DidNotHappen.

        Those count who are members, and their logs of now; but for a log that all have stopped, since there
        are two versions of it.
        """
        await self.watch.until(
            "every node to hold the same, log by log", lambda: self._entries_at_each(circle) is not None
        )
        return self._entries_at_each(circle) or 0

    def _entries_at_each(self, circle: Circle) -> int | None:
        entries = 0
        stores = [desk.node.store for slug, desk in self.desks.items() if slug in circle.by_slug]
        for log in map(str, (member.log for member in circle.members)):
            heads = [head for store in stores if (head := store.head(log))]
            if all(head.stopped for head in heads):
                continue
            differ = len({(head.size, head.root) for head in heads}) != 1
            if differ or len(heads) != len(stores) or any(store.has_missing(log) for store in stores):
                return None
            entries += heads[0].size
        return entries

    def arrivals(self, circle: Circle) -> int:
        """How often a record arrived at a desk: each that is held did once. Raises DidNotHappen otherwise."""
        arrived = Counter(
            (seen.desk, seen.event.log, reading.index)
            for seen in self.watch.seen
            if seen.circle == circle.id and isinstance(seen.event, Arrived)
            for reading in seen.event.readings
        )
        lines = [desk.node.lines[circle.id] for desk in self.desks.values()]
        held = sum(followed.size for line in lines for followed in line.following)
        if not held == len(arrived) == arrived.total():
            raise DidNotHappen(
                f"Expected each of {held} records that are held to have arrived once; found that "
                f"{len(arrived)} arrived, {arrived.total()} times."
            )
        return held

    def signed(self, organisation: Organisation, unsigned: Unsigned) -> str:
        """What a node wants signed, signed with the organisation's key, as on a machine that is offline."""
        key = in_circle(self.desks[organisation.slug].organisation_key, DOMAIN, organisation.slug)
        return sign_record(Draft.of(unsigned).record, key).decode()

    async def burn(self, organisation: Organisation) -> None:
        """Stop the organisation's node, and destroy all that it has but its configuration."""
        await self.desks[organisation.slug].node.stop()
        shutil.rmtree(self.folder / organisation.slug / "data")

    async def begin_anew(self, organisation: Organisation) -> None:
        """A new node of the organisation, where the old one was, with nothing but its configuration."""
        slug = organisation.slug
        node = await self._run(slug, self.folder / slug / CONFIG_NAME)
        self.desks[slug] = replace(self.desks[slug], node=node)

    async def _open(self, organisation: Organisation) -> Desk:
        slug = organisation.slug
        folder = self.folder / slug
        folder.mkdir(mode=0o700)
        path = folder / CONFIG_NAME
        config = _CONFIG.format(
            host=LOOPBACK,
            port=self._reserve_port(slug),
            label=organisation.label,
            languages=list(organisation.languages),
            name=organisation.name,
        )
        if organisation in self._with_console:
            config += _CONSOLE.format(host=LOOPBACK, port=self._reserve_port(slug), slug=slug)
        path.write_text(config, encoding="utf-8")
        node = await self._run(slug, path)
        key = make_key(secret_path(folder, "drill"), "drill", self.chance, None)
        write_public(public_path(folder, "drill"), key.verifying)
        return Desk(organisation, key, node)

    def _reserve_port(self, slug: str) -> int:
        return int(self._stack.enter_context(self.cables.reserve_port(slug)).getsockname()[1])

    async def _run(self, slug: str, path: Path) -> Node:
        config = load_config(path)
        log = self._stack.enter_context((path.parent / "node.log").open("a", encoding="utf-8"))
        node = Node(config, log=make_logger(config.log, log))
        node.listen(lambda circle, event: self.watch.heard(slug, circle, event))
        with calls_of(slug):
            await self._stack.enter_async_context(node)
        return node

    def _troubles(self) -> str:
        """What keeps a node from doing its part, in words."""
        health = {desk.organisation.name: desk.node.health() for desk in self.desks.values()}
        return " ".join(
            f"{name}'s node is at fault: {found.troubles[0].explanation}"
            for name, found in health.items()
            if found.status == "failing"
        )

    def _confirmed_by_all(self, desk: Desk, circle: Circle) -> bool:
        line = desk.node.lines.get(circle.id)
        if line is None:
            return False
        own, others = line.own, line.circle.by_slug.keys() & self.desks.keys() - {desk.organisation.slug}
        if desk.organisation.slug not in line.circle.by_slug:
            return True
        has_card = desk.node.store.card_before(own.name, own.size) is not None
        return has_card and all(slug in own.held and own.held[slug].size == own.size for slug in others)
