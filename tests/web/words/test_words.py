"""Everything the console says, it says in every language, and from its lists of words."""

import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import tocsin.web
from tocsin.web.languages import LANGUAGES
from tocsin.web.words import PARTS

WEB = Path(tocsin.web.__file__).parent
ENGLISH = LANGUAGES["en"].phrases
OTHERS = sorted(LANGUAGES.keys() - {"en"})
OURS = {key for key in ENGLISH if "." in key}
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MODULES = sorted(WEB.rglob("*.py"))

_JINJA = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_ELEMENT = re.compile(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_SPOKEN = re.compile(r"\b(?:alt|title|placeholder|aria-label|aria-description)=\"([^\"]*)\"")
_SAYS = re.compile(r"\bsay\(\s*[\"']([\w.]+)[\"']\s*[,)]")
_WORDS = re.compile(r"\bword\(\s*[\"'](\w+)[\"']")
# What is the same in every language: a name that nobody translates.
_NAMES = {"tocsin"}


def placeholders(phrase: str) -> set[str]:
    """What is put into a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def has_words(phrase: str) -> bool:
    """Whether there is anything in it to translate."""
    return bool(re.search(r"[A-Za-z]{3}", re.sub(r"{\w*}", "", phrase)))


def literals(text: str) -> Iterator[str]:
    """What stands in a template as it is: between its elements, and in attributes that are read out."""
    bare = _JINJA.sub("", text)
    for spoken in _SPOKEN.findall(bare):
        yield from re.findall(r"[^\W\d_]{2,}", spoken)
    shown = re.sub(r"<(code|style)\b.*?</\1>", "", bare, flags=re.DOTALL)
    for word in re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", "", _ELEMENT.sub(" ", shown))):
        if word not in _NAMES:
            yield word


def said(pattern: re.Pattern[str]) -> Mapping[str, str]:
    """Every key that templates and modules name, and where."""
    found = {}
    for path in [*TEMPLATES, *MODULES]:
        for key in pattern.findall(path.read_text(encoding="utf-8")):
            found[key] = str(path.relative_to(WEB))
    return found


@pytest.mark.parametrize("tag", OTHERS)
def test_each_language_has_every_phrase(tag: str) -> None:
    """None is missing, and none is left over."""
    assert LANGUAGES[tag].phrases.keys() == ENGLISH.keys()


@pytest.mark.parametrize("tag", OTHERS)
def test_a_translation_takes_what_the_original_takes(tag: str) -> None:
    """Else a page in that language fails, or hides something."""
    phrases = LANGUAGES[tag].phrases

    assert {key: placeholders(phrases[key]) for key in OURS} == {
        key: placeholders(ENGLISH[key]) for key in OURS
    }


@pytest.mark.parametrize("tag", OTHERS)
def test_nothing_is_left_in_english(tag: str) -> None:
    """A phrase with words in it differs from the English one."""
    phrases = LANGUAGES[tag].phrases

    assert [key for key in sorted(OURS) if has_words(ENGLISH[key]) and phrases[key] == ENGLISH[key]] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    """Whatever people read or hear comes from the lists of words."""
    assert list(literals(path.read_text(encoding="utf-8"))) == []


def test_every_phrase_that_is_named_exists() -> None:
    """A key that is mistyped is found here, not at three in the morning."""
    assert {key: where for key, where in said(_SAYS).items() if key not in ENGLISH} == {}


def test_every_list_that_is_named_exists() -> None:
    """As above, for closed lists."""
    assert {name: where for name, where in said(_WORDS).items() if name not in LANGUAGES["en"].codes} == {}


def test_every_phrase_is_used() -> None:
    """What nobody says any more goes."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in [*TEMPLATES, *MODULES])
    texts += "\n".join(path.read_text(encoding="utf-8") for path in (WEB / "static" / "js").glob("*.js"))

    unused = [
        key
        for key in sorted(OURS)
        if not re.search(rf"[\"'`]{re.escape(key)}[\"'`]", texts)
        and not re.search(rf"[\"'`]{re.escape(key.rsplit('_', 1)[0])}_[\"'`{{]", texts)
    ]
    assert unused == []


def test_every_part_has_every_language() -> None:
    """A part says nothing that is not in all of them."""
    names = {tag.lower().replace("-", "_") for tag in LANGUAGES}

    for part in PARTS:
        assert {path.stem for path in (WEB / "words" / part).glob("*.py")} == {"__init__", *names}
