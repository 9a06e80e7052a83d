"""What closed cases teach this node: whose readings to trust how far, how good its own and the merged were.

- It is learned of the newest 1,000 closed cases that are known here, one at a time, in the background, and
  again of each that changes. What was learned stands until then.
- Nothing of it is kept on disk, goes into a record, or is told to anybody but this node's people and
  programs. Nobody else's readings are scored.
"""

import asyncio
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.cases.picture.view import State
from tocsin.core.records import Ref
from tocsin.log.store import StorageFailed, StorageFull
from tocsin.node.casework.assessing.lessons import Lesson, lesson_of
from tocsin.node.casework.hot import Hot, HotCases
from tocsin.node.casework.indexing import Indexing, Rebuilding
from tocsin.node.casework.knowledge import NotedKnowledge
from tocsin.node.casework.reading import Reading
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.overlay import Outcome
from tocsin.readings.scoring import Scores, Verified, brier, log_score, scores

MOST_CASES: Final = 1_000

_AT_ONCE = 64
_LARGE = 200
"""So many records take longer than the loop may be kept; so do few of a case that somebody read."""
_CLOSES: Final = frozenset(("closing", "withdrawal"))


class Baseline(Struct, frozen=True, kw_only=True):
    """The same scores of who knows nothing, and says of every case that all five kinds are equally likely."""

    brier: float
    log_score: float
    hits: float


_ALIKE: Final = Verified((1 / len(KINDS),) * len(KINDS), 0)


class Scored(Struct, frozen=True, kw_only=True):
    """How good our own readings were, and the common view, each alone; None where nothing can be scored yet.

    `cases` are closed ones of which is known what they were, and which somebody had read. `learning`: others
    are still being read, and it may change. Who scores no better than the `baseline` told nobody anything.
    """

    cases: int
    learning: bool
    own: Scores | None
    merged: Scores | None
    baseline: Baseline = Baseline(brier=brier(_ALIKE), log_score=log_score(_ALIKE), hits=_ALIKE.hit)


class _Summed(Struct):
    state: State


_decode = msgspec.json.Decoder(_Summed).decode


class Learning:
    """Learns of the closed cases of a circle, for the member `me`.

    `changes`: how often it was otherwise than before what they teach.
    """

    def __init__(
        self,
        circle: str,
        me: str,
        *,
        indexing: Indexing,
        reading: Reading,
        hot: HotCases,
        knowledge: NotedKnowledge,
    ) -> None:
        self._circle = circle
        self._me = me
        self._indexing = indexing
        self._reading = reading
        self._hot = hot
        self._knowledge = knowledge
        # The ones that changed last at the end; of cases to be learned of, whether they changed just now.
        self._lessons: OrderedDict[bytes, Lesson] = OrderedDict()
        self._waiting: dict[bytes, bool] = {}
        self._read_now: bytes | None = None
        self._scored: tuple[int, Scored] | None = None
        self._scoring = asyncio.Lock()
        self.changes = 0
        self._begin()

    def _begin(self) -> None:
        self._listed = False
        self._before: tuple[int, bytes] | None = None

    @property
    def is_learning(self) -> bool:
        """Whether there is something to learn of, or may be."""
        return bool(self._waiting) or self._read_now is not None or not self._listed

    @property
    def cases(self) -> int:
        """Of how many cases it has learned something."""
        return sum(one.merged is not None for one in self._lessons.values())

    def noted(self, subject: bytes, kind: str) -> None:
        """A record of that kind came into a case."""
        if kind in _CLOSES or subject in self._known():
            self._waiting[subject] = True
        if len(self._waiting) > MOST_CASES:
            # Very many came at once: the newest are found anew.
            self._waiting.clear()
            self._lessons.clear()
            self.changes += 1
            self._begin()

    def forget(self) -> None:
        """All may be otherwise."""
        self._begin()
        self._waiting |= dict.fromkeys(self._known(), False)

    def _known(self) -> Collection[bytes]:
        """What it learned of, or is about to."""
        return self._lessons.keys() if self._read_now is None else {*self._lessons, self._read_now}

    def taught(self, case: Ref) -> Sequence[Sequence[Outcome]]:
        """What each other case teaches of the members, if it does."""
        of = b64decode(case.entry)
        lessons = self._lessons.items()
        return [lesson.outcomes for key, lesson in lessons if key != of and lesson.outcomes]

    async def scores(self) -> Scored:
        """How good the readings were of which that is known by now."""
        async with self._scoring:
            scored = self._scored
            if scored is None or scored[0] != self.changes:
                found = asyncio.to_thread(_scored, list(self._lessons.values()))
                scored = self._scored = self.changes, await found
        return replace(scored[1], learning=self.is_learning)

    async def learn_some(self) -> bool:
        """Learn of one case, or find some to learn of; whether there was anything to do.

        Raises StorageFull, StorageFailed, Rebuilding.
        """
        if not self._waiting:
            return self._find_some()
        key = next(iter(self._waiting))
        has_changed = self._waiting.pop(key)
        lesson = await self._tried(key)
        if lesson != self._lessons.get(key):
            self.changes += 1
        if lesson is None:
            self._lessons.pop(key, None)
            return True
        if key not in self._lessons:
            self._lessons[key] = lesson
            self._lessons.move_to_end(key, last=has_changed)
        self._lessons[key] = lesson
        if len(self._lessons) > MOST_CASES:
            self._lessons.popitem(last=False)
            self.changes += 1
        return True

    def _find_some(self) -> bool:
        """Some more of the closed cases, those with the newest records first."""
        if self._listed:
            return False
        with self._indexing.asked() as index:
            subjects = index.subjects(self._circle, self._before, _AT_ONCE)
        for subject in subjects:
            self._before = (subject.newest_ms, subject.key)
            if subject.key not in self._lessons and _may_be_closed(subject.summary):
                self._waiting[subject.key] = False
        known = len(self._lessons) + len(self._waiting)
        self._listed = len(subjects) < _AT_ONCE or known >= MOST_CASES
        return True

    async def _tried(self, key: bytes) -> Lesson | None:
        """Others wrote it: whatever it is, it stops nobody."""
        self._read_now = key
        try:
            return await self._read(key)
        except (StorageFull, StorageFailed, Rebuilding):
            self._waiting.setdefault(key, True)
            raise
        except Exception as error:  # noqa: BLE001 - as above
            self._indexing.not_summed(self._circle, error)
            return None
        finally:
            self._read_now = None

    async def _read(self, key: bytes) -> Lesson | None:
        ref = self._reading.ref_of(key)
        if ref is None:
            return None
        kept = self._hot.get(ref)
        hot = kept or Hot.new(ref)
        async with hot.lock:
            if hot.over:
                return await self._read(key)
            await self._reading.read(hot)
            known = self._knowledge.looked_up(hot.spots)
            if hot.is_judged or hot.said >= _LARGE:
                lesson = await asyncio.to_thread(lesson_of, hot.case, known, self._me)
            else:
                lesson = lesson_of(hot.case, known, self._me) if hot.said else None
        if kept is None:
            self._reading.forget_seen(hot.spots)
        return lesson


def _may_be_closed(summary: bytes | None) -> bool:
    """Whether to look: what was not summed up may be, and what is none has nothing summed up."""
    return summary is None or (bool(summary) and _decode(summary).state in ("closed", "contested"))


def _scored(lessons: Sequence[Lesson]) -> Scored:
    own = [one.own for one in lessons if one.own is not None]
    merged = [one.merged for one in lessons if one.merged is not None]
    return Scored(
        cases=len(merged),
        learning=True,
        own=scores(own) if own else None,
        merged=scores(merged) if merged else None,
    )
