"""The vectors of readings, which any other implementation can run too."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.readings.evidences import CASE, hypothesis, reading, ref
from tests.readings.reference import Common, Range, fused
from tests.readings.test_reference import plain

from tocsin.core.records import Ref, Source
from tocsin.core.views import CaseSource, Evidence, ReadOn
from tocsin.readings import fuse

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "reading.json").read_text("utf-8"))["cases"]


def named(name: str) -> Ref:
    """A hypothesis, where it stands: `birch.1.5`."""
    member, _, index = name.split(".")
    return ref(member, int(index))


def evidence(case: dict[str, Any]) -> Evidence:
    """What a vector's members make of its sources."""
    return Evidence(
        case=CASE,
        sources=tuple(
            CaseSource(
                cited=tuple(
                    (how["by"], Source(kind=how["kind"], locator=how["locator"], obtained="received"))
                    for how in one["cited"]
                ),
                verifiable=False,
            )
            for one in case["sources"]
        ),
        hypotheses=tuple(
            hypothesis(at.log_name.member, one["under"], at.index)
            for one in case["hypotheses"]
            for at in [named(one["at"])]
        ),
        readings=tuple(
            ReadOn(
                reading(one["member"], {key(of): held for of, held in one["permille"].items()}),
                sources=tuple(sorted(one["own"])),
                own=tuple(one["own"]),
                others=one["others"],
            )
            for one in case["readings"]
        ),
    )


def key(of: str) -> str | Ref:
    """A kind, *undetermined* or a hypothesis."""
    return named(of) if "." in of else of


def shown(view: Common) -> dict[str, Any]:
    """A common view, as a vector writes it."""

    def ranges(some: dict[str, Range]) -> dict[str, list[int]]:
        return {name: [one.permille, one.least_permille, one.most_permille] for name, one in some.items()}

    return {
        "what": view.what,
        "held_back": view.held_back,
        "independent_milli": view.independent_milli,
        "kinds": ranges(view.kinds),
        "leaves": ranges(view.leaves),
        "millinats": {str(source): list(numbers) for source, numbers in view.sources.items()},
        "standing": [
            {"source": source, "member": member, "classes": sorted(classes)}
            for (source, member), classes in sorted(view.standing.items())
        ],
        "without": {
            str(gone): {"what": left.what, "held_back": left.held_back, "kinds": list(left.kinds)}
            for gone, left in view.without.items()
        },
    }


@pytest.mark.parametrize(
    "implementation", [fused, lambda of: plain(fuse(of))], ids=["the text", "the implementation"]
)
@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_vector(case: dict[str, Any], implementation: Callable[[Evidence], Common]) -> None:
    """All readings together give what the vector says, by the text alone as in a node."""
    assert shown(implementation(evidence(case))) == case["expect"]
