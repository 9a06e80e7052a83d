import asyncio
import contextlib
import hashlib
import hmac
import importlib.util
import io
import json
import sys
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.cli.desks import tocsin
from tests.node.alertservers import Certificate, HookServer, MailServer, certificate
from tests.node.conftest import Run
from tests.node.nodes import free_port

from tocsin.node.alerting import apprised
from tocsin.node.alerting.apprised import Apprised
from tocsin.node.alerting.channels import open_channels
from tocsin.node.alerting.email import Email
from tocsin.node.alerting.settings import AppriseSettings, EmailSettings, WebhookSettings
from tocsin.node.alerting.telling import Message, trial
from tocsin.node.alerting.webhook import Webhook
from tocsin.node.errors import AlertFailed, AppriseMissing, KeysMissing, MalformedConfig, UnsafeFile

NOW_MS = 1_795_000_000_000
PASSWORD = "correct horse"
SECRET = "7" * 64
MESSAGE = Message(id="0" * 32, node="Desk", lines=("acknowledge the ask by Birch", "EXERCISE: answer it"))
EVIL = 'a\r\nBcc: x@evil.example\n\r\n.\r\nMAIL FROM:<x@evil.example>\x85\u2028\u2029\x1c\x0b\u202e "<b>\x00'


@pytest.fixture
def ours(tmp_path: Path) -> Certificate:
    """A certificate for 127.0.0.1."""
    return certificate(tmp_path / "ours.pem")


def secret(folder: Path, text: str, mode: int = 0o600) -> Path:
    """A file with a secret."""
    path = folder / "secret"
    path.write_text(f"{text}\n")
    path.chmod(mode)
    return path


def mail(to: MailServer, **changes: Any) -> Email:  # noqa: ANN401 - settings of any type
    """A way to that server."""
    fields = {
        "name": "mail",
        "server": f"127.0.0.1:{to.port or 25}",
        "sender": "tocsin@desk.example",
        "recipients": ("duty@desk.example",),
    }
    timeout_s = changes.pop("timeout_s", 10.0)
    return Email(EmailSettings(**(fields | changes)), timeout_s)


def hook(server: HookServer, folder: Path, **changes: Any) -> Webhook:  # noqa: ANN401 - settings of any type
    """A way to that server, which speaks TLS or not."""
    url = f"{'https' if server.tls else 'http'}://127.0.0.1:{server.port}/hook?desk=1"
    timeout_s = changes.pop("timeout_s", 10.0)
    settings = WebhookSettings(
        name="hook", url=url, secret_file=secret(folder, SECRET), unsafe_loopback=not server.tls, **changes
    )
    return Webhook(settings, timeout_s)


async def refused(sending: Coroutine[object, object, None]) -> str:
    """Why an alert did not go out."""
    with pytest.raises(AlertFailed) as caught:
        await sending
    return str(caught.value)


def test_mail_goes_out_by_starttls_with_a_password(
    run_in_each: Run[None], ours: Certificate, tmp_path: Path
) -> None:
    """The server's certificate is verified before the password is said; each recipient has its own letter."""

    async def scenario() -> None:
        async with MailServer(starttls=ours.context, password=PASSWORD).running() as server:
            way = mail(
                server,
                ca_file=ours.path,
                user="desk",
                password_file=secret(tmp_path, PASSWORD),
                recipients=("duty@desk.example", "night@desk.example"),
            )
            await way.send(MESSAGE, NOW_MS)
        assert server.commands[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
        assert server.logins == ["desk"]
        (to, letter), (other, _) = server.letters
        assert (to, other) == ("duty@desk.example", "night@desk.example")
        assert letter["To"] == "duty@desk.example"
        assert letter["Subject"] == "tocsin: acknowledge the ask by Birch"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter["Message-ID"] == f"<{MESSAGE.id}@desk.example>"
        assert letter["Date"].datetime.timestamp() == NOW_MS / 1000
        assert letter.get_content().splitlines()[:2] == list(MESSAGE.lines)

    run_in_each(scenario())


def test_mail_goes_out_by_tls(run: Run[None], ours: Certificate) -> None:
    """Where the server speaks TLS from the start."""

    async def scenario() -> None:
        async with MailServer(tls=ours.context).running() as server:
            await mail(server, ca_file=ours.path, security="tls").send(MESSAGE, NOW_MS)
        assert len(server.letters) == 1

    run(scenario())


def test_no_password_is_said_to_who_may_be_anyone(run: Run[None], ours: Certificate, tmp_path: Path) -> None:
    """A server without STARTTLS, with another certificate, or one for another host, is told nothing."""
    theirs = certificate(tmp_path / "theirs.pem")
    elsewhere = certificate(tmp_path / "elsewhere.pem", "mail.example.org")

    async def scenario() -> None:
        servers = [MailServer(password=PASSWORD)]
        servers += [MailServer(starttls=one.context, password=PASSWORD) for one in (theirs, elsewhere)]
        reasons = []
        for server, trusted in zip(servers, (ours, ours, elsewhere), strict=True):
            async with server.running():
                way = mail(
                    server, ca_file=trusted.path, user="desk", password_file=secret(tmp_path, PASSWORD)
                )
                reasons.append(await refused(way.send(MESSAGE, NOW_MS)))
            assert server.logins == []
            assert server.letters == []
        assert "offers no STARTTLS" in reasons[0]
        assert "certificate does not fit" in reasons[1]
        assert "certificate does not fit" in reasons[2]

    run(scenario())


def test_a_server_in_clear_is_one_of_this_machine_and_called_unsafe(run: Run[None]) -> None:
    """Without TLS mail goes to 127.0.0.1, if the operator says so, and nowhere else."""

    async def scenario() -> None:
        async with MailServer().running() as server:
            await mail(server, unsafe_loopback=True).send(MESSAGE, NOW_MS)
        assert len(server.letters) == 1

    run(scenario())
    with pytest.raises(ValueError, match="unsafe_loopback"):
        EmailSettings(
            name="m",
            server="mx.example.org:25",
            sender="a@b.example",
            recipients=("a@b.example",),
            unsafe_loopback=True,
        )


def test_what_a_server_refuses_is_said_without_its_words(run: Run[None], tmp_path: Path) -> None:
    """The reason is a number and plain words of ours: no secret, and nothing that the server wrote."""

    async def scenario() -> None:
        async with MailServer(password="another").running() as server:
            way = mail(server, unsafe_loopback=True, user="desk", password_file=secret(tmp_path, PASSWORD))
            reason = await refused(way.send(MESSAGE, NOW_MS))
        assert reason == "The e-mail did not go out: the server refuses user and password (535)."

    run(scenario())


def test_one_wrong_address_keeps_nobody_from_it(run: Run[None]) -> None:
    """Whom the server knows is told; only if it knows none did the alert not go out."""

    async def scenario() -> None:
        both = {"recipients": ("old@desk.example", "duty@desk.example"), "unsafe_loopback": True}
        async with MailServer(refuses=("old@desk.example",)).running() as server:
            await mail(server, **both).send(MESSAGE, NOW_MS)
        assert [to for to, _ in server.letters] == ["duty@desk.example"]
        async with MailServer(refuses=("old@desk.example", "duty@desk.example")).running() as server:
            assert "refuses the recipients (550)" in await refused(mail(server, **both).send(MESSAGE, NOW_MS))

    run(scenario())


def test_nobody_answers(run: Run[None], tmp_path: Path) -> None:
    """Where nobody listens, each way says so."""

    async def scenario() -> None:
        closed = free_port()
        assert "nobody answers" in await refused(
            mail(MailServer(port=closed), unsafe_loopback=True).send(MESSAGE, NOW_MS)
        )
        assert "nobody answers" in await refused(
            hook(HookServer(port=closed), tmp_path).send(MESSAGE, NOW_MS)
        )

    run(scenario())


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_that_begins_without_end_is_left(run: Run[None], ours: Certificate, security: str) -> None:
    """Who says a byte now and then, before the connection stands, is cut off as well, and the thread ends."""
    first = b"\x16\x03\x03\x40\x00" if security == "tls" else b"220-"
    left = asyncio.Event()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        left.set()

    async def scenario() -> None:
        async with await asyncio.start_server(drip, "127.0.0.1") as server:
            to = MailServer(port=server.sockets[0].getsockname()[1])
            changes = {"security": "tls", "ca_file": ours.path} if security == "tls" else {}
            way = mail(to, timeout_s=0.3, unsafe_loopback=security == "none", **changes)
            assert "did not go out" in await refused(way.send(MESSAGE, NOW_MS))
            await left.wait()
            await asyncio.get_running_loop().shutdown_default_executor()

    run(scenario())


@pytest.mark.parametrize("hangs", ["EHLO", "RCPT", "DATA"])
def test_a_server_that_hangs_is_left(run: Run[None], hangs: str) -> None:
    """After its time the connection is cut, wherever the server fell silent, and the thread ends."""

    async def scenario() -> None:
        async with MailServer(hangs=hangs).running() as server:
            way = mail(server, unsafe_loopback=True, timeout_s=0.2)
            assert "did not go out" in await refused(way.send(MESSAGE, NOW_MS))
        await asyncio.get_running_loop().shutdown_default_executor()

    run(scenario())


def test_nothing_in_a_message_becomes_a_header_or_a_command(run: Run[None]) -> None:
    """Whatever gets into a line, the letter has the headers that it should have, and one recipient."""

    async def scenario() -> None:
        async with MailServer().running() as server:
            way = mail(server, unsafe_loopback=True)
            await way.send(Message(id="0" * 32, node="Desk", lines=(EVIL, EVIL * 50)), NOW_MS)
        ((to, letter),) = server.letters
        assert to == "duty@desk.example"
        assert letter["Bcc"] is None
        assert letter["Subject"].startswith("tocsin: a Bcc: x@evil.example")
        assert len(letter["Subject"].splitlines()) == 1
        assert server.commands.count("MAIL") == 1

    run(scenario())


def test_no_encoded_word_becomes_a_header(run: Run[None]) -> None:
    """What others wrote in the form of RFC 2047 stands in the subject as it is: nobody decodes it here."""
    encoded = 'report: "=?utf-8?q?a=0D=0ABcc:_x@evil.example?= =?utf-8?b?AAEC?= ==??="'

    async def scenario() -> None:
        async with MailServer().running() as server:
            way = mail(server, unsafe_loopback=True)
            await way.send(Message(id="0" * 32, node="Desk", lines=(encoded,)), NOW_MS)
        ((_, letter),) = server.letters
        assert letter["Bcc"] is None
        assert letter["Subject"] == "tocsin: " + encoded.replace("=?", "= ?")
        assert encoded in letter.get_content()

    run(scenario())


@pytest.mark.parametrize(
    "address",
    [
        *("duty@desk.example\r\nBcc: x@y.example", "Duty <duty@desk.example>", "a b@c", "@"),
        *("a..b@desk.example", ".a@desk.example", "a.@desk.example", "a@desk..example", "a@-.example"),
    ],
)
def test_addresses_are_addresses(address: str) -> None:
    """What is more than one address, or less, is no setting."""
    for fields in ({"sender": address}, {"recipients": (address,)}):
        with pytest.raises(ValueError, match="Expected addresses"):
            mail(MailServer(), server="mx.example.org:25", **fields)


def test_a_webhook_is_signed(run_in_each: Run[None], ours: Certificate, tmp_path: Path) -> None:
    """Whoever has the secret can tell that the body, and its time, are this node's; over TLS, verified."""

    async def scenario() -> None:
        async with HookServer(tls=ours.context).running() as server:
            await hook(server, tmp_path, ca_file=ours.path).send(MESSAGE, NOW_MS)
        ((headers, body),) = server.calls
        signed = f"{NOW_MS // 1000}.".encode() + body
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert headers[""] == "POST /hook?desk=1 HTTP/1.1"
        assert headers["tocsin-time"] == str(NOW_MS // 1000)
        assert headers["tocsin-signature"] == f"sha256={mac}"
        assert headers["content-type"] == "application/json"
        assert "user-agent" not in headers
        assert json.loads(body) == {
            "id": MESSAGE.id,
            "node": "Desk",
            "lines": list(MESSAGE.lines),
            "told": [],
            "withheld": None,
            "test": False,
        }

    run_in_each(scenario())


def test_a_webhook_with_another_certificate_is_not_called(
    run: Run[None], ours: Certificate, tmp_path: Path
) -> None:
    """Not one byte of an alert goes to whoever cannot show the certificate."""
    theirs = certificate(tmp_path / "theirs.pem")

    async def scenario() -> None:
        async with HookServer(tls=theirs.context).running() as server:
            reason = await refused(hook(server, tmp_path, ca_file=ours.path).send(MESSAGE, NOW_MS))
        assert "certificate does not fit" in reason
        assert server.calls == []

    run(scenario())


def test_only_2xx_means_taken(run: Run[None], tmp_path: Path) -> None:
    """An error of the program is a failure, and so is a redirect, which is not followed."""

    async def scenario() -> None:
        async with HookServer().running() as other:
            redirect = f"307 Temporary Redirect\r\nlocation: http://127.0.0.1:{other.port}/"
            for answer, status in (("500 Oops", 500), ("404 Not Found", 404), (redirect, 307)):
                async with HookServer(answers=[answer]).running() as server:
                    reason = await refused(hook(server, tmp_path).send(MESSAGE, NOW_MS))
                assert reason.endswith(f"found {status}.")
            assert other.calls == []

    run(scenario())


def test_a_webhook_that_hangs_is_left(run: Run[None], tmp_path: Path) -> None:
    """After its time nobody waits for it."""

    async def scenario() -> None:
        async with HookServer(hangs=True).running() as server:
            reason = await refused(hook(server, tmp_path, timeout_s=0.2).send(MESSAGE, NOW_MS))
        assert "too slow" in reason

    run(scenario())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/",  # not called unsafe
        "http://example.org/",
        "https://user:word@example.org/",
        "ftp://example.org/",
        "https:///x",
        "//example.org",
        "https://[::1/",
    ],
)
def test_a_webhook_is_https(tmp_path: Path, url: str) -> None:
    """Any other URL is no setting, and neither is one with a password in it."""
    with pytest.raises(ValueError, match="Expected `url`"):
        WebhookSettings(name="hook", url=url, secret_file=tmp_path)


def test_secrets_that_others_can_read_are_refused(tmp_path: Path) -> None:
    """The file of a secret is there, its owner's alone, and has one in it; certificates are certificates."""
    settings = WebhookSettings(name="hook", url="https://example.org/", secret_file=tmp_path / "secret")

    with pytest.raises(KeysMissing):
        open_channels([settings])
    secret(tmp_path, SECRET, 0o644)
    with pytest.raises(UnsafeFile):
        open_channels([settings])
    secret(tmp_path, "short", 0o600)
    with pytest.raises(MalformedConfig, match="at least 32 bytes"):
        open_channels([settings])
    secret(tmp_path, SECRET)
    open_channels([settings])
    for ca_file in (tmp_path / "missing", tmp_path / "secret"):
        with pytest.raises(MalformedConfig, match="Expected certificates"):
            open_channels(
                [
                    WebhookSettings(
                        name="h", url=settings.url, secret_file=settings.secret_file, ca_file=ca_file
                    )
                ]
            )
    with pytest.raises(MalformedConfig, match="all ASCII"):
        mail(MailServer(), user="desk", password_file=secret(tmp_path, "пароль"))


def test_apprise_is_loaded_where_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, only a configuration that names it is an error, which says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    settings = AppriseSettings(name="pager", urls_file=secret(tmp_path, "json://127.0.0.1:1"))

    with pytest.raises(AppriseMissing, match=r"Next: `pip install 'tocsin\[apprise\]'`\."):
        open_channels([settings])


@pytest.mark.skipif(
    importlib.util.find_spec("apprise") is None, reason="the extra `apprise` is not installed"
)
@pytest.mark.filterwarnings("default")  # its own, and those of what it loads
def test_apprise_tells_whom_it_reaches(
    run: Run[None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is given title and text; what it does not reach is a failure, and no URL is printed."""

    async def scenario() -> None:
        async with HookServer(answers=["200 OK"]).running() as server:
            url = f"json://user:hunter2@127.0.0.1:{server.port}/x"
            await Apprised(AppriseSettings(name="p", urls_file=secret(tmp_path, f"# ours\n{url}"))).send(
                MESSAGE, 0
            )
        ((_, body),) = server.calls
        assert json.loads(body)["title"] == "tocsin: acknowledge the ask by Birch"
        assert "EXERCISE: answer it" in json.loads(body)["message"]
        way = Apprised(AppriseSettings(name="p", urls_file=secret(tmp_path, url)))
        assert "did not tell everyone" in await refused(way.send(MESSAGE, 0))

    run(scenario())
    assert "hunter2" not in "".join(capfd.readouterr())
    for text in ("", "# none", "nonsense"):
        with pytest.raises(MalformedConfig):
            Apprised(AppriseSettings(name="p", urls_file=secret(tmp_path, text)))


def test_what_hangs_in_apprise_keeps_one_thread(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be cut off: so the next one waits for it, and nothing else in the node does."""
    goes_on = threading.Event()

    class Hanging:
        begun = 0

        def add(self, _servers: str) -> bool:
            return True

        def notify(self, _body: str, _title: str, *, body_format: str) -> object:
            del body_format
            self.begun += 1
            return goes_on.wait(60)

    hanging = Hanging()
    monkeypatch.setattr(apprised, "_load", lambda _: hanging)
    settings = AppriseSettings(name="p", urls_file=secret(tmp_path, "json://127.0.0.1:1"))

    async def scenario() -> None:
        way = Apprised(settings, timeout_s=0.05)
        assert "within" in await refused(way.send(MESSAGE, 0))
        assert "still" in await refused(way.send(MESSAGE, 0))
        assert hanging.begun == 1
        async with asyncio.timeout(5):
            await asyncio.get_running_loop().shutdown_default_executor()
        goes_on.set()

    run(scenario())


def test_alerts_are_tried_from_the_command_line(run: Run[None], tmp_path: Path) -> None:
    """`tocsin alert test` sends what says that it is a test, and ends with 1 if any of it did not go out."""
    config = tmp_path / "tocsin.toml"

    def write(*ports: int) -> None:
        tables = [
            f'[[alerts]]\nkind = "webhook"\nname = "hook-{port}"\nurl = "http://127.0.0.1:{port}/"\n'
            f'secret_file = "secret"\nunsafe_loopback = true\n'
            for port in ports
        ]
        config.write_text(
            'data_folder = "data"\n[wire]\nlisten = "127.0.0.1:1"\npublic = "https://127.0.0.1:1"\n'
            f'[desk]\nname = "Desk"\n{"".join(tables)}'
        )

    secret(tmp_path, SECRET)

    async def scenario() -> None:
        closed = free_port()
        async with HookServer().running() as server:
            write(server.port, closed)
            both = await asyncio.to_thread(tocsin, "alert", "test", "--config", str(config), "--json")
            one = await asyncio.to_thread(
                tocsin, "alert", "test", f"hook-{server.port}", "--config", str(config)
            )
        other = await asyncio.to_thread(tocsin, "alert", "test", "nobody", "--config", str(config))
        assert (both.exit_code, one.exit_code, other.exit_code) == (1, 0, 3)
        found = json.loads(both.stdout)
        assert [found[0]["failure"], "nobody answers" in found[1]["failure"]] == [None, True]
        assert all(json.loads(body)["test"] for _, body in server.calls)

    run(scenario())


def test_a_test_says_that_it_is_one() -> None:
    """Nobody takes it for an alarm."""
    message = trial("Desk", NOW_MS)

    assert message.lines == ("test: alerts from Desk reach you here. Nothing has happened.",)
    assert io.StringIO(message.lines[0]).readline() == message.lines[0]
