"""The forms in which something is said. A form that is sent makes a draft, and nothing else."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final, get_args

import msgspec
from starlette.responses import Response

from tocsin.cases.telling import Language
from tocsin.cases.telling.readings import percent
from tocsin.cases.telling.teller import size
from tocsin.core.errors import Refusal
from tocsin.core.legible import shown
from tocsin.core.records import Attachment, Report, Tlp, tlp_at_most
from tocsin.core.records.cases.report import Described
from tocsin.node.api.cases.attaching import MAX_ATTACHED_BYTES, AttachQuery
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.node import Node
from tocsin.web.acting.cautions import Caution, closed, colleagues, said_before
from tocsin.web.acting.drafting import Drafting
from tocsin.web.acting.fields import KINDS, Kind, Shape
from tocsin.web.acting.setting import Option, Setting, WhichCase, has_key, options, setting_of, withdrawn_with
from tocsin.web.acting.telling import Named, named, told
from tocsin.web.acting.typed import NotTyped, Typed, as_typed, one_of, rows, sources_as_typed, together, wish
from tocsin.web.serving.errors import MalformedForm, NoSuchPage
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_ABOUT: Final = ("case", "of", "ask")
"""What a form is opened with, any of which says the case."""
_OF: Final = {"takeover": "handover", "check-answer": "check"}
"""What is meant by `of` where no record of a case is."""
_SOONEST_MINUTES: Final = (15, 30, 60, 120, 240, 480, 1_440)


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as it is laid out. `error` is why it was not taken, `at` the field that it is about.

    `part`: of the rows of that field. `keyless`: whoever types has no key on the card yet.
    """

    kind: Kind
    setting: Setting
    typed: Typed
    options: Mapping[str, tuple[Option, ...]]
    cautions: tuple[Caution, ...]
    saw: str
    error: Refusal | None = None
    missing: bool = False
    at: str = ""
    part: str = ""
    added: str = ""
    about: tuple[Named, ...] = ()
    now_says: tuple[str, ...] = ()
    phrases: Container[str] = ()
    keyless: bool = False

    def has(self, key: str) -> bool:
        """Whether there are words for that."""
        return f"acting.{key}" in self.phrases

    def hint(self, name: str) -> str:
        """The key of what is said beside a field, if anything is."""
        keys = (f"acting.hint_{self.kind.name}-{name}", f"acting.hint_{name}")
        return next((key for key in keys if key in self.phrases), "")

    def attached(self, value: str) -> str:
        """How something that was uploaded is called."""
        try:
            one = msgspec.json.decode(value, type=Attachment)
        except (msgspec.DecodeError, Refusal):
            return "?"
        return one.name or one.sha256

    def is_wrong(self, name: str, part: str = "") -> bool:
        """Whether that field is at issue, or that part of its rows."""
        return name == self.at and part in (self.part, "")

    @property
    def place(self) -> str:
        """The id of what is at issue: of a group of inputs, or of the one."""
        shape = next((one.shape for one in self.kind.fields if one.name == self.at), None)
        grouped = (Shape.CHOICES, Shape.PICKS, Shape.ROWS, Shape.SHARES, Shape.FILES)
        return f"field-{self.at}" if shape in grouped else f"f-{self.at}"

    def one(self, name: str) -> str:
        """What stands in a field."""
        values = self.typed.get(name, ())
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """What stands in one that takes several."""
        return self.typed.get(name, [])

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a field: what is in them, and an empty one where there is none or one was asked for."""
        field = next(one for one in self.kind.fields if one.name == name)
        found = rows(field, self.typed)
        empty = name == self.added or (not found and (field.required or not field.folded))
        return ([*found, {}] if empty else found)[: field.most]

    @property
    def together(self) -> str:
        """What the percentages make, as far as they are any."""
        return percent(together(self.typed))

    def is_open(self, name: str) -> bool:
        """Whether a folded field has something in it, or is what is at issue."""
        said = any(one == name or one.startswith(f"{name}-") for one, values in self.typed.items() if values)
        return said or name in (self.at, self.added)


class Forms:
    """The forms of one console."""

    def __init__(self, node: Node, drafting: Drafting) -> None:
        self._node = node
        self._calls = Calls(node)
        self._drafting = drafting

    @page("GET", "/say/{kind}", Role.OFFICER)
    async def say(self, visit: Visit) -> Response:
        """A form, empty, or with what was typed before, or with what is proposed."""
        kind = _kind(visit)
        asked = visit.request.query_params
        given = {name: asked.getlist(name) for name in asked}
        if (target := _OF.get(kind.name)) and "of" in given:
            given[target] = given.pop("of")
        typed = self._drafting.typed(visit) or given
        if "circle" not in typed and len(self._node.lines) != 1:
            return visit.render("acting/where.html", kind=kind.name, lines=list(self._node.lines.values()))
        setting = await self._setting(kind, typed)
        if typed is given:
            typed = await self._begin(visit, kind, setting, given)
        return await self._form(visit, kind, setting, typed)

    @page("POST", "/say/{kind}", Role.OFFICER)
    async def make_draft(self, visit: Visit) -> Response:
        """Make a draft of what was typed; or another row in the form."""
        kind, typed = _kind(visit), visit.fields
        setting = await self._setting(kind, typed)
        if added := one_of(typed, "add"):
            return await self._form(visit, kind, setting, typed, added=added)
        if dropped := one_of(typed, "drop"):
            left = {name: values for name, values in typed.items() if not name.startswith(f"{dropped}-")}
            return await self._form(visit, kind, setting, left)
        try:
            wished = wish(kind, _marked(typed, setting), visit.person, self._node.clock.wall_ms())
            drafted = await self._calls.draft(Call({"circle": setting.circle}, None, wished))
        except Refusal as error:
            return await self._form(visit, kind, setting, typed, error=error)
        return self._drafting.begin(
            visit,
            setting.circle,
            drafted.record,
            form=visit.url_path,
            urgent=one_of(typed, "urgent") is not None,
            saw=frozenset((one_of(typed, "saw") or "").split()),
        )

    @page("POST", "/say/{circle}/attachments", Role.OFFICER, most_bytes=MAX_ATTACHED_BYTES)
    async def attach(self, visit: Visit) -> Response:
        """Keep content that a script of ours sends, and give what a record says of it."""
        query = visit.query(AttachQuery)
        made = await self._calls.attach(Call({"circle": visit.path["circle"]}, query, visit.body))
        return visit.render(
            "acting/attached.html", one=made, value=msgspec.json.encode(made).decode(), size=size
        )

    async def _setting(self, kind: Kind, typed: Typed) -> Setting:
        """Where this is said. Raises NoSuchCircle, WhichCase, and for a record's name what `ref` does."""
        circle = one_of(typed, "circle")
        if circle is None:
            if len(self._node.lines) != 1:
                raise MalformedForm("Expected a circle, found none. Next: begin in one of them.")
            circle = next(iter(self._node.lines))
        abouts = _ABOUT if kind.of_case or kind.name == "report" else ()
        about = next((one for name in abouts if (one := one_of(typed, name))), None)
        setting = await setting_of(self._node, circle, about)
        if kind.of_case and setting.view is None:
            raise WhichCase
        return setting

    async def _begin(self, visit: Visit, kind: Kind, setting: Setting, given: Typed) -> Typed:
        """What stands in a form from the start."""
        person = visit.person
        names = {field.name for field in kind.fields}
        begun: dict[str, list[str]] = {"circle": [setting.circle]}
        if setting.case:
            begun["case"] = [setting.case]
        if "lang" in names:
            begun["lang"] = [person.language]
        if kind.name == "ask":
            begun["questions"] = ["seen"]
        if kind.name == "answer" and "proposal" in given:
            begun |= await self._proposed(visit, setting, given)
        if kind.name == "reading" and "unread" in given and setting.view:
            casework = self._node.desk.casework[setting.circle]
            begun |= sources_as_typed(await casework.unread(setting.view.case))
        found = await options(self._node, kind.name, setting, person, visit.language, typed=given)
        for name, choice in found.items():
            if chosen := [one.value for one in choice if one.chosen]:
                begun[name] = chosen
        begun |= {
            name: values
            for name, values in given.items()
            if (name in names or name.startswith("translations-")) and any(values)
        }
        if kind.name == "withdrawal" and "of" in begun:
            begun["of"] = withdrawn_with(setting, begun["of"])
        return begun

    async def _proposed(self, visit: Visit, setting: Setting, given: Typed) -> dict[str, list[str]]:
        proposals = await self._node.desk.observing.proposals(setting.circle, visit.person.role_name)
        for proposal in proposals:
            if str(proposal.ask) == one_of(given, "ask"):
                return as_typed(proposal.answer)
        return {}

    async def _form(
        self,
        visit: Visit,
        kind: Kind,
        setting: Setting,
        typed: Typed,
        *,
        error: Refusal | None = None,
        added: str = "",
    ) -> Response:
        meanwhile = said_before(kind.name, setting, one_of(typed, "ask"))
        wrong = error if isinstance(error, NotTyped) else NotTyped("")
        form = FormView(
            kind=kind,
            setting=setting,
            typed=_marked(typed, setting),
            options=await options(self._node, kind.name, setting, visit.person, visit.language, typed=typed),
            cautions=(*closed(kind.name, setting), *colleagues(meanwhile)),
            saw=one_of(typed, "saw") or " ".join(one.name for one in meanwhile),
            error=None if wrong.missing else error,
            missing=wrong.missing,
            at=wrong.field,
            part=wrong.part,
            added=added,
            about=_about(setting, typed, visit.language),
            now_says=_now_says(kind, setting, typed, visit.language),
            phrases=visit.language.phrases,
            keyless=not has_key(self._node, setting, visit.person),
        )
        return visit.render(
            "acting/form.html",
            status=422 if error else 200,
            form=form,
            drill=setting.drill,
            soonest=_SOONEST_MINUTES,
            tlps=tlps_up_to(setting.handling),
            described=get_args(Described),
            shown=shown,
        )


def _marked(typed: Typed, setting: Setting) -> Typed:
    """With a label, if none was chosen: not every form asks for one."""
    return typed if one_of(typed, "tlp") else {**typed, "tlp": [setting.tlp]}


def _about(setting: Setting, typed: Typed, language: Language) -> tuple[Named, ...]:
    """The ask that is to be answered."""
    ask = one_of(typed, "ask")
    return tuple(named({ask}, setting.view, language)) if ask and setting.view else ()


def _now_says(kind: Kind, setting: Setting, typed: Typed, language: Language) -> tuple[str, ...]:
    """What a report says that is to be corrected."""
    if kind.name != "correction" or setting.view is None:
        return ()
    for entry in setting.view.timeline:
        if str(entry.ref) == one_of(typed, "of") and isinstance(entry.record, Report):
            words = told(entry.record, setting.terms, language)
            return (*(one.text for one in words.texts), *words.lines)
    return ()


def tlps_up_to(handling: Tlp) -> tuple[Tlp, ...]:
    """The labels that the charter allows, the strictest first."""
    return tuple(one for one in reversed(get_args(Tlp)) if tlp_at_most(one, handling))


def _kind(visit: Visit) -> Kind:
    kind = KINDS.get(visit.path["kind"])
    if kind is None:
        raise NoSuchPage
    return kind
