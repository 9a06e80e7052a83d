import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readings.evidences import Desk, hypothesis, reading, source

from tocsin.core.records.cases.vocabulary import What
from tocsin.readings import fuse
from tocsin.readings.hypotheses import KINDS
from tocsin.readings.scoring import Forecast, Unscorable

kinds = st.sampled_from(KINDS)


def test_what_is_undetermined_is_spread_alike() -> None:
    """303 permille over five are 60 each; the 3 that are left go to the first three of the closed list."""
    said = reading("oak", {"misuse": 697, "undetermined": 303}).record
    assert Forecast.of_reading(said, (), "misuse") == Forecast((61, 61, 61, 757, 60), 3)


@given(st.dictionaries(kinds, st.integers(0, 200)), kinds)
def test_a_kind_has_its_own_and_a_fifth_of_the_open(of: dict[What, int], came_true: What) -> None:
    """Each has what the reading gives it, and of what is undetermined a fifth, up to one permille."""
    undetermined = 1_000 - sum(of.values())
    forecast = Forecast.of_reading(reading("oak", dict(of.items())).record, (), came_true)
    assert sum(forecast.permille) == 1_000
    assert KINDS[forecast.came_true] == came_true
    for kind, permille in zip(KINDS, forecast.permille, strict=True):
        assert 0 <= permille - of.get(kind, 0) - undetermined // 5 <= 1


def test_a_hypothesis_counts_for_its_kind() -> None:
    """What a reading gives to an attack of one sort is given to attacks."""
    narrower = hypothesis("oak", "attack")
    said = reading("ash", {"attack": 100, narrower.ref: 400, "accident": 500}).record
    assert Forecast.of_reading(said, [narrower], "attack") == Forecast((500, 500, 0, 0, 0), 1)


def test_a_hypothesis_that_is_not_here_is_undetermined() -> None:
    """Nobody can say of which kind it is: so it is of all alike."""
    narrower = hypothesis("oak", "attack")
    said = reading("ash", {narrower.ref: 500, "accident": 500}).record
    assert Forecast.of_reading(said, (), "attack") == Forecast((600, 100, 100, 100, 100), 1)


def test_the_common_view_is_a_forecast_by_its_kinds() -> None:
    """With hypotheses in it, too, it says for each kind what the view says."""
    narrower = hypothesis("oak", "attack")
    desk = Desk([source("sensor", "oak"), source("document", "ash")], [narrower])
    desk.read("oak", {narrower.ref: 700, "accident": 100}, 0).read("ash", {"attack": 800}, 1)
    view = fuse(desk.evidence)
    forecast = Forecast.of_view(view, "attack")
    assert forecast.permille == tuple(kind.permille for kind in view.kinds)
    assert max(forecast.permille) == forecast.permille[forecast.came_true] > 200


@pytest.mark.parametrize(
    ("permille", "came_true"),
    [
        ((), 0),
        ((500, 499), 0),
        ((500, 501), 0),
        ((1_100, -100), 0),
        ((500, 500), 2),
        ((500, 500), -1),
        ((10**400, 1_000 - 10**400), 0),
    ],
)
def test_what_makes_no_thousand_is_no_forecast(permille: tuple[int, ...], came_true: int) -> None:
    """Numbers that are no permille or not 1,000 together, or a category that there is not, are Unscorable."""
    with pytest.raises(Unscorable) as caught:
        Forecast(permille, came_true)
    assert len(str(caught.value)) < 200
