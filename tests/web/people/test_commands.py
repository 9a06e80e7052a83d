"""The command line lets people in, and signs them out, through the node beside which the console stands."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.node.nodes import Place, free_port
from tests.web.people.authenticator import KeyFile

from tocsin.cli import main
from tocsin.web.console import Console
from tocsin.web.people.entering import Wish
from tocsin.web.people.people import People
from tocsin.web.people.sessions import Caller
from tocsin.web.serving.person import Role

pytestmark = pytest.mark.anyio
HERE = Caller("127.0.0.1", "Firefox, Linux")


def place(folder: Path) -> Place:
    """A node with a console that is reached by an address."""
    port = free_port()
    console = (
        f'[console]\nlisten = "127.0.0.1:{port}"\npublic = "http://127.0.0.1:{port}"\nunsafe_loopback = true'
    )
    made = Place("east", folder, free_port(), console)
    (folder / "tocsin.toml").write_text(made.toml)
    return made


async def called(folder: Path, *words: str) -> Result:
    """What a command says."""
    arguments = ["console", *words, "--config", str(folder / "tocsin.toml")]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def enrolled(people: People, code: str, name: str, device: KeyFile) -> str:
    """Somebody who has used a code; the cookie."""
    browser, wish = people.challenges.browser(None), Wish(code, name, "en")
    device.origin = people.origin
    asked = people.entering.ask_to_enrol(browser, wish, HERE)
    begun, _ = await people.entering.enrol(browser, wish, device.make(asked), HERE)
    return begun.id


async def test_from_the_first_code_to_signing_everyone_out(tmp_path: Path) -> None:
    """The first code makes an administrator, the next a reader; both are listed, and signed out."""
    here = place(tmp_path)
    settings = here.config.console
    assert settings
    node = here.node()
    async with node, Console(node, settings) as console:
        people = console.parts.people
        nobody = await called(tmp_path, "people")
        first = json.loads((await called(tmp_path, "invite", "--json")).stdout)
        kim, device = await enrolled(people, first["code"], "Kim", KeyFile()), KeyFile()
        second = json.loads((await called(tmp_path, "invite", "--name", "Lee", "--json")).stdout)
        lee = await enrolled(people, second["code"], "", device)
        listed = await called(tmp_path, "people")
        again = await called(tmp_path, "recover", "lee")
        one = await called(tmp_path, "signout", "Lee")
        after_one = [people.sessions.find(session) is not None for session in (kim, lee)]
        everyone = await called(tmp_path, "signout", "--all")
        unknown = await called(tmp_path, "signout", "Park")
        neither = await called(tmp_path, "signout")
        roles = [people.accounts.named(name).roles for name in ("Kim", "Lee")]

    assert "Next: let somebody in:" in nobody.output
    assert first["url"] == f"{settings.origin}/invited#{first['code']}"
    assert roles == [(Role.ADMINISTRATOR,), ()]
    assert "administrator" in listed.output
    assert f"{settings.origin}/invited#" in again.output
    assert (one.output, after_one) == ("Sessions ended: 1.\n", [True, False])
    assert everyone.output == "Sessions ended: 1.\n"
    assert (unknown.exit_code, neither.exit_code) == (1, 2)
    assert first["code"] not in here.printed.getvalue()


async def test_a_restart_keeps_sessions_and_the_audit(tmp_path: Path) -> None:
    """Who was signed in when the node stopped is so when it runs again, and what was looked at is known."""
    here = place(tmp_path)
    settings = here.config.console
    assert settings
    node = here.node()
    async with node, Console(node, settings) as console:
        people = console.parts.people
        made = await people.invitations.invite("Kim", "duty-officer", (), "test")
        session = await enrolled(people, made.code, "", KeyFile())
        people.audit.looked("id", "Kim", "room", {})
    node = here.node()
    async with node, Console(node, settings) as console:
        people = console.parts.people

        assert people.sessions.find(session)
        assert [one.what for one in people.audit.page().happened] == ["looked", "enrolled"]


async def test_without_a_console(tmp_path: Path) -> None:
    """Where no console stands beside the node, that is what is said."""
    here = place(tmp_path)
    async with here.node():
        refused = await called(tmp_path, "people")

    assert refused.exit_code != 0
    assert "no-console" in refused.output
