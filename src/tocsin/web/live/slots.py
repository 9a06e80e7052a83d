"""What stands above every page: whatever is wrong with it, the page comes, and says so.

What is in it is made of what others write. Without this, one bell that cannot be shown would take every page
from whoever it rings for.
"""

from collections.abc import Callable
from typing import TypeAlias

from markupsafe import Markup

from tocsin.web.serving.visit import Visit

Slot: TypeAlias = Callable[[Visit], str]


def guarded(slot: Slot, on_fault: Callable[[BaseException], None]) -> Slot:
    """The same; where it fails, a sentence in its place. `on_fault` is told."""

    def shown(visit: Visit) -> str:
        try:
            return slot(visit)
        except Exception as error:  # noqa: BLE001 - as above
            on_fault(error)
            return Markup('<p class="notice bad" role="alert">{}</p>').format(visit.say("common.not_shown"))

    return shown
