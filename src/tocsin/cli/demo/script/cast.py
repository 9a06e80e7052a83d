"""Who speaks in the demo, and how: members that do not exist, and the forms of what they say.

- The organisations are invented. Each has the label that it gives itself, in its own words.
- The circles are drills, since nothing in them is meant: no live circle accepts their keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tocsin.core.records import Moment, NoteRecord, Report, Source, Tlp, Translation
from tocsin.core.records.cases.vocabulary import Precision

DOMAIN = "drill.tocsin.example"
PURPOSE = "To show five nodes at work, with what was published about 22 May 2023. The members are invented."
HANDLING: Tlp = "TLP:CLEAR"

DESK = "duty-desk"
OFFICER = "duty-officer"
"""Who writes at every desk here, a program, and who would answer for it."""

Worded = Mapping[str, str]
"""One text by its languages."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented organisation."""

    slug: str
    name: str
    label: str
    economy: str
    languages: tuple[str, ...]


GARAM = Organisation("garam", "Garam", "가람 AI안전센터", "KR", ("en", "ko"))
MINATO = Organisation("minato", "Minato", "みなとメディア検証室", "JP", ("en", "ja"))
MERBAU = Organisation("merbau", "Merbau", "Merbau AI Desk", "SG", ("en",))
YUNSHAN = Organisation("yunshan", "Yunshan", "雲杉資安應變小組", "TW", ("en", "zh-Hant"))
POMIR = Organisation("pomir", "Pomir", "Дидбонгоҳи Помир", "TJ", ("ru", "tg"))
FIVE = (GARAM, MINATO, MERBAU, YUNSHAN, POMIR)

JANUS = Organisation("janus", "Janus", "Janus Bureau", "ZZ", ())
"""The sixth member of the second circle. Its economy is nobody's: the code ZZ is assigned to none."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that an organisation says: a note."""

    author: Organisation
    text: str

    def record(self, circle: str, at_ms: int) -> NoteRecord | Report:
        """The record that says it."""
        return NoteRecord(
            circle=circle,
            at_ms=at_ms,
            author=DESK,
            author_kind="machine",
            tlp=HANDLING,
            lang="en",
            text=self.text,
        )


@dataclass(frozen=True, slots=True)
class Published:
    """Where something was published: by whom, under which title, at which address."""

    by: str
    title: str
    url: str

    @property
    def source(self) -> Source:
        """It, as a record cites it."""
        return Source(kind="website", locator=self.url, obtained="published")


@dataclass(frozen=True, slots=True)
class Reported(Said):
    """A report: what happened at `at`, to that precision; what of it is open; where it was published."""

    at: datetime
    precision: Precision
    not_established: str
    sources: tuple[Published, ...]

    def record(self, circle: str, at_ms: int) -> Report:
        """The record that says it."""
        return Report(
            circle=circle,
            at_ms=at_ms,
            author=DESK,
            author_kind="machine",
            answerable=OFFICER,
            tlp=HANDLING,
            event="hazard",
            lang="en",
            summary=f"{self.text} Not established: {self.not_established}",
            sources=tuple(published.source for published in self.sources),
            moments=(occurred(self.at, self.precision),),
        )


def occurred(at: datetime, precision: Precision) -> Moment:
    """When it was, by what was published, as a record says it."""
    at_ms = int(at.timestamp() * 1000)
    return Moment(asserted_by="press", at_ms=at_ms, clock="occurred", precision=precision)


def translations(words: Worded, written_in: str) -> tuple[Translation, ...]:
    """All but the original, as a record has them: a program wrote them, and each says so."""
    return tuple(
        Translation(by=DESK, by_kind="machine", lang=lang, text=text)
        for lang, text in sorted(words.items())
        if lang != written_in
    )
