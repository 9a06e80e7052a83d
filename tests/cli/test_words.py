import click
import pytest
from msgspec.structs import replace
from tests.circles.party import card_of, note_record, officer_key, party

from tocsin.cli.words import Telling
from tocsin.core.records import Context, NoteRecord, Record, Report, Seen, Source, parse_record
from tocsin.node.api.types import CircleState, Confirmation, MemberState, ShownRecord

LOG = party().log("ash")
NOTE = note_record(LOG, "Smoke over the harbour.")


def circle(*, drill: bool = False, title: str = "Harbour") -> CircleState:
    """The state of a circle of three."""
    others = tuple(
        MemberState(
            slug=slug,
            label=slug.title(),
            economy="JP",
            log=str(party().log(slug)),
            confirmed=Confirmation(size=2, time_s=1),
            witnessed=None,
            latency_ms=3,
            held=1,
            known=1,
            missing=False,
            stopped=False,
            trouble=None,
        )
        for slug in ("birch", "cedar")
    )
    return CircleState(
        id=party().circle.id,
        title=title,
        domain=party().circle.domain,
        drill=drill,
        handling="TLP:AMBER",
        member="ash",
        label="Ash Desk",
        log=str(LOG),
        size=2,
        halted=None,
        members=others,
    )


def entry(record: Record | None = NOTE, **fields: object) -> ShownRecord:
    """An entry as the node shows it."""
    shown = ShownRecord(
        circle=party().circle.id, log=str(LOG), member="ash", index=1, state="readable", record=record
    )
    return replace(shown, **fields)


def told(*entries: ShownRecord, of: CircleState | None = None, receipts: bool = True) -> str:
    """What is said of them, without styles."""
    telling = Telling((of or circle(),), receipts=receipts)
    return click.unstyle("\n".join(line for one in entries for line in telling.lines(one)))


def test_a_note_says_when_who_and_what() -> None:
    """In UTC, with its day, its number, its author, its marking, and under that the text."""
    assert told(entry()) == (
        "\nMonday 22 May 2023 (UTC)\n\n"
        "14:00:00  ash no. 1 · note by duty · TLP:GREEN\n"
        "          Smoke over the harbour."
    )


def test_a_day_stands_once_above_its_records() -> None:
    """The next record of the same day has the time alone."""
    assert told(entry(), entry(index=2)).count("2023") == 1


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ((), "durable here; nobody has confirmed it yet"),
        (("birch",), "received and confirmed by birch (1 of 2)"),
        (("birch", "cedar"), "received and confirmed by birch, cedar"),
    ],
)
def test_ones_own_say_who_has_received_them(by: tuple[str, ...], words: str) -> None:
    """In plain words, by name."""
    assert told(entry(confirmed_by=by)).splitlines()[-1].strip() == words
    assert words not in told(entry(confirmed_by=by), receipts=False)


def test_a_report_has_its_sources() -> None:
    """Where it was first seen, and when it happened as exactly as that is known."""
    report = Report(
        circle=LOG.circle,
        at_ms=NOTE.at_ms,
        author="sensor",
        author_kind="machine",
        tlp="TLP:GREEN",
        summary="A picture circulates.",
        lang="en",
        sources=(Source(kind="post", locator="https://social.example/1", obtained_at_ms=NOTE.at_ms),),
        occurred_at_ms=NOTE.at_ms,
        occurred_precision="minute",
    )
    words = told(entry(report))
    assert "report by sensor (machine), a new case" in words
    assert "happened 2023-05-22 14:00 UTC" in words
    assert "Sources: https://social.example/1 (post, 2023-05-22 14:00 UTC)" in words


def test_a_card_a_context_and_an_opening_are_said_in_words() -> None:
    """No kind is shown as its fields."""
    card = parse_record(card_of(LOG, officer_key(LOG, "watch"))).record
    assert "says who is on duty" in told(entry(card))
    assert "officers: watch" in told(entry(card))
    seen = (Seen(log=str(party().log("birch")), root="A" * 43 + "=", size=3),)
    context = Context(
        circle=LOG.circle, at_ms=0, author="node", author_kind="machine", tlp="TLP:GREEN", seen=seen
    )
    assert "birch up to no. 2" in told(entry(context))
    opening = parse_record(party().openings["ash"]).record
    assert "opens its log" in told(entry(opening, index=0))


def test_what_cannot_be_read_is_shown_as_that() -> None:
    """It is kept all the same, and why it cannot be read is said."""
    words = told(entry(None, state="not-understood", code="unknown-kind", explanation="Expected a, found b."))
    assert "not understood here: no. 1 of ash" in words
    assert "Expected a, found b. It is kept" in words
    assert "not sent yet by its author" in told(entry(None, state="missing"))


def test_what_was_shown_of_another_version_is_taken_back() -> None:
    """From which place on, and that the true log comes after it."""
    words = told(entry(None, state="set-aside", index=3))
    assert "ash no. 3 · SET ASIDE from here on" in words
    assert "another version of this log than the true one" in " ".join(words.split())


def test_an_officers_signature_and_an_early_arrival_are_said() -> None:
    """Who signed, and that those before it are still to come."""
    words = told(entry(officer="watch", ahead=True))
    assert "signed by officer watch" in words
    assert "sent ahead of those before it" in words


def test_a_drill_is_marked_on_every_entry() -> None:
    """Nobody may take one for real."""
    assert "DRILL" in told(entry(), of=circle(drill=True))


def test_with_several_circles_each_entry_names_its_own() -> None:
    """By the circle's title."""
    other = replace(circle(title="Other"), id="0" * 64)
    telling = Telling((circle(), other))
    assert "Harbour · ash no. 1" in click.unstyle("\n".join(telling.lines(entry())))


@pytest.mark.parametrize("text", ["\x1b[2J", "a\rb", "\u202eb", "x\x07", "\x9b0m", "a\u2028b"])
def test_hostile_words_do_nothing(text: str) -> None:
    """Wherever somebody else's text stands: in a note, a report, a card, a title, an explanation."""
    hostile = [
        entry(replace(NOTE, text=text)),
        entry(
            Report(
                circle=LOG.circle,
                at_ms=0,
                author="x",
                author_kind="agent",
                tlp="TLP:RED",
                summary=text,
                lang="en",
                sources=(Source(kind="other", locator=text),),
            )
        ),
        entry(None, state="not-understood", code="x", explanation=text),
    ]
    words = told(*hostile, of=circle(title=text))
    assert not set(text) & set("\x1b\r\u202e\x07\x9b\u2028") & set(words)
    assert isinstance(NOTE, NoteRecord)
