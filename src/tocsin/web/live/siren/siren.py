"""The siren: what rings for each person who has a page open, on all their pages; silencing it; its settings.

- That somebody silences it is theirs alone. It tells nobody anything: that an officer is aware, they say.
- It is looked at when what is owed changes, and every `AGAIN_S`: bells ring again, and nights begin. That
  never takes more than a tenth of the loop's time.
"""

from collections.abc import Callable, Container
from functools import partial
from typing import Annotated, Final

from markupsafe import Markup
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.responses import Response

from tocsin.cases.telling import Language
from tocsin.core.records import Ref
from tocsin.node.alerting.telling import Ring
from tocsin.node.node import Node
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub
from tocsin.web.live.pulse import Pulse
from tocsin.web.live.siren.form import SettingsForm, clock_time
from tocsin.web.live.siren.memory import Memory
from tocsin.web.live.siren.ringing import Alarm, Call, SummaryOf, alarm_of, silenced_by
from tocsin.web.live.siren.thresholds import LEAST
from tocsin.web.live.streaming import person_topic
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Person, Role
from tocsin.web.serving.visit import Visit

AGAIN_S: Final = 15.0
SLOT: Final = "siren"

_TOGETHER_S: Final = 0.2
_MOST_OF: Final = 64
"""So many records one acknowledgement can name."""


class Silencing(Struct, frozen=True, kw_only=True):
    """Until which moment what rang is silenced: all of it, or one bell."""

    until_ms: Annotated[int, Meta(ge=0)]
    bell: Annotated[str, Meta(max_length=512)] | None = None


class Siren:
    """The siren of one console. `summary_of` gives a case as it stands in lists.

    `acknowledged`: of which records an account is about to say in a circle that it is aware.
    """

    def __init__(
        self,
        node: Node,
        hub: Hub,
        fragments: Fragments,
        summary_of: SummaryOf,
        acknowledged: Callable[[str, str], Container[Ref]],
    ) -> None:
        self._node = node
        self._clock = node.clock
        self._hub = hub
        self._fragments = fragments
        self._summary_of = summary_of
        self._acknowledged = acknowledged
        self._memory = Memory(node.store, node.committer)
        self._sent: dict[str, Alarm] = {}
        self._pulse = Pulse(self.send, node.clock, node.call_failed, again_s=AGAIN_S, together_s=_TOGETHER_S)

    # What rings

    async def run(self) -> None:
        """Ring, until cancelled."""
        end = self._node.desk.alerts.listen(self.wake)
        try:
            await self._pulse.run()
        finally:
            end()

    def alarm(self, person: Person) -> Alarm:
        """What rings for somebody now."""
        remembered = self._memory.read(person)
        alarm = alarm_of(
            self._rings(),
            self._summary_of,
            remembered.settings,
            remembered.silenced,
            zone_name=person.zone,
            now_ms=self._clock.wall_ms(),
        )
        return replace(alarm, calls=tuple(replace(call, of=self._owed(call, person)) for call in alarm.calls))

    def wake(self) -> None:
        """Something else may ring, or is to be done about it."""
        self._pulse.wake()

    def _owed(self, call: Call, person: Person) -> tuple[Ref, ...]:
        bell, me = call.bell, self._node.lines[call.circle].own.member.slug
        dues = self._node.desk.alerts.watch.dues_of(call.circle, bell.case)
        owed = (due for due in dues if due.member == me and due.due == bell.due)
        said = self._acknowledged(person.id, call.circle) if bell.due == "acknowledgement" else ()
        running = [due.of for due in owed if due.state in ("open", "overdue") and due.of not in said]
        return tuple(running[:_MOST_OF])

    def send(self) -> None:
        """Send it to everybody for whom something else rings than before."""
        people = {person.id: person for person in self._hub.people()}
        self._sent = {one: alarm for one, alarm in self._sent.items() if one in people}
        for person in people.values():
            self._send_to(person)

    def _send_to(self, person: Person) -> None:
        alarm = self.alarm(person)
        if self._sent.get(person.id) != alarm:
            self._sent[person.id] = alarm
            self._hub.publish(person_topic(person.id), partial(self._partial, alarm, person), of=SLOT)

    def _partial(self, alarm: Alarm, person: Person, language: Language) -> str:
        # Of no session, so without its token: the page puts its own in (js/live.js).
        return self._fragments.partial(
            language,
            SLOT,
            "live/siren.html",
            swap="innerMorph",
            alarm=alarm,
            may_say=_may_say(person),
            csrf="",
        )

    def _rings(self) -> list[Ring]:
        return self._node.desk.alerts.rings()

    # Pages

    def slot(self, visit: Visit) -> Markup:
        """What rings, on a page that is made."""
        person = visit.person
        csrf = visit.signed.csrf if visit.signed else ""
        text = visit.text("live/siren.html", alarm=self.alarm(person), may_say=_may_say(person), csrf=csrf)
        return Markup(text)  # noqa: S704 - a template made it

    @page("POST", "/siren/silence", Role.READER)
    async def silence(self, visit: Visit) -> Response:
        """Silence what rang until then, on all pages of this person."""
        sent = visit.form(Silencing)
        until_ms = min(sent.until_ms, self._clock.wall_ms())
        remembered = self._memory.read(visit.person)
        silenced = silenced_by(self._rings(), remembered.silenced, until_ms, sent.bell)
        await self._memory.write(visit.person, replace(remembered, silenced=silenced))
        self._send_to(visit.person)
        return Response(status_code=204) if visit.partial else visit.go("/")

    @page("GET", "/siren", Role.READER)
    async def settings(self, visit: Visit) -> Response:
        """Whose bells one is called by, and when they are loud."""
        settings = self._memory.read(visit.person).settings
        return visit.render("live/settings.html", settings=settings, least=LEAST, at=clock_time, saved=False)

    @page("POST", "/siren", Role.READER)
    async def set(self, visit: Visit) -> Response:
        """Set that."""
        settings = visit.form(SettingsForm).settings
        await self._memory.write(visit.person, replace(self._memory.read(visit.person), settings=settings))
        self._send_to(visit.person)
        return visit.render("live/settings.html", settings=settings, least=LEAST, at=clock_time, saved=True)


def _may_say(person: Person) -> bool:
    return Role.OFFICER in person.roles
