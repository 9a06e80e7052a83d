"""The page of an archive, `index.html`: what people read, and what verifies it in a browser, from itself.

- It asks nobody for anything: its policy forbids every request, and every script and style but its own two,
  which it names by their hashes. So even text that got through as markup could do nothing.
- All that it verifies stands in it, as JSON in which no `<` is written as such.
- Proven is what members wrote, byte for byte; what is told in sentences was made from it, and it says so.
  What it shows is compared with how it was made (`shown`), and what it quotes with what is proven.
"""

import hashlib
import html
from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files

from msgspec import Struct, json
from msgspec.structs import replace

from tocsin.cases.archive.proofs import File, Proof, Unproven
from tocsin.cases.archive.shown import shown_by
from tocsin.cases.telling import LANGUAGES, Language, Page

FORMAT = "tocsin-case-evidence/v1"

_HERE = files(__package__) / "page"
_SCRIPT = "".join((_HERE / name).read_text("utf-8") for name in ("vendored.js", "verifier.js", "page.js"))
_STYLE = (_HERE / "style.css").read_text("utf-8")
_BEGIN, _END = '<script type="application/json" id="evidence">', "</script>\n"
_WORDS = (
    *("verifying", "all_proven", "some_failed", "proven", "not_proven", "unproven", "shown_differs"),
    *("page_differs", "place_differs", "quote_differs"),
    *("file_fits", "file_differs", "file_unknown"),
)


class Evidence(Struct, frozen=True, forbid_unknown_fields=True):
    """What the page verifies: the proofs of the records of `case` in `circle`, and the files beside it.

    `shown`: what it shows itself, as `shown_by` has it.
    """

    format: str
    circle: str
    case: str
    texts: tuple[str, ...]
    proofs: tuple[Proof, ...]
    unproven: tuple[Unproven, ...]
    files: tuple[File, ...]
    words: Mapping[str, str]
    shown: tuple[str, ...] = ()


def words_of(language: Language) -> dict[str, str]:
    """What the page's verifier says, in one language."""
    return {key: language.phrases[key] for key in _WORDS}


def document(page: Page, evidence: Evidence, language: Language) -> bytes:
    """The page as a file; what it shows is put into its evidence."""
    whole = _written(page, evidence, language)
    return _written(page, replace(evidence, shown=shown_by(whole)), language).encode()


def _written(page: Page, evidence: Evidence, language: Language) -> str:
    phrases = language.phrases
    title = html.escape(language.say("title", case=evidence.case))
    compare = html.escape(language.say("compare", circle=evidence.circle))
    return f"""<!DOCTYPE html>
<html lang="{html.escape(language.tag)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy()}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<section id="verdict">
<noscript><p class="bad">{html.escape(phrases["no_script"])}</p></noscript>
<p>{compare}</p>
<p>{html.escape(phrases["made_from"])}</p>
</section>
<main>
{page.html()}</main>
<section>
<p><label>{html.escape(phrases["choose"])} <input type="file" id="files" multiple></label></p>
<div id="files-found"></div>
</section>
{_BEGIN}{embedded(evidence)}{_END}<script>{_SCRIPT}</script>
</body>
</html>
"""


def embedded(evidence: Evidence) -> str:
    """The evidence as JSON that no HTML parser sees an end in."""
    text = json.encode(evidence).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def evidence_in(document: bytes) -> str | None:
    """The JSON that a page has; None if it has none."""
    _, begun, rest = document.decode("utf-8", "replace").partition(_BEGIN)
    found, ended, _ = rest.partition(_END)
    return found if begun and ended else None


def is_known(document: bytes, evidence: Evidence) -> bool:
    """Whether the page has the scripts, the style and the words that this version gives it, each once."""
    text = document.decode("utf-8", "replace")
    parts = (f"<script>{_SCRIPT}</script>", f"<style>{_STYLE}</style>", _policy())
    return (
        all(text.count(part) == 1 for part in parts)
        and text.count("<script") == 2
        and evidence.words in [words_of(language) for language in LANGUAGES.values()]
    )


def _policy() -> str:
    """What the page may do: run and show what is in it, and nothing else."""
    return (
        f"default-src 'none'; script-src 'sha256-{_hash(_SCRIPT)}'; style-src 'sha256-{_hash(_STYLE)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()
