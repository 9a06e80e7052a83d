"""A charter in plain words, and what a version changes."""

import msgspec
import pytest

from tocsin.circles.founding.charter import Charter, CharterMember, Limits, parse_charter
from tocsin.circles.founding.draft import draft_charter
from tocsin.core.clock import Chance
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import organisation_name
from tocsin.node.clock import SystemChance
from tocsin.web.circles.clauses import changes, clauses, duration, size
from tocsin.web.languages import LANGUAGES

ENGLISH = LANGUAGES["en"]
CHANCE: Chance = SystemChance()


def member(slug: str, label: str = "A desk") -> CharterMember:
    """An organisation with a key of its own."""
    key = SigningKey.generate(organisation_name("line.example", slug), SignatureType.ED25519, CHANCE)
    return CharterMember(slug=slug, label=label, economy="KR", organisation_key=key.verifying.encode())


@pytest.fixture
def charter() -> Charter:
    """A charter of three."""
    text = draft_charter(
        domain="line.example",
        title="Harbour",
        purpose="To warn each other.",
        members=[member("ash"), member("birch"), member("cedar")],
        nonce=bytes(32),
    )
    return parse_charter(text)


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_every_clause_is_told_in_every_language(charter: Charter, tag: str) -> None:
    """Each has a title, and a sentence or the circle's own words."""
    found = clauses(charter, LANGUAGES[tag])

    assert {"mode", "purpose", "quorum", "handling", "clocks", "verification", "authority", "limits"} <= {
        clause.name for clause in found
    }
    assert all(clause.title and (clause.sentence or clause.own) for clause in found)


def test_what_a_charter_says_in_numbers_stands_in_its_words(charter: Charter) -> None:
    """Two of three; fifteen minutes and four hours."""
    told = {clause.name: clause.sentence for clause in clauses(charter, ENGLISH)}

    assert "2 of 3" in told["quorum"]
    assert "15 min" in told["clocks"]
    assert "4 h" in told["clocks"]
    assert "TLP:AMBER" in told["handling"]


def test_who_comes_goes_and_is_removed_is_told_first(charter: Charter) -> None:
    """By slug, with the name that somebody gave itself beside it, never within our sentence."""
    hostile = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"
    after = msgspec.structs.replace(
        charter,
        members=(
            msgspec.structs.replace(charter.members[0], label=hostile),
            msgspec.structs.replace(member("dune", hostile), sponsors=("ash",)),
        ),
        title="Haven",
    )

    told = changes(charter, after, ENGLISH)

    assert [change.sentence for change in told[:2]] == ["birch has left.", "cedar has left."]
    assert sum(change.own == hostile for change in told) == 2
    assert not any("script" in change.sentence for change in told)
    assert [change.own for change in told if "title" in change.sentence] == ["Haven"]


def test_a_rule_that_changes_is_told_before_and_after(charter: Charter) -> None:
    """And one that does not is not told."""
    limits = Limits(records_per_second=5, bytes_per_day=2_000_000)
    told = changes(charter, msgspec.structs.replace(charter, limits=limits), ENGLISH)

    assert [change.sentence for change in told] == ["Limits"]
    (change,) = told
    assert change.before is not None
    assert change.after is not None
    assert "1,000 records" in change.before.sentence
    assert "2 MB" in change.after.sentence


def test_a_version_with_other_words_alone_says_so(charter: Charter) -> None:
    """No clause is different."""
    assert [change.sentence for change in changes(charter, charter, ENGLISH)] == ["Nothing but its words."]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 B"),
        (999, "999 B"),
        (1_000, "1 kB"),
        (16 * 2**20, "16 MiB"),
        (10**10, "10 GB"),
        (1_500, "1,500 B"),
    ],
)
def test_bytes_are_said_without_losing_any(count: int, words: str) -> None:
    """In the largest unit that they are whole in."""
    assert size(count) == words


@pytest.mark.parametrize(("minutes", "words"), [(15, "15 min"), (60, "1 h"), (90, "90 min"), (240, "4 h")])
def test_whole_hours_are_said_as_hours(minutes: int, words: str) -> None:
    """Anything else in minutes."""
    assert duration(minutes, ENGLISH) == words
