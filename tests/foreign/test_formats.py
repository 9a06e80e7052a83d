"""What leaves in the formats of others is what their own libraries read, and what those write comes in."""

import json

import pytest
from pymisp import MISPEvent, MISPObject
from stix2 import parse
from tests.cases.formats.files import ACCOUNT, event, file_of, into, out, written
from tests.cases.picture.desks import Desks, url

from tocsin.cases.formats import read_misp, read_stix, write_misp, write_stix
from tocsin.cases.formats.misp.template import template

pytestmark = pytest.mark.foreign


def desks() -> Desks:
    """A case of two reports, an ask and two answers."""
    desks = Desks()
    desks.reports("alder", url("one"), **ACCOUNT)
    desks.reports("birch", url("two"), harms=("rights",))
    ask = desks.asks("alder")
    desks.answers("birch", ask, url("three"))
    desks.answers("cedar", ask)
    return desks


def test_pymisp_reads_what_leaves() -> None:
    """PyMISP loads the event of a case, and writes it with every attribute, object, tag and sighting."""
    file = json.loads(write_misp(desks().view(), out()).data)
    loaded = MISPEvent()
    loaded.from_dict(**file["Event"])

    again = json.loads(loaded.to_json())
    assert loaded.uuid == file["Event"]["uuid"]
    assert [len(one["Attribute"]) for one in again["Object"]] == [
        len(one["Attribute"]) for one in file["Event"]["Object"]
    ]
    (imported,) = read_misp(file_of({"Event": again}), into())
    assert imported.opening.systems == ACCOUNT["systems"]


def test_what_pymisp_writes_comes_in() -> None:
    """An event that PyMISP made comes in and goes out, and PyMISP finds what it had put there."""
    made = MISPEvent()
    made.from_dict(**event())
    made.add_attribute("ip-dst", "192.0.2.7", comment="gateway")
    made.add_tag("tlp:amber+strict")
    imported = read_misp(made.to_json().encode(), into())
    again = MISPEvent()
    again.from_dict(**json.loads(write_misp(written(imported[0]).view(), out()).data)["Event"])

    assert {one.uuid for one in made.attributes} <= {one.uuid for one in again.attributes}
    assert {one.value for one in made.attributes} <= {one.value for one in again.attributes}


def test_the_template_is_one_of_misp() -> None:
    """PyMISP takes the object's template, and the object of a report keeps to it."""
    file = json.loads(write_misp(desks().view(), out()).data)
    (one, *_) = file["Event"]["Object"]
    known = template()
    made = MISPObject("ai-incident", strict=True, misp_objects_template_custom=known)
    for attribute in one["Attribute"]:
        made.add_attribute(attribute["object_relation"], value=attribute["value"])

    assert len(made.attributes) == len(one["Attribute"])
    assert [attribute.type for attribute in made.attributes] == [
        attribute["type"] for attribute in one["Attribute"]
    ]


def test_stix2_reads_what_leaves() -> None:
    """The stix2 library parses the bundle of a case, object by object."""
    file = write_stix(desks().view(), out())
    bundle = parse(file.data.decode(), allow_custom=True)

    types = [one["type"] for one in bundle.objects]
    assert {"incident", "sighting", "identity", "grouping", "indicator", "extension-definition"} <= set(types)
    assert len(types) == len(json.loads(file.data)["objects"])
    assert read_stix(bundle.serialize().encode(), into())
