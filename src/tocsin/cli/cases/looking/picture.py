"""A case on a terminal: what is known, on whose word; what is asked; what is overdue; and every record.

- Nothing is left out because it does not count: that is said beside it, with the reason.
- What a node has received and what an officer is aware of stand apart.
- Whatever a member wrote is marked as that (`words.quote`, `words.hanging`), or passes `terminal.shown`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from tocsin.cases.delivery import Delivered, Delivery, Due
from tocsin.cases.picture.view import (
    COUNTING,
    AnswerView,
    AskView,
    Asserted,
    CaseSummary,
    CaseView,
    Corroboration,
    Description,
    SourceView,
    TimelineEntry,
)
from tocsin.cases.telling.readings import Judged
from tocsin.cli.cases.words import ENGLISH, author_of, case_said, hanging, in_line, quote, translated
from tocsin.cli.options import as_here
from tocsin.cli.terminal import (
    bad,
    beside,
    day,
    dotted,
    faint,
    good,
    lately,
    paragraph,
    shown,
    strong,
    time_of_day,
    waiting,
    width,
)
from tocsin.core.names import LogName
from tocsin.core.records import (
    Hypothesis,
    Operator,
    OperatorPosition,
    Ref,
    Report,
    Source,
    System,
    Translation,
)
from tocsin.core.records.cases.vocabulary import Seen
from tocsin.node.api.types import ErasedBy

_INDENT = "  "
_ROOM = 14
_NAMED = 10
_LISTS: Final = (
    ("event", "Event", "event"),
    ("severity", "Severity", "severity"),
    ("relation", "Relation", "part of AI"),
    ("harms", "Harm", "harm"),
    ("tasks", "Task", "task of AI"),
    ("economies", "", "where"),
    ("fingerprints", "", "recognised by"),
)
_ANSWERS = "|".join(get_args(Seen))
_MARKS: Final = {"corrected": waiting, "withdrawn": bad, "superseded": faint, "refused": bad}
_word = ENGLISH.language.word


@dataclass(frozen=True, slots=True)
class Desk:
    """For whom a case is shown: a member, and the language of its desk."""

    member: str
    lang: str = "en"


def picture(
    view: CaseView,
    delivery: Delivery | None,
    now_ms: int,
    most: int,
    desk: Desk,
    *,
    erased: ErasedBy | None = None,
) -> Iterator[str]:
    """The lines of a case; of its records the newest, at most so many. `erased`: why its first report is."""
    yield from _head(view, now_ms, desk.lang, erased)
    if delivery is not None:
        yield from _section("Your turn", _own(delivery.dues, desk.member, now_ms))
    found = view.corroboration
    mark = good("corroborated") if found.corroborated else waiting("not corroborated, as the charter has it")
    yield from _section("Corroboration", _corroboration(found), mark)
    yield from _section("What is said of it", _description(view.description))
    yield from _section("Operators say", _positions(view.timeline))
    asks = (line for ask in view.asks for line in _ask(ask, now_ms))
    yield from _section("Asked", asks)
    yield from _section("What it was", _judged(view.timeline), "as each organisation reads it")
    if delivery is not None:
        yield from _section("Overdue", _overdue(delivery.dues, now_ms))
    yield from _section("Connected", _links(view))
    yield from _section(
        "Done with it", _closings(view, now_ms), f"{shown(view.opened_by)} opened it and decides"
    )
    yield from _section("Records", _timeline(view.timeline, delivery, most))


def for_desk(told: Iterable[Translation], lang: str | None, desk: str) -> Iterator[Translation]:
    """Translations into a desk's language, of a text that is in another."""
    return (one for one in told if lang != desk == one.lang)


def state_in_words(case: CaseView | CaseSummary) -> str:
    """A case's state, how it ended, and how much came in since."""
    if case.state == "open":
        return strong("open")
    since = waiting(f"; {case.since_closing} since") if case.since_closing else ""
    if case.state == "closed":
        return good(f"closed: {_word('Outcome', case.outcome or '')}") + since
    return bad(_word("State", case.state)) + since


def _head(view: CaseView, now_ms: int, lang: str, erased: ErasedBy | None) -> Iterator[str]:
    opened = f"opened {lately(view.opened_at_ms, now_ms)}" if view.opened_at_ms is not None else "opened"
    parts = (strong(f"Case {view.case}"), state_in_words(view), f"{opened} by {shown(view.opened_by)}")
    yield from dotted(parts)
    if view.summary:
        for entry in view.timeline:
            if entry.ref == view.case and isinstance(entry.record, Report):
                told = (entry.corrected or entry.record).translations or ()
                for translation in for_desk(told, view.lang, lang):
                    yield from translated(translation, _INDENT)
        yield from quote(view.summary, _INDENT)
    elif erased:
        by = f"{erased.ordered_by} (no. {erased.index} of {LogName.parse(erased.log).member})"
        yield from map(waiting, hanging(f"The report that opened it was erased on order of {by}.", _INDENT))
    elif view.state == "unknown":
        yield f"{_INDENT}{waiting('The report that opened it is not here.')}"


def _section(title: str, lines: Iterable[str], mark: str = "") -> Iterator[str]:
    """The lines under a title; without any, nothing."""
    for at, line in enumerate(lines):
        if at == 0:
            yield ""
            yield from dotted((strong(title), mark) if mark else (strong(title),))
        yield line


def _row(name: str, text: str) -> Iterator[str]:
    yield from beside(faint(name), in_line(text), _ROOM, _INDENT, cut=True)


def _corroboration(found: Corroboration) -> Iterator[str]:
    sources = count(found.independent_sources, "independent source")
    told = f"{count(found.replies, 'reply', 'replies')}, {sources}"
    if found.independent_sources:
        told += f", on the word of {count(found.organisations, 'organisation')} in "
        told += count(found.economies, "economy", "economies")
    for line in paragraph(told, _INDENT):
        yield line.replace(sources, strong(sources), 1)
    for source in found.sources:
        yield from _source(source)


def _source(source: SourceView) -> Iterator[str]:
    cited = source.citations[0]
    yield from hanging(f"• {_cited(cited)}", _INDENT)
    first = [member for member in source.members if member not in source.repeaters]
    told = f"cited by {', '.join(first)}" if first else ""
    if source.repeaters:
        told += f"{'; ' if told else ''}repeated by {', '.join(source.repeaters)}"
    if not source.verifiable:
        told += "; nobody else can check it"
    yield from map(faint, paragraph(told, f"{_INDENT}  "))
    others = {_cited(one) for one in source.citations[1:]} - {_cited(cited)}
    for other in sorted(others):
        yield from map(faint, hanging(f"also as {other}", f"{_INDENT}  "))


def _cited(source: Source) -> str:
    kind = _word("SourceKind", source.kind)
    how = f", {_word('Obtained', source.obtained)}" if source.obtained else ""
    return f"{source.locator or source.record or '?'} ({kind}{how})"


def _description(said: Description) -> Iterator[str]:
    for field, codes, name in _LISTS:
        values: tuple[Asserted, ...] = getattr(said, field)
        if values:
            told = "; ".join(f"{_word(codes, one.value)} ({', '.join(one.by)})" for one in values)
            yield from _row(name, told)
    if said.systems:
        yield from _row("systems", ", ".join(map(_system, said.systems)))
    if said.operators:
        yield from _row("operators", ", ".join(map(_operator, said.operators)))
    for moment in said.moments:
        yield from _row("when", f"{ENGLISH.moment(moment.moment)}, as {moment.member} has it")
    for attachment in said.attachments:
        illegal = "; to have it may be an offence" if attachment.illegal else ""
        name = f"{attachment.name or attachment.sha256[:16]} ({attachment.media_type}{illegal})"
        yield from _row("attached", name)


def _positions(entries: Sequence[TimelineEntry]) -> Iterator[str]:
    """What operators say, as members have written it down: the newest."""
    said = [
        (entry.member, entry.record)
        for entry in entries
        if isinstance(entry.record, OperatorPosition) and entry.standing in COUNTING
    ]
    if len(said) > _NAMED:
        yield f"{_INDENT}{faint(f'{len(said) - _NAMED} earlier ones are among the records')}"
    for member, record in said[-_NAMED:]:
        told = ENGLISH.language.say(
            "operator_says",
            operator=record.operator,
            role=_word("OperatorRole", record.role),
            position=_word("Position", record.position),
            member=member,
        )
        yield from hanging(f"• {told}", _INDENT)


def _judged(entries: Sequence[TimelineEntry]) -> Iterator[str]:
    """What counts of it: of each kind the newest."""
    judged = Judged((entry for entry in entries if entry.standing in COUNTING), ENGLISH)
    for some in judged.groups:
        if len(some) > _NAMED:
            yield f"{_INDENT}{faint(f'{len(some) - _NAMED} earlier ones are among the records')}"
        for entry in some[-_NAMED:]:
            for item in judged.told(entry):
                further = _INDENT * item.depth
                yield from hanging(item.text if item.depth else f"• {item.text}", f"{_INDENT}{further}")
            if isinstance(entry.record, Hypothesis) and entry.record.text:
                yield from quote(entry.record.text, f"{_INDENT}{_INDENT}")


def _system(system: System) -> str:
    return f"{system.name} {system.version or ''}".strip() + _certified(system)


def _operator(operator: Operator) -> str:
    return f"{operator.name} ({_word('OperatorRole', operator.role)})" + _certified(operator)


def _certified(by: System | Operator) -> str:
    return "".join(f", certificate {one.number} by {one.issuer}" for one in by.certificates or ())


def _ask(ask: AskView, now_ms: int) -> Iterator[str]:
    if ask.open:
        mark = waiting("open")
    elif ask.asked:
        mark = good("answered by all")
    else:
        mark = bad("nobody of this circle was asked")
    parts = [f"{strong(str(ask.ref))} by {shown(ask.member)}, {lately(ask.at_ms, now_ms)}", mark]
    if ask.wanted_by_ms is not None:
        parts.insert(1, f"wanted by {lately(ask.wanted_by_ms, now_ms)}")
    yield from dotted(parts, _INDENT, f"{_INDENT}  ")
    if ask.strangers:
        yield from map(bad, paragraph(f"no member: {', '.join(ask.strangers)}", f"{_INDENT}  "))
    room = max((width(answer.member) for answer in ask.answers), default=0) + 2
    for answer in ask.answers:
        parts = [f"{answer.member}{' ' * (room - width(answer.member))}{_answered(answer)}"]
        if answer.at_ms is not None:
            parts += [faint(lately(answer.at_ms, now_ms)), faint(str(answer.ref))]
        yield from dotted(parts, f"{_INDENT}  ", f"{_INDENT}  {' ' * room}")


def _answered(answer: AnswerView) -> str:
    if answer.seen is None:
        return waiting("no answer yet")
    count = f", {_word('Count', answer.count)}" if answer.count else ""
    return f"{_word('Seen', answer.seen)}{count}{', by a machine' if answer.by_machine else ''}"


def _overdue(dues: Sequence[Due], now_ms: int) -> Iterator[str]:
    for due in dues:
        if due.state == "overdue" and due.due_by_ms is not None:
            since = lately(due.due_by_ms, now_ms)
            yield f"{_INDENT}{bad(due.member)}: {_word('Due', due.due)} of {due.of}, since {since}"


def _own(dues: Sequence[Due], member: str, now_ms: int) -> Iterator[str]:
    """What this desk owes, and how it does that."""
    unread: dict[str, None] = {}
    above = ""
    for due in dues:
        if due.member != member or due.state not in ("open", "overdue"):
            continue
        if due.due == "acknowledgement":
            unread[str(due.of)] = None
            continue
        late = f", overdue since {lately(due.due_by_ms, now_ms)}" if due.due_by_ms is not None else ""
        title = f"{_INDENT}{waiting('not answered')}{bad(late) if due.state == 'overdue' else ''}:"
        if title != above:
            yield (above := title)
        yield f"{_INDENT}  " + as_here(f"tocsin case answer {due.of} {_ANSWERS}")
    if unread:
        yield f"{_INDENT}{waiting('no officer of yours has said that it is aware')}:"
        yield f"{_INDENT}  " + as_here(f"tocsin case ack {' '.join(unread)}")


def _links(view: CaseView) -> Iterator[str]:
    for link in view.links:
        yield f"{_INDENT}{_word('LinkKind', link.link)} {strong(str(link.other))}, says {', '.join(link.by)}"


def _closings(view: CaseView, now_ms: int) -> Iterator[str]:
    for closing in view.closings:
        outcome = _word("Outcome", closing.outcome)
        yield f"{_INDENT}by {closing.member}, {lately(closing.at_ms, now_ms)}: {outcome}"
    if since := [entry.ref for entry in view.timeline if entry.since_closing]:
        told = f"came in since {view.opened_by} closed it: {_names(since[:_NAMED])}"
        left = f" and {len(since) - _NAMED} more" if len(since) > _NAMED else ""
        yield from map(waiting, paragraph(told + left, _INDENT))


def _timeline(entries: Sequence[TimelineEntry], delivery: Delivery | None, most: int) -> Iterator[str]:
    delivered = {one.ref: one for one in delivery.records} if delivery else {}
    if (earlier := max(0, len(entries) - most)) > 0:
        yield f"{_INDENT}{faint(f'{earlier} earlier ones: --records {len(entries)}')}"
    today = ""
    for entry in entries[earlier:]:
        if (on := day(entry.record.at_ms)) != today:
            today = on
            yield f"{_INDENT}{faint(f'{today} (UTC)')}"
        yield from _entry(entry, delivered)


def _entry(entry: TimelineEntry, delivered: Mapping[Ref, Delivered]) -> Iterator[str]:
    record = entry.record
    signed = ", signed" if entry.officer else ""
    parts = [f"{strong(str(entry.ref))} {record.kind} by {author_of(record)}{signed}", record.tlp]
    if entry.standing != "counts":
        parts.append(_MARKS[entry.standing](_word("Standing", entry.standing)))
    if entry.since_closing:
        parts.append(waiting("since the closing"))
    indent = " " * 12
    yield from dotted(parts, f"{_INDENT}{faint(time_of_day(record.at_ms))}  ", indent)
    yield from case_said(record, indent)
    for finding in entry.findings:
        about = f" ({finding.about})" if finding.about else ""
        yield from map(bad, paragraph(f"{_word('Finding', finding.code)}{about}", indent))
    if entry.corrected_by:
        yield f"{indent}{waiting(f'corrected by {_names(entry.corrected_by)}')}"
    if entry.withdrawn_by:
        yield f"{indent}{bad(f'withdrawn by {entry.withdrawn_by}')}"
    if told := delivered.get(entry.ref):
        yield from _received(told, indent)


def _received(delivered: Delivered, indent: str) -> Iterator[str]:
    """Who holds it, and who is aware of it: two things."""
    held = [one.member for one in delivered.reached if one.held]
    lacking = [one.member for one in delivered.reached if not one.held]
    if held:
        yield from map(good, paragraph(f"received by {', '.join(held)}", indent))
    if lacking:
        yield from map(waiting, paragraph(f"no receipt is here of {', '.join(lacking)}", indent))
    if delivered.aware:
        aware = (
            f"{one.member} ({one.officer}{'' if one.signed else ', unsigned'})" for one in delivered.aware
        )
        yield from map(good, paragraph(f"an officer is aware: {', '.join(aware)}", indent))


def _names(refs: Iterable[Ref]) -> str:
    return ", ".join(map(str, refs))


def count(number: int, one: str, several: str = "") -> str:
    """A number of something."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
