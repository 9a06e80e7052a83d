"""The consoles of the desks that are shown in windows, and an officer at each who gets in by a link.

- Everything else is as at any desk. A link takes the place of a passkey, which nobody should have to make for
  a demonstration; it is called unsafe, and works on loopback alone.
- Who makes a key in a window may sign at once: the demo puts it on the card, as an administrator would after
  comparing letters with the officer.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from tocsin.cli.demo.script.cast import GARAM, OFFICER, POMIR, Organisation
from tocsin.cli.demo.stage import Stage
from tocsin.node.config import ConsoleSettings
from tocsin.node.node import Node
from tocsin.web.console import Console
from tocsin.web.people.accounts import ACCOUNT_ID_BYTES, Account, SignInKey
from tocsin.web.people.pages.unsafe import UnsafeLinks
from tocsin.web.serving.person import Role

_LOOK_S = 0.5
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody on duty: who, in which language they read, and which time is on their wall."""

    desk: Organisation
    name: str
    language: str
    zone: str


OFFICERS = (
    Officer(GARAM, "서윤", "ko", "Asia/Seoul"),
    Officer(POMIR, "Парвина", "ru", "Asia/Dushanbe"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A console: whose it is, where it is, and the link by which its officer gets in.

    `opened` is set once somebody has come in, `key_made` once an officer's key is on the card.
    """

    officer: Officer
    origin: str
    link: str
    opened: asyncio.Event
    key_made: asyncio.Event


async def open_consoles(stage: Stage) -> Mapping[str, Window]:
    """The consoles of those desks of the stage that have one, by their slugs."""
    windows: dict[str, Window] = {}
    for officer in OFFICERS:
        node = stage.desks[officer.desk.slug].node
        if settings := node.config.console:
            windows[officer.desk.slug] = await _open(stage, officer, node, settings)
    return windows


async def _open(stage: Stage, officer: Officer, node: Node, settings: ConsoleSettings) -> Window:
    console = Console(node, settings)
    links = UnsafeLinks(console.parts.people, settings, stage.chance)
    console.parts.add(links)
    await stage.enter(console)
    account = _account(stage, officer)
    key_made = asyncio.Event()
    await stage.enter(_putting_keys_on(stage, node, account, key_made))
    link = await links.make(account)
    return Window(officer, settings.origin, link, links.used, key_made)


def _account(stage: Stage, officer: Officer) -> Account:
    """An account with every role, and a key to sign in of which nobody has the other half."""
    now_ms = stage.clock.wall_ms()
    return Account(
        id=stage.chance.token(ACCOUNT_ID_BYTES).hex(),
        name=officer.name,
        role_name=OFFICER,
        roles=(Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR),
        language=officer.language,
        zone=officer.zone,
        made_at_ms=now_ms,
        credentials=(SignInKey(id=stage.chance.token(_KEY_BYTES), label="demo", made_at_ms=now_ms),),
    )


@contextlib.asynccontextmanager
async def _putting_keys_on(
    stage: Stage, node: Node, account: Account, key_made: asyncio.Event
) -> AsyncIterator[None]:
    """Within this, keys that the account's officer makes come onto the card."""

    async def put_on() -> None:
        while True:
            for key in node.officers.of(account.id):
                if key.on_card_by is None:
                    await node.officers.put_on(key.vkey, by="tocsin demo", at_ms=stage.clock.wall_ms())
                    key_made.set()
            await stage.clock.sleep(_LOOK_S)

    task = asyncio.create_task(put_on())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
