"""Incidents of the AI Incident Database come in as cases, and each press report is a source."""

import json
import os
from pathlib import Path

import pytest
from tests.cases.formats.files import file_of, incident, into, written

from tocsin.cases.formats import read_aiid
from tocsin.cases.formats.aiid.reading import MAX_INCIDENTS
from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.trees import leaves
from tocsin.core.records import Operator, Report
from tocsin.core.records.errors import HandlingExceeded

FOLDER = os.environ.get("TOCSIN_DATA")
FILE = Path(FOLDER or ".") / "aiid_incidents_1_700.json"


def unaccounted(value: object, places: set[str]) -> list[str]:
    """The elements of a file of which nothing says where they went."""
    return [
        path
        for path in leaves(value)  # type: ignore[arg-type]
        if not any("/".join(path.split("/")[:end]) in places for end in range(1, path.count("/") + 2))
    ]


def test_a_story() -> None:
    """Title, day, deployer and press reports are summary, moment, operator and sources."""
    (one,) = read_aiid(file_of([incident()]), into())
    report = one.opening

    assert (report.summary, report.lang, report.tlp) == (incident()["title"], "en", "TLP:CLEAR")
    assert report.operators == (Operator(name="Hazel", role="deployer"),)
    assert [source.locator for source in report.sources] == [
        "https://news.example/ramp",
        "https://incidentdatabase.ai/reports/2",
    ]
    assert [moment.asserted_by for moment in report.moments or ()] == ["press"]
    assert unaccounted([incident()], {placed.path for placed in one.placed}) == []


def test_without_a_report() -> None:
    """An incident without a press report has the database itself as its source."""
    (one,) = read_aiid(file_of([incident(reports=[])]), into())

    assert [source.locator for source in one.opening.sources] == ["https://incidentdatabase.ai/cite/9001"]


def test_many_reports() -> None:
    """More press reports than one record takes as sources go into further reports of the case."""
    reports = [{"report_number": at, "url": f"https://news.example/{at}"} for at in range(100)]
    (one,) = read_aiid(file_of([incident(reports=reports)]), into())
    cited = {
        source.locator
        for said in written(one).said
        if isinstance(said.record, Report)
        for source in said.record.sources
    }

    assert cited == {report["url"] for report in reports}


@pytest.mark.parametrize("value", [{}, [{}], [1], [{"incident_id": "1", "title": "a"}]], ids=range(4))
def test_malformed(value: object) -> None:
    """What is no list of incidents is refused."""
    with pytest.raises(MalformedFile):
        read_aiid(file_of(value), into())


def test_the_officers_label() -> None:
    """The officer can say that fewer may see it; a circle that takes no such label refuses it."""
    with pytest.raises(HandlingExceeded):
        read_aiid(file_of([incident()]), into(unlabelled="TLP:RED", handling="TLP:AMBER"))


@pytest.mark.skipif(FOLDER is None, reason="TOCSIN_DATA names no folder with real data")
@pytest.mark.skipif(FOLDER is not None and not FILE.exists(), reason=f"{FILE.name} is not in TOCSIN_DATA")
def test_the_real_database() -> None:
    """Each real incident comes in, with all of its press reports as sources, and nothing unaccounted for."""
    data = FILE.read_bytes()
    document = json.loads(data)
    imported = read_aiid(data, into())

    assert len(imported) == len(document)
    places = {placed.path for one in imported for placed in one.placed}
    assert unaccounted(document, places) == []
    assert [placed for one in imported for placed in one.no_place] == []
    for value, one in zip(document, imported, strict=True):
        said = [one.opening, *one.following(written(one).case)]
        cited = {source.locator for record in said for source in record.sources or ()}
        assert {report["url"] for report in value["reports"] if report["url"]} <= cited


def test_too_many() -> None:
    """A file of more incidents than one import takes is refused as a whole."""
    one = {"incident_id": 1, "title": "x"}
    with pytest.raises(MalformedFile, match="4096 incidents"):
        read_aiid(file_of([one] * (MAX_INCIDENTS + 1)), into())
