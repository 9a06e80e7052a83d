"""Who may not speak for the organisation any more signs nothing for it, from that moment on."""

import asyncio
from pathlib import Path

import pytest
from tests.node.nodes import CHANCE, until
from tests.web.acting.house import ARU, House, house
from tests.web.people.office import AT_DESK, BY, BY_ADDRESS, Office

from tocsin.web.languages import LANGUAGES
from tocsin.web.live.hub import Hub
from tocsin.web.people.accounts import Account, SignInKey
from tocsin.web.people.entering import Wish
from tocsin.web.people.errors import NoInvitation, NotLetIn
from tocsin.web.people.people import People
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio


async def _people(desk: House) -> People:
    """The people of that console; Aru among them, as an officer."""
    node = desk.node
    people = People(
        BY_ADDRESS,
        "Desk east",
        store=node.store,
        committer=node.committer,
        clock=node.clock,
        chance=node.chance,
        keys=node.officers,
    )
    account = Account(
        id=ARU.person.id,
        name=ARU.person.name,
        role_name=ARU.person.role_name,
        roles=(Role.OFFICER,),
        language="en",
        made_at_ms=1,
        credentials=(SignInKey(id=bytes(32), label="", made_at_ms=1),),
    )
    await node.committer.submit(lambda: people.accounts.put(account))
    return people


async def test_what_a_suspended_officer_confirmed_is_not_written(tmp_path: Path) -> None:
    """Within the ten seconds, suspending them stops it: their keys leave the card."""
    async with house(tmp_path) as desk:
        people, key = await _people(desk), await desk.enrol(ARU)
        number = await desk.say(ARU, key)

        await people.suspend(ARU.person.id, BY)
        assert desk.node.officers.of(ARU.person.id) == []
        await until(lambda: not desk.is_on_card(key.verifying.encode()))
        size = desk.size
        await desk.clock.forward(10.1)
        await until(lambda: "Not written" in desk.printed(number))

        assert desk.size == size


async def test_who_is_no_officer_any_more_has_no_key_on_the_card(tmp_path: Path) -> None:
    """Neither has one in another role the keys of the role before, and drafts of it are signed by nobody."""
    async with house(tmp_path) as desk:
        people, key = await _people(desk), await desk.enrol(ARU)
        page = await desk.draft(ARU)

        await people.give_roles(ARU.person.id, "duty-officer", [Role.OFFICER, Role.APPROVER], BY)
        kept = desk.node.officers.of(ARU.person.id)
        await people.give_roles(ARU.person.id, "analyst", [Role.OFFICER], BY)
        answer = await desk.confirm(ARU, page, key)

        assert [one.vkey for one in kept] == [key.verifying.encode()]
        assert answer.status == 422
        assert desk.node.officers.of(ARU.person.id) == []


async def test_an_open_page_closes_when_its_session_ends() -> None:
    """At once, not with the next beat: signed out here or everywhere, or suspended."""
    office = Office()
    people = office.people
    faults: list[BaseException] = []
    hub = Hub(office.clock, CHANCE, people.stays, faults.append)
    people.sessions.on_end = hub.look
    account, device = await office.enrolled("Lee")

    for way in ("here", "everywhere", "suspended"):
        signed = await office.who((await office.signed_in(device)).token)
        assert signed
        with hub.opened(["room"], LANGUAGES["en"], signed) as page:
            stream = page.stream()
            await anext(stream)
            if way == "here":
                await people.sign_out_here(signed)
            elif way == "everywhere":
                await people.end_sessions(account.id, BY)
            else:
                await people.suspend(account.id, BY)
            async with asyncio.timeout(2):
                assert [sent async for sent in stream] == []
    hub.end_all()

    assert faults == []


async def test_a_credential_that_is_taken_away_meanwhile_lets_nobody_in() -> None:
    """Also if it was shown well a moment before: no session begins by what the account has no more."""
    office = Office()
    account, device = await office.enrolled("Kim")
    browser = office.people.challenges.browser(None)
    made = office.authenticator().make(office.entering.ask_to_add(browser, account.id))
    await office.entering.add(browser, account.id, made, AT_DESK)
    await office.people.end_sessions(account.id, BY)
    answer = device.show(office.entering.ask(browser))

    dropped = office.entering.drop(account.id, account.credentials[0].id, AT_DESK)
    begun = office.entering.sign_in(browser, answer, AT_DESK)
    _, outcome = await asyncio.gather(dropped, begun, return_exceptions=True)

    assert isinstance(outcome, NotLetIn)
    assert office.people.sessions.of(account.id) == {}


async def test_the_codes_of_who_administers_no_more_let_nobody_in() -> None:
    """Whoever got hold of an administrator's session keeps no way in by a code made before."""
    office = Office()
    await office.enrolled("Kim", Role.ADMINISTRATOR)
    thief, _ = await office.enrolled("Lee", Role.ADMINISTRATOR)
    for end in ("suspended", "no administrator"):
        made = await office.people.invite_person("", "duty-officer", (Role.ADMINISTRATOR,), thief.person)
        assert office.people.invitations.find(made.code).inviter == thief.id
        if end == "suspended":
            await office.people.suspend(thief.id, BY)
        else:
            await office.people.give_roles(thief.id, "duty-officer", [Role.OFFICER], BY)

        with pytest.raises(NoInvitation):
            office.entering.invited(made.code, AT_DESK)
        await office.people.reinstate(thief.id, BY)


async def test_who_began_anew_has_no_other_code_left() -> None:
    """Of two codes for one account, the second is none once the first was used."""
    office = Office()
    account, _ = await office.enrolled("Kim", Role.ADMINISTRATOR)
    first = await office.people.invite_again(account, account.person)
    second = await office.people.invite_again(account, account.person)
    browser, wish = office.people.challenges.browser(None), Wish(first.code, "", "en")
    answer = office.authenticator().make(office.entering.ask_to_enrol(browser, wish, AT_DESK))
    await office.entering.enrol(browser, wish, answer, AT_DESK)

    with pytest.raises(NoInvitation):
        office.people.invitations.find(second.code)
