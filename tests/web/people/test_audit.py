"""The audit: what is in it, what is not, and for how long."""

import ast
import html
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import get_args

import pytest
from tests.web.people.office import AT_DESK, HOUR_MS, Office
from tests.web.people.tab import Tab

import tocsin.web
from tocsin.log.store import StorageFull
from tocsin.node.api.console.types import Invite
from tocsin.web.languages import LANGUAGES
from tocsin.web.people.audit import What
from tocsin.web.people.errors import NotLetIn
from tocsin.web.people.pages.telling import NAMES, VALUES, facts
from tocsin.web.people.sessions import csrf_of
from tocsin.web.serving.person import Role
from tocsin.web.words.people.en import PHRASES

pytestmark = pytest.mark.anyio


def test_all_that_is_noted_has_words() -> None:
    """Else the page that shows it fails, and with it all that was noted before."""
    assert [one for one in get_args(What) if f"what_{one}" not in PHRASES] == []


def marked() -> Iterator[tuple[str, str]]:
    """Name and path of each page of the console that is noted when it is looked at."""
    for found in walk_packages(tocsin.web.__path__, "tocsin.web."):
        for part in vars(import_module(found.name)).values():
            for name, run in vars(part).items() if isinstance(part, type) else ():
                method, path, role, noted, *_ = getattr(run, "__dict__", {}).get(
                    "page", ("", "", None, False)
                )
                if method == "GET" and role and noted:
                    yield name, path


def noted() -> Iterator[ast.Call]:
    """Each call by which something is noted."""
    for path in Path(tocsin.web.__file__).parent.rglob("*.py"):
        for one in ast.walk(ast.parse(path.read_text())):
            if isinstance(one, ast.Call):
                name = getattr(one.func, "attr", getattr(one.func, "id", ""))
                if name in ("note", "_note", "bound", "_bound", "_changed"):
                    yield one


def test_all_that_is_noted_of_it_has_words_in_the_audit() -> None:
    """Each page and what stands in its path, each fact, and each act that binds the organisation."""
    pages = dict(marked())
    in_paths = {name for path in pages.values() for name in re.findall(r"{(\w+)", path)}
    facts = {word.arg for call in noted() for word in call.keywords} - {"name", None}
    acts = {
        one.value
        for call in noted()
        for one in [*call.args[1:3], *[word.value for word in call.keywords if word.arg == "act"]]
        if isinstance(one, ast.Constant) and getattr(call.func, "attr", "") != "note"
    }
    phrases = {*NAMES.values(), *(key for codes in VALUES.values() for key in codes.values())}

    assert len(pages) > 50
    assert pages.keys() == VALUES["page"].keys()
    assert (in_paths | facts) - NAMES.keys() == {"domain", "sha256"}
    assert NAMES.keys() - in_paths - facts == {"page"}
    assert acts == VALUES["act"].keys()
    assert phrases <= LANGUAGES["en"].phrases.keys()


async def test_the_page_shows_names_and_words() -> None:
    """Of accounts and circles their names, of closed lists the words; what has neither, as it was noted."""
    office = Office()
    kim, device = await office.enrolled("Kim", Role.ADMINISTRATOR)
    lee, _ = await office.enrolled("Lee")
    await office.people.give_roles(lee.id, "watch", [Role.OFFICER, Role.APPROVER], kim.person)
    office.people.audit.looked(kim.id, "Kim", "somebody", {"account": lee.id})
    office.people.audit.looked(kim.id, "Kim", "circle", {"circle": "0db8"})
    office.people.audit.note("bound", kim.id, "Kim", act="key-put-on", key="k", circle="0db9")
    await office.happened()
    tab = Tab(office)
    await tab.sign_in(device)

    text = html.unescape(re.sub(r"<[^>]*>", "", (await tab.get("/audit")).text))

    assert "Invited by: test" in text
    assert "Name in records: watch · Roles: Officer, Approver" in text
    assert "Page: People · Name: Lee" in text
    assert "Page: Circle · Circle: Strait <b>watch</b>" in text
    assert "Act: Put a key on the card · Key: k · Circle: 0db9" in text


async def test_who_came_in_and_who_did_not() -> None:
    """Coming in, being turned away, looking, saying something and being sent out are all noted, in order."""
    office = Office()
    account, device = await office.enrolled("Kim", Role.ADMINISTRATOR)
    signed = await office.who((await office.signed_in(device)).token)
    assert signed
    with pytest.raises(NotLetIn):
        await office.entering.sign_in(office.people.challenges.browser(None), "{}", AT_DESK)
    office.people.looked(signed, "case", {"circle": "0db8", "case": "birch.1.12"})
    office.people.said(signed, "0db8", "apricot.1.4")
    await office.people.sign_out("Kim")

    happened = await office.happened()
    assert [one.what for one in happened] == [
        "enrolled",
        "signed-in",
        "turned-away",
        "looked",
        "said",
        "sessions-ended",
    ]
    assert {one.account for one in happened} == {account.id, ""}
    assert happened[3].about == {"page": "case", "circle": "0db8", "case": "birch.1.12"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_why_somebody_was_turned_away_is_said_in_words(tag: str) -> None:
    """In those of the refusal; what has none stands as it was noted."""
    language = LANGUAGES[tag]

    (told,) = facts({"why": NotLetIn.code}, language, lambda _name, _noted: None)
    (other,) = facts({"why": "of-old"}, language, lambda _name, _noted: None)

    assert (told.value, told.raw) == (language.codes["Refusal"]["not-let-in"], False)
    assert (other.value, other.raw) == ("of-old", True)


async def test_no_secret_is_in_it() -> None:
    """Neither tokens nor codes, challenges or signatures are in the audit."""
    office = Office()
    made = await office.people.invite(Invite(name="Kim", roles=("officer",)))
    _, device = await office.enrolled("Lee")
    browser = office.people.challenges.browser(None)
    answer = device.show(office.entering.ask(browser))
    begun, _ = await office.entering.sign_in(browser, answer, AT_DESK)
    with pytest.raises(Exception, match="answer"):
        await office.entering.sign_in(browser, answer, AT_DESK)
    with pytest.raises(Exception, match="code"):
        office.entering.invited("aaaa-bbbb", AT_DESK)
    text = str(await office.happened())

    response = json.loads(answer)["response"]
    for secret in (begun.token, csrf_of(begun.token), made.code, made.code.replace("-", ""), browser):
        assert secret not in text
    for secret in ("aaaa-bbbb", response["signature"], response["clientDataJSON"]):
        assert secret not in text


async def test_looking_again_is_one_look() -> None:
    """Ten looks a second at one page are one document with one line, some seconds later."""
    office = Office()
    _, device = await office.enrolled("Kim")
    signed = await office.who((await office.signed_in(device)).token)
    assert signed
    await office.happened()
    before = len(office.store.documents("console/audit"))
    for _ in range(100):
        office.people.looked(signed, "room", {})
        office.people.looked(signed, "case", {"case": "birch.1.12"})

    assert len(office.store.documents("console/audit")) == before
    assert [one.what for one in await office.happened()][-2:] == ["looked", "looked"]
    assert len(office.store.documents("console/audit")) == before + 1


async def test_pages_of_it_have_everything_once() -> None:
    """Page after page, the newest first, everything comes once; none has more than a hundred lines."""
    office = Office()
    for at in range(450):
        office.clock.now_ms += at % 3
        office.people.audit._add("looked", "", "", "", {"page": str(at)})
        if at % 7 == 0 or at > 400:
            office.people.audit.flush()
    await office.happened()
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        shown = office.people.audit.page(after)
        assert 0 < len(shown.happened) <= 100
        found += [one.about["page"] for one in shown.happened]
        after = shown.next

    assert found == [str(at) for at in reversed(range(450))]


async def test_a_restart_within_one_millisecond_loses_nothing() -> None:
    """What is noted by two processes at one reading of the clock is all there."""
    office = Office()
    office.people.audit.note("signed-in", name="a")
    await office.happened()
    again = office.again()
    again.people.audit.note("signed-in", name="b")

    assert sorted(one.name for one in await again.happened()) == ["a", "b"]


async def test_it_is_kept_for_a_set_time() -> None:
    """After the days that the operator has set, it is forgotten, and only what is older."""
    office = Office()
    for at in range(450):
        office.people.audit.note("signed-in", name=f"old-{at}")
        await office.happened()
    office.clock.now_ms += 1_000
    office.people.audit.note("signed-in", name="newer")
    await office.happened()
    office.clock.now_ms += 180 * 24 * HOUR_MS - 500
    await office.people.audit.sweep()

    assert [one.name for one in await office.happened()] == ["newer"]


async def test_a_full_disk_keeps_it_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written now is written when there is room."""
    office = Office()

    def full(*_: object) -> None:
        raise StorageFull

    with monkeypatch.context() as patch:
        patch.setattr(office.store, "put_document", full)
        office.people.audit.note("signed-in", name="Kim")
        assert await office.happened() == []

    assert [one.name for one in await office.happened()] == ["Kim"]


async def test_what_others_wrote_is_cut() -> None:
    """A path of any length takes a line of bounded length."""
    office = Office()
    _, device = await office.enrolled("Kim")
    signed = await office.who((await office.signed_in(device)).token)
    assert signed
    office.people.looked(signed, "case", {"case": "x" * 10_000})

    assert len((await office.happened())[-1].about["case"]) == 160
