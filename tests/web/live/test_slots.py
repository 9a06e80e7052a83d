"""What stands above every page."""

import pytest
from tests.web.browsing import ORIGIN, Browser, OpenDoor, Opened, someone

from tocsin.web.live.slots import guarded
from tocsin.web.serving.app import Application
from tocsin.web.serving.static import Assets
from tocsin.web.serving.templates import make_environment
from tocsin.web.serving.visit import Site, Visit

pytestmark = pytest.mark.anyio


def broken(visit: Visit) -> str:
    """Something in it cannot be shown to anybody."""
    raise RuntimeError(visit.person.name)


async def test_what_cannot_be_shown_above_a_page_keeps_no_page_from_coming() -> None:
    """Not even one that says what is wrong; the page says so, and the node is told."""
    door, faults = OpenDoor(), list[BaseException]()
    slots = {"siren": guarded(broken, faults.append), "pending": guarded(lambda _: "whole", faults.append)}
    site = Site(make_environment(), Assets(), ORIGIN, "Desk east", slots=slots)
    browser = Browser(Opened(Application(site, door, [], faults.append).asgi(), door, faults), someone())
    answer = await browser.get("/nothing")
    assert answer.status == 404
    assert "Something that belongs here cannot be shown." in answer.text
    assert "whole" in answer.text
    assert [str(fault) for fault in faults] == ["Aru"]
