"""The vectors of sources, which any other implementation can run too."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cases.picture.grouping import grouped

from tocsin.cases.picture.sources import canonical_locator, is_verifiable
from tocsin.core.records import Source

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "source.json").read_text("utf-8"))["cases"]


def source(fields: Any) -> Source:  # noqa: ANN401 - an object of JSON
    """The source that a vector writes."""
    return msgspec.convert(fields, Source)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{case['operation']}: {case['name']}") for case in CASES]
)
def test_vector(case: dict[str, Any]) -> None:
    """A locator has the form, a source is verifiable, and citations are one, as the vector says."""
    match case["operation"]:
        case "locator":
            found: object = canonical_locator(case["locator"])
        case "verifiable":
            found = is_verifiable(source(case["source"]))
        case "group":
            found = grouped((one["member"], source(one["source"])) for one in case["cited"])
        case operation:
            pytest.fail(operation)

    assert found == case["expect"]
