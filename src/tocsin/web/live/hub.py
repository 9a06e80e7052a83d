"""What happens, sent to the open pages that show it.

    hub.publish("case/…", render)               # render(language) gives fragments
    hub.publish("room", render, of="row-1")     # takes the place of what was not sent yet of the same

- What is published is sent at once, or with what comes within `TOGETHER_S` after the last that was sent. It
  is rendered then, once for each language that is open, and the same bytes go to all: so never anything that
  not all may see who may see a topic.
- Fragments are `<hx-partial hx-target="#…" hx-swap="…">…</hx-partial>`. Sent twice they change nothing.
- Every topic has a number, that of what was published last. A page says the newest number of when it was made
  (`moment`), and when its stream begins it is told the number of its topics: so it knows whether it missed
  anything, and then asks for itself anew. After another start all numbers are others (`boot`).
- A stream ends when the session ends in which its page was opened: `look` finds it, and does so with every
  beat, since a session may end by time alone.
- Of more than `MOST_OF_SESSION` pages of one session, the one ends that was opened first: so nobody takes the
  connections of all others. It is told so (`crowded`), and does not come again by itself.
- A rendering that fails is a fault of this program, told to `on_fault`; the other pages and topics go on.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

from tocsin.cases.telling import Language
from tocsin.core.clock import Chance, Clock
from tocsin.web.live.page import OpenPage, event
from tocsin.web.serving.person import Person, Signed

TOGETHER_S: Final = 0.04
BEAT_S: Final = 5.0
"""How often every page hears that the stream is there: what it cannot notice by itself."""
MOST_OF_SESSION: Final = 32

_MOST_TOPICS: Final = 4_096

Render: TypeAlias = Callable[[Language], str]


class Hub:
    """All open pages of one console. `stays` says of a session whether it goes on."""

    def __init__(
        self,
        clock: Clock,
        chance: Chance,
        stays: Callable[[Signed], bool],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self.boot = chance.token(6).hex()
        self._clock = clock
        self._stays = stays
        self._on_fault = on_fault
        self._number = 0
        # What was forgotten was published before this.
        self._floor = 0
        self._numbers: OrderedDict[str, int] = OrderedDict()
        # In the order in which they were opened.
        self._open: dict[OpenPage, None] = {}
        self._pages: defaultdict[str, dict[OpenPage, None]] = defaultdict(dict)
        self._waiting: dict[str, dict[str, Render]] = {}
        self._sent_s = float("-inf")
        self._left: list[Callable[[str, Person], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._beat: asyncio.TimerHandle | None = None

    def moment(self) -> str:
        """What a page has that is made of what is known from now on."""
        return f"{self.boot}-{self._number}"

    def is_open(self, topic: str) -> bool:
        """Whether anybody has a page of that topic open."""
        return topic in self._pages

    def people(self) -> list[Person]:
        """Whoever has a page open, each once."""
        return list({page.signed.person.id: page.signed.person for page in self._open}.values())

    def when_left(self, left: Callable[[str, Person], None]) -> None:
        """Have `left` told of each topic of which somebody has closed their last page."""
        self._left.append(left)

    def publish(self, topic: str, render: Render, *, of: str = "") -> None:
        """Send fragments to all pages of a topic. `of`: in place of what is not sent yet of it."""
        self._count(topic)
        if topic in self._pages:
            waiting = self._waiting.setdefault(topic, {})
            waiting.pop(of, None)
            waiting[of or f" {self._number}"] = render
            self._send_soon()

    def refresh(self, topic: str) -> None:
        """Have all pages of a topic ask for themselves anew: what is new has no place in them."""
        self._count(topic)
        for page in self._pages.get(topic, ()):
            page.send(event("changed", name="refresh"))

    @contextmanager
    def opened(self, topics: Sequence[str], language: Language, signed: Signed) -> Iterator[OpenPage]:
        """A page of these topics, at least one, from now on."""
        page = OpenPage(tuple(dict.fromkeys(topics)), language, signed)
        self._open[page] = None
        for topic in page.topics:
            self._pages[topic][page] = None
        page.send(self._now("opened", max(self._numbers.get(one, self._floor) for one in page.topics)))
        self._begin_to_beat()
        of_session = [other for other in self._open if other.signed.session == signed.session]
        if len(of_session) > MOST_OF_SESSION:
            self._end(of_session[0], event("crowded", name="crowded"))
        try:
            yield page
        finally:
            self._forget(page)

    def look(self) -> None:
        """End the streams of sessions that have ended."""
        for page in list(self._open):
            if not self._stays(page.signed):
                self._end(page)

    def end_all(self) -> None:
        """The console closes."""
        for timer in (self._timer, self._beat):
            if timer:
                timer.cancel()
        for page in list(self._open):
            self._end(page)

    def _count(self, topic: str) -> None:
        self._number += 1
        self._numbers[topic] = self._number
        self._numbers.move_to_end(topic)
        if len(self._numbers) > _MOST_TOPICS:
            _, self._floor = self._numbers.popitem(last=False)

    def _now(self, name: str, number: int) -> bytes:
        """A number and the time here: clocks tick in the browser, which may have another time."""
        return event(f"{self.boot}-{number} {self._clock.wall_ms()}", name=name)

    def _end(self, page: OpenPage, last: bytes = b"") -> None:
        # At once: somebody who does not read would keep it among those that are counted.
        self._forget(page)
        page.end(last)

    def _forget(self, page: OpenPage) -> None:
        if page not in self._open:
            return
        del self._open[page]
        person = page.signed.person
        for topic in page.topics:
            pages = self._pages[topic]
            del pages[page]
            if all(other.signed.person.id != person.id for other in pages):
                for left in self._left:
                    left(topic, person)
            if not pages:
                del self._pages[topic]
                self._waiting.pop(topic, None)

    def _send_soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._sent_s + TOGETHER_S), self._send)

    def _send(self) -> None:
        self._timer = None
        self._sent_s = asyncio.get_running_loop().time()
        waiting, self._waiting = self._waiting, {}
        for topic, renders in waiting.items():
            made: dict[str, bytes] = {}
            for page in self._pages.get(topic, ()):
                language = page.language
                if language.tag not in made:
                    made[language.tag] = self._made(renders.values(), language)
                if sent := made[language.tag]:
                    page.send(sent)

    def _made(self, renders: Iterable[Render], language: Language) -> bytes:
        fragments = []
        for render in renders:
            try:
                fragments.append(render(language))
            except Exception as error:  # noqa: BLE001 - one page's fault is no other's
                self._on_fault(error)
        text = "".join(fragments)
        return event(text, at=self.moment()) if text else b""

    def _begin_to_beat(self) -> None:
        if self._beat is None:
            self._beat = asyncio.get_running_loop().call_later(BEAT_S, self._beat_once)

    def _beat_once(self) -> None:
        self._beat = None
        beat = self._now("beat", self._number)
        self.look()
        for page in self._open:
            page.send(beat)
        if self._open:
            self._begin_to_beat()
