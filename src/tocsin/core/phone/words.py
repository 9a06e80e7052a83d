"""Digits as they are written for the eye, and as one says them on a telephone.

The digits are what two people have in common, whatever languages they speak; the words are only how to say
them. Where a language has several, these are the ones that are said on telephones.
"""

from collections.abc import Mapping
from typing import Final

SPOKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "ja": ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう"),
    "ko": ("공", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구"),
    "ru": ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"),
    "tg": ("сифр", "як", "ду", "се", "чаҳор", "панҷ", "шаш", "ҳафт", "ҳашт", "нуҳ"),
    "zh-Hant": ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九"),
}
"""By language, the words for 0 to 9."""

_GROUP = 3


def grouped(digits: str) -> str:
    """In groups of three: `471 902`."""
    return " ".join(_groups(digits))


def spoken(digits: str, lang: str) -> str:
    """In words, a pause after each group: `four seven one, nine zero two`."""
    words = SPOKEN[lang]
    return ", ".join(" ".join(words[int(digit)] for digit in group) for group in _groups(digits))


def _groups(digits: str) -> list[str]:
    return [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
