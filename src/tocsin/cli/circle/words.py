"""A charter in plain words: what is asked of an organisation that signs it."""

from collections.abc import Iterator, Mapping

from tocsin.circles.founding.charter import Charter
from tocsin.cli.terminal import beside, shown, strong, table, waiting

_INDENT = "  "
_ROOM = 14


def charter_in_words(charter: Charter, circle: str, notes: Mapping[str, str]) -> Iterator[str]:
    """Line by line. `notes` says something about members, by slug, behind their names."""
    yield _shown("circle", strong(shown(charter.title)))
    yield _shown("", _mode(charter))
    yield _shown("id", circle)
    if charter.version > 1:
        yield _shown("version", str(charter.version))
    if charter.continues:
        yield _shown("in place of", charter.continues)
    yield from _said("purpose", charter.purpose)
    yield ""
    yield from _members(charter, notes)
    yield ""
    yield from _said("decisions", f"{charter.quorum} of the {len(charter.deciding())} members together")
    yield from _said("handling", f"nothing above {charter.handling}; all keep to each record's own marking")
    yield from _said("clocks", _clocks(charter))
    yield from _said("corroborated", _verification(charter))
    yield from _said("limits", _limits(charter))
    yield from _said("authority", charter.authority.statement)
    for text in charter.texts:
        yield _shown("also in", f"{text.lang}, SHA-256 {text.sha256}")


def _mode(charter: Charter) -> str:
    if charter.mode == "drill":
        return waiting("a DRILL: nothing that is said in it is real")
    return "live: what is said in it is meant"


def _members(charter: Charter, notes: Mapping[str, str]) -> Iterator[str]:
    rows = [
        (
            strong(member.slug),
            shown(member.label),
            member.economy,
            waiting("observer") if member.observer else "",
            notes.get(member.slug, ""),
        )
        for member in charter.members
    ]
    for number, line in enumerate(table(rows, indent="")):
        yield _shown("" if number else "members", line)


def _clocks(charter: Charter) -> str:
    clocks = charter.clocks
    return (
        f"say within {_duration(clocks.acknowledge_within_minutes)} that a report reached a person; "
        f"answer within {_duration(clocks.answer_within_minutes)}"
    )


def _verification(charter: Charter) -> str:
    needed = charter.verification
    return (
        f"takes {needed.independent_sources} sources that do not depend on each other, "
        f"from {needed.organisations} members in {needed.economies} economies"
    )


def _limits(charter: Charter) -> str:
    limits = charter.limits
    told = f"{limits.records_per_second:,} records a second and {limits.bytes_per_day:,} bytes a day each"
    return f"{told}; attachments of {limits.attachment_bytes:,} bytes" if limits.attachment_bytes else told


def _duration(minutes: int) -> str:
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _said(name: str, text: str) -> Iterator[str]:
    return beside(name, text.strip("\n"), _ROOM, _INDENT)


def _shown(name: str, line: str) -> str:
    """Beside its name, a line of ours, which may be styled."""
    return f"{_INDENT}{name:<{_ROOM}}{line}".rstrip()
