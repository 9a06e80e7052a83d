"""A circle as a node knows it: its charter, and each member's keys, now and before.

Founded by `assemble` (in `joining`), changed by `changed` (in `changing`), and made nowhere else; both check
everything, so a Circle is always whole and valid. Its dictionaries are filled once, since a node looks into
them for every push.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.circles.errors import DrillAtLive, LiveAtDrill, NonMember, UnknownName
from tocsin.circles.founding.charter import Amendment, Charter, SignedCharter
from tocsin.core.errors import quoted
from tocsin.core.keys import VerifyingKey
from tocsin.core.names import LogName, is_drill
from tocsin.core.records import Endpoint
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.core.tlog.tree import MAX_SIZE


@dataclass(frozen=True, slots=True)
class End:
    """How a log ended. `exact`: what lies beyond or does not fit is void; else it has at least this."""

    size: int
    root: bytes
    exact: bool

    def voids(self, checkpoint: Checkpoint) -> bool:
        """Whether what that checkpoint of the log speaks for is void: it lies beyond the end or beside it."""
        beside = checkpoint.size == self.size and checkpoint.root != self.root
        return self.exact and (checkpoint.size > self.size or beside)


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation in a circle, in one epoch. `opening` is entry 0 of its log.

    `endpoint` is its first address; `organisation_key` the newest that the charter lists for it. With `end`
    the log is ended. With `disputed` there are two openings of the next epoch: nothing more is accepted.
    """

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
    observer: bool = False
    end: End | None = None
    disputed: bool = False

    def online_keys(self) -> tuple[VerifyingKey, ...]:
        """The member's four keys in this circle and epoch."""
        return self.log_key, self.holder_key, self.witness_key, self.request_key


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle. `members` are those that have a log to write, in the charter's order and current epochs.

    `past` are the epochs before these, and all of those that left or were removed, sorted by slug and epoch.
    `amendments` lead from the first charter to the newest; `frozen` are two that end this chain, each of
    which could have been the next. `leavings` are those that count, one of each member that left. At the node
    of an organisation of which no epoch counts, `unlisted` are those that it opened.

    Every mapping's key is a full name, or a slug. `log_keys`, `holder_keys`, `witness_keys` and
    `request_keys` are keyed by key name, so that their `get` is what `open_checkpoint` and `verify_request`
    ask for. `by_log` and `by_key` lead from a log's or a key's name to its member in that epoch. Of `past`
    and `unlisted`, `by_slug` and `request_keys` know nothing, and `request_keys` nothing of the disputed.
    """

    signed: SignedCharter
    members: tuple[Member, ...]
    past: tuple[Member, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    frozen: tuple[Amendment, Amendment] | None = None
    # One leaving may be signed twice, and is the same.
    leavings: tuple[bytes, ...] = field(default=(), compare=False)
    unlisted: tuple[Member, ...] = ()
    by_slug: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    by_log: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    by_key: Mapping[str, Member] = field(init=False, repr=False, compare=False)
    log_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)
    holder_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)
    witness_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)
    request_keys: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        epochs = (*self.members, *self.past, *self.unlisted)
        callers = [member.request_key for member in self.members if not member.disputed]
        prepared: dict[str, object] = {
            "by_slug": {member.slug: member for member in self.members},
            "by_log": {str(member.log): member for member in epochs},
            "by_key": {key.name: member for member in epochs for key in member.online_keys()},
            "log_keys": {member.log_key.name: member.log_key for member in epochs},
            "holder_keys": {member.holder_key.name: member.holder_key for member in epochs},
            "witness_keys": {member.witness_key.name: member.witness_key for member in epochs},
            "request_keys": {key.name: key for key in callers},
        }
        for name, mapping in prepared.items():
            object.__setattr__(self, name, mapping)

    @property
    def id(self) -> str:
        """SHA-256 of the first charter's text, in hex."""
        return self.signed.id

    @property
    def chain(self) -> tuple[SignedCharter | Amendment, ...]:
        """The charter in all its versions, the first one first."""
        return (self.signed, *self.amendments)

    @property
    def charter(self) -> Charter:
        """The charter's newest version."""
        return self.chain[-1].charter

    @property
    def title(self) -> str:
        """What the circle calls itself."""
        return self.charter.title

    @property
    def domain(self) -> str:
        """The domain that all its names start with."""
        return self.signed.charter.domain

    @property
    def drill(self) -> bool:
        """Whether nothing that is said here is real."""
        return self.signed.drill

    @property
    def left(self) -> frozenset[str]:
        """Who has left, and is still listed by the charter's newest version."""
        gone = {member.slug for member in self.past} - self.by_slug.keys()
        return frozenset(gone.intersection(member.slug for member in self.charter.members))

    def entitled_from(self, slug: str, log: LogName) -> int:
        """The index of the first entry of that log whose record this member may have.

        Founders may have everything; who joined by an amendment, what lies beyond its cuts, and nothing of
        members that were gone by then.
        """
        for place in range(len(self.chain) - 1, 0, -1):
            charter = self.chain[place].charter
            if any(member.slug == slug and member.sponsors for member in charter.members):
                cuts = {LogName.parse(cut.log).member: cut for cut in charter.cuts}
                if (cut := cuts.get(log.member)) is None:
                    before = (version.charter.members for version in self.chain[:place])
                    gone = log.member in {member.slug for members in before for member in members}
                    return MAX_SIZE if gone else 0
                epoch = LogName.parse(cut.log).epoch
                return cut.size if epoch == log.epoch else MAX_SIZE if epoch > log.epoch else 0
        return 0

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


def void_from(member: Member) -> int | None:
    """The index of the first entry of that log which is void, if there may be any."""
    return member.end.size if member.end is not None and member.end.exact else None


def check_mode(name: str, *, drill: bool) -> None:
    """A name of the mode expected (section 1), before any signature. Raises DrillAtLive or LiveAtDrill."""
    found = is_drill(name.partition("/")[0])
    if found and not drill:
        raise DrillAtLive(f"Expected a name of a live circle, found {quoted(name)}, which is a drill's.")
    if drill and not found:
        raise LiveAtDrill(f"Expected a name of a drill, found {quoted(name)}, which is not.")
