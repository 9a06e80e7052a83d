"""Drafts of charters, for people to talk about and change: the values of a `Charter`, with words around them.

The comments are part of the text, and are signed with it. Whoever edits the text by hand may change them too;
what counts for a node is what `parse_charter` reads.
"""

from collections.abc import Sequence

import msgspec

from tocsin.circles.founding.charter import (
    AuthenticText,
    Authority,
    Charter,
    CharterMember,
    Clocks,
    Limits,
    Verification,
    parse_charter,
)
from tocsin.core.names import is_drill
from tocsin.core.records import Tlp

_DEFAULT_CLOCKS = Clocks(acknowledge_within_minutes=15, answer_within_minutes=240)
_DEFAULT_VERIFICATION = Verification(independent_sources=2, organisations=2, economies=2)
_DEFAULT_AUTHORITY = Authority(
    statement="Members inform each other; no member instructs another. A request is not an order.\n"
    "Nothing said in this circle is a decision under any law unless it says so.\n"
)
_DEFAULT_LIMITS = Limits(records_per_second=1_000, bytes_per_day=10_000_000_000)

_HEAD = """\
# CHARTER OF A CIRCLE
#
# The organisations listed below agree to inform each other. Each of them writes in a log of its own,
# which only it can continue and which all the others keep. What one writes, every other receives, and
# nobody else does.
#
# This text founds the circle once every organisation listed has signed it, and not before. It is signed
# as it stands here, explanations included: a change of one letter makes another text, which none of
# them has signed.

format = "tocsin-charter/v1"
version = 1
"""

_NAME = """\

# The name under which the circle's logs and keys are known.
domain = {domain}

{mode_words}
mode = {mode}

# Drawn at random, so that no two circles are the same.
nonce = {nonce}

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


def draft_charter(
    *,
    domain: str,
    title: str,
    purpose: str,
    members: Sequence[CharterMember],
    nonce: bytes,
    quorum: int | None = None,
    handling: Tlp = "TLP:AMBER",
    clocks: Clocks = _DEFAULT_CLOCKS,
    verification: Verification = _DEFAULT_VERIFICATION,
    authority: Authority = _DEFAULT_AUTHORITY,
    limits: Limits = _DEFAULT_LIMITS,
    texts: Sequence[AuthenticText] = (),
) -> str:
    """The text of a first charter, which `parse_charter` reads. `nonce` is 32 random bytes.

    A drill is what its domain says; the quorum is more than half of the members unless told. Raises what
    parse_charter raises.
    """
    drill = is_drill(domain)
    charter = Charter(
        format="tocsin-charter/v1",
        version=1,
        domain=domain,
        mode="drill" if drill else "live",
        nonce=nonce.hex(),
        title=title,
        purpose=purpose,
        quorum=len(members) // 2 + 1 if quorum is None else quorum,
        handling=handling,
        clocks=clocks,
        verification=verification,
        authority=authority,
        limits=limits,
        members=tuple(members),
        texts=tuple(texts),
    )
    text = _write(charter)
    parse_charter(text)
    return text


def _write(charter: Charter) -> str:
    mode_words = _DRILL_WORDS if charter.mode == "drill" else _LIVE_WORDS
    rules = (charter, charter.clocks, charter.verification, charter.authority, charter.limits)
    parts = [
        _HEAD,
        _NAME.format(mode_words=mode_words, **_values(charter)),
        _RULES.format_map({name: value for table in rules for name, value in _values(table).items()}),
        _MEMBERS,
        *(_MEMBER.format_map(_values(member)) for member in charter.members),
    ]
    if charter.texts:
        parts += [_TEXTS, *(_TEXT.format_map(_values(text)) for text in charter.texts)]
    return "".join(parts)


def _values(table: msgspec.Struct) -> dict[str, str]:
    """What stands behind the equals sign, for each key of the table whose value is a text or a number."""
    values = ((name, getattr(table, name)) for name in table.__struct_fields__)
    return {
        name: _quoted(value) if isinstance(value, str) else str(value)
        for name, value in values
        if isinstance(value, str | int)
    }


def _quoted(value: str) -> str:
    """A TOML string. What is not plain is left in it, for `parse_charter` to refuse."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""' if "\n" in value else f'"{escaped}"'
