"""What the demo tells people to look for stands so in the windows."""

import re

from tocsin.cli.demo.script import looks
from tocsin.cli.demo.windows.consoles import OFFICERS
from tocsin.web.languages import LANGUAGES

_FOREIGN = re.compile(r"[^\W\d_a-zA-Z]+(?: [^\W\d_a-zA-Z]+)*")


def test_words_are_those_of_the_windows() -> None:
    """Every word in another language is one that the console of an officer says, as it stands there."""
    told = " | ".join(map(str, (value for name, value in vars(looks).items() if name.isupper())))
    words = set(_FOREIGN.findall(told))
    said = set[str]()
    for language in (LANGUAGES[officer.language] for officer in OFFICERS):
        said.update(language.phrases.values())
        for codes in language.codes.values():
            said.update(codes.values())

    assert words
    assert words - said == set()
