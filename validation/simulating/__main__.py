"""`python -m validation.simulating [--cases N] [--seed N]`: every scenario; 1 if ours misses a target."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from validation.simulating.parameters import PARAMETERS
from validation.simulating.running import run, scores
from validation.simulating.scenarios import SCENARIOS
from validation.simulating.table import table
from validation.simulating.targets import targets


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if ours misses a target."""
    parser = argparse.ArgumentParser(prog="python -m validation.simulating", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    # New processes, since what NumPy has begun does not survive a fork.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = {
            name: scores(run(name, chosen.cases, seed=chosen.seed, parameters=PARAMETERS, pool=pool))
            for name in SCENARIOS
        }
    reached = targets(found)
    print(f"{chosen.cases} cases of each scenario, seed {chosen.seed}; ± and intervals are of 95 %\n")
    print(table(found, reached))
    return int(not all(one.met for one in reached))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
