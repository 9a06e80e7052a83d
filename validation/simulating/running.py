"""Cases of a scenario by every method, on several processors; how they are divided changes nothing."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from tocsin.readings import fuse
from validation.simulating.evidence import evidence
from validation.simulating.parameters import KINDS, WHOLE_PERMILLE, Parameters
from validation.simulating.rivals import SMOOTHINGS, naive, smoothed_majority, votes_of
from validation.simulating.scenarios import voices
from validation.simulating.scoring import Score, least_brier, score
from validation.simulating.world import draw
from validation.voting import Classes, Floats, NotConverged, dawid_skene, votes

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Cases:
    """By case: which kind it was; each member's vote; naive fusion; ours, and whether it is undetermined."""

    truths: Classes
    votes: Classes
    naive: Floats
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
        votes=np.concatenate([one.votes for one in found]),
        naive=np.concatenate([one.naive for one in found]),
        ours=np.concatenate([one.ours for one in found]),
        undetermined=np.concatenate([one.undetermined for one in found]),
    )


def scores(cases: Cases) -> Scores:
    """What every method makes of these cases."""
    said = votes(cases.votes, len(KINDS))
    return Scores(
        majority=score(smoothed_majority(cases.votes), cases.truths),
        naive=score(cases.naive, cases.truths),
        dawid_skene=least_brier([score(_dawid_skene(said, one), cases.truths) for one in SMOOTHINGS]),
        ours=score(cases.ours, cases.truths, float(cases.undetermined.mean())),
    )


def _dawid_skene(said: Floats, smoothing: float) -> Floats:
    """What it finds, or where it is after its last step: what tells nothing apart moves for very long."""
    try:
        return dawid_skene(said, smoothing).posterior
    except NotConverged as stopped:
        return stopped.last.posterior


def _chunk(name: str, seed: int, parameters: Parameters, span: Sequence[int]) -> Cases:
    truths, given, naively, ours, undetermined = [], [], [], [], []
    for case in span:
        world = draw(seed, case, parameters)
        said = voices(name, seed, case, world, parameters)
        view = fuse(evidence(said))
        truths.append(world.truth)
        given.append(votes_of(said))
        naively.append(naive(said))
        ours.append([kind.permille / WHOLE_PERMILLE for kind in view.kinds])
        undetermined.append(view.what == "undetermined")
    return Cases(
        truths=np.array(truths, np.intp),
        votes=np.array(given, np.intp),
        naive=np.array(naively),
        ours=np.array(ours),
        undetermined=np.array(undetermined, np.intp),
    )
