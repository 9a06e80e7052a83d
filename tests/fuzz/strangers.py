"""Nearly right HTTP requests to a node's wire: those of a member, well signed, and those of anyone."""

import http.client
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.fuzz import calls
from tests.fuzz.mutation import mutated
from tests.node.nodes import note
from tests.simulation.clock import SeededChance
from tests.simulation.hostile import History

from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.wire.answers import decode_answer
from tocsin.circles.wire.http import NONCE, RECEIVER, SIGNATURE, SIGNER
from tocsin.circles.wire.protocol import METHOD, Path, Request
from tocsin.circles.wire.requests import NO_NONCE, sign_request
from tocsin.core.errors import MalformedKey
from tocsin.core.keys import decode_base64, encode_base64

_STUCK_S = 20.0
_RAW_S = 0.05


@dataclass
class Stranger:
    """Calls one node, over plain HTTP, with the keys of a member whose own log is `mine`. Close it."""

    node: Member
    mine: Member
    keys: MemberKeys
    chance: random.Random

    def __post_init__(self) -> None:
        self._address = self.node.endpoint.url.rpartition("/")[2]
        self._connection = http.client.HTTPConnection(self._address, timeout=_STUCK_S)
        self._nonce = NO_NONCE
        circle = self.mine.log.circle
        history = History(str(self.mine.log), self.keys.log, SeededChance(1, "salts"))
        history.write(self.mine.opening, *(note(circle, f"Note {number}.") for number in range(4)))
        self._honest = calls.honest(history, str(self.node.log), note(circle, "Another version."))
        self._bodies = [body for _, body in self._honest]

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def attack(self) -> None:
        """Make one call, of any kind."""
        deeds: tuple[Callable[[], None], ...] = (self._bent_body,) * 7 + (
            self._bent_headers,
            self._bent_target,
            self._bent_bytes,
        )
        self.chance.choice(deeds)()

    def _bent_body(self) -> None:
        """As a member: the body is nearly right, and all that is signed is signed."""
        request = self._request(lambda body: mutated(self.chance, body, self._bodies))
        status, body, nonce = self._exchange(METHOD, request.path, request.body, _headers(request))
        self._nonce = nonce
        if request.path != Path.ADD_CHECKPOINT:
            decode_answer(body)
        assert status in {200, 400, 401, 403, 404, 409, 413, 422, 503}

    def _bent_headers(self) -> None:
        request = self._request(lambda body: body)
        headers = _headers(request)
        for name in self.chance.sample(sorted(headers), self.chance.randrange(1, 3)):
            bent = mutated(self.chance, headers[name].encode()).translate(None, b"\r\n\0")
            headers[name] = bent.decode("latin-1")
        self._say(METHOD, request.path, request.body, headers)

    def _bent_target(self) -> None:
        request = self._request(lambda body: body)
        path = mutated(self.chance, request.path.encode()).decode("latin-1")
        path = "/" + "".join(letter for letter in path if "!" <= letter <= "~")
        method = self.chance.choice((METHOD, "GET", "PUT", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PURGE"))
        self._say(method, path, request.body, _headers(request))

    def _bent_bytes(self) -> None:
        """Nothing is right: the bytes of a request, changed anywhere."""
        request = self._request(lambda body: body)
        lines = [f"{METHOD} {request.path} HTTP/1.1", "host: x", f"content-length: {len(request.body)}"]
        lines += [f"{name}: {value}" for name, value in _headers(request).items()]
        data = "\r\n".join([*lines, "", ""]).encode() + request.body
        host, _, port = self._address.partition(":")
        with socket.create_connection((host, int(port)), timeout=_RAW_S) as connection, suppress(OSError):
            connection.sendall(mutated(self.chance, data, self._bodies))
            answer = connection.recv(2**16)
            assert not answer.startswith(b"HTTP/1.1 500")

    def _request(self, bend: Callable[[bytes], bytes]) -> Request:
        path, body = self.chance.choice(self._honest)
        if self._nonce == NO_NONCE:
            path, body = Path.NONCE, b""
        elif self.chance.random() < 0.5:
            body = calls.signed(self.keys.log, path, bend(body))
        else:
            body = bend(body)
        return sign_request(self.keys.request, str(self.node.log), path, body, self._nonce)

    def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, bytes]:
        """Status, body and nonce of the answer."""
        self._connection.request(method, path, body, headers)
        with self._connection.getresponse() as response:
            nonce = decode_base64(response.headers.get(NONCE, ""), MalformedKey)
            assert response.status != 500, (method, path, headers, body)
            return response.status, response.read(), nonce or NO_NONCE

    def _say(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        """The same; the node may end the connection over it."""
        with suppress(http.client.HTTPException, ConnectionError):
            self._exchange(method, path, body, headers)
        self._connection.close()


def _headers(request: Request) -> dict[str, str]:
    return {
        RECEIVER: request.receiver,
        SIGNER: request.signer,
        NONCE: encode_base64(request.nonce),
        SIGNATURE: encode_base64(request.signature),
    }
