"""What is asked before something that cannot be undone, and the papers that are made of it."""

from dataclasses import dataclass

from tocsin.core.errors import Refusal
from tocsin.core.legible import in_one_line
from tocsin.web.people.audit import Audit
from tocsin.web.serving.visit import Visit

MOST_TEXT_BYTES = 4 * 2**20
"""Of a form with charters, join files or a circle in a file."""


class NotConfirmed(Refusal):
    """What cannot be undone has to be confirmed."""

    code = "not-confirmed"


@dataclass(frozen=True, slots=True)
class Paper:
    """A text to be kept as `file`. `kind` is the key of its words, `back` where whoever made it goes on."""

    kind: str
    file: str
    text: str
    back: str


def whole(text: str) -> str:
    """What was pasted, with the line end that it may have lost on the way: every paper ends in one."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def bound(audit: Audit, visit: Visit, act: str, circle: str, **about: str) -> None:
    """Note that somebody bound the organisation: by which act, and in which circle."""
    audit.note("bound", visit.person.id, visit.person.name, act=act, circle=circle, **about)


def check_typed(typed: str, title: str) -> None:
    """That the circle's title was typed, as it is shown. Raises NotConfirmed."""
    if in_one_line(typed) != in_one_line(title):
        raise NotConfirmed(
            "Expected the title of the circle, typed as it stands on the page, found something else. "
            "Next: go back, and see that you mean this circle."
        )
