"""Drafts of first charters, for people to talk about and change."""

from collections.abc import Sequence

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
from tocsin.circles.founding.text import write_charter
from tocsin.core.names import is_drill
from tocsin.core.records import Tlp

_DEFAULT_CLOCKS = Clocks(acknowledge_within_minutes=15, answer_within_minutes=240)
_DEFAULT_VERIFICATION = Verification(independent_sources=2, organisations=2, economies=2)
_DEFAULT_AUTHORITY = Authority(
    statement="Members inform each other; no member instructs another. A request is not an order.\n"
    "Nothing said in this circle is a decision under any law unless it says so.\n"
)
DEFAULT_LIMITS = Limits(records_per_second=1_000, bytes_per_day=10_000_000_000)


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
    limits: Limits = DEFAULT_LIMITS,
    texts: Sequence[AuthenticText] = (),
    continues: str | None = None,
) -> str:
    """The text of a first charter, which `parse_charter` reads. `nonce` is 32 random bytes.

    A drill is what its domain says; the quorum is more than half of the members unless told; `continues` is
    the id of a circle that this one goes on in place of. Raises what parse_charter raises.
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
        continues=continues,
    )
    text = write_charter(charter)
    parse_charter(text)
    return text
