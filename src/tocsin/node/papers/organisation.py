"""The public half of an organisation key, as its file has it and as a circle names it.

In its file a key is named after its mode, `live` or `drill`; in a circle `<domain>/<member>`. The secret half
has no place here: no node reads it.
"""

from typing import Literal, TypeAlias, get_args

from tocsin.circles.errors import DrillAtLive, LiveAtDrill, NonMember
from tocsin.circles.founding.charter import Charter, CharterMember
from tocsin.core.errors import MalformedKey, quoted
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import is_drill, organisation_name

Mode: TypeAlias = Literal["live", "drill"]
MODES: tuple[Mode, ...] = get_args(Mode)


def mode_of(domain: str) -> Mode:
    """What a circle of that domain is."""
    return "drill" if is_drill(domain) else "live"


def last_line(data: bytes) -> str:
    """Where the key stands in its file, below the words for people."""
    return data.decode("latin-1").rstrip("\n").rpartition("\n")[2]


def parse_public(data: bytes, mode: Mode | None) -> VerifyingKey:
    """The public half, of this mode or of either. Raises MalformedKey, and what `check_mode` raises."""
    key = VerifyingKey.parse(last_line(data))
    check_mode(key, mode)
    return key


def check_mode(key: VerifyingKey, mode: Mode | None) -> None:
    """That a key is named after this mode, or after one. Raises MalformedKey, DrillAtLive or LiveAtDrill."""
    if key.name not in MODES:
        raise MalformedKey(f"Expected an organisation key, found a key named {quoted(key.name)}.")
    if mode and key.name != mode:
        wrong = DrillAtLive if mode == "live" else LiveAtDrill
        raise wrong(f"Expected the organisation key for {mode} circles, found the one for the other kind.")


def public_in_circle(key: VerifyingKey, domain: str, member: str) -> VerifyingKey:
    """The key under the name that it has in a circle."""
    return VerifyingKey(organisation_name(domain, member), key.type, key.public)


def place_of(charter: Charter, public: VerifyingKey) -> CharterMember:
    """The member whose organisation key that is, in the key's own mode.

    Raises DrillAtLive, LiveAtDrill or MalformedKey for a key of the other mode or of none; NonMember.
    """
    if member := listed(charter, public):
        return member
    slugs = ", ".join(member.slug for member in charter.members)
    raise NonMember(
        f"Expected the organisation key of a member of this charter ({slugs}), found one that it does not "
        "list. Next: use the key whose public half you gave for the draft, or have the charter drafted anew; "
        "with the key that an amendment replaces, name its member by --old-key-of."
    )


def listed(charter: Charter, public: VerifyingKey) -> CharterMember | None:
    """The member of that key, if there is one. Raises what `check_mode` raises."""
    check_mode(public, mode_of(charter.domain))
    keyed = (member for member in charter.members if member.key().public == public.public)
    return next(keyed, None)
