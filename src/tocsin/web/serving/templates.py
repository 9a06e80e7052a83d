"""From frozen values to pages, by Jinja2. Everything is escaped; what is not there is an error.

In templates there are, besides what a page hands over:

- `say(key, …)`: a sentence of ours in the reader's language; `word(list, code)`: the word for a code;
- `tongue(tag)`: what a language is called;
- `when(ms)`: a moment in UTC, which the browser shows in the reader's zone, too;
- `foreign(text, lang)`: what somebody wrote, legible, with a direction of its own;
- `asset(name)`: where a file is; `visit`: who looks, and where.
"""

from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tocsin.core.legible import is_legible

_NEEDED = "\n\t"


def make_environment() -> Environment:
    """Where templates are found, and how they are read."""
    environment = Environment(
        loader=PackageLoader("tocsin.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.do"],
    )
    environment.globals.update(when=when, foreign=foreign)
    return environment


def when(at_ms: int | None) -> Markup:
    """A moment as an element: in UTC, to the second."""
    if at_ms is None:
        return Markup("–")
    try:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return escape(at_ms)
    # Not %Y, which writes early years with fewer digits: no browser reads that.
    day, time = f"{moment.date()}", f"{moment:%H:%M:%S}"
    # Made of digits alone, hundreds of times a page: nothing in it is to be escaped.
    return Markup(f'<time datetime="{day}T{time}.{at_ms % 1000:03}Z">{day} {time} UTC</time>')  # noqa: S704


def foreign(text: str | None, lang: str | None = None) -> Markup:
    """What somebody wrote, in its own language and direction. Nothing in it is invisible."""
    if text is None:
        return Markup("")
    legible = text
    if not (text.isascii() and text.isprintable()):
        legible = "".join(one if one in _NEEDED or is_legible(one) else f"⟨U+{ord(one):04X}⟩" for one in text)
    of = f' lang="{escape(lang)}"' if lang else ""
    return Markup(f"<bdi{of}>{escape(legible)}</bdi>")  # noqa: S704 - what others wrote is escaped
