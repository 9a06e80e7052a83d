"""The state of a circle: a pure function of its founding and of a set of events (docs/protocol.md, 16).

The order in which events come does not matter, nor how often. An event that does not count yet is kept: it
may when others have come. What does not count, changes nothing.

- *Charter*: from the first on, as long as exactly one amendment can be the next. Two end the chain before
  them: amendments are frozen, and nothing else.
- *Epochs* of a member: as long as exactly one opening can be the next. Two are a *disputed* epoch: neither
  counts, and nothing more is accepted, until an amendment settles which of them it was, or another key opens.
- *Leaving*: the member is gone, and its log ends where it says. Two that contradict each other leave open
  where.
"""

from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from tocsin.circles.changing.events import MAX_EVENT_EPOCH, Event, Proposal, event_id, parse_event
from tocsin.circles.changing.known import Known, check_circle
from tocsin.circles.changing.standing import Standing, standings
from tocsin.circles.errors import NonMember, NothingNew
from tocsin.circles.founding.charter import Amendment, SignedCharter
from tocsin.circles.founding.circle import Circle, End, Member
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.keys import decode_base64
from tocsin.core.names import LogName
from tocsin.core.note import parse_note
from tocsin.core.records import Leaving, Opening
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.tlog.tree import EMPTY_ROOT

__all__ = ["acceptable", "changed", "check_event", "event_id", "state_of"]


def changed(founded: Circle, events: Collection[bytes]) -> Circle:
    """The circle as the events leave it. Raises nothing: what does not count, changes nothing."""
    return state_of(Known.of(founded, events))


def state_of(known: Known) -> Circle:
    """The circle as what is known leaves it."""
    founded = known.circle
    chain, frozen = _chain(founded.signed, known)
    members: list[Member] = []
    past: list[Member] = []
    leavings: list[bytes] = []
    order = [place.slug for place in chain[-1].charter.members]
    for slug, standing in sorted(standings(chain).items()):
        epochs, leaving = _epochs(founded, slug, standing, known)
        if leaving is not None:
            leavings.append(leaving)
        if epochs and standing.present and leaving is None:
            members.append(epochs.pop())
        past += epochs
    members.sort(key=lambda member: order.index(member.slug))
    amendments = tuple(version for version in chain[1:] if isinstance(version, Amendment))
    return Circle(founded.signed, tuple(members), tuple(past), amendments, frozen, tuple(leavings))


def check_event(known: Known, data: bytes) -> Event:
    """That an event may be kept beside those that are: it counts, or may when others have come.

    An event that is kept is let pass again. Whoever brings it: at most one signature is verified of what no
    member signed.

    (1) some member's key signed an amendment: MalformedNote, DrillAtLive, LiveAtDrill, BadSignature (to read
    a text costs more than a signature, so that is not done for just anyone); (2) form: what `parse_event`
    raises; (3) circle: DrillAtLive, LiveAtDrill, WrongCircle; (4) an amendment follows a version known here,
    and could be the next, were everybody missing gone: what `open_amendment` raises; (5) another is of a
    member known by some version: NonMember, signed by a key that the member has in some version:
    BadSignature; (6) there are not two like it by that key already, which say all that there is to say:
    NothingNew.
    """
    id_ = event_id(data)
    if known.events.get(id_) == data:
        return parse_event(data)
    # (1) an amendment's signatures
    if not data.startswith(b"{"):
        known.check_signed(parse_note(data))
    # (2) form
    event = parse_event(data)
    # (3) circle
    check_circle(known.circle, event)
    # (4) amendments
    if isinstance(event, Proposal):
        if event.id in known.versions:
            raise NothingNew(f"Version {event.charter.version} is known here, {event.id}.")
        known.open(event)
        return event
    # (5) signer
    keys = known.keys.get(event.member)
    if keys is None:
        raise NonMember(f"Expected an event of a member, found {event.member}'s.")
    key = next((key for key in keys if event.signed_by(key)), None)
    if key is None:
        raise BadSignature(f"The {event.record.kind} of {event.member} is signed by none of its keys.")
    # (6) news
    founders = {place.slug for place in known.circle.signed.charter.members}
    if isinstance(event.record, Opening) and event.log.epoch == 1 and event.member in founders:
        raise NothingNew(f"The first opening of {event.member} is that of its join file.")
    if id_.hex() not in known.settled:
        said = {one.says for one in known.alike(event) if known.is_signed(one, key)}
        if event.says in said or len(said) > 1:
            raise NothingNew(f"Nothing more is to be said of this {event.record.kind} of {event.member}.")
    return event


def acceptable(known: Known, events: Iterable[bytes]) -> tuple[list[Event], Refusal | None]:
    """Those events that are new and may be kept, each beside those before it; and why another may not."""
    waiting = {id_: data for data in events if (id_ := event_id(data)) not in known.events}
    fresh: list[Event] = []
    while True:
        refusal: Refusal | None = None
        versions = len(known.versions)
        for id_, data in list(waiting.items()):
            try:
                event = check_event(known, data)
            except Refusal as refused:
                refusal = refused
            else:
                known = known if fresh else known.copy()
                known.add(event)
                fresh.append(event)
                del waiting[id_]
        # What was refused may pass beside another version of the charter, and beside nothing else.
        if len(known.versions) == versions:
            return fresh, refusal


def _chain(
    signed: SignedCharter, known: Known
) -> tuple[Sequence[SignedCharter | Amendment], tuple[Amendment, Amendment] | None]:
    chain: list[SignedCharter | Amendment] = [signed]
    while True:
        match known.successors(chain):
            case []:
                return chain, None
            case [only]:
                chain.append(only)
            case [first, second, *_]:
                return chain, (first, second)


def _epochs(
    founded: Circle, slug: str, standing: Standing, known: Known
) -> tuple[list[Member], bytes | None]:
    """The member in all its epochs, the oldest first; and its leaving, if it has left."""
    epochs = _opened(founded, slug, standing, known)
    # A removal ends the log at the cut: a leaving that comes after says nothing.
    if standing.removed:
        return _ended_by_cut(epochs, standing, exact=True), None
    leavings = known.leavings_by(slug, standing.place.key())
    finals = {one.record.final for one in leavings if isinstance(one.record, Leaving)}
    newest = epochs[-1].log.epoch if epochs else 0
    reached = [final for final in finals if LogName.parse(final.log).epoch <= newest]
    if reached and len(finals) == 1:
        end = End(reached[0].size, decode_base64(reached[0].root, MalformedRecord), exact=True)
        last = LogName.parse(reached[0].log).epoch
        epochs = [*epochs[: last - 1], replace(epochs[last - 1], end=end, disputed=False)]
    elif len(finals) > 1:
        # Also if none is reached: not every node has the same two of three.
        epochs[-1:] = [replace(last, end=None, disputed=True) for last in epochs[-1:]]
    elif standing.present:
        return epochs, None
    else:
        epochs = _ended_by_cut(epochs, standing, exact=False)
    return epochs, min(one.data for one in leavings)


def _opened(founded: Circle, slug: str, standing: Standing, known: Known) -> list[Member]:
    """The epochs of a member that its organisation opened, each ended by the next."""
    place, key = standing.place, standing.place.key()
    used = {judge.place.key().public for judge in standing.judges}
    epochs: list[Member] = []
    for epoch in range(1, MAX_EVENT_EPOCH + 1):
        log = LogName(founded.domain, founded.id, slug, epoch)
        if epoch == 1 and standing.founder:
            member = replace(founded.by_log[str(log)], end=None, disputed=False)
        else:
            if _is_contested(log, standing, known):
                epochs[-1:] = [replace(last, disputed=True) for last in epochs[-1:]]
                break
            found = _candidates(log, standing, used, known)
            if len(found) != 1:
                break
            ((member, opening),) = found
            if opening.previous is not None:
                root = decode_base64(opening.previous.root, MalformedRecord)
                end = End(opening.previous.size, root, exact=opening.reason != "lost")
                epochs[-1] = replace(epochs[-1], end=end)
        used |= _publics(member)
        epochs.append(
            replace(
                member,
                label=place.label,
                economy=place.economy,
                organisation_key=key,
                observer=place.observer,
            )
        )
    return epochs


def _is_contested(log: LogName, standing: Standing, known: Known) -> bool:
    """Whether there are two openings of that log by the right key, and no cut settles which of them it was.

    Also if one of them could never count: not every node has the same two of three, and all are to agree.
    """
    openings, judge = known.openings.get(log, ()), standing.judge(log.epoch)
    if len(openings) < 2 or judge is None or log.epoch in standing.settled:
        return False
    key = judge.place.key()
    return len({one.says for one in openings if known.is_signed(one, key)}) > 1


def _candidates(
    log: LogName, standing: Standing, used: AbstractSet[bytes], known: Known
) -> list[tuple[Member, Opening]]:
    """What could open that log: rightly signed, with keys of its own, and settled if another cut says so."""
    judge = standing.judge(log.epoch)
    if judge is None:
        return []
    settled = standing.settled.get(log.epoch)
    found: list[tuple[Member, Opening]] = []
    for statement in known.openings.get(log, ()):
        opening, member = statement.record, known.opened(statement, judge)
        if member is None or not isinstance(opening, Opening):
            continue
        own = _publics(member)
        fresh = len(own) == len(member.online_keys()) and not own & used
        if fresh and settled in (None, event_id(statement.data).hex()):
            found.append((member, opening))
    return found


def _publics(member: Member) -> set[bytes]:
    return {key.public for key in member.online_keys()}


def _ended_by_cut(epochs: Sequence[Member], standing: Standing, *, exact: bool) -> list[Member]:
    """The epochs of a member that is gone. Without the opening of its last, no end is known."""
    if not epochs or standing.cut is None:
        return list(epochs)
    *before, last = epochs
    cut = standing.cut
    if cut.log == str(last.log):
        end = End(cut.size, decode_base64(cut.root, MalformedRecord), exact)
    else:
        end = End(0, EMPTY_ROOT, exact=False)
    return [*before, replace(last, end=end, disputed=False)]
