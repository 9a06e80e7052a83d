"""What is shown of what others wrote: never obeyed, never whole where it has no end."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.core.errors import problem_of
from tocsin.core.legible import in_one_line, is_legible, shown, width, wrapped

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()))


@given(text=ANYTHING)
def test_all_that_is_shown_is_legible(text: str) -> None:
    """Whatever a text has in it, each character of what is shown of it shows what it is."""
    for form in (shown(text), in_one_line(text)):
        assert all(map(is_legible, form))


@given(text=ANYTHING)
def test_shown_again_it_is_the_same(text: str) -> None:
    """What is shown may pass through another program of ours."""
    assert shown(shown(text)) == shown(text)
    assert in_one_line(in_one_line(text)) == in_one_line(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\ntwo\r\n three\t\u3000four", "one two three four"),
        ("two  spaces ", "two spaces"),
        ("\x1b[2J\n\u202e", "⟨U+001B⟩[2J ⟨U+202E⟩"),
        ("", ""),
    ],
)
def test_lines_become_one(text: str, line: str) -> None:
    """Where a line ends there is a space; what is not an end of a line, and unseen, has its number."""
    assert in_one_line(text) == line


def test_widths() -> None:
    """Hangul and Han take two columns, what stands on a letter or joins two takes none."""
    assert [width(text) for text in ("ab", "사건", "e\u0301", "क्\u200dष")] == [2, 4, 1, 2]


@given(text=ANYTHING.map(shown), columns=st.integers(2, 40), cut=st.booleans())
@example(text="a\u3000", columns=2, cut=True)
@example(text="ab 。", columns=2, cut=False)
def test_wrapped(text: str, columns: int, cut: bool) -> None:
    """Nothing but spaces is lost; no line is wider than it may be, but for one word that is not cut."""
    lines = list(wrapped(text, columns, cut=cut))

    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert width(line) <= columns or not (cut or " " in line)


@pytest.mark.parametrize(
    ("text", "cut", "lines"),
    [
        ("see https://x.example/long", True, ["see", "https://x.", "example/lo", "ng"]),
        ("see https://x.example/long", False, ["see", "https://x.example/long"]),
        ("案" * 7, False, ["案" * 5, "案" * 2]),
        ("案" * 5 + "。案", False, ["案" * 4, "案。案"]),
        ("案" * 4 + "（案）", False, ["案" * 4, "（案）"]),
        ("案" * 4 + " 。案", False, ["案" * 4, "。案"]),
        ("UTC 20265：案", False, ["UTC", "20265：案"]),
        (" " * 90 + "forged", True, ["", "forged"]),
        ("", True, [""]),
    ],
)
def test_where_lines_end(text: str, cut: bool, lines: list[str]) -> None:
    """At spaces and around wide characters; what is too long begins a line, and no line begins further in."""
    assert list(wrapped(text, 10, cut=cut)) == lines


@given(problem=ANYTHING | st.just("x" * 100_000))
def test_the_problem_of_a_decoder(problem: str) -> None:
    """It may repeat what it found, of any length and with anything in it: an error shows some of that."""
    said = problem_of(ValueError(problem))

    assert said.isprintable()
    assert len(said) <= 1000
    assert said == problem or "x" * 401 not in said
