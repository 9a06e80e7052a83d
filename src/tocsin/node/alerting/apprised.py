"""Alerts to wherever `apprise` reaches: messengers, pagers, telephones. An extra, loaded where it is used.

- The URLs hold secrets; so they stand in a file that only its owner may read, one a line, and in no message.
- What it does on the way is its own: it is given the text of the message, and the time of half a minute.
- Where it hangs it cannot be cut off. So it has a thread of its own, one at a time, which keeps neither what
  else waits for a thread nor the end of the node.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Thread
from typing import Protocol, cast

from tocsin.node.alerting.settings import AppriseSettings
from tocsin.node.alerting.telling import Message
from tocsin.node.errors import AlertFailed, AppriseMissing, MalformedConfig
from tocsin.node.folder import read_secret

TIMEOUT_S = 30.0


class _Apprise(Protocol):
    """What is used of `apprise.Apprise`."""

    def add(self, servers: str) -> bool:
        """Take a URL."""
        ...

    def notify(self, body: str, title: str, *, body_format: str) -> object:
        """Tell all of them; false if any was not told."""
        ...


class Apprised:
    """One way out by apprise. Raises AppriseMissing, KeysMissing, UnsafeFile or MalformedConfig."""

    def __init__(self, settings: AppriseSettings, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._thread: Thread | None = None
        self._apprise = _load(settings.name)
        path = settings.urls_file
        urls = [line.strip() for line in read_secret(path).decode(errors="replace").splitlines()]
        urls = [url for url in urls if url and not url.startswith("#")]
        if not urls:
            raise MalformedConfig(f"Expected apprise's URLs in {path}, one a line, found none.")
        for number, url in enumerate(urls, 1):
            if not self._apprise.add(url):
                raise MalformedConfig(
                    f"Expected URLs that apprise knows in {path}; it does not know no. {number}."
                )

    async def send(self, message: Message, now_ms: int) -> None:
        """Hand it to apprise. Raises AlertFailed, also if only some of the URLs were told."""
        del now_ms
        first = message.lines[0]
        text = "\n".join(message.lines)
        if self._thread and self._thread.is_alive():
            raise AlertFailed("apprise is still busy with what it was given before.")
        notify = partial(self._apprise.notify, text, f"tocsin: {first}", body_format="text")
        answer: Future[object] = Future()
        self._thread = Thread(target=_run, args=(notify, answer), name="apprise", daemon=True)
        self._thread.start()
        try:
            async with asyncio.timeout(self._timeout_s):
                told = await asyncio.wrap_future(answer)
        except TimeoutError:
            raise AlertFailed(f"Expected apprise to be done within {self._timeout_s:g} s.") from None
        except Exception as error:  # noqa: BLE001 - a plug-in of its may raise anything
            raise AlertFailed(f"apprise failed ({type(error).__name__}).") from None
        if not told:
            raise AlertFailed("apprise did not tell everyone.")


def _run(notify: Callable[[], object], answer: Future[object]) -> None:
    """What it gives or raises is the answer, if anybody waits for it still."""
    answer.set_running_or_notify_cancel()
    try:
        told = notify()
    except Exception as error:  # noqa: BLE001 - a plug-in of its may raise anything
        answer.set_exception(error)
    else:
        answer.set_result(told)


def _load(name: str) -> _Apprise:
    try:
        module = importlib.import_module("apprise")
    except ImportError:
        raise AppriseMissing(
            f"Expected the package `apprise` for the alerts {name!r}, found none. "
            "Next: `pip install 'tocsin[apprise]'`."
        ) from None
    # It logs what it was given, secrets too.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return cast(_Apprise, module.Apprise())
