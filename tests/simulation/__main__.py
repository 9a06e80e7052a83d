# ruff: noqa: T201 - a program for the terminal
"""Run as many simulations as one wants: `python -m tests.simulation N [--seed SEED]`, or `make simulate N=…`.

One in five is of nodes that work with cases, among hostile members; with `--cases`, all are. It prints how
far it is and how fast. On a violation, Hypothesis shrinks the schedule, and what is printed is enough to run
it again.
"""

import argparse
import random
import sys
import time
import traceback
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.simulation.cases.schedule import CaseSchedule, case_schedules, run_cases
from tests.simulation.erasing import erasing_schedules, run_erasing
from tests.simulation.schedule import Schedule

BATCH = 200

_Schedules = st.SearchStrategy[Schedule | CaseSchedule]

_SOME_OF_BOTH: _Schedules = st.integers(0, 4).flatmap(
    lambda number: erasing_schedules() if number else case_schedules()
)


def main(arguments: list[str]) -> int:
    """Run the simulations; 1 if one of them found something."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("count", type=int, help="how many")
    parser.add_argument("--seed", type=int, help="the first seed; by default another one each time")
    parser.add_argument("--cases", action="store_true", help="only those of nodes that work with cases")
    asked = parser.parse_args(arguments)
    first_seed = random.SystemRandom().randrange(2**32) if asked.seed is None else asked.seed
    started_s, ran, last = time.perf_counter(), 0, ""
    schedules: _Schedules = case_schedules() if asked.cases else _SOME_OF_BOTH

    def one(schedule: Schedule | CaseSchedule) -> None:
        nonlocal ran, last
        run = run_cases if isinstance(schedule, CaseSchedule) else run_erasing
        ran, last = ran + 1, f"{run.__name__}({schedule!r})"
        run(schedule)  # type: ignore[arg-type]  # the one that belongs to it

    print(f"{asked.count} simulations, from seed {first_seed}")
    for batch in range(-(-asked.count // BATCH)):
        try:
            _batch(schedules, one, first_seed + batch, min(BATCH, asked.count - batch * BATCH))
        except Exception:  # noqa: BLE001 - whatever it is, it is what was looked for
            traceback.print_exc()
            print(f"\nThe smallest schedule that shows it:\n\n    {last}\n")
            cases = " --cases" if asked.cases else ""
            print(f"To find it again: python -m tests.simulation {BATCH} --seed {first_seed + batch}{cases}")
            return 1
        print(f"{ran} simulations, {ran / (time.perf_counter() - started_s):.1f} per second", flush=True)
    return 0


def _batch(
    schedules: _Schedules, one: Callable[[Schedule | CaseSchedule], None], batch_seed: int, count: int
) -> None:
    quiet = settings(
        max_examples=count,
        phases=[Phase.generate, Phase.shrink],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    seed(batch_seed)(quiet(given(schedules)(one)))()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
