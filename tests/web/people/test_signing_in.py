"""Who comes in, and who does not."""

import asyncio
import json

import pytest
from tests.web.people.authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Authenticator, KeyFile
from tests.web.people.office import AT_DESK, BOUND, BY, BY_ADDRESS, DOMAIN, ELSEWHERE, HandClock, Office

from tocsin.web.people.attempts import Attempts
from tocsin.web.people.entering import Wish
from tocsin.web.people.errors import (
    AccountSuspended,
    CopiedPasskey,
    NoInvitation,
    NotDeviceBound,
    NotLetIn,
    StaleChallenge,
    TooManyAttempts,
)
from tocsin.web.people.proving.challenges import VALID_MS
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio


async def test_a_passkey_lets_in() -> None:
    """Whoever has enrolled signs in with their passkey, without typing a name."""
    office = Office()
    account, device = await office.enrolled("Kim", Role.OFFICER)

    signed = await office.who((await office.signed_in(device)).token)

    assert signed
    assert signed.person == account.person
    assert signed.fresh


async def test_a_key_file_lets_in_where_there_is_no_domain() -> None:
    """At an IP address, a key file does what a passkey does elsewhere."""
    office = Office(BY_ADDRESS)
    account, device = await office.enrolled("Kim", Role.ADMINISTRATOR)

    signed = await office.who((await office.signed_in(device)).token)

    assert signed
    assert signed.person.id == account.id


async def test_an_answer_is_good_once() -> None:
    """Who replays an answer that was good is not let in, not even from the same browser."""
    office = Office()
    _, device = await office.enrolled("Kim")
    browser = office.people.challenges.browser(None)
    answer = device.show(office.entering.ask(browser))
    await office.entering.sign_in(browser, answer, AT_DESK)

    with pytest.raises(StaleChallenge):
        await office.entering.sign_in(browser, answer, AT_DESK)


async def test_an_answer_is_of_the_browser_that_was_asked() -> None:
    """Who gets hold of another browser's answer cannot use it first."""
    office = Office()
    _, device = await office.enrolled("Kim")
    answer = device.show(office.entering.ask(office.people.challenges.browser(None)))

    with pytest.raises(StaleChallenge):
        await office.entering.sign_in(office.people.challenges.browser(None), answer, AT_DESK)


async def test_an_answer_is_good_for_minutes_and_for_one_purpose() -> None:
    """An answer to an old question, to another question, or of another process is no good."""
    office = Office()
    account, device = await office.enrolled("Kim")
    browser = office.people.challenges.browser(None)
    old = device.show(office.entering.ask(browser))
    other = device.show(office.entering.ask_to_add(browser, account.id))
    before = device.show(office.again().entering.ask(browser))
    office.clock.now_ms += VALID_MS
    fresh = device.show(office.entering.ask(browser))

    for answer in (old, other, before):
        with pytest.raises(StaleChallenge):
            await office.entering.sign_in(browser, answer, AT_DESK)
    await office.entering.sign_in(browser, fresh, AT_DESK)


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("origin", "https://console.example.org:444"),
        ("origin", "https://evil.example"),
        ("origin", f"http://{DOMAIN}"),
        ("origin", f"https://sub.{DOMAIN}"),
        ("domain", "evil.example"),
        ("domain", "example.org"),
        ("kind", "webauthn.create"),
        ("kind", "payment.get"),
        ("cross_origin", True),
        ("flags", PRESENT),
        ("flags", VERIFIED),
        ("flags", PRESENT | VERIFIED | BACKED_UP),
        ("flags", PRESENT | VERIFIED | ELIGIBLE),
        ("id", b"another"),
        ("handle", b""),
        ("handle", bytes(16)),
    ],
)
async def test_what_is_not_said_to_this_console_lets_nobody_in(what: str, value: object) -> None:
    """An answer for another page, domain or purpose, or with nobody verified behind it, is refused."""
    office = Office()
    _, device = await office.enrolled("Kim")
    setattr(device, what, value)

    with pytest.raises(NotLetIn):
        await office.signed_in(device)


async def test_another_key_lets_nobody_in() -> None:
    """Who knows a passkey's id and owner, and not its key, is refused."""
    office = Office()
    _, device = await office.enrolled("Kim")
    assert isinstance(device, Authenticator)
    forged = office.authenticator()
    forged.id, forged.handle = device.id, device.handle

    with pytest.raises(NotLetIn):
        await office.signed_in(forged)


async def test_ones_own_passkey_does_not_open_another_account() -> None:
    """A good signature by one person under another's name is refused."""
    office = Office()
    _, kims = await office.enrolled("Kim", Role.ADMINISTRATOR)
    _, lees = await office.enrolled("Lee")
    assert isinstance(kims, Authenticator)
    assert isinstance(lees, Authenticator)
    lees.handle = kims.handle

    with pytest.raises(NotLetIn):
        await office.signed_in(lees)


async def test_a_key_file_of_another_console_or_account_is_refused() -> None:
    """What a key file signs names console and account; nothing else it signed is good here."""
    office = Office(BY_ADDRESS)
    kim, kims = await office.enrolled("Kim")
    lee, lees = await office.enrolled("Lee")
    assert isinstance(kims, KeyFile)
    assert isinstance(lees, KeyFile)

    for wrong in (
        KeyFile(kim.id, "http://127.0.0.1:9999", kims.key),
        KeyFile(lee.id, key=kims.key),
        KeyFile(kim.id, key=lees.key),
        KeyFile("0" * 32, key=kims.key),
    ):
        with pytest.raises(NotLetIn):
            await office.signed_in(wrong)


async def test_of_two_copies_that_answer_at_the_same_moment_one_comes_in() -> None:
    """An authenticator says each number once: whoever says it again has a copy, however soon they say it."""
    office = Office()
    account, device = await office.enrolled("Kim", device=office.authenticator(counter=5))
    assert isinstance(device, Authenticator)
    device.counter += 1
    answers = {}
    for _ in range(2):
        browser = office.people.challenges.browser(None)
        answers[browser] = device.show(office.entering.ask(browser))

    came = await asyncio.gather(
        *(office.entering.sign_in(*one, AT_DESK) for one in answers.items()), return_exceptions=True
    )

    assert [type(one) for one in came if isinstance(one, Exception)] == [CopiedPasskey]
    assert len(office.people.sessions.of(account.id)) == 2
    whys = [(one.what, one.about.get("why")) for one in await office.happened()]
    assert whys.count(("turned-away", "copied-passkey")) == 1


async def test_a_copy_of_a_passkey_is_noticed() -> None:
    """Where an authenticator counts, an answer that does not is refused, and the audit says whose."""
    office = Office()
    account, device = await office.enrolled("Kim", device=office.authenticator(counter=5))
    assert isinstance(device, Authenticator)
    await office.signed_in(device)
    for counter in (device.counter, device.counter - 1, 0):
        device.counter = counter
        browser = office.people.challenges.browser(None)
        answer = device.show(office.entering.ask(browser))
        with pytest.raises(CopiedPasskey):
            await office.entering.sign_in(browser, answer, AT_DESK)

    last = (await office.happened())[-1]
    assert (last.what, last.account, last.about["why"]) == ("turned-away", account.id, "copied-passkey")


async def test_an_authenticator_that_does_not_count_is_taken() -> None:
    """A counter that is always 0 counts nothing."""
    office = Office()
    _, device = await office.enrolled("Kim")

    assert await office.who((await office.signed_in(device)).token)
    assert await office.who((await office.signed_in(device)).token)


async def test_keys_that_stay_on_one_device() -> None:
    """Where keys are to stay on one device, a passkey that can be copied neither enrols nor signs in."""
    free = Office()
    device = free.authenticator()
    device.flags |= ELIGIBLE | BACKED_UP
    await free.enrolled("Kim", device=device)
    await free.signed_in(device)
    bound = Office(BOUND, free.store, free.clock)

    with pytest.raises(NotDeviceBound):
        await bound.signed_in(device)
    with pytest.raises(NotDeviceBound):
        await bound.enrolled("Lee", device=device)
    await bound.enrolled("Park", device=bound.authenticator())


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        "1",
        '"x"',
        '{"response": 3}',
        '{"response": {}}',
        '{"response": {"clientDataJSON": 3}}',
        '{"response": {"clientDataJSON": "e30"}}',
        '{"response": {"clientDataJSON": "' + "A" * 20_000 + '"}}',
        "[" * 9_000,
        '{"a":' * 3_000,
        "\ud800",
        '{"account": "x", "challenge": "", "public": "", "signature": ""}',
    ],
)
@pytest.mark.parametrize("settings", [BOUND, BY_ADDRESS])
async def test_anything_at_all(answer: str, settings: object) -> None:
    """Whatever is sent in place of an answer is refused, and is nobody's fault."""
    office = Office(settings)  # type: ignore[arg-type]

    with pytest.raises(NotLetIn):
        await office.entering.sign_in(office.people.challenges.browser(None), answer, AT_DESK)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "attestationObject"])
@pytest.mark.parametrize("value", ["", "AA", "oA", None, 3, [], "v" * 300])
async def test_any_part_may_be_anything(part: str, value: object) -> None:
    """A known passkey's answer with a part of it replaced is refused, when it enrols and when it signs in."""
    office = Office()
    _, device = await office.enrolled("Kim")
    assert isinstance(device, Authenticator)
    browser = office.people.challenges.browser(None)
    made = await office.people.invitations.invite("Lee", "duty-officer", (), "test")
    wish = Wish(made.code, "Lee", "en")
    new = office.authenticator()
    enrolling = new.make(office.entering.ask_to_enrol(browser, wish, AT_DESK), **{part: value})
    showing = device.show(office.entering.ask(browser), **{part: value})

    if part in {"clientDataJSON", "attestationObject"}:
        with pytest.raises(NotLetIn):
            await office.entering.enrol(browser, wish, enrolling, AT_DESK)
    if part != "attestationObject":
        with pytest.raises(NotLetIn):
            await office.entering.sign_in(browser, showing, AT_DESK)


async def test_a_code_is_good_once_and_for_an_hour() -> None:
    """A code that was used, has expired or never was lets nobody in."""
    office = Office()
    used = await office.people.invitations.invite("Kim", "duty-officer", (), "test")
    old = await office.people.invitations.invite("Lee", "duty-officer", (), "test")
    browser, wish = office.people.challenges.browser(None), Wish(used.code, "", "en")
    asked = office.entering.ask_to_enrol(browser, wish, AT_DESK)
    first, second = office.authenticator().make(asked), office.authenticator().make(asked)
    await office.entering.enrol(browser, wish, first, AT_DESK)
    office.clock.now_ms += 3_600_000

    for code in (used.code, old.code, "", "0000-0000", old.code[:-1]):
        with pytest.raises(NoInvitation):
            await office.entering.enrol(browser, wish._replace(code=code), second, AT_DESK)


async def test_a_code_may_be_typed_by_hand() -> None:
    """Capitals, spaces and missing hyphens make no difference to a code."""
    office = Office()
    made = await office.people.invitations.invite("Kim", "duty-officer", (), "test")

    assert len(made.code.replace("-", "")) == 26
    for typed in (made.code.upper(), made.code.replace("-", " "), made.code.replace("-", "")):
        assert office.entering.invited(typed, AT_DESK).name == "Kim"


async def test_two_browsers_with_one_code() -> None:
    """Of two browsers that answer for one code at once, one comes in."""
    office = Office()
    made = await office.people.invitations.invite("Kim", "duty-officer", (), "test")
    wish = Wish(made.code, "", "en")
    browsers = [office.people.challenges.browser(None) for _ in range(2)]
    answers = [
        office.authenticator().make(office.entering.ask_to_enrol(browser, wish, AT_DESK))
        for browser in browsers
    ]
    jobs = [
        office.entering.enrol(browser, wish, answer, AT_DESK)
        for browser, answer in zip(browsers, answers, strict=True)
    ]

    outcomes = await asyncio.gather(*jobs, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [tuple, NoInvitation]
    assert len(office.people.accounts.all()) == 1


async def test_beginning_anew() -> None:
    """With a code for an account that is there, what signed in before is no good, and its sessions end."""
    office = Office()
    account, lost = await office.enrolled("Kim", Role.ADMINISTRATOR)
    stolen = await office.signed_in(lost)
    made = await office.people.invitations.invite_again(account, "test")
    browser, wish, device = (
        office.people.challenges.browser(None),
        Wish(made.code, "Eve", "ko"),
        office.authenticator(),
    )
    asked = office.entering.ask_to_enrol(browser, wish, AT_DESK)
    begun, again = await office.entering.enrol(browser, wish, device.make(asked), AT_DESK)

    assert (again.id, again.name, again.roles) == (account.id, "Kim", account.roles)
    assert await office.who(begun.token)
    assert await office.who(stolen.token) is None
    with pytest.raises(NotLetIn):
        await office.signed_in(lost)


async def test_a_suspended_account_stays_outside() -> None:
    """Who is suspended does not sign in, nor by a code for beginning anew."""
    office = Office()
    account, device = await office.enrolled("Kim")
    made = await office.people.invitations.invite_again(account, "test")
    await office.people.suspend(account.id, BY)
    browser, wish = office.people.challenges.browser(None), Wish(made.code, "", "en")
    asked = office.entering.ask_to_enrol(browser, wish, AT_DESK)

    with pytest.raises(AccountSuspended):
        await office.signed_in(device)
    with pytest.raises(AccountSuspended):
        await office.entering.enrol(browser, wish, office.authenticator().make(asked), AT_DESK)


async def test_failing_too_often() -> None:
    """Who fails too often is told to wait and fills no audit; a minute later, it is as before."""
    office = Office()
    browser = office.people.challenges.browser(None)

    async def failing() -> type[Exception]:
        with pytest.raises((NotLetIn, TooManyAttempts)) as caught:
            await office.entering.sign_in(browser, "{}", ELSEWHERE)
        return caught.type

    failures = [await failing() for _ in range(30)]
    office.clock.now_ms += 60_000

    assert failures == [NotLetIn] * 10 + [TooManyAttempts] * 20
    assert len(await office.happened()) == 10
    assert await failing() is NotLetIn


async def test_nobody_is_locked_out_by_others() -> None:
    """However often others fail, from one address or from a thousand, who has the right key comes in."""
    office = Office()
    _, device = await office.enrolled("Kim")
    made = await office.people.invitations.invite("Lee", "duty-officer", (), "test")
    browser = office.people.challenges.browser(None)
    callers = [AT_DESK] * 50 + [AT_DESK._replace(address=f"2001:db8:{at:x}::1") for at in range(1_000)]
    for caller in callers:
        with pytest.raises((NotLetIn, TooManyAttempts)):
            await office.entering.sign_in(browser, "{}", caller)

    assert await office.who((await office.signed_in(device)).token)
    assert office.entering.invited(made.code, AT_DESK).name == "Lee"
    assert len(await office.happened()) < 120


def test_strangers_do_not_fill_the_audit() -> None:
    """A day of failures, each second one from another address, is a line a minute."""
    clock = HandClock()
    attempts = Attempts(clock)
    noted = 0
    for at in range(86_400):
        clock.now_ms += 1_000
        noted += not attempts.fail(f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}")

    assert noted <= 100 + 1_440


async def test_an_ipv6_subscriber_is_one() -> None:
    """All addresses that one subscriber has count together."""
    office = Office()
    browser = office.people.challenges.browser(None)
    outcomes = []
    for at in range(11):
        with pytest.raises((NotLetIn, TooManyAttempts)) as caught:
            await office.entering.sign_in(browser, "{}", AT_DESK._replace(address=f"2001:db8::{at:x}"))
        outcomes.append(caught.type)

    assert outcomes[-1] is TooManyAttempts


async def test_another_passkey() -> None:
    """Somebody who is signed in adds a passkey, signs in with it, and takes the first away."""
    office = Office()
    account, first = await office.enrolled("Kim")
    browser, second = office.people.challenges.browser(None), office.authenticator()
    asked = office.entering.ask_to_add(browser, account.id)
    await office.entering.add(browser, account.id, second.make(asked), AT_DESK)
    assert isinstance(first, Authenticator)
    await office.entering.drop(account.id, first.id, AT_DESK)

    assert await office.who((await office.signed_in(second)).token)
    with pytest.raises(NotLetIn):
        await office.signed_in(first)
    assert len(json.loads(asked)["options"]["excludeCredentials"]) == 1
