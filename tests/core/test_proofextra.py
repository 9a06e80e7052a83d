"""What a proof file carries: its form, which two readers of it share."""

import pytest

from tocsin.core import strict_json
from tocsin.core.errors import Refusal
from tocsin.core.proofextra import MAX_COSIGNATURES, ProofExtra
from tocsin.core.strict_json import NotJson, UnknownField
from tocsin.core.tlog.proof import TlogProof


class Malformed(Refusal):
    """It is not what the reader says it should be."""

    code = "malformed-here"


def carrying(openings: int, charters: int = 1) -> TlogProof:
    """A proof file that has so many openings and charters in it."""
    extra = ProofExtra(
        charters=("charter",) * charters, key_events=("opening",) * openings, record="", salt="", version=1
    )
    return TlogProof(strict_json.encode(extra), 0, (), b"checkpoint\n")


def test_the_openings_of_an_author_and_of_those_who_cosign() -> None:
    """A proof file has the opening of its author, and one for each cosignature at the most."""
    for openings in (1, 1 + MAX_COSIGNATURES):
        assert len(ProofExtra.of(carrying(openings), Malformed).key_events) == openings


@pytest.mark.parametrize(("openings", "charters"), [(0, 1), (2 + MAX_COSIGNATURES, 1), (1, 0)])
def test_more_or_fewer_are_malformed(openings: int, charters: int) -> None:
    """No opening, more than there can be cosignatures, or no charter: refused by the reader's own name."""
    with pytest.raises(Malformed):
        ProofExtra.of(carrying(openings, charters), Malformed)


@pytest.mark.parametrize(("changed", "refusal"), [({"version": 2}, Malformed), ({"more": ""}, UnknownField)])
def test_another_form_is_malformed(changed: dict[str, object], refusal: type[Refusal]) -> None:
    """Of another version, or with anything more in it, it is not read as if it were this one."""
    form: dict[str, object] = {
        "charters": ["charter"],
        "key_events": ["opening"],
        "record": "",
        "salt": "",
        "version": 1,
    }

    def proof(form: dict[str, object]) -> TlogProof:
        return TlogProof(strict_json.encode(form), 0, (), b"checkpoint\n")

    assert ProofExtra.of(proof(form), Malformed).charters == ("charter",)
    with pytest.raises(refusal):
        ProofExtra.of(proof(form | changed), Malformed)


def test_without_extra_data_it_is_malformed() -> None:
    """A proof that carries nothing is no proof file."""
    bare = TlogProof(None, 0, (), b"checkpoint\n")

    with pytest.raises(NotJson):
        ProofExtra.of(bare, Malformed)
