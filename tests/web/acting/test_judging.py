"""Saying what it was: percentages that make 100, each thing by itself, and what of it is confirmed."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.casebook import Casebook
from tests.node.nodes import confirmed
from tests.web.acting.house import ARU, BO, House, house, record_of
from tests.web.browsing import someone

from tocsin.core.records import Hypothesis, Reading, Source, encode_record, parse_record
from tocsin.core.records.errors import NotADistribution
from tocsin.node.api.cases.types import SayReading
from tocsin.web.acting.fields import KINDS
from tocsin.web.acting.typed import NotTyped, NotWhole, Typed, together, wish
from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.person import Role

NOW_MS = 1_800_000_000_000
RESTS = {
    "case": ["birch.1.12"],
    "confidence": ["low"],
    "sources-0-kind": ["record"],
    "sources-0-locator": ["birch.1.12"],
}


def reading(typed: Typed) -> SayReading:
    """What the form of a reading makes of it."""
    say = wish(KINDS["reading"], RESTS | dict(typed), ARU.person, NOW_MS)
    assert isinstance(say, SayReading)
    return say


def shares(*permille: int) -> dict[str, list[str]]:
    """The percentages of the first kinds, and of what is open."""
    names = ("accident", "attack", "birch.1.13", "undetermined")
    return {f"probabilities-{name}": [f"{one / 10:g}"] for name, one in zip(names, permille, strict=True)}


@given(st.lists(st.integers(0, 1_000), min_size=3, max_size=3).map(sorted))
def test_what_makes_100_is_taken_exactly(cuts: list[int]) -> None:
    """To the tenth of a percent; nought is not said."""
    a, b, c = cuts
    parts = (a, b - a, c - b, 1_000 - c)
    say = reading(shares(*parts))
    named = ("accident", "attack", "birch.1.13", "undetermined")
    assert {one.what or one.hypothesis: one.permille for one in say.probabilities} == {
        name: part for name, part in zip(named, parts, strict=True) if part
    }


@given(st.lists(st.integers(0, 1_000), min_size=4, max_size=4).filter(lambda one: 0 < sum(one) != 1_000))
def test_what_does_not_make_100_is_told_by_what_it_makes(parts: list[int]) -> None:
    """Under the code that records have for it, at the field that it is about."""
    typed = shares(*parts)
    with pytest.raises(NotWhole, match=re.escape(f"found {sum(parts) / 10:g}.")) as caught:
        reading(typed)
    assert (caught.value.field, caught.value.code) == ("probabilities", NotADistribution.code)
    assert together(typed) == sum(parts)


@pytest.mark.parametrize("text", ["70,5", " 70.5 ", "70.5%", "70,5 %", "٧٠.٥"])
def test_a_percentage_is_typed_as_people_write_it(text: str) -> None:
    """With a point or a comma, and with its sign."""
    say = reading({"probabilities-attack": [text], "probabilities-undetermined": ["29.5"]})
    assert [one.permille for one in say.probabilities] == [705, 295]


@pytest.mark.parametrize("text", ["70.55", "-1", "101", "many", "1e1", "7 0"])
def test_what_is_no_percentage_is_pointed_out(text: str) -> None:
    """It is never read as another number."""
    with pytest.raises(NotTyped, match="one decimal at most") as caught:
        reading({"probabilities-attack": [text], "probabilities-undetermined": ["100"]})
    assert caught.value.field == "probabilities"
    assert not isinstance(caught.value, NotWhole)


def test_only_who_holds_everything_open_needs_no_sources() -> None:
    """Of others they are asked for, where they stand."""
    alone = {"case": ["birch.1.12"], "confidence": ["low"]}
    say = wish(KINDS["reading"], alone | {"probabilities-undetermined": ["100"]}, ARU.person, NOW_MS)
    assert isinstance(say, SayReading)
    assert say.sources is None
    for name in ("attack", "birch.1.13"):
        typed = {"probabilities-undetermined": ["50"], f"probabilities-{name}": ["50"]}
        with pytest.raises(NotTyped) as caught:
            wish(KINDS["reading"], alone | typed, ARU.person, NOW_MS)
        assert (caught.value.field, caught.value.missing) == ("sources", True)


def test_who_did_it_has_a_name_and_a_percentage() -> None:
    """Each of them is asked for where the other stands."""
    whole = {"probabilities-attack": ["100"]}
    say = reading(whole | {"who-0-name": ["Thieves"], "who-0-percent": ["30,5"]})
    assert [(one.name, one.permille) for one in say.who or ()] == [("Thieves", 305)]
    for typed, part in (
        ({"who-0-name": ["Thieves"]}, "percent"),
        ({"who-0-percent": ["30"]}, "name"),
        ({"who-0-name": ["Thieves"], "who-0-percent": ["0"]}, "percent"),
    ):
        with pytest.raises(NotTyped) as caught:
            reading(whole | typed)
        assert (caught.value.field, caught.value.part) == ("who", part)


def test_nobody_slips_another_field_into_a_reading() -> None:
    """Neither a kind that there is not, nor what a record has by another name."""
    for name in ("probabilities-storm", "probabilities", "permille", "probabilities-birch.1", "who"):
        with pytest.raises(Exception, match="Expected the fields of a reading"):
            reading({"probabilities-attack": ["100"], name: ["1"]})


async def supposed(desk: House, case: str) -> str:
    """A hypothesis of another member in that case."""
    line = desk.others[0].lines[desk.id]
    ref = desk.others[0].desk.casework[desk.id].ref(case)
    common = Casebook(desk.id)._common()
    record = Hypothesis(**common, case=ref, under="attack", text="A <b>stolen</b> key.", lang="en")
    written = await line.write([encode_record(record)])
    await confirmed(line, written.size)
    return f"{line.own.member.slug}.1.{written.size - 1}"


@pytest.mark.anyio
async def test_a_form_asks_of_each_hypothesis(tmp_path: Path) -> None:
    """Of each kind, and of what is open; what was typed survives, and what it makes is said."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        named = await supposed(desk, case)
        browser = desk.browser(ARU)
        form = await browser.get(f"/say/reading?circle={desk.id}&case={case}")
        fields = {"circle": desk.id, "case": case, f"probabilities-{named}": "60.5", "confidence": "low"}
        wrong = await browser.post("/say/reading", fields)

    asked = re.findall(r'name="probabilities-([^"]+)"', form.text)
    assert asked == ["accident", "attack", "cascade", "misuse", "no-ai", named, "undetermined"]
    assert "A &lt;b&gt;stolen&lt;/b&gt; key." in form.text
    assert wrong.status == 422
    assert f'name="probabilities-{named}" value="60.5"' in wrong.text
    assert "<output data-together>60.5</output> %" in wrong.text
    assert LANGUAGES["en"].word("Refusal", "not-a-distribution") in html.unescape(wrong.text)
    assert '<a href="#field-probabilities">How likely it was</a>' in wrong.text


@pytest.mark.anyio
@pytest.mark.parametrize("tag", LANGUAGES)
async def test_a_form_says_what_each_kind_means(tmp_path: Path, tag: str) -> None:
    """Below its name, and of what is open, too: who reads a case at night need not know it by heart."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        somebody = someone(Role.OFFICER, name="Aru", language=tag)
        form = await desk.browser(somebody).get(f"/say/reading?circle={desk.id}&case={case}")
    labels = re.findall(r'<label class="share">(.*?)</label>', form.text, re.DOTALL)
    codes = (*KINDS["reading"].fields[1].codes, "undetermined")
    for label, code in zip(labels, codes, strict=True):
        assert LANGUAGES[tag].phrases[f"acting.means_{code}"] in html.unescape(label)


@pytest.mark.anyio
async def test_a_form_that_is_led_to_has_the_sources_that_we_saw(tmp_path: Path) -> None:
    """Each as it was cited, so that nothing is typed twice; a record that we cite is none of them."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        line, book = desk.node.lines[desk.id], Casebook(desk.id)
        ref = desk.node.desk.casework[desk.id].ref(case)
        seen = Source(kind="sensor", locator="Camera <3>", obtained="automatic", obtained_at_ms=NOW_MS)
        cited = (seen, Source(kind="record", record=ref))
        await line.write([encode_record(book.report("Smoke.", case=ref, sources=cited))])
        address = f"/say/reading?circle={desk.id}&case={case}"
        form, empty = [await desk.browser(ARU).get(f"{address}{more}") for more in ("&unread=1", "")]
    typed = re.findall(r'name="(sources-\d+-locator)" value="([^"]*)"', form.text)
    assert typed == [("sources-0-locator", "Camera &lt;3&gt;")]
    assert re.search(r'<option value="sensor" selected', form.text)
    assert 'name="sources-0-obtained_at_ms" value="2027-01-15 08:00:00"' in form.text
    assert "Camera" not in empty.text


@pytest.mark.anyio
async def test_what_is_confirmed_says_each_thing_by_itself(tmp_path: Path) -> None:
    """How likely, how sure, who did it and whose word that is: from the bytes that are signed."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        named = await supposed(desk, case)
        fields: dict[str, Any] = {
            "case": case,
            f"probabilities-{named}": "60.5",
            "probabilities-undetermined": "39.5",
            "confidence": "moderate",
            "sources-0-kind": "record",
            "sources-0-locator": case,
            "who-0-name": "Thieves",
            "who-0-percent": "30",
        }
        page = await desk.draft(ARU, "reading", fields)

    record = parse_record(record_of(page).encode()).record
    assert isinstance(record, Reading)
    assert [one.permille for one in record.probabilities] == [395, 605]
    text = html.unescape(re.sub(r"<[^>]+>", "", page.text))
    assert f"You say what you make of case {case}" in text
    assert "This says who did it." in text
    for line in (
        f"What it was: {named} 60.5 %, undetermined 39.5 %",
        "Confidence in that: moderate",
        "Who did it, on the word of this organisation alone, which nobody merges: Thieves 30 %",
        f"Rests on: {case} (record)",
    ):
        assert re.search(rf"<li>(<[^>]+>)?{re.escape(line)}(</[^>]+>)?</li>", html.unescape(page.text)), line
    assert re.search(rf"<code>{named}</code> hypothesis", page.text)


@pytest.mark.anyio
async def test_a_colleague_who_reads_it_too_is_told(tmp_path: Path) -> None:
    """An organisation has one reading of a case: whoever gives another sees that there is one."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        key = await desk.enrol(ARU)
        fields = {"case": case, "probabilities-undetermined": "100", "confidence": "low"}
        await desk.now(ARU, key, "reading", fields)
        form = await desk.browser(BO).get(f"/say/reading?circle={desk.id}&case={case}")

    assert "A colleague (duty-officer) has said this meanwhile, in east.1." in form.text


@pytest.mark.anyio
async def test_how_a_closed_case_is_read_stays_as_it_is(tmp_path: Path) -> None:
    """Who opens the form is told before, and whoever sends it reads why; what it was is said then."""
    async with house(tmp_path) as desk:
        case, _ = await desk.case()
        key = await desk.enrol(ARU)
        await desk.now(ARU, key, "closing", {"case": case, "outcome": "incident"})
        browser = desk.browser(ARU)
        form = await browser.get(f"/say/reading?circle={desk.id}&case={case}")
        fields = {"circle": desk.id, "case": case, "probabilities-undetermined": "100", "confidence": "low"}
        refused = await browser.post("/say/reading", fields)
        truth = await desk.draft(ARU, "ground-truth", {"case": case, "what": "accident"})

    assert "No reading and no hypothesis is added to it." in form.text
    assert refused.status == 422
    assert LANGUAGES["en"].word("Refusal", "case-closed") in html.unescape(refused.text)
    assert f"You say what case {case} was in the end" in truth.text
    assert '<ul class="cautions">' not in truth.text
