"""The command by which an officer reads a case, with what its organisation saw already in it."""

import shlex

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.cases.picture.desks import START_MS, url

from tocsin.cli.cases.parsing import SourceType
from tocsin.cli.readings.own import as_typed, to_read
from tocsin.core.errors import Refusal
from tocsin.core.legible import is_legible
from tocsin.core.records import Source

WORDS = st.sampled_from(
    ["2026-11-22", "received", f"sha256:{'cd' * 32}", "it's", '$(id) "', "record", "電文"]
)
LOCATORS = st.lists(WORDS, min_size=1).map(" ".join) | st.text(min_size=1, max_size=40)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    """Whatever an organisation may cite itself."""
    try:
        return Source(
            kind=draw(st.sampled_from(["post", "sensor", "document"])),
            locator=draw(LOCATORS),
            obtained=draw(st.sampled_from(["published", "automatic", "first-hand", "other"])),
            obtained_at_ms=draw(st.none() | st.just(START_MS)),
            sha256=draw(st.none() | st.just("ab" * 32)),
        )
    except Refusal:
        assume(condition=False)
        raise


@given(source=sources())
def test_a_source_that_is_typed_is_that_very_one(source: Source) -> None:
    """Read again it is what it was, where, how obtained and with which content; else it is not typed."""
    typed = as_typed(source)
    if typed is not None:
        found = SourceType().read(typed)
        told = (found.kind, found.locator, found.obtained, found.sha256)
        assert told == (source.kind, source.locator, source.obtained, source.sha256)
        assert all(map(is_legible, typed))


def test_plain_sources_are_typed() -> None:
    """A page, and with its content; one that no command takes is left out."""
    page = url("one")
    assert as_typed(page) == "website https://news.example/one published"
    assert as_typed(Source(kind="post", locator="a", obtained="other", sha256="ab" * 32)) == (
        f"post a other sha256:{'ab' * 32}"
    )
    assert as_typed(Source(kind="sensor", locator="camera  7", obtained="automatic")) is None
    assert as_typed(Source(kind="sensor", locator="camera\u202e7", obtained="automatic")) is None
    assert as_typed(Source(kind="website", locator="of a version before 0.3.0")) is None


@given(cited=st.lists(sources(), max_size=6))
def test_a_shell_takes_the_command_as_it_was_meant(cited: list[Source]) -> None:
    """Whatever a locator says, it is one word of ours; without any, there is a place for it."""
    typed = [one for one in map(as_typed, cited) if one is not None]
    words = shlex.split(to_read("birch.1.12", cited))

    assert words[:4] == ["tocsin", "case", "reading", "birch.1.12"]
    assert words[4:8] == ["KIND=PERCENT", "undetermined=REST", "--confidence", "CONFIDENCE"]
    assert words[8:] == [word for one in typed[:4] or ["…"] for word in ("--source", one)]
