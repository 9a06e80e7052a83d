"""Receipts: how a confirmation reaches a log's author by way of others (docs/protocol.md, section 9.6).

A member that gets a log from its author confirms in its answer, and nothing more is needed. One that gets it
from others (repair, a carried file) makes out a *receipt*: its holder cosignature on the checkpoint that it
holds. Receipts go with the newest checkpoints to everyone who was not shown them, the author among them.

- Each is verified before it is kept or passed on: by the holder's current key, on a checkpoint of the log
  that fits what is known. Any other is passed over, and says nothing about who sent it.
- Of each log and holder, the newest is kept: without a sync of its own, since it can be made out again.
- Nobody is shown what they made out or showed themselves, and nobody anything twice.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeAlias

from tocsin.circles.authoring.own import OwnLog
from tocsin.circles.environment import Environment
from tocsin.circles.events import Receipted
from tocsin.circles.following.accepting import Following
from tocsin.circles.following.followed import Followed
from tocsin.circles.founding.circle import Circle, Member
from tocsin.core.errors import Refusal
from tocsin.core.note import Note, Signature, parse_note
from tocsin.core.tlog.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    SignedCheckpoint,
    cosigned_at_s,
    parse_text,
    verify_cosignature,
)
from tocsin.log.store import StorageFull

MAX_NOTES = 16
"""Checkpoints with receipts in one push: with them and all others it stays within its size."""

_SPACE = "receipts"
_SIGNED = "\n— ".encode()

Told: TypeAlias = Mapping[tuple[str, str], int]
"""By log and holder, the size whose receipt somebody was shown."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`holder` says that it durably holds all of the log that `signed` is of, below its size."""

    signed: SignedCheckpoint
    holder: str
    cosignature: Signature

    @property
    def key(self) -> tuple[str, str]:
        """Whose log, and who holds it."""
        return self.signed.checkpoint.origin, self.holder

    @property
    def size(self) -> int:
        """How much is held."""
        return self.signed.checkpoint.size

    @property
    def time_s(self) -> int:
        """When that was, by the holder's clock: Unix seconds."""
        return cosigned_at_s(self.cosignature)

    def note(self) -> bytes:
        """The checkpoint with this one cosignature."""
        return Note(self.signed.note.text, (*self.signed.note.signatures, self.cosignature)).encode()


class Receipts:
    """The receipts that one node knows in a circle. Its own log's end in `OwnLog.confirm`."""

    def __init__(self, circle: Circle, own: OwnLog, following: Following, environment: Environment) -> None:
        self._circle = circle
        self._own = own
        self._following = following
        self._store = environment.store
        self._committer = environment.committer
        self._on_event = environment.on_event
        self._kept: dict[tuple[str, str], Receipt] = {}
        self._told: dict[str, dict[tuple[str, str], int]] = {}
        for note in self._store.documents(f"{_SPACE}/{circle.id}").values():
            with suppress(Refusal):
                self._kept |= {receipt.key: receipt for receipt in self._verified(note)}

    def __iter__(self) -> Iterator[Receipt]:
        """Every receipt that is kept here, by log and holder: each was verified, or made out here."""
        return iter(sorted(self._kept.values(), key=lambda receipt: receipt.key))

    def size(self, log: str, holder: str) -> int:
        """How much of a log this member is known to hold, by a receipt; 0 without one."""
        receipt = self._kept.get((log, holder))
        return receipt.size if receipt else 0

    async def take(self, notes: Iterable[bytes], by_way: str) -> None:
        """Newest checkpoints as a member, or a file, brought them, after `Following.learn` took them.

        What an honest member passes on, it has verified. So the first that fails ends it: nobody can make
        this node verify more than one signature for nothing, nor more notes than a push has.
        """
        own = f"{self._own.name}\n".encode()
        with suppress(Refusal, StorageFull):
            for note in islice(filter(_is_cosigned, notes), MAX_NOTES):
                if note.startswith(own):
                    await self._confirm(note, by_way)
                else:
                    receipts = self._verified(note)
                    self.tell(by_way, {receipt.key: receipt.size for receipt in receipts})
                    await self._keep(receipts)

    async def make_out(self, followed: Followed) -> bool:
        """Confirm what came of a log by way of others. Whether all of it is here, so that it could be.

        Raises StorageFull.
        """
        me, signed = self._own.member.slug, followed.anchor
        if followed.member.slug == me:
            return True
        confirmation = self._following.confirmation(followed)
        if signed and confirmation and signed.checkpoint.size > self.size(followed.name, me):
            await self._keep([Receipt(signed, me, confirmation.cosignature)])
        return confirmation is not None

    def shown(self, to: str) -> tuple[bytes, ...]:
        """Checkpoints with receipts, for a member that asks."""
        return self._shown(to, {})[0]

    def untold(self, to: str) -> tuple[tuple[bytes, ...], Told]:
        """Those that a member was not shown yet, and what to `tell` once it was."""
        return self._shown(to, self._told.get(to, {}))

    def tell(self, to: str, told: Told) -> None:
        """A member was shown these."""
        if told:
            self._told.setdefault(to, {}).update(told)

    def _shown(self, to: str, told: Told) -> tuple[tuple[bytes, ...], Told]:
        groups: dict[tuple[str, int], list[Receipt]] = {}
        for (log, holder), receipt in self._kept.items():
            followed = self._following.log(log)
            news = holder != to and told.get((log, holder), 0) < receipt.size
            if news and followed and not followed.stopped:
                groups.setdefault((log, receipt.size), []).append(receipt)
        together = [_together(receipts) for receipts in islice(groups.values(), MAX_NOTES)]
        told_now = {receipt.key: receipt.size for _, fitting in together for receipt in fitting}
        return tuple(note for note, _ in together), told_now

    async def _confirm(self, note: bytes, by_way: str) -> None:
        """Receipts for our own log. What we did not write, somebody else did, with our key."""
        parsed = parse_note(note, max_bytes=MAX_CHECKPOINT_BYTES)
        size, held = parse_text(parsed.text).size, self._own.held
        news = [
            (signature, holder)
            for signature, holder in self._by_holders(parsed)
            if holder.slug not in held or held[holder.slug].size < size
        ]
        if news:
            self._own.compare(note)
        for signature, holder in news:
            await self._own.confirm(holder, size, signature, witness=False, by_way=by_way)

    def _verified(self, note: bytes) -> list[Receipt]:
        """The receipts on a checkpoint that say something new. What says nothing new costs no signature.

        Raises MalformedNote, MalformedCheckpoint, and BadSignature or UnknownSigner for one that fails.
        """
        parsed = parse_note(note, max_bytes=MAX_CHECKPOINT_BYTES)
        checkpoint = parse_text(parsed.text)
        followed = self._following.log(checkpoint.origin)
        if followed is None or followed.stopped or not followed.has(checkpoint):
            return []
        news = [
            (signature, holder)
            for signature, holder in self._by_holders(parsed)
            if holder.slug != followed.member.slug
            and self.size(checkpoint.origin, holder.slug) < checkpoint.size
        ]
        if not news:
            return []
        signed = followed.open(note)
        for signature, holder in news:
            verify_cosignature(checkpoint, signature, holder.holder_key)
        return [Receipt(signed, holder.slug, signature) for signature, holder in news]

    def _by_holders(self, note: Note) -> Iterator[tuple[Signature, Member]]:
        """The signatures that are named after a member's current holder key."""
        for signature in note.signatures:
            holder = self._circle.by_key.get(signature.name)
            current = self._circle.by_slug.get(holder.slug) if holder else None
            if current and signature.name == current.holder_key.name:
                yield signature, current

    async def _keep(self, receipts: Iterable[Receipt]) -> None:
        for receipt in receipts:
            self._kept[receipt.key] = receipt
            self._on_event(Receipted(*receipt.key, receipt.size))
            await self._committer.submit(partial(self._write, receipt), synced=False)

    def _write(self, receipt: Receipt) -> None:
        log, holder = receipt.key
        self._store.put_document(f"{_SPACE}/{self._circle.id}", f"{log} {holder}", receipt.note())


def _is_cosigned(note: bytes) -> bool:
    """Whether more than one signature stands there, without reading it."""
    return note.count(_SIGNED) > 1


def _together(receipts: Iterable[Receipt]) -> tuple[bytes, list[Receipt]]:
    """One checkpoint with as many receipts for it as a note has room for, and which these are."""
    fitting: list[Receipt] = []
    note = b""
    for receipt in receipts:
        signed = receipt.signed.note
        added = (*(one.cosignature for one in fitting), receipt.cosignature)
        longer = Note(signed.text, (*signed.signatures, *added)).encode()
        if len(longer) > MAX_CHECKPOINT_BYTES:
            break
        note, fitting = longer, [*fitting, receipt]
    return note, fitting
