"""What is checked before a page is made, whoever asks."""

import pytest
from markupsafe import escape
from starlette.responses import Response
from tests.web.browsing import Browser, Opened, opened, someone

from tocsin.web.languages import LANGUAGES
from tocsin.web.serving.headers import ALWAYS
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

OFFICER = someone(Role.OFFICER)


class Part:
    """A few pages."""

    def __init__(self) -> None:
        self.sent: list[dict[str, list[str]]] = []

    @page("GET", "/look/{what}", Role.READER)
    async def look(self, visit: Visit) -> Response:
        """Anyone with an account."""
        return visit.html(f"<p>{visit.path['what']}</p>")

    @page("POST", "/say", Role.OFFICER)
    async def say(self, visit: Visit) -> Response:
        """An officer."""
        self.sent.append(dict(visit.fields))
        return visit.go("/")

    @page("GET", "/open", None)
    async def open(self, visit: Visit) -> Response:
        """Anybody at all."""
        return visit.html(visit.language.tag)

    @page("GET", "/broken", Role.READER)
    async def broken(self, _: Visit) -> Response:
        """Something of ours that does not work."""
        raise ZeroDivisionError


@pytest.fixture
def part() -> Part:
    """A few pages."""
    return Part()


@pytest.fixture
def console(part: Part) -> Opened:
    """They, behind a door."""
    return opened(part)


@pytest.mark.anyio
async def test_every_answer_lets_nothing_foreign_run(console: Opened) -> None:
    """Pages, redirections, errors and files all carry the same strict headers."""
    browser = Browser(console, OFFICER)

    for path in ("/look/x", "/nothing", "/open", "/static/x/y"):
        answer = await browser.get(path)
        assert ALWAYS.items() <= answer.headers.items()
        assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.anyio
async def test_another_host_is_refused(console: Opened) -> None:
    """A name that somebody made to point here (DNS rebinding) is not this console."""
    answer = await Browser(console, OFFICER).get("/look/x", host="evil.example")

    assert answer.status == 421


@pytest.mark.anyio
async def test_who_is_not_signed_in_is_sent_to_sign_in(console: Opened) -> None:
    """And comes back to where they wanted to be; part of a page is not made a sign-in page."""
    browser = Browser(console)

    whole = await browser.get("/look/x")
    part_of_one = await browser.get("/look/x", hx_request="true")

    assert (whole.status, whole.headers["location"]) == (303, "/sign-in?next=/look/x")
    assert (part_of_one.status, part_of_one.headers["hx-redirect"]) == (401, "/sign-in?next=/look/x")


@pytest.mark.anyio
async def test_a_role_that_is_missing_is_named(console: Opened, part: Part) -> None:
    """A reader says nothing for the organisation."""
    answer = await Browser(console, someone()).post("/say", {"text": "x"})

    assert answer.status == 403
    assert "officer" in answer.text
    assert part.sent == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_a_form_of_another_site_is_refused(
    console: Opened, part: Part, headers: dict[str, str]
) -> None:
    """Whatever token it carries."""
    answer = await Browser(console, OFFICER).post("/say", {"text": "x"}, **headers)

    assert answer.status == 403
    assert part.sent == []


@pytest.mark.anyio
@pytest.mark.parametrize("token", ["", "csrf-of-other", "csrf-of-aru\u00e9", ["csrf-of-aru", "csrf-of-aru"]])
async def test_a_form_without_the_sessions_token_is_refused(
    console: Opened, part: Part, token: str | list[str]
) -> None:
    """None, another session's, one that is not ASCII, two."""
    answer = await Browser(console, OFFICER).post("/say", {"text": "x", "csrf": token})

    assert answer.status == 403
    assert part.sent == []


@pytest.mark.anyio
async def test_a_script_sends_the_token_in_a_header(console: Opened, part: Part) -> None:
    """What is no form has no field for it."""
    browser = Browser(console, OFFICER)

    assert (await browser.send("/say", b"\x00")).status == 303
    assert (await browser.send("/say", b"\x00", x_csrf="other")).status == 403
    assert len(part.sent) == 1


@pytest.mark.anyio
async def test_a_body_is_capped_before_it_is_read(console: Opened, part: Part) -> None:
    """However much somebody sends."""
    answer = await Browser(console, OFFICER).post("/say", {"text": "x" * 300_000})

    assert answer.status == 413
    assert part.sent == []


@pytest.mark.anyio
async def test_line_ends_are_those_of_records(console: Opened, part: Part) -> None:
    """Browsers send CR LF; empty fields are none."""
    await Browser(console, OFFICER).post("/say", {"text": "a\r\nb", "lang": ""})

    assert part.sent == [{"text": ["a\nb"], "lang": []}]


@pytest.mark.anyio
async def test_looks_are_noted(console: Opened) -> None:
    """Who looked at what; not what was refused."""
    browser = Browser(console, OFFICER)

    await browser.get("/look/x")
    await browser.get("/nothing")

    assert console.door.looks == [("Aru", "look", {"what": "x"})]


@pytest.mark.anyio
async def test_what_is_ours_is_told_to_us_and_not_to_them(console: Opened) -> None:
    """A fault is logged, and the page says no more than that there is one."""
    answer = await Browser(console, OFFICER).get("/broken")

    assert answer.status == 500
    assert "ZeroDivisionError" not in answer.text
    assert [type(one) for one in console.faults] == [ZeroDivisionError]


@pytest.mark.anyio
@pytest.mark.parametrize("tag", LANGUAGES)
async def test_why_not_is_said_in_the_readers_language(console: Opened, tag: str) -> None:
    """What happened and what next in their own; beneath it the detail, marked as the English that it is."""
    refusals = LANGUAGES[tag].codes["Refusal"]
    reader = Browser(console, someone(language=tag))

    refused = (await reader.post("/say", {"text": "x"})).text
    told, _, detail = refused.partition('<p class="muted small" lang="en">')
    assert escape(refusals["other-role"]) in told
    assert "Expected the role officer, found reader." in detail
    assert escape(refusals["no-such-page"]) in (await reader.get("/nowhere")).text
    assert escape(refusals["fault"]) in (await reader.get("/broken")).text


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("fr, ja;q=0.5", "ja"),
        ("zh-TW", "zh-Hant"),
        ("zh-CN, ru;q=0.1", "ru"),
        ("tg;q=x,,;q=,en;q=0.1", "en"),
        ("", "en"),
        ("*" * 5000, "en"),
    ],
)
async def test_a_stranger_reads_their_own_language(console: Opened, accepted: str, tag: str) -> None:
    """The first that they accept and there are words for; English otherwise."""
    answer = await Browser(console).get("/open", accept_language=accepted)

    assert answer.text == tag
