"""The keys of officers: an officer makes one in the browser, an administrator puts it on the card.

The two compare letters before, by telephone or side by side: else whoever has got hold of a session could
have a key of their own put there.
"""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from starlette.responses import Response

from tocsin.core.errors import MalformedKey
from tocsin.core.keys import SignatureType, VerifyingKey, decode_base64
from tocsin.core.names import LogName
from tocsin.core.spelling import code_of, spoken, written
from tocsin.node.card import configured_officers
from tocsin.node.card.officers import OfficerKey, UnknownKey
from tocsin.node.node import Node
from tocsin.web.acting.drafts import Drafts
from tocsin.web.acting.pending import Pending
from tocsin.web.acting.setting import card_of, listed_on
from tocsin.web.people.audit import Audit
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_COMPARED: Final = b"officer-key"


class NewKeyForm(Struct, frozen=True, kw_only=True):
    """A circle, and the public half of a key: 32 bytes in base64."""

    circle: str
    public: str


class KeyForm(Struct, frozen=True, kw_only=True):
    """Which key."""

    vkey: str


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as people are shown it: the circle it is for, and the letters that two people compare.

    `state`: *waiting*, *soon* (on its way to the card), *on-card*, or *earlier*, of an epoch that is over.
    """

    key: OfficerKey
    title: str
    circle: str
    drill: bool
    state: str
    letters: tuple[str, ...]
    spoken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A circle in which this person may have a key of that name, and those that there are."""

    circle: str
    title: str
    drill: bool
    key_name: str
    keys: tuple[KeyView, ...]


class Keys:
    """The pages of keys of one console."""

    def __init__(self, node: Node, drafts: Drafts, pending: Pending, audit: Audit) -> None:
        self._node = node
        self._audit = audit
        self._drafts = drafts
        self._pending = pending

    @page("GET", "/keys", Role.OFFICER)
    async def own_keys(self, visit: Visit) -> Response:
        """This person's keys, by circle; this browser says which it has; and what was about to be said."""
        person = visit.person
        views = [self._view(one) for one in self._node.officers.of(person.id)]
        places = tuple(
            KeyPlace(
                circle=line.circle.id,
                title=line.circle.charter.title,
                drill=line.circle.drill,
                key_name=line.own.member.log.officer(person.role_name),
                keys=tuple(one for one in views if one.circle == line.circle.id),
            )
            for line in self._node.lines.values()
        )
        unsaid = (one.id for one in self._drafts.of(person.id) if not self._pending.get(person.id, one.id))
        return visit.render("acting/keys/own.html", places=places, draft=next(unsaid, None))

    @page("POST", "/keys", Role.OFFICER)
    async def register_key(self, visit: Visit) -> Response:
        """Take note of a key that this person's browser made. It waits."""
        sent, person = visit.form(NewKeyForm), visit.person
        line = self._node.lines.get(sent.circle)
        if line is None:
            raise UnknownKey("Expected a circle of this node, found another.")
        name = line.own.member.log.officer(person.role_name)
        key = VerifyingKey(name, SignatureType.ED25519, decode_base64(sent.public, MalformedKey))
        await self._node.officers.register(
            OfficerKey(
                vkey=key.encode(), person=person.id, name=person.name, made_at_ms=self._node.clock.wall_ms()
            )
        )
        return visit.go("/keys")

    @page("POST", "/keys/forget", Role.OFFICER, fresh="/keys")
    async def forget_key(self, visit: Visit) -> Response:
        """Take one's own key away, from the card, too."""
        vkey = visit.form(KeyForm).vkey
        if self._node.officers.get(vkey).person != visit.person.id:
            raise UnknownKey
        await self._node.officers.remove(vkey)
        self._note(visit, "key-forgotten", vkey)
        return visit.go("/keys")

    @page("GET", "/keys/card", Role.ADMINISTRATOR)
    async def all_keys(self, visit: Visit) -> Response:
        """All keys, those that wait first, and whom the configuration names."""
        views = [self._view(one) for one in self._node.officers.all()]
        configured = [
            (line.circle.charter.title, VerifyingKey.parse(vkey).name.rpartition("/")[2], vkey)
            for line in self._node.lines.values()
            for vkey in configured_officers(self._node.config, line.own.name)
        ]
        waiting = tuple(one for one in views if one.state == "waiting")
        others = tuple(one for one in views if one.state != "waiting")
        return visit.render("acting/keys/card.html", waiting=waiting, others=others, configured=configured)

    @page("POST", "/keys/put-on", Role.ADMINISTRATOR, fresh="/keys/card")
    async def put_on(self, visit: Visit) -> Response:
        """Put a key on the card, which is published anew at once."""
        officers, vkey = self._node.officers, visit.form(KeyForm).vkey
        besides = len(configured_officers(self._node.config, officers.get(vkey).log))
        await officers.put_on(vkey, by=visit.person.name, at_ms=self._node.clock.wall_ms(), besides=besides)
        self._note(visit, "key-put-on", vkey)
        return visit.go("/keys/card")

    @page("POST", "/keys/take-off", Role.ADMINISTRATOR, fresh="/keys/card")
    async def take_off(self, visit: Visit) -> Response:
        """Take a key off the card, or out of those that wait."""
        vkey = visit.form(KeyForm).vkey
        await self._node.officers.remove(vkey)
        self._note(visit, "key-taken-off", vkey)
        return visit.go("/keys/card")

    def _note(self, visit: Visit, act: str, vkey: str) -> None:
        self._audit.note("bound", visit.person.id, visit.person.name, act=act, key=vkey)

    def _view(self, key: OfficerKey) -> KeyView:
        code = code_of(_COMPARED, key.vkey.encode())
        log = LogName.parse(key.log)
        line = self._node.lines.get(log.circle)
        return KeyView(
            key=key,
            title=line.circle.charter.title if line else log.circle,
            circle=log.circle,
            drill=bool(line and line.circle.drill),
            state=self._state(key),
            letters=tuple(written(code)),
            spoken=tuple(spoken(code)),
        )

    def _state(self, key: OfficerKey) -> str:
        line = self._node.lines.get(LogName.parse(key.log).circle)
        if line is None or line.own.name != key.log:
            return "earlier"
        if key.on_card_by is None:
            return "waiting"
        listed = listed_on(card_of(self._node, line.circle.id))
        return "on-card" if key.vkey in listed else "soon"
