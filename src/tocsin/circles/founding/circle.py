"""A circle as a node knows it: its charter, and each member's keys.

Made by `assemble` (in `joining`) alone, which checks everything; a Circle is therefore always whole and
valid. Its dictionaries are filled once, since a node looks into them for every push.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.circles.errors import DrillAtLive, LiveAtDrill, NonMember, UnknownName
from tocsin.circles.founding.charter import SignedCharter
from tocsin.core.errors import quoted
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import LogName, is_drill
from tocsin.core.records import Endpoint


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation in a circle. `opening` is entry 0 of its log, `endpoint` its first address."""

    slug: str
    label: str
    economy: str
    log: LogName
    organisation_key: VerifyingKey
    log_key: VerifyingKey
    holder_key: VerifyingKey
    witness_key: VerifyingKey
    request_key: VerifyingKey
    opening: bytes
    endpoint: Endpoint

    def online_keys(self) -> tuple[VerifyingKey, ...]:
        """The member's four keys in this circle."""
        return self.log_key, self.holder_key, self.witness_key, self.request_key


@dataclass(frozen=True, slots=True)
class Circle:
    """A founded circle. `members` stand in the charter's order; every mapping's key is a full name.

    `log_keys`, `holder_keys`, `witness_keys` and `request_keys` are keyed by key name, so that their `get` is
    what `open_checkpoint` and `verify_request` ask for. `by_log` and `by_key` lead from a log's or a key's
    name to its member.
    """

    signed: SignedCharter
    members: tuple[Member, ...]
    by_slug: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    by_log: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    by_key: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    log_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)
    holder_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)
    witness_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)
    request_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        members = self.members
        prepared: dict[str, object] = {
            "by_slug": {member.slug: member for member in members},
            "by_log": {str(member.log): member for member in members},
            "by_key": {key.name: member for member in members for key in member.online_keys()},
            "log_keys": {member.log_key.name: member.log_key for member in members},
            "holder_keys": {member.holder_key.name: member.holder_key for member in members},
            "witness_keys": {member.witness_key.name: member.witness_key for member in members},
            "request_keys": {member.request_key.name: member.request_key for member in members},
        }
        for name, mapping in prepared.items():
            object.__setattr__(self, name, mapping)

    @property
    def id(self) -> str:
        """SHA-256 of the charter's text, in hex."""
        return self.signed.id

    @property
    def title(self) -> str:
        """What the circle calls itself."""
        return self.signed.charter.title

    @property
    def domain(self) -> str:
        """The domain that all its names start with."""
        return self.signed.charter.domain

    @property
    def drill(self) -> bool:
        """Whether nothing that is said here is real."""
        return self.signed.drill

    def member_of_log(self, log: str) -> Member:
        """Whose log that is (section 9.2, step 5). Raises DrillAtLive, LiveAtDrill or UnknownName."""
        check_mode(log, drill=self.drill)
        member = self.by_log.get(log)
        if member is None:
            raise UnknownName(f"Expected a log of circle {self.id}, found {quoted(log)}.")
        return member

    def signer_of_request(self, key_name: str) -> Member:
        """Which member's request key that is. Raises DrillAtLive, LiveAtDrill or NonMember."""
        check_mode(key_name, drill=self.drill)
        if key_name not in self.request_keys:
            raise NonMember(f"Expected a request key of circle {self.id}, found {quoted(key_name)}.")
        return self.by_key[key_name]


def check_mode(name: str, *, drill: bool) -> None:
    """A name of the mode expected (section 1), before any signature. Raises DrillAtLive or LiveAtDrill."""
    found = is_drill(name.partition("/")[0])
    if found and not drill:
        raise DrillAtLive(f"Expected a name of a live circle, found {quoted(name)}, which is a drill's.")
    if drill and not found:
        raise LiveAtDrill(f"Expected a name of a drill, found {quoted(name)}, which is not.")
