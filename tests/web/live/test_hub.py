"""The hub: everything once for each language, in order, to whoever shows it, and waiting for nobody."""

from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.browsing import someone

from tocsin.cases.telling import Language
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.web.languages import LANGUAGES
from tocsin.web.live.hub import MOST_OF_SESSION, Hub
from tocsin.web.live.page import MOST_WAITING_BYTES, OpenPage, event

pytestmark = pytest.mark.anyio

EN, KO = LANGUAGES["en"], LANGUAGES["ko"]
ARU, BEK = someone(), someone(name="Bek")


class House:
    """A hub, and what it is told and asked."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []
        self.gone: set[str] = set()
        self.hub = Hub(
            SystemClock(), SystemChance(), lambda signed: signed.session not in self.gone, self.faults.append
        )


class Told:
    """Renders a text, and counts for which languages."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.languages: list[str] = []

    def __call__(self, language: Language) -> str:
        """Render it."""
        self.languages.append(language.tag)
        return f"{self.text} {language.tag}"


async def streamed(page: OpenPage) -> tuple[AsyncIterator[bytes], bytes]:
    """The stream of a page, and what it begins with."""
    stream = page.stream()
    return stream, await anext(stream)


async def test_each_language_is_rendered_once_and_the_same_bytes_go_to_all() -> None:
    """Of two hundred pages in two languages, two renderings are made, and no copies of them."""
    hub = House().hub
    told = Told("smoke")
    pages = []
    for nth in range(200):
        opened = hub.opened(["room"], KO if nth % 2 else EN, someone(name=f"officer-{nth}"))
        pages.append((opened, opened.__enter__()))
    streams = [await streamed(page) for _, page in pages]
    hub.publish("room", told)
    got = [await anext(stream) for stream, _ in streams]
    assert sorted(told.languages) == ["en", "ko"]
    assert len({id(one) for one in got}) == 2
    assert b"smoke en" in got[0]
    assert b"smoke ko" in got[1]


async def test_what_is_published_of_the_same_thing_is_sent_once_as_it_was_last() -> None:
    """And what is published of other things keeps its order."""
    hub = House().hub
    with hub.opened(["room"], EN, ARU) as page:
        stream, _ = await streamed(page)
        first, second, again, other = Told("1"), Told("2"), Told("1 again"), Told("3")
        hub.publish("room", first, of="row")
        hub.publish("room", second)
        hub.publish("room", again, of="row")
        hub.publish("room", other)
        sent = await anext(stream)
        assert not first.languages
        assert sent.endswith(b"data: 2 en1 again en3 en\n\n")


async def test_a_page_that_does_not_keep_up_is_told_to_ask_anew_and_stops_nobody() -> None:
    """What waits for it is bounded; the page beside it has all of it, in order."""
    hub = House().hub
    large = "x" * (MOST_WAITING_BYTES // 4)
    with hub.opened(["room"], EN, ARU) as slow, hub.opened(["room"], EN, BEK) as quick:
        stuck, _ = await streamed(slow)
        stream, _ = await streamed(quick)
        for nth in range(8):
            hub.publish("room", Told(f"{nth}{large}"))
            assert f"data: {nth}x".encode() in await anext(stream)
        assert await anext(stuck) == b"event: refresh\ndata: behind\n\n"
        hub.publish("room", Told("after"))
        assert b"after" in await anext(stuck)


async def test_a_page_knows_whether_it_missed_anything() -> None:
    """The number that its stream begins with is larger than the one it was made with, if it did."""
    hub = House().hub
    made = hub.moment()
    hub.publish("case/1", Told("not of this page"))
    with hub.opened(["room"], EN, ARU) as page:
        _, opened = await streamed(page)
        assert number(opened) <= int(made.rpartition("-")[2])
    hub.publish("room", Told("missed"))
    with hub.opened(["room", "case/2"], EN, ARU) as page:
        _, opened = await streamed(page)
        assert number(opened) > int(made.rpartition("-")[2])
    assert House().hub.boot != hub.boot


async def test_what_has_no_place_in_a_page_has_it_ask_for_itself_anew() -> None:
    """Also the page that is just being loaded."""
    hub = House().hub
    made = int(hub.moment().rpartition("-")[2])
    with hub.opened(["room"], EN, ARU) as page, hub.opened(["circle/1"], EN, ARU) as other:
        stream, _ = await streamed(page)
        beside, _ = await streamed(other)
        hub.refresh("room")
        assert (await anext(stream)).startswith(b"event: refresh\n")
        hub.end_all()
        assert [one async for one in beside] == []
    with hub.opened(["room"], EN, ARU) as late:
        assert number((await streamed(late))[1]) > made


async def test_what_was_forgotten_counts_as_missed() -> None:
    """Of more topics than are remembered, a page of one that nobody remembers asks for itself anew."""
    hub = House().hub
    hub.publish("case/0", Told("long ago"))
    made = int(hub.moment().rpartition("-")[2])
    for nth in range(1, 5_000):
        hub.publish(f"case/{nth}", Told("more"))
    with hub.opened(["case/0"], EN, ARU) as page:
        _, opened = await streamed(page)
        assert number(opened) > made


async def test_a_rendering_that_fails_keeps_nothing_else_back() -> None:
    """It is a fault of ours, said as such."""
    house = House()

    def broken(language: Language) -> str:
        raise RuntimeError(language.tag)

    with house.hub.opened(["room"], EN, ARU) as page:
        stream, _ = await streamed(page)
        house.hub.publish("room", broken)
        house.hub.publish("room", Told("whole"))
        assert b"whole" in await anext(stream)
    assert len(house.faults) == 1


async def test_streams_end_with_their_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signed out everywhere sees nothing more, and the others go on."""
    monkeypatch.setattr("tocsin.web.live.hub.BEAT_S", 0.01)
    house = House()
    with house.hub.opened(["room"], EN, ARU) as mine, house.hub.opened(["room"], EN, BEK) as theirs:
        house.gone.add(ARU.session)
        assert [one async for one in mine.stream() if b"beat" not in one][1:] == []
        stream, _ = await streamed(theirs)
        assert b"event: beat" in await anext(stream)
        house.hub.end_all()


async def test_of_very_many_pages_of_one_session_the_first_is_told_and_ends() -> None:
    """Also one that nobody reads, which is behind; those of other sessions go on."""
    hub = House().hub
    with hub.opened(["room"], EN, BEK) as other, ExitStack() as stack:
        first, *later = [stack.enter_context(hub.opened(["room"], EN, ARU)) for _ in range(MOST_OF_SESSION)]
        first.send(bytes(MOST_WAITING_BYTES + 1))
        last = stack.enter_context(hub.opened(["room"], EN, ARU))
        assert [one async for one in first.stream()] == [b"event: crowded\ndata: crowded\n\n"]
        stack.enter_context(hub.opened(["case/1"], EN, ARU))
        assert b"crowded" in [one async for one in later[0].stream()][-1]
        hub.publish("room", Told("smoke"))
        for page in (*later[1:], last, other):
            heard = b""
            while b"smoke" not in heard:
                heard = await anext(page.stream())
    assert not hub.people()


async def test_all_streams_end_at_once_when_the_console_stops() -> None:
    """So that it does not wait for pages that are open."""
    hub = House().hub
    with hub.opened(["room"], EN, ARU) as page:
        stream, _ = await streamed(page)
        hub.end_all()
        assert [one async for one in stream] == []


async def test_who_closes_their_last_page_of_a_topic_has_left_it() -> None:
    """Not with another still open, and each for themselves."""
    hub = House().hub
    left: list[tuple[str, str]] = []
    hub.when_left(lambda topic, person: left.append((topic, person.name)))
    with hub.opened(["room"], EN, ARU):
        with hub.opened(["room", "circle/1"], EN, ARU), hub.opened(["room"], EN, BEK):
            assert {person.name for person in hub.people()} == {"Aru", "Bek"}
        assert left == [("room", "Bek"), ("circle/1", "Aru")]
    assert left[2:] == [("room", "Aru")]
    assert not hub.is_open("room")


async def test_nothing_is_rendered_for_nobody() -> None:
    """Also if the page was closed in between."""
    hub = House().hub
    told = Told("smoke")
    with hub.opened(["circle/1"], EN, ARU) as other:
        stream, _ = await streamed(other)
        hub.publish("room", told)
        with hub.opened(["room"], EN, ARU):
            hub.publish("room", told)
        hub.publish("circle/1", Told("sent after it"))
        assert b"sent after it" in await anext(stream)
    assert told.languages == []


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n\u2028\x85\x0b:"), max_size=60))
def test_no_text_is_more_than_one_event(text: str) -> None:
    """Whatever ends a line, and whatever somebody wrote: what is read is the text, and nothing beside it."""
    told = event(text, at="b-1").decode()
    assert told.endswith("\n\n")
    lines = told.removesuffix("\n\n").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert lines[0] == "id: b-1"
    assert all(line.startswith("data: ") for line in lines[1:])
    read = "\n".join(line.removeprefix("data: ") for line in lines[1:])
    assert read == text.replace("\r\n", "\n").replace("\r", "\n")


def number(opened: bytes) -> int:
    """What the first event says is the newest number of the page's topics."""
    data = opened.decode().split("data: ")[1]
    return int(data.split()[0].rpartition("-")[2])
