"""docs/formats.md and the files that are shipped say what the code does."""

import json
import re
from importlib.resources import files
from pathlib import Path

from tests.cases.formats.files import event, file_of, into, uuid

from tocsin.cases import formats
from tocsin.cases.formats import read_misp
from tocsin.cases.formats.account import Account
from tocsin.cases.formats.errors import NoLabel
from tocsin.cases.formats.handling import strictest
from tocsin.cases.formats.ids import NAMESPACE
from tocsin.cases.formats.misp.handling import DISTRIBUTIONS, WIDEST
from tocsin.cases.formats.misp.object import TEMPLATE_UUID
from tocsin.cases.formats.misp.template import DESCRIPTIONS, template
from tocsin.cases.formats.misp.types import KINDS
from tocsin.cases.formats.oecd.criteria import CRITERIA
from tocsin.cases.formats.stix.extension import EXTENSION, definition, schema
from tocsin.cases.formats.stix.markings import TLP1, TLP2, TLP2_EXTENSION
from tocsin.cases.formats.stix.patterns import PATHS

DOCUMENT = (Path(__file__).parents[3] / "docs/formats.md").read_text()
GROUP = {"uuid": uuid("group"), "SharingGroupOrg": [{"Organisation": {"name": "Larch"}}]}


def table(head: str) -> list[list[str]]:
    """The rows of the table whose head begins so, without the marks of code."""
    (rows,) = re.findall(rf"^\| {re.escape(head)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENT, re.MULTILINE)
    return [
        [cell.strip().replace("`", "").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        for row in rows.splitlines()
    ]


def shipped(name: str) -> object:
    """A file that is shipped with the package."""
    return json.loads(files(formats).joinpath(name).read_bytes())


def test_types_of_misp() -> None:
    """The document has each type of attribute, and what its parts are."""
    assert table("type") == [
        [type_, ", ".join(kind or "-" for kind in kinds)] for type_, kinds in KINDS.items()
    ]


def test_distributions() -> None:
    """The document has the labels of the distributions of parts, and with which each label leaves."""
    assert [[cells[0][0], cells[1]] for cells in table("distribution of a part")] == [
        list(one) for one in WIDEST.items()
    ]
    assert sorted(table("label | distribution with which it leaves")) == sorted(
        list(one) for one in DISTRIBUTIONS.items()
    )


def label_of(distribution: str | None, *tags: str) -> str:
    """The label at which an event comes in whose sharing group is TLP:AMBER, or that it is refused."""
    value = event(Tag=[{"name": name} for name in tags], sharing_group_id="9", SharingGroup=GROUP)
    del value["distribution"]
    value |= {"distribution": distribution} if distribution else {}
    try:
        (imported,) = read_misp(file_of(value), into(groups={GROUP["uuid"]: "TLP:AMBER"}))
    except NoLabel:
        return "refused"
    return imported.opening.tlp


def test_distributions_and_tags() -> None:
    """The document has what each distribution means without a tag and with each tag of TLP 1 and 2."""
    tags = [(cells[0].split(",")[0], cells[1]) for cells in table("tag")]
    rows = table("distribution of the event")
    assert [cells[0][0] for cells in rows] == list("012345")
    for name, without, tagged in rows:
        distributions = [name[0], None] if "not said" in name else [name[0]]
        for distribution in distributions:
            alone = {"the group": "TLP:AMBER", "the officer, or refused (no-label)": "refused"}
            assert label_of(distribution) == alone.get(without, without)
            for tag, label in tags:
                both = [label, "TLP:AMBER"] if tagged == "the stricter of group and tag" else [label]
                assert label_of(distribution, tag) == strictest(both)  # type: ignore[arg-type]


def test_the_object_of_misp() -> None:
    """The document has each relation of the object, and the template is shipped as it is."""
    assert table("relation") == [list(one) for one in DESCRIPTIONS.items()]
    assert TEMPLATE_UUID in DOCUMENT
    assert shipped("misp/ai-incident.json") == template()


def test_patterns() -> None:
    """The document has each property of a pattern, and its kind."""
    assert table("property | fingerprint") == [list(one) for one in PATHS.items()]


def test_markings() -> None:
    """The document has the markings of TLP 2.0 and TLP 1."""
    assert table("label | TLP 2.0") == [[label, id_, TLP1.get(label, "-")] for label, id_ in TLP2.items()]
    assert TLP2_EXTENSION in DOCUMENT


def test_the_extension_of_stix() -> None:
    """The document has each property of the extension; definition and schema are shipped as they are."""
    assert [cells[0] for cells in table("property | what it says")] == list(Account.__struct_fields__)
    assert EXTENSION in DOCUMENT
    assert shipped("stix/extension-schema.json") == schema()
    bundle = shipped("stix/extension-definition.json")
    assert isinstance(bundle, dict)
    assert bundle["objects"] == list(definition())
    assert json.loads(bundle["objects"][0]["schema"]) == schema()


def test_criteria() -> None:
    """The document has the 29 criteria, how each is met, and by what."""
    assert table("#") == [
        [f"{one.number}*" if one.mandatory else str(one.number), one.name, one.mapping, one.by]
        for one in CRITERIA
    ]


def test_the_namespace() -> None:
    """The document has the namespace of identifiers."""
    assert str(NAMESPACE) in DOCUMENT
