"""Whatever bytes come, a decoder takes them or refuses them, in bounded memory.

`make fuzz` looks for longer. What it finds is mended together with a case in the vectors, or a test of its
decoder.
"""

import importlib.util
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fuzz.bounds import check_memory
from tests.fuzz.effort import FOUND, SECONDS, SEED
from tests.fuzz.mutation import growing, mutated
from tests.fuzz.targets import DECODERS, TARGETS

ROOT = Path(__file__).parents[2]
MUTATIONS = 300

every_target = pytest.mark.parametrize("name", TARGETS)
every_target_in_its_time = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in DECODERS else pytest.mark.slow) for name in TARGETS]
)


@every_target
def test_known(name: str) -> None:
    """The good and bad cases of the vectors keep the rule, and some are good."""
    target, taken = TARGETS[name], 0
    for data in target.begin():
        check_memory(target, data)
        taken += target.takes(data)
    assert taken


@every_target_in_its_time
def test_changed(name: str) -> None:
    """So does what is nearly one of them."""
    target, chance = TARGETS[name], random.Random(name)
    known = list(target.begin())
    for _ in range(MUTATIONS):
        target.held(mutated(chance, chance.choice(known), known))


@every_target_in_its_time
def test_large(name: str) -> None:
    """Memory is bounded by the input, whatever is in it many times."""
    target = TARGETS[name]
    for data in growing(next(known for known in target.begin() if target.takes(known))):
        check_memory(target, data)


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris is not made for this system")
@every_target
def test_guided(tmp_path: Path, name: str) -> None:
    """Inputs that a fuzzer finds by what they cover keep the rule, too."""
    folder, share_s = (FOUND or tmp_path).absolute() / name, math.ceil(SECONDS / len(TARGETS))

    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", name, folder, str(share_s), str(SEED)],
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout
    for found in folder.iterdir():
        check_memory(TARGETS[name], found.read_bytes())
