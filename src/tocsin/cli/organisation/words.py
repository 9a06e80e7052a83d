"""What an organisation is asked to sign, in plain words."""

from collections.abc import Iterator

from tocsin.circles.founding.charter import Charter
from tocsin.cli.circle.words import charter_in_words
from tocsin.cli.terminal import bad, beside, good, moment, shown, strong, waiting
from tocsin.cli.words import REASONS
from tocsin.core.records import Leaving, Opening
from tocsin.node.papers.draft import Draft

_ROOM = 16


def draft_in_words(draft: Draft) -> Iterator[str]:
    """Line by line: what is signed, and what follows from it."""
    record, charter = draft.record, draft.charter
    if draft.joins:
        yield from charter_to_sign(charter, record.circle, record.member)
        yield ""
    elif isinstance(record, Leaving):
        yield bad("You are about to LEAVE this circle. It takes effect at once and cannot be taken back.")
        yield ""
    else:
        yield strong(f"You are about to vouch for new keys of your node: epoch {record.epoch}.")
        yield ""
    if not draft.joins:
        yield _line("circle", f"{strong(shown(charter.title))}{_drill(charter)}")
        yield _line("", record.circle)
        yield _line("member", shown(record.member))
    yield from _opening(record) if isinstance(record, Opening) else _leaving(record)


def charter_to_sign(charter: Charter, circle: str, member: str) -> Iterator[str]:
    """A charter or an amendment, as a member signs it. `circle` is the circle's id, where it is known."""
    what = "this charter" if charter.version == 1 else f"version {charter.version} of this charter"
    label = next((one.label for one in charter.members if one.slug == member), member)
    yield f"{strong(f'You are about to sign {what}')} for {shown(label)}."
    yield ""
    yield from charter_in_words(charter, circle, {member: good("you")})


def _opening(opening: Opening) -> Iterator[str]:
    yield _line("address", shown(opening.endpoint))
    yield _line("made", moment(opening.at_ms))
    if opening.reason is None or opening.previous is None:
        return
    yield from _said("reason", REASONS[opening.reason])
    if opening.compromised_since_ms is not None:
        yield _line("since", moment(opening.compromised_since_ms))
    size, before = opening.previous.size, opening.epoch - 1
    if opening.reason == "lost":
        yield from _said("what stays", f"all of epoch {before}; at least its first {size} entries")
    else:
        words = f"the first {size} entries of epoch {before}. Whatever goes beyond, or differs, is void."
        yield from _said("what stays", words)


def _leaving(leaving: Leaving) -> Iterator[str]:
    yield from _said("what stays", f"the {leaving.final.size} entries of your log, with every member")
    if leaving.reason:
        yield from _said("reason", leaving.reason)


def _drill(charter: Charter) -> str:
    return waiting("  a DRILL") if charter.mode == "drill" else ""


def _said(name: str, text: str) -> Iterator[str]:
    return beside(name, text, _ROOM, "  ")


def _line(name: str, line: str) -> str:
    return f"  {name:<{_ROOM}}{line}".rstrip()
