"""The routes of the machine API about people of the console (docs/api.md)."""

from tocsin.node.api.console import types
from tocsin.node.api.console.types import Console
from tocsin.node.api.hosting import Hosting
from tocsin.node.api.operations import Call, operation
from tocsin.node.errors import NoConsole


class ConsoleCalls:
    """The operations about people of the console."""

    _node: Hosting

    @operation("POST", "/v1/console/invitations")
    async def invite_to_console(self, call: Call[None, types.Invite]) -> types.Invited:
        """Make a code with which somebody enrols at the console."""
        return await self._console().invite(call.body)

    @operation("GET", "/v1/console/people")
    async def people_of_console(self, _: Call[None, None]) -> types.ConsolePeople:
        """Say who has an account at the console."""
        return types.ConsolePeople(people=tuple(self._console().people()))

    @operation("POST", "/v1/console/signouts")
    async def sign_out_of_console(self, call: Call[None, types.SignOut]) -> types.SignedOut:
        """Sign somebody out of the console, or everyone, in all browsers."""
        return await self._console().sign_out(call.body.name)

    def _console(self) -> Console:
        if self._node.console is None:
            raise NoConsole
        return self._node.console
