"""What a page shows, place by place, so that it can tell where it is no longer as it was made.

- A place is the title, an element of the body with its attributes, or a text. `page/page.js` walks the same
  in a browser. What stands in scripts is not shown.
- Read here is the one form in which pages are written; from where a page has another, its rest is one text.
- This tells of a slip, or of somebody who changed a page and not what verifies it. It proves nothing of
  who made the page: that proofs do, and of its scripts `is_known`.
"""

import hashlib
import html
import re
from collections.abc import Iterator

_CHARACTERS = 16
_TITLE = re.compile("<title>([^<]*)</title>")
_BODY = "<body>"
_PLACE = re.compile(r'([^<]+)|</[a-z0-9]+>|<([a-z0-9]+)((?: [a-z]+(?:="[^"<>]*")?)*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)(?:="([^"<>]*)")?')
_UNSEEN = ("script", "noscript")


def shown_by(document: str) -> tuple[str, ...]:
    """Of each place of the page, in their order, the beginning of its SHA-256."""
    return tuple(hashlib.sha256(one.encode()).hexdigest()[:_CHARACTERS] for one in _places(document))


def _places(document: str) -> Iterator[str]:
    if title := _TITLE.search(document):
        yield html.unescape(title[1])
    at = document.find(_BODY) + len(_BODY)
    while at < len(document):
        found = _PLACE.match(document, at)
        if found is None:
            yield document[at:]
            return
        at = found.end()
        text, tag, attributes = found.groups()
        if text is not None and text.strip(" \n"):
            yield html.unescape(text)
        if tag is None:
            continue
        told = (f' {name}="{html.unescape(value)}"' for name, value in _ATTRIBUTE.findall(attributes))
        yield f"<{tag}{''.join(sorted(told))}>"
        if tag in _UNSEEN:
            at = max(at, document.find(f"</{tag}>", at))
