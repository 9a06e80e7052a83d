"""Cases and circles for charts to be drawn of: a small one that could happen, and large and hostile ones."""

import random
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree as ET

import msgspec
from tests.cases.picture.desks import CIRCLE, MINUTE_MS, START_MS, Desks, cites, terms, url, words

from tocsin.cases.picture.view import CaseView, Corroboration, SourceView, TimelineEntry
from tocsin.cases.telling import LANGUAGES
from tocsin.core.records import Closing, Ref, Source
from tocsin.core.views import Party, Terms
from tocsin.web.charts import Chart, Line
from tocsin.web.charts.drawing.svg import Drawing, Group
from tocsin.web.charts.lines import STATES
from tocsin.web.words.charts.en import PHRASES

_ATTRIBUTES: Final = {
    *("class", "width", "height", "viewBox", "direction", "role", "aria-hidden", "focusable", "d", "x", "y"),
    *("font-size", "font-weight", "text-anchor", "data-here-ms"),
}
NOW_MS = START_MS + 90 * MINUTE_MS
HOSTILE = (
    "</title></svg><script>alert(1)</script>\"' onload=x",
    "مرحبا" * 30 + "\u202e evil",
    "國家人工智慧安全研究機構與資訊分享暨分析中心" * 6,
    "Ж" * 200,
    "👨‍👩‍👧‍👦" * 40,
    "z" + "\u0335\u0336\u0337\u0338" * 50,
    "\ufdfa" * 9,
    "W" * 300,
    "𒐫" * 30,
    "กำแพง" * 30,
)


def say(key: str, /, **values: object) -> str:
    """English."""
    part, _, name = key.rpartition(".")
    phrases = PHRASES if part else LANGUAGES["en"].phrases
    return phrases[name].format_map({name: str(value) for name, value in values.items()})


word = LANGUAGES["en"].word


def repeating() -> CaseView:
    """A case in which two of three replies repeat the third.

    Alder was called, and asks. Birch names a feed; Cedar does, knowing of Birch's answer; Dogwood cites that
    answer. Elder has not seen it.
    """
    desks = Desks()
    desks.reports("alder", words("a call to the duty officer"))
    ask = desks.asks("alder")
    first = desks.answers("birch", ask, url("alerts/4711"))
    desks.sees("cedar", "alder", "birch")
    desks.answers("cedar", ask, url("alerts/4711?utm_source=mail"))
    desks.answers("dogwood", ask, cites(first))
    desks.answers("elder", ask)
    desks.now_ms += 60 * 60_000
    desks.says("alder", desks.made(Closing, outcome="incident"))
    return desks.view()


def hostile_terms() -> Terms:
    """A charter whose members call themselves what nobody should."""
    named = terms()
    parties = {
        slug: replace(party, label=label)
        for (slug, party), label in zip(named.parties.items(), HOSTILE, strict=False)
    }
    return replace(named, parties=parties)


def members(count: int) -> tuple[str, ...]:
    """So many slugs."""
    return tuple(f"desk-{number:02}" for number in range(count))


def circle(count: int) -> Terms:
    """A charter of so many members, many with a hostile label."""
    return replace(
        terms(),
        parties={
            slug: Party(slug, HOSTILE[number % 20] if number % 20 < len(HOSTILE) else slug.title(), "EA")
            for number, slug in enumerate(members(count))
        },
    )


def ref(member: str, index: int) -> Ref:
    """A record of a member."""
    return Ref(log=f"drill.example/{CIRCLE}/{member}/1", index=index, entry="A" * 43 + "=")


def large(sources: int, count: int, records: int = 0, seed: int = 1) -> CaseView:
    """A case of so many sources and members, and records in its timeline."""
    chance = random.Random(seed)
    view = repeating()
    slugs = members(count)
    views = []
    for number in range(sources):
        citing = chance.sample(slugs, chance.randint(1, min(6, count)))
        locator = (
            HOSTILE[number % len(HOSTILE)]
            if number % 3 == 0
            else f"https://feed{number}.example/alert/{number}"
        )
        views.append(
            SourceView(
                citations=(Source(kind="website", locator=locator, obtained="published"),),
                members=tuple(sorted(citing)),
                refs=tuple(ref(member, number + 1) for member in citing),
                repeaters=tuple(sorted(citing[1:] if number % 2 else citing[2:])),
                verifiable=number % 5 != 0,
            )
        )
    corroboration = Corroboration(
        replies=count,
        independent_sources=sources,
        organisations=2,
        economies=1,
        corroborated=sources > 1,
        sources=tuple(views),
    )
    entries: list[TimelineEntry] = []
    for number in range(records):
        like = view.timeline[number % len(view.timeline)]
        at_ms = START_MS + chance.randint(0, 72 * 60) * MINUTE_MS
        slug = slugs[min(int(chance.expovariate(6 / count)), count - 1)]
        record = msgspec.structs.replace(like.record, at_ms=at_ms)
        entries.append(
            TimelineEntry(ref=ref(slug, number + 1), member=slug, record=record, standing="counts")
        )
    timeline = tuple(entries) or view.timeline
    return msgspec.structs.replace(view, corroboration=corroboration, timeline=timeline)


def lines(count: int) -> list[Line]:
    """Lines to so many members, of all states."""
    made = []
    for number, slug in enumerate(members(count)):
        label = (
            HOSTILE[number % 20] if number % 20 < len(HOSTILE) and count > 8 else f"{slug.title()} Institute"
        )
        made.append(
            Line(
                slug,
                label,
                STATES[number % len(STATES)],
                ours=128,
                confirmed=120 if number % 4 == 1 else 128,
                held=64,
                known=64 if number % 5 else 70,
                heard_ms=NOW_MS - number * 40_000,
                on_duty=(True, False, None)[number % 3],
            )
        )
    return made


def check(chart: Chart) -> None:
    """What holds of every chart, whatever is drawn.

    It is nothing but shapes and texts, of which none lies over another, sticks out or is too small; and it
    says in words what it shows.
    """
    assert chart.title
    assert chart.words
    for drawing in (*chart.drawings, *(key.sample for key in chart.keys)):
        root = ET.fromstring(drawing.__html__())  # noqa: S314 - it is our own
        assert {element.tag for element in root.iter()} <= {"svg", "g", "path", "text", "title", "desc"}
        assert {name for element in root.iter() for name in element.attrib} <= _ATTRIBUTES
    for drawing in chart.drawings:
        assert drawing.title
        texts = list(drawing.texts())
        assert all(text.size_px >= 12 for text in texts)
        boxes = sorted((text.box for text in texts), key=lambda box: box[1])
        for number, one in enumerate(boxes):
            assert one[0] >= -1
            assert one[2] <= drawing.width + 1
            for other in boxes[number + 1 :]:
                if other[1] >= one[3]:
                    break
                assert one[2] <= other[0] or other[2] <= one[0]


def titles(drawing: Drawing) -> list[str]:
    """What is said of the groups of a drawing, in ascending order."""
    return sorted(part.title for part in drawing.parts if isinstance(part, Group))
