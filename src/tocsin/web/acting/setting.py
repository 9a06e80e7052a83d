"""Where something is said: the circle, who receives it, the case; and what can be chosen there.

Labels are what others gave themselves: a slug always stands beside one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tocsin.cases.picture import CaseView, case_of
from tocsin.cases.picture.view import COUNTING, State, TimelineEntry
from tocsin.cases.telling import Language
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Card,
    CaseRecord,
    Closing,
    Hypothesis,
    Ref,
    Tlp,
    tlp_at_most,
)
from tocsin.core.views import Terms
from tocsin.node.api.cases.naming import naming
from tocsin.node.api.hosting import casework_of, line_of
from tocsin.node.card import newest_card
from tocsin.node.node import Node
from tocsin.web.acting.telling import begins, in_one_line
from tocsin.web.acting.typed import Typed, hypotheses_in
from tocsin.web.desk.handovers import handed_to
from tocsin.web.serving.person import Person

_MOST_CASES = 128
_MOST_RECORDS = 64


class WhichCase(Refusal):
    """This is said in a case. Next: open the case, and begin there."""

    code = "which-case"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Another member. `away`: it cannot be reached now, and receives it later; `suspended`: never."""

    slug: str
    label: str
    away: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A circle as one speaks in it: `own` is our slug there, `log` what we write, `view` the case."""

    circle: str
    title: str
    drill: bool
    handling: Tlp
    own: str
    own_label: str
    log: str
    terms: Terms
    receivers: tuple[Receiver, ...]
    view: CaseView | None = None

    @property
    def case(self) -> str | None:
        """How people name the case."""
        return str(self.view.case) if self.view else None

    @property
    def tlp(self) -> Tlp:
        """How it is marked unless somebody chooses: as the case is, as far as the charter allows."""
        tlp = self.view.tlp if self.view else None
        return tlp if tlp and tlp_at_most(tlp, self.handling) else self.handling


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose. `text` is by others, in the language `lang`; `before` and `after` are ours."""

    value: str
    before: str = ""
    text: str = ""
    lang: str | None = None
    chosen: bool = False


async def setting_of(node: Node, circle: str, about: str | None) -> Setting:
    """The circle, and the case that the record `about` belongs to.

    Raises NoSuchCircle, UnknownRecord, and what the making of a picture raises.
    """
    line = line_of(node, circle)
    case = case_about(node, circle, about) if about else None
    view = await casework_of(node, circle).view(case) if case else None
    return _setting(node, line, view)


def case_about(node: Node, circle: str, name: str) -> Ref:
    """The case of the record of that name, or itself. Raises NoSuchCircle, UnknownRecord, WhichCase."""
    casework = casework_of(node, circle)
    ref = naming(casework, node.store)(name)
    said = casework.said(ref)
    if said is None:
        return ref
    if not isinstance(said.record, CaseRecord):
        raise WhichCase(f"Expected a record of a case, found a {said.record.kind}.")
    return case_of(ref, said.record)


def _setting(node: Node, line: Line, view: CaseView | None) -> Setting:
    circle, status = line.circle, line.status()
    return Setting(
        circle=circle.id,
        title=circle.charter.title,
        drill=circle.drill,
        handling=circle.charter.handling,
        own=line.own.member.slug,
        own_label=line.own.member.label,
        log=line.own.name,
        terms=casework_of(node, circle.id).terms,
        receivers=tuple(
            Receiver(
                slug=one.member.slug,
                label=one.member.label,
                away=one.trouble is not None,
                suspended=one.suspended is not None,
            )
            for one in status.members
        ),
        view=view,
    )


async def options(
    node: Node, kind: str, setting: Setting, person: Person, language: Language, *, typed: Typed
) -> dict[str, tuple[Option, ...]]:
    """What there is to choose from in the fields of that kind which have no closed list.

    Of records the newest, and those that are `typed`.
    """
    entries = setting.view.timeline if setting.view else ()
    match kind:
        case "ask":
            members = (Option(one.slug, text=one.label) for one in setting.receivers)
            return {"to": tuple(members)}
        case "acknowledgement":
            others = _newest(entries, lambda one: one.member != setting.own, typed.get("of", ()))
            return {"of": tuple(_record(one, language) for one in others)}
        case "withdrawal":
            own = _newest(entries, lambda one: one.member == setting.own, typed.get("of", ()))
            before = [one for one in _closings(setting) if one not in own]
            return {"of": tuple(_record(one, language) for one in (*own, *before))}
        case "closing":
            others = _newest(entries, lambda one: one.member != setting.own, typed.get("dissent", ()))
            return {"dissent": tuple(_record(one, language) for one in others)}
        case "reading":
            found = _newest(entries, lambda one: isinstance(one.record, Hypothesis), hypotheses_in(typed))
            return {"probabilities": tuple(_record(one, language) for one in found)}
        case "ground-truth":
            named = typed.get("hypothesis", ())
            found = _newest(entries, lambda one: isinstance(one.record, Hypothesis), named)
            return {"hypothesis": tuple(_record(one, language) for one in found)}
        case "link":
            cases = await _cases(node, setting.circle, language, (None,))
            return {"other": tuple(one for one in cases if one.value != setting.case)}
        case "handover":
            cases = await _cases(node, setting.circle, language, ("open", "contested"), chosen=True)
            return {"cases": tuple(cases), "to": tuple(_roles(node, setting, person))}
        case "takeover":
            handovers = await _handovers(node, setting, person)
            return {"handover": tuple(replace(one, chosen=len(handovers) == 1) for one in handovers)}
    return {}


def withdrawn_with(setting: Setting, names: list[str]) -> list[str]:
    """With one closing of ours all of them: else an earlier one counts again, and the case stays closed."""
    closings = [str(one.ref) for one in _closings(setting)]
    return list(dict.fromkeys([*names, *closings])) if set(names) & set(closings) else names


def _closings(setting: Setting) -> list[TimelineEntry]:
    """Those of ours that are not withdrawn, the newest first."""
    entries = reversed(setting.view.timeline) if setting.view else ()
    return [
        one
        for one in entries
        if one.member == setting.own
        and isinstance(one.record, Closing)
        and one.standing in (*COUNTING, "superseded")
    ]


def has_key(node: Node, setting: Setting, person: Person) -> bool:
    """Whether a key of this person, in whichever browser, is on our card in this circle."""
    listed = listed_on(card_of(node, setting.circle))
    return any(one.vkey in listed for one in node.officers.of(person.id))


def card_of(node: Node, circle: str) -> Card | None:
    """Our newest card in a circle, if there is one yet."""
    own = node.lines[circle].own
    return newest_card(node.store, own.name, own.size)


def listed_on(card: Card | None) -> frozenset[str]:
    """The vkeys on a card: of the officers whose signatures hold."""
    return frozenset(officer.key for officer in card.officers) if card else frozenset()


def _newest(
    entries: Sequence[TimelineEntry], fits: Callable[[TimelineEntry], bool], named: Collection[str]
) -> list[TimelineEntry]:
    """Those that count and fit, the newest first: as many as one record can name, and those so `named`."""
    found = [one for one in reversed(entries) if one.standing in COUNTING and fits(one)]
    return found[:_MOST_RECORDS] + [one for one in found[_MOST_RECORDS:] if str(one.ref) in named]


def _record(entry: TimelineEntry, language: Language) -> Option:
    text, lang = begins(entry.record, language)
    before = f"{entry.ref} · {language.word('Kind', entry.record.kind)}"
    return Option(str(entry.ref), before, text, lang)


async def _cases(
    node: Node, circle: str, language: Language, states: Iterable[State | None], *, chosen: bool = False
) -> list[Option]:
    """The newest cases in those states, None being any."""
    casework = casework_of(node, circle)
    found = [one for state in states for one in (await casework.summaries(state, limit=_MOST_CASES)).cases]
    newest = sorted(found, key=lambda one: one.last_at_ms, reverse=True)[:_MOST_CASES]
    return [
        Option(
            value=str(one.ref),
            before=f"{one.ref} · {language.word('State', one.state)}",
            text=one.summary or "",
            lang=one.lang,
            chosen=chosen,
        )
        for one in newest
    ]


def _roles(node: Node, setting: Setting, person: Person) -> Iterator[Option]:
    """Those with a key on our card but this one, and which people of the console they are."""
    card = card_of(node, setting.circle)
    roles = {officer.role for officer in card.officers} if card else set()
    names = {one.role: one.name for one in node.officers.all() if one.log == setting.log}
    for role in sorted(roles - {person.role_name}):
        yield Option(role, text=names.get(role, ""))


async def _handovers(node: Node, setting: Setting, person: Person) -> list[Option]:
    """Those to this person's role that nobody of it has taken over yet, the newest first."""
    found = await handed_to(person.role_name, casework_of(node, setting.circle), setting.own)
    return [
        Option(
            str(one.ref),
            f"{one.ref} · {one.record.author}",
            in_one_line(one.record.text or ""),
            one.record.lang,
        )
        for one in found
    ]
