"""The routes of the machine API by which a circle changes: epochs, events, members (docs/api.md)."""

import asyncio
from contextlib import suppress

from starlette.responses import Response

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.errors import UnknownName
from tocsin.circles.founding.circle import Circle, Member, void_from
from tocsin.circles.founding.joining import decode_circle, encode_circle
from tocsin.circles.founding.opening import read_opening
from tocsin.circles.line import Line
from tocsin.core import strict_json
from tocsin.core.keys import encode_base64
from tocsin.core.records import Leaving, Opening
from tocsin.log.store import Store
from tocsin.node.api import changetypes as types
from tocsin.node.api.hosting import Hosting, line_of
from tocsin.node.api.operations import Call, operation
from tocsin.node.api.types import ProofQuery

_PURGED_S = 20.0


class BundleFile(Response):
    """A circle in one file."""

    media_type = "application/json"


class ChangeCalls:
    """The operations that change a circle of one node."""

    _node: Hosting

    @operation("GET", "/v1/circles/{circle}/bundle")
    async def bundle(self, call: Call[None, None]) -> BundleFile:
        """Give the circle in one file: its founding, all events since, and the newest checkpoints.

        It holds no record and no secret. With it a new member joins, and a burnt machine comes back.
        """
        line = line_of(self._node, call.path["circle"])
        notes = (note for log in line.circle.by_log for note in _newest(self._node.store, log))
        founded = decode_circle(encode_circle(line.circle))
        return BundleFile(Bundle(founded, line.events, tuple(notes)).encode())

    @operation("POST", "/v1/bundles")
    async def take_bundle(self, call: Call[None, types.TakeBundle]) -> types.Done:
        """Join a circle that has changed since it was founded, or take the events of one that is here.

        The node must have the keys that its newest opening names.
        """
        bundle = Bundle.parse(call.body.bundle.encode())
        events = [*bundle.events, *(event.encode() for event in call.body.events)]
        if bundle.founded.id in self._node.lines:
            line = line_of(self._node, bundle.founded.id)
            await line.take(events)
        else:
            line = await self._node.join_later(bundle.founded, events)
        return _done(line)

    @operation("POST", "/v1/circles/{circle}/events")
    async def take(self, call: Call[None, types.Take]) -> types.Done:
        """Take events: openings, leavings and amendments, signed by organisation keys."""
        line = line_of(self._node, call.path["circle"])
        await line.take([event.encode() for event in call.body.events])
        return _done(line)

    @operation("GET", "/v1/circles/{circle}/epochs")
    async def epochs(self, call: Call[None, None]) -> types.EpochsState:
        """Give the epochs of all members, how each ended, and what was drafted for our next one."""
        line = line_of(self._node, call.path["circle"])
        circle = line.circle
        members = sorted((*circle.past, *circle.members), key=lambda one: (one.slug, one.log.epoch))
        drafted = self._node.epochs(circle.id).drafted()
        return types.EpochsState(
            epochs=tuple(self._epoch(line, member) for member in members),
            drafted=_unsigned(circle, drafted) if drafted else None,
        )

    @operation("POST", "/v1/circles/{circle}/epochs")
    async def draft_epoch(self, call: Call[None, types.DraftEpoch]) -> types.Unsigned:
        """Make keys for our next epoch, and what our organisation is to sign for them.

        Unless the reason is *lost*, our log is not written any more from then on: its end is stated exactly.
        """
        line, wish = line_of(self._node, call.path["circle"]), call.body
        epochs = self._node.epochs(line.circle.id)
        return _unsigned(line.circle, await epochs.draft(wish.reason, since_ms=wish.since_ms, cut=wish.cut))

    @operation("DELETE", "/v1/circles/{circle}/epochs")
    async def cancel_epoch(self, call: Call[None, None]) -> types.Done:
        """Forget what was drafted for our next epoch, with its keys, and go on in the present one."""
        line = line_of(self._node, call.path["circle"])
        await self._node.epochs(line.circle.id).cancel()
        return _done(line)

    @operation("POST", "/v1/circles/{circle}/leaving")
    async def draft_leaving(self, call: Call[None, types.DraftLeaving]) -> types.Unsigned:
        """Make what our organisation is to sign to leave the circle. Our log is not written from then on."""
        line, wish = line_of(self._node, call.path["circle"]), call.body
        leaving = await self._node.epochs(line.circle.id).draft_leaving(wish.reason, wish.lang)
        return _unsigned(line.circle, leaving)

    @operation("DELETE", "/v1/circles/{circle}/leaving")
    async def cancel_leaving(self, call: Call[None, None]) -> types.Done:
        """Stay after all, and write our log again."""
        line = line_of(self._node, call.path["circle"])
        await line.go_on_writing()
        return _done(line)

    @operation("GET", "/v1/circles/{circle}/leaving")
    async def departure(self, call: Call[None, None]) -> types.DepartureState:
        """Say what is here of the others, which leaving purges only if that is ordered."""
        return _departure(line_of(self._node, call.path["circle"]))

    @operation("POST", "/v1/circles/{circle}/purge")
    async def purge(self, call: Call[None, types.Purge]) -> types.DepartureState:
        """Purge what the others said, once we have left, but for what our holds keep.

        The answer comes when that is done, or when it takes long: it goes on by itself.
        """
        line, wish = line_of(self._node, call.path["circle"]), call.body
        await line.departure.purge(wish.ordered_by, wish.reason)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PURGED_S):
                await line.departure.done.wait()
        return _departure(line)

    @operation("POST", "/v1/circles/{circle}/suspended")
    async def suspend(self, call: Call[None, types.Suspend]) -> types.Done:
        """Do not speak with a member any more, or speak with it again. It concerns this node alone."""
        line, wish = line_of(self._node, call.path["circle"]), call.body
        if wish.reason is None:
            await line.resume(wish.member)
        else:
            await line.suspend(wish.member, wish.reason)
        return _done(line)

    @operation("GET", "/v1/circles/{circle}/entry")
    async def entry(self, call: Call[ProofQuery, None]) -> types.Entry:
        """Give an entry as other records name it."""
        line, query = line_of(self._node, call.path["circle"]), call.query
        log = str(line.circle.member_of_log(query.log).log)
        head = self._node.store.head(log)
        if head is None or query.index >= head.size:
            raise UnknownName(f"Expected an entry of {log} that is held here, found {query.index}.")
        entry, _, _ = self._node.store.record(log, query.index)
        return types.Entry(log=query.log, index=query.index, entry=encode_base64(entry))

    def _epoch(self, line: Line, member: Member) -> types.EpochState:
        opening = read_opening(member.opening)
        head = self._node.store.head(str(member.log))
        ours = member.slug == line.standing.member.slug
        return types.EpochState(
            member=member.slug,
            epoch=member.log.epoch,
            log=str(member.log),
            state="disputed" if member.disputed else "ended" if member.end else "current",
            opened_at_ms=opening.at_ms,
            reason=opening.reason,
            end=types.EndState(size=member.end.size, exact=member.end.exact) if member.end else None,
            held=head.size if head else 0,
            void_from=void_from(member),
            ours=ours,
            keys_here=ours and member.log.epoch in self._node.folder.epochs(line.circle.id),
        )


def _newest(store: Store, log: str) -> list[bytes]:
    """The largest checkpoint of what is here of a log, and the largest that is known, if it is another."""
    head = store.head(log)
    if head is None:
        return []
    held, known = store.newest_checkpoint(log), store.checkpoints_above(log, head.size)
    return [note for note in (held, *known[-1:]) if note]


def _departure(line: Line) -> types.DepartureState:
    departure = line.departure
    order = departure.order
    return types.DepartureState(
        gone=departure.gone,
        logs=tuple(
            types.KeptState(log=kept.log, member=kept.member, records=kept.records, held=kept.held)
            for kept in departure.kept()
        ),
        purge=types.PurgeState(
            at_ms=order.at_ms, ordered_by=order.ordered_by, reason=order.reason, done=departure.done.is_set()
        )
        if order
        else None,
    )


def _unsigned(circle: Circle, record: Opening | Leaving) -> types.Unsigned:
    return types.Unsigned(
        charters=tuple(version.text for version in circle.chain), record=strict_json.encode(record).decode()
    )


def _done(line: Line) -> types.Done:
    circle, halted = line.circle, line.own.halted
    return types.Done(
        circle=circle.id,
        version=circle.charter.version,
        log=line.own.name,
        halted=halted.explanation if halted else None,
    )
