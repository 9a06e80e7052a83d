import pytest
from hypothesis import given
from hypothesis import strategies as st
from validation.simulating.parameters import KINDS, MEMBERS, PARAMETERS, UNDETERMINED
from validation.simulating.scenarios import SCENARIOS, voices
from validation.simulating.world import Signal, Voice, draw, judged, rounded

_CASES = 60
_CHANGED = {
    "independent": (),
    "copies, all declared": PARAMETERS.copiers,
    "copies, 60 % declared": PARAMETERS.copiers,
    "copies, none declared": PARAMETERS.copiers,
    "framing, 2 of 7": PARAMETERS.framers,
    "late corrections": PARAMETERS.misled,
    "interest, 3 of 7": tuple(member for member, _ in PARAMETERS.suits),
    "null, and known to be": tuple(range(len(MEMBERS))),
    "null, read as evidence": tuple(range(len(MEMBERS))),
}


def said(name: str, case: int) -> dict[int, Voice]:
    """What each member says of a case in a scenario."""
    world = draw(7, case, PARAMETERS)
    return {voice.member: voice for voice in voices(name, 7, case, world, PARAMETERS)}


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=8), st.integers(0, 40))
def test_rounding_keeps_the_sum(weights: list[float], whole: int) -> None:
    """Rounded parts are whole numbers with the sum of the parts, each less than one away from its part."""
    parts = [whole * weight / sum(weights) for weight in weights]
    found = rounded(parts, whole)
    assert sum(found) == whole
    assert all(abs(one - part) < 1 + 1e-9 for one, part in zip(found, parts, strict=True))


@given(st.integers(0, len(KINDS) - 1), st.floats(0.6, 0.95), st.sampled_from((1, 2, 3, 4, 6)))
def test_judgement_is_a_rounded_distribution(kind: int, believed: float, kept: int) -> None:
    """A judgement is 1,000 permille in steps of 50, the kept ones undetermined, most on what is shown."""
    permille = judged(kind, Signal(kind, believed, kept, (), silent=False), PARAMETERS)
    assert sum(permille) == 1_000
    assert all(one % 50 == 0 for one in permille)
    assert permille[UNDETERMINED] == kept * 50
    assert permille[kind] == max(permille[:UNDETERMINED])


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_reading_is_a_distribution(name: str) -> None:
    """Every standing reading has 1,000 permille in all, none of them negative, and members ascend."""
    for case in range(_CASES):
        of = said(name, case)
        assert all(sum(one.permille) == 1_000 and min(one.permille) >= 0 for one in of.values())
        assert list(of) == sorted(of)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_changes_nothing_of_others(name: str) -> None:
    """Who has no part in what a scenario changes says the same as where nobody copies, frames or errs."""
    for case in range(_CASES):
        honest, found = said("independent", case), said(name, case)
        for member in set(range(len(MEMBERS))).difference(_CHANGED[name]):
            assert found[member] == honest[member]


@pytest.mark.parametrize("name", [name for name in SCENARIOS if _CHANGED[name]])
def test_scenario_changes_those_it_is_about(name: str) -> None:
    """Everybody who has a part in it says something else than it would, in some case."""
    for member in _CHANGED[name]:
        assert any(
            said("independent", case)[member] != said(name, case).get(member) for case in range(_CASES)
        )


def test_copies_differ_in_what_they_declare_alone() -> None:
    """Copiers say the same whether they declare it or not, and who declares it with 60 % does with 100 %."""
    for case in range(_CASES):
        every, some, none = (said(f"copies, {much} declared", case) for much in ("all", "60 %", "none"))
        for member in PARAMETERS.copiers:
            assert every[member].permille == some[member].permille == none[member].permille
            assert some[member].sources in (every[member].sources, none[member].sources)
            assert every[member].sources == every[0].sources != none[member].sources


def test_so_many_declare_it() -> None:
    """Of all copies where 60 % are declared, about that many cite the feed."""
    feed = said("copies, all declared", 0)[0].sources
    cited = [
        said("copies, 60 % declared", case)[member].sources == feed
        for case in range(400)
        for member in PARAMETERS.copiers
    ]
    assert sum(cited) / len(cited) == pytest.approx(0.6, abs=0.04)


def test_half_of_the_copies_are_exact() -> None:
    """About half of the copiers say exactly what the feed does; what the others say differs a little."""
    exact = 0
    for case in range(400):
        of = said("copies, all declared", case)
        masses = [of[member].permille for member in PARAMETERS.copiers]
        most = max(masses.count(one) for one in masses)
        exact += most if most > 1 else 0
        first = masses[0]
        assert all(sum(map(abs, map(int.__sub__, first, one))) <= 400 for one in masses)
    assert exact / (400 * len(PARAMETERS.copiers)) == pytest.approx(0.5, abs=0.06)


def test_framers_agree_on_one_false_kind() -> None:
    """Both framers hold the same false kind to be nearly certain, by sources of two kinds."""
    for case in range(_CASES):
        truth, of = draw(7, case, PARAMETERS).truth, said("framing, 2 of 7", case)
        one, other = (of[member] for member in PARAMETERS.framers)
        frame = one.permille.index(max(one.permille))
        assert frame == other.permille.index(max(other.permille)) != truth
        assert min(max(one.permille), max(other.permille)) >= 900
        assert one.sources[0].kind != other.sources[0].kind
        assert one.sources[0].name != other.sources[0].name


def test_some_correct_some_withdraw_some_let_stand() -> None:
    """Of those who read the false source half read anew, a fifth withdraw, and the rest keep a false kind."""
    kept = withdrawn = 0
    for case in range(400):
        truth, of = draw(7, case, PARAMETERS).truth, said("late corrections", case)
        stale = [voice for voice in of.values() if any(seen.name == "false" for seen in voice.sources)]
        assert all(max(voice.permille[:UNDETERMINED]) > voice.permille[truth] for voice in stale)
        kept += len(stale)
        withdrawn += sum(member not in of for member in PARAMETERS.misled)
    whole = 400 * len(PARAMETERS.misled)
    assert kept / whole == pytest.approx(0.3, abs=0.04)
    assert withdrawn / whole == pytest.approx(0.2, abs=0.04)


def test_interest_reads_what_suits_it() -> None:
    """Who has an interest holds what suits it to be the likeliest kind, whatever it sees."""
    for case in range(_CASES):
        of = said("interest, 3 of 7", case)
        for member, kind in PARAMETERS.suits:
            assert max(of[member].permille[:UNDETERMINED]) == of[member].permille[kind]


def test_null_says_nothing_of_the_truth() -> None:
    """Where there is no signal, what is said is the same whatever it was."""
    for name in ("null, and known to be", "null, read as evidence"):
        for case in range(_CASES):
            world = draw(7, case, PARAMETERS)
            other = type(world)((world.truth + 1) % len(KINDS), world.signals)
            assert voices(name, 7, case, world, PARAMETERS) == voices(name, 7, case, other, PARAMETERS)


def test_signals_are_right_as_often_as_they_say() -> None:
    """Sources show what it was as often as `hits` says, and in half of all misses its look-alike."""
    worlds = [draw(1, case, PARAMETERS) for case in range(4_000)]
    for member, hit in enumerate(PARAMETERS.hits):
        shown = [(world.signals[member].shown, world.truth) for world in worlds]
        right = sum(kind == truth for kind, truth in shown)
        alike = sum(kind == PARAMETERS.mistaken_for[truth] for kind, truth in shown)
        assert right / len(worlds) == pytest.approx(hit, abs=0.03)
        assert alike / (len(worlds) - right) == pytest.approx(0.5, abs=0.08)


def test_cases_do_not_share_chance() -> None:
    """Each case is drawn from the seed and its own number: another of either is another case."""
    one = draw(1, 1, PARAMETERS)
    assert one == draw(1, 1, PARAMETERS)
    assert one != draw(1, 2, PARAMETERS)
    assert one != draw(2, 1, PARAMETERS)
