"""The sets of a call with a member, and the sheets, from what is here (docs/protocol.md, section 22).

(1) it is another member of the circle; (2) our key for calls of this epoch is here; (3) so is a card of the
member's epoch that has its key, which may be used.
"""

from dataclasses import dataclass

from tocsin.circles.errors import NonMember
from tocsin.circles.founding.circle import Member, void_from
from tocsin.circles.line import Line
from tocsin.core.errors import MalformedKey, Refusal, quoted
from tocsin.core.phone import MINUTE_MS, Pair, PhoneKey, PhoneSecret
from tocsin.core.records import Card
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.log.store import Store
from tocsin.node.card import newest_card
from tocsin.node.errors import KeysMissing
from tocsin.node.folder import Folder
from tocsin.node.phoning.types import Between, Minute, PhoneCall, PhoneSheet, SheetRow


class NoPhoneKey(Refusal):
    """The member's card has no key for calls."""

    code = "no-phone-key"


@dataclass(frozen=True, slots=True)
class _Other:
    """The other member: its card, what the two of us share, and our own key."""

    member: Member
    card: Card
    pair: Pair
    ours: PhoneKey


@dataclass(frozen=True, slots=True)
class Phone:
    """Calls with the members of one circle. All of it raises NonMember, KeysMissing and NoPhoneKey."""

    line: Line
    folder: Folder
    store: Store

    def call(self, slug: str, now_ms: int) -> PhoneCall:
        """What each side reads now."""
        other = self._other(slug)
        this = now_ms // MINUTE_MS
        before, now, after = (_minute(other.pair, this + step, called=False) for step in (-1, 0, 1))
        followed = self.line.following.log(str(other.member.log))
        return PhoneCall(
            between=self._between(other.member),
            now_ms=now_ms,
            called=_minute(other.pair, this, called=True),
            calling=(before, now, after),
            reached_them=self._reached(other),
            two_versions=followed is not None and followed.stopped,
            desk=other.card.desk,
        )

    def sheet(self, slug: str, sheet: int, rows: int) -> PhoneSheet:
        """The sheet of that number, with so many rows."""
        other = self._other(slug)
        return PhoneSheet(
            between=self._between(other.member),
            sheet=sheet,
            rows=tuple(
                SheetRow(
                    row=row,
                    called=other.pair.row(sheet, row, called=True),
                    calling=other.pair.row(sheet, row, called=False),
                )
                for row in range(1, rows + 1)
            ),
        )

    def _other(self, slug: str) -> _Other:
        us = self.line.own.member
        # (1) another member
        member = self.line.circle.by_slug.get(slug)
        if member is None or slug == us.slug:
            raise NonMember(f"Expected another member of this circle, found {quoted(slug)}.")
        # (2) our key
        secret = self._ours()
        # (3) theirs
        log = str(member.log)
        void = void_from(member)
        card = newest_card(self.store, log, MAX_SIZE if void is None else void)
        if card is None or card.phone is None:
            raise NoPhoneKey(
                f"Expected a key for calls on the card of {slug}, found none: its node is older than 0.4.0, "
                "or its newest card has not come. Next: `tocsin status`; until then, call back at a number "
                "that you know."
            )
        try:
            pair = Pair.of(secret, PhoneKey.parse(member.log, card.phone))
        except MalformedKey as refusal:
            raise NoPhoneKey(
                f"Expected a key for calls on the card of {slug}, found none: {refusal}"
            ) from None
        return _Other(member, card, pair, secret.key)

    def _ours(self) -> PhoneSecret:
        log = self.line.own.member.log
        secret = self.folder.phone_key(log)
        if secret is None:
            raise KeysMissing(
                f"Expected our key for calls of {log}, found none. Next: `tocsin doctor`; a node that starts "
                "with the other keys of this epoch makes it."
            )
        return secret

    def _reached(self, other: _Other) -> bool:
        held = self.line.own.held.get(other.member.slug)
        card = newest_card(self.store, self.line.own.name, held.size if held else 0)
        return card is not None and card.phone == other.ours.encode()

    def _between(self, member: Member) -> Between:
        circle, us = self.line.circle, self.line.own.member
        return Between(
            circle=circle.id,
            title=circle.charter.title,
            drill=circle.drill,
            us=us.slug,
            our_log=str(us.log),
            member=member.slug,
            label=member.label,
            their_log=str(member.log),
        )


def _minute(pair: Pair, minute: int, *, called: bool) -> Minute:
    return Minute(at_ms=minute * MINUTE_MS, sets=pair.at(minute, called=called))
