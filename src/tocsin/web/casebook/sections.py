"""The sections of a case's page: on what each rests, and what its template is given.

All readers of one language see the same in them. So one that changed is made once for each language, and
sent to whoever has the page open (`living`).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from tocsin.cases.delivery import Delivered, Delivery
from tocsin.cases.picture import CaseView
from tocsin.core.records import Ref
from tocsin.core.views import Terms
from tocsin.node.api.types import ErasedBy
from tocsin.web.assessing.known import Known
from tocsin.web.assessing.section import asks_nothing, is_open, judged, question
from tocsin.web.casebook.shown.asked import asked
from tocsin.web.casebook.shown.attached import Attached, attached
from tocsin.web.casebook.shown.course import course
from tocsin.web.casebook.shown.described import cited, described
from tocsin.web.casebook.shown.heading import closing, closing_by, head, lacks, opening, standing_of
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.casebook.shown.owed import owing, standing
from tocsin.web.casebook.shown.timeline import MAX_ROWS, counts
from tocsin.web.charts import lanes_chart, sources_chart

Values: TypeAlias = Mapping[str, object]

_Basis: TypeAlias = tuple[CaseView, Terms, tuple[Delivered, ...] | None, Known | None]
_OF_THE_PICTURE: Final = ("head", "judged", "sources", "lanes", "described", "course")
"""The sections that rest on it alone, or on what is made of it here."""
_MOST_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it is known here at `now_ms`: `own` is the member whose node this is, `title` the circle's.

    `delivery`, and what it says of each record, is None where it is not known yet who has what. `is_here`
    says whether content is, by its hash. `erased`: by which order the report that opened it is gone.
    `assessed`: what is made of what its members say that it was.
    """

    circle: str
    title: str
    own: str
    terms: Terms
    view: CaseView
    delivery: Delivery | None
    now_ms: int
    is_here: Callable[[str], bool]
    delivered: Mapping[Ref, Delivered] | None = None
    erased: ErasedBy | None = None
    assessed: Known | None = None

    def received(self, delivery: Delivery) -> "Case":
        """The same, with who has what."""
        return replace(self, delivery=delivery, delivered={one.ref: one for one in delivery.records})

    @property
    def ref(self) -> str:
        """Its name."""
        return str(self.view.case)

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/cases/{self.circle}/{self.ref}"


@dataclass(frozen=True, slots=True)
class Section:
    """A section. While what it `rests_on` is the same, so is what it shows."""

    rests_on: Callable[[Case], object]
    values: Callable[[Case, Namer], Values]


def _head_rests_on(case: Case) -> object:
    view, found = case.view, case.view.corroboration
    rests = found.independent_sources, found.organisations, found.economies, found.corroborated
    how = view.state, view.outcome, view.since_closing, closing(view), case.terms
    return opening(view), standing_of(view, case.terms), how, rests, lacks(view, case.terms), _overdue(case)


def _overdue(case: Case) -> int | None:
    """How much is overdue, if that is known."""
    return sum(due.state == "overdue" for due in case.delivery.dues) if case.delivery else None


def _closed_here(case: Case) -> Ref | None:
    """By what this desk has closed it."""
    found = closing_by(case.view, case.own)
    return found.ref if found else None


def _is_closed(case: Case) -> bool:
    """Whether this desk has closed it, or the one that opened it."""
    return bool(closing(case.view) or _closed_here(case))


def _asks_rest_on(case: Case) -> object:
    view, dues = case.view, case.delivery.dues if case.delivery else ()
    answers = {answer.ref for ask in view.asks for answer in ask.answers} - {None}
    cited = [source.members for source in view.corroboration.sources if not answers.isdisjoint(source.refs)]
    return view.asks, [due for due in dues if due.due == "answer"], cited


def _sources_rest_on(case: Case) -> object:
    """What is drawn of them: that one more record cites what is cited, is not."""
    found = case.view.corroboration
    drawn = [(one.citations, one.members, one.repeaters, one.verifiable) for one in found.sources]
    return found.replies, found.corroborated, drawn


def _clocks_rest_on(case: Case) -> object:
    return case.delivery and standing(case.delivery.dues)


def _attached_in(case: Case) -> tuple[tuple[Attached, ...], int]:
    return attached(case.view.description.attachments, case.is_here)


def _judged_rests_on(case: Case) -> object:
    return case.assessed and (case.assessed.assessment, case.assessed.private)


def _question_rests_on(case: Case) -> object:
    return case.assessed and case.assessed.question, asks_nothing(case.assessed)


def _own_rests_on(case: Case) -> object:
    return case.assessed and case.assessed.unread


def _judged(case: Case, namer: Namer) -> Values:
    return {"judged": judged(case.assessed, case.terms, namer.language), "is_open": is_open(case.assessed)}


def _question(case: Case, namer: Namer) -> Values:
    return {
        "question": question(case.assessed, case.circle, namer.language),
        "asks_nothing": asks_nothing(case.assessed),
    }


def _own(case: Case, _: Namer) -> Values:
    return {"unread_sources": len(case.assessed.unread) if case.assessed else 0}


def _described(case: Case, namer: Namer) -> Values:
    return {"told": described(case.view.description, namer)}


def _cited(case: Case, namer: Namer) -> Values:
    sources, more = cited(case.view.corroboration, namer)
    language = namer.language
    graph = sources_chart(case.view, case.terms, language.say, language.word)
    return {"sources": sources, "more_sources": more, "graph": graph}


def _lanes(case: Case, namer: Namer) -> Values:
    language = namer.language
    return {"lanes": lanes_chart(case.view, case.terms, language.say, language.word, _newest(case))}


def _newest(case: Case) -> tuple[Delivered, ...]:
    """Who has the records that a page begins with."""
    return case.delivery.records[-MAX_ROWS:] if case.delivery else ()


def _asked(case: Case, namer: Namer) -> Values:
    asks, more = asked(case.view, case.delivery, namer)
    return {"asks": asks, "more_asks": more}


def _clocks(case: Case, namer: Namer) -> Values:
    return {"owing": owing(case.delivery.dues, case.now_ms, namer) if case.delivery else None}


def _attached(case: Case, _: Namer) -> Values:
    attachments, more = _attached_in(case)
    return {"attachments": attachments, "more_attachments": more}


SECTIONS: Final[Mapping[str, Section]] = {
    "head": Section(
        _head_rests_on,
        lambda case, namer: {"head": head(case.view, namer), "overdue": _overdue(case)},
    ),
    "acts": Section(
        lambda case: (_closed_here(case), _is_closed(case), case.view.state == "unknown"),
        lambda case, _: {"closed_here": _closed_here(case), "is_closed": _is_closed(case)},
    ),
    "own": Section(_own_rests_on, _own),
    "judged": Section(_judged_rests_on, _judged),
    "question": Section(_question_rests_on, _question),
    "asking": Section(_question_rests_on, _question),
    "asks": Section(_asks_rest_on, _asked),
    "sources": Section(_sources_rest_on, _cited),
    "lanes": Section(lambda case: (len(case.view.timeline), _newest(case)), _lanes),
    "described": Section(lambda case: case.view.description, _described),
    "clocks": Section(_clocks_rest_on, _clocks),
    "attached": Section(_attached_in, _attached),
    "course": Section(lambda case: course(case.view), lambda case, _: {"course": course(case.view)}),
}
"""Each by its name, which its template and its element on the page have, too."""


class Kept:
    """What sections that rest on the picture alone were given, for as long as it is the same picture.

    A large case is looked at more often than it changes, and its charts take longer to draw than all else.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], tuple[_Basis, dict[str, object]]] = OrderedDict()

    def values_of(self, case: Case, namer: Namer) -> dict[str, object]:
        """What the templates of all sections are given."""
        key = (case.circle, case.ref, namer.language.tag)
        basis = (case.view, case.terms, case.delivery.records if case.delivery else None, case.assessed)
        known = self._kept.pop(key, None)
        kept = known[1] if known and _is_same(known[0], basis) else {}
        if not kept:
            kept = {"counts": counts(case.view)}
            for name in _OF_THE_PICTURE:
                kept |= SECTIONS[name].values(case, namer)
        self._kept[key] = basis, kept
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        values = {**kept, "overdue": _overdue(case)}
        for name, section in SECTIONS.items():
            if name not in _OF_THE_PICTURE:
                values |= section.values(case, namer)
        return values


def _is_same(one: _Basis, other: _Basis) -> bool:
    """Whether they are the very same: to compare what they consist of would take as long as to draw it.

    What is made of the same picture is the same assessment, which is compared at once.
    """
    return one[0] is other[0] and one[1] == other[1] and one[2] is other[2] and one[3] == other[3]
