"""From a wish to a record of a case: what a kind does not have is refused, never a fault of this node."""

import pytest

from tocsin.core.records import Ref
from tocsin.core.records.errors import MalformedRecord
from tocsin.node.api.cases.saying import record_of
from tocsin.node.api.cases.types import SayHandover


def nothing(name: str) -> Ref:
    """No record is here."""
    raise AssertionError(name)


def test_a_field_that_a_kind_does_not_have_is_refused() -> None:
    """An officer's own word needs nobody else who answers for it."""
    say = SayHandover(author="duty", author_kind="officer", answerable="duty", to="night")

    with pytest.raises(MalformedRecord, match="answerable"):
        record_of(say, "0" * 64, 1, "TLP:GREEN", nothing)
