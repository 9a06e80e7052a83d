import dataclasses
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.telling.page import Block, Heading, Item, Page, Paragraph, Quote, Verbatim
from tocsin.core.legible import in_one_line

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example/)",
    "![x](https://evil.example/a.png)",
    "https://evil.example/ and www.evil.example and a@evil.example and `@@`",
    "`code` **bold** _it_ ~~no~~ # not a heading | a | table",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egnp.exe",
    "line\n# heading\n- item\n```\nfence",
    "&lt;b&gt; &amp; \\",
    '"><svg onload=alert(1)>',
    "</pre></details><script>",
]
TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(), st.tuples(st.text(), st.sampled_from(HOSTILE)).map("".join)
)
BLOCKS = st.one_of(
    st.builds(Heading, st.integers(1, 3), TEXTS),
    st.builds(Paragraph, TEXTS, st.booleans()),
    st.builds(Item, TEXTS, st.integers(0, 2)),
    st.builds(Quote, TEXTS, st.just("ko")),
    st.builds(Verbatim, TEXTS, TEXTS, st.just("record-ash.1.1")),
)
PAGES = st.lists(BLOCKS, max_size=8).map(lambda blocks: Page("en", tuple(blocks)))
OURS = {"h1", "h2", "h3", "p", "strong", "ul", "li", "blockquote", "details", "summary", "pre"}


class Tags(HTMLParser):
    """Reads a page as a browser does: its tags, attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins: a list in a list only as part of an item, and an item only in a list."""
        around = self.open[-1:]
        assert tag != "ul" or around != ["ul"]
        assert tag != "li" or around == ["ul"]
        self.found.append(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        """A tag ends, and it is the one that began last."""
        assert self.open.pop() == tag


@given(page=PAGES)
def test_nothing_written_by_others_is_markup(page: Page) -> None:
    """Whatever a member writes, a page has the tags of its blocks, each closed, and no other."""
    tags = Tags(page.html())

    assert set(tags.found) <= OURS
    assert tags.open == []
    assert tags.attributes <= {"lang", "id"}


@given(page=PAGES)
def test_markdown_has_no_link_and_no_html(page: Page) -> None:
    """In Markdown nothing of others' opens a tag, a link, an image, code, emphasis, or a block of its own."""
    own = re.compile(r"^(#{1,3} |\*\*(?=.*\*\*$)|( {2})*- |> “)")
    lines = [line for line in page.markdown().split("\n") if not re.match(" {4}(?! *- )", line)]
    bare = [re.sub(r"\\.|`@+`", "", own.sub("", line, count=1)).removesuffix("**") for line in lines]

    for line in bare:
        assert not re.search(r"[<`\[\]*_~|&#>$^@\\]|[A-Za-z]://|www\.", line)
        assert not re.match(r"[-+=]|\d+[.)]", line)


@given(page=PAGES, columns=st.integers(20, 120))
def test_a_terminal_obeys_nothing(page: Page, columns: int) -> None:
    """A page for a terminal has no control character but the ends of its lines, and turns no direction."""
    for form in (page.plain(columns), page.markdown(), page.html()):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", form)


@given(text=st.text())
def test_showing_twice_changes_nothing(text: str) -> None:
    """What is shown can be shown again: a program may wrap it once more."""
    assert in_one_line(in_one_line(text)) == in_one_line(text)


def test_lines_are_as_wide_as_asked() -> None:
    """Lines are wrapped at spaces and around wide characters; an address that fits stays in one piece."""
    block: Block = Item("at https://news.example/a/longer/address 사건 " + "案" * 30 + " https://" + "x" * 40)
    lines = Page("ko", (block,)).plain(40).rstrip("\n").split("\n")

    assert lines[:2] == ["- at", "  https://news.example/a/longer/address"]
    assert lines[2] == "  사건 " + "案" * 16
    assert lines[3] == "  " + "案" * 14
    assert lines[4:] == ["  https://" + "x" * 30, "  " + "x" * 10]


def test_three_forms_of_one_page() -> None:
    """Headings, lists, quotes and records have a form each, in Markdown, plain text and HTML."""
    page = Page(
        "en",
        (
            Heading(1, "Case birch.1.12"),
            Paragraph("EXERCISE", strong=True),
            Item("Seen: Birch"),
            Item("once", 1),
            Quote("It <b>fell</b>.", "en"),
            Verbatim("as written", '{"a":1}'),
        ),
    )

    assert page.markdown() == (
        "# Case birch.1.12\n\n**EXERCISE**\n\n- Seen: Birch\n  - once\n\n> “It \\<b\\>fell\\</b\\>.”\n\n"
        'as written\n\n    {"a":1}\n'
    )
    assert page.plain() == (
        "Case birch.1.12\n===============\n\nEXERCISE\n\n- Seen: Birch\n  - once\n\n| “It <b>fell</b>.”\n\n"
        'as written\n  {"a":1}\n'
    )
    assert page.html() == (
        "<h1>Case birch.1.12</h1>\n<p><strong>EXERCISE</strong></p>\n<ul>\n<li>Seen: Birch\n<ul>\n"
        "<li>once\n</li>\n</ul>\n</li>\n</ul>\n"
        '<blockquote lang="en">“It &lt;b&gt;fell&lt;/b&gt;.”</blockquote>\n'
        "<details><summary>as written</summary><pre>{&quot;a&quot;:1}</pre></details>\n"
    )


@pytest.mark.parametrize("text", [" - item", "  # heading", "    code", " 1. item", "\u3000- item"])
def test_spaces_at_the_start_make_no_block(text: str) -> None:
    """In Markdown, what begins with spaces is no list, heading or code of its own."""
    for block in (Paragraph(text), Item(text), Paragraph(text, strong=True)):
        without = dataclasses.replace(block, text=text.strip())
        assert Page("en", (block,)).markdown() == Page("en", (without,)).markdown()
