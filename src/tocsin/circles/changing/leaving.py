"""Leaving: a member goes when it wants to, by one statement of its organisation (docs/protocol.md, 7.3)."""

from tocsin.core.keys import SigningKey, encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Leaving, Seen, Tlp, sign_record


def make_leaving(
    log: LogName,
    size: int,
    root: bytes,
    organisation_key: SigningKey,
    *,
    at_ms: int,
    tlp: Tlp,
    reason: str | None = None,
    lang: str | None = None,
) -> bytes:
    """The leaving of the member whose log is `log`, which ends with `size` entries and this root.

    Raises what `parse_record` raises.
    """
    leaving = Leaving(
        circle=log.circle,
        at_ms=at_ms,
        author="organisation",
        author_kind="officer",
        tlp=tlp,
        member=log.member,
        final=Seen(log=str(log), root=encode_base64(root), size=size),
        reason=reason,
        lang=lang,
    )
    return sign_record(leaving, organisation_key)
