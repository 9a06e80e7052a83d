"""The vectors of cases, which any other implementation can run too: one picture, whatever the order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cases.charters import charter
from tests.cases.picture.contexts import Contexts

from tocsin.cases.picture import CaseView, evidence, view
from tocsin.core.records import CaseRecord, Context, Ref, Seen, parse_record
from tocsin.core.strict_json import encode
from tocsin.core.views import Evidence, Party, Said

FILE = json.loads((Path(__file__).parents[2] / "vectors" / "case.json").read_text("utf-8"))
TERMS = charter("7" * 64, [Party(slug, slug, economy) for slug, economy in FILE["economies"].items()])
ROOT = "A" * 43 + "="

SHOWN: dict[str, Callable[[CaseView], object]] = {
    "state": lambda seen: seen.state,
    "outcome": lambda seen: seen.outcome,
    "since_closing": lambda seen: [str(entry.ref) for entry in seen.timeline if entry.since_closing],
    "independent_sources": lambda seen: seen.corroboration.independent_sources,
    "organisations": lambda seen: seen.corroboration.organisations,
    "economies": lambda seen: seen.corroboration.economies,
    "replies": lambda seen: seen.corroboration.replies,
    "open_asks": lambda seen: sum(ask.open for ask in seen.asks),
    "standing": lambda seen: {str(entry.ref): entry.standing for entry in seen.timeline},
    "acknowledged": lambda seen: {
        str(entry.ref): [one.member for one in entry.acknowledged]
        for entry in seen.timeline
        if entry.acknowledged
    },
    "findings": lambda seen: {
        str(entry.ref): [finding.code for finding in entry.findings]
        for entry in seen.timeline
        if entry.findings
    },
    "order": lambda seen: [str(entry.ref) for entry in seen.timeline],
    "severity": lambda seen: [asserted.value for asserted in seen.description.severity],
    "sources_rest_on": lambda seen: [list(source.members) for source in seen.corroboration.sources],
}


def shown_of(found: Evidence) -> dict[str, object]:
    """Evidence, as a vector tells it."""
    return {
        "sources": [
            {
                "cited": [[member, source.locator] for member, source in one.cited],
                "witnesses": list(one.witnesses),
            }
            for one in found.sources
        ],
        "readings": {
            str(one.said.ref): {"sources": list(one.sources), "own": list(one.own), "others": one.others}
            for one in found.readings
        },
        "hypotheses": [str(said.ref) for said in found.hypotheses],
    }


def said(fields: Any) -> Said[CaseRecord]:  # noqa: ANN401 - an object of JSON
    """A record, read from its bytes, where it stands."""
    ref = msgspec.convert(fields["at"], Ref)
    record = parse_record(encode(fields["record"])).record
    assert isinstance(record, CaseRecord)
    return Said(ref, ref.log_name.member, record)


def knowledge(case: dict[str, Any]) -> Contexts:
    """What the authors' nodes held, by the contexts of a vector."""
    contexts = Contexts()
    for one in case.get("contexts", []):
        context = Context(
            circle=TERMS.circle,
            at_ms=0,
            author="node",
            author_kind="machine",
            tlp="TLP:CLEAR",
            seen=tuple(Seen(log=seen["log"], size=seen["size"], root=ROOT) for seen in one["seen"]),
        )
        contexts.add(one["at"]["log"], one["at"]["index"], context)
    return contexts


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in FILE["cases"]])
def test_vector(case: dict[str, Any]) -> None:
    """What the vector expects is what is shown, whether the records come forwards, backwards or twice."""
    records = [said(one) for one in case["records"]]
    ref = msgspec.convert(case["case"], Ref)

    for order in (records, records[::-1], records * 2):
        seen = view(ref, order, TERMS, knowledge(case))
        for name, expected in case["expect"].items():
            if name == "evidence":
                assert expected == shown_of(evidence(ref, order, knowledge(case)))
                continue
            shown = SHOWN[name](seen)
            if name == "standing":
                assert isinstance(shown, dict)
                assert expected == {ref: shown[ref] for ref in expected}
            else:
                assert expected == shown
