import json
import unicodedata

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cli.terminal import (
    beside,
    columns,
    day,
    dotted,
    json_text,
    lately,
    moment,
    paragraph,
    shown,
    strong,
    table,
    width,
)

HOSTILE = {
    "a colour": "\x1b[31mred",
    "a cleared screen": "\x1b[2J\x1b[H",
    "a title": "\x1b]0;owned\x07",
    "a C1 sequence": "\x9b31m",
    "a rewritten line": "confirmed\rdenied",
    "a backspace": "yes\b\b\bno",
    "a turned direction": "abc\u202edcba",
    "an isolate": "\u2066abc\u2069",
    "a mark": "\u200fabc",
    "nothing to see": "a\u200bb\ufeffc\u2060d\u00ad",
    "tags": "a\U000e0041\U000e0042",
    "a filler": "a\u3164b\u2800c",
    "another line": "one\u2028two\u2029three\x85four",
    "a surrogate": "a\ud800b",
    "nothing": "a\x00b",
}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ANYTHING = st.text(st.characters(codec=None, exclude_categories=()))


def _unsafe(text: str) -> list[str]:
    return [one for one in text if unicodedata.category(one) in _UNSEEN and one not in "\u200c\u200d"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_terminal_would_obey_is_shown_by_its_number(text: str) -> None:
    """Nothing that somebody else wrote moves a cursor, colours, hides or turns anything."""
    assert not _unsafe(shown(text))
    assert "⟨U+" in shown(text)


@given(_ANYTHING)
def test_any_text_is_shown_in_one_harmless_line(text: str) -> None:
    """Whatever a text holds, what is shown of it is one line without a character that is not one to see."""
    assert not _unsafe(shown(text))


@given(
    st.text(
        st.characters(
            categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u2800\u3164\u115f\u1160\uffa0"
        )
    )
)
def test_what_is_harmless_is_shown_as_it_is(text: str) -> None:
    """Letters, numbers, signs and spaces of every script are not touched."""
    assert shown(text) == text


@pytest.mark.parametrize("text", ["می\u200cخواهم", "क्\u200dष", "👩\u200d🚒"])
def test_joiners_that_scripts_need_are_kept(text: str) -> None:
    """Persian, Devanagari and emoji are written with joiners, which do no harm."""
    assert shown(text) == text


@given(_ANYTHING, st.integers(0, 30))
def test_a_paragraph_keeps_to_the_width_and_is_harmless(text: str, indent: int) -> None:
    """Any text is wrapped into lines that fit, unless one word does not, and loses nothing but spaces."""
    lines = list(paragraph(text, " " * indent))
    assert all(width(line) <= columns() or " " not in line.strip() for line in lines)
    assert not _unsafe("".join(lines))
    assert all(line.startswith(" " * indent) for line in lines if line)
    kept = "".join(lines).replace(" ", "")
    flat = text.replace("\r\n", "\n").replace("\n", "").replace("\t", "")
    assert kept == shown(flat).replace(" ", "")


def test_a_script_without_spaces_is_cut_where_the_line_ends() -> None:
    """A Han text is wrapped by its width on a terminal, two columns a character."""
    lines = list(paragraph("機" * 120, "    "))
    assert [width(line) for line in lines] == [columns()] * 3 + [4 + 240 - 3 * (columns() - 4)]


@given(
    st.recursive(_ANYTHING, lambda inner: st.lists(inner) | st.dictionaries(_ANYTHING, inner), max_leaves=5)
)
def test_json_is_harmless_and_says_the_same(value: object) -> None:
    """JSON for a program may be looked at on a terminal, and is read back as what was written."""
    try:
        text = json_text(value)
    except UnicodeEncodeError:
        # A lone surrogate: no JSON in UTF-8 holds one, and no record does.
        return
    assert not _unsafe(text)
    assert json.loads(text) == value


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    """Styles take no room and Hangul takes two columns a syllable."""
    first, second = table([(strong("한국"), "x"), ("abcd", "x")], indent="")
    assert click.unstyle(first) == "한국  x"
    assert second == "abcd  x"


def test_a_name_stands_beside_wrapped_lines() -> None:
    """The lines under the first begin where its text does."""
    first, second = beside(strong("name"), "a" * 70 + " " + "b" * 20, 6, "  ")
    assert click.unstyle(first) == "  name  " + "a" * 70
    assert second == " " * 8 + "b" * 20


def test_parts_that_do_not_fit_stand_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part in one piece, whatever its style, with a dot where another stands before it."""
    monkeypatch.setenv("COLUMNS", "16")
    parts = (strong("birch.1.12"), "open", "serious incident", "x")
    lines = [click.unstyle(line) for line in dotted(parts)]
    assert lines == ["birch.1.12", "  open", "  serious incident", "  x"]
    lines = [click.unstyle(line) for line in dotted(("a", "b", "c" * 9), indent=" ", further="   ")]
    assert lines == [" a · b", "   ccccccccc"]


def test_times_that_are_in_no_calendar_are_shown_all_the_same() -> None:
    """A hostile time is no error: it is shown as the number that it is."""
    assert moment(0) == "1970-01-01 00:00:00 UTC"
    assert day(1_684_764_000_000) == "Monday 22 May 2023"
    assert moment(2**53 - 1) == f"at {2**53 - 1} ms, which is in no calendar"
    assert lately(1_684_764_000_000, 1_684_764_060_000) == "14:00:00 UTC"
    assert lately(1_684_764_000_000, 0) == "2023-05-22 14:00:00 UTC"


def test_a_name_that_fills_its_room_stays_apart_from_what_follows() -> None:
    """However long it is."""
    assert list(beside("a long name", "text", 6)) == ["a long name text"]
    assert list(beside("short", "text", 8)) == ["short   text"]
