import pytest
from tests.cases.matching.made import TITLES, seen

from tocsin.cases.matching import Index, asked
from tocsin.cases.matching.vectors import FEWEST, Vectors

np = pytest.importorskip("numpy", reason="NumPy comes with the extra `meaning`")


def made(count: int, dimensions: int = 32) -> list[bytes]:
    """Directions that all lean one way, as those of a model do."""
    chance = np.random.default_rng(5)
    leaning = chance.normal(size=dimensions) * 3
    directions = chance.normal(size=(count, dimensions)) + leaning
    scaled = directions * (127 / np.abs(directions).max(axis=1, keepdims=True))
    return [row.tobytes() for row in scaled.round().astype(np.int8)]


def nudged(vector: bytes) -> bytes:
    """A direction near that one."""
    row = np.frombuffer(vector, np.int8).astype(int)
    return bytes(np.clip(row + np.arange(len(row)) % 5 - 2, -127, 127).astype(np.int8).tobytes())


def test_the_nearest_are_found_among_all() -> None:
    """A direction near a row finds that row first, though all rows lean one way."""
    vectors, rows = Vectors(32), made(3_000)
    for row in rows:
        vectors.add(row)
    for number in (0, 1, 700, 2_999):
        found = dict(vectors.nearest(nudged(rows[number]), 10))
        assert max(found, key=found.__getitem__) == number
        assert len(found) == 10


def test_others_are_compared_when_they_are_named() -> None:
    """Rows that are not among the nearest are compared too where they are asked for."""
    vectors, rows = Vectors(32), made(FEWEST)
    for row in rows:
        vectors.add(row)
    everyone = dict(vectors.nearest(rows[3], FEWEST))
    some = dict(vectors.nearest(rows[3], 1, also=[7, 9]))
    assert set(some) == {3, 7, 9}
    assert all(everyone[row] == pytest.approx(like, abs=1e-5) for row, like in some.items())


def test_before_there_are_many_nothing_is_near() -> None:
    """What is common to all cannot be known from few: until then nothing is found by meaning."""
    vectors, rows = Vectors(32), made(FEWEST)
    for row in rows[:-1]:
        vectors.add(row)
    assert vectors.nearest(rows[0], 5) == []
    vectors.add(rows[-1])
    assert vectors.nearest(rows[0], 5)


@pytest.mark.parametrize("vector", [bytes(32), b"\x7f" * 32, b"\x80" * 32])
def test_a_direction_that_is_none_is_near_nothing_in_particular(vector: bytes) -> None:
    """Zeros and extremes are rows like any: no number that is none comes out."""
    vectors = Vectors(32)
    for row in [*made(FEWEST), vector, vector]:
        vectors.add(row)
    assert all(abs(like) <= 1.5 for _, like in vectors.nearest(vector, FEWEST + 2))


def test_a_text_in_another_language_is_found_by_meaning() -> None:
    """Two texts that share no word fit by their vectors, and that is said."""
    index, rows = Index(), made(FEWEST + 1)
    for number in range(FEWEST):
        index.add(seen(str(number), f"{TITLES[number % 8]} {number}"), [rows[number]])
    index.add(seen("one", "로봇 경비원이 아이를 넘어뜨렸다"), [rows[FEWEST]])
    match = index.match(asked(["Ein Wachroboter stieß ein Kind um"]), [nudged(rows[FEWEST])])[0]
    assert (match.observation.id, match.matched, match.reasons) == ("one", "meaning", ("meaning",))


def test_vectors_may_come_later() -> None:
    """An observation that was added without vectors takes them with the same observation, once."""
    index, rows = Index(), made(FEWEST)
    for number in range(FEWEST):
        index.add(seen(str(number), f"title{number}"))
    for _ in range(2):
        for number in range(FEWEST):
            index.add(seen(str(number), f"title{number}"), [rows[number]])
    assert len(index) == FEWEST
    assert len(index._bodies) == FEWEST
    assert index.match(asked(["otherwise"]), [nudged(rows[9])])[0].observation.id == "9"
