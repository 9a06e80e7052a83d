"""Openings: a member's keys in a circle, vouched for by its organisation key (docs/protocol.md, 7.3 and 8.2).

An opening is believed because the organisation key, which the charter lists, signed it; everything that a
node knows of a member's keys stands in it.
"""

from tocsin.circles.errors import OpeningMismatch
from tocsin.circles.founding.charter import CharterMember
from tocsin.circles.founding.circle import Member, check_mode
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.core.errors import BadSignature
from tocsin.core.keys import SigningKey, VerifyingKey
from tocsin.core.names import LogName, is_drill
from tocsin.core.records import (
    Endpoint,
    Opening,
    Parsed,
    Previous,
    Reason,
    Tlp,
    parse_record,
    sign_record,
    tlp_at_most,
)
from tocsin.core.records.errors import HandlingExceeded


def opening_of(
    keys: MemberKeys,
    endpoint: Endpoint,
    *,
    at_ms: int,
    tlp: Tlp,
    previous: Previous | None = None,
    reason: Reason | None = None,
    compromised_since_ms: int | None = None,
) -> Opening:
    """The opening of `keys.log_name`, to be signed. Raises MalformedRecord.

    For every epoch but the first, `previous` and `reason` say how the one before ended, and why.
    """
    log = keys.log_name
    return Opening(
        circle=log.circle,
        at_ms=at_ms,
        author="organisation",
        author_kind="officer",
        tlp=tlp,
        member=log.member,
        epoch=log.epoch,
        log=keys.log.verifying.encode(),
        holder=keys.holder.verifying.encode(),
        witness=keys.witness.verifying.encode(),
        request=keys.request.verifying.encode(),
        tls_spki_sha256=endpoint.tls_spki_sha256,
        endpoint=endpoint.url,
        previous=previous,
        reason=reason,
        compromised_since_ms=compromised_since_ms,
    )


def make_opening(
    keys: MemberKeys,
    organisation_key: SigningKey,
    endpoint: Endpoint,
    *,
    at_ms: int,
    tlp: Tlp,
    previous: Previous | None = None,
    reason: Reason | None = None,
    compromised_since_ms: int | None = None,
) -> bytes:
    """What `opening_of` makes, signed by the organisation. Raises what `parse_record` raises."""
    opening = opening_of(
        keys,
        endpoint,
        at_ms=at_ms,
        tlp=tlp,
        previous=previous,
        reason=reason,
        compromised_since_ms=compromised_since_ms,
    )
    return sign_record(opening, organisation_key)


def read_opening(data: bytes) -> Opening:
    """What an opening says, nothing verified. Raises what `parse_record` raises, and OpeningMismatch."""
    return _opening_in(parse_record(data))


def open_opening(data: bytes, log: LogName, place: CharterMember, handling: Tlp) -> Member:
    """The member that stands at this place of the charter, with the keys that the opening of `log` names.

    (1) an opening: what `read_opening` raises; (2) of the circle's mode: DrillAtLive, LiveAtDrill; (3) of
    that log: OpeningMismatch; (4) within the charter's handling: HandlingExceeded; (5) signed by the
    organisation key: BadSignature.
    """
    # (1) an opening
    parsed = parse_record(data)
    opening = _opening_in(parsed)
    # (2) its mode
    check_mode(opening.log, drill=is_drill(log.domain))
    # (3) its place
    if opening.log_name != log:
        raise OpeningMismatch(f"Expected the opening of {log}, found that of {opening.log_name}.")
    # (4) its handling
    if not tlp_at_most(opening.tlp, handling):
        raise HandlingExceeded(f"Expected at most {handling}, found {opening.tlp}.")
    # (5) its signature
    organisation_key = place.key()
    if not signed_by(parsed, organisation_key):
        raise BadSignature(f"The opening of {log} is not signed by {organisation_key.encode()}.")
    return Member(
        slug=place.slug,
        label=place.label,
        economy=place.economy,
        log=log,
        organisation_key=organisation_key,
        log_key=opening.log_key,
        holder_key=opening.holder_key,
        witness_key=opening.witness_key,
        request_key=opening.request_key,
        opening=data,
        endpoint=Endpoint(url=opening.endpoint, tls_spki_sha256=opening.tls_spki_sha256),
        observer=place.observer,
    )


def signed_by(parsed: Parsed, key: VerifyingKey) -> bool:
    """Whether the record's one signature is that key's, and good."""
    signature = parsed.signature
    return (
        signature is not None
        and (signature.name, signature.key_id) == (key.name, key.key_id)
        and key.verify(parsed.signed, signature.data)
    )


def _opening_in(parsed: Parsed) -> Opening:
    if not isinstance(parsed.record, Opening):
        raise OpeningMismatch(f"Expected an opening, found a record of kind {parsed.record.kind}.")
    return parsed.record
