from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest
from validation.simulating.parameters import PARAMETERS
from validation.simulating.running import Cases, run, scores
from validation.simulating.scenarios import SCENARIOS

pytestmark = pytest.mark.slow

_CASES = 400


def of(name: str, cases: int = _CASES, seed: int = 1, chunk: int = 500) -> Cases:
    """So many cases of a scenario."""
    return run(name, cases, seed=seed, parameters=PARAMETERS, chunk=chunk)


def are_same(one: Cases, other: Cases) -> bool:
    """Whether every number of these is the same."""
    names = [field.name for field in fields(Cases)]
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


@pytest.mark.parametrize("name", SCENARIOS)
def test_ours_is_not_fooled_more_often_than_naive_fusion(name: str) -> None:
    """Nowhere is ours confident and wrong more often than naive fusion is."""
    found = scores(of(name))
    assert found.ours.confident_and_wrong <= found.naive.confident_and_wrong


def test_declared_copies_fool_nobody() -> None:
    """Where copies are declared ours is hardly ever confident and wrong, as naive fusion often is."""
    found = scores(of("copies, all declared", 1_000))
    assert found.ours.confident_and_wrong <= 1
    assert found.naive.rate > 0.1


def test_ours_is_right_where_nobody_copies() -> None:
    """Being careful does not mean to know nothing: of independent readings ours makes what it was."""
    found = scores(of("independent"))
    assert found.ours.accuracy.value > 0.95
    assert found.ours.undetermined is not None
    assert found.ours.undetermined < 0.15


def test_ours_knows_that_it_knows_nothing() -> None:
    """Where there are hunches alone it says *undetermined*, but for a few in a hundred cases."""
    found = scores(of("null, and known to be"))
    assert found.ours.confident_and_wrong == 0
    assert found.ours.undetermined is not None
    assert found.ours.undetermined > 0.95


@pytest.mark.parametrize("name", ["copies, 60 % declared", "late corrections"])
def test_same_seed_same_result(name: str) -> None:
    """The same seed gives the same numbers, and another seed others."""
    assert are_same(of(name, 40), of(name, 40))
    assert not are_same(of(name, 40), of(name, 40, seed=2))


@pytest.mark.parametrize("chunk", [1, 7, 40])
def test_chunks_change_nothing(chunk: int) -> None:
    """However cases are divided, and whoever works on them, every number is the same."""
    whole = of("copies, 60 % declared", 40)
    assert are_same(of("copies, 60 % declared", 40, chunk=chunk), whole)
    with ThreadPoolExecutor(2) as pool:
        divided = run("copies, 60 % declared", 40, seed=1, parameters=PARAMETERS, chunk=chunk, pool=pool)
    assert are_same(divided, whole)


def test_fewer_cases_are_the_first_of_more() -> None:
    """A case does not depend on how many there are."""
    more, less = of("framing, 2 of 7", 40), of("framing, 2 of 7", 25)
    assert np.array_equal(more.ours[:25], less.ours)
