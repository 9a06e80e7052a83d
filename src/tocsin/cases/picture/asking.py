"""What was asked and who answered; how the case is connected with others; who is aware, and who is done."""

from collections.abc import Iterable, Mapping, Sequence

from tocsin.cases.picture.view import AnswerView, AskView, Aware, ClosingView, LinkView, TimelineEntry
from tocsin.core.records import Acknowledgement, Answer, Ask, Closing, Link, Ref
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


def acknowledge(aware: dict[Ref, tuple[Aware, ...]], entry: TimelineEntry) -> Sequence[Ref]:
    """Add who is `aware` of what by the next record in the timeline, which is about the records returned.

    That is of each member the first who is, and the first time of each officer that signed: also if it took
    back that it said so.
    """
    record = entry.record
    if not isinstance(record, Acknowledgement):
        return ()
    by = Aware.by(entry)
    for ref in record.of:
        before = aware.get(ref, ())
        if not any(_is_same(one, by) for one in before):
            aware[ref] = (*before, by)
    return record.of


def _is_same(one: Aware, other: Aware) -> bool:
    if one.member != other.member or one.signed != other.signed:
        return False
    return not one.signed or one.officer == other.officer


def link_views(links: Iterable[Said[Link]]) -> tuple[LinkView, ...]:
    """The links to other cases, each with all who say so."""
    found: dict[tuple[Ref, LinkKind], set[str]] = {}
    for said in links:
        found.setdefault((said.record.other, said.record.link), set()).add(said.member)
    return tuple(
        LinkView(other=other, link=link, by=tuple(sorted(by))) for (other, link), by in sorted(found.items())
    )


def closing_views(closings: Iterable[Said[Closing]]) -> tuple[ClosingView, ...]:
    """How the case ended for whom, by member."""
    return tuple(
        ClosingView(member=said.member, outcome=said.record.outcome, at_ms=said.record.at_ms, ref=said.ref)
        for said in sorted(closings, key=lambda said: said.member)
    )
