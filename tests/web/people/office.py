"""The people of a console in a store in memory, on a clock that is set by hand."""

from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from tests.simulation.memory_store import MemoryStore
from tests.web.people.authenticator import Authenticator, KeyFile

from tocsin.log.committer import Committer
from tocsin.node.card.officers import Officers
from tocsin.node.clock import SystemChance
from tocsin.node.config import ConsoleSettings
from tocsin.web.people.accounts import Account
from tocsin.web.people.audit import Happened
from tocsin.web.people.entering import Wish
from tocsin.web.people.people import People
from tocsin.web.people.sessions import Begun, Caller
from tocsin.web.serving.person import Person, Role, Signed

DOMAIN = "console.example.org"
ORIGIN = f"https://{DOMAIN}"
BY_NAME = ConsoleSettings(
    listen="127.0.0.1:8442", public=ORIGIN, tls_cert=Path("console.crt"), tls_key=Path("console.key")
)
BY_ADDRESS = ConsoleSettings(listen="127.0.0.1:8442", public="http://127.0.0.1:8442", unsafe_loopback=True)
BOUND = ConsoleSettings(
    listen="127.0.0.1:8442",
    public=ORIGIN,
    tls_cert=Path("console.crt"),
    tls_key=Path("console.key"),
    device_bound_keys=True,
)
AT_DESK = Caller("192.0.2.7", "Firefox, Linux")
ELSEWHERE = Caller("198.51.100.9", "Chrome, Windows")
HOUR_MS = 3_600_000
BY = Person("id-of-admin", "Admin", "admin", frozenset(Role), "en", "UTC", "system")


class HandClock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now_ms = 1_684_764_000_000

    def wall_ms(self) -> int:
        """Unix time in milliseconds."""
        return self.now_ms

    def monotonic_s(self) -> float:
        """The same, in seconds."""
        return self.now_ms / 1000

    async def sleep(self, seconds: float) -> None:
        """Set it so much further."""
        self.now_ms += int(seconds * 1000)


@dataclass
class Office:
    """People, and what they stand on; `again` is the same after a restart."""

    settings: ConsoleSettings = BY_NAME
    store: MemoryStore = field(default_factory=lambda: MemoryStore("0" * 32))
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        committer = Committer(self.store, lambda _: None)
        self.people = People(
            self.settings,
            "Desk east",
            store=self.store,
            committer=committer,
            clock=self.clock,
            chance=SystemChance(),
            keys=Officers(self.store, committer, lambda _: None),
        )
        self.entering = self.people.entering

    def again(self) -> "Office":
        """The console of the same store, started anew."""
        return Office(self.settings, self.store, self.clock)

    def authenticator(self, counter: int = 0) -> Authenticator:
        """A new authenticator, at a browser that shows this console."""
        return Authenticator(ORIGIN, DOMAIN, counter=counter)

    async def enrolled(
        self, name: str, *roles: Role, device: Authenticator | KeyFile | None = None
    ) -> tuple[Account, Authenticator | KeyFile]:
        """Somebody who has come in by a code, and their authenticator."""
        made = await self.people.invitations.invite(name, "duty-officer", tuple(roles), "test")
        device = device or (self.authenticator() if self.people.by_passkey else KeyFile())
        browser, wish = self.people.challenges.browser(None), Wish(made.code, name, "en")
        asked = self.entering.ask_to_enrol(browser, wish, AT_DESK)
        _, account = await self.entering.enrol(browser, wish, device.make(asked), AT_DESK)
        return account, device

    async def signed_in(
        self, device: Authenticator | KeyFile, caller: Caller = AT_DESK, instead_of: str | None = None
    ) -> Begun:
        """A session, begun as a browser does it."""
        browser = self.people.challenges.browser(None)
        if isinstance(device, Authenticator) and device.counter:
            device.counter += 1
        answer = device.show(self.entering.ask(browser))
        begun, _ = await self.entering.sign_in(browser, answer, caller, instead_of)
        return begun

    async def who(self, token: str) -> Signed | None:
        """Who is signed in with that cookie."""
        return await self.people.signed(self.request(token))

    def request(self, token: str) -> Request:
        """A request with that cookie."""
        name = "__Host-tocsin" if self.settings.tls else "tocsin-8442"
        headers = [(b"cookie", f"{name}={token}".encode())]
        return Request(
            {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
        )

    async def happened(self) -> list[Happened]:
        """The audit, the oldest first."""
        self.people.audit.flush()
        await self.people.sessions.end("")
        return list(reversed(self.people.audit.page().happened))
