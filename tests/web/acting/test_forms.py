"""What is typed becomes a wish or is refused in words, and is never lost."""

import html
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.acting.house import ARU, house, number_of, record_of

from tocsin.core.errors import Refusal
from tocsin.core.records import Answer, Attachment, Ref, Source, parse_record
from tocsin.node.api.cases.types import SayAnswer, SayReport
from tocsin.web.acting.fields import KINDS, Shape
from tocsin.web.acting.typed import NotTyped, as_typed, wish
from tocsin.web.serving.errors import MalformedForm

NOW_MS = 1_800_000_000_000
SOURCE = {
    "sources-0-kind": ["website"],
    "sources-0-locator": ["https://a.example"],
    "sources-0-obtained": ["published"],
}


def _names(kind: str) -> list[str]:
    fields = KINDS[kind].fields
    return [
        *(one.name for one in fields if one.shape not in (Shape.ROWS, Shape.SHARES)),
        *(
            f"{one.name}-{name}"
            for one in fields
            if one.shape is Shape.SHARES
            for name in (*one.codes, "undetermined", "birch.1.12")
        ),
        *(
            f"{one.name}-{n}-{part.name}"
            for one in fields
            if one.shape is Shape.ROWS
            for part in one.parts
            for n in (0, 1)
        ),
        *("tlp", "urgent", "saw", "circle"),
    ]


TYPED = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.dictionaries(
            st.sampled_from(_names(kind)),
            st.lists(
                st.sampled_from(
                    ["seen", "website", "birch.1.12", "en", "2026-11-22", "15", "TLP:RED", "{}", "100"]
                )
                | st.text(max_size=20),
                min_size=1,
                max_size=3,
            ),
        ),
    )
)


@given(TYPED)
def test_whatever_is_typed_becomes_a_wish_or_is_refused(typed: tuple[str, dict[str, list[str]]]) -> None:
    """No form ends in an error of ours."""
    kind, fields = typed
    try:
        say = wish(KINDS[kind], fields, ARU.person, NOW_MS)
    except Refusal:
        return
    assert say.author == ARU.person.role_name
    assert say.author_kind == "officer"


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"check"}))
def test_a_field_that_is_needed_is_named(kind: str) -> None:
    """Of a form that is empty, the first that is missing; a check alone needs nothing."""
    needed = [field.name for field in KINDS[kind].fields if field.required]
    with pytest.raises(NotTyped) as caught:
        wish(KINDS[kind], {}, ARU.person, NOW_MS)
    assert (caught.value.field, caught.value.missing) == (needed[0], True)


def test_a_field_of_no_such_form_is_refused() -> None:
    """Nobody slips the author, the time or another record's field into a form."""
    for name in (
        "author",
        "author_kind",
        "at_ms",
        "more",
        "answerable",
        "sources-0-record",
        "sources-100-kind",
    ):
        with pytest.raises(MalformedForm):
            wish(KINDS["report"], SOURCE | {name: ["x"]}, ARU.person, NOW_MS)


def test_rows_that_are_empty_are_no_rows() -> None:
    """Those with something in them keep their order."""
    typed = SOURCE | {
        "sources-1-kind": [],
        "sources-1-locator": [" "],
        "sources-2-kind": ["record"],
        "sources-2-locator": ["birch.1.12"],
        "systems-0-name": [" "],
        "moments-0-clock": [""],
    }
    say = wish(KINDS["report"], typed, ARU.person, NOW_MS)

    assert isinstance(say, SayReport)
    assert [one.kind for one in say.sources] == ["website", "record"]
    assert say.sources[1].record == "birch.1.12"
    assert say.systems is None
    assert say.moments is None


@pytest.mark.parametrize(
    ("field", "part"),
    [
        (field.name, part.name)
        for field in KINDS["report"].fields
        for part in field.parts
        if field.shape is Shape.ROWS and part.required
    ],
)
def test_what_a_row_lacks_is_asked_for(field: str, part: str) -> None:
    """As soon as anything else stands in it: nothing is chosen for anybody, and nothing typed is dropped."""
    whole = {
        "sources": {"kind": "website", "locator": "https://a.example", "obtained": "published"},
        "systems": {"name": "Pilot"},
        "operators": {"name": "Harbour", "role": "deployer"},
        "moments": {"clock": "occurred", "at": "2026", "asserted_by": "author"},
        "fingerprints": {"kind": "domain", "value": "a.example"},
        "translations": {"lang": "ko", "text": "연기"},
    }[field]
    beside = {"systems": {"version": "4.1"}}.get(field, {})
    row = {name: value for name, value in (whole | beside).items() if name != part}
    typed = (SOURCE if field != "sources" else {}) | {
        f"{field}-0-{name}": [value] for name, value in row.items()
    }

    with pytest.raises(NotTyped) as caught:
        wish(KINDS["report"], typed, ARU.person, NOW_MS)

    assert (caught.value.field, caught.value.part, caught.value.missing) == (field, part, True)


@pytest.mark.parametrize(
    ("part", "typed"),
    [
        ("obtained_at_ms", {"sources-0-obtained_at_ms": ["yesterday"]}),
        (
            "at",
            {
                "moments-0-clock": ["occurred"],
                "moments-0-at": ["09:30"],
                "moments-0-asserted_by": ["author"],
            },
        ),
    ],
)
def test_what_is_no_time_is_pointed_out_where_it_stands(part: str, typed: dict[str, list[str]]) -> None:
    """By its field, and its place in the row."""
    with pytest.raises(NotTyped, match="Expected a time") as caught:
        wish(KINDS["report"], SOURCE | typed, ARU.person, NOW_MS)
    assert (caught.value.part, caught.value.missing) == (part, False)


def test_a_proposed_answer_is_typed_as_it_is() -> None:
    """What is taken over into the form says the same as what was proposed."""
    log = f"a.example/{'0' * 64}/birch/1"
    ref = Ref.at(log, 1, bytes(32))
    sources = (
        Source(kind="post", locator="x", obtained="first-hand", obtained_at_ms=NOW_MS, sha256="0" * 64),
        Source(kind="website", locator="https://a.example", obtained="published"),
    )
    proposed = Answer(
        circle="0" * 64,
        at_ms=1,
        author="duty",
        author_kind="officer",
        tlp="TLP:AMBER",
        case=ref,
        ask=ref,
        seen="seen",
        count="2-10",
        sources=sources,
    )

    typed = as_typed(proposed) | {"case": ["birch.1.1"], "ask": ["birch.1.1"]}
    say = wish(KINDS["answer"], typed, ARU.person, NOW_MS)

    assert isinstance(say, SayAnswer)
    assert (say.seen, say.count) == ("seen", "2-10")
    said = [
        (one.kind, one.locator, one.obtained, one.obtained_at_ms, one.sha256) for one in say.sources or ()
    ]
    assert said == [(o.kind, o.locator, o.obtained, o.obtained_at_ms, o.sha256) for o in sources]


@pytest.mark.anyio
async def test_what_was_typed_survives_a_refusal(tmp_path: Path) -> None:
    """Of ours and of the node's: the form comes back with all of it, and says what is wrong."""
    async with house(tmp_path) as desk:
        browser = desk.browser(ARU)
        typed = {"circle": desk.id, "summary": "Smoke <b>", "lang": "en", "harms": ["physical", "economic"]}

        missing = await browser.post("/say/report", typed)
        wrong = await browser.post(
            "/say/report",
            typed | {"sources-0-kind": "record", "sources-0-locator": "east.1.99", "case": ""},
        )

        for answer in (missing, wrong):
            assert answer.status == 422
            assert "Smoke &lt;b&gt;" in answer.text
            checked = re.findall(r'name="harms" value="(\w+)" checked', answer.text)
            assert sorted(checked) == ["economic", "physical"]
        assert "This has to be filled in" in missing.text
        assert "east.1.99" in html.unescape(wrong.text)


@pytest.mark.anyio
async def test_rows_come_and_go_without_a_script(tmp_path: Path) -> None:
    """A button adds one, another takes one away, and what stands in the others stays."""
    async with house(tmp_path) as desk:
        browser = desk.browser(ARU)
        typed = {
            "circle": desk.id,
            "sources-0-kind": "website",
            "sources-0-locator": "https://first.example",
            "sources-1-kind": "post",
            "sources-1-locator": "https://second.example",
        }

        more = await browser.post("/say/report", typed | {"add": "sources"})
        less = await browser.post("/say/report", typed | {"drop": "sources-0"})

        assert more.text.count('class="say-row" id="sources-') == 3
        assert more.text.count("https://first.example") == 1
        assert less.text.count('class="say-row" id="sources-') == 1
        assert "https://second.example" in less.text
        assert "https://first.example" not in less.text


@pytest.mark.anyio
async def test_one_goes_back_to_what_was_typed(tmp_path: Path) -> None:
    """From the confirmation to the form, and nothing was said."""
    async with house(tmp_path) as desk:
        size = desk.size
        page = await desk.draft(ARU)

        form = await desk.browser(ARU).get(f"/say/note?circle={desk.id}&draft={number_of(page)}")

        assert "Smoke over the harbour." in form.text
        assert desk.size == size


@pytest.mark.anyio
async def test_what_goes_out_is_marked_as_the_charter_has_it(tmp_path: Path) -> None:
    """Without a choice the handling; nothing more closed is offered than it, and no more open is forced."""
    async with house(tmp_path) as desk:
        page = await desk.draft(ARU)
        form = await desk.browser(ARU).get(f"/say/note?circle={desk.id}")

        assert parse_record(record_of(page).encode()).record.tlp == "TLP:AMBER"
        offered = re.findall(r'type="radio" name="tlp" value="([^"]+)"', form.text)
        assert offered == ["TLP:AMBER", "TLP:GREEN", "TLP:CLEAR"]


@pytest.mark.anyio
async def test_an_attachment_is_kept_and_named(tmp_path: Path) -> None:
    """Its bytes are sent as they are; the report names it by its hash, whatever its name looks like."""
    async with house(tmp_path) as desk:
        browser = desk.browser(ARU)
        path = f"/say/{desk.id}/attachments?name=%3Cb%3E.png&media_type=image/png"

        answer = await browser.send(path, b"picture")
        value = html.unescape(re.findall(r'name="attachments" value="([^"]+)"', answer.text)[0])
        made = msgspec.json.decode(value, type=Attachment)
        fields = {name: values[0] for name, values in SOURCE.items()} | {"attachments": value}
        page = await desk.draft(ARU, "report", fields)

        assert made.size_bytes == 7
        assert "<b>" not in answer.text
        assert made.sha256 in record_of(page)
        assert "&lt;b&gt;.png" in page.text


@pytest.mark.anyio
async def test_what_is_said_in_a_case_is_marked_as_the_case(tmp_path: Path) -> None:
    """By the form, and without one: the strictest label of its records, not the highest of the charter."""
    async with house(tmp_path) as desk:
        case, ask = await desk.case(tlp="TLP:GREEN")
        form = await desk.browser(ARU).get(f"/say/answer?circle={desk.id}&ask={ask}")
        fields = {"case": case, "ask": ask, "seen": "not-seen"}
        drafted = await desk.draft(ARU, "answer", fields)
        chosen = await desk.draft(ARU, "answer", fields | {"tlp": "TLP:CLEAR"})

    assert re.findall(r'name="tlp" value="([^"]+)" checked', form.text) == ["TLP:GREEN"]
    assert '<details class="tlp-fold">' in form.text
    labels = [parse_record(record_of(one).encode()).record.tlp for one in (drafted, chosen)]
    assert labels == ["TLP:GREEN", "TLP:CLEAR"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "kind",
    [
        *("report", "answer", "acknowledgement", "position", "closing", "withdrawal"),
        *("hypothesis", "reading", "ground-truth"),
    ],
)
async def test_nothing_is_claimed_before_somebody_chose_it(tmp_path: Path, kind: str) -> None:
    """No choice of a closed list and no record stands in a form that is opened."""
    async with house(tmp_path) as desk:
        case, ask = await desk.case()
        form = await desk.browser(ARU).get(f"/say/{kind}?circle={desk.id}&case={case}&ask={ask}")

    body = form.text.partition('class="panel say-form"')[2].partition('class="tlp-fold"')[0]
    assert "<select" in body or 'type="checkbox"' in body
    assert not re.search(r"<option[^>]* selected", body)
    assert not re.search(r'name="probabilities-[^"]*" value="[^"]', body)
    assert " checked" not in body


@pytest.mark.anyio
async def test_what_a_source_lacks_is_said_where_it_stands(tmp_path: Path) -> None:
    """Its field and its part are named, the rest of what was typed is there."""
    async with house(tmp_path) as desk:
        typed = {"circle": desk.id, "sources-0-locator": "https://a.example", "sources-0-kind": "website"}
        answer = await desk.browser(ARU).post("/say/report", typed)

    ((link, said),) = re.findall(r'<a href="#(field-sources)">([^<]*)</a>', answer.text)
    assert answer.status == 422
    assert f'id="{link}"' in answer.text
    assert said == "Sources: How obtained"
    wrong = re.findall(r'<select id="([^"]+)"[^>]* aria-invalid', answer.text)
    assert wrong == ["f-sources-0-obtained"]
    assert 'value="https://a.example"' in answer.text


@pytest.mark.anyio
async def test_a_check_without_a_time_is_told_to_be_by_the_charters(tmp_path: Path) -> None:
    """The record has one in any case; the form says which, before it is drafted."""
    async with house(tmp_path) as desk:
        form = await desk.browser(ARU).get(f"/say/check?circle={desk.id}")
        drafted = await desk.draft(ARU, "check", {})

    assert '<option value="">within the charter' in form.text
    assert '"within_minutes":15' in record_of(drafted)
