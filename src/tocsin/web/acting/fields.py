"""What can be typed in each form: the fields that the record has, in the order in which people think of them.

A form is data: one template lays out all of them, one function reads them (`typed`). Nothing that claims
something is chosen beforehand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import msgspec

from tocsin.cases.telling.lists import LISTS
from tocsin.core.records.cases.parts import MAX_LOCATOR_BYTES, MAX_NAME_BYTES, MAX_SOURCES, MAX_TEXT_BYTES
from tocsin.core.records.note import MAX_TEXT_BYTES as MAX_NOTE_BYTES
from tocsin.node.api.cases import types
from tocsin.node.api.checks.types import SayCheck, SayCheckAnswer
from tocsin.node.api.types import SayNote


class Shape(StrEnum):
    """How a field is typed.

    *choice* and *choices* are of a closed list, *pick* and *picks* of what there is here. *rows* are several
    of a kind; *shares* are percentages, of a closed list and of what there is here, that make 100. *files*
    are sent by a script; *fixed* is what the form was opened with; *by* is how soon.
    """

    TEXT = "text"
    LINE = "line"
    TIME = "time"
    LANGUAGE = "language"
    CHOICE = "choice"
    CHOICES = "choices"
    PICK = "pick"
    PICKS = "picks"
    ROWS = "rows"
    SHARES = "shares"
    FILES = "files"
    FIXED = "fixed"
    BY = "by"


@dataclass(frozen=True, slots=True)
class Field:
    """One field by its name in the record; `of` is the closed list, `parts` what a row has.

    `required`: something has to stand there, in a part as soon as anything stands in its row. `most`:
    characters, or rows. `folded`: shown when asked for.
    """

    name: str
    shape: Shape
    of: str = ""
    required: bool = False
    folded: bool = False
    most: int = 0
    parts: tuple["Field", ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """What can be chosen."""
        return LISTS[self.of]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: what the node takes for it, its fields, and what it must be opened with."""

    name: str
    say: type[msgspec.Struct]
    fields: tuple[Field, ...]
    of_case: bool = True


def _line(name: str, most: int = MAX_NAME_BYTES, *, required: bool = False) -> Field:
    return Field(name, Shape.LINE, required=required, most=most)


def _choice(name: str, of: str, *, required: bool = False, folded: bool = False) -> Field:
    return Field(name, Shape.CHOICE, of, required=required, folded=folded)


_LANG = Field("lang", Shape.LANGUAGE)
_CERTIFICATE = (_line("number"), _line("issuer"))
_TRANSLATIONS = Field(
    "translations",
    Shape.ROWS,
    folded=True,
    most=16,
    parts=(replace(_LANG, required=True), Field("text", Shape.TEXT, required=True, most=MAX_TEXT_BYTES)),
)
_SOURCES = Field(
    "sources",
    Shape.ROWS,
    most=MAX_SOURCES,
    parts=(
        _choice("kind", "SourceKind", required=True),
        _line("locator", MAX_LOCATOR_BYTES, required=True),
        _choice("obtained", "Obtained", required=True),
        Field("obtained_at_ms", Shape.TIME, most=32),
        _line("sha256", 64),
    ),
)
_FINGERPRINTS = Field(
    "fingerprints",
    Shape.ROWS,
    folded=True,
    most=64,
    parts=(
        _choice("kind", "FingerprintKind", required=True),
        _line("value", MAX_LOCATOR_BYTES, required=True),
    ),
)
_TEXT = (Field("text", Shape.TEXT, most=MAX_TEXT_BYTES), _LANG, _TRANSLATIONS)
_CASE = Field("case", Shape.FIXED)

_DESCRIBED = (
    _choice("event", "Event"),
    _choice("severity", "Severity"),
    _choice("relation", "Relation", folded=True),
    Field("harms", Shape.CHOICES, "Harm", folded=True),
    Field("tasks", Shape.CHOICES, "Task", folded=True),
    Field("economies", Shape.LINE, folded=True, most=1_024),
    Field(
        "systems",
        Shape.ROWS,
        folded=True,
        most=16,
        parts=(_line("name", required=True), _line("version"), *_CERTIFICATE),
    ),
    Field(
        "operators",
        Shape.ROWS,
        folded=True,
        most=16,
        parts=(_line("name", required=True), _choice("role", "OperatorRole", required=True), *_CERTIFICATE),
    ),
    Field(
        "moments",
        Shape.ROWS,
        folded=True,
        most=16,
        parts=(
            _choice("clock", "Clock", required=True),
            Field("at", Shape.TIME, required=True, most=32),
            _choice("asserted_by", "Asserter", required=True),
            _line("name"),
        ),
    ),
    _FINGERPRINTS,
    Field("attachments", Shape.FILES, folded=True, most=16),
    _TRANSLATIONS,
)
_SUMMARY = Field("summary", Shape.TEXT, most=MAX_TEXT_BYTES)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            "note",
            SayNote,
            (Field("text", Shape.TEXT, required=True, most=MAX_NOTE_BYTES), _LANG),
            of_case=False,
        ),
        Kind(
            "report",
            types.SayReport,
            (_CASE, _SUMMARY, _LANG, replace(_SOURCES, required=True), *_DESCRIBED),
            of_case=False,
        ),
        Kind(
            "ask",
            types.SayAsk,
            (
                _CASE,
                Field("questions", Shape.CHOICES, "Question", required=True),
                Field("to", Shape.PICKS),
                Field("wanted_by_ms", Shape.BY),
                *_TEXT,
            ),
        ),
        Kind(
            "answer",
            types.SayAnswer,
            (
                _CASE,
                Field("ask", Shape.FIXED, required=True),
                _choice("seen", "Seen", required=True),
                _SOURCES,
                _choice("count", "Count"),
                _FINGERPRINTS,
                *_TEXT,
            ),
        ),
        Kind(
            "acknowledgement",
            types.SayAcknowledgement,
            (_CASE, Field("of", Shape.PICKS, required=True), *_TEXT),
        ),
        Kind(
            "link",
            types.SayLink,
            (
                _CASE,
                _choice("link", "LinkKind", required=True),
                Field("other", Shape.PICK, required=True),
                *_TEXT,
            ),
        ),
        Kind(
            "correction",
            types.SayCorrection,
            (
                _CASE,
                Field("of", Shape.FIXED, required=True),
                _SUMMARY,
                _LANG,
                _SOURCES,
                *_DESCRIBED,
                Field("cleared", Shape.CHOICES, "Described", folded=True),
            ),
        ),
        Kind(
            "withdrawal",
            types.SayWithdrawal,
            (
                _CASE,
                Field("of", Shape.PICKS, required=True),
                _choice("reason", "Reason", required=True),
                *_TEXT,
            ),
        ),
        Kind(
            "position",
            types.SayPosition,
            (
                _CASE,
                _line("operator", required=True),
                _choice("role", "OperatorRole", required=True),
                _choice("position", "Position", required=True),
                _SOURCES,
                *_TEXT,
            ),
        ),
        Kind(
            "hypothesis",
            types.SayHypothesis,
            (_CASE, _choice("under", "What", required=True), replace(_TEXT[0], required=True), *_TEXT[1:]),
        ),
        Kind(
            "reading",
            types.SayReading,
            (
                _CASE,
                Field("probabilities", Shape.SHARES, "What", required=True),
                _choice("confidence", "Confidence", required=True),
                _SOURCES,
                Field(
                    "who",
                    Shape.ROWS,
                    folded=True,
                    most=8,
                    parts=(_line("name", required=True), _line("percent", 6, required=True)),
                ),
                *_TEXT,
            ),
        ),
        Kind(
            "ground-truth",
            types.SayGroundTruth,
            (
                _CASE,
                _choice("what", "What", required=True),
                Field("hypothesis", Shape.PICK),
                _SOURCES,
                *_TEXT,
            ),
        ),
        Kind(
            "closing",
            types.SayClosing,
            (
                _CASE,
                _choice("outcome", "Outcome", required=True),
                Field("dissent", Shape.PICKS, folded=True),
                *_TEXT,
            ),
        ),
        Kind(
            "handover",
            types.SayHandover,
            (_line("to", 32, required=True), Field("cases", Shape.PICKS), *_TEXT),
            of_case=False,
        ),
        Kind(
            "takeover",
            types.SayTakeover,
            (Field("handover", Shape.PICK, required=True),),
            of_case=False,
        ),
        Kind(
            "check",
            SayCheck,
            (Field("within_minutes", Shape.BY), *_TEXT),
            of_case=False,
        ),
        Kind("check-answer", SayCheckAnswer, (Field("check", Shape.FIXED, required=True),), of_case=False),
    )
}
"""Every form by the record's kind."""
