"""The template of the object `ai-incident`, in the form of MISP's object templates.

It is shipped as `ai-incident.json` besides, to be put among the templates of a MISP server.
"""

from typing import Final, get_args

from tocsin.cases.formats.misp.object import (
    CASE,
    COMPOSITE,
    FINGERPRINTS,
    MANY,
    NAME,
    ONE,
    SUMMARY,
    TEMPLATE_UUID,
    TEMPLATE_VERSION,
    type_of,
)
from tocsin.cases.formats.trees import Json, Object
from tocsin.core.records.cases.vocabulary import Event, Harm, Relation, Severity, Task

DESCRIPTIONS: Final[dict[str, str]] = {
    CASE: "Identifier of the case that the report belongs to",
    SUMMARY: "What happened",
    "event": "Whether it harmed, nearly did, or could have",
    "severity": "Severity on the scale of the OECD's common reporting framework",
    "relation": "How the AI system relates to the harm (OECD)",
    "lang": "Language of the summary, as BCP 47 writes it",
    "harm": "Kind of harm (OECD)",
    "task": "What the AI system was doing (OECD)",
    "economy": "Economy in which it happened",
    "system": "AI system: name|version, then issuer|number|sha256 of each certificate",
    "operator": "Organisation: role|name, then issuer|number|sha256 of each certificate",
    "moment": "Moment: clock|RFC 3339 time|precision|asserted by|name",
    "source": "Source of the evidence: kind|obtained|RFC 3339 time|sha256|locator",
    "attachment": "Content: media type|sha256|bytes|name|illegal",
    "translation": "Translation of the summary: language|officer, machine or agent|by|text",
    **{kind: f"Fingerprint: {kind}" for kind in FINGERPRINTS},
}
_VALUES: Final = {"event": Event, "severity": Severity, "relation": Relation, "harm": Harm, "task": Task}
_SEVERAL: Final = {*MANY, *COMPOSITE, *FINGERPRINTS}


def template() -> Object:
    """The template."""
    return {
        "name": NAME,
        "meta-category": "misc",
        "description": "What one organisation says of an incident in which AI has a part.",
        "uuid": TEMPLATE_UUID,
        "version": int(TEMPLATE_VERSION),
        "requiredOneOf": ["source"],
        "attributes": {
            relation: _attribute(relation, priority)
            for priority, relation in enumerate(
                reversed([CASE, SUMMARY, *ONE, *MANY, *COMPOSITE, *FINGERPRINTS])
            )
        },
    }


def _attribute(relation: str, priority: int) -> Object:
    type_, category = type_of(relation)
    values: list[Json] = list(get_args(_VALUES[relation])) if relation in _VALUES else []
    return {
        "misp-attribute": type_,
        "categories": [category],
        "description": DESCRIPTIONS[relation],
        "ui-priority": priority,
        **({"multiple": True} if relation in _SEVERAL else {}),
        **({"values_list": values} if values else {}),
        **({"disable_correlation": True} if type_ == "text" else {}),
    }
