import pytest
from validation.simulating.evidence import evidence
from validation.simulating.parameters import PARAMETERS
from validation.simulating.scenarios import SCENARIOS, voices
from validation.simulating.world import Seen, Voice, draw

from tocsin.core.records import encode_record, parse_record

_READ = (0, 900, 0, 0, 0, 100)
_FEED = Seen("feed", "website", verifiable=True)


def test_what_several_cite_is_one_source() -> None:
    """A source that several cite is one, and all who cite it are its witnesses."""
    found = evidence((Voice(1, _READ, (_FEED,)), Voice(4, _READ, (_FEED,))))
    (source,) = found.sources
    assert source.witnesses == ("birch", "elder")
    assert [read.sources for read in found.readings] == [(0,), (0,)]


def test_unverifiable_sources_of_a_member_are_one() -> None:
    """What others cannot look at is one word of one member, and another of another."""
    words = tuple(Seen(f"{nth}", "person", verifiable=False) for nth in range(2))
    found = evidence((Voice(1, _READ, words), Voice(4, _READ, words)))
    assert [source.witnesses for source in found.sources] == [("birch",), ("elder",)]
    assert [len(source.citations) for source in found.sources] == [2, 2]
    assert not any(source.verifiable for source in found.sources)


def test_who_has_seen_nothing_cites_nothing() -> None:
    """A reading that is all undetermined rests on no source."""
    found = evidence((Voice(1, (0, 0, 0, 0, 0, 1_000), ()),))
    assert found.sources == ()
    assert found.readings[0].sources == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_readings_are_records(name: str) -> None:
    """Every reading is one as a log would hold it: encoded and decoded it is the same."""
    for case in range(20):
        world = draw(7, case, PARAMETERS)
        for read in evidence(voices(name, 7, case, world, PARAMETERS)).readings:
            assert parse_record(encode_record(read.said.record)).record == read.said.record
