"""STIX bundles come in and go out with nothing silently lost, and never to anybody who could not see them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.formats.files import (
    ACCOUNT,
    AMBER,
    HASH,
    JSON,
    TEXTS,
    bundle,
    file_of,
    into,
    lost,
    out,
    pictured,
    stix,
    story,
    uuid,
    written,
)
from tests.cases.picture.desks import Desks, url

from tocsin.cases.formats import Imported, read_stix, write_stix
from tocsin.cases.formats.errors import ExerciseMark, MalformedFile, NoLabel
from tocsin.cases.formats.stix.extension import EXTENSION
from tocsin.cases.formats.stix.markings import TLP1, TLP2, TLP2_EXTENSION
from tocsin.cases.formats.stix.patterns import fingerprints_in, pattern_of
from tocsin.cases.formats.trees import leaves
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Answer,
    Closing,
    Correction,
    Fingerprint,
    OperatorPosition,
    Report,
    Tlp,
)


def brought(value: object, **changes: object) -> Imported:
    """What a bundle of one case becomes."""
    (one,) = read_stix(file_of(value), into(**changes))
    return one


def exported(imported: Imported) -> dict[str, dict[str, Any]]:
    """The objects of the bundle that the case of an import leaves as, by their identifiers."""
    document = json.loads(write_stix(pictured(imported), out()).data)
    return {one["id"]: one for one in document["objects"]}


objects = st.lists(
    st.builds(
        lambda type_, name, extra: {**extra, **stix(type_, id=f"{type_}--{uuid(name)}", name=name)},
        st.sampled_from(["malware", "note", "x-own-thing", "tool"]),
        TEXTS,
        st.dictionaries(
            TEXTS.filter(
                lambda key: (
                    key not in {"labels", "granular_markings", "external_references", "description"}
                    and not key.endswith(("_ref", "_type"))
                    and key not in {"lang", "pattern", "count"}
                )
            ),
            JSON,
            max_size=3,
        ),
    ),
    max_size=4,
    unique_by=lambda one: one["id"],
)


@given(objects)
@settings(max_examples=40, deadline=None)
def test_nothing_is_silently_lost(more: list[dict[str, Any]]) -> None:
    """Of each element it is said where it went; every object comes out as it came in."""
    file = bundle(*story(), *more)
    imported = brought(file)
    places = {one.path for one in imported.placed}
    after = exported(imported)

    assert [path for path in leaves(file) if not any(path.startswith(at) for at in places)] == []
    assert imported.no_place == ()
    assert [lost(one, after.get(one["id"])) for one in file["objects"]] == [[]] * len(file["objects"])


@given(st.binary(max_size=300) | JSON.map(file_of) | st.dictionaries(st.just("objects"), JSON).map(file_of))
@settings(deadline=None)
def test_anything_else_is_refused(data: bytes) -> None:
    """Whatever is no STIX bundle is refused, by name."""
    with pytest.raises(Refusal):
        read_stix(data, into())


def test_a_story() -> None:
    """Description, references and indicators of an incident are summary, sources and fingerprints."""
    report = brought(bundle()).opening

    assert (report.summary, report.tlp) == ("Cloned voices ask clerks for payments", "TLP:AMBER")
    assert [one.locator for one in report.sources] == ["https://news.example/voices"]
    assert report.fingerprints == (Fingerprint(kind="sha256", value=HASH),)


def test_an_account_comes_back() -> None:
    """Everything that a report says in closed lists comes back as it was said."""
    desks = Desks()
    desks.reports("alder", url("one"), **ACCOUNT)
    desks.reports("birch", url("two"), harms=("rights",))
    file = write_stix(desks.view(), out())
    (imported,) = read_stix(file.data, into())
    (second, *_) = imported.following(desks.case)

    assert file.no_place == ()
    assert {field: getattr(imported.opening, field) for field in ACCOUNT} == ACCOUNT
    assert isinstance(second, Report)
    assert (second.harms, second.summary) == (("rights",), None)


def test_the_same_file_twice() -> None:
    """The same case gives the same bytes; a bundle that came in goes out again, and once more the same."""
    view = pictured(brought(bundle()))
    once = json.loads(write_stix(view, out()).data)
    again = exported(brought(once))

    assert json.loads(write_stix(view, out()).data) == once
    assert [lost(one, again[one["id"]]) for one in once["objects"] if one["type"] == "incident"] == [[]]


def test_an_unchanged_incident_stays_its_authors() -> None:
    """An incident that was read, and says the same still, leaves as it came, and no other with it."""
    after = exported(brought(bundle()))

    assert [one for one in after.values() if one["type"] == "incident"] == [
        one for one in story() if one["type"] == "incident"
    ]


def test_a_correction_is_an_incident_of_its_own() -> None:
    """What was corrected leaves as one's own incident, derived from the one that was read."""
    imported = brought(bundle())
    desks = written(imported)
    desks.says("alder", desks.made(Correction, of=desks.case, severity="incident"))
    document = json.loads(write_stix(desks.view(), out()).data)
    own, origin = (one for one in document["objects"] if one["type"] == "incident")
    (link,) = (one for one in document["objects"] if one.get("relationship_type") == "derived-from")

    assert origin["id"] == f"incident--{uuid('incident')}"
    assert (link["source_ref"], link["target_ref"]) == (own["id"], origin["id"])
    assert own["extensions"][EXTENSION]["severity"] == "incident"


def test_beside_the_objects() -> None:
    """What stands in a bundle beside its objects comes out again, and so does its identifier."""
    document = json.loads(write_stix(pictured(brought(bundle(x_made_by="Larch"))), out()).data)

    assert (document["id"], document["x_made_by"]) == (f"bundle--{uuid('bundle')}", "Larch")


@given(JSON)
@settings(max_examples=40, deadline=None)
def test_hostile_carriers(value: object) -> None:
    """Whatever a member says that it carries, the case leaves, and comes in again; what is none is listed."""
    identifier = f"incident--{uuid('incident')}"
    pairs = json.dumps([["", bundle(*story())], ["/objects/9", value]])
    carried = {"id": identifier, "element": identifier, "pairs": pairs}
    other = {"id": "x", "pairs": json.dumps([["", {"type": "bundle", "objects": [value]}]])}
    desks = Desks()
    desks.reports("birch", url("one"), more={"stix": carried})
    desks.reports("alder", url("two"), more={"stix": other})
    file = write_stix(desks.view(), out())

    assert read_stix(file.data, into())
    assert [one.path for one in file.no_place if one.to == "more.stix"] == ["/objects/0"]


@pytest.mark.parametrize(
    "marks",
    [{"object_marking_refs": AMBER}, {"granular_markings": [1]}, {"object_marking_refs": None}],
    ids=range(3),
)
def test_markings_that_are_none(marks: dict[str, object]) -> None:
    """A marking that cannot be read lets nobody see the object."""
    assert brought(bundle(stix("incident", name="one", **marks))).opening.tlp == "TLP:RED"


def test_versions() -> None:
    """Two versions of an object, and two of one version that differ, all come out again."""
    versions = [
        stix("tool", name=name, modified=f"2026-10-{day}T09:00:00.000Z")
        for name, day in (("a", 28), ("b", 29), ("c", 29))
    ]
    document = json.loads(write_stix(pictured(brought(bundle(*story(), *versions))), out()).data)

    assert [one for one in document["objects"] if one["type"] == "tool"] == versions


def test_two_incidents() -> None:
    """Two incidents are two cases, unless one is said to be a duplicate of the other."""
    first = stix("incident", name="one")
    second = stix("incident", name="two", id=f"incident--{uuid('two')}")
    same = stix(
        "relationship", relationship_type="duplicate-of", source_ref=second["id"], target_ref=first["id"]
    )

    assert len(read_stix(file_of(bundle(first, second)), into())) == 2
    assert len(read_stix(file_of(bundle(first, second, same)), into())) == 1


@pytest.mark.parametrize("label", TLP2)
def test_markings(label: Any) -> None:  # noqa: ANN401 - a label
    """The markings of TLP 2.0 and TLP 1 are labels; what leaves has that of TLP 2.0."""
    for known in [TLP2[label], *([TLP1[label]] if label in TLP1 else [])]:
        imported = brought(bundle(stix("incident", name="one", object_marking_refs=[known])))
        marks = {ref for one in exported(imported).values() for ref in one.get("object_marking_refs", [])}
        assert imported.opening.tlp == label
        assert {TLP2[label]} <= marks <= {TLP2[label], known}


def test_markings_by_extension() -> None:
    """A marking of TLP 2.0 is known by its extension, too; one that nobody knows lets nobody see it."""
    own = f"marking-definition--{uuid('own')}"
    extension = {TLP2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "green"}}
    incident = stix("incident", name="one", object_marking_refs=[own])
    known = {"type": "marking-definition", "spec_version": "2.1", "id": own, "extensions": extension}

    assert brought(bundle(incident, known)).opening.tlp == "TLP:GREEN"
    assert brought(bundle(incident)).opening.tlp == "TLP:RED"


@pytest.mark.parametrize(("known", "said"), [("TLP:CLEAR", "red"), ("TLP:RED", "clear")])
def test_a_marking_that_contradicts(known: Tlp, said: str) -> None:
    """A known marking to which a file gives another meaning is the stricter one, and does not leave so."""
    false = {
        "type": "marking-definition",
        "id": TLP1[known],
        "definition_type": "tlp",
        "definition": {"tlp": said},
    }
    incident = stix("incident", name="one", object_marking_refs=[TLP1[known]])
    imported = brought(bundle(incident, false))
    file = write_stix(pictured(imported), out())

    assert imported.opening.tlp == "TLP:RED"
    assert [one.path for one in file.no_place if one.to == "more.stix"] == ["/objects/1"]


def test_granular_markings() -> None:
    """One property that fewer may see makes all of the case so."""
    red = [{"marking_ref": TLP1["TLP:RED"], "selectors": ["name"]}]

    assert brought(bundle(stix("incident", name="one", granular_markings=red))).opening.tlp == "TLP:RED"


def test_no_label() -> None:
    """A bundle whose incident nobody marked is refused, unless the officer says who may see it."""
    file = bundle(stix("incident", name="one", object_marking_refs=[]), stix("note", content="marked"))

    with pytest.raises(NoLabel):
        brought(file)
    assert brought(file, unlabelled="TLP:GREEN").opening.tlp == "TLP:AMBER"


def test_a_drill_leaves_marked() -> None:
    """Every object that leaves a drill says that it is an exercise, and none comes into a live circle."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.answers("birch", desks.asks("alder"), url("two"))
    file = write_stix(desks.view(), out(drill=True))
    listed = json.loads(file.data)["objects"]

    unmarked = {one["type"] for one in listed if "exercise" not in one.get("labels", [])}
    assert unmarked == {"marking-definition", "extension-definition", "identity"}
    with pytest.raises(ExerciseMark):
        read_stix(file.data, into())
    assert read_stix(file.data, into(drill=True))


def test_nothing_else_leaves_marked() -> None:
    """No member can have what is real leave as an exercise, whatever its records carry."""
    objects = [{**one, "labels": ["exercise", "ours"]} for one in bundle()["objects"]]
    file = write_stix(pictured(brought(bundle(*objects), drill=True)), out())

    listed = json.loads(file.data)["objects"]
    assert {tuple(one["labels"]) for one in listed if "labels" in one} == {("ours",)}
    assert sum(one.to == "exercise" for one in file.no_place) > 0
    read_stix(file.data, into())


def test_sightings_answer() -> None:
    """With an ask, sightings of the incident or its indicators are its answer."""
    desks = Desks()
    desks.reports("birch", url("one"))
    imported = brought(bundle(), case=desks.case, ask=desks.asks("birch"))
    *_, answer = imported.following(desks.case)

    assert isinstance(answer, Answer)
    assert (answer.seen, answer.count) == ("seen", "2-10")


@pytest.mark.parametrize(
    ("fields", "seen", "count"),
    [
        ({"count": "1"}, "seen", "1"),
        ({"count": "101-1000"}, "seen", "101-1000"),
        ({}, "seen", None),
        ({"seen": "not-seen", "sources": None}, "not-seen", None),
    ],
    ids=str,
)
def test_answers_come_back(fields: dict[str, Any], seen: str, count: str | None) -> None:
    """An answer leaves as a sighting, and comes back as the same answer."""
    desks = Desks()
    desks.reports("alder", url("one"))
    ask = desks.asks("alder")
    desks.says("birch", desks.made(Answer, ask=ask, **({"seen": "seen", "sources": (url("two"),)} | fields)))
    (imported,) = read_stix(write_stix(desks.view(), out()).data, into(ask=ask))
    *_, answer = imported.following(desks.case)

    assert isinstance(answer, Answer)
    assert (answer.seen, answer.count) == (seen, count)


def test_notes() -> None:
    """Positions, closings and answers that are no sighting leave as notes; what has no place is listed."""
    desks = Desks()
    desks.reports("alder", url("one"))
    ask = desks.asks("alder")
    desks.answers("birch", ask, seen="may-not-say")
    position = {"operator": "Hazel", "role": "developer", "position": "disputes"}
    desks.says("alder", desks.made(OperatorPosition, text="never", lang="en", **position))
    desks.says("alder", desks.made(Closing, outcome="false-alarm"))
    file = write_stix(desks.view(), out())
    notes = [one["content"] for one in json.loads(file.data)["objects"] if one["type"] == "note"]

    assert sorted(notes) == ["Hazel (developer): disputes\n\nnever", "false-alarm", "may-not-say"]
    assert [one.to for one in file.no_place] == ["ask"]


@pytest.mark.parametrize(
    ("pattern", "kinds"),
    [
        (f"[file:hashes.'SHA-256' = '{HASH}']", ["sha256"]),
        (f"[file:hashes.MD5 = '{HASH[:32]}' OR domain-name:value = 'A.example']", ["md5", "domain"]),
        ("[ipv4-addr:value = '192.0.2.7'] OR [ipv6-addr:value = '2001:DB8::1']", ["ip", "ip"]),
        (r"[url:value = 'https://a.example/\'']", ["url"]),
        ("[ipv4-addr:value = '192.0.2.0/24']", []),
        ("[url:value = 'https://a.example/'] AND [url:value = 'https://b.example/']", []),
        ("[url:value = 'https://a.example/' AND url:value = 'https://b.example/']", []),
        ("[url:value LIKE 'https://%']", []),
        ("[url:value = 'https://a.example/'] FOLLOWED BY [url:value = 'https://b.example/']", []),
        ("[url:value = 'https://a.example/'] WITHIN 5 SECONDS", []),
        ("[file:name = 'a.exe' OR url:value = 'https://a.example/']", []),
        ("[url:value = 'https://a.example/'", []),
        ("url:value = 'https://a.example/'", []),
        ("[[url:value = 'https://a.example/']]", []),
        ("", []),
    ],
)
def test_patterns(pattern: str, kinds: list[str]) -> None:
    """A pattern is fingerprints if it says that any of some equalities is enough, and nothing else."""
    assert [one.kind for one in fingerprints_in(pattern)] == kinds


@given(st.from_regex(r"https://a\.example/[!-~]{0,60}", fullmatch=True))
def test_patterns_come_back(value: str) -> None:
    """Any address is written as a pattern that says it again."""
    one = Fingerprint(kind="url", value=value)

    assert fingerprints_in(pattern_of(one) or "") == [one]


@pytest.mark.parametrize(
    "value",
    [
        {"type": "bundle", "id": "bundle--x", "objects": []},
        {"type": "bundle", "objects": [1]},
        bundle(stix("incident", id="note--" + uuid("x"))),
        bundle(stix("incident", id="incident--x")),
        bundle(stix("incident", name=5)),
        bundle(spec_version="2.0"),
        {"type": "incident"},
        [],
    ],
    ids=range(8),
)
def test_malformed(value: object) -> None:
    """What is no bundle of STIX 2.1, or holds what is no object of it, is refused."""
    with pytest.raises(MalformedFile):
        read_stix(file_of(value), into())


def test_a_false_account() -> None:
    """An extension that is not of the schema says nothing, and is carried."""
    incident = stix("incident", name="one", extensions={EXTENSION: {"severity": "huge"}})
    imported = brought(bundle(incident))

    assert imported.opening.severity is None
    assert exported(imported)[incident["id"]]["extensions"] == incident["extensions"]
    assert AMBER in incident["object_marking_refs"]
