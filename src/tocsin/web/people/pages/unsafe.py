"""Links that let in whoever has them, with no proof of who that is: for a demonstration on one machine.

- They do not exist unless the console is on loopback and its configuration calls that unsafe.
- A console has none by itself: whoever composes it adds them (`Parts.add`), which the demo alone does.
- A code has 128 bits, and is good as long as its console runs.
"""

import asyncio
from typing import Final

from starlette.responses import Response

from tocsin.core.clock import Chance
from tocsin.node.config import ConsoleSettings
from tocsin.web.people.accounts import Account
from tocsin.web.people.people import People
from tocsin.web.serving.errors import NoSuchPage
from tocsin.web.serving.page import page
from tocsin.web.serving.visit import Visit

_CODE_BYTES: Final = 16


class UnsafeLinks:
    """The links of one console. `used` is set once somebody has come in by one."""

    def __init__(self, people: People, settings: ConsoleSettings, chance: Chance) -> None:
        if settings.tls or not (settings.unsafe_loopback and settings.address.loopback):
            raise ValueError("Expected a console without TLS on loopback alone, found another.")
        self.used = asyncio.Event()
        self._people = people
        self._chance = chance
        self._accounts: dict[str, str] = {}

    async def make(self, account: Account) -> str:
        """Keep an account, and give a link to it. Raises what `Accounts.put` raises."""
        await self._people.entering.committer.submit(lambda: self._people.accounts.put(account))
        code = self._chance.token(_CODE_BYTES).hex()
        self._accounts[code] = account.id
        return f"{self._people.origin}/unsafe/{code}"

    @page("GET", "/unsafe/{code}", None, noted=False)
    async def come_in(self, visit: Visit) -> Response:
        """Begin a session of the account behind the code."""
        if (account_id := self._accounts.get(visit.path["code"])) is None:
            raise NoSuchPage
        people, caller = self._people, self._people.caller(visit.request)
        account = people.accounts.get(account_id)
        instead_of = visit.signed.session if visit.signed else None
        begun = await people.entering.committer.submit(
            lambda: people.sessions.begin(account.id, caller, instead_of)
        )
        people.audit.note("signed-in", account.id, account.name, caller.address, device=caller.device)
        self.used.set()
        return people.let_in(visit.go("/"), begun.token)
