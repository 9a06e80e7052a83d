"""What members make of the picture: three by one dispatch, and one that has looked at the picture itself.

- Each writes in its own language, with a translation beside it that a program made.
- That Minato has looked is made up, as Minato is. What it finds, NPR and AP published.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tocsin.cli.demo.script.cast import (
    DESK,
    GARAM,
    HANDLING,
    MERBAU,
    MINATO,
    OFFICER,
    YUNSHAN,
    Organisation,
    Worded,
    translations,
)
from tocsin.cli.demo.script.day import DISPATCH
from tocsin.core.records import Closing, GroundTruth, Probability, Reading, Ref, Report, Source
from tocsin.core.records.cases.vocabulary import Confidence, Outcome, Undetermined, What

TRANSLATED_INTO: Final = "en"

LOOKER = MINATO
LOOKER_WRITES: Final = "ja"
PICTURE: Final = Source(kind="document", locator="the picture, as it was first posted", obtained="first-hand")
FOUND: Final[Worded] = {
    "ja": "最初に投稿された画像そのものを当室で調べました。柵がバリケードに溶け込み、建物は国防総省の庁舎に"
    "似ていません。未確認の点: 誰が作ったか。",
    "en": "We have looked at the picture itself, as it was first posted. The fence melds into the barriers, "
    "and the building does not resemble the Pentagon. Not established: who made it.",
}


def _of(case: Ref, at_ms: int) -> dict[str, Any]:
    """Who says it, when, and of which case."""
    return {
        "circle": case.log_name.circle,
        "at_ms": at_ms,
        "author": DESK,
        "author_kind": "machine",
        "answerable": OFFICER,
        "tlp": HANDLING,
        "case": case,
    }


def found(case: Ref, at_ms: int) -> Report:
    """Who has looked reports it."""
    return Report(
        **_of(case, at_ms),
        lang=LOOKER_WRITES,
        summary=FOUND[LOOKER_WRITES],
        translations=translations(FOUND, LOOKER_WRITES),
        sources=(PICTURE,),
    )


@dataclass(frozen=True, slots=True)
class Read:
    """What an organisation makes of the case, and by which source. `permille`: of each thing it may be."""

    author: Organisation
    written_in: str
    permille: Mapping[What | Undetermined, int]
    confidence: Confidence
    source: Source
    words: Worded

    def record(self, case: Ref, at_ms: int) -> Reading:
        """The record that says it."""
        return Reading(
            **_of(case, at_ms),
            lang=self.written_in,
            text=self.words[self.written_in],
            translations=translations(self.words, self.written_in) or None,
            probabilities=tuple(
                Probability(what=what, permille=permille) for what, permille in sorted(self.permille.items())
            ),
            confidence=self.confidence,
            sources=(self.source,),
        )


def _dispatch(suffix: str = "") -> Source:
    """The one dispatch, at another address."""
    return replace(DISPATCH, url=f"{DISPATCH.url}{suffix}").source


REPEATED: Final = (
    Read(
        GARAM,
        "ko",
        {"misuse": 850, "undetermined": 150},
        "low",
        _dispatch(),
        {
            "ko": "AP 통신에 따르면 AI가 만든 사진입니다. 다른 근거는 없습니다.",
            "en": "By AP's account an AI made the picture. We have nothing else.",
        },
    ),
    Read(
        MERBAU,
        "en",
        {"misuse": 700, "no-ai": 200, "undetermined": 100},
        "low",
        _dispatch("?utm_source=wire"),
        {"en": "AP says so. Made by hand, it would look the same to us."},
    ),
    Read(
        YUNSHAN,
        "zh-Hant",
        {"misuse": 900, "undetermined": 100},
        "moderate",
        _dispatch("#main"),
        {
            "zh-Hant": "美聯社報導，圖片由人工智慧生成，並有人藉此散布謠言。",
            "en": "AP reports that an AI made the picture, and that somebody spread a rumour with it.",
        },
    ),
)
"""Whoever else reads AP may be as sure as they are. It is one dispatch."""

SEEN: Final = Read(
    LOOKER,
    LOOKER_WRITES,
    {"misuse": 850, "no-ai": 100, "undetermined": 50},
    "moderate",
    PICTURE,
    {
        "ja": "人の手による合成ではなく、生成AIに特有の崩れです。",
        "en": "No hand has put this together: these are the flaws of a generator.",
    },
)

OPENER = YUNSHAN
OPENER_WRITES: Final = "zh-Hant"
OUTCOME: Final[Outcome] = "hazard"
TRUTH: Final[What] = "misuse"
IN_THE_END: Final[Worded] = {
    "zh-Hant": "圖片是假的，由人工智慧生成。製作者是誰，未能查明。",
    "en": "The picture is false, and an AI made it. Who made it is not established.",
}


def closing(case: Ref, at_ms: int) -> Closing:
    """Who opened the case closes it."""
    return Closing(
        **_of(case, at_ms),
        outcome=OUTCOME,
    )


def truth(case: Ref, at_ms: int) -> GroundTruth:
    """And says what it was."""
    return GroundTruth(
        **_of(case, at_ms),
        lang=OPENER_WRITES,
        text=IN_THE_END[OPENER_WRITES],
        translations=translations(IN_THE_END, OPENER_WRITES),
        what=TRUTH,
        sources=(DISPATCH.source,),
    )
