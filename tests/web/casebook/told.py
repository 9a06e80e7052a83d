"""A case to show, without a node: the story of `tests.cases.story`, or one of as many records as wanted."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

from tests.cases.charters import charter
from tests.cases.picture.contexts import Contexts
from tests.cases.story import Story, told

from tocsin.cases.delivery import Delivery, delivery
from tocsin.cases.picture import view
from tocsin.cases.picture.view import CaseView
from tocsin.core.records import CaseRecord, Ref, Report, Source
from tocsin.core.views import Holdings, Party, Said, Terms
from tocsin.web.casebook.sections import Case
from tocsin.web.casebook.shown.naming import Namer
from tocsin.web.languages import LANGUAGES

NOW_MS = 1_700_000_000_000
CIRCLE = "ab" * 32
TERMS = charter(CIRCLE, (Party("ash", "Ash Desk", "KR"), Party("birch", "Birch", "JP")))


def namer(terms: Terms = TERMS, tag: str = "en") -> Namer:
    """Names members in that language."""
    return Namer(LANGUAGES[tag], terms)


def delivered(picture: CaseView, terms: Terms, me: str) -> Delivery:
    """Who has what, as far as nothing but the records says it."""
    return delivery(picture, Holdings(me=me), Contexts(), terms, hours={}, now_ms=NOW_MS)


def known(picture: CaseView, terms: Terms, me: str, *, received: bool = True) -> Case:
    """What a page is made of."""
    case = Case(
        circle=terms.circle,
        title="Harbours",
        own=me,
        terms=terms,
        view=picture,
        delivery=None,
        now_ms=NOW_MS,
        is_here=lambda _: False,
    )
    return case.received(delivered(picture, terms, me)) if received else case


def story() -> tuple[Story, CaseView]:
    """The story, and its picture."""
    told_of, case = told()
    return told_of, told_of.view(case)


class Desks:
    """Two desks that report into one case, as often as wanted."""

    def __init__(self) -> None:
        self.said: list[Said[CaseRecord]] = []
        self.case: Ref | None = None

    def report(self, slug: str, number: int, **fields: object) -> Ref:
        """The next report of a desk."""
        log = f"desks.example/{CIRCLE}/{slug}/1"
        entry = b64encode(sha256(f"{slug}{number}".encode()).digest()).decode()
        ref = Ref(log=log, index=number, entry=entry)
        source = Source(kind="website", locator=f"https://feed.example/{number % 50}", obtained="published")
        record = Report(
            circle=CIRCLE,
            at_ms=NOW_MS + number * 1000,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            case=self.case,
            **{"sources": (source,), "summary": f"Report {number} of {slug}", "lang": "en", **fields},  # type: ignore[arg-type]
        )
        self.case = self.case or ref
        self.said.append(Said(ref, slug, record))
        return ref

    def view(self) -> CaseView:
        """The picture."""
        assert self.case
        return view(self.case, self.said, TERMS, Contexts())


def many(records: int, **fields: object) -> CaseView:
    """A case of so many reports by two desks in turn."""
    desks = Desks()
    for number in range(records):
        desks.report(("ash", "birch")[number % 2], 1 + number // 2, **fields)
    return desks.view()


def relabelled(terms: Terms, **labels: str) -> Terms:
    """The same circle, in which these members call themselves so."""
    parties = {
        slug: replace(party, label=labels.get(slug, party.label)) for slug, party in terms.parties.items()
    }
    return replace(terms, parties=parties)
