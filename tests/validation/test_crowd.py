"""Reading Bluebirds, and clones."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation.crowd import ANSWERS, TRUTH, most_agreement, read, with_clones

TRUTHS = "question,truth\nb,1\na,0\n"
GIVEN = "question,worker,answer\na,w2,1\na,w1,0\nb,w1,1\nb,w2,1\n"


def folder(tmp_path: Path, truths: str = TRUTHS, answers: str = GIVEN) -> Path:
    """A folder with such data."""
    (tmp_path / TRUTH).write_text(truths)
    (tmp_path / ANSWERS).write_text(answers)
    return tmp_path


def test_items_and_workers_are_in_the_order_of_their_names(tmp_path: Path) -> None:
    """In whichever order the files have them, the arrays go by name."""
    data = read(folder(tmp_path))
    assert data.workers == ("w1", "w2")
    assert data.given.tolist() == [[0, 1], [1, 1]]
    assert data.truth.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("truths", "answers"),
    [
        (TRUTHS, GIVEN.replace("b,w2,1\n", "")),
        (TRUTHS, GIVEN + "b,w2,1\n"),
        (TRUTHS, GIVEN + "c,w2,1\n"),
        (TRUTHS + "c,1\n", GIVEN),
        (TRUTHS, GIVEN.replace("w2,1", "w2,2")),
        (TRUTHS, GIVEN.replace("w2,1", "w2,-1")),
        (TRUTHS.replace("b,1", "b,"), GIVEN),
        (TRUTHS, GIVEN.replace("worker", "by")),
        ("", GIVEN),
    ],
)
def test_other_data_is_refused(tmp_path: Path, truths: str, answers: str) -> None:
    """An answer that is missing, given twice, of no item or no 0 or 1, and other columns, are errors."""
    with pytest.raises(ValueError, match=r"^Expected"):
        read(folder(tmp_path, truths, answers))


@given(st.integers(0, 2**32), st.integers(0, 1), st.integers(1, 5))
def test_clones_say_about_what_the_worker_says(seed: int, worker: int, count: int) -> None:
    """Each clone turns about one answer in fifty; the answers that were there stay."""
    said = np.array([[0, 1], [1, 1]] * 500)
    made = with_clones(said, worker, count, np.random.default_rng(seed))
    assert (made[:, :2] == said).all()
    turned = (made[:, 2:] != said[:, [worker]]).mean(axis=0)
    assert len(turned) == count
    assert (turned < 0.06).all()
    assert set(np.unique(made)) <= {0, 1}


def test_the_most_that_two_agree_is_of_two_workers() -> None:
    """Nobody's agreement with itself counts."""
    assert most_agreement(np.array([[0, 0, 1], [0, 0, 1], [0, 1, 0], [1, 0, 0]])) == 0.5
