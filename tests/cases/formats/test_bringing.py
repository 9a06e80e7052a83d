"""What becomes of a file that is larger than the records which it may take: what has no place is listed."""

from tests.cases.formats.files import attribute, event, file_of, into, written

from tocsin.cases.formats import Imported, read_misp
from tocsin.cases.formats.bringing import MAX_REPORTS, Found, Gist, bring
from tocsin.cases.formats.keeping import Carried, carried_in, restore
from tocsin.cases.formats.trees import leaves
from tocsin.core.records import Report, Source


def reports_of(imported: Imported) -> list[Report]:
    """The reports that it becomes, each of which can be written."""
    return [one.record for one in written(imported).said if isinstance(one.record, Report)]


def carried(reports: list[Report], name: str) -> list[Carried]:
    """What they carry."""
    return [one for report in reports if (one := carried_in(report.more, name))]


def test_what_more_reports_would_have_to_carry_is_listed() -> None:
    """Of an event too large for all reports there may be, each attribute is in them, or is listed."""
    hosts = [f"host-{at}.example" for at in range(5_000)]
    value = event(Attribute=[attribute("domain", host, comment="x" * 900) for host in hosts], Object=[])
    (imported,) = read_misp(file_of({"Event": value}), into())
    reports = reports_of(imported)
    there = {path.rpartition("/")[0] for path in leaves(restore(carried(reports, "misp")))}
    listed = {one.path for one in imported.no_place}
    attributes = {f"/Event/Attribute/{at}" for at in range(len(hosts))}
    left = set(hosts) - {one.value for report in reports for one in report.fingerprints or ()}

    assert len(reports) == MAX_REPORTS
    assert 0 < len(attributes & listed) < len(attributes)
    assert attributes - listed == attributes & {f"/Event{path}" for path in there}
    assert 0 < len(left) < len(hosts)
    assert f"{len(left)} fingerprints or sources too many" in {one.why for one in imported.no_place}


def test_what_no_report_has_room_for_beside_its_source_is_listed() -> None:
    """A value that would fit, were the source not so long, keeps nothing out that comes after it."""
    source = Source(kind="website", locator="\x01" * 2_000, obtained="received")
    gist = Gist(sources=[source], placed=(), element="")
    document = Found(
        name="x", identifier="1", title="", document={"large": "x" * 55_000, "small": 1}, gists=[gist]
    )
    imported = bring(document, "TLP:GREEN", into())

    assert [one.path for one in imported.no_place] == ["/large"]
    assert restore(carried(reports_of(imported), "x")) == {"small": 1}
