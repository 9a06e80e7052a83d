"""Whoever is refused something reads why in their own language, whatever the error."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tocsin
from tocsin.core.errors import TocsinError
from tocsin.web.languages import LANGUAGES
from tocsin.web.words import REFUSALS

TEMPLATES = Path(tocsin.__file__).parent / "web" / "templates"
ENGLISH = LANGUAGES["en"].codes["Refusal"]

# What stops a node before it has a console, what only the command line and the machine API are told.
ELSEWHERE = {
    *("malformed-config", "unsafe-file", "unusable-folder", "cannot-listen", "sensor-missing", "no-console"),
    *("apprise-missing", "database-in-use", "newer-database", "older-database", "folder-not-empty"),
    *("alert-failed", "draft-exists", "end-unknown", "no-answer", "no-draft", "unauthorised"),
}


def codes() -> set[str]:
    """The codes of all errors but those of the command line."""
    for module in pkgutil.walk_packages(tocsin.__path__, "tocsin."):
        if not module.name.startswith("tocsin.cli") and module.name != "tocsin.__main__":
            importlib.import_module(module.name)
    return {kind.code for kind in kinds(TocsinError) if re.match(r"tocsin\.(?!cli\.)", kind.__module__)}


def kinds(above: type[TocsinError]) -> Iterator[type[TocsinError]]:
    """Every error below that one."""
    for kind in above.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_every_code_has_a_sentence() -> None:
    """Neither is there an error that nobody has words for, nor words for one that there is not."""
    assert codes() - ELSEWHERE == set(ENGLISH)


def test_what_stands_elsewhere_is_there() -> None:
    """No code is excused that does not exist."""
    assert codes() >= ELSEWHERE


@pytest.mark.parametrize("tag", LANGUAGES)
def test_each_language_has_every_sentence(tag: str) -> None:
    """With an end, and none of them left in English."""
    sentences = LANGUAGES[tag].codes["Refusal"]

    assert sentences.keys() == ENGLISH.keys()
    assert [code for code, one in sentences.items() if not one.endswith((".", "。"))] == []
    assert tag == "en" or [code for code, one in sentences.items() if one == ENGLISH[code]] == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_sentence_says_more_than_what_happened(tag: str) -> None:
    """What happened is one part of it; what to do, or what holds all the same, is another."""
    one_only = [
        code
        for code, told in LANGUAGES[tag].codes["Refusal"].items()
        if len(re.findall(r"[.;:]\s|[。；]", told + " ")) < 2
    ]

    assert one_only == []


def test_no_code_is_in_two_parts() -> None:
    """Else one of its sentences would never be said."""
    words = [importlib.import_module(f"tocsin.web.words.{part}.en").PHRASES for part in REFUSALS]

    assert sum(map(len, words)) == len(ENGLISH)


def test_no_template_shows_an_error_by_itself() -> None:
    """All take the one way, which has the reader's language first."""
    shown = re.compile(r"foreign\((?:\w+\.)*(?:error|why_not|explanation|detail|problem)\)")
    found = [path.name for path in TEMPLATES.rglob("*.html") if shown.search(path.read_text("utf-8"))]

    assert found == ["refusal.html"]
