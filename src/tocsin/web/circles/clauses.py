"""A charter in plain words, each clause a sentence in the reader's language; and what a version changes.

What counts is the text that was signed, which stands beside these words. What the circle says in its own
words (its purpose, its authority) is repeated as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.cases.telling import Language
from tocsin.circles.founding.charter import Charter, CharterMember

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its `name` in the charter, its `title`, and a sentence or the circle's `own` words."""

    name: str
    title: str
    sentence: str
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changes: a sentence, beside it what somebody wrote; or a clause before and after."""

    sentence: str
    own: str | None = None
    before: Clause | None = None
    after: Clause | None = None


def clauses(charter: Charter, language: Language) -> tuple[Clause, ...]:
    """All of a charter but its members."""

    def clause(name: str, own: str | None = None, **values: object) -> Clause:
        sentence = "" if own else language.say(f"circles.clause_{name}", **values)
        return Clause(name, language.say(f"circles.title_{name}"), sentence, own)

    clocks, needed, limits = charter.clocks, charter.verification, charter.limits
    found = [
        Clause(
            "mode", language.say("circles.title_mode"), language.say(f"circles.clause_mode_{charter.mode}")
        ),
        clause("purpose", own=charter.purpose.strip("\n")),
        clause("quorum", quorum=charter.quorum, members=len(charter.deciding())),
        clause("handling", handling=charter.handling),
        clause(
            "clocks",
            acknowledge=duration(clocks.acknowledge_within_minutes, language),
            answer=duration(clocks.answer_within_minutes, language),
        ),
        clause(
            "verification",
            sources=needed.independent_sources,
            organisations=needed.organisations,
            economies=needed.economies,
        ),
        clause("authority", own=charter.authority.statement.strip("\n")),
        clause("limits", records=f"{limits.records_per_second:,}", bytes=size(limits.bytes_per_day)),
        clause("attachments", bytes=size(limits.most_attachment_bytes)),
    ]
    if charter.texts:
        texts = language.listed(f"{text.lang} ({text.sha256})" for text in charter.texts)
        found.append(clause("texts", texts=texts))
    if charter.continues:
        found.append(clause("continues", circle=charter.continues))
    return tuple(found)


def changes(before: Charter, after: Charter, language: Language) -> tuple[Change, ...]:
    """What a version changes: first who belongs to the circle, then by which rules, then its words alone."""
    found = (*_of_members(before, after, language), *_of_rules(before, after, language))
    return found or (Change(language.say("circles.changes_words")),)


def duration(minutes: int, language: Language) -> str:
    """Minutes, or whole hours."""
    if minutes % 60:
        return language.say("circles.minutes", count=minutes)
    return language.say("circles.hours", count=minutes // 60)


def size(count: int) -> str:
    """Bytes, in the unit that says them shortest without losing any."""
    unit = 0
    while count and count % 1000 == 0 and unit < len(_UNITS) - 1:
        count, unit = count // 1000, unit + 1
    if unit == 0:
        mebibytes, rest = divmod(count, 2**20)
        if mebibytes and not rest:
            return f"{mebibytes:,} MiB"
    return f"{count:,} {_UNITS[unit]}"


def _of_members(before: Charter, after: Charter, language: Language) -> Iterator[Change]:
    old = {member.slug: member for member in before.members}
    new = {member.slug: member for member in after.members}
    removed = {removal.slug: removal for removal in after.removed}
    for slug in old:
        if slug in removed:
            yield Change(language.say("circles.changes_removed", member=slug), own=removed[slug].reason)
        elif slug not in new:
            yield Change(language.say("circles.changes_left", member=slug))
    for slug, member in new.items():
        if slug not in old:
            kind = "follows" if member.observer else "joins"
            sponsors = language.listed(member.sponsors)
            sentence = language.say(f"circles.changes_{kind}", member=slug, sponsors=sponsors)
            yield Change(sentence, own=member.label)
        else:
            yield from _of_member(old[slug], member, language)


def _of_member(old: CharterMember, new: CharterMember, language: Language) -> Iterator[Change]:
    if old.observer != new.observer:
        kind = "observes" if new.observer else "decides"
        yield Change(language.say(f"circles.changes_{kind}", member=new.slug))
    if old.organisation_key != new.organisation_key:
        yield Change(language.say("circles.changes_key", member=new.slug))
    if (old.label, old.economy) != (new.label, new.economy):
        sentence = language.say("circles.changes_label", member=new.slug, economy=new.economy)
        yield Change(sentence, own=new.label)


def _of_rules(before: Charter, after: Charter, language: Language) -> Iterator[Change]:
    if before.title != after.title:
        yield Change(language.say("circles.changes_title"), own=after.title)
    old = {clause.name: clause for clause in clauses(before, language)}
    new = {clause.name: clause for clause in clauses(after, language)}
    for name in dict.fromkeys((*old, *new)):
        # Who counts changes with the members, and is said there.
        if name == "quorum" and before.quorum == after.quorum:
            continue
        if name != "continues" and old.get(name) != new.get(name):
            title = (new.get(name) or old[name]).title
            yield Change(title, before=old.get(name), after=new.get(name))
