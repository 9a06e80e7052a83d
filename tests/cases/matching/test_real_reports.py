"""The evaluation on real reports. They are not in the project: TOCSIN_DATA names the folder that has them."""

import os
from pathlib import Path

import pytest
from tools import matching

FILE = "aiid_incidents_1_700.json"


def reports() -> list[matching.Report]:
    """The reports, where they are."""
    folder = os.environ.get("TOCSIN_DATA")
    if folder is None or not (path := Path(folder) / FILE).exists():
        pytest.skip(f"{FILE} is not here; set TOCSIN_DATA to the folder that has it")
    return matching.read(path)


@pytest.mark.slow
@pytest.mark.parametrize(("by_url", "least_first", "least_ten"), [(False, 0.73, 0.87), (True, 0.75, 0.89)])
def test_reports_find_the_others_of_their_incident(
    *, by_url: bool, least_first: float, least_ten: float
) -> None:
    """Without a model, asking by title, or by title and URL, stays at what docs/decisions/0025 says."""
    every = reports()
    desk, siblings = matching.Desk(every), matching.Siblings(every)
    asking = [report for report in every if siblings.of(report)]
    founds = [desk.asked(report, 10, 0, by_url=by_url) for report in asking[::4]]
    first = sum(found.right[:1] == [True] for found in founds) / len(founds)
    ten = sum(any(found.right) for found in founds) / len(founds)
    assert first > least_first
    assert ten > least_ten


def test_halves_share_no_incident() -> None:
    """No incident has reports in both halves, and the halves are about as large."""
    every = reports()
    halves = [
        {incident for report in every if report.first_half is first for incident in report.incidents}
        for first in (True, False)
    ]
    assert not halves[0] & halves[1]
    assert all(len(half) > 250 for half in halves)
