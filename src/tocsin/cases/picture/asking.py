"""What was asked and who answered; how the case is connected with others; who is aware, and who is done."""

from collections.abc import Iterable, Mapping

from tocsin.cases.picture.view import Acknowledged, AnswerView, AskView, ClosingView, LinkView
from tocsin.core.records import Acknowledgement, Answer, Ask, CaseRecord, Closing, Link, Ref
from tocsin.core.records.cases.vocabulary import LinkKind
from tocsin.core.views import Said, Terms


def asked(ask: Said[Ask], terms: Terms) -> set[str]:
    """Of the members now those who are named, or all but observers; whoever asks excepted."""
    to = ask.record.to
    return {
        slug
        for slug, party in terms.parties.items()
        if party.present and (slug in to if to is not None else not party.observer)
    } - {ask.member}


def awaited(ask: Said[Ask], answers: Iterable[str], terms: Terms) -> set[str]:
    """The members who were asked and have not answered yet: while there are any, the ask is open."""
    return asked(ask, terms).difference(answers)


def ask_view(ask: Said[Ask], answers: Mapping[str, Said[Answer]], terms: Terms) -> AskView:
    """An ask, and its newest answer of each member."""
    to = asked(ask, terms)
    return AskView(
        ref=ask.ref,
        member=ask.member,
        at_ms=ask.record.at_ms,
        wanted_by_ms=ask.record.wanted_by_ms,
        asked=tuple(sorted(to)),
        strangers=tuple(slug for slug in ask.record.to or () if slug not in to | {ask.member}),
        open=bool(awaited(ask, answers, terms)),
        answers=tuple(_answer_view(slug, answers.get(slug)) for slug in sorted(to.union(answers))),
    )


def _answer_view(member: str, said: Said[Answer] | None) -> AnswerView:
    if said is None:
        return AnswerView(member=member)
    return AnswerView(
        member=member,
        seen=said.record.seen,
        count=said.record.count,
        ref=said.ref,
        at_ms=said.record.at_ms,
        by_machine=said.record.author_kind != "officer",
    )


def acknowledgements(told: Iterable[Said[CaseRecord]]) -> Mapping[Ref, tuple[Acknowledged, ...]]:
    """Who is aware of which record, in the order given: also those who took back that they said so.

    Of each member the first who is, and the first time of each officer that signed.
    """
    found: dict[Ref, dict[tuple[str, str | None], Acknowledged]] = {}
    for said in told:
        record = said.record
        if isinstance(record, Acknowledgement):
            by = Acknowledged(
                member=said.member,
                officer=said.officer or record.author,
                at_ms=record.at_ms,
                signed=said.officer is not None,
                ref=said.ref,
            )
            for ref in record.of:
                found.setdefault(ref, {}).setdefault((said.member, said.officer), by)
    return {ref: tuple(by.values()) for ref, by in found.items()}


def link_views(counting: Iterable[Said[CaseRecord]]) -> tuple[LinkView, ...]:
    """The links to other cases, each with all who say so."""
    found: dict[tuple[Ref, LinkKind], set[str]] = {}
    for said in counting:
        record = said.record
        if isinstance(record, Link):
            found.setdefault((record.other, record.link), set()).add(said.member)
    return tuple(
        LinkView(other=other, link=link, by=tuple(sorted(by))) for (other, link), by in sorted(found.items())
    )


def closing_views(closings: Iterable[Said[Closing]]) -> tuple[ClosingView, ...]:
    """How the case ended for whom, by member."""
    return tuple(
        ClosingView(member=said.member, outcome=said.record.outcome, at_ms=said.record.at_ms, ref=said.ref)
        for said in sorted(closings, key=lambda said: said.member)
    )
