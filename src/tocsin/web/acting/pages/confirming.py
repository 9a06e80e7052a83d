"""What was drafted, in words, before it is signed; and taking the signature. Then it waits ten seconds."""

from dataclasses import dataclass

from msgspec import Struct
from starlette.responses import Response

from tocsin.core.errors import Refusal
from tocsin.core.records import CaseRecord
from tocsin.node.node import Node
from tocsin.web.acting.cautions import Caution, Spoken, acknowledged, cautions, spoken
from tocsin.web.acting.drafts import Draft, Drafts
from tocsin.web.acting.pending import Pending
from tocsin.web.acting.setting import Setting, card_of, listed_on, setting_of
from tocsin.web.acting.signing import signed
from tocsin.web.acting.telling import Told, asks_twice, told
from tocsin.web.serving.errors import NotSignedIn, OtherRole
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


class NotSigned(Refusal):
    """Nothing was signed. Next: turn on JavaScript for this console; the key in your browser signs by it."""

    code = "not-signed"


class NotMeant(Refusal):
    """This is a live circle. Next: say with the box above the button that it is meant for real."""

    code = "not-meant"


class ConfirmForm(Struct, frozen=True, kw_only=True):
    """What is sent with a draft: the signature line, that it is real, and what its author `saw` of others."""

    signature: str | None = None
    real: bool = False
    saw: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmView:
    """What is to be confirmed. `saw` names what colleagues have said to the same, as it is shown here."""

    draft: Draft
    setting: Setting
    told: Told
    cautions: tuple[Caution, ...]
    twice: bool
    key_name: str
    on_card: tuple[str, ...]
    waiting: tuple[str, ...]
    saw: str
    error: Refusal | None = None


class Confirming:
    """The confirmations of one console."""

    def __init__(self, node: Node, drafts: Drafts, pending: Pending) -> None:
        self._node = node
        self._drafts = drafts
        self._pending = pending

    @page("GET", "/confirm/{draft}", Role.OFFICER, noted=False)
    async def confirm_draft(self, visit: Visit) -> Response:
        """What would be said, in words, to whom."""
        draft = self._drafts.get(visit.path["draft"], visit.person.id)
        if self._pending.get(visit.person.id, draft.id):
            return visit.go(f"/said/{draft.id}")
        return await self._confirm(visit, draft)

    @page("POST", "/confirm/{draft}", Role.OFFICER)
    async def sign_draft(self, visit: Visit) -> Response:
        """Take the signature. It is written in ten seconds.

        (1) confirmed before, or known to be theirs: nothing anew; (2) by somebody who still may; (3) what
        colleagues said meanwhile was seen; (4) meant for real; (5) signed, over these very bytes, by a key of
        this account on the card.
        """
        person, number = visit.person, visit.path["draft"]
        # (1) once
        if self._pending.get(person.id, number):
            return visit.go(f"/said/{number}")
        draft, sent = self._drafts.get(number, person.id), visit.form(ConfirmForm)
        setting = await setting_of(self._node, draft.circle, case_of_draft(draft.record))
        if known := acknowledged(draft.record, setting):
            return visit.go(f"/cases/{setting.circle}/{setting.case}/{known}")
        # (2) still
        if not visit.may(draft.role):
            raise OtherRole(
                f"Expected the role {draft.role}, found it no more. Next: ask an administrator for it."
            )
        # (3) colleagues
        saw = frozenset(sent.saw.split())
        if {one.name for one in self._meanwhile(draft, setting, person.id)} - saw:
            return await self._confirm(visit, draft, status=409)
        try:
            # (4) real
            if asks_twice(draft.record, drill=setting.drill) and not sent.real:
                raise NotMeant
            # (5) signed
            if not sent.signature:
                raise NotSigned
            own = self._node.officers.of(person.id)
            data = signed(draft, sent.signature, setting.log, own, card_of(self._node, setting.circle))
        except Refusal as error:
            return await self._confirm(visit, draft, error=error, status=422)
        if visit.signed is None:
            raise NotSignedIn
        wish = await self._pending.confirm(draft, data, setting.log, by=visit.signed)
        return visit.go(f"/said/{wish.id}")

    async def _confirm(
        self, visit: Visit, draft: Draft, *, error: Refusal | None = None, status: int = 200
    ) -> Response:
        setting = await setting_of(self._node, draft.circle, case_of_draft(draft.record))
        record = draft.record
        meanwhile = self._meanwhile(draft, setting, visit.person.id)
        new = [one for one in meanwhile if one.name not in draft.saw]
        key_name = f"{setting.log}/{record.author}"
        own = [one for one in self._node.officers.of(visit.person.id) if one.key.name == key_name]
        card = card_of(self._node, setting.circle)
        listed = listed_on(card)
        view = ConfirmView(
            draft=draft,
            setting=setting,
            told=told(record, setting.terms, visit.language, setting.view),
            cautions=cautions(record, setting, new, card),
            twice=asks_twice(record, drill=setting.drill),
            key_name=key_name,
            on_card=tuple(one.vkey for one in own if one.vkey in listed),
            waiting=tuple(one.vkey for one in own if one.vkey not in listed),
            saw=" ".join(one.name for one in meanwhile),
            error=error,
        )
        return visit.render("acting/confirm.html", status=status, view=view, drill=setting.drill)

    def _meanwhile(self, draft: Draft, setting: Setting, person: str) -> list[Spoken]:
        """What colleagues have said to the same, or are about to."""
        found = spoken(draft.record, setting, self._pending.waiting(draft.circle))
        return [one for one in found if one.person != person]


def case_of_draft(record: object) -> str | None:
    """The case that a record is of, as people name it."""
    return str(record.case) if isinstance(record, CaseRecord) and record.case else None
