"""What an ask is about: all that its case's reports say by which one's own observations could be found.

- Texts with their translations, systems, operators, fingerprints; and the URLs and hashes of the sources that
  the reports cite: who has seen the same article has seen the same thing.
- Behind the texts of a report stands what the paths of its URLs say (`addresses`). It is part of these texts:
  no question of its own, and nothing that makes an ask more specific, as the URL itself has done so.
- A hostile ask is no larger than this allows; what is beyond is not looked for, and `cut` says so. Nor is it
  more work: of the reports so much is read as that takes, once for all asks of a case.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from tocsin.cases.matching.canonical import Key, name_key, of_fingerprint, of_source
from tocsin.cases.matching.texts.addresses import with_words, words_of
from tocsin.core.records import Ask, Fingerprint, Operator, Source, System, Translation

MAX_TEXTS = 8
MAX_TEXT_CHARACTERS = 2_000
MAX_NAMES = 32
MAX_KEYS = 128
MAX_READ = 4_096
"""So many reports, and names, sources and fingerprints in them, are read."""


class Reported(Protocol):
    """What is read of a report, corrected or not."""

    @property
    def summary(self) -> str | None: ...  # noqa: D102
    @property
    def translations(self) -> tuple[Translation, ...] | None: ...  # noqa: D102
    @property
    def systems(self) -> tuple[System, ...] | None: ...  # noqa: D102
    @property
    def operators(self) -> tuple[Operator, ...] | None: ...  # noqa: D102
    @property
    def fingerprints(self) -> tuple[Fingerprint, ...] | None: ...  # noqa: D102
    @property
    def sources(self) -> tuple[Source, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. `names`: of systems and operators, each with its version or None.

    `cut`: more was asked than is looked for. `beside`: of each text, the words of its report's URLs.
    """

    texts: tuple[str, ...] = ()
    names: tuple[tuple[str, str | None], ...] = ()
    keys: tuple[Key, ...] = ()
    cut: bool = False
    beside: tuple[tuple[str, ...], ...] = ()

    def said(self) -> list[str]:
        """The texts as they are compared: each with the words beside it that it has not."""
        return [with_words(text, words) for text, words in zip(self.texts, self.beside, strict=True)]


def asked_of(ask: Ask, said: Asked) -> Asked:
    """What is looked for: what the ask says itself, then what the reports of its case say (`said_by`)."""
    own = dict.fromkeys(_texts(ask.text, ask.translations), ())
    beside = dict(zip(said.texts, said.beside, strict=True))
    found = asked(own | beside, said.names, said.keys, beside)
    return replace(found, cut=True) if said.cut else found


def said_by(reports: Iterable[Reported]) -> Asked:
    """What the reports of a case say, in their order; read no further than it is looked for."""
    texts: dict[str, tuple[str, ...]] = {}
    names: dict[tuple[str, str | None], None] = {}
    keys: dict[Key, None] = {}
    read = 0
    for report in reports:
        if len(texts) <= MAX_TEXTS:
            for text in _texts(report.summary, report.translations):
                if text not in texts:
                    texts[text] = words_of(source.locator or "" for source in report.sources)
        if len(names) <= MAX_NAMES:
            names.update(dict.fromkeys(_names(report)))
        if len(keys) <= MAX_KEYS:
            keys.update(dict.fromkeys(_keys(report)))
        read += 1 + sum(map(len, (report.systems or (), report.operators or (), report.sources)))
        read += len(report.fingerprints or ())
        full = len(texts) > MAX_TEXTS and len(names) > MAX_NAMES and len(keys) > MAX_KEYS
        if full or read > MAX_READ:
            return replace(asked(texts, names, keys, texts), cut=True)
    return asked(texts, names, keys, texts)


def asked(
    texts: Iterable[str] = (),
    names: Iterable[tuple[str, str | None]] = (),
    keys: Iterable[Key] = (),
    beside: Mapping[str, tuple[str, ...]] | None = None,
) -> Asked:
    """The same from its parts, within what is looked for. `beside`: of a text, the words beside it."""
    all_texts, all_names, all_keys = list(texts), [pair for pair in names if name_key(pair[0])], list(keys)
    kept = tuple(text[:MAX_TEXT_CHARACTERS] for text in all_texts[:MAX_TEXTS])
    cut = kept != tuple(all_texts) or len(all_names) > MAX_NAMES or len(all_keys) > MAX_KEYS
    words = tuple((beside or {}).get(text, ()) for text in all_texts[:MAX_TEXTS])
    return Asked(kept, tuple(all_names[:MAX_NAMES]), tuple(all_keys[:MAX_KEYS]), cut, words)


def _texts(text: str | None, translations: tuple[Translation, ...] | None) -> Iterable[str]:
    if text is not None:
        yield text
    for translation in translations or ():
        yield translation.text


def _names(report: Reported) -> Iterable[tuple[str, str | None]]:
    named = [(system.name, system.version) for system in report.systems or ()]
    named += [(operator.name, None) for operator in report.operators or ()]
    return (pair for pair in named if name_key(pair[0]))


def _keys(report: Reported) -> Iterable[Key]:
    yield from map(of_fingerprint, report.fingerprints or ())
    for source in report.sources:
        yield from of_source(source)
