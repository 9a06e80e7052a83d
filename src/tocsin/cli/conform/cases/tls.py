"""Section 8.3: the key that an endpoint shows, and to whom. Without TLS, as in tests, there is none."""

from ssl import TLSVersion

from tocsin.circles.wire.http import pinned_context, server_name
from tocsin.cli.conform.judging import Cases, expect
from tocsin.cli.conform.subject import Subject, with_anybody

CASES = Cases()
good, bad = CASES.good, CASES.bad


@good("8.3")
async def pinned(subject: Subject) -> None:
    """The key of the pin is shown to whoever states the pin as the server name."""
    if subject.tls:
        expect("True", await subject.shakes_hands(server_name(subject.pin), pinned_context(subject.pin)))


@bad("8.3")
async def other_names(subject: Subject) -> None:
    """Another pin, a name that is none, or no name: the handshake ends."""
    # An address is sent as no name.
    for name in (server_name("0" * 64), "subject.example", "127.0.0.1") if subject.tls else ():
        expect("False", await subject.shakes_hands(name, with_anybody()))


@bad("8.3")
async def older_tls(subject: Subject) -> None:
    """TLS 1.2: the handshake ends."""
    if subject.tls:
        expect(
            "False", await subject.shakes_hands(server_name(subject.pin), with_anybody(TLSVersion.TLSv1_2))
        )
