"""The organisations behind the nodes of a world: their offline keys, and what their people do with them.

They do what the command line has people do: make new keys, state how an epoch ended, sign, and adopt what
they signed, at the node and after each of its starts. What they sign is known to the world from then on; the
nodes have to tell each other.
"""

from typing import TYPE_CHECKING

import msgspec
from tests.simulation.clock import START_MS, SeededChance
from tests.simulation.memory_store import MemoryStore
from tests.simulation.wire import url_of

from tocsin.circles.changing.amendment import sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.fold import changed, event_id
from tocsin.circles.changing.leaving import make_leaving
from tocsin.circles.founding.charter import CharterMember
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.core.errors import Refusal
from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import Endpoint, Previous, Reason
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.log.store import StorageFailed, StorageFull

if TYPE_CHECKING:
    from tests.simulation.world import Node, World

    from tocsin.circles.line import Line

NEWCOMERS = ("hazel", "ivy", "juniper")
"""Who may join a circle that is there already, in this order."""

_PAUSED = "A new epoch begins."
_TRIES = 30
_AGAIN_S = 2.0


class Offices:
    """All organisations of one world. `keys` are their own, by slug; `stolen` whose online keys were used."""

    def __init__(self, world: "World", keys: dict[str, SigningKey]) -> None:
        self.keys = dict(keys)
        self.stolen: set[LogName] = set()
        self.gone: set[str] = set()
        self._leaving: set[str] = set()
        self.burnt: set[str] = set()
        self._world = world
        self._events: list[bytes] = []
        self._circle = world.circle
        self._chance = SeededChance(world.seed, "offices")

    @property
    def circle(self) -> Circle:
        """The circle as all that was ever signed leaves it."""
        return self._circle

    def sign(self, slug: str, event: bytes) -> None:
        """An event that an organisation signed; its node is to adopt it."""
        self._events.append(event)
        self._circle = changed(self._world.circle, self._events)
        if slug in self._world.nodes:
            self._world.nodes[slug].to_adopt.append(event)

    async def adopt(self, node: "Node", line: "Line") -> None:
        """Have a node take what its organisation signed for it; again, while it lacks what goes before."""
        for _ in range(_TRIES):
            try:
                await line.take(node.to_adopt)
            except (Refusal, StorageFull):
                await node.clock.sleep(_AGAIN_S)
            except StorageFailed:
                return
            else:
                return

    def rotate(self, slug: str, reason: Reason = "scheduled") -> None:
        """Begin a new epoch, the one before being known to the end; nothing if the node is down."""
        node = self._world.nodes[slug]
        if node.line and node.outlet:
            self._world.loop.spawn(node.outlet, self._rotate(node, node.line, reason))

    async def _rotate(self, node: "Node", line: "Line", reason: Reason) -> None:
        member = self._circle.by_slug.get(node.slug)
        if member is None or member.disputed or line.own.member.log != member.log:
            return
        try:
            await line.pause_writing(_PAUSED)
            end = self._world.truth.own_end(node.slug, str(member.log))
            if self._is_newest(member) and end is not None:
                self._open(node, member, Previous(root=encode_base64(end[1]), size=end[0]), reason)
            await line.go_on_writing()
        except (Refusal, StorageFull, StorageFailed):
            return
        await self.adopt(node, line)

    def burn(self, slug: str) -> None:
        """A disk burns. The node comes back on a new one, with what another member has of the circle."""
        world, node = self._world, self._world.nodes[slug]
        member = self._circle.by_slug.get(slug)
        held = self._held_by_another(slug, str(member.log)) if member else None
        if member is None or held is None or member.disputed:
            return
        world.kill(slug)
        world.truth.forget(slug)
        self.burnt.add(slug)
        node.keys.clear()
        node.store = MemoryStore(self._chance.token(16).hex())
        node.to_adopt = list(self._events)
        self._open(node, member, Previous(root=encode_base64(held.root), size=held.size), "lost")
        self._begin(node)

    def leave(self, slug: str) -> None:
        """A member leaves; nothing if its node is down, or has not taken what was signed."""
        node = self._world.nodes[slug]
        staying = self._world.nodes.keys() & self._circle.by_slug.keys() - self._leaving - {slug}
        # Whoever holds an amendment that its node could not take yet stays until others know it too.
        settled = node.line and set(node.to_adopt) <= set(node.line.events)
        if node.line and node.outlet and staying and settled:
            self._leaving.add(slug)
            self._world.loop.spawn(node.outlet, self._leave(node, node.line))

    async def _leave(self, node: "Node", line: "Line") -> None:
        member = self._circle.by_slug.get(node.slug)
        if member is None or member.disputed or line.own.member.log != member.log:
            return
        try:
            await line.pause_writing("We leave.")
        except (Refusal, StorageFull, StorageFailed):
            return
        end = self._world.truth.own_end(node.slug, str(member.log))
        if self._is_newest(member) and end is not None:
            key = self.keys[node.slug]
            self.gone.add(node.slug)
            self.sign(node.slug, make_leaving(member.log, *end, key, at_ms=START_MS, tlp="TLP:GREEN"))
        await self.adopt(node, line)

    def _begin(self, node: "Node") -> None:
        """Start a node from the circle in a file, with all that its people were given to adopt."""
        with node.store.transaction():
            for event in node.to_adopt:
                node.store.put_document(f"events/{self._world.circle.id}", event_id(event).hex(), event)
        self._world.restart(node.slug)

    def amend(self, slug: str, purpose: str) -> None:
        """All members agree on another purpose; one of them brings the amendment to its node."""
        self._agree(slug, self._staying(), purpose)

    def promote(self, slug: str) -> None:
        """All members agree that those who observe count from now on."""
        self._agree(slug, [msgspec.structs.replace(member, observer=False) for member in self._staying()])

    def join(self, slug: str, *, observer: bool) -> None:
        """Somebody new joins, for whom this member vouches; nothing if there is nobody else."""
        new, circle = next((new for new in NEWCOMERS if new not in self.keys), None), self._circle
        if new is None:
            return
        key = SigningKey.generate(organisation_name(circle.domain, new), SignatureType.ED25519, self._chance)
        member = CharterMember(
            slug=new,
            label=new.title(),
            economy="NZ",
            organisation_key=key.verifying.encode(),
            observer=observer,
            sponsors=(slug,),
        )
        if not self._agree(slug, [*self._staying(), member], key=key):
            return
        self.keys[new] = key
        keys = MemberKeys.generate(LogName(circle.domain, circle.id, new, 1), self._chance)
        endpoint = Endpoint(tls_spki_sha256=self._chance.token(32).hex(), url=url_of(new))
        self.sign(new, make_opening(keys, key, endpoint, at_ms=START_MS, tlp="TLP:GREEN"))
        node = self._world.admit(keys)
        node.to_adopt = list(self._events)
        self._begin(node)

    def _staying(self) -> list[CharterMember]:
        """Those whom the charter lists, and who have not left."""
        circle = self._circle
        return [member for member in circle.charter.members if member.slug not in circle.left]

    def _agree(
        self,
        slug: str,
        members: list[CharterMember],
        purpose: str | None = None,
        key: SigningKey | None = None,
    ) -> bool:
        """All members, and who joins with this key, sign; this member brings it to its node. If they may."""
        circle, world = self._circle, self._world
        # Who is about to leave collects no signatures: nobody would hear of them.
        if circle.frozen or slug not in circle.by_slug or slug in self._leaving:
            return False
        held = [checkpoint for member in circle.members if (checkpoint := self._known(member))]
        quorum = sum(not member.observer for member in members) // 2 + 1
        signing = [self.keys[member.slug] for member in self._staying() if not member.observer]
        try:
            text = draft_amendment(circle, held, members=members, purpose=purpose, quorum=quorum)
            signatures = [sign_amendment(text, one) for one in (*signing, *([key] if key else []))]
            amendment = sealed_amendment(text, signatures, circle.chain, circle.left)
        except Refusal:
            return False
        self.sign(slug, amendment.encode())
        node = world.nodes[slug]
        if node.line and node.outlet:
            world.loop.spawn(node.outlet, self.adopt(node, node.line))
        return True

    def suspend(self, slug: str, other: str, *, ends: bool) -> None:
        """A member does not speak with another for now, or speaks with it again."""
        node = self._world.nodes[slug]
        if node.line and node.outlet and slug != other:
            self._world.loop.spawn(node.outlet, self._suspend(node.line, other, ends=ends))

    async def _suspend(self, line: "Line", other: str, *, ends: bool) -> None:
        try:
            await (line.resume(other) if ends else line.suspend(other, "We looked into something."))
        except (Refusal, StorageFull, StorageFailed):
            return

    def settle(self) -> None:
        """What organisations do in the end: what they began, and a new epoch where keys were stolen."""
        last_words = [event for slug in self.gone for event in self._world.nodes[slug].to_adopt]
        for slug, node in self._world.nodes.items():
            # Nobody listens to who left; what it alone brought to its node, others bring to theirs.
            node.to_adopt += [event for event in last_words if event not in node.to_adopt]
            member = self._circle.by_slug.get(slug)
            if node.line and node.outlet:
                self._world.loop.spawn(node.outlet, self._finish(node, node.line))
                if member and member.log in self.stolen:
                    self.rotate(slug, "compromised")

    async def _finish(self, node: "Node", line: "Line") -> None:
        for other in self._circle.by_slug:
            if other != node.slug:
                await self._suspend(line, other, ends=True)
        await self.adopt(node, line)
        if node.slug not in self.gone:
            await line.go_on_writing()

    def _is_newest(self, member: Member) -> bool:
        """Whether no later epoch of it was begun meanwhile."""
        newest = self._circle.by_slug.get(member.slug)
        return newest is not None and newest.log == member.log

    def _open(self, node: "Node", member: Member, previous: Previous, reason: Reason) -> None:
        log = LogName(member.log.domain, member.log.circle, member.slug, member.log.epoch + 1)
        keys = MemberKeys.generate(log, self._chance)
        opening = make_opening(
            keys,
            self.keys[member.slug],
            member.endpoint,
            at_ms=START_MS,
            tlp="TLP:GREEN",
            previous=previous,
            reason=reason,
        )
        node.keys[log] = keys
        self.sign(member.slug, opening)

    def _held_by_another(self, slug: str, log: str) -> Checkpoint | None:
        """What one of the others holds of a log and can prove."""
        others = [line for by, line in sorted(self._world.lines.items()) if by != slug]
        held = [
            followed.anchor for line in others if (followed := line.following.log(log)) and followed.anchor
        ]
        return held[int(self._chance.uniform(0, len(held)))].checkpoint if held else None

    def _known(self, member: Member) -> Checkpoint | None:
        lines = self._world.lines
        if (line := lines.get(member.slug)) and str(member.log) == line.own.name and line.own.checkpoint:
            return line.own.checkpoint.checkpoint
        return self._held_by_another(member.slug, str(member.log))
