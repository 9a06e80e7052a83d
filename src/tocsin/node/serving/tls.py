"""TLS at the wire's listener: version 1.3, and a key for each circle on one port (docs/protocol.md, 8.3).

- A caller states in the server name which pin it expects, and is shown that key. Whoever states none, or
  another, is refused, and learns neither a key of this node nor that it has several.
- No certificate of the caller is asked for: who calls is shown by the request's signature.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from tocsin.circles.wire.http import server_name


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where a TLS key and its certificate lie, as PEM; `pin` is 64 hex digits."""

    secret: Path
    certificate: Path
    pin: str


class TlsKeys:
    """The TLS keys of one listener. Keys may be added while it serves."""

    def __init__(self) -> None:
        self._by_name: dict[str, ssl.SSLContext] = {}
        self.context = _context()
        self.context.sni_callback = self._choose

    def add(self, files: TlsFiles) -> None:
        """Show this key to whoever asks for it. Raises ssl.SSLError for two files that do not fit."""
        context = _context()
        context.load_cert_chain(files.certificate, files.secret)
        self._by_name[server_name(files.pin)] = context

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        context = self._by_name.get(name or "")
        if context is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = context
        return None


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # Nobody resumes a session here, so that everyone is shown the key.
    context.num_tickets = 0
    return context
