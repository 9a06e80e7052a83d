"""Two members of a circle, whose nodes a test starts as processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.nodes import found
from tests.process.members import Members


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    """East and north, neither running yet. What their nodes told their operators is shown if a test fails."""
    members = Members(found(tmp_path, 2))
    try:
        yield members
    finally:
        members.end_all()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end how often nodes were killed, and how many records they had acknowledged."""
    told = [dict(report.user_properties) for report in terminalreporter.stats.get("passed", [])]
    kills, acknowledged = (sum(one.get(key, 0) for one in told) for key in ("kills", "acknowledged"))
    if kills:
        terminalreporter.write_line(f"{kills} kills; {acknowledged} records acknowledged, none of them lost")
