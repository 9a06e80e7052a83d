"""Text by others in Markdown: what readers make of it, also those that look for addresses by themselves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.telling.markdown import escaped, in_cell
from tocsin.core.legible import in_one_line

HOSTILE = [
    *("http://evil.example", "HTTPS://evil.example", "ftp://x.example", "www.evil.example", "a@b.example"),
    *("mailto:a@b.example", "xmpp:a@b.example/c", "<https://evil.example>", "<a@b.example>", "@@", "`@`"),
    *("|", "\\", "`", "\\|"),
]
TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=5)).map("".join)

# A character that is escaped, one by its number, code: what stands there, whatever stands around it.
_PART = re.compile(r"\\([!-/:-@\[-`{-~])|&#(\d+);|`([^`]*)`|(.)", re.DOTALL)


def read(markdown: str) -> tuple[str, str]:
    """What a reader sees of a line, and the same with a NUL for what no address is looked for in.

    cmark-gfm finds `www.` and `://` in a line as it is written, and `@` in its text, behind escapes.
    """
    seen, linked = [], []
    for escape, number, code, plain in _PART.findall(markdown):
        shown = escape or (chr(int(number)) if number else code or plain)
        seen.append(shown)
        linked.append(shown if plain or escape == "@" else "\0" * len(shown))
    return "".join(seen), "".join(linked)


@given(text=TEXTS)
def test_it_shows_what_it_says(text: str) -> None:
    """A reader sees the text in one line, with every character of it, and nothing that makes a link."""
    for form in (escaped, in_cell):
        seen, linked = read(form(text))

        assert seen == in_one_line(text)
        assert not re.search(r"@|[a-z]://|www\.", linked, re.IGNORECASE)


@given(text=TEXTS)
def test_a_cell_is_one_cell(text: str) -> None:
    """No text ends the cell that it stands in, escaped or not: some readers count every bar."""
    assert "|" not in in_cell(text)
    assert "\n" not in in_cell(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a@b.example", "a`@`b.example"),
        ("mailto:a@b.example", "mailto:a`@`b.example"),
        ("`@`@@x", "\\``@`\\``@@`x"),
        ("https://x.example and www.y.example", r"https\://x.example and www\.y.example"),
        ("- a | b", r"\- a \| b"),
    ],
)
def test_as_it_is_written(text: str, written: str) -> None:
    """Addresses are broken where readers look for them: those of e-mail by code, behind escapes."""
    assert escaped(text) == written
