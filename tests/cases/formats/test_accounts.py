"""Whatever a report can say comes back from every format that has room for it, as it was said."""

from collections.abc import Callable
from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.formats.files import into, out, pictured
from tests.cases.picture.desks import Desks, url
from tests.core.case_records import earlier_reports, reports

from tocsin.cases.formats import (
    Exported,
    Imported,
    Into,
    Outgoing,
    read_misp,
    read_stix,
    write_misp,
    write_oecd,
    write_oecd_table,
    write_stix,
)
from tocsin.cases.formats.ids import stamp
from tocsin.cases.picture import CaseView
from tocsin.core.records import Moment, Report, Source, encode_record
from tocsin.core.records.cases.report import Described

FIELDS = [*get_args(Described), "lang", "translations"]
BOTH = [(write_misp, read_misp), (write_stix, read_stix)]

Write = Callable[[CaseView, Outgoing], Exported]
Read = Callable[[bytes, Into], tuple[Imported, ...]]


def told(report: Report) -> Desks:
    """A case that begins with what a report says, by its sources that are no records."""
    desks = Desks()
    sources = [one for one in report.sources if one.kind != "record"] or [url("one")]
    desks.reports("alder", *sources, **{field: getattr(report, field) for field in FIELDS})
    return desks


def can_be_written(report: Report) -> bool:
    """Whether all of its times are of years that others can write."""
    times = [one.at_ms for one in report.moments or ()]
    times += [one.obtained_at_ms for one in report.sources if one.obtained_at_ms is not None]
    return all(stamp(at_ms) for at_ms in times)


def fits(report: Report) -> bool:
    """Whether the account fits into one record with what is carried besides."""
    return len(encode_record(report)) < 10_000


def once(value: object) -> object:
    """What a list says, each thing once: twice said is no more."""
    return tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value


@pytest.mark.parametrize(("write", "read"), BOTH, ids=["misp", "stix"])
@given(report=reports().filter(can_be_written).filter(fits))
@settings(max_examples=30, deadline=None)
def test_any_report(report: Report, write: Write, read: Read) -> None:
    """Every field of any report, and each of its sources, comes back; nothing is listed as lost.

    What its author says of itself, whoever takes it in says of another.
    """
    desks = told(report)
    before = desks.said[0].record
    file = write(desks.view(), out())
    (imported,) = read(file.data, into())
    after = imported.opening

    assert isinstance(before, Report)
    assert file.no_place == ()
    told_moments = {
        (one.clock, one.told.asserted_by, one.name or ""): one.told for one in before.moments or ()
    }
    assert once(after.moments or ()) == tuple(told_moments[key] for key in sorted(told_moments))
    fields = [field for field in FIELDS if field != "moments"]
    assert [field for field in fields if once(getattr(after, field)) != once(getattr(before, field))] == []
    assert after.sources == tuple(dict.fromkeys(one.told for one in before.sources))


OWN_WORDS = {
    "moments": (Moment(asserted_by="author", at_ms=1_780_000_000_123, clock="detected", precision="second"),)
}
OWN_EYES = Source(kind="sensor", locator="camera-7", obtained="first-hand")


@pytest.mark.parametrize(("write", "read"), BOTH, ids=["misp", "stix"])
def test_nobody_takes_in_a_word_of_its_own(write: Write, read: Read) -> None:
    """What another saw and says itself was received, and is said by another; it leaves again as it came."""
    desks = Desks()
    desks.reports("alder", OWN_EYES, **OWN_WORDS)
    file = write(desks.view(), out())
    (imported,) = read(file.data, into())
    (source,), (moment,) = imported.opening.sources, imported.opening.moments or ()

    assert (source.locator, source.obtained) == ("camera-7", "received")
    assert (moment.clock, moment.asserted_by) == ("detected", "other")
    again = write(pictured(imported), out())
    kept, turned = (
        any(form % how in again.data for form in (b'"obtained": "%b"', b"sensor|%b|"))
        for how in (b"first-hand", b"received")
    )
    assert (kept, turned) == (True, False)
    assert not any("took it back" in (one.why or "") for one in again.no_place)


@pytest.mark.parametrize("write", [write_misp, write_stix, write_oecd, write_oecd_table])
@given(report=reports() | earlier_reports())
@settings(max_examples=20, deadline=None)
def test_any_report_leaves(report: Report, write: Write) -> None:
    """Any report leaves, also one of the versions before 0.3.0, and what it has that does not is listed."""
    desks = Desks()
    desks.says("alder", msgspec.structs.replace(report, case=None))
    file = write(desks.view(), out())

    assert file.data
    assert {one.where for one in file.no_place} <= {"no-place"}


@given(st.sampled_from(BOTH), st.integers(1, 3))
@settings(deadline=None)
def test_citations(both: tuple[Write, Read], count: int) -> None:
    """A source that is another record is cited by the identifier under which that leaves."""
    write, read = both
    desks = Desks()
    first = desks.reports("alder", url("one"))
    for _ in range(count):
        desks.cites("birch", first)
    (imported,) = read(write(desks.view(), out()).data, into())
    cited = {
        source
        for record in imported.following(desks.case)
        if isinstance(record, Report)
        for source in record.sources
    }

    assert {(one.kind, one.obtained) for one in cited} == {("document", "received")}
    assert len(cited) == 1
    assert isinstance(cited.pop(), Source)
