"""Servers to be alerted, on loopback: one for mail, one for webhooks; and certificates for them."""

import asyncio
import base64
import contextlib
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Certificate:
    """A certificate for one host that vouches for itself, and its key, in one file."""

    path: Path

    @property
    def context(self) -> ssl.SSLContext:
        """What a server that has it speaks."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


def certificate(path: Path, host: str = "127.0.0.1") -> Certificate:
    """A new one for that host."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alerts")])
    alternative: x509.GeneralName = x509.DNSName(host)
    with contextlib.suppress(ValueError):
        alternative = x509.IPAddress(ipaddress.ip_address(host))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_USAGE, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return Certificate(path)


@dataclass
class MailServer:
    """An SMTP server. What it was told is in `letters`, and who logged in in `logins`.

    `tls`: from the start, `starttls`: offered. `refuses` are addresses that it does not know, and `hangs`
    after which command it says nothing any more.
    """

    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    password: str | None = None
    refuses: tuple[str, ...] = ()
    hangs: str = ""
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["MailServer"]:
        """Serve."""
        async with _serving(self._serve, self.tls) as self.port:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        encrypted, to = self.tls is not None, ""
        self._say(writer, "220 ready")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            command = line.partition(" ")[0].upper()
            self.commands.append(command)
            if command == self.hangs:
                await asyncio.Event().wait()
            if command == "EHLO":
                offers = ["STARTTLS"] if self.starttls and not encrypted else []
                offers += ["AUTH PLAIN"] if self.password is not None else []
                self._say(writer, "250-desk", *(f"250-{offer}" for offer in offers), "250 8BITMIME")
            elif command == "STARTTLS" and self.starttls:
                self._say(writer, "220 go ahead")
                await writer.drain()
                await writer.start_tls(self.starttls)
                encrypted = True
            elif command == "AUTH":
                user, password = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                self.logins.append(user)
                fits = password == self.password
                self._say(writer, "235 welcome" if fits else "535 <script>no</script>")
            elif command == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self._say(writer, "550 unknown" if to in self.refuses else "250 ok")
            elif command == "DATA":
                self._say(writer, "354 go on")
                data = await reader.readuntil(b"\r\n.\r\n")
                letter = message_from_bytes(data.removesuffix(b".\r\n"), policy=default)
                self.letters.append((to, letter))
                self._say(writer, "250 taken")
            else:
                self._say(writer, "221 bye" if command == "QUIT" else "250 ok")
            await writer.drain()

    @staticmethod
    def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
        writer.write("".join(f"{line}\r\n" for line in lines).encode())


@dataclass
class HookServer:
    """An HTTP server that answers each POST with the next of `answers`, and the last one from then on."""

    tls: ssl.SSLContext | None = None
    answers: list[str] = field(default_factory=lambda: ["204 No Content"])
    hangs: bool = False
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["HookServer"]:
        """Serve."""
        async with _serving(self._serve, self.tls) as self.port:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        self.calls.append((headers | {"": head[0]}, body))
        if self.hangs:
            await asyncio.Event().wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()


@contextlib.asynccontextmanager
async def _serving(serve: object, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """A server on a free port of 127.0.0.1; its connections end with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)  # type: ignore[operator]
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
