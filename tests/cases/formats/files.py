"""Files of other formats, with invented organisations, and what becomes of them in a circle."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st
from tests.cases.picture.desks import CIRCLE, START_MS, Desks, terms

from tocsin.cases.formats import Imported, Into, Outgoing
from tocsin.cases.picture import CaseView
from tocsin.core.records import Certificate, Fingerprint, Moment, Operator, System, Translation, encode_record

FAMILY = UUID("1f0a2c56-1d52-4a1e-8f4f-6f4b8e0f6a11")
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def uuid(name: str) -> str:
    """One UUID for each name."""
    return str(uuid5(FAMILY, name))


def into(**changes: object) -> Into:
    """Into a live circle, by its duty officer."""
    given = {"circle": CIRCLE, "at_ms": START_MS, "author": "duty", "handling": "TLP:RED", "drill": False}
    return Into(**{**given, **changes})  # type: ignore[arg-type]


def out(**changes: object) -> Outgoing:
    """Out by alder, whatever the label."""
    charter = terms(drill=bool(changes.pop("drill", False)))
    given = {"terms": charter, "own": "alder", "up_to": "TLP:RED"}
    return Outgoing(**{**given, **changes})  # type: ignore[arg-type]


def written(imported: Imported, member: str = "alder", desks: Desks | None = None) -> Desks:
    """A case to which the member has written all that an import gives, each a record that can be written."""
    desks = desks or Desks()
    case = desks.says(member, imported.opening)
    for record in imported.following(desks.case if imported.opening.case else case):
        desks.says(member, record)
    for said in desks.said:
        encode_record(said.record)
    return desks


def pictured(imported: Imported) -> CaseView:
    """The view of the case that an import opens."""
    return written(imported).view()


def tag(name: str) -> dict[str, Any]:
    """A tag as MISP writes it."""
    return {"id": "7", "name": name, "colour": "#004646", "exportable": True, "numerical_value": None}


def attribute(type_: str, value: str, **changes: object) -> dict[str, Any]:
    """An attribute as MISP writes it."""
    return {
        "id": "11",
        "type": type_,
        "category": "Network activity",
        "to_ids": True,
        "uuid": uuid(f"{type_} {value}"),
        "event_id": "3",
        "distribution": "5",
        "timestamp": "1780000000",
        "comment": "as seen at the gateway",
        "sharing_group_id": "0",
        "deleted": False,
        "object_relation": None,
        "value": value,
        **changes,
    }


def event(**changes: object) -> dict[str, Any]:
    """An event as MISP writes it, by the invented organisation Larch."""
    return {
        "id": "3",
        "uuid": uuid("event"),
        "info": "Cloned voices ask clerks for payments",
        "date": "2026-10-28",
        "threat_level_id": "2",
        "published": False,
        "analysis": "1",
        "distribution": "0",
        "timestamp": "1780000000",
        "sharing_group_id": "0",
        "extends_uuid": "",
        "Org": {"id": "1", "name": "Larch", "uuid": uuid("larch"), "local": True},
        "Orgc": {"id": "1", "name": "Larch", "uuid": uuid("larch"), "local": True},
        "Attribute": [
            attribute("sha256", HASH, Sighting=[sighting("0"), sighting("1", name="second")]),
            attribute("link", "https://news.example/voices", category="External analysis"),
            attribute("text", "spoken in two languages"),
        ],
        "Object": [
            {
                "id": "5",
                "name": "domain-ip",
                "template_uuid": uuid("template"),
                "uuid": uuid("object"),
                "distribution": "5",
                "ObjectReference": [],
                "Attribute": [attribute("domain", "voices.example", object_relation="domain")],
            }
        ],
        "Galaxy": [{"name": "Sector", "type": "sector", "GalaxyCluster": [{"value": "Bank", "meta": {}}]}],
        "EventReport": [
            {"uuid": uuid("report"), "name": "notes", "content": "# what we know", "deleted": False}
        ],
        "ShadowAttribute": [],
        "Tag": [
            tag("tlp:amber"),
            tag('admiralty-scale:source-reliability="b"'),
            tag('estimative-language:likelihood-probability="likely"'),
        ],
        **changes,
    }


def sighting(type_: str, name: str = "first") -> dict[str, Any]:
    """A sighting as MISP writes it."""
    return {
        "uuid": uuid(f"sighting {name}"),
        "type": type_,
        "date_sighting": "1780000100",
        "source": "",
        "Organisation": {"name": "Rowan", "uuid": uuid("rowan")},
    }


def file_of(value: object) -> bytes:
    """The file that says so."""
    return json.dumps(value, ensure_ascii=False).encode()


def bundle(*objects: dict[str, Any], **changes: object) -> dict[str, Any]:
    """A bundle of these objects, or of an incident with an indicator and a sighting, by Larch."""
    return {
        "type": "bundle",
        "id": f"bundle--{uuid('bundle')}",
        "objects": list(objects or story()),
        **changes,
    }


AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"


def stix(type_: str, **fields: object) -> dict[str, Any]:
    """An object of STIX 2.1, marked TLP:AMBER."""
    return {
        "type": type_,
        "spec_version": "2.1",
        "id": f"{type_}--{uuid(type_)}",
        "created": "2026-10-28T09:00:00.000Z",
        "modified": "2026-10-28T09:00:00.000Z",
        "object_marking_refs": [AMBER],
        **fields,
    }


def story() -> Iterator[dict[str, Any]]:
    """An incident, an indicator and a sighting of it, and whose they are."""
    yield stix("identity", name="Larch", identity_class="organization")
    yield stix(
        "incident",
        name="Cloned voices",
        description="Cloned voices ask clerks for payments",
        external_references=[{"source_name": "press", "url": "https://news.example/voices"}],
        created_by_ref=f"identity--{uuid('identity')}",
    )
    yield stix(
        "indicator",
        pattern=f"[file:hashes.'SHA-256' = '{HASH}']",
        pattern_type="stix",
        valid_from="2026-10-28T09:00:00Z",
    )
    yield stix("sighting", sighting_of_ref=f"incident--{uuid('incident')}", count=4)


def lost(before: object, after: object, path: str = "") -> list[str]:
    """The pointers to what was there before and is not after, wherever in its list it now stands."""
    if isinstance(before, dict):
        if not isinstance(after, dict):
            return [path]
        return [
            at
            for key, value in before.items()
            for at in (lost(value, after[key], f"{path}/{key}") if key in after else [f"{path}/{key}"])
        ]
    if isinstance(before, list):
        if not isinstance(after, list):
            return [path]
        return [
            at
            for number, value in enumerate(before)
            for at in min(
                (lost(value, one, f"{path}/{number}") for one in after),
                key=len,
                default=[f"{path}/{number}"],
            )
        ]
    return [] if before == after and type(before) is type(after) else [path]


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            TEXTS.filter(lambda key: key not in {"distribution", "Tag", "SharingGroup"}), inner, max_size=4
        )
    ),
    max_leaves=12,
)
"""What anybody may put beside what is known."""


ACCOUNT: dict[str, Any] = {
    "summary": "Cloned voices\nask for payments",
    "lang": "en",
    "translations": (Translation(by="desk|night", by_kind="officer", lang="ko", text="복제된 목소리"),),
    "event": "incident",
    "severity": "serious-incident",
    "relation": "intentional-misuse",
    "harms": ("economic", "psychological"),
    "tasks": ("content-generation",),
    "economies": ("EA", "EB"),
    "systems": (
        System(name="Voice|Maker \\", version="2", certificates=(Certificate(issuer="Yew", number="7"),)),
    ),
    "operators": (Operator(name="Hazel", role="developer"),),
    "fingerprints": (
        Fingerprint(kind="pdq", value="0f" * 32),
        Fingerprint(kind="url", value="https://a.example/'"),
    ),
    "moments": (
        Moment(
            asserted_by="press",
            at_ms=1_780_000_000_123,
            clock="occurred",
            precision="second",
            name="Alder news",
        ),
    ),
}
"""What a report can say in closed lists, and a text in two languages."""


def incident(**changes: object) -> dict[str, Any]:
    """An invented incident as the database writes it."""
    return {
        "incident_id": 9001,
        "title": "Delivery robots of Hazel block a ramp",
        "date": "2025-03-02",
        "AllegedDeployerOfAISystem": [{"entity_id": "hazel", "name": "Hazel"}],
        "AllegedHarmedOrNearlyHarmedParties": [{"entity_id": "walkers", "name": "walkers"}],
        "reports": [
            {"report_number": 1, "title": "Stuck", "url": "https://news.example/ramp", "authors": ["A. Yew"]},
            {"report_number": 2, "title": "Still stuck", "url": None, "authors": []},
        ],
        **changes,
    }
