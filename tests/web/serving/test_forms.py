"""What a form may hold."""

from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import Refusal
from tocsin.web.serving.errors import MalformedForm
from tocsin.web.serving.forms import convert, fields_of


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Some fields."""

    text: str
    count: int | None = None
    several: tuple[str, ...] = ()
    few: Annotated[tuple[str, ...], msgspec.Meta(max_length=2)] = ()
    perhaps: tuple[str, ...] | None = None


@pytest.mark.parametrize("name", ["several", "few", "perhaps"])
@pytest.mark.parametrize("values", [["a"], ["a", "b"]])
def test_a_field_of_several_values_takes_one_as_well(name: str, values: list[str]) -> None:
    """However the field is written down."""
    made = convert({"text": ["x"], name: values}, Wanted)

    assert getattr(made, name) == tuple(values)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"text": []},
        {"text": ["a", "b"]},
        {"text": ["a"], "other": ["b"]},
        {"text": ["a"], "count": ["many"]},
        {"text": ["a"], "few": ["a", "b", "c"]},
    ],
)
def test_what_is_not_asked_for_is_refused(fields: dict[str, list[str]]) -> None:
    """Missing, empty, twice, unknown, of another type, too many."""
    with pytest.raises(MalformedForm):
        convert(fields, Wanted)


@given(st.binary(max_size=300))
def test_no_body_is_a_fault_of_ours(body: bytes) -> None:
    """Whatever is sent becomes fields, or is refused."""
    try:
        fields = fields_of(body)
        convert(fields, Wanted)
    except Refusal:
        return
    assert all(isinstance(value, str) for values in fields.values() for value in values)
