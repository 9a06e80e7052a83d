"""Digits with their words, and the language in which a call is held."""

import pytest

from tocsin.web.calls.digits import digits, tongues
from tocsin.web.serving.errors import MalformedForm


@pytest.mark.parametrize(
    ("asked", "own", "theirs", "expected"),
    [
        (None, "ko", ("ja", "ko"), ("ko",)),
        (None, "ko", ("ja", "en"), ("en", "ko")),
        (None, "ko", ("ja", "ru"), ("ja", "ko")),
        (None, "ko", ("fr", "zh-TW"), ("zh-Hant", "ko")),
        (None, "ko", ("fr",), ("en", "ko")),
        (None, "ko", (), ("en", "ko")),
        (None, "en", (), ("en",)),
        ("tg", "ko", ("ko",), ("tg", "ko")),
        ("ko", "ko", ("en",), ("ko",)),
    ],
)
def test_the_language_of_a_call(
    asked: str | None, own: str, theirs: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """What both can speak, English where nothing is known; one's own beside it, where it is another."""
    assert tongues(asked, own, theirs) == expected


def test_a_language_without_words_is_refused() -> None:
    """Rather than read in another than was asked for."""
    with pytest.raises(MalformedForm):
        tongues("fr", "en", ())


def test_every_digit_stands_over_its_words() -> None:
    """In groups of three, the language of the call first, with what is read out to who does not see them."""
    found = digits("471902", ("ru", "en"))

    assert ["".join(one.figure for one in group) for group in found.groups] == ["471", "902"]
    assert [word.text for word in found.groups[1][0].words] == ["девять", "nine"]
    assert (found.aloud.tag, found.aloud.text) == ("ru", "четыре семь один, девять ноль два")
