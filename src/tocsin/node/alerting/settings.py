"""What an operator decides about alerts and reminders: `[[alerts]]` and `[duty]` (docs/configuration.md).

Secrets stand in files of their own. Without TLS, an alert goes to this machine alone, and is called unsafe.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from yarl import URL

from tocsin.core.records import Tlp

LOOPBACK = "127.0.0.1"
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""A pattern: one part of a domain name."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@.{{1,253}}\Z){_ATOM}(?:\.{_ATOM})*@{LABEL}(?:\.{LABEL})*")
_SERVER = re.compile(r"([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?):([1-9][0-9]{0,4})")

Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
Percent: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class DutySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[duty]`: when, in percent of the charter's time for it, people are called and others are reminded."""

    again_percent: Percent = 33
    answer_percent: Percent = 50
    deputy_percent: Percent = 50
    remind: bool = True
    escalate_percent: Percent = 50


class _ChannelSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """What every way out has: for whom it is, and the highest TLP label of what it may tell."""

    name: Name
    to: Literal["duty", "deputy"] = "duty"
    max_tlp: Tlp = "TLP:CLEAR"


class EmailSettings(_ChannelSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="email"):
    """`kind = "email"`: to `recipients`, through a server of one's own."""

    server: str
    sender: str
    recipients: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=32)]
    security: Literal["starttls", "tls"] = "starttls"
    user: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    unsafe_loopback: bool = False

    def __post_init__(self) -> None:
        host, _ = self.address
        for address in (self.sender, *self.recipients):
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"Expected addresses such as duty@example.org, found {address!r}")
        if (self.user is None) is not (self.password_file is None):
            raise ValueError("`user` and `password_file` need each other")
        if self.unsafe_loopback and host != LOOPBACK:
            raise ValueError(f"`unsafe_loopback` needs a `server` at {LOOPBACK}")

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        match = _SERVER.fullmatch(self.server)
        if match is None or int(match[2]) > 65_535:
            raise ValueError(f"Expected `server` to be host:port, found {self.server!r}")
        return match[1], int(match[2])


class WebhookSettings(_ChannelSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook"):
    """`kind = "webhook"`: a POST of JSON, which the secret in `secret_file` authenticates."""

    url: str
    secret_file: Path
    ca_file: Path | None = None
    unsafe_loopback: bool = False

    def __post_init__(self) -> None:
        try:
            url = URL(self.url)
            plain = url.scheme == "http" and url.host == LOOPBACK and self.unsafe_loopback
            fit = bool(url.host) and url.user is None and (url.scheme == "https" or plain)
        except ValueError:
            fit = False
        if not fit:
            raise ValueError("Expected `url` to be https://, without a user in it")


class AppriseSettings(_ChannelSettings, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="apprise"):
    """`kind = "apprise"`: wherever the URLs in `urls_file` lead, one a line."""

    urls_file: Path


ChannelSettings: TypeAlias = EmailSettings | WebhookSettings | AppriseSettings
