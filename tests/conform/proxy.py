"""A proxy before an endpoint: it hands every call on, and changes what comes back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tocsin.circles.errors import PushTooLarge
from tocsin.circles.wire.answers import Refused, encode_answer
from tocsin.circles.wire.messages import MAX_PUSH_BYTES


class Answered(NamedTuple):
    """What came back: status, body and the next nonce, if any."""

    status: int
    body: bytes
    nonce: str


Change = Callable[[str, bytes, Answered], Answered]
"""From the path and the body of a call, and what came back, to what is handed back."""


@contextmanager
def proxy(port: int, change: Change) -> Iterator[str]:
    """The address of a proxy before what listens at this port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size_bytes = int(self.headers.get("content-length", "0"))
            if size_bytes > MAX_PUSH_BYTES:
                self._answer(Answered(413, encode_answer(Refused(PushTooLarge.code, 0, "")), ""))
                return
            body = self.rfile.read(size_bytes)
            behind = HTTPConnection("127.0.0.1", port, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.startswith("tocsin-")}
            behind.request("POST", self.path, body, headers)
            with behind.getresponse() as found:
                answered = Answered(found.status, found.read(), found.getheader("tocsin-nonce", ""))
            behind.close()
            self._answer(change(self.path, body, answered))

        def _answer(self, changed: Answered) -> None:
            self.send_response(changed.status)
            self.send_header("content-length", str(len(changed.body)))
            if changed.nonce:
                self.send_header("tocsin-nonce", changed.nonce)
            self.end_headers()
            self.wfile.write(changed.body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
