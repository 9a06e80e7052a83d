"""What an officer should have thought of before something is said. Nothing here forbids anything.

What a colleague has said to the same meanwhile is found by comparing what the form saw with what is there
now: so two who press at once each know of the other.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from tocsin.cases.picture.findings import SAYS_MORE
from tocsin.core.records import (
    Acknowledgement,
    Answer,
    Ask,
    Card,
    CheckAnswer,
    Closing,
    Correction,
    GroundTruth,
    Handover,
    Notice,
    Reading,
    Record,
    Ref,
    Reply,
    Report,
    Takeover,
    Withdrawal,
)
from tocsin.web.acting.pending import Wish
from tocsin.web.acting.setting import Setting
from tocsin.web.acting.telling import free_texts

_PERSONAL: Final = (
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    re.compile(r"(?<!\d)\d{6}-[1-8]\d{6}(?!\d)"),
    re.compile(r"(?<![\w.+-])\+?\d(?:[ ()./-]{0,2}\d){8,14}(?![\w-])"),
)
"""What may be an address, a number of a person, a telephone number: a hint, and no more."""
_MOST_HINTS: Final = 3
_JUDGED: Final = ("hypothesis", "reading")
_SAYS_MORE: Final = {str(kind.__struct_config__.tag) for kind in SAYS_MORE}


@dataclass(frozen=True, slots=True)
class Caution:
    """A sentence by its key; `foreign`: what others wrote and it is about. `grave`: to be looked at first."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """What our organisation has said to the same, or is about to. `name` is a record's, or a wish's id.

    `person`: whose wish it is, as long as it can be taken back.
    """

    name: str
    author: str
    what: str
    code: str
    at_ms: int
    person: str | None = None


def cautions(
    record: Record, setting: Setting, meanwhile: Iterable[Spoken], card: Card | None
) -> tuple[Caution, ...]:
    """All there is to think of, the grave first. `card` is our newest."""
    found = [
        *colleagues(meanwhile),
        *_of_case(record, setting),
        *_of_record(record, setting),
        *_of_handover(record, card),
    ]
    return tuple(sorted(found, key=lambda one: not one.grave))


def spoken(record: Record, setting: Setting, waiting: Iterable[Wish]) -> list[Spoken]:
    """What our organisation has said of what it says once; or is about to."""
    about = _about(record)
    if about is None:
        return []
    entries = setting.view.timeline if setting.view else ()
    said = [
        _spoken(str(one.ref), one.record)
        for one in entries
        if one.member == setting.own and one.standing == "counts" and _about(one.record) == about
    ]
    wished = [_spoken(one.id, one.record, one.kept.person) for one in waiting if _about(one.record) == about]
    return said + wished


def acknowledged(record: Record, setting: Setting) -> Ref | None:
    """The record by which the same officer has said already all that this acknowledgement would."""
    if not isinstance(record, Acknowledgement) or record.text or setting.view is None:
        return None
    by = {
        entry.ref: one.ref
        for entry in setting.view.timeline
        for one in entry.acknowledged
        if one.signed and (one.member, one.officer) == (setting.own, record.author)
    }
    return by.get(record.of[0]) if all(ref in by for ref in record.of) else None


def said_before(kind: str, setting: Setting, ask: str | None) -> list[Spoken]:
    """What of that kind our organisation says, and would replace: to that `ask`, what the case was."""
    entries = setting.view.timeline if setting.view else ()
    return [
        _spoken(str(one.ref), one.record)
        for one in entries
        if one.member == setting.own
        and one.standing == "counts"
        and one.record.kind == kind
        and (
            isinstance(one.record, Reading | GroundTruth)
            or (isinstance(one.record, Answer) and str(one.record.ask) == ask)
        )
    ]


def _spoken(name: str, record: Record, person: str | None = None) -> Spoken:
    what, code = "", ""
    if isinstance(record, Answer):
        what, code = "Seen", record.seen
    elif isinstance(record, Closing):
        what, code = "Outcome", record.outcome
    elif isinstance(record, GroundTruth):
        what, code = "What", record.what
    return Spoken(name, record.author, what, code, record.at_ms, person)


def _about(record: Record) -> tuple[object, ...] | None:
    """What is said once for the organisation."""
    match record:
        case Answer():
            return "answer", record.ask
        case Closing():
            return "closing", record.case
        case Reading() | GroundTruth():
            return record.kind, record.case
        case Takeover():
            return "takeover", record.handover
        case CheckAnswer():
            return "check-answer", record.check
        case Notice():
            return "notice", record.member
        case Reply():
            return "reply", record.log, record.notice
    return None


def colleagues(meanwhile: Iterable[Spoken]) -> Iterator[Caution]:
    """What others of our organisation have said, or are about to."""
    for one in meanwhile:
        values = {"author": one.author, "what": one.what, "code": one.code, "at_ms": one.at_ms}
        if one.person is not None:
            yield Caution("colleague-now", values, grave=True)
        else:
            yield Caution("colleague", values | {"ref": one.name}, grave=True)


def closed(kind: str, setting: Setting) -> Iterator[Caution]:
    """What a record of that kind meets in a case that we have closed, or the member that opened it.

    Nothing keeps anybody from going on in a closed case, but for how it is read, which stays as it is. To
    know of it or to withdraw asks for nothing, and what it was is said when it is closed.
    """
    view = setting.view
    if view is None or kind in ("acknowledgement", "withdrawal", "ground-truth"):
        return
    for closing in view.closings:
        is_own = closing.member == setting.own
        if kind in _JUDGED and (is_own or closing.member == view.opened_by):
            key = "closed-judged"
        elif is_own and kind == "closing":
            key = "closed-again"
        elif is_own and kind in _SAYS_MORE:
            key = "closed-own"
        elif closing.member == view.opened_by:
            key = "closed"
        else:
            continue
        values = {
            "slug": closing.member,
            "ref": closing.ref,
            "case": view.case,
            "circle": setting.circle,
            "at_ms": closing.at_ms,
            "what": "Outcome",
            "code": closing.outcome,
        }
        yield Caution(key, values, grave=True)


def _of_case(record: Record, setting: Setting) -> Iterator[Caution]:
    yield from closed(record.kind, setting)
    view = setting.view
    if view is None:
        return
    if isinstance(record, Closing) and view.opened_by != setting.own:
        yield Caution("not-opener", {"slug": view.opened_by})
    if isinstance(record, Answer):
        for ask in view.asks:
            if ask.ref == record.ask and setting.own not in ask.asked:
                yield Caution("not-asked")


def _of_record(record: Record, setting: Setting) -> Iterator[Caution]:
    if isinstance(record, Ask):
        asked = record.to or tuple(one.slug for one in setting.receivers)
        yield Caution("asks", {"count": len(asked), "all": len(setting.receivers)})
    if isinstance(record, Reading) and record.who:
        yield Caution("who", grave=True)
    hints = dict.fromkeys(hint for text in free_texts(record) for hint in _personal(text))
    if hints:
        yield Caution("personal", foreign=tuple(hints)[:_MOST_HINTS], grave=True)
    if record.tlp in ("TLP:CLEAR", "TLP:GREEN"):
        yield Caution("open-tlp", {"tlp": record.tlp}, grave=record.tlp == "TLP:CLEAR")
    if isinstance(record, Report | Correction) and any(one.illegal for one in record.attachments or ()):
        yield Caution("illegal", grave=True)
    if isinstance(record, Withdrawal) and record.reason == "personal-data":
        yield Caution("not-erased", grave=True)
    away = sum(one.away for one in setting.receivers)
    if away:
        yield Caution("away", {"count": away})


def _of_handover(record: Record, card: Card | None) -> Iterator[Caution]:
    """Whether anybody can take over: whose name is not on the card has no key to do so with."""
    roles = {officer.role for officer in card.officers} if card else set()
    if isinstance(record, Handover) and record.to not in roles:
        yield Caution("nobody", {"role": record.to}, foreign=tuple(sorted(roles)), grave=True)


def _personal(text: str) -> Iterator[str]:
    for pattern in _PERSONAL:
        for match in pattern.finditer(text):
            yield match[0]
