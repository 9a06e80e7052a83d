"""Names of logs, keys and organisations (docs/protocol.md, section 1).

- A log is `<domain>/<circle>/<member>/<epoch>`: the origin line of its checkpoints, and the name of the key
  that signs them.
- Its member's other keys in that epoch are `<log name>/holder`, `/witness` and `/request`; its officers' are
  `<log name>/<role>`. The organisation's own is `<domain>/<member>`.
- A drill's domain starts with the label `drill` and a live circle's never does, so that every name, and
  with it every signature, shows which of the two it belongs to.

There is one way to write each name: parsed and written again, it is the same text.
"""

import re
from dataclasses import dataclass
from typing import Self

from tocsin.core.errors import MalformedName, quoted

MAX_DOMAIN_BYTES = 100
MAX_EPOCH = 2**31 - 1
MAX_LOG_NAME_BYTES = 209

_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_CIRCLE = re.compile("[0-9a-f]{64}")
_SLUG = re.compile("[a-z0-9-]{1,32}")
_EPOCH = re.compile("[1-9][0-9]{0,9}")
_KEYS_OF_THE_NODE = frozenset({"holder", "witness", "request"})


@dataclass(frozen=True, slots=True)
class LogName:
    """One member's log in one circle and epoch. Raises MalformedName when a part breaks its rule."""

    domain: str
    circle: str
    member: str
    epoch: int

    def __post_init__(self) -> None:
        check_domain(self.domain)
        check_circle(self.circle)
        check_member(self.member)
        if not 1 <= self.epoch <= MAX_EPOCH:
            raise MalformedName(f"Expected an epoch from 1 to {MAX_EPOCH}, found {self.epoch}.")

    def __str__(self) -> str:
        return f"{self.domain}/{self.circle}/{self.member}/{self.epoch}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The log of that name. Raises MalformedName."""
        parts = text.split("/") if len(text) <= MAX_LOG_NAME_BYTES else []
        if len(parts) != 4 or not _EPOCH.fullmatch(parts[3]):
            raise MalformedName(f"Expected <domain>/<circle>/<member>/<epoch>, found {quoted(text)}.")
        domain, circle, member, epoch = parts
        return cls(domain, circle, member, int(epoch))

    @property
    def holder(self) -> str:
        """Name of the key that says "durably held here"."""
        return f"{self}/holder"

    @property
    def witness(self) -> str:
        """Name of the key that says "this log only grew"."""
        return f"{self}/witness"

    @property
    def request(self) -> str:
        """Name of the key that signs this member's requests."""
        return f"{self}/request"

    def officer(self, role: str) -> str:
        """Name of an officer's key. Raises MalformedName, also for the names of the node's own keys."""
        check_role(role)
        return f"{self}/{role}"

    def record(self, index: int) -> str:
        """How people write a record of this log: member, epoch and index."""
        return f"{self.member}.{self.epoch}.{index}"


def organisation_name(domain: str, member: str) -> str:
    """Name of an organisation's own key. Raises MalformedName."""
    check_domain(domain)
    check_member(member)
    return f"{domain}/{member}"


def is_drill(domain: str) -> bool:
    """Whether a circle of this domain is a drill: its first label is exactly `drill`."""
    return domain.partition(".")[0] == "drill"


def check_domain(domain: str) -> None:
    """Lowercase ASCII labels joined by dots, 1 to 100 bytes. Raises MalformedName."""
    if len(domain) > MAX_DOMAIN_BYTES or not _DOMAIN.fullmatch(domain):
        raise MalformedName(
            f"Expected a lowercase domain of at most {MAX_DOMAIN_BYTES} bytes, found {quoted(domain)}."
        )


def check_circle(circle: str) -> None:
    """A circle id: 64 lowercase hex digits. Raises MalformedName."""
    if not _CIRCLE.fullmatch(circle):
        raise MalformedName(f"Expected a circle id of 64 lowercase hex digits, found {quoted(circle)}.")


def check_member(member: str) -> None:
    """A member's slug: 1 to 32 of a-z, 0-9 and hyphen. Raises MalformedName."""
    if not _SLUG.fullmatch(member):
        raise MalformedName(f"Expected a member of 1 to 32 characters a-z, 0-9, -; found {quoted(member)}.")


def check_role(role: str) -> None:
    """An officer's role: as a member's slug, and no name of a node's own key. Raises MalformedName."""
    if not _SLUG.fullmatch(role) or role in _KEYS_OF_THE_NODE:
        raise MalformedName(
            f"Expected a role of 1 to 32 characters a-z, 0-9, - that is not holder, witness or request; "
            f"found {quoted(role)}."
        )
