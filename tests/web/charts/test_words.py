"""What charts say has room, in every language."""

from collections.abc import Iterator
from importlib import import_module
from typing import get_args

import pytest
from tests.cases.picture.desks import MINUTE_MS, terms
from tests.web.charts.made import NOW_MS, check, repeating

from tocsin.cases.delivery.view import State
from tocsin.cases.telling import LANGUAGES
from tocsin.core.records.cases.vocabulary import Due
from tocsin.web.charts import (
    Chart,
    Check,
    Clock,
    Line,
    lanes_chart,
    line_map,
    response_chart,
    small_clock,
    sources_chart,
)
from tocsin.web.charts.lines import STATES
from tocsin.web.charts.saying import HOUR_MS, Say, Word

LONG_MS = 23 * HOUR_MS + 59 * MINUTE_MS


def drawn(say: Say, word: Word) -> Iterator[Chart]:
    """Every chart, with long numbers and times."""
    view = repeating()
    yield sources_chart(view, terms(), say, word)
    yield lanes_chart(view, terms(), say, word)
    for line_state in STATES:
        for confirmed, on_duty in ((10_000, None), (9_999, True), (9_999, False)):
            line = Line(
                *("a", "A", line_state, 10_000, confirmed, confirmed, 10_000),
                heard_ms=NOW_MS - LONG_MS,
                on_duty=on_duty,
            )
            yield line_map("us", "Us", [line], NOW_MS, say)
    yield response_chart([Check(NOW_MS, LONG_MS, MINUTE_MS), Check(NOW_MS, None, None)], say)
    for due in get_args(Due):
        for state in get_args(State):
            for until_ms in (NOW_MS - LONG_MS if state == "overdue" else NOW_MS + LONG_MS, None):
                clock = Clock(word("Due", due), state, NOW_MS, until_ms)
                yield small_clock(clock, NOW_MS, say)


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_no_words_of_ours_are_cut(tag: str) -> None:
    """An ellipsis is for what others wrote."""
    language = LANGUAGES[tag]
    phrases = import_module(f"tocsin.web.words.charts.{tag.lower().replace('-', '_')}").PHRASES

    def say(key: str, /, **values: object) -> str:
        phrase = phrases[key.removeprefix("charts.")] if key.startswith("charts.") else language.phrases[key]
        return str(phrase).format_map({name: str(value) for name, value in values.items()})

    for chart in drawn(say, language.word):
        check(chart)
        texts = [text.text for drawing in chart.drawings for text in drawing.texts()]
        assert [text for text in texts if text.endswith("…") and "call" not in text] == []
