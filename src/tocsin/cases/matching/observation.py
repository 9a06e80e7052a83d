"""What an organisation has itself observed, as it keeps it: private, and never sent.

- An observation says what was seen (texts, systems, operators, fingerprints), which sensor or file it came
  from (`feed`), what sort of thing it is to its owner (`class`), and how far it may go (`handling`).
- Its `source` is the one thing of it that an answer may cite: whoever writes it down decides what that tells
  others. No text, name or fingerprint of it is ever put into an answer.

It comes as strict JSON, from files, sensors and the machine API alike.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tocsin.cases.matching.texts.addresses import with_words, words_of
from tocsin.core.errors import Refusal, TocsinError, problem_of
from tocsin.core.records import Fingerprint, Source, System, Tlp
from tocsin.core.records.cases.parts import MAX_NAME_BYTES, MAX_TEXT_BYTES, Words
from tocsin.core.records.common import Lang, Slug, TimeMs, check_text
from tocsin.core.records.errors import MalformedRecord

MAX_OBSERVATION_BYTES = 262_144
MAX_ID_BYTES = 128


class MalformedObservation(Refusal):
    """This is no observation."""

    code = "malformed-observation"


class Text(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Words that were seen, or that describe what was: a title, a post, a note; and in which language."""

    text: Words
    lang: Lang | None = None

    def __post_init__(self) -> None:
        check_text("text", self.text, MAX_TEXT_BYTES)


class Observation(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"class_": "class"},
):
    """One thing that was observed. `at_ms`: when. A new one with the same `id` takes the old one's place."""

    id: Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]{1,128}\Z")]
    at_ms: TimeMs
    source: Source
    texts: Annotated[tuple[Text, ...], Meta(max_length=16)] = ()
    systems: Annotated[tuple[System, ...], Meta(max_length=16)] = ()
    operators: Annotated[tuple[Words, ...], Meta(max_length=16)] = ()
    fingerprints: Annotated[tuple[Fingerprint, ...], Meta(max_length=64)] = ()
    feed: Slug = "own"
    class_: Slug = "general"
    handling: Tlp = "TLP:AMBER"

    def __post_init__(self) -> None:
        check_text("id", self.id, MAX_ID_BYTES)
        for operator in self.operators:
            check_text("operators", operator, MAX_NAME_BYTES)
        if self.source.record is not None or self.source.obtained is None:
            raise MalformedRecord("Expected the `source` of an observation with `locator` and `obtained`.")

    def said(self) -> list[str]:
        """Its texts as they are compared: each with the words of its source's URL, or these alone."""
        words = words_of([self.source.locator or ""])
        if not self.texts:
            return [" ".join(words)] if words else []
        return [with_words(text.text, words) for text in self.texts]


_DECODER = msgspec.json.Decoder(Observation)


def read_observation(data: bytes) -> Observation:
    """An observation from its JSON. Raises MalformedObservation."""
    _check_size(data)
    try:
        return _DECODER.decode(data)
    except (msgspec.DecodeError, TocsinError, UnicodeError) as error:
        raise MalformedObservation(f"Expected an observation: {problem_of(error)}") from None


def write_observation(observation: Observation) -> bytes:
    """Its JSON, as `read_observation` takes it. Raises MalformedObservation for one that is too large."""
    data = msgspec.json.encode(observation)
    _check_size(data)
    return data


def _check_size(data: bytes) -> None:
    if len(data) > MAX_OBSERVATION_BYTES:
        raise MalformedObservation(f"Expected at most {MAX_OBSERVATION_BYTES} bytes, found {len(data)}.")
