"""A page for people to read, and its three forms: Markdown, plain text, and the inside of an HTML page.

- A page is a row of blocks, and what stands in a block is text alone, whoever wrote it: all markup is the
  form's. So nothing that a member wrote can be markup, a link, or an instruction to a terminal.
- What does not show what it is comes out as its number, such as ⟨U+001B⟩: control characters, those that turn
  the direction of writing, invisible ones.
"""

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

_INDENT = "  "
# Zero-width joiner and non-joiner: Persian, the scripts of India and emoji need them.
_INVISIBLE_BUT_NEEDED = "\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and symbols by category, and nothing to the eye.
_FILLERS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
# Whatever begins or ends markup somewhere within a line, in CommonMark or in what GitHub adds to it.
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~!&$^@]|(?<=[A-Za-z]):(?=//)|(?<=[Ww][Ww][Ww])\.")
# And what makes a line another block.
_AT_START = re.compile(r"^(\d*)([-+=.)])")

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


def shown(text: str) -> str:
    """`text` by whomever as one line that does nothing but show what it says."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if _is_safe(one) else f"⟨U+{ord(one):04X}⟩" for one in " ".join(text.split()))


def _is_safe(character: str) -> bool:
    if character in _INVISIBLE_BUT_NEEDED:
        return True
    return unicodedata.category(character) not in _UNSEEN and character not in _FILLERS


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
            return f"{'#' * level} {_escaped(text)}"
        case Paragraph(text, strong):
            return f"**{_escaped(text)}**" if strong else _escaped(text)
        case Item(text, depth):
            return f"{_INDENT * depth}- {_escaped(text)}"
        case Quote(text):
            return f"> “{_escaped(text)}”"
        case Verbatim(title, text):
            # Four spaces are code whatever stands behind them; a fence could be closed from within.
            code = "\n".join(f"    {shown(line)}" for line in text.split("\n"))
            return f"{_escaped(title)}\n\n{code}"


def _escaped(text: str) -> str:
    return _AT_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", shown(text).strip()))


def _plain(block: Block, columns: int) -> str:
    match block:
        case Heading(level, text):
            line = shown(text)
            rule = ("=" if level == 1 else "-") * min(columns, _width(line))
            return f"{line}\n{rule}" if level < 3 else line
        case Paragraph(text):
            return _wrapped(shown(text), "", "", columns)
        case Item(text, depth):
            return _wrapped(shown(text), _INDENT * depth + "- ", _INDENT * (depth + 1), columns)
        case Quote(text):
            return _wrapped(f"“{shown(text)}”", "| ", "| ", columns)
        case Verbatim(title, text):
            code = "\n".join(_INDENT + shown(line) for line in text.split("\n"))
            return f"{shown(title)}\n{code}"


def _wrapped(text: str, first: str, others: str, columns: int) -> str:
    """As many words in a line as fit, at least one: an address stays in one piece, to be copied."""
    lines, line, room = [], first, columns - _width(first)
    for word in _words(text):
        if line not in (first, others) and _width(word.rstrip()) > room:
            lines.append(line.rstrip())
            line, room = others, columns - _width(others)
        line, room = line + word, room - _width(word)
    return "\n".join([*lines, line.rstrip()])


def _words(line: str) -> list[str]:
    """The parts at which a line may break: after spaces, and behind wide characters."""
    return re.findall(r"[\u2e80-\u9fff\uff00-\uff60]|[^\s\u2e80-\u9fff\uff00-\uff60]+\s*|\s+", line)


def _width(text: str) -> int:
    """How many columns a terminal gives to `text`."""
    return sum(map(_width_of, text))


def _width_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _html(blocks: Iterable[Block]) -> Iterator[str]:
    depth = 0
    for block in blocks:
        wanted = block.depth + 1 if isinstance(block, Item) else 0
        yield from ["<ul>"] * (wanted - depth) + ["</ul>"] * (depth - wanted)
        depth = wanted
        yield block_as_html(block)
    yield from ["</ul>"] * depth


def block_as_html(block: Block) -> str:
    """A block by itself; an item without its list."""
    text = html.escape(shown(block.text))
    match block:
        case Heading(level):
            return f"<h{level}>{text}</h{level}>"
        case Paragraph(strong=strong):
            return f"<p><strong>{text}</strong></p>" if strong else f"<p>{text}</p>"
        case Item():
            return f"<li>{text}</li>"
        case Quote(lang=lang):
            return f'<blockquote lang="{html.escape(lang)}">“{text}”</blockquote>'
        case Verbatim(title, verbatim, name):
            place = f' id="{html.escape(name)}"' if name else ""
            summary = html.escape(shown(title))
            return f"<details><summary>{summary}</summary><pre{place}>{_exact(verbatim)}</pre></details>"


def _exact(text: str) -> str:
    """A text in HTML with every character of it; what is not seen, as JSON writes it."""
    visible = _UNSEEN_IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], text)
    return html.escape(visible)
