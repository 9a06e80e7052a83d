"""What the simulated worlds are made of, and why. Set before anything was measured with them.

Probabilities are per case unless it says otherwise; kinds are places in the closed list (`KINDS`), members
places among the seven.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, get_args

from tocsin.core.records.cases.vocabulary import SourceKind, What

KINDS: Final[tuple[What, ...]] = get_args(What)
UNDETERMINED: Final = len(KINDS)
"""The place of *undetermined* after the five kinds."""
WHOLE_PERMILLE: Final = 1_000
MEMBERS: Final = ("alder", "birch", "cedar", "douglas", "elder", "fir", "gean")


class Sort(NamedTuple):
    """A kind of source, how many in a hundred are of it, and how many of those others can look at."""

    kind: SourceKind
    percent: int
    verifiable_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """One world of seven organisations; a scenario changes one thing of it.

    - `hits`: how often a member's own signal shows what it was. 0.8 on average, as where `validation.copying`
      simulates copies (true positives 0.8, false ones 0.1: here of the kind that is easily mistaken for it).
      They stay the same in all cases, so that a method that learns about reporters has something to learn;
      those who play a part in a scenario, and those who do not, have 0.8 on average, too.
    - `mistaken_for`: by kind, the other one that it is easily mistaken for. `mistaken` of all misses show
      that one, the others any of the other three alike: honest errors agree with each other more often than
      by chance, since what looks like something else does so to everybody.
    - `believed`: between what a member thinks that its hits lie, anew in each case: how sure people are says
      little about how sure they may be.
    - `undetermined_steps`: how much of a judgement is kept back, in steps of rounding.
    - `step_permille`: to what people round.
    - `silent`: how often a member has seen nothing, and says so: all undetermined, no sources.
    - `sorts`, `second_source`: of what kind a member's own sources are, and how often it has two of them for
      its one signal.
    - `copiers`, `feed_hit`: five of seven take over what a feed says that is right as often as they would be.
    - `exact`: how often a copier takes it over as it is. Else it moves one or two steps of it.
    - `framers`, `framing_permille`: two of seven know what it was, agree on what that is most easily mistaken
      for, and invent a source each, of the two kinds at `framing_sorts`, that others can look at.
      They do so in every case: so a method that learns about reporters can learn to see through them.
    - `misled`, `corrects`, `withdraws`: four of seven read one published source first that is false. Then it
      is known to be: so many of them read the case anew by what they see themselves, or withdraw, and the
      rest let stand what they said.
    - `suits`: by member, the kind that suits it: it always reads its sources as if they showed that.
    - `null_undetermined_steps`: what is kept back by those who know that they have a hunch and no more.
    """

    hits: tuple[float, ...] = (0.80, 0.75, 0.85, 0.70, 0.90, 0.75, 0.85)
    mistaken_for: tuple[int, ...] = (2, 3, 0, 1, 0)
    mistaken: float = 0.5
    believed: tuple[float, float] = (0.60, 0.95)
    undetermined_steps: tuple[int, ...] = (1, 2, 3, 4, 6)
    step_permille: int = 50
    silent: float = 0.1
    sorts: tuple[Sort, ...] = (
        Sort("person", 30, 0),
        Sort("document", 25, 70),
        Sort("sensor", 20, 50),
        Sort("website", 15, 100),
        Sort("post", 10, 100),
    )
    second_source: float = 0.4
    copiers: tuple[int, ...] = (0, 1, 2, 3, 4)
    feed_hit: float = 0.8
    exact: float = 0.5
    framers: tuple[int, ...] = (5, 6)
    framing_permille: tuple[int, ...] = (950, 900)
    framing_sorts: tuple[SourceKind, ...] = ("sensor", "document")
    misled: tuple[int, ...] = (1, 2, 3, 4)
    corrects: float = 0.5
    withdraws: float = 0.2
    suits: tuple[tuple[int, int], ...] = ((0, 0), (3, 4), (4, 0))
    null_undetermined_steps: tuple[int, ...] = (10, 12, 14, 16, 18)


PARAMETERS: Final = Parameters()
