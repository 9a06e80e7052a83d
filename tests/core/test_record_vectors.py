"""The vectors of records, which any other implementation can run too: each is read, or refused by name."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tocsin.core.errors import Refusal
from tocsin.core.records import parse_record

ROOT = Path(__file__).parents[2]
CASES = json.loads((ROOT / "vectors" / "record.json").read_text("utf-8"))["cases"]

Case = dict[str, Any]


def record_of(case: Case) -> bytes:
    """The record's bytes."""
    if "record_hex" in case:
        return bytes.fromhex(case["record_hex"])
    parts = case["parts"] if "parts" in case else [[case["record"], 1]]
    return "".join(text * times for text, times in parts).encode()


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_vector(case: Case) -> None:
    """A record is of the kind and by the key that the case expects, or is refused with the error it names."""
    if "error" in case:
        with pytest.raises(Refusal) as refused:
            parse_record(record_of(case))
        assert case["error"] == refused.value.code
    else:
        parsed = parse_record(record_of(case))
        assert case["expect"] == {
            "kind": parsed.record.kind,
            "key": parsed.signature and parsed.signature.name,
        }


def test_every_error_has_a_vector() -> None:
    """Each error of the protocol's table has a case, but for those that need more than the record's bytes."""
    section = (ROOT / "docs" / "protocol.md").read_text("utf-8").partition("### 7.4")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    of_the_log = {
        "wrong-circle",
        "misplaced-opening",
        "erasure-target",
        "handling-exceeded",
        "wrong-opening",
        "officer-unknown",
        "officer-signature",
    }

    table = set(re.findall("`([a-z0-9-]+)`", "".join(cells)))

    assert table == {case["error"] for case in CASES if "error" in case} | of_the_log
