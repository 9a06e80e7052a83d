"""What somebody can do who has a session's cookie and nothing else: look, and little more."""

from pathlib import Path

import pytest
from tests.web.acting.house import ARU, house
from tests.web.browsing import someone

from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio

_STALE = someone(Role.OFFICER, name="Aru", fresh=False)


async def test_no_notice_and_no_reply_is_drafted_without_a_fresh_sign_in(tmp_path: Path) -> None:
    """Nor written with one: that takes the officer's own key, which no cookie has."""
    async with house(tmp_path) as at:
        path = f"/circles/{at.id}/members/north/notice"
        fields = {"reason": "It forked.", "lang": "en", "hours": "24"}
        roles = (Role.OFFICER, Role.APPROVER)
        size = at.size

        stale = await at.browser(someone(*roles, name="Aru", fresh=False)).post(path, fields)
        stolen = at.browser(someone(*roles, name="Aru"))
        drafted = await stolen.post(path, fields)
        confirmed = await stolen.post(drafted.headers["location"], {"real": "1", "signature": "x"})
        await at.clock.forward(60.0)

        assert stale.headers["location"].startswith("/sign-in?again=1")
        assert drafted.headers["location"].startswith("/confirm/")
        assert confirmed.status == 422
        assert at.size == size


async def test_no_key_leaves_the_card_without_a_fresh_sign_in(tmp_path: Path) -> None:
    """Neither one's own: whoever has the cookie could silence its officer."""
    async with house(tmp_path) as at:
        key = await at.enrol(ARU)
        vkey = key.verifying.encode()

        await at.browser(_STALE).post("/keys/forget", {"vkey": vkey})
        kept = at.node.officers.of(ARU.person.id)
        at.browser(ARU)
        await at.browser(ARU).post("/keys/forget", {"vkey": vkey})

        assert [one.vkey for one in kept] == [vkey]
        assert at.node.officers.of(ARU.person.id) == []


@pytest.mark.parametrize("fields", [{"circle": "x", "ask": "y"}, {"circle": "a" * 64, "ask": "z" * 9_000}])
async def test_what_is_declined_is_an_ask(tmp_path: Path, fields: dict[str, str]) -> None:
    """Any other text fills no database."""
    async with house(tmp_path) as at:
        answer = await at.browser(ARU).post("/proposals/decline", fields)

        assert answer.status in (404, 422)
        assert at.node.store.documents("console/declined") == {}
