"""A page for people to read, and its three forms: Markdown, plain text, and the inside of an HTML page.

- A page is a row of blocks, and what stands in a block is text alone, whoever wrote it: all markup is the
  form's. So nothing that a member wrote can be markup, a link, or an instruction to a terminal.
- What does not show what it is comes out as its number, such as ⟨U+001B⟩: control characters, those that turn
  the direction of writing, invisible ones.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tocsin.cases.telling.markdown import escaped
from tocsin.core.legible import in_one_line, shown, width, wrapped

_INDENT = "  "
# What a browser does not show, or obeys, within text that is JSON. (The same as in the archive's verifier.)
_UNSEEN_IN_JSON = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; the page's title is of level 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `strong` if it must not be overlooked."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list, at a depth from 0 on."""

    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody wrote, in their own words and language (BCP 47)."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What somebody wrote, as it was written, below what it is called; `name` tells it from others."""

    title: str
    text: str
    name: str = ""


Block: TypeAlias = Heading | Paragraph | Item | Quote | Verbatim


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the language `lang` (BCP 47)."""

    lang: str
    blocks: tuple[Block, ...]

    def markdown(self) -> str:
        """The page in CommonMark."""
        return "\n\n".join(_joined(self.blocks, _markdown)) + "\n"

    def plain(self, columns: int = 80) -> str:
        """The page for a terminal or a telegram, in lines of at most so many columns."""
        return "\n\n".join(_joined(self.blocks, lambda block: _plain(block, columns))) + "\n"

    def html(self) -> str:
        """What stands in the `body` of the page; no attribute in it but `lang` and `id`."""
        return "\n".join(_html(self.blocks)) + "\n"


def _joined(blocks: Iterable[Block], form: Callable[[Block], str]) -> Iterator[str]:
    """Each block in its form; the lines of a list are one."""
    items: list[str] = []
    for block in blocks:
        if isinstance(block, Item):
            items.append(form(block))
            continue
        if items:
            yield "\n".join(items)
            items = []
        yield form(block)
    if items:
        yield "\n".join(items)


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {escaped(text)}"
        case Paragraph(text, strong):
            return f"**{escaped(text)}**" if strong else escaped(text)
        case Item(text, depth):
            return f"{_INDENT * depth}- {escaped(text)}"
        case Quote(text):
            return f"> “{escaped(text)}”"
        case Verbatim(title, text):
            # Four spaces are code whatever stands behind them; a fence could be closed from within.
            code = "\n".join(f"    {shown(line)}" for line in text.split("\n"))
            return f"{escaped(title)}\n\n{code}"


def _plain(block: Block, columns: int) -> str:
    match block:
        case Heading(level, text):
            line = in_one_line(text)
            rule = ("=" if level == 1 else "-") * min(columns, width(line))
            return f"{line}\n{rule}" if level < 3 else line
        case Paragraph(text):
            return _wrapped(in_one_line(text), "", "", columns)
        case Item(text, depth):
            return _wrapped(in_one_line(text), _INDENT * depth + "- ", _INDENT * (depth + 1), columns)
        case Quote(text):
            return _wrapped(f"“{in_one_line(text)}”", "| ", "| ", columns)
        case Verbatim(title, text):
            code = "\n".join(_INDENT + shown(line) for line in text.split("\n"))
            return f"{in_one_line(title)}\n{code}"


def _wrapped(text: str, first: str, others: str, columns: int) -> str:
    """Lines of at most so many columns, after `first` and then `others`, which are of one width."""
    lines = wrapped(text, columns - width(first), cut=True)
    return "\n".join((others if number else first) + line for number, line in enumerate(lines))


def _html(blocks: Iterable[Block]) -> Iterator[str]:
    depth = 0
    for block in blocks:
        wanted = block.depth + 1 if isinstance(block, Item) else 0
        yield from _lists(depth, wanted)
        depth = wanted
        yield block_as_html(block)
    yield from _lists(depth, 0)


def _lists(depth: int, wanted: int) -> Iterator[str]:
    """From an item of one depth, which stays open for what is below it, to one of another; 0 is none."""
    if wanted > depth:
        yield from ["<ul>", *["<li>", "<ul>"] * (wanted - depth - 1)]
    else:
        yield from ["</li>", "</ul>"] * (depth - wanted)
        yield from ["</li>"] if wanted else []


def block_as_html(block: Block) -> str:
    """A block by itself; an item without its list, and without its end."""
    text = html.escape(in_one_line(block.text))
    match block:
        case Heading(level):
            return f"<h{level}>{text}</h{level}>"
        case Paragraph(strong=strong):
            return f"<p><strong>{text}</strong></p>" if strong else f"<p>{text}</p>"
        case Item():
            return f"<li>{text}"
        case Quote(lang=lang):
            return f'<blockquote lang="{html.escape(lang)}">“{text}”</blockquote>'
        case Verbatim(title, verbatim, name):
            place = f' id="{html.escape(name)}"' if name else ""
            summary = html.escape(in_one_line(title))
            return f"<details><summary>{summary}</summary><pre{place}>{_exact(verbatim)}</pre></details>"


def _exact(text: str) -> str:
    """A text in HTML with every character of it; what is not seen, as JSON writes it."""
    visible = _UNSEEN_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text)
    return html.escape(visible)
