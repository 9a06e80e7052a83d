import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.matching.made import (
    TITLES,
    ask,
    fingerprint,
    observations,
    report,
    seen,
)

from tocsin.cases.matching import (
    Index,
    MalformedObservation,
    Match,
    Observation,
    asked,
    asked_of,
    read_observation,
    said_by,
    write_observation,
)
from tocsin.cases.matching.canonical import name_key
from tocsin.cases.matching.perceptual import MOST_BITS, PerceptualIndex
from tocsin.core.records import Source, System, Translation
from tocsin.core.records.errors import MalformedRecord


def index(*observed: Observation) -> Index:
    """An index of those observations."""
    made = Index()
    for observation in observed:
        made.add(observation)
    return made


def ids(matches: tuple[Match, ...]) -> list[str]:
    """What was found, the best first."""
    return [match.observation.id for match in matches]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (("sha256", "a" * 64), ("sha256", "a" * 64)),
        (("url", "https://e.example/x"), ("url", "http://www.e.example:80/x?utm_source=y#z")),
        (("domain", "e.example"), ("domain", "www.e.example")),
        (("email", "a@e.example"), ("email", "a@e.example")),
        (("ip", "192.0.2.1"), ("ip", "192.0.2.1")),
        (("tlsh", "T1" + "A" * 70), ("tlsh", "T1" + "A" * 70)),
    ],
)
def test_the_same_fingerprint_fits_however_it_is_written(
    theirs: tuple[str, str], ours: tuple[str, str]
) -> None:
    """Two fingerprints are one where their canonical forms are, and then the observation fits exactly."""
    found = index(seen("one", fingerprints=(fingerprint(*ours),)), seen("other", "Something else"))
    matches = found.match(asked_of(ask(), said_by([report(fingerprints=(fingerprint(*theirs),))])))
    assert ids(matches) == ["one"]
    assert matches[0].matched == "exact"
    assert theirs[0] in matches[0].reasons


def test_who_has_seen_the_same_article_has_seen_the_same_thing() -> None:
    """The URL and the hash of a source that a report cites are fingerprints."""
    cited = Source(
        kind="website", locator="https://news.example/1#top", obtained="published", sha256="c" * 64
    )
    found = index(seen("one", source=cited), seen("other"))
    assert ids(found.match(asked_of(ask(), said_by([report()])))) == ["one"]
    hashed = Source(kind="document", locator="a file", obtained="received", sha256="c" * 64)
    assert ids(found.match(asked_of(ask(), said_by([report(sources=(hashed,))])))) == ["one"]


@given(st.binary(min_size=32, max_size=32), st.lists(st.sets(st.integers(0, 255), max_size=80), max_size=5))
def test_perceptual_hashes_are_near_up_to_31_bits(value: bytes, flips: list[set[int]]) -> None:
    """All hashes within the distance are found, with their distance, and none beyond it."""
    number = int.from_bytes(value)
    near = PerceptualIndex()
    expected = set()
    for row, bits in enumerate(flips):
        near.add(f"{number ^ sum(1 << bit for bit in bits):064x}", row)
        if len(bits) <= MOST_BITS:
            expected.add((row, len(bits)))
    assert set(near.near(value.hex())) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GPT-4 Turbo", "ＧＰＴ-4 ｔｕｒｂｏ"),
        ("OpenAI, Inc.", "openai"),
        ("네이버 주식회사", "네이버"),
        ("株式会社メルカリ", "メルカリ"),
        ("Siemens AG", "SIEMENS"),
        ("ООО «Ромашка»", "«ромашка» ООО"),
        ("АО Казахтелеком", "казахтелеком"),
    ],
)
def test_names_are_one_however_they_are_written(one: str, other: str) -> None:
    """Width, case, punctuation and what companies have before or behind their names make no other name."""
    assert name_key(one) == name_key(other) != ""


def test_a_company_called_like_its_form_keeps_its_name() -> None:
    """A name of which nothing would be left is left as it is."""
    assert name_key("Co.") == "co"
    assert name_key("  ") == ""


def test_the_same_version_says_more_than_the_same_name() -> None:
    """Of those that name a system, the one of the same version fits best, one of another least."""
    found = index(
        seen("same", systems=(System(name="Sora", version="v2.1"),)),
        seen("none", systems=(System(name="SORA"),)),
        seen("other", systems=(System(name="Sora", version="3"),)),
        *(seen(f"else{number}", TITLES[number]) for number in range(8)),
    )
    matches = found.match(asked((), [("sora", "2.1")]), least_permille=1)
    assert ids(matches) == ["same", "none", "other"]
    assert [match.matched for match in matches] == ["name"] * 3
    assert matches[0].reasons == ("version",)


def test_an_alias_is_another_name() -> None:
    """What the owner says is called otherwise is found under both names."""
    found = Index({"Doubao": "豆包"})
    found.add(seen("one", systems=(System(name="豆包"),)))
    assert ids(found.match(asked((), [("DOUBAO", None)]))) == ["one"]


def test_what_everybody_names_finds_nobody() -> None:
    """A system that all observations name says nothing about any of them."""
    found = index(*(seen(f"o{number}", systems=(System(name="ChatGPT"),)) for number in range(50)))
    assert found.match(asked((), [("ChatGPT", None)])) == ()


@pytest.mark.parametrize("title", TITLES)
def test_a_changed_title_finds_its_own(title: str) -> None:
    """A title with words taken out and one mistyped finds the observation before all others."""
    found = index(*(seen(str(number), one) for number, one in enumerate(TITLES)))
    pieces = title.split()
    del pieces[1::4]
    pieces[0] = pieces[0][:-1] + "x"
    matches = found.match(asked([" ".join(pieces)]))
    assert ids(matches)[0] == str(TITLES.index(title))
    assert matches[0].matched == "text"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("香港公司視像會議遭深偽詐騙二億港元", "深偽視像會議騙走香港公司二億元"),
        ("오픈에이아이의 챗봇이 거짓 판례를 만들었다", "챗봇이 만든 거짓 판례로 변호사 징계"),
        ("生成AIが偽の判例を作成", "偽の判例を生成AIが作った弁護士"),
        ("สแกนหน้าคนละครึ่งไม่ผ่าน", "คนละครึ่งเฟส 4 สแกนหน้าไม่ผ่าน"),
        ("चैटबॉट ने गलत सलाह दी", "गलत सलाह देने वाला चैटबॉट"),
        ("Мошенники украли деньги с помощью дипфейка", "Дипфейк: мошенники украли деньги"),
    ],
)
def test_text_fits_in_any_script(theirs: str, ours: str) -> None:
    """Scripts without spaces, with marks, or with rich grammar are compared by what they share."""
    found = index(seen("one", ours), *(seen(str(number), one) for number, one in enumerate(TITLES)))
    assert ids(found.match(asked([theirs])))[:1] == ["one"]


def test_a_translation_of_the_report_finds_too() -> None:
    """What is asked about is looked for in every language that it comes in."""
    translated = Translation(by="duty", by_kind="officer", lang="en", text=TITLES[0])
    about = asked_of(
        ask(), said_by([report("로봇 경비원이 아이를 넘어뜨렸다", lang="ko", translations=(translated,))])
    )
    assert ids(index(seen("one", TITLES[0])).match(about)) == ["one"]


def test_a_passage_of_a_long_text_is_found() -> None:
    """A title is found within a page that quotes it, and a page of everything is not like everything."""
    page = " ".join([*(f"word{number}" for number in range(600)), TITLES[1], *("tail" for _ in range(200))])
    found = index(seen("page", page), seen("other", TITLES[2]))
    assert ids(found.match(asked([TITLES[1]])))[:1] == ["page"]


def test_what_fits_in_several_ways_fits_better() -> None:
    """A name beside a like text raises the score, and never above certainty."""
    found = index(
        seen("both", TITLES[0], systems=(System(name="K5"),)),
        seen("text", TITLES[0]),
        *(seen(str(number), one) for number, one in enumerate(TITLES[1:])),
    )
    matches = found.match(asked(["Security guard robot knocks toddler over"], [("K5", None)]))
    assert ids(matches)[:2] == ["both", "text"]
    assert matches[1].score_permille < matches[0].score_permille <= 1000


@given(st.lists(observations, max_size=12), st.data())
def test_the_order_of_adding_changes_nothing(observed: list[Observation], data: st.DataObject) -> None:
    """The same observations give the same matches, in whichever order they came, and however often."""
    last = {observation.id: observation for observation in observed}
    shuffled = data.draw(st.permutations(list(last.values())))
    about = asked(["robot lawyer crash Texas 東京"], [("GPT-4", None)])
    one, other = index(*observed, *last.values()), index(*shuffled)
    assert len(one) == len(other) == len(last)
    if len(observed) == len(last):
        assert {(m.observation.id, m.score_permille) for m in one.match(about, limit=99)} == {
            (m.observation.id, m.score_permille) for m in other.match(about, limit=99)
        }


@given(st.lists(observations, max_size=12), st.integers(0, 30))
def test_what_was_removed_is_found_no_more(observed: list[Observation], number: int) -> None:
    """An observation that was removed, or replaced, stands in no match."""
    found = index(*observed)
    found.remove(f"o{number}")
    about = asked(["robot lawyer crash Texas 東京 visa jet"], [("GPT-4", None), ("Sora", None)])
    there = {observation.id: observation for observation in observed}
    for match in found.match(about, limit=99, least_permille=1):
        assert match.observation.id != f"o{number}"
        assert match.observation == there[match.observation.id]


def test_an_index_that_mostly_forgot_is_made_anew() -> None:
    """Replacing the same observations again and again finds the newest of each, in bounded memory."""
    found = Index()
    for turn in range(30):
        for number in range(100):
            found.add(seen(f"o{number}", f"turn {turn} of robot{number}"))
    assert len(found) == 100
    assert len(found._bodies) < 2_000
    match = found.match(asked(["turn 29 of robot7"]))[0]
    assert (match.observation.id, match.observation.texts[0].text) == ("o7", "turn 29 of robot7")


MOST_CALLS = 250_000
"""Of functions, for one ask; somewhat over twice what the worst of these texts takes."""


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u202e\u0301\u0301",
        "a" * 16_000,
        "\U00020000" * 4_000,
        "ﷺ" * 800,
        "'" * 100,
        "𝐀" * 5_000,
        "ﬃ",
    ],
)
def test_no_text_takes_long_or_fails(text: str) -> None:
    """Whatever a hostile ask says, it is looked for in bounded work."""
    found = index(*(seen(str(number), one) for number, one in enumerate(TITLES)))
    if text.strip():
        found.add(seen("hostile", text[:4_000]))
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        found.match(asked([text] * 50))
    finally:
        sys.setprofile(None)
    assert calls < MOST_CALLS


def test_an_ask_is_cut_to_what_is_looked_for() -> None:
    """More texts, names or fingerprints than are looked for are cut, and that is said."""
    assert not asked(["a"]).cut
    assert asked(["a" * 3_000]).cut
    assert asked(["a"] * 9).cut
    assert asked((), [(f"n{number}", None) for number in range(33)]).cut


@given(observations)
def test_an_observation_is_read_as_it_was_written(observation: Observation) -> None:
    """Writing and reading give the same observation."""
    assert read_observation(write_observation(observation)) == observation


def test_what_could_not_be_read_again_is_not_taken_in() -> None:
    """An observation whose JSON is larger than one that is read is refused before anything keeps it."""
    found = Index()
    with pytest.raises(MalformedObservation):
        found.add(seen("large", *["word " * 3_276] * 16))
    assert len(found) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"id":"a"}',
        b'{"id":"a","at_ms":1.5,"source":{"kind":"other","locator":"x","obtained":"other"}}',
        b'{"id":"","at_ms":1,"source":{"kind":"other","locator":"x","obtained":"other"}}',
        b'{"id":"a","at_ms":1,"source":{"kind":"other","locator":"x"}}',
        b'{"id":"a","at_ms":1,"source":{"kind":"other","locator":"x","obtained":"other"},"no":1}',
        b'{"id":"a","\\u001b[2J":1}',
        b'{"id":"a","%s":1}' % (b"no" * 1_000),
        b'{"id":"\xff","at_ms":1,"source":{"kind":"other","locator":"x","obtained":"other"}}',
        b'{"id":"a\\u0000","at_ms":1,"source":{"kind":"other","locator":"x","obtained":"other"}}',
        b"[" * 100_000,
        b" " * 300_000,
    ],
)
def test_what_is_no_observation_is_refused(data: bytes) -> None:
    """Anything else than an observation is a MalformedObservation, never another error."""
    with pytest.raises(MalformedObservation) as caught:
        read_observation(data)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1_000


def test_an_observation_cites_no_record() -> None:
    """What an answer may cite of an observation is a source of its own, and says how it was obtained."""
    with pytest.raises(MalformedRecord):
        msgspec.structs.replace(seen("one"), source=Source(kind="other", locator="x"))
