"""The brief: one page that says what is known, what is not, and who says so."""

import dataclasses
import re
from typing import get_args

import msgspec
import pytest
from tests.cases.archive.made import NOW_MS, story
from tests.cases.picture.contexts import Contexts
from tests.cases.story import HOSTILE
from tests.circles.party import AT_MS

from tocsin.cases.delivery import Aware, Bound, Delivered, Delivery, Due
from tocsin.cases.picture import view
from tocsin.cases.picture.view import CaseView, Finding
from tocsin.cases.telling import LANGUAGES, brief, language, timeline
from tocsin.cases.telling.details import TOLD
from tocsin.cases.telling.page import Heading, Item, Quote, Verbatim
from tocsin.cases.telling.teller import time
from tocsin.core.records import OperatorPosition, Report
from tocsin.core.records.cases.report import Described

STORY, CASE = story()
VIEW: CaseView = STORY.view(CASE)
UNCORROBORATED = (
    "This is not corroborated. The charter asks for: independent sources 2; organisations 2; economies 2."
)
QUESTIONS = "Are you affected? Have you seen this too?"


def plain(
    lang: str = "en", view: CaseView = VIEW, *, drill: bool = False, delivery: Delivery | None = None
) -> str:
    """The page as a terminal shows it, each paragraph in one line."""
    terms = dataclasses.replace(STORY.terms, drill=drill)
    return brief(view, terms, language(lang), NOW_MS, delivery).plain(10_000)


def section(title: str, text: str) -> list[str]:
    """The lines below a heading."""
    _, _, rest = text.partition(f"\n{title}\n")
    body = rest.split("\n", 1)[1]
    return re.split(r"\n[^\n]+\n-+\n", body)[0].strip().split("\n")


def test_what_is_known() -> None:
    """How many sources, on whose word, each value with who says it; and whether the charter is content."""
    text = plain()
    known = section("What is known", text)

    assert known[:3] == [
        "- Organisations that saw it: 3",
        "- Independent sources: 2",
        "- On the word of at least: organisations 1, economies 1",
    ]
    assert known[3].startswith(
        "  - http://www.feed.example/alerts/4711, cited by Ash Desk, Birch 研究所, Cedar"
    )
    assert known[4] == "  - a pilot, cited by Cedar <b>Institute</b> (nobody else can check it)"
    assert "- Severity: incident (Birch 研究所, Cedar <b>Institute</b>)" in known
    assert "  - occurred 2023-05-22 12 h UTC (the press) (Birch 研究所)" in known
    assert "- Systems: HarbourPilot <i> 4.2 (certificate KC-2026-17 of KTR)" in known
    assert "This is corroborated" not in text


def test_what_is_not_known() -> None:
    """What nobody said, where members differ, who cannot tell, and what the charter asks for."""
    assert section("What is not known", plain()) == [
        f"- {UNCORROBORATED}",
        "- Members differ on: Outcome",
        "- Nobody has said: What the AI was doing, Operators",
        "- Cannot tell: Dune & Sons",
    ]


def test_what_was_asked() -> None:
    """By whom, what, by when it was wanted, and each answer; a machine's answer says that it is one."""
    assert section("What was asked", plain()) == [
        f"- Birch 研究所 (duty), 2023-05-22 14:14 UTC: {QUESTIONS} (wanted by 2023-05-22 17:00 UTC)",
        "  - Seen: Ash Desk (2 to 10 times), Cedar <b>Institute</b> (machine rule)",
        "  - Cannot tell: Dune & Sons",
    ]


@pytest.mark.parametrize("lang", ["ja", "zh-Hant"])
def test_between_sentences_stands_what_the_language_has_there(lang: str) -> None:
    """In Japanese and Chinese no space, and no comma of ours."""
    asked = language(lang).codes["Question"]
    assert f"{asked['affected']}{asked['seen']}" in plain(lang)
    assert re.search(f"^— [^,\n]+{language(lang).phrases['comma']}", plain(lang), re.MULTILINE)


def test_what_was_decided_and_taken_back() -> None:
    """Closings, what was passed on, corrections and withdrawals: each with who did it, when and why."""
    text = plain()

    assert section("What was decided and stated, and by whom", text) == [
        "- Birch 研究所 (duty), 2023-05-22 15:45 UTC: closed, incident",
        "- Dune & Sons (duty), 2023-05-22 15:38 UTC: closed, false alarm",
        "- Lighthouse AI (provider): is investigating, as Dune & Sons (duty) has written down",
        "- Birch 研究所 (duty), 2023-05-22 15:31 UTC: passed on to the port's authority; records: 1",
    ]
    assert section("Corrections and withdrawals", text) == [
        "- Ash Desk (duty), 2023-05-22 15:03 UTC: withdrew ash.1.3; it was unfounded",
        "- Birch 研究所 (duty), 2023-05-22 15:10 UTC: corrected birch.1.1; Operators, Severity",
    ]
    assert section("What does not count, and why", text) == [
        f"- Withdrawal cedar.1.3 of Cedar <b>Institute</b>: {LANGUAGES['en'].word('Finding', 'not-yours')}"
    ]


def test_free_text_is_in_its_own_language() -> None:
    """The text stands as it was written, with its translation into the reader's language, or else English."""
    text = plain("en")
    (own, translated) = [
        block for block in brief(VIEW, STORY.terms, language("en"), NOW_MS).blocks if isinstance(block, Quote)
    ]

    assert (own.lang, translated.lang) == ("ja", "en")
    assert own.text.endswith(HOSTILE)
    assert "— Birch 研究所, written in Japanese" in text
    assert "— Birch 研究所, translated into English by duty (officer)" in text
    assert "translated" not in plain("en").replace("translated into English", "")
    assert "Automatic pilots stopped" in plain("ko")
    assert "Automatic pilots stopped" not in plain("ja")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_language_says_that_nobody_has_reviewed_it(lang: str) -> None:
    """A page says that its language is unreviewed, has no code in it, and the TLP of what it tells."""
    known = language(lang)
    text = plain(lang)

    assert known.say("unreviewed", language=known.name) in text
    assert "TLP:GREEN" in text
    for code in ("false-alarm", "cannot-tell", "not-yours", "direct-cause", "serious-incident"):
        assert code not in text


def test_what_is_noted_of_records_that_count() -> None:
    """A record with a finding that counts all the same is not among those that do not count."""
    first, *others = VIEW.timeline
    late = msgspec.structs.replace(first, findings=(Finding(code="far-off-time"),))
    text = plain(view=msgspec.structs.replace(VIEW, timeline=(late, *others)))

    assert section("What else is noted of records", text) == [
        "- Report birch.1.1 of Birch 研究所: its time is far off"
    ]
    assert "birch.1.1" not in "".join(section("What does not count, and why", text))


def test_what_the_operator_says_in_its_words() -> None:
    """What an operator says in free text stands below what it says in codes, with its language."""
    entries = [
        msgspec.structs.replace(
            entry, record=msgspec.structs.replace(entry.record, text="We deny everything.", lang="en")
        )
        if isinstance(entry.record, OperatorPosition)
        else entry
        for entry in VIEW.timeline
    ]
    text = plain("ko", msgspec.structs.replace(VIEW, timeline=tuple(entries)))

    assert "\n  - “We deny everything.” (영어)\n" in text


def test_everything_that_is_said_is_told() -> None:
    """No field of a description is left out where its fields are told in order."""
    assert sorted([*TOLD, "summary"]) == sorted(get_args(Described))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_came_since_the_closing_is_told(lang: str) -> None:
    """How much on the brief, and of each record in the timeline; without any, nothing."""
    phrase = LANGUAGES[lang].phrases["since_closing"]
    entries = tuple(msgspec.structs.replace(entry, since_closing=False) for entry in VIEW.timeline)
    none = msgspec.structs.replace(VIEW, timeline=entries, since_closing=0)
    late = msgspec.structs.replace(entries[-1], since_closing=True)
    one = msgspec.structs.replace(VIEW, timeline=(*entries[:-1], late), since_closing=1)

    assert phrase not in plain(lang, none)
    assert LANGUAGES[lang].pair(phrase, "1") in plain(lang, one)
    assert Item(phrase) not in timeline(none, STORY.terms, LANGUAGES[lang])
    assert timeline(one, STORY.terms, LANGUAGES[lang]).count(Item(phrase)) == 1


def test_a_drill_says_so() -> None:
    """What leaves a drill says first of all that nothing of it is real, and a live page does not."""
    mark = language("en").phrases["exercise"]

    assert plain(drill=True).split("\n")[3] == mark
    assert mark not in plain()


def test_the_strictest_label_counts() -> None:
    """One stricter record makes the page as strict."""
    first, *others = VIEW.timeline
    record = msgspec.structs.replace(first.record, tlp="TLP:RED")
    view = msgspec.structs.replace(VIEW, timeline=(msgspec.structs.replace(first, record=record), *others))

    assert "To be shared at most as: TLP:RED" in plain(view=view)


def test_it_stays_a_page() -> None:
    """Of many sources and asks the first are told, and how many more there are; a long text is cut."""
    sources = VIEW.corroboration.sources * 50
    corroboration = msgspec.structs.replace(VIEW.corroboration, sources=sources)
    first, *others = VIEW.timeline
    assert isinstance(first.record, Report)
    record = msgspec.structs.replace(first.record, summary="가" * 5_000, lang="ko", translations=None)
    opened = msgspec.structs.replace(first, record=record, corrected=None)
    view = msgspec.structs.replace(
        VIEW, corroboration=corroboration, timeline=(opened, *others), asks=VIEW.asks * 20
    )
    text = brief(view, STORY.terms, language("en"), NOW_MS).plain(100)

    assert "  - and 94 more" in text
    assert "- and 14 more" in text
    assert "3800 more characters stand in the record" in text
    assert len(text.splitlines()) < 160


def test_who_has_it_and_what_is_overdue() -> None:
    """With a delivery, the page says who holds the report, which officers are aware, and who is late."""
    bound = Bound(at_ms=AT_MS, witness="ash", by="cosignature")
    delivery = Delivery(
        case=CASE,
        now_ms=NOW_MS,
        records=(
            Delivered(
                ref=CASE,
                member="birch",
                not_before=bound,
                held_by=3,
                economies=2,
                reached=(),
                aware=(Aware(member="ash", officer="duty", signed=True, ref=CASE, at_ms=AT_MS),),
            ),
        ),
        dues=(
            Due(of=CASE, member="dune", due="acknowledgement", state="overdue", due_by_ms=AT_MS),
            Due(of=CASE, member="cedar", due="acknowledgement", state="open", due_by_ms=NOW_MS),
        ),
    )

    assert section("Who has it", plain(delivery=delivery)) == [
        "- Held, besides the author, by organisations: 3, in economies 2",
        "- An officer says that they are aware: Ash Desk (duty)",
        "- Overdue:",
        "  - Dune & Sons: acknowledgement, since 2023-05-22 14:00 UTC",
    ]
    assert "Who has it" not in plain()


def test_a_case_whose_report_is_not_here() -> None:
    """Where the report that opened a case is missing, the page says so, and tells the rest."""
    view = msgspec.structs.replace(
        VIEW, timeline=VIEW.timeline[1:], state="unknown", opened_at_ms=None, asks=(), closings=()
    )
    text = plain(view=view)

    assert "The report that opened the case is not here." in text
    assert "- State: unknown" in text
    assert "Nothing was asked." in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_timeline_tells_every_record(lang: str) -> None:
    """Every record of the case is told, in any language, and shown as it was written where that is given."""
    written = {entry.ref: f"written {entry.ref}" for entry in VIEW.timeline}
    blocks = timeline(VIEW, STORY.terms, language(lang), None, written)
    text = "\n".join(block.text for block in blocks)

    assert [block.name for block in blocks if isinstance(block, Verbatim)] == [
        f"record-{entry.ref}" for entry in VIEW.timeline
    ]
    assert all(str(entry.ref) in text for entry in VIEW.timeline)
    assert "https://rumour.example/1" in text


@pytest.mark.parametrize("at_ms", [-(2**53 - 1), 2**53 - 1, -62_135_596_800_001])
def test_a_moment_in_no_calendar(at_ms: int) -> None:
    """A time that no calendar has is told in milliseconds; nothing fails."""
    assert time(at_ms) == f"{at_ms} ms"


def test_an_ask_of_nobody_here_says_so() -> None:
    """Who is named and is no member is told as that; an ask that reaches nobody does not look answered."""
    replace = msgspec.structs.replace
    unheard = replace(VIEW.asks[0], asked=(), strangers=("dogwood",), answers=(), open=False)
    asked = section("What was asked", plain(view=replace(VIEW, asks=(unheard,))))

    assert "no members: dogwood; nobody of this circle was asked" in asked[0]


def test_a_case_without_the_report_that_opened_it_is_told() -> None:
    """Where the first report was erased or has not come, all that others wrote is told in every language."""
    others = [one for one in STORY.said if one.ref != CASE]
    rest = view(CASE, others, STORY.terms, Contexts())
    for lang in LANGUAGES:
        text = plain(lang, rest)
        assert LANGUAGES[lang].phrases["not_here"] in text
        headings = [one for one in timeline(rest, STORY.terms, language(lang)) if isinstance(one, Heading)]
        assert len(headings) == 1 + len(rest.timeline)
