"""A language that people are told of cases in: a word for every code, and the sentences of a page.

- Words are data, one module for each language (`words`), of one form. Which are missing, a test finds; where
  one is, the code itself is shown, so that nothing is ever hidden.
- Until somebody who answers for it with a name has read it, a language is *unreviewed*, and every page in it
  says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tocsin.core.errors import Refusal, quoted


class UnknownLanguage(Refusal):
    """There are no words for this language."""

    code = "unknown-language"


@dataclass(frozen=True, slots=True)
class Language:
    """`tag` is its name in BCP 47, `name` its own; `codes` has words by list and code, `phrases` by key.

    `reviewed_by` is who has read it and answers for it; None as long as nobody does.
    """

    tag: str
    name: str
    codes: Mapping[str, Mapping[str, str]]
    phrases: Mapping[str, str]
    reviewed_by: str | None = None

    @property
    def reviewed(self) -> bool:
        """Whether a named reader answers for these words."""
        return self.reviewed_by is not None

    def word(self, name: str, code: str) -> str:
        """The word for a code of the list of that name; the code itself where there is none."""
        return self.codes.get(name, {}).get(code, code)

    def tongue(self, tag: str) -> str:
        """The name of the language of that tag, with the tag where it says more; an unknown one as it is."""
        main = _written(tag)
        name = self.word("Tongue", main)
        if main == tag:
            return name
        return tag if name == main else self.say("aside", text=name, aside=tag)

    def words(self, name: str, codes: tuple[str, ...]) -> str:
        """The words for several codes, as an enumeration."""
        return self.listed(self.word(name, code) for code in codes)

    def listed(self, words: Iterable[str]) -> str:
        """An enumeration."""
        return self.phrases["comma"].join(words)

    def sentences(self, said: Iterable[str]) -> str:
        """One sentence after the other."""
        return self.phrases["gap"].join(said)

    def pair(self, label: str, value: str) -> str:
        """What something is, and its value."""
        return self.say("pair", label=label, value=value)

    def say(self, phrase: str, /, **values: object) -> str:
        """The sentence of that key, with these values in it; what is in a value is never looked at."""
        return self.phrases[phrase].format_map({name: str(value) for name, value in values.items()})


def choose(tag: str, languages: Mapping[str, Language]) -> Language:
    """The language that a tag asks for, as BCP 47 has it: of a region where there is none for it, the whole.

    Chinese of Taiwan, Hong Kong and Macao is written in traditional characters; of other there is none.
    Raises UnknownLanguage.
    """
    if language := languages.get(_written(tag)):
        return language
    raise UnknownLanguage(f"Expected one of {', '.join(languages)}, found {quoted(tag)}.")


def _written(tag: str) -> str:
    """The tag without region and so on; of Chinese, with the characters it is written in."""
    main, *others = tag.replace("_", "-").lower().split("-")
    if main != "zh":
        return main
    if "hans" not in others and {"hant", "tw", "hk", "mo"} & set(others):
        return "zh-Hant"
    return "zh-Hans" if {"hans", "cn", "sg"} & set(others) else "zh"
