"""Hypotheses, readings and ground truth: no format of others has a place for them, and that is said."""

from collections.abc import Callable

import pytest
from tests.cases.formats.files import out
from tests.cases.picture.desks import Desks, url

from tocsin.cases.formats import write_misp, write_oecd, write_oecd_table, write_stix
from tocsin.cases.formats.terms import Exported, Outgoing
from tocsin.cases.picture import CaseView
from tocsin.core.records import Actor, GroundTruth, Hypothesis, Probability, Reading

WRITERS = (write_misp, write_oecd, write_oecd_table, write_stix)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_what_was_made_of_a_case_stays_with_its_circle(
    write: Callable[[CaseView, Outgoing], Exported],
) -> None:
    """The file is the same without it, byte for byte; each record that stays is named."""
    desks = Desks()
    desks.reports("alder", url("one"))
    plain = write(desks.view(), out())
    named = desks.says("birch", desks.made(Hypothesis, under="attack", text="A stolen key.", lang="en"))
    reading = {
        "probabilities": (Probability(hypothesis=named, permille=1_000),),
        "confidence": "high",
        "sources": (url("two"),),
        "who": (Actor(name="Thieves", permille=500),),
    }
    desks.says("birch", desks.made(Reading, **reading))
    desks.says("alder", desks.made(GroundTruth, what="attack", hypothesis=named))
    file = write(desks.view(), out())

    assert file.data == plain.data
    told = [(one.to, one.code) for one in file.no_place if one not in plain.no_place]
    assert sorted(told) == [("ground-truth", "format"), ("hypothesis", "format"), ("reading", "format")]
