"""The ways out of this node to its people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tocsin.node.alerting.apprised import Apprised
from tocsin.node.alerting.email import Email
from tocsin.node.alerting.settings import (
    AppriseSettings,
    ChannelSettings,
    EmailSettings,
    WebhookSettings,
)
from tocsin.node.alerting.telling import Message
from tocsin.node.alerting.webhook import Webhook


class Way(Protocol):
    """Where a message goes."""

    async def send(self, message: Message, now_ms: int) -> None:
        """Hand it over, within half a minute. Raises AlertFailed; then it may or may not have gone out."""
        ...


@dataclass(frozen=True, slots=True)
class Channel:
    """What the operator wants of a way out, and the way."""

    settings: ChannelSettings
    way: Way


def open_channels(settings: Iterable[ChannelSettings]) -> list[Channel]:
    """The channels that are configured, with their secrets read.

    Raises KeysMissing or UnsafeFile for a file with a secret, MalformedConfig for one with no such thing, and
    AppriseMissing.
    """
    return [Channel(one, _way(one)) for one in settings]


def _way(settings: ChannelSettings) -> Way:
    match settings:
        case EmailSettings():
            return Email(settings)
        case WebhookSettings():
            return Webhook(settings)
        case AppriseSettings():
            return Apprised(settings)
