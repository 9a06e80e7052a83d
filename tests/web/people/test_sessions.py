"""Sessions: how they begin, last and end."""

import pytest
from tests.web.people.office import BY, ELSEWHERE, HOUR_MS, Office

from tocsin.web.people.sessions import MAX_OF_ACCOUNT, csrf_of, device_of
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio


async def test_a_restart_keeps_sessions() -> None:
    """Who is signed in stays so when the node starts again."""
    office = Office()
    _, device = await office.enrolled("Kim")
    begun = await office.signed_in(device)

    assert await office.again().who(begun.token)


async def test_a_stolen_cookie_is_no_good_after_signing_out_everywhere() -> None:
    """Signing out everywhere ends every session of that person, at once, and nobody else's."""
    office = Office()
    account, device = await office.enrolled("Kim")
    _, other = await office.enrolled("Lee")
    here, stolen = await office.signed_in(device), await office.signed_in(device, ELSEWHERE)
    lees = await office.signed_in(other)

    assert await office.people.sessions.end_all(account.id) == 3
    assert [await office.who(one.token) for one in (here, stolen)] == [None, None]
    assert await office.who(lees.token)


async def test_suspending_somebody_ends_their_sessions() -> None:
    """Who is suspended is out, in every browser, and is not in again when reinstated."""
    office = Office()
    account, device = await office.enrolled("Kim")
    begun = await office.signed_in(device)
    signed = await office.who(begun.token)
    assert signed
    assert office.people.stays(signed)
    await office.people.suspend(account.id, BY)

    assert await office.who(begun.token) is None
    assert not office.people.stays(signed)
    await office.people.reinstate(account.id, BY)
    assert await office.who(begun.token) is None


async def test_idle_and_absolute_ends() -> None:
    """A session ends after 12 hours without use, and after seven days with it."""
    office = Office()
    _, device = await office.enrolled("Kim")
    idle, used = await office.signed_in(device), await office.signed_in(device)
    ends = []
    for hours in range(0, 180, 6):
        if await office.who(used.token) is None:
            ends.append(hours)
        await office.happened()
        office.clock.now_ms += 6 * HOUR_MS

    assert await office.who(idle.token) is None
    assert ends[0] == 168


async def test_use_is_written_once_a_minute_and_never_revives() -> None:
    """Use is noted in the store a minute later at the soonest; a session that has ended stays ended."""
    office = Office()
    _, device = await office.enrolled("Kim")
    begun = await office.signed_in(device)

    async def used_at() -> int:
        await office.who(begun.token)
        await office.happened()
        session = office.people.sessions.find(begun.id)
        return session.used_at_ms if session else 0

    first = await used_at()
    office.clock.now_ms += 59_000
    assert await used_at() == first
    office.clock.now_ms += 1_000
    assert await used_at() == first + 60_000
    office.clock.now_ms += 60_000
    ending = office.people.sessions.end(begun.id)
    await office.who(begun.token)
    await ending
    assert await used_at() == 0


async def test_a_new_session_takes_the_place_of_the_one_before() -> None:
    """Who signs in again in a browser has one session there, with another cookie and other forms."""
    office = Office()
    account, device = await office.enrolled("Kim")
    await office.people.sessions.end_all(account.id)
    before = await office.signed_in(device)
    after = await office.signed_in(device, instead_of=before.id)

    assert list(office.people.sessions.of(account.id)) == [after.id]
    assert await office.who(before.token) is None
    assert csrf_of(before.token) != csrf_of(after.token)


async def test_what_cannot_be_undone_needs_a_fresh_session() -> None:
    """Ten minutes after signing in, a session is not fresh any more."""
    office = Office()
    _, device = await office.enrolled("Kim")
    begun = await office.signed_in(device)
    fresh = []
    for _ in range(3):
        signed = await office.who(begun.token)
        assert signed
        fresh.append(signed.fresh)
        office.clock.now_ms += 300_000

    assert fresh == [True, True, False]


async def test_a_session_has_few_neighbours() -> None:
    """Of very many sessions of one account, the one that was used longest ago ends."""
    office = Office()
    account, device = await office.enrolled("Kim")
    first = await office.signed_in(device)
    for _ in range(MAX_OF_ACCOUNT):
        office.clock.now_ms += 1
        await office.signed_in(device)

    assert len(office.people.sessions.of(account.id)) == MAX_OF_ACCOUNT
    assert await office.who(first.token) is None


@pytest.mark.parametrize("token", ["", "0" * 64, "x" * 64, "0" * 9_999, "é", "../..", "0" * 63])
async def test_anything_for_a_cookie(token: str) -> None:
    """What is no token of a session is nobody."""
    office = Office()
    await office.enrolled("Kim", Role.ADMINISTRATOR)

    assert await office.who(token) is None


async def test_the_store_holds_no_token() -> None:
    """Who reads the database finds neither a token nor a code."""
    office = Office()
    _, device = await office.enrolled("Kim")
    begun = await office.signed_in(device)
    made = await office.people.invitations.invite("Lee", "duty-officer", (), "test")
    await office.happened()
    kept = repr(office.store._disk)

    assert begun.id in kept
    assert begun.token not in kept
    assert csrf_of(begun.token) not in kept
    assert made.code not in kept
    assert made.code.replace("-", "") not in kept


async def test_old_sessions_are_swept() -> None:
    """What has ended by time is forgotten."""
    office = Office()
    account, _ = await office.enrolled("Kim")
    office.clock.now_ms += 13 * HOUR_MS
    await office.people.sessions.sweep()

    assert office.people.sessions.of(account.id) == {}
    assert office.store.documents("console/sessions") == {}


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1", "Safari, iPhone"),
        ("<script>alert(1)</script>" * 1_000, ""),
    ],
)
def test_a_device_has_a_name_that_people_know(user_agent: str, device: str) -> None:
    """Of what a browser says of itself, known names are kept, and nothing else."""
    assert device_of(user_agent) == device
