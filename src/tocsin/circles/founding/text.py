"""The texts of charters: the values of a `Charter`, with words around them for people.

The comments are part of the text, and are signed with it. Whoever edits the text by hand may change them too;
what counts for a node is what `parse_version` reads.
"""

from collections.abc import Iterable, Sequence

import msgspec

from tocsin.circles.founding.charter import Charter, CharterMember, Cut, Removal

_SHORT_LINE = 150

_FIRST_HEAD = """\
# CHARTER OF A CIRCLE
#
# The organisations listed below agree to inform each other. Each of them writes in a log of its own,
# which only it can continue and which all the others keep. What one writes, every other receives, and
# nobody else does.
#
# This text founds the circle once every organisation listed has signed it, and not before. It is signed
# as it stands here, explanations included: a change of one letter makes another text, which none of
# them has signed.

format = {format}
version = {version}
"""

_NAME = """\

# The name under which the circle's logs and keys are known.
domain = {domain}

{mode_words}
mode = {mode}

# Drawn at random, so that no two circles are the same.
nonce = {nonce}
{continues}
title = {title}
purpose = {purpose}
"""

_LIVE_WORDS = """\
# The circle is live: what is said in it is meant."""

_DRILL_WORDS = """\
# The circle is a DRILL: nothing that is said in it is real, and no live circle accepts its keys."""

_RULES = """\

# How many members must agree where the circle decides together: more than half.
quorum = {quorum}

# The highest marking under the Traffic Light Protocol that a record may carry here. Each record states
# its own. All members keep to it, also after they have left.
handling = {handling}

# How soon members expect each other to say that a report has reached a person, and to answer a
# question. These are expectations: nothing is refused for being late.
[clocks]
acknowledge_within_minutes = {acknowledge_within_minutes}
answer_within_minutes = {answer_within_minutes}

# What it takes before the circle calls something corroborated: so many sources that do not depend on
# each other, reported by so many members, in so many economies.
[verification]
independent_sources = {independent_sources}
organisations = {organisations}
economies = {economies}

# What this circle may do, and what it may not.
[authority]
statement = {statement}

# How much one member may write, so that nobody's log can drown the others.
[limits]
records_per_second = {records_per_second}
bytes_per_day = {bytes_per_day}
"""

_ATTACHMENTS = """\

# How large an attachment may be. (Versions before 0.3.0 cannot read a charter that says so.)
attachment_bytes = {attachment_bytes}
"""

_AMENDMENT_HEAD = """\
# AMENDMENT OF A CHARTER
#
# This is version {number} of the charter of a circle. It takes the place of the version before it, once
# enough of the members listed there have signed it, and not before; so it has to be whole. It is signed as
# it stands here, explanations included. Of all texts that could follow the version before, a member signs
# one: two of them would end all amending.
#
# What is different, in words; what counts is what stands below:
{differences}
format = {format}
version = {version}

# The SHA-256 of the version before.
previous = {previous}
"""

_MEMBERS = """\

# The members, each under the name that it gives itself. An organisation's key signs this charter for
# it; the organisation keeps that key apart from every machine that is connected.
"""

_MEMBER = """
[[members]]
slug = {slug}
label = {label}
economy = {economy}
organisation_key = {organisation_key}
"""

_TEXTS = """\

# Authentic texts of this charter in other languages, each named by the SHA-256 of its file.
"""

_TEXT = """
[[texts]]
lang = {lang}
sha256 = {sha256}
"""

_CUTS = """\

# Where the log of each member stood when this was written. What lies below is judged by the version before,
# what lies beyond by this one. Where a log was opened anew, `openings` says which opening it was.
"""

_CUT = """
[[cuts]]
log = {log}
size = {size}
root = {root}
"""

_REMOVALS = """\

# Who is removed without having left, why, and where the notice stands that was given before.
"""

_REMOVAL = """
[[removed]]
slug = {slug}
reason = {reason}
notice = {{ log = {log}, index = {index}, entry = {entry} }}
"""

_CONTINUES = """\
# The circle that this one goes on in place of.
continues = {continues}
"""


def write_charter(charter: Charter, differences: Sequence[str] = ()) -> str:
    """The text that says this. `differences` say in words what an amendment changes, each in one line.

    What is not plain is left in it, for `parse_version` to refuse.
    """
    rules = (charter, charter.clocks, charter.verification, charter.authority, charter.limits)
    return "".join(
        [
            _head(charter, differences),
            _name(charter),
            _RULES.format_map({name: value for table in rules for name, value in _values(table).items()}),
            *([_ATTACHMENTS.format_map(_values(charter.limits))] if charter.limits.attachment_bytes else []),
            _MEMBERS,
            *map(_member, charter.members),
            *_group(_TEXTS, (_TEXT.format_map(_values(text)) for text in charter.texts)),
            *_group(_CUTS, map(_cut, charter.cuts)),
            *_group(_REMOVALS, map(_removal, charter.removed)),
        ]
    )


def _head(charter: Charter, differences: Sequence[str]) -> str:
    if charter.version == 1:
        return _FIRST_HEAD.format_map(_values(charter))
    listed = "".join(f"# - {line}\n" for line in differences)
    return _AMENDMENT_HEAD.format_map(
        _values(charter) | {"number": str(charter.version), "differences": listed}
    )


def _name(charter: Charter) -> str:
    values = _values(charter)
    mode_words = _DRILL_WORDS if charter.mode == "drill" else _LIVE_WORDS
    continues = "" if charter.continues is None else "\n" + _CONTINUES.format_map(values)
    return _NAME.format_map(values | {"mode_words": mode_words, "continues": continues})


def _member(member: CharterMember) -> str:
    observer = "observer = true\n" if member.observer else ""
    sponsors = f"sponsors = {_list(member.sponsors)}\n" if member.sponsors else ""
    return _MEMBER.format_map(_values(member)) + observer + sponsors


def _cut(cut: Cut) -> str:
    openings = f"openings = {_list(cut.openings)}\n" if cut.openings else ""
    return _CUT.format_map(_values(cut)) + openings


def _removal(removal: Removal) -> str:
    return _REMOVAL.format_map(_values(removal) | _values(removal.notice))


def _group(words: str, parts: Iterable[str]) -> list[str]:
    found = list(parts)
    return [words, *found] if found else []


def _values(table: msgspec.Struct) -> dict[str, str]:
    """What stands behind the equals sign, for each key of the table whose value is a text or a number."""
    values = ((name, getattr(table, name)) for name in table.__struct_fields__)
    return {
        name: _quoted(value) if isinstance(value, str) else str(value)
        for name, value in values
        if isinstance(value, str | int)
    }


def _list(values: Sequence[str]) -> str:
    """In one line, or where that would be long, each in a line of its own: a line has 2,048 bytes at most."""
    quoted = [_quoted(value) for value in values]
    line = f"[{', '.join(quoted)}]"
    return line if len(line) <= _SHORT_LINE else "".join(["[\n", *(f"  {one},\n" for one in quoted), "]"])


def _quoted(value: str) -> str:
    """A TOML string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""' if "\n" in value else f'"{escaped}"'
