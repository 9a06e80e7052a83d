"""A report's description as it stands in other formats: the fields of the AI-incident extension.

One shape for both directions and for every format that has room for it. What a report says that has no place
in it is listed by `unaccounted`. docs/formats.md and the JSON Schema shipped with the package say the same.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tocsin.cases.formats.ids import name_of, parse_stamp, stamp, uuid_of
from tocsin.cases.picture.view import Corrected
from tocsin.core.records import (
    Attachment,
    Fingerprint,
    Moment,
    Operator,
    Ref,
    Source,
    System,
    Translation,
)
from tocsin.core.records.cases.parts import Economy
from tocsin.core.records.cases.vocabulary import (
    Asserter,
    Clock,
    Event,
    Harm,
    Obtained,
    Precision,
    Relation,
    Severity,
    SourceKind,
    Task,
)
from tocsin.core.records.common import Lang, Sha256Hex
from tocsin.core.records.errors import MalformedRecord

_Stamp = Annotated[str, Meta(min_length=20, max_length=30)]


class AccountMoment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A moment that a law may count from, as RFC 3339, and who says so."""

    clock: Clock
    at: _Stamp
    precision: Precision
    asserted_by: Asserter
    name: Annotated[str, Meta(min_length=1)] | None = None


class AccountSource(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where evidence was first seen. A source of kind *record* is another account, by its `urn:uuid:`."""

    kind: SourceKind
    locator: Annotated[str, Meta(min_length=1)]
    obtained: Obtained | None = None
    obtained_at: _Stamp | None = None
    sha256: Sha256Hex | None = None


class Account(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one organisation says of an incident in which AI has a part."""

    event: Event | None = None
    severity: Severity | None = None
    relation: Relation | None = None
    harms: Annotated[tuple[Harm, ...], Meta(max_length=8)] = ()
    tasks: Annotated[tuple[Task, ...], Meta(max_length=9)] = ()
    economies: Annotated[tuple[Economy, ...], Meta(max_length=32)] = ()
    systems: Annotated[tuple[System, ...], Meta(max_length=16)] = ()
    operators: Annotated[tuple[Operator, ...], Meta(max_length=16)] = ()
    fingerprints: Annotated[tuple[Fingerprint, ...], Meta(max_length=64)] = ()
    moments: Annotated[tuple[AccountMoment, ...], Meta(max_length=16)] = ()
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=16)] = ()
    sources: Annotated[tuple[AccountSource, ...], Meta(max_length=32)] = ()
    lang: Lang | None = None
    translations: Annotated[tuple[Translation, ...], Meta(max_length=16)] = ()
    exercise: bool = False


_PLAIN = ("event", "severity", "relation", "lang")
_LISTS = (
    "harms",
    "tasks",
    "economies",
    "systems",
    "operators",
    "fingerprints",
    "attachments",
    "translations",
)


def account_of(report: Corrected, *, drill: bool) -> Account:
    """What a report says, without what `unaccounted` lists."""
    said: dict[str, Any] = {name: getattr(report, name) for name in _PLAIN}
    said |= {name: getattr(report, name) or () for name in _LISTS}
    return Account(
        **said,
        moments=tuple(moment for one in report.moments or () if (moment := _moment(one))),
        sources=tuple(_source(one) for one in report.sources),
        exercise=drill,
    )


def unaccounted(report: Corrected) -> Iterator[str]:
    """The fields of a report that an account says nothing of, or not all."""
    if any(_moment(one) is None for one in report.moments or ()):
        yield "moments"
    if any(one.obtained_at_ms is not None and stamp(one.obtained_at_ms) is None for one in report.sources):
        yield "sources"


def read_account(value: object) -> Account | None:
    """The account that a decoded JSON object is; None if it is none. What is a set is put in order."""
    try:
        account = msgspec.convert(value, Account)
        return msgspec.structs.replace(
            account,
            harms=tuple(sorted(set(account.harms))),
            tasks=tuple(sorted(set(account.tasks))),
            economies=tuple(sorted(set(account.economies))),
            fingerprints=tuple(sorted(set(account.fingerprints))),
            translations=tuple(
                one for _, one in sorted({one.lang: one for one in account.translations}.items())
            ),
        )
    except (msgspec.ValidationError, MalformedRecord):
        return None


def moments_in(account: Account, *, officer: bool) -> tuple[Moment, ...]:
    """The moments that an account of another names, in order, each once.

    *Aware* only if an officer writes them down.
    """
    found = {}
    for one in account.moments:
        at_ms = parse_stamp(one.at)
        if at_ms is not None and (officer or one.clock != "aware"):
            told = Moment(
                asserted_by=one.asserted_by,
                at_ms=at_ms,
                clock=one.clock,
                precision=one.precision,
                name=one.name,
            ).told
            found[told.clock, told.asserted_by, told.name or ""] = told
    return tuple(moment for _, moment in sorted(found.items(), key=lambda item: item[0]))


def source_in(source: AccountSource) -> Source:
    """The source that an account of another names: another account is a document that was received."""
    is_record = source.kind == "record"
    return Source(
        kind="document" if is_record else source.kind,
        locator=source.locator,
        obtained=source.obtained or ("received" if is_record else "other"),
        obtained_at_ms=None if source.obtained_at is None else parse_stamp(source.obtained_at),
        sha256=source.sha256,
    ).told


def urn_of(ref: Ref) -> str:
    """How the account that a record gives is cited outside."""
    return f"urn:uuid:{uuid_of('account', name_of(ref))}"


def _moment(moment: Moment) -> AccountMoment | None:
    at = stamp(moment.at_ms)
    if at is None:
        return None
    return AccountMoment(
        clock=moment.clock,
        at=at,
        precision=moment.precision,
        asserted_by=moment.asserted_by,
        name=moment.name,
    )


def _source(source: Source) -> AccountSource:
    if source.record is not None:
        return AccountSource(kind="record", locator=urn_of(source.record))
    return AccountSource(
        kind=source.kind,
        locator=source.locator or "-",
        obtained=source.obtained,
        obtained_at=None if source.obtained_at_ms is None else stamp(source.obtained_at_ms),
        sha256=source.sha256,
    )
