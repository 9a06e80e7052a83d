"""Who may see objects of STIX: the markings of TLP 2.0 and TLP 1 to labels, and labels to TLP 2.0.

TLP 2.0 is not in STIX 2.1; FIRST's markings are objects with an extension, and known by their identifiers.
What a marking says that is not known here counts as TLP:RED; a statement (of rights, for example) says
nothing about who may see it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tocsin.cases.formats.handling import label_named, strictest
from tocsin.cases.formats.trees import Json, Object
from tocsin.core.records import Tlp

TLP2_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP2: Final[Mapping[Tlp, str]] = {
    "TLP:CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
TLP1: Final[Mapping[Tlp, str]] = {
    "TLP:CLEAR": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "TLP:GREEN": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    "TLP:AMBER": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "TLP:RED": "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}
_KNOWN: Final = {id_: label for table in (TLP1, TLP2) for label, id_ in table.items()}


class Markings:
    """What the markings that a bundle holds say, and those that everyone knows."""

    def __init__(self, objects: Sequence[Json]) -> None:
        self._labels: dict[str, Tlp | None] = dict(_KNOWN)
        for one in objects:
            if isinstance(one, dict) and one.get("type") == "marking-definition":
                id_, label = str(one.get("id")), _label(one)
                known = self._labels.get(id_)
                self._labels[id_] = strictest(said for said in (known, label) if said)

    def labels(self, value: Object) -> Iterator[Tlp]:
        """What an object's markings say of it, those of single properties included."""
        for ref in refs_of(value):
            label = self._labels.get(ref, "TLP:RED")
            if label is not None:
                yield label

    def is_tlp(self, ref: str) -> bool:
        """Whether a marking is one of TLP."""
        return self._labels.get(ref) is not None


def refs_of(value: Object) -> Iterator[str]:
    """The markings that an object names."""
    refs = value.get("object_marking_refs", [])
    # What is no list of them is a marking that nobody knows.
    yield from (str(ref) for ref in refs) if isinstance(refs, list) else ("",)
    granular = value.get("granular_markings", [])
    for one in granular if isinstance(granular, list) else [granular]:
        if not isinstance(one, dict) or "lang" not in one or "marking_ref" in one:
            yield str(one.get("marking_ref")) if isinstance(one, dict) else ""


def contradicts(value: Object) -> bool:
    """Whether an object gives a known marking another meaning."""
    known = _KNOWN.get(str(value.get("id")))
    return known is not None and _label(value) != known


def marking_of(label: Tlp) -> Object:
    """The marking of a label, as its public definition has it."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP2[label],
        "created": "2022-10-01T00:00:00.000Z",
        "name": label,
        "extensions": {
            TLP2_EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": label.removeprefix("TLP:").lower(),
            }
        },
    }


def _label(marking: Object) -> Tlp | None:
    """What a marking says about who may see it; None if it says nothing about that."""
    extensions = marking.get("extensions")
    extension = extensions.get(TLP2_EXTENSION) if isinstance(extensions, dict) else None
    if isinstance(extension, dict):
        return label_named(str(extension.get("tlp_2_0")))
    definition = marking.get("definition")
    match marking.get("definition_type"):
        case "tlp":
            return label_named(str(definition.get("tlp") if isinstance(definition, dict) else ""))
        case "statement":
            return None
        case _:
            return "TLP:RED"
