"""Evidence in words, in the reader's language: what it shows, and what it does not.

The words promise no more than the signatures do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.cases.telling import Language
from tocsin.circles.changing.standing import standings
from tocsin.circles.evidence.brokenlimit import BrokenLimit
from tocsin.circles.evidence.contradictions import TwoAmendments, TwoOpenings
from tocsin.circles.evidence.finding import Found
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.voids import Void
from tocsin.circles.founding.circle import Circle, Member
from tocsin.core.tlog.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was signed: what it is called, words for it, a hash beside it, a moment."""

    name: str
    words: str
    hash: str | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Evidence that holds. `about` are those who signed it."""

    kind: str
    title: str
    about: tuple[Member, ...]
    rows: tuple[Row, ...]
    shows: str
    shows_not: str


def told(found: Found, circle: Circle, language: Language) -> Told:
    """Evidence that was verified with the keys of that circle, in words."""
    teller = _Teller(circle, language)
    match found:
        case Fork():
            return teller.fork(found)
        case Void():
            return teller.void(found)
        case BrokenLimit():
            return teller.broken_limit(found)
        case TwoOpenings():
            return teller.two_openings(found)
        case TwoAmendments():
            return teller.two_amendments(found)


class _Teller:
    def __init__(self, circle: Circle, language: Language) -> None:
        self._circle = circle
        self._language = language

    def fork(self, fork: Fork) -> Told:
        first, second = fork.first.checkpoint, fork.second.checkpoint
        about = (self._circle.by_log[first.origin],)
        return self._told("fork", about, self._state("first", first), self._state("second", second))

    def void(self, void: Void) -> Told:
        member, end, signed = void.member, void.end, void.signed.checkpoint
        standing = standings(self._circle.chain)[member.slug]
        removed = standing.removed and standing.cut is not None and standing.cut.log == signed.origin
        kind = "cut" if removed else "void"
        ended = Checkpoint(signed.origin, end.size, end.root)
        return self._told(kind, (member,), self._state("ended", ended), self._state("signed", signed))

    def broken_limit(self, broken: BrokenLimit) -> Told:
        members = self._language.listed(member.slug for member in broken.cosigners)
        rows = (
            Row(
                self._row("came"),
                self._language.say("logs.evidence_came", records=broken.grown, seconds=broken.within_s),
            ),
            Row(self._row("allowed"), self._language.say("logs.evidence_allowed", records=broken.allowed)),
            Row(
                self._row("confirmed"),
                self._language.say(
                    "logs.evidence_confirmed", members=members, economies=len(broken.economies)
                ),
            ),
        )
        return self._told("limit", (broken.author,), *rows)

    def two_openings(self, two: TwoOpenings) -> Told:
        rows = (
            Row(self._row("log"), str(two.log)),
            Row(
                self._row("first"), self._language.say("logs.evidence_opened"), two.first.log, two.first.at_ms
            ),
            Row(
                self._row("second"),
                self._language.say("logs.evidence_opened"),
                two.second.log,
                two.second.at_ms,
            ),
        )
        return self._told("openings", tuple(self._last(two.log.member)), *rows)

    def two_amendments(self, two: TwoAmendments) -> Told:
        about = tuple(member for slug in two.signers for member in self._last(slug))
        rows = (
            Row(
                self._row(name),
                self._language.say("logs.evidence_version", number=one.charter.version),
                one.id,
            )
            for name, one in (("first", two.first), ("second", two.second))
        )
        return self._told("amendments", about, *rows)

    def _told(self, kind: str, about: tuple[Member, ...], *rows: Row) -> Told:
        return Told(
            kind=kind,
            title=self._language.say(f"logs.evidence_title_{kind}"),
            about=about,
            rows=rows,
            shows=self._language.say(f"logs.evidence_shows_{kind}"),
            shows_not=self._language.say(f"logs.evidence_not_{kind}"),
        )

    def _state(self, name: str, checkpoint: Checkpoint) -> Row:
        return Row(
            self._row(name),
            self._language.say("logs.evidence_entries", count=checkpoint.size),
            checkpoint.root.hex(),
        )

    def _last(self, slug: str) -> Iterator[Member]:
        """The member of that slug, in its newest epoch, if it ever had one."""
        circle = self._circle
        yield from [one for one in (*circle.past, *circle.members) if one.slug == slug][-1:]

    def _row(self, name: str) -> str:
        return self._language.say(f"logs.evidence_row_{name}")
