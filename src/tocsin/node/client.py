"""Calling a node through the Unix socket of its machine API, as the command line does.

    client = Client(config.api_socket)
    client.write(circle, SayNote(author="duty", author_kind="officer", lang="en", text="Smoke."))

Synchronous, on nothing but the standard library, so that a command starts quickly.

What the node refuses comes out as a Refusal with the node's own code, what went wrong in it as a Fault.
"""

import http.client
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import msgspec

from tocsin.checks import ChecksView
from tocsin.core.errors import Fault, Refusal, TocsinError
from tocsin.node.api.changetypes import (
    DepartureState,
    Done,
    DraftEpoch,
    DraftLeaving,
    Entry,
    EpochsState,
    Purge,
    Suspend,
    Take,
    TakeBundle,
    Unsigned,
)
from tocsin.node.api.console.types import ConsolePeople, Invite, Invited, SignedOut, SignOut
from tocsin.node.api.types import (
    Carried,
    Erasures,
    EvidenceList,
    Health,
    Join,
    Joined,
    Problem,
    Records,
    Say,
    ShownRecord,
    Status,
    Written,
)
from tocsin.node.phoning.types import PhoneCall, PhoneSheet, SheetQuery

# Longer than a node takes to start its first write, and than it is silent to who follows it.
_TIMEOUT_S = 40.0
_DATA = b"data: "
_PART_BYTES = 2**20

T = TypeVar("T")


class NoAnswer(Refusal):
    """The node does not answer."""

    code = "no-answer"


class Client:
    """Calls the node behind a Unix socket. Every method raises NoAnswer, and what the node's problem says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def health(self) -> Health:
        """Whether the node does its part."""
        return self._call("GET", "/v1/health", gives=Health)

    def status(self) -> Status:
        """Who holds what of whom."""
        return self._call("GET", "/v1/status", gives=Status)

    def join(self, charter: str, join_files: Sequence[str]) -> Joined:
        """Join a circle."""
        return self._call(
            "POST", "/v1/circles", body=Join(charter=charter, join_files=tuple(join_files)), gives=Joined
        )

    def write(self, circle: str, say: Say, *, urgent: bool = False) -> Written:
        """Write a record; it is durable at the node when this returns."""
        query = urlencode({"urgent": str(urgent).lower()})
        return self._call("POST", f"/v1/circles/{circle}/records?{query}", body=say, gives=Written)

    def records(self, circle: str, log: str, first: int = 0, limit: int = 100) -> Records:
        """Entries of one log from `first` on."""
        query = urlencode({"log": log, "first": first, "limit": limit})
        return self._call("GET", f"/v1/circles/{circle}/records?{query}", gives=Records)

    def newest(self, circle: str, limit: int = 100) -> Records:
        """The newest entries of all logs, by their times."""
        query = urlencode({"limit": limit})
        return self._call("GET", f"/v1/circles/{circle}/records?{query}", gives=Records)

    def follow(self, circle: str | None = None, newest: int = 0) -> Iterator[ShownRecord]:
        """Records of one circle or of all, as they come; first so many of the newest. Ends with the node."""
        query = {"newest": newest} | ({"circle": circle} if circle else {})
        with closing(_Connection(self._path)) as connection:
            answer = _answered(connection, "GET", f"/v1/follow?{urlencode(query)}", None)
            try:
                for line in answer:
                    if line.startswith(_DATA):
                        yield msgspec.json.decode(line.removeprefix(_DATA), type=ShownRecord)
            except (OSError, http.client.HTTPException) as error:
                raise NoAnswer(f"Expected the node to go on, found: {error}.") from error

    def erasures(self, circle: str) -> Erasures:
        """What was ordered to be erased, and our holds."""
        return self._call("GET", f"/v1/circles/{circle}/erasures", gives=Erasures)

    def bundle(self, circle: str) -> bytes:
        """The circle in one file."""
        return self._exchange("GET", f"/v1/circles/{circle}/bundle")

    def take_bundle(self, bundle: str, events: Sequence[str] = ()) -> Done:
        """Join the circle of a file, or take its events; with events that are not in it yet."""
        body = TakeBundle(bundle=bundle, events=tuple(events))
        return self._call("POST", "/v1/bundles", body=body, gives=Done)

    def take(self, circle: str, events: Sequence[str]) -> Done:
        """Take events."""
        return self._call("POST", f"/v1/circles/{circle}/events", body=Take(events=tuple(events)), gives=Done)

    def epochs(self, circle: str) -> EpochsState:
        """The epochs of all members."""
        return self._call("GET", f"/v1/circles/{circle}/epochs", gives=EpochsState)

    def draft_epoch(self, circle: str, wish: DraftEpoch) -> Unsigned:
        """New keys, and what is to be signed for them."""
        return self._call("POST", f"/v1/circles/{circle}/epochs", body=wish, gives=Unsigned)

    def cancel_epoch(self, circle: str) -> Done:
        """Forget the draft of a new epoch."""
        return self._call("DELETE", f"/v1/circles/{circle}/epochs", gives=Done)

    def draft_leaving(self, circle: str, wish: DraftLeaving) -> Unsigned:
        """What is to be signed to leave."""
        return self._call("POST", f"/v1/circles/{circle}/leaving", body=wish, gives=Unsigned)

    def cancel_leaving(self, circle: str) -> Done:
        """Stay after all."""
        return self._call("DELETE", f"/v1/circles/{circle}/leaving", gives=Done)

    def departure(self, circle: str) -> DepartureState:
        """What is here of the others."""
        return self._call("GET", f"/v1/circles/{circle}/leaving", gives=DepartureState)

    def purge(self, circle: str, order: Purge) -> DepartureState:
        """Purge what the others said, once we have left."""
        return self._call("POST", f"/v1/circles/{circle}/purge", body=order, gives=DepartureState)

    def entry(self, circle: str, log: str, index: int) -> Entry:
        """An entry as other records name it."""
        query = urlencode({"log": log, "index": index})
        return self._call("GET", f"/v1/circles/{circle}/entry?{query}", gives=Entry)

    def suspend(self, circle: str, member: str, reason: str | None) -> Done:
        """Do not speak with a member; without a reason, speak with it again."""
        body = Suspend(member=member, reason=reason)
        return self._call("POST", f"/v1/circles/{circle}/suspended", body=body, gives=Done)

    def proof(self, circle: str, log: str, index: int) -> bytes:
        """The proof file of one entry."""
        return self._exchange("GET", f"/v1/circles/{circle}/proof?{urlencode({'log': log, 'index': index})}")

    def evidence(self, circle: str) -> EvidenceList:
        """The evidence that is kept there."""
        return self._call("GET", f"/v1/circles/{circle}/evidence", gives=EvidenceList)

    def give_out(self, circle: str, to: str | None = None, since: str = "") -> Iterator[bytes]:
        """A carry file, part by part."""
        query = {"since": since} | ({"to": to} if to else {})
        with closing(_Connection(self._path)) as connection:
            answer = _answered(connection, "GET", f"/v1/circles/{circle}/carry?{urlencode(query)}", None)
            try:
                while part := answer.read(_PART_BYTES):
                    yield part
            except (OSError, http.client.HTTPException) as error:
                raise NoAnswer(f"Expected the node to go on, found: {error}.") from error

    def take_in(self, circle: str, part: bytes) -> Carried:
        """Take a carry file, or a part of one that is a carry file itself."""
        return self._call("POST", f"/v1/circles/{circle}/carry", body=part, gives=Carried)

    def phone(self, circle: str, member: str) -> PhoneCall:
        """What each side reads in a call with a member."""
        return self._call(
            "GET", f"/v1/circles/{circle}/phone?{urlencode({'member': member})}", gives=PhoneCall
        )

    def phone_sheet(self, circle: str, wanted: SheetQuery) -> PhoneSheet:
        """A sheet to print, for calls with a member."""
        query = urlencode(msgspec.structs.asdict(wanted))
        return self._call("GET", f"/v1/circles/{circle}/phone/sheet?{query}", gives=PhoneSheet)

    def console_invite(self, wish: Invite) -> Invited:
        """A code with which somebody enrols at the console."""
        return self._call("POST", "/v1/console/invitations", body=wish, gives=Invited)

    def console_people(self) -> ConsolePeople:
        """Who has an account at the console."""
        return self._call("GET", "/v1/console/people", gives=ConsolePeople)

    def console_sign_out(self, name: str | None) -> SignedOut:
        """Sign somebody out of the console, or everyone."""
        return self._call("POST", "/v1/console/signouts", body=SignOut(name=name), gives=SignedOut)

    def checks(self, circle: str) -> ChecksView:
        """The communication checks, our own response times, and the median of the others'."""
        return self._call("GET", f"/v1/circles/{circle}/checks", gives=ChecksView)

    def metrics(self) -> bytes:
        """All metrics, as Prometheus reads them."""
        return self._exchange("GET", "/v1/metrics")

    def _call(
        self, method: str, target: str, *, gives: type[T], body: msgspec.Struct | bytes | None = None
    ) -> T:
        return msgspec.json.decode(self._exchange(method, target, body), type=gives)

    def _exchange(self, method: str, target: str, body: msgspec.Struct | bytes | None = None) -> bytes:
        with closing(_Connection(self._path)) as connection:
            return _answered(connection, method, target, body).read()


class _Connection(http.client.HTTPConnection):
    """A connection over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("node", timeout=_TIMEOUT_S)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def _answered(
    connection: _Connection, method: str, target: str, body: msgspec.Struct | bytes | None
) -> http.client.HTTPResponse:
    """The answer, if it is none of a problem. Raises NoAnswer, and what a problem says."""
    try:
        data = msgspec.json.encode(body) if isinstance(body, msgspec.Struct) else body
        connection.request(method, target, data)
        answer = connection.getresponse()
        if answer.status == http.client.OK:
            return answer
        raise _error(msgspec.json.decode(answer.read(), type=Problem))
    except (OSError, http.client.HTTPException) as error:
        # Without its socket, or with one that nobody listens on any more, no node runs here.
        gone = isinstance(error, FileNotFoundError | ConnectionRefusedError)
        found = "that none runs here" if gone else f"none that answers ({error})"
        raise NoAnswer(
            f"Expected a running node at {connection.path}, found {found}. Next: `tocsin run`."
        ) from error


def _error(problem: Problem) -> TocsinError:
    family = Fault if problem.status >= http.client.INTERNAL_SERVER_ERROR else Refusal
    kind = type("Problem", (family,), {"code": problem.code})
    error: TocsinError = kind(f"{problem.detail} Next: {problem.next}" if problem.next else problem.detail)
    return error
