"""Alerts to a program of the organisation's own: a POST of JSON, authenticated by a shared secret.

    POST <url>
    content-type: application/json
    tocsin-time: <Unix seconds>
    tocsin-signature: sha256=<hex HMAC-SHA256 of "<tocsin-time>." and the body, with the secret>

- The body is a `telling.Message`. Its `id` repeats when the same is sent again.
- Any answer of 2xx within ten seconds means that it was taken; nothing of the answer is read. Redirects are
  not followed: they would carry it to where nobody meant it to go.
- TLS with a verified certificate; plain HTTP to this machine alone, where the operator calls it unsafe.
"""

import asyncio
import hashlib
import hmac
import ssl

import aiohttp
import msgspec

from tocsin.node.alerting.secret import secret_of, trusting
from tocsin.node.alerting.settings import WebhookSettings
from tocsin.node.alerting.telling import Message
from tocsin.node.errors import AlertFailed

TIMEOUT_S = 10.0
LEAST_SECRET_BYTES = 32


class Webhook:
    """One way out by HTTP. Raises what `secret_of` and `trusting` raise."""

    def __init__(self, settings: WebhookSettings, timeout_s: float = TIMEOUT_S) -> None:
        self._url = settings.url
        self._timeout_s = timeout_s
        self._secret = secret_of(settings.secret_file, LEAST_SECRET_BYTES)
        self._tls = trusting(settings.ca_file)

    async def send(self, message: Message, now_ms: int) -> None:
        """Hand it to the program. Raises AlertFailed."""
        body = msgspec.json.encode(message)
        time = str(now_ms // 1000)
        signature = hmac.new(self._secret, f"{time}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/json",
            "tocsin-time": time,
            "tocsin-signature": f"sha256={signature}",
        }
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                aiohttp.ClientSession(
                    cookie_jar=aiohttp.DummyCookieJar(), skip_auto_headers=("User-Agent",)
                ) as session,
                session.post(
                    self._url, data=body, headers=headers, ssl=self._tls, allow_redirects=False
                ) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise AlertFailed(f"The webhook was not called: {_reason(error)}.") from None
        if not 200 <= status < 300:
            raise AlertFailed(f"The webhook did not take it: expected an answer of 2xx, found {status}.")


def _reason(error: Exception) -> str:
    """Why it failed, in plain words; nothing in them is the other side's."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            reason = error.certificate_error
            message = reason.verify_message if isinstance(reason, ssl.SSLCertVerificationError) else ""
            return f"the certificate does not fit ({message})"
        case aiohttp.ClientConnectorSSLError():
            return "no TLS connection came about"
        case aiohttp.ClientConnectorDNSError():
            return "its name leads to no address"
        case aiohttp.ClientConnectorError():
            return "nobody answers there"
        case TimeoutError():
            return "it is too slow"
        case _:
            return "the connection broke off"
