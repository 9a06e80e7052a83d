"""The console of one node, on a listener of its own, beside the wire's and the machine API's.

    async with node, Console(node):
        …

It is made where the configuration has a table `[console]`, and never reachable by the other listeners.
"""

import socket
import ssl
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from types import TracebackType
from typing import Self

from tocsin.node.config import ConsoleSettings
from tocsin.node.errors import CannotListen
from tocsin.node.folder import read_secret
from tocsin.node.node import Node
from tocsin.node.serving.listener import Listener, bind_tcp
from tocsin.web.parts import Parts
from tocsin.web.serving.app import Application
from tocsin.web.serving.static import Assets
from tocsin.web.serving.visit import Site

GRACE_S = 2.0


def console_of(node: Node) -> AbstractAsyncContextManager[object]:
    """The console that a node's configuration asks for, if it does."""
    settings = node.config.console
    return Console(node, settings) if settings else nullcontext()


class Console:
    """A node's pages, from the moment it is entered to its end. `port` is where it listens then."""

    def __init__(self, node: Node, settings: ConsoleSettings) -> None:
        self._node = node
        self._settings = settings
        self._stack = AsyncExitStack()
        self.port = settings.address.port
        self.parts = Parts(node, settings)

    async def __aenter__(self) -> Self:
        """Raises CannotListen, UnsafeFile or KeysMissing, with nothing left running."""
        async with AsyncExitStack() as stack:
            bound = self._bind()
            stack.callback(bound.close)
            self.port = bound.getsockname()[1]
            await stack.enter_async_context(self.parts)
            site = Site(
                self.parts.templates,
                Assets(),
                self._settings.origin,
                self._node.config.desk.name,
                moment=self.parts.hub.moment,
                slots=self.parts.slots,
            )
            application = Application(site, self.parts.people, self.parts.pages(), self._node.call_failed)
            listener = Listener(application.asgi())
            await listener.start(bound, self._tls())
            stack.push_async_callback(listener.stop, GRACE_S)
            # Streams last as long as their pages: they end first.
            stack.callback(self.parts.end_streams)
            self._stack = stack.pop_all()
        self._node.log.info("console", url=self._settings.origin)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _bind(self) -> socket.socket:
        host, port = self._settings.address
        try:
            return bind_tcp(host, port)
        except OSError as error:
            raise CannotListen(
                f"Expected to listen on {host}, port {port}, for the console, found: {error.strerror}. "
                "Next: stop what listens there, or set another `listen` under [console]."
            ) from error

    def _tls(self) -> ssl.SSLContext | None:
        cert, key = self._settings.tls_cert, self._settings.tls_key
        if cert is None or key is None:
            return None
        # Whoever else may read the key may be this console to its people.
        read_secret(key)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(cert, key)
        except (OSError, ssl.SSLError) as error:
            raise CannotListen(
                f"Expected a certificate and its key in {cert} and {key}, found: {error}. "
                "Next: name the files of this console's domain under [console]."
            ) from error
        return context
