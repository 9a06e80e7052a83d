"""From a form to the page on which its draft is confirmed in words, and back to what was typed in it."""

from starlette.responses import Response

from tocsin.web.acting.drafts import Drafts
from tocsin.web.acting.pending import Pending
from tocsin.web.acting.typed import Typed
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit


class Drafting:
    """The one way in which something that is typed in this console comes to be said."""

    def __init__(self, drafts: Drafts, pending: Pending) -> None:
        self._drafts = drafts
        self._pending = pending

    def begin(
        self,
        visit: Visit,
        circle: str,
        record: bytes,
        *,
        form: str,
        urgent: bool = False,
        saw: frozenset[str] = frozenset(),
        role: Role = Role.OFFICER,
    ) -> Response:
        """Keep the record as a draft of whoever sent the form at that path, and go on to confirm it.

        `urgent`, `saw` and `role`: see `Draft`.
        """
        draft = self._drafts.add(
            visit.person.id,
            circle,
            form,
            record,
            {name: list(values) for name, values in visit.fields.items()},
            urgent=urgent,
            saw=saw,
            role=role,
        )
        return visit.go(f"/confirm/{draft.id}")

    def typed(self, visit: Visit) -> Typed | None:
        """What stood in the form of the draft that the address names, or of what was confirmed `again`.

        Raises NoSuchDraft.
        """
        asked, person = visit.request.query_params, visit.person.id
        if draft := asked.get("draft"):
            return self._drafts.get(draft, person).typed
        wish = self._pending.get(person, asked.get("again", ""))
        return wish.kept.typed if wish else None
