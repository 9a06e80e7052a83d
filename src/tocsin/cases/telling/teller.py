"""How members, authors, moments and sizes are told in one language."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from tocsin.cases.picture.view import TimelineEntry
from tocsin.cases.telling.language import Language
from tocsin.core.records import Certificate, Moment, Operator, Ref, System
from tocsin.core.records.cases.vocabulary import Precision
from tocsin.core.views import Terms

MAX_NAME_CHARACTERS = 80

_FORMS: Final[dict[Precision, str]] = {
    "year": "%Y",
    "month": "%Y-%m",
    "day": "%Y-%m-%d",
    "hour": "%Y-%m-%d %H h UTC",
    "second": "%Y-%m-%d %H:%M:%S UTC",
}
_MINUTE = "%Y-%m-%d %H:%M UTC"


class Teller:
    """Tells of one circle in one language."""

    def __init__(self, language: Language, terms: Terms) -> None:
        self.language = language
        self.terms = terms
        labels = Counter(party.label for party in terms.parties.values())
        self._names = {
            slug: cut(party.label)
            if labels[party.label] == 1
            else language.say("aside", text=cut(party.label), aside=slug)
            for slug, party in terms.parties.items()
        }

    def member(self, slug: str) -> str:
        """A member under the label that it gave itself; with its slug where that is not enough."""
        return self._names.get(slug, slug)

    def members(self, slugs: Iterable[str]) -> str:
        """Several members."""
        return self.language.listed(map(self.member, slugs))

    def who(self, entry: TimelineEntry) -> str:
        """Who wrote a record: the organisation, and the officer, or who answers for the machine."""
        record, member = entry.record, self.member(entry.member)
        if record.author_kind == "officer":
            phrase = "officer" if entry.officer else "officer_unsigned"
            return self.language.say(phrase, member=member, role=entry.officer or record.author)
        kind = self.language.word("AuthorKind", record.author_kind)
        if record.answerable is None:
            return self.language.say("machine_alone", member=member, kind=kind)
        return self.language.say("machine", member=member, kind=kind, role=record.answerable)

    def refs(self, refs: Iterable[Ref]) -> str:
        """Several records, as people write them."""
        return self.language.listed(map(str, refs))

    def system(self, system: System) -> str:
        """A system as it is called, with its certificates."""
        called = " ".join(filter(None, (cut(system.name), cut(system.version or ""))))
        return self._certified(called, (), system.certificates or ())

    def operator(self, operator: Operator) -> str:
        """An operator, its role, and its certificates."""
        role = self.language.word("OperatorRole", operator.role)
        return self._certified(cut(operator.name), (role,), operator.certificates or ())

    def _certified(self, name: str, asides: Iterable[str], certificates: Iterable[Certificate]) -> str:
        told = (
            self.language.say("certificate", number=cut(one.number), issuer=cut(one.issuer))
            for one in certificates
        )
        aside = self.language.listed([*asides, *told])
        return self.language.say("aside", text=name, aside=aside) if aside else name

    def moment(self, moment: Moment) -> str:
        """What is said to have been when, to its precision, and who says it."""
        language = self.language
        clock = language.word("Clock", moment.clock)
        at = time(moment.at_ms, moment.precision)
        if moment.precision == "unknown":
            at = language.say("aside", text=at, aside=language.phrases["precision_unknown"])
        asserter = language.word("Asserter", moment.asserted_by)
        if moment.name:
            asserter = language.pair(asserter, cut(moment.name))
        return language.say("aside", text=f"{clock} {at}", aside=asserter)


def time(at_ms: int, precision: Precision = "minute") -> str:
    """A moment in UTC, to a precision; one that is in no calendar, in milliseconds."""
    try:
        return datetime.fromtimestamp(at_ms // 1000, UTC).strftime(_FORMS.get(precision, _MINUTE))
    except (ValueError, OverflowError, OSError):
        return f"{at_ms} ms"


def size(size_bytes: int) -> str:
    """A size, in the largest unit of which it has at least one."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size_bytes >= unit:
            return f"{size_bytes * 10 // unit / 10:g} {name}"
    return f"{size_bytes} B"


def cut(text: str, most: int = MAX_NAME_CHARACTERS) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"
