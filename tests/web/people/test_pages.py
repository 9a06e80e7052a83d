"""Coming in, one's account, everybody's and the audit, as pages: who may, and what they carry."""

import json
import re

import pytest
from tests.web.people.authenticator import Authenticator, KeyFile
from tests.web.people.office import BY_ADDRESS, Office
from tests.web.people.tab import Tab, pages, plain

from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio
HOSTILE = "<script>alert(1)</script>\u202a"[:-1]


async def administrator(office: Office) -> tuple[Tab, Authenticator | KeyFile]:
    """An administrator's tab, just signed in."""
    _, device = await office.enrolled("Kim", Role.ADMINISTRATOR)
    tab = Tab(office)
    assert (await tab.sign_in(device)).status == 303
    return tab, device


async def test_from_a_code_to_an_account() -> None:
    """A code leads to an account and a session; its passkey leads back in after signing out."""
    office, device = Office(), None
    made = await office.people.invitations.invite("", "duty-officer", (Role.OFFICER,), "tocsin console")
    tab, device = Tab(office), office.authenticator()

    shown = await tab.post("/invited", {"code": made.code})
    enrolled = await tab.enrol(made.code, device, "Kim Ji-woo")
    account = await tab.get("/account")
    out = await tab.post("/sign-out")
    outside = await tab.get("/account")
    back = await tab.sign_in(device, "/cases?state=open")

    assert "tocsin console" in shown.text
    assert (enrolled.status, enrolled.location) == (303, "/account")
    assert "Kim Ji-woo" in plain(account.text)
    assert (out.location, out.headers["clear-site-data"]) == ("/sign-in", '"cache"')
    assert outside.location == "/sign-in?next=/account"
    assert (back.status, back.location) == (303, "/cases?state=open")


async def test_a_key_file_does_the_same() -> None:
    """Where there is no domain, the pages ask for a key file, and cookies go without TLS."""
    office, device = Office(BY_ADDRESS), KeyFile()
    made = await office.people.invitations.invite("Kim", "duty-officer", (), "tocsin console")
    tab = Tab(office)

    enrolled = await tab.enrol(made.code, device)

    assert enrolled.location == "/account"
    assert enrolled.cookies[-1].startswith("tocsin-8442=")
    assert "Secure" not in enrolled.cookies[-1]
    assert 'data-kind="key-file"' in (await Tab(office).get("/sign-in")).text


async def test_who_comes_from_another_site_is_asked_for_once_more() -> None:
    """No cookie comes along from there: the page that asks to sign in comes again by itself, and with it."""
    office = Office()
    tab, device = Tab(office), (await office.enrolled("Kim"))[1]
    await tab.sign_in(device)

    linked = await Tab(office).get("/people?after=100&x=y", **{"sec-fetch-site": "cross-site"})
    page = await Tab(office).get(linked.location, **{"sec-fetch-site": "cross-site"})
    _, _, again = page.headers["refresh"].partition(";url=")
    here = await tab.get(again, **{"sec-fetch-site": "same-origin"})
    not_here = await Tab(office).get(again, **{"sec-fetch-site": "same-origin"})

    assert again == linked.location == "/sign-in?next=/people%3Fafter%3D100%26x%3Dy"
    assert here.location == "/people?after=100&x=y"
    assert (not_here.status, "refresh" in not_here.headers) == (200, False)


async def test_the_cookie() -> None:
    """The session's cookie is of this host alone, for TLS alone, for no script and no other site."""
    office = Office()
    _, device = await office.enrolled("Kim")
    (cookie,) = (await Tab(office).sign_in(device)).cookies
    value, *attributes = cookie.split("; ")

    assert re.fullmatch("__Host-tocsin=[0-9a-f]{64}", value)
    assert {one.lower() for one in attributes} == {
        "httponly",
        "max-age=604800",
        "path=/",
        "samesite=strict",
        "secure",
    }


@pytest.mark.parametrize(
    "way",
    ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\n", "/é", "/" + "a" * 600],
)
async def test_one_is_led_nowhere_else(way: str) -> None:
    """Whatever stands in an address: after signing in, one is at this console."""
    office = Office()
    _, device = await office.enrolled("Kim")

    assert (await Tab(office).sign_in(device, way)).location == "/"


async def test_each_role_tries_what_it_may_not() -> None:
    """Every page about people refuses who is not signed in, or lacks the role it takes."""
    office = Office()
    _, device = await office.enrolled("Lee", Role.OFFICER, Role.APPROVER)
    tab, nobody = Tab(office), Tab(office)
    await tab.sign_in(device)
    tried = 0
    for one in pages(office.people):
        if one.role is None:
            continue
        path = one.path.replace("{account}", "0" * 32)
        refused = await (nobody.get(path) if one.method == "GET" else nobody.post(path))
        assert refused.status == (303 if one.method == "GET" else 401)
        if one.role is Role.ADMINISTRATOR:
            assert (await (tab.get(path) if one.method == "GET" else tab.post(path))).status == 403
            tried += 1

    assert tried >= 8


async def test_forms_of_another_session_or_site_are_refused() -> None:
    """Every change asks for the token of this very session, and for a page of this console."""
    office = Office()
    tab, device = await administrator(office)
    other = Tab(office)
    await other.sign_in(device)
    stolen = await other.csrf()

    for one in pages(office.people):
        path = one.path.replace("{account}", "0" * 32)
        if one.method == "POST":
            for csrf in (None, "", stolen, "0" * 64):
                assert (await tab.post(path, {"csrf": csrf})).status == 403, path
            for headers in (
                {"origin": "https://evil.example"},
                {"origin": "null"},
                {"origin": ""},
                {"sec_fetch_site": "cross-site"},
                {"sec_fetch_site": "same-site"},
            ):
                assert (await tab.post(path, **headers)).status == 403, path
    assert (await tab.get("/account")).status == 200


async def test_signing_in_from_another_site_is_refused() -> None:
    """No other page can sign somebody in here as somebody else."""
    office = Office()
    _, device = await office.enrolled("Kim")
    tab = Tab(office)
    answer = device.show(await tab.challenge("/sign-in/challenge"))

    refused = await tab.post("/sign-in", {"answer": answer}, origin="https://evil.example")

    assert refused.status == 403
    assert not refused.cookies


async def test_what_cannot_be_undone_asks_once_more() -> None:
    """Ten minutes after signing in, changes of people lead to signing in again, and then back.

    Pages say so before anybody types, or has a device make a passkey that would be good for nothing.
    """
    office = Office()
    tab, device = await administrator(office)
    account, _ = await office.enrolled("Lee")
    paths = ("/people", f"/people/{account.id}", "/account")
    before = [await tab.get(path) for path in paths]
    office.clock.now_ms += 600_000
    after = [await tab.get(path) for path in paths]
    for path, early, late in zip(paths, before, after, strict=True):
        link = f'href="/sign-in?again=1&amp;next={path}"'
        assert (link in early.text, link in late.text) == (False, True), path
    assert ["/account/ways/challenge" in one.text for one in (before[2], after[2])] == [True, False]

    for path in (
        "/people/invite",
        f"/people/{account.id}/suspend",
        f"/people/{account.id}/reinstate",
        f"/people/{account.id}/roles",
        f"/people/{account.id}/begin-anew",
        "/account/ways",
        "/account/ways/remove",
    ):
        asked = await tab.post(path)
        assert (asked.status, asked.location.partition("&")[0]) == (303, "/sign-in?again=1"), path
    page = await tab.get(f"/sign-in?again=1&next=/people/{account.id}")
    back = await tab.sign_in(device, f"/people/{account.id}")
    done = await tab.post(f"/people/{account.id}/suspend")

    assert f'name="next" value="/people/{account.id}"' in page.text
    assert back.location == done.location == f"/people/{account.id}"
    assert office.people.accounts.get(account.id).suspended


async def test_an_administrator_sees_to_people() -> None:
    """Inviting, giving roles, letting begin anew, signing out and suspending each do what they say."""
    office = Office()
    tab, _ = await administrator(office)

    invited = await tab.post("/people/invite", {"name": "Lee", "role_name": "watch", "roles": ["officer"]})
    code = re.search(r"/invited#([a-z0-9-]+)", invited.text)
    assert code
    lee, lees = Tab(office), office.authenticator()
    await lee.enrol(code[1], lees)
    account = office.people.accounts.named("Lee")
    unnamed = await tab.post("/people/invite", {"name": "Park", "role_name": ""})
    await tab.post(f"/people/{account.id}/roles", {"role_name": "lead", "roles": ["approver", "officer"]})
    after = office.people.accounts.get(account.id)
    anew = await tab.post(f"/people/{account.id}/begin-anew")
    await tab.post(f"/people/{account.id}/sign-out")
    out = await lee.get("/account")
    await tab.post(f"/people/{account.id}/suspend")
    page = await tab.get("/people")

    assert (account.role_name, account.roles) == ("watch", (Role.OFFICER,))
    assert (after.role_name, after.roles) == ("lead", (Role.OFFICER, Role.APPROVER))
    assert "<code>duty-officer-2</code>" in unnamed.text
    assert "/invited#" in anew.text
    assert out.status == 303
    assert "Suspended" in page.text


async def test_the_last_administrator_is_told_why_not() -> None:
    """Who would leave nobody to see to people is refused in words."""
    office = Office()
    tab, _ = await administrator(office)
    account = office.people.accounts.named("Kim")

    refused = await tab.post(f"/people/{account.id}/suspend")

    assert refused.status == 422
    assert "last-administrator" in refused.text


async def test_own_settings_passkeys_and_sessions() -> None:
    """Somebody changes how the console is shown, adds and removes passkeys, and signs out elsewhere."""
    office = Office()
    tab, device = await administrator(office)
    elsewhere = Tab(office)
    await elsewhere.sign_in(device)
    account = office.people.accounts.named("Kim")

    await tab.post("/account/settings", {"language": "ko", "zone": "Asia/Seoul", "theme": "dark"})
    refused = await tab.post("/account/settings", {"language": "ko", "zone": "Asia/Soul", "theme": "dark"})
    second = office.authenticator()
    await tab.post("/account/ways", {"answer": second.make(await tab.challenge("/account/ways/challenge"))})
    ways = office.people.accounts.get(account.id).credentials
    await tab.post("/account/ways/remove", {"id": ways[0].id.hex()})
    unknown = await tab.post("/account/ways/remove", {"id": "zz"})
    page = await tab.get("/account")
    here = office.people.sessions.of(account.id)
    for session in re.findall(r'name="id" value="([0-9a-f]{64})"', page.text):
        await tab.post("/account/sessions/end", {"id": session})

    assert '<html lang="ko" data-theme="dark"' in page.text
    assert (refused.status, unknown.status) == (422, 404)
    assert len(ways) == 2
    assert [one.id for one in office.people.accounts.get(account.id).credentials] == [second.id]
    assert (len(here), len(office.people.sessions.of(account.id))) == (3, 1)
    assert (await elsewhere.get("/account")).status == 303
    assert (await tab.post("/account/sessions/end-all")).location == "/sign-in"
    assert (await tab.get("/account")).status == 303


async def test_nobody_ends_anothers_session_from_their_own_page() -> None:
    """A session's id that is not one's own ends nothing."""
    office = Office()
    tab, _ = await administrator(office)
    _, lees = await office.enrolled("Lee")
    begun = await office.signed_in(lees)

    await tab.post("/account/sessions/end", {"id": begun.id})

    assert await office.who(begun.token)


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_every_page_in_every_language(tag: str) -> None:
    """Each page is there in each language, small enough, and shows what others wrote as text."""
    office = Office()
    tab, _ = await administrator(office)
    for at in range(120):
        await office.enrolled(f"{HOSTILE}{at}", Role.OFFICER)
    account = office.people.accounts.named(f"{HOSTILE}0")
    await tab.post("/account/settings", {"language": tag, "zone": "UTC", "theme": "system"})
    made = await tab.post("/people/invite", {"name": f"{HOSTILE}x", "role_name": "x"})
    code = re.search(r"/invited#([a-z0-9-]+)", made.text)
    assert code
    answers = [
        made,
        await tab.post("/invited", {"code": code[1]}),
        *[
            await tab.get(path)
            for path in (
                "/account",
                "/people",
                "/people?after=100",
                f"/people/{account.id}",
                "/audit",
                "/sign-in?again=1",
                "/invited",
            )
        ],
        await Tab(office).get(f"/sign-in?lang={tag}"),
    ]

    for answer in answers:
        assert answer.status == 200
        assert f'<html lang="{tag}"' in answer.text
        assert len(answer.text.encode()) < 150_000
        assert "<script>alert" not in answer.text
    assert sum("alert(1)" in plain(answer.text) for answer in answers) >= 6


async def test_the_audit_is_read_and_taken_along() -> None:
    """The audit says who did what, page by page and as a file; looking at it is in it, too."""
    office = Office()
    tab, _ = await administrator(office)
    for _ in range(150):
        await Tab(office).post("/sign-in", {"answer": "{}"})
        office.clock.now_ms += 60_000
    await office.happened()

    first = await tab.get("/audit")
    more = re.search(r'href="(/audit\?after=\d+)"', first.text)
    assert more
    second = await tab.get(more[1])
    lines = [json.loads(line) for line in (await tab.get("/audit.jsonl")).text.splitlines()]

    assert [first.text.count("<tr>"), second.text.count("<tr>")] == [101, 53]
    assert len(lines) == 152
    assert {line["what"] for line in lines} == {"enrolled", "signed-in", "turned-away"}
    assert (await office.happened())[-1].about["page"] == "audit_file"


async def test_a_code_is_in_no_address() -> None:
    """No answer leads to an address that has a code in it, and no page carries one on by a link."""
    office = Office()
    made = await office.people.invitations.invite("", "duty-officer", (), "test")
    tab = Tab(office)
    shown = await tab.post("/invited", {"code": made.code})
    enrolled = await tab.enrol(made.code, office.authenticator(), "Kim")

    assert made.code not in enrolled.location
    assert made.code not in "".join(re.findall(r'(?:href|action)="([^"]*)"', shown.text))
    assert made.code not in str(await office.happened())


@pytest.mark.parametrize(
    "fields",
    [{}, {"answer": "{}", "x": "y"}, {"answer": ["{}", "{}"]}, {"answer": "x" * 70_000}, {"answer": "\0"}],
)
async def test_any_form(fields: dict[str, object]) -> None:
    """Whatever is sent for signing in is refused, and is nobody's fault."""
    office = Office()

    assert 400 <= (await Tab(office).post("/sign-in", fields)).status < 500
    assert 400 <= (await Tab(office).post("/invited/enrol", fields)).status < 500
