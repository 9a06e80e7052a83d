"""The epochs of our log in one circle: keys for the next one, and what our organisation is to sign for them.

- New keys and their draft lie in the key folder of their epoch, durably, before the draft is handed out.
  Asked again for the same, the same draft is given: two openings of one epoch would be a dispute.
- A draft that states an exact end pauses our log first: an entry beyond that end would be void.
- Nothing is signed here. The opening counts when the line has taken it, signed by the organisation.
"""

from contextlib import suppress
from dataclasses import dataclass

import msgspec

from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.opening import opening_of
from tocsin.circles.line import Line
from tocsin.core import strict_json
from tocsin.core.clock import Chance, Clock
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Endpoint, Leaving, Opening, Previous, Reason, Seen
from tocsin.core.records.errors import MalformedRecord
from tocsin.core.tlog.checkpoint import Checkpoint, open_checkpoint
from tocsin.core.tlog.tree import tree_root
from tocsin.log.store import Store
from tocsin.node.folder import Folder

_OPENING = msgspec.json.Decoder(Opening)


class DraftExists(Refusal):
    """Something else was drafted before. Next: `tocsin epoch cancel`, or sign what was drafted."""

    code = "draft-exists"


class NoDraft(Refusal):
    """Expected a draft of a new epoch, found none."""

    code = "no-draft"


class EndUnknown(Refusal):
    """It is not known here how our log ended."""

    code = "end-unknown"


@dataclass(frozen=True, slots=True)
class Epochs:
    """The epochs of this node's log in the circle of `line`. `url`: where the others reach this node."""

    line: Line
    folder: Folder
    store: Store
    clock: Clock
    chance: Chance
    url: str

    async def draft(self, reason: Reason, *, since_ms: int | None = None, cut: int | None = None) -> Opening:
        """What the organisation is to sign for the next epoch; new keys are made for it.

        `cut`: the entries of our log that stay, if not all that are here. (1) what was drafted before:
        DraftExists if it is something else; (2) with an exact end, our log is paused; (3) its end:
        EndUnknown; (4) keys; (5) the draft is kept.
        """
        ours = self._ours
        log = LogName(ours.log.domain, ours.log.circle, ours.log.member, ours.log.epoch + 1)
        # (1) before
        if drafted := self.drafted():
            end = drafted.previous.size if drafted.previous and cut is not None else cut
            if (drafted.reason, drafted.compromised_since_ms, end) != (reason, since_ms, cut):
                raise DraftExists(
                    f"Expected no draft of epoch {log.epoch}, found one with the reason {drafted.reason}. "
                    "Next: sign that one, or `tocsin epoch cancel` it."
                )
            return drafted
        # (2) paused
        if reason != "lost":
            await self.line.pause_writing(
                f"A new epoch is drafted (epoch {log.epoch}), and the end of this one stated. Next: sign the "
                "draft and adopt it (`tocsin epoch adopt FILE`), or `tocsin epoch cancel`."
            )
        try:
            # (3) end
            previous = self._end(ours, reason, cut)
            # (4) keys
            keys = self.folder.begin_keys(log, self.chance)
        except BaseException:
            await self.line.go_on_writing()
            raise
        opening = opening_of(
            keys.member,
            Endpoint(url=self.url, tls_spki_sha256=keys.tls.pin),
            at_ms=self.clock.wall_ms(),
            tlp=self.line.circle.charter.handling,
            previous=previous,
            reason=reason,
            compromised_since_ms=since_ms,
        )
        # (5) kept
        self.folder.keep_draft(log.circle, log.epoch, strict_json.encode(opening))
        return opening

    def drafted(self) -> Opening | None:
        """What the organisation is asked to sign for the next epoch, if it is."""
        ours = self._ours.log
        return read_draft(self.folder, LogName(ours.domain, ours.circle, ours.member, ours.epoch + 1))

    async def cancel(self) -> int:
        """Forget the draft and its keys, and go on in the epoch that there is, whose number is given.

        Raises NoDraft.
        """
        log = self._ours.log
        made = log.epoch + 1 in self.folder.epochs(log.circle)
        if not made and not self.line.own.halted:
            raise NoDraft(f"Expected a draft of epoch {log.epoch + 1}, found none.")
        if made:
            self.folder.drop_keys(log.circle, log.epoch + 1)
        await self.line.go_on_writing()
        return log.epoch

    async def draft_leaving(self, reason: str | None, lang: str | None) -> Leaving:
        """What the organisation is to sign to leave the circle. Our log is paused from here on."""
        ours = self._ours
        await self.line.pause_writing(
            "It is stated that this organisation leaves, and where its log ends. Next: sign the draft and "
            "hand it in (`tocsin circle leave --signed FILE`), or `tocsin circle leave --cancel`."
        )
        end = self._end(ours, "scheduled", None)
        return Leaving(
            circle=ours.log.circle,
            at_ms=self.clock.wall_ms(),
            author="organisation",
            author_kind="officer",
            tlp=self.line.circle.charter.handling,
            member=ours.slug,
            final=Seen(log=str(ours.log), root=end.root, size=end.size),
            reason=reason,
            lang=lang if reason else None,
        )

    @property
    def _ours(self) -> Member:
        """Our organisation in its newest epoch."""
        return self.line.standing.member

    def _end(self, ours: Member, reason: Reason, cut: int | None) -> Previous:
        """How our log ended, as we are to state it. Raises EndUnknown."""
        log = str(ours.log)
        head = self.store.head(log)
        held = head.size if head else 0
        known: list[Checkpoint] = []
        for note in filter(
            None, (self.store.newest_checkpoint(log), *self.store.checkpoints_above(log, held))
        ):
            # One that states an end, of which there are two now, is signed by others.
            with suppress(Refusal):
                known.append(open_checkpoint(note, self.line.circle.log_keys.get).checkpoint)
        most = max(known, key=lambda one: one.size, default=None)
        if reason == "lost" and most and cut is None:
            return Previous(root=encode_base64(most.root), size=most.size)
        if most and most.size > held and cut is None:
            raise EndUnknown(
                f"Expected all {most.size} entries of our log here, found {held}: what is not stated is "
                "void. Next: wait until the others have sent it back, draft with `--reason lost`, or state "
                "the end with --cut."
            )
        if not held:
            raise EndUnknown("Expected entries of our log here, found none: there is nothing to go on from.")
        size = held if cut is None else cut
        if not 1 <= size <= held:
            raise EndUnknown(
                f"Expected an end from 1 to {held}, which is what is here of our log, found {size}."
            )
        return Previous(root=encode_base64(tree_root(size, self.store.read_tiles(log))), size=size)


def read_draft(folder: Folder, log: LogName) -> Opening | None:
    """What the organisation is asked to sign for that log, if it is."""
    data = folder.draft(log.circle, log.epoch)
    return strict_json.decode(data, _OPENING, MalformedRecord) if data else None
