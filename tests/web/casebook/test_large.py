"""A case of 10,000 records, and members that write as much as they may: no page is as long as that."""

import random
import string
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from tests.web.browsing import Browser, opened, someone
from tests.web.casebook.told import CIRCLE, TERMS, known, many

from tocsin.cases.picture.view import CaseView
from tocsin.core.records import Fingerprint, Operator, System
from tocsin.web.casebook.attaching import Attaching
from tocsin.web.casebook.book import Casebook
from tocsin.web.casebook.reading import Opening
from tocsin.web.casebook.sections import Case
from tocsin.web.casebook.taking import Taking
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio

MOST_BYTES = 150_000


class Reads:
    """In place of a node: one case, with or without who has what; read in so many steps."""

    def __init__(self, view: CaseView, steps: int = 0) -> None:
        self._whole = known(view, TERMS, "ash")
        self._said = known(view, TERMS, "ash", received=False)
        self._steps = steps
        self._taken = 0

    async def opening(self, _: Mapping[str, str]) -> Opening | None:
        """As `Reading` has it, of a case that is not in memory."""
        self._taken += 1
        if self._taken > self._steps:
            return None
        case = self._whole
        return Opening(case.circle, case.title, case.terms, case.view.case, self._taken * 1_000, 10_000)

    async def case(self, _: Mapping[str, str], *, received: bool = False) -> Case:
        """As `Reading` has it, of a large case."""
        return self._whole if received else self._said

    async def assessed(self, case: Case) -> Case:
        """As `Reading` has it, of one that nobody reads."""
        return case


class Shows:
    """In place of what keeps open pages true."""

    def shown(self, case: Case) -> None:
        """A page was made."""


def browser(view: CaseView, steps: int = 0) -> tuple[Browser, str]:
    """Somebody who looks at this case, which is read in so many steps, and where it is."""
    book = Casebook(None, Shows(), lambda *_: ())  # type: ignore[arg-type]
    book._reading = Reads(view, steps)  # type: ignore[assignment]
    nothing: Any = SimpleNamespace(clock=None)
    taking, attaching = Taking(nothing), Attaching(nothing)
    taking._reading = attaching._reading = book._reading
    app = opened(book, taking, attaching)
    return Browser(app, someone(Role.OFFICER)), f"/cases/{CIRCLE}/{view.case}"


@pytest.fixture(scope="module")
def ten_thousand() -> CaseView:
    """A case of 10,000 reports."""
    return many(10_000)


@pytest.mark.parametrize(
    "query", ["", "?received=true", "?order=causal", "?after=ash.1.2500", "?kind=report"]
)
async def test_a_page_of_10_000_records_stays_small(ten_thousand: CaseView, query: str) -> None:
    """It has 100 of them, and the way to the others."""
    somebody, path = browser(ten_thousand)

    page = await somebody.get(path + query)

    assert page.status == 200, page.text
    assert page.wire_bytes < MOST_BYTES / 4
    assert page.text.count('class="case-entry ') == 100
    assert "after=" in page.text


async def test_who_has_what_of_a_large_case_comes_after_the_page(ten_thousand: CaseView) -> None:
    """The page asks for it by itself, and says how to ask for it without a script."""
    somebody, path = browser(ten_thousand)

    first = await somebody.get(path)
    then = await somebody.get(path + "?received=true", hx_request="true", hx_target="article#case")

    assert 'hx-trigger="load"' in first.text
    assert f'href="{path}?received=true"' in first.text
    assert "Held by" not in first.text
    assert "Held by" in then.text
    assert "<html" not in then.text


async def test_a_large_case_that_is_not_in_memory_says_how_far_it_is_read(ten_thousand: CaseView) -> None:
    """The page is there at once, asks again by itself until it has the case, and goes on without a script."""
    somebody, path = browser(ten_thousand, steps=2)
    again = {"hx_request": "true", "hx_target": "article#case"}

    first = await somebody.get(path)
    second = await somebody.get(path, **again)
    third = await somebody.get(path, **again)

    assert "<html" in first.text
    assert "Records read so far: 1000 of 10000" in first.text
    assert f'hx-get="{path}" hx-trigger="load"' in first.text
    assert f'href="{path}?received=true"' in first.text
    assert "<html" not in second.text
    assert "Records read so far: 2000 of 10000" in second.text
    assert 'class="case-entry ' in third.text


@pytest.mark.parametrize(
    "path",
    [
        f"/briefs/{CIRCLE}/{{case}}?lang=ko",
        f"/exports/{CIRCLE}/{{case}}",
        f"/cases/{CIRCLE}/{{case}}/{{case}}",
        f"/cases/{CIRCLE}/{{case}}/{{case}}/check",
        f"/attachments/{CIRCLE}/{'5e' * 32}?case={{case}}",
    ],
)
async def test_other_pages_of_it_say_so_too_and_go_on_to_what_was_asked(path: str) -> None:
    """Whoever comes by a link has the frame at once, and the page itself as soon as the case is read."""
    view = many(3)
    somebody, _ = browser(view, steps=2)
    path = path.format(case=view.case)
    again = {"hx_request": "true", "hx_target": "article#case-opening"}

    first = await somebody.get(path)
    second = await somebody.get(path, **again)
    third = await somebody.get(path, **again)

    assert "<html" in first.text
    assert "Records read so far: 1000 of 10000" in first.text
    assert 'id="case-opening"' in first.text
    assert f'hx-get="{path}" hx-trigger="load"' in first.text
    assert '<noscript><meta http-equiv="refresh" content="0"></noscript>' in first.text
    assert "<html" not in second.text
    assert "Records read so far: 2000 of 10000" in second.text
    assert third.headers["hx-refresh"] == "true"


async def test_who_will_wait_is_not_told_how_far_it_is(ten_thousand: CaseView) -> None:
    """Asked for with who has what, the case is read as long as it takes; so is what comes of its timeline."""
    somebody, path = browser(ten_thousand, steps=2)

    whole = await somebody.get(path + "?received=true")
    more = await somebody.get(path + "?after=ash.1.2500", hx_request="true", hx_target="li#case-more")

    assert "Held by" in whole.text
    assert more.text.count('class="case-entry ') == 100


async def test_members_that_write_as_much_as_they_may_make_no_page_larger() -> None:
    """Whatever they write cannot be packed, either."""
    chance = random.Random(7)

    def noise(length: int) -> str:
        return "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(length))

    view = many(
        300,
        summary=noise(16_000),
        systems=tuple(System(name=noise(256), version=noise(256)) for _ in range(16)),
        operators=tuple(Operator(name=noise(256), role="user") for _ in range(16)),
        fingerprints=tuple(
            sorted(Fingerprint(kind="url", value=f"https://x.example/{noise(1900)}") for _ in range(64))
        ),
    )
    somebody, path = browser(view)

    page = await somebody.get(path + "?received=true")

    assert page.status == 200
    assert page.wire_bytes < MOST_BYTES
