"""Accounts: names, roles, and who must always be there."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.web.people.authenticator import Authenticator
from tests.web.people.office import AT_DESK, BY, Office

from tocsin.core.legible import is_legible
from tocsin.node.api.console.types import Invite
from tocsin.web.people.accounts import name_of
from tocsin.web.people.entering import Wish
from tocsin.web.people.errors import (
    ConsoleFull,
    LastAdministrator,
    LastCredential,
    MalformedAccount,
    NameTaken,
    NoSuchAccount,
)
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio


async def test_an_administrator_always_stays() -> None:
    """The last administrator can neither be suspended nor be made something else."""
    office = Office()
    first, _ = await office.enrolled("Kim", Role.ADMINISTRATOR)
    second, _ = await office.enrolled("Lee", Role.ADMINISTRATOR, Role.OFFICER)
    await office.people.suspend(first.id, BY)

    with pytest.raises(LastAdministrator):
        await office.people.suspend(second.id, BY)
    with pytest.raises(LastAdministrator):
        await office.people.accounts.change(second.id, lambda one: replace(one, roles=(Role.OFFICER,)))
    await office.people.reinstate(first.id, BY)
    await office.people.suspend(second.id, BY)

    assert [one.suspended for one in office.people.accounts.all()] == [False, True]


async def test_two_administrators_who_suspend_each_other_at_once() -> None:
    """Of two that would leave nobody together, the second is refused."""
    office = Office()
    first, _ = await office.enrolled("Kim", Role.ADMINISTRATOR)
    second, _ = await office.enrolled("Lee", Role.ADMINISTRATOR)
    both = [office.people.suspend(first.id, BY), office.people.suspend(second.id, BY)]

    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), LastAdministrator]


async def test_who_is_invited_to_do_something_may_do_it() -> None:
    """The roles of a code are those of the account, whichever way it was made; everybody may look."""
    office = Office()
    wish = Invite(name="Kim", roles=("reader", "approver", "officer"))
    code = (await office.people.invite(wish)).code
    invitation = office.entering.invited(code, AT_DESK)
    second = await office.people.invite_person("Lee", "duty-officer", (Role.OFFICER,), BY)
    account, _ = await office.enrolled("Park")
    await office.people.give_roles(account.id, "lead", iter([Role.APPROVER, Role.OFFICER]), BY)

    assert invitation.roles == (Role.OFFICER, Role.APPROVER)
    assert second.invitation.roles == (Role.OFFICER,)
    assert office.people.accounts.get(account.id).roles == (Role.OFFICER, Role.APPROVER)
    assert Role.READER in account.person.roles


async def test_whoever_is_invited_without_a_role_name_is_another_author() -> None:
    """The first name that no account and no code has, also of two at once: a shift is handed to another."""
    office = Office()
    people, browser = office.people, office.people.challenges.browser(None)
    first = await people.invite(Invite())
    asked = office.entering.ask_to_enrol(browser, Wish(first.code, "Kim", "en"), AT_DESK)
    made = office.authenticator().make(asked)
    _, kim = await office.entering.enrol(browser, Wish(first.code, "Kim", "en"), made, AT_DESK)
    named = await people.invite(Invite(role_name="duty-officer-3"))

    both = await asyncio.gather(people.invite(Invite()), people.invite_person("", None, (), BY))
    again = await people.invite_again(kim, BY)

    assert kim.role_name == first.role_name == again.invitation.role_name == "duty-officer"
    assert named.role_name == "duty-officer-3"
    assert (both[0].role_name, both[1].invitation.role_name) == ("duty-officer-2", "duty-officer-4")


async def test_the_last_way_to_sign_in_stays() -> None:
    """Nobody takes from themselves the only way in."""
    office = Office()
    account, device = await office.enrolled("Kim")
    assert isinstance(device, Authenticator)

    with pytest.raises(LastCredential):
        await office.entering.drop(account.id, device.id, AT_DESK)
    with pytest.raises(NoSuchAccount):
        await office.entering.drop(account.id, b"none", AT_DESK)


@pytest.mark.parametrize("name", ["Kim", "KIM", "Ｋｉｍ", " Kim "])
async def test_a_name_is_one_persons(name: str) -> None:
    """A name that somebody has is taken, however it is written."""
    office = Office()
    await office.enrolled("Kim")

    with pytest.raises(NameTaken):
        await office.people.invitations.invite(name, "duty-officer", (), "test")


async def test_a_name_that_was_taken_meanwhile() -> None:
    """Of two who were invited by one name, the second is told so, and the code is still good."""
    office = Office()
    made = await office.people.invitations.invite("Kim", "duty-officer", (), "test")
    browser, wish = office.people.challenges.browser(None), Wish(made.code, "", "en")
    asked = office.entering.ask_to_enrol(browser, wish, AT_DESK)
    await office.enrolled("Kim")

    with pytest.raises(NameTaken):
        await office.entering.enrol(browser, wish, office.authenticator().make(asked), AT_DESK)
    assert office.entering.invited(made.code, AT_DESK).name == "Kim"


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\u202eb", "a\u200bb", "a\x00b", "\u3164", "\ud800"])
def test_a_name_can_be_read(name: str) -> None:
    """A name that is empty, long or invisible is none."""
    with pytest.raises(MalformedAccount):
        name_of(name)


@given(st.text())
def test_every_name_is_legible(text: str) -> None:
    """Whatever is typed: what becomes a name has 1 to 64 legible characters, and becomes itself again."""
    try:
        name = name_of(text)
    except MalformedAccount:
        return

    assert 1 <= len(name) <= 64
    assert all(map(is_legible, name))
    assert name_of(name) == name


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/localtime", "a" * 999, "a\0b"]
)
async def test_a_zone_is_one_of_the_iana_database(zone: str) -> None:
    """What is no time zone is refused, and no file is looked for by it."""
    office = Office()
    account, _ = await office.enrolled("Kim")

    with pytest.raises(MalformedAccount):
        await office.people.accounts.change(account.id, lambda one: one.with_settings("en", zone, "dark"))


async def test_a_language_is_one_that_there_are_words_for() -> None:
    """What is no language of this console is refused."""
    office = Office()
    account, _ = await office.enrolled("Kim")

    with pytest.raises(MalformedAccount):
        await office.people.accounts.change(account.id, lambda one: one.with_settings("xx", "UTC", "dark"))
    changed = await office.people.accounts.change(
        account.id, lambda one: one.with_settings("ko", "Asia/Seoul", "dark")
    )
    assert (changed.person.language, changed.person.zone, changed.person.theme) == (
        "ko",
        "Asia/Seoul",
        "dark",
    )


async def test_there_are_only_so_many_ways_in() -> None:
    """An account has at most 16 ways to sign in, and there are at most 200 codes at once."""
    office = Office()
    account, _ = await office.enrolled("Kim")
    browser = office.people.challenges.browser(None)

    async def add() -> None:
        asked = office.entering.ask_to_add(browser, account.id)
        await office.entering.add(browser, account.id, office.authenticator().make(asked), AT_DESK)

    for _ in range(15):
        await add()
    with pytest.raises(ConsoleFull):
        await add()
    for _ in range(200):
        await office.people.invitations.invite("", "duty-officer", (), "test")
    with pytest.raises(ConsoleFull):
        await office.people.invitations.invite("", "duty-officer", (), "test")
    office.clock.now_ms += 3_600_000
    await office.people.invitations.invite("", "duty-officer", (), "test")
