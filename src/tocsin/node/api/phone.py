"""The routes of the machine API for calls by telephone (docs/api.md)."""

from tocsin.node.api.hosting import Hosting, line_of
from tocsin.node.api.operations import Call, operation
from tocsin.node.phoning.calls import Phone
from tocsin.node.phoning.types import PhoneCall, PhoneQuery, PhoneSheet, SheetQuery


class PhoneCalls:
    """The operations for calls with other members."""

    _node: Hosting

    @operation("GET", "/v1/circles/{circle}/phone")
    async def phone(self, call: Call[PhoneQuery, None]) -> PhoneCall:
        """Give what each side reads in a call with a member, this minute. It asks no other node."""
        return self.of_circle(call.path["circle"]).call(call.query.member, self._node.clock.wall_ms())

    @operation("GET", "/v1/circles/{circle}/phone/sheet")
    async def phone_sheet(self, call: Call[SheetQuery, None]) -> PhoneSheet:
        """Give a sheet to print, for calls without any machine. The same number gives the same sheet."""
        query = call.query
        return self.of_circle(call.path["circle"]).sheet(query.member, query.sheet, query.rows)

    def of_circle(self, circle: str) -> Phone:
        """Calls with the members of that circle. Raises NoSuchCircle."""
        return Phone(line_of(self._node, circle), self._node.folder, self._node.store)
