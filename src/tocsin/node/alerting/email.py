"""Alerts by e-mail, through a server of the organisation's own (RFC 5321, RFC 8314).

- TLS always, from the start or by STARTTLS, and the server's certificate is verified. Without TLS only to
  this machine, where the operator calls it unsafe.
- One message to each recipient, so that none learns of the others, and a wrong address keeps nobody from it.
- `smtplib` blocks, so it runs in a thread; after the time for all of it, its connection is cut, also one that
  is only being made.
- Nothing that the server says is passed on, but its numbers.
"""

import asyncio
import smtplib
import socket
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from pathlib import Path

from tocsin.node.alerting.secret import secret_of, trusting
from tocsin.node.alerting.settings import EmailSettings
from tocsin.node.alerting.telling import Message, one_line
from tocsin.node.errors import AlertFailed, MalformedConfig

TIMEOUT_S = 20.0


class Email:
    """One way out by e-mail. Raises what `secret_of` and `trusting` raise."""

    def __init__(self, settings: EmailSettings, timeout_s: float = TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._password = _password(settings.password_file) if settings.password_file else None
        self._tls = None if settings.unsafe_loopback else trusting(settings.ca_file)

    async def send(self, message: Message, now_ms: int) -> None:
        """Hand it to the server, for each recipient. Raises AlertFailed."""
        session = _Session(self._settings, self._tls, self._password, self._timeout_s)
        letters = [self._letter(message, recipient, now_ms) for recipient in self._settings.recipients]
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.to_thread(session.run, letters)
        except TimeoutError:
            raise AlertFailed(f"The e-mail did not go out within {self._timeout_s:g} s.") from None
        finally:
            session.cut()

    def _letter(self, message: Message, recipient: str, now_ms: int) -> EmailMessage:
        first, *others = (one_line(line) for line in message.lines)
        letter = EmailMessage(policy=POLICY)
        domain = self._settings.sender.rpartition("@")[2]
        letter["From"] = Address("tocsin", addr_spec=self._settings.sender)
        letter["To"] = Address(addr_spec=recipient)
        # What is set there is decoded: an encoded word in what others wrote could begin a header of its own.
        letter["Subject"] = f"tocsin: {first}".replace("=?", "= ?")
        letter["Date"] = format_datetime(datetime.fromtimestamp(now_ms // 1000, UTC))
        letter["Message-ID"] = f"<{message.id}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        at = [] if message.test else ["", f"Look at it, and acknowledge it, at {message.node}."]
        letter.set_content("\n".join([first, *others, *at, ""]))
        return letter


def _password(path: Path) -> str:
    """What can be said in a login. Raises what `secret_of` raises."""
    secret = secret_of(path, 1)
    if not secret.isascii():
        raise MalformedConfig(f"Expected a password in {path} that is all ASCII, found another character.")
    return secret.decode()


class _Smtp(smtplib.SMTP):
    """Speaks over a connection that is there already."""

    def __init__(
        self, connection: socket.socket, address: tuple[str, int], name: str, timeout_s: float
    ) -> None:
        self._connection = connection
        # The own name is given: else it would be looked up, and this machine's be told.
        super().__init__(*address, name, timeout=timeout_s)

    def _get_socket(self, *_: object) -> socket.socket:
        return self._connection


class _Session:
    """One connection to the server, in a thread of its own."""

    def __init__(
        self, settings: EmailSettings, tls: ssl.SSLContext | None, password: str | None, timeout_s: float
    ) -> None:
        self._settings = settings
        self._tls = tls
        self._password = password
        self._timeout_s = timeout_s
        self._connection: socket.socket | None = None
        self._is_cut = False

    def run(self, letters: list[EmailMessage]) -> None:
        """Send all. Raises AlertFailed if nobody gets it."""
        try:
            with self._connect() as smtp:
                self._begin(smtp)
                refused = [error for letter in letters if (error := self._send(smtp, letter))]
        except (smtplib.SMTPException, ssl.SSLError, OSError, ValueError) as error:
            raise AlertFailed(f"The e-mail did not go out: {_reason(error)}.") from None
        finally:
            if self._connection:
                self._connection.close()
        if len(refused) == len(letters):
            raise AlertFailed(f"The e-mail did not go out: {_reason(refused[0])}.")

    def cut(self) -> None:
        """End the connection, from another thread; what waits on it there fails."""
        self._is_cut = True
        if self._connection:
            try:
                self._connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def _connect(self) -> smtplib.SMTP:
        address = self._settings.address
        connection = socket.create_connection(address, self._timeout_s)
        # By another handle on it: the first is gone as soon as there is TLS on it.
        self._connection = connection.dup()
        if self._is_cut:
            self.cut()
        try:
            if self._tls and self._settings.security == "tls":
                connection = self._tls.wrap_socket(connection, server_hostname=address[0])
            name = self._settings.sender.rpartition("@")[2]
            return _Smtp(connection, address, name, self._timeout_s)
        except BaseException:
            connection.close()
            raise

    def _begin(self, smtp: smtplib.SMTP) -> None:
        if self._tls and self._settings.security == "starttls":
            smtp.starttls(context=self._tls)
        if self._settings.user is not None and self._password is not None:
            smtp.login(self._settings.user, self._password)

    def _send(self, smtp: smtplib.SMTP, letter: EmailMessage) -> smtplib.SMTPException | None:
        """What the server has against one letter; others may still go."""
        if self._is_cut:
            raise TimeoutError
        try:
            smtp.send_message(letter)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            return error
        return None


def _reason(error: Exception) -> str:
    """Why it failed, in plain words; nothing in them is the other side's, and no secret."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the server refuses user and password ({error.smtp_code})"
        case smtplib.SMTPRecipientsRefused():
            code = next((code for code, _ in error.recipients.values()), 0)
            return f"the server refuses the recipients ({code})"
        case smtplib.SMTPResponseException():
            return f"the server refuses it ({error.smtp_code})"
        case smtplib.SMTPNotSupportedError():
            return "the server offers no STARTTLS, or no way to log in"
        case ssl.SSLCertVerificationError():
            return f"the server's certificate does not fit ({error.verify_message})"
        case ssl.SSLError():
            return "no TLS connection came about"
        case socket.gaierror():
            return "the server's name leads to no address"
        case ConnectionRefusedError():
            return "nobody answers there"
        case TimeoutError():
            return "the server is too slow"
        case _:
            return "the connection broke off"
