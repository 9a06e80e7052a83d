"""Cases of a scenario by every method, on several processors; how they are divided changes nothing."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from tocsin.readings import fuse
from validation.simulating.evidence import evidence
from validation.simulating.parameters import MEMBERS, UNDETERMINED, WHOLE_PERMILLE, Parameters
from validation.simulating.rivals import dawid_skenes, majority_votes, naive_fusions
from validation.simulating.scenarios import voices
from validation.simulating.scoring import Score, least_brier, score
from validation.simulating.world import Voice, draw
from validation.voting import Classes, Floats

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Cases:
    """By case: which kind it was; readings, as `rivals` has them; ours, and whether it is undetermined."""

    truths: Classes
    masses: Floats
    ours: Floats
    undetermined: Classes


@dataclass(frozen=True, slots=True)
class Scores:
    """Each method's figures in one scenario."""

    majority: Score
    naive: Score
    dawid_skene: Score
    ours: Score


def run(
    name: str,
    cases: int,
    *,
    seed: int,
    parameters: Parameters,
    chunk: int = _CHUNK,
    pool: Executor | None = None,
) -> Cases:
    """The first so many cases of a scenario; without a pool, in this process."""
    work = partial(_chunk, name, seed, parameters)
    spans = [range(start, min(start + chunk, cases)) for start in range(0, cases, chunk)]
    found = list(pool.map(work, spans) if pool else map(work, spans))
    return Cases(
        truths=np.concatenate([one.truths for one in found]),
        masses=np.concatenate([one.masses for one in found]),
        ours=np.concatenate([one.ours for one in found]),
        undetermined=np.concatenate([one.undetermined for one in found]),
    )


def scores(cases: Cases) -> Scores:
    """What every method makes of these cases."""
    return Scores(
        majority=least_brier(majority_votes(cases.masses), cases.truths),
        naive=least_brier(naive_fusions(cases.masses), cases.truths),
        dawid_skene=least_brier(dawid_skenes(cases.masses), cases.truths),
        ours=score(cases.ours, cases.truths, undetermined=float(cases.undetermined.mean())),
    )


def masses(said: Sequence[Voice]) -> Floats:
    """The readings of one case as `rivals` has them: members × kinds and *undetermined*."""
    made = np.zeros((len(MEMBERS), UNDETERMINED + 1))
    made[:, UNDETERMINED] = WHOLE_PERMILLE
    for voice in said:
        made[voice.member] = voice.permille
    return made


def _chunk(name: str, seed: int, parameters: Parameters, span: Sequence[int]) -> Cases:
    truths, said_of, ours, undetermined = [], [], [], []
    for case in span:
        world = draw(seed, case, parameters)
        said = voices(name, seed, case, world, parameters)
        view = fuse(evidence(said))
        truths.append(world.truth)
        said_of.append(masses(said))
        ours.append([kind.permille / WHOLE_PERMILLE for kind in view.kinds])
        undetermined.append(view.what == "undetermined")
    return Cases(
        truths=np.array(truths, np.intp),
        masses=np.array(said_of),
        ours=np.array(ours),
        undetermined=np.array(undetermined, np.intp),
    )
