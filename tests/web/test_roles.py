"""Every page says who may ask for it, and nobody else gets it."""

import asyncio
import re
from pathlib import Path

import pytest
from tests.node.nodes import Founded, found, free_port
from tests.web.browsing import Browser, OpenDoor, Opened, someone

from tocsin.node.node import Node
from tocsin.web.parts import Parts
from tocsin.web.serving.app import Application
from tocsin.web.serving.page import Page
from tocsin.web.serving.person import Role
from tocsin.web.serving.static import Assets
from tocsin.web.serving.visit import Site

pytestmark = pytest.mark.anyio

# These everybody needs who is to come in.
OPEN = {"/sign-in", "/sign-in/challenge", "/invited", "/invited/challenge", "/invited/enrol"}


# For these, a sign-in of any age will do: what an approver or an administrator begins, looks at, or can undo.
# What binds the organisation in a circle for good takes its organisation key besides, which is not here.
UNDONE_OR_BEGUN = {
    "/circles/new/introduce",
    "/circles/new/draft",
    "/circles/new/read",
    "/circles/new/sign",
    "/circles/founding/{circle}",
    "/circles/founding/{circle}/join",
    "/circles/join",
    "/circles/file",
    "/circles/{circle}/amend",
    "/circles/{circle}/amend/read",
    "/circles/{circle}/amend/signed",
    "/circles/{circle}/leave/cancel",
    "/circles/{circle}/members/{member}/suspend",
    "/circles/{circle}/members/{member}/resume",
    "/circles/{circle}/members/{member}/removal",
    "/people/{account}/sign-out",
}
# These take a fresh one, though anybody may do them, or any officer: how one comes in, or signs.
OWN_KEYS = {"/account/ways", "/account/ways/challenge", "/account/ways/remove", "/keys/forget"}


def pages(node: Node) -> tuple[list[Page], Opened]:
    """All pages of a console, behind an open door."""
    settings = node.config.console
    assert settings
    parts = Parts(node, settings)
    door, faults = OpenDoor(), list[BaseException]()
    site = Site(parts.templates, Assets(), "http://localhost:8450", "Desk east")
    every = list(parts.pages())
    return every, Opened(Application(site, door, every, faults.append).asgi(), door, faults)


def opening(founded: Founded) -> None:
    """The configuration of the first node says that it has a console."""
    founded.places[0].more = f"""
        [console]
        listen = "127.0.0.1:{free_port()}"
        public = "http://localhost:8450"
        unsafe_loopback = true
    """


def somewhere(path: str) -> str:
    """An address of a page, with something where its path has a name."""
    return re.sub(r"{[^}]+}", "x", re.sub(r"{\w+:int}", "1", path))


async def test_no_page_is_for_whom_it_is_not(tmp_path: Path) -> None:
    """Asked for by nobody, and by people with every role but the one it takes, it is refused."""
    founded = found(tmp_path, 2)
    opening(founded)
    async with founded.running("east") as (node,):
        every, opened = pages(node)
        nobody = Browser(opened)
        for one in every:
            path = somewhere(one.path)
            if one.role is None:
                assert one.path in OPEN
                continue
            others = Browser(opened, someone(*(set(Role) - {one.role})))
            for browser, wanted in ((nobody, (303, 401)), (others, (403,))):
                if one.role is Role.READER and browser is others:
                    continue
                ask = browser.get if one.method == "GET" else browser.post
                async with asyncio.timeout(5):
                    answer = await ask(path)
                assert answer.status in wanted, (one.method, one.path, answer.status)


async def test_what_cannot_be_undone_takes_a_fresh_sign_in(tmp_path: Path) -> None:
    """Whatever binds the organisation, sees to people or changes keys sends an old session to sign in."""
    founded = found(tmp_path, 2)
    opening(founded)
    async with founded.running("east") as (node,):
        every, opened = pages(node)
        gets = {one.path for one in every if one.method == "GET"}
        grave = {
            one.path
            for one in every
            if one.method == "POST" and one.role in (Role.APPROVER, Role.ADMINISTRATOR)
        }
        assert grave >= UNDONE_OR_BEGUN
        assert {one.path for one in every if one.fresh is not None} == grave - UNDONE_OR_BEGUN | OWN_KEYS

        stale = Browser(opened, someone(*Role, fresh=False))
        for one in every:
            if one.fresh is None:
                continue
            answer = await stale.post(somewhere(one.path))
            way, _, back = answer.headers["location"].partition("&next=")
            assert (answer.status, way) == (303, "/sign-in?again=1"), one.path
            assert back in map(somewhere, gets), one.path
        assert opened.faults == []
