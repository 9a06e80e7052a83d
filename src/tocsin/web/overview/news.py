"""What changes in the situation room, sent to open pages.

- A row at once, by itself: the page puts it where its order says (`static/js/room.js`). For all that is read
  when the console starts, pages ask anew once.
- What is counted, the clocks and the lines at most twice a second, and only what is another than before. They
  are also looked at every `AGAIN_S`: desks begin and end their duty without anybody saying so. That never
  takes more than a tenth of the loop's time.
"""

from functools import partial
from typing import Final

from tocsin.cases.telling import Language
from tocsin.circles.events import Event
from tocsin.core.records import Ref
from tocsin.node.node import Node
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.hub import Hub, Render
from tocsin.web.live.pulse import Pulse
from tocsin.web.overview.board import Board, count
from tocsin.web.overview.lines.lines import Lines
from tocsin.web.overview.lines.maps import map_of
from tocsin.web.overview.rows.cases import CaseRow, row_id
from tocsin.web.overview.rows.clocks import clocks_of, ring

TOPIC: Final = "room"
AGAIN_S: Final = 20.0
_TOGETHER_S: Final = 0.5
_MAP_MS: Final = 20_000


class News:
    """What is sent of the room of one node."""

    def __init__(self, node: Node, board: Board, lines: Lines, hub: Hub, fragments: Fragments) -> None:
        self._node = node
        self._clock = node.clock
        self._board = board
        self._lines = lines
        self._hub = hub
        self._fragments = fragments
        self._sent: dict[str, object] = {}
        self._pulse = Pulse(self.send, node.clock, node.call_failed, again_s=AGAIN_S, together_s=_TOGETHER_S)

    async def run(self) -> None:
        """Send what happens, until cancelled."""
        self._board.listen(self._changed)
        self._board.when_read_on(self._pulse.wake)
        self._board.when_whole(partial(self._hub.refresh, TOPIC))
        end = self._node.listen(self._happened)
        try:
            await self._pulse.run()
        finally:
            end()

    def _happened(self, circle: str, event: Event) -> None:
        self._lines.happened(circle, event)
        self._pulse.wake()

    def _changed(self, circle: str, case: Ref, row: CaseRow | None) -> None:
        self._pulse.wake()
        of = row_id(circle, case)
        if row is None:
            self._hub.publish(TOPIC, self._shown(of, "overview/gone.html", "delete"), of=of)
        else:
            arrived = self._shown("arrivals", "overview/row.html", "beforeend", row=row, fresh=True)
            self._hub.publish(TOPIC, arrived, of=of)

    def send(self) -> None:
        """Send what is another than when it was sent last."""
        if not self._hub.is_open(TOPIC):
            # A page that is just being loaded has to know that it missed something.
            self._sent.clear()
            self._hub.publish(TOPIC, lambda _: "", of="counts")
            return
        reading = self._board.reading
        self._send("reading", reading, "overview/reading.html", reading=reading)
        counts, clocks = count(self._board.rows), clocks_of(self._board.clocks)
        now_ms = self._clock.wall_ms()
        self._send("counts", counts, "overview/counts.html", counts=counts)
        self._send("clocks", clocks, "overview/clocks_panel.html", clocks=clocks, ring=ring, now_ms=now_ms)
        circles = self._lines.circles()
        members = [(circle.id, sorted(line.slug for line in circle.members)) for circle in circles]
        if self._sent.setdefault("members", members) != members:
            self._sent["members"] = members
            self._hub.refresh(TOPIC)
        for circle in circles:
            for line in circle.members:
                self._send(line.id, line, "overview/member.html", line=line, now_ms=now_ms)
            # A map is large, and says the same: its numbers may be a little older.
            states = [(line.slug, line.state) for line in circle.members]
            self._send(
                f"map-{circle.id}",
                (states, now_ms // _MAP_MS),
                "overview/map.html",
                circle=circle,
                map_of=map_of,
                now_ms=now_ms,
            )

    def _send(self, target: str, value: object, template: str, **values: object) -> None:
        if self._sent.get(target) != value:
            self._sent[target] = value
            self._hub.publish(TOPIC, self._shown(target, template, "outerMorph", **values), of=target)

    def _shown(self, target: str, template: str, swap: str, /, **values: object) -> Render:
        def render(language: Language) -> str:
            return self._fragments.partial(language, target, template, swap=swap, **values)

        return render
