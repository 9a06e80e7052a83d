"""MISP events come in and go out with nothing silently lost, and never to anybody who could not see them."""

import json
import re
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.formats.files import (
    ACCOUNT,
    HASH,
    JSON,
    TEXTS,
    attribute,
    event,
    file_of,
    into,
    lost,
    out,
    pictured,
    sighting,
    tag,
    uuid,
    written,
)
from tests.cases.picture.desks import Desks, url

from tocsin.cases.formats import Imported, read_misp, write_misp
from tocsin.cases.formats.errors import (
    ExerciseMark,
    FileTooLarge,
    MalformedFile,
    NoLabel,
    NothingLeaves,
    SharingGroup,
)
from tocsin.cases.formats.handling import label_named
from tocsin.cases.formats.misp.handling import DISTRIBUTIONS
from tocsin.cases.formats.misp.object import account_in, join, part
from tocsin.cases.formats.trees import MAX_FILE_BYTES, leaves
from tocsin.core.errors import Refusal
from tocsin.core.records import Answer, Ask, Correction, Fingerprint, Tlp, tlp_at_most
from tocsin.core.records.errors import HandlingExceeded


def brought(value: object, **changes: object) -> Imported:
    """What a file of one event becomes."""
    (one,) = read_misp(file_of(value), into(**changes))
    return one


def exported(imported: Imported, **changes: object) -> tuple[dict[str, Any], list[str]]:
    """The event that the case of an import leaves as, and what is listed."""
    file = write_misp(pictured(imported), out(**changes))
    return json.loads(file.data)["Event"], [one.path for one in file.no_place]


def unaccounted(value: object, imported: Imported) -> set[str]:
    """The elements of a file of which nothing says where they went."""
    places = {one.path for one in imported.placed}

    def has_place(path: str) -> bool:
        steps = path.split("/")
        return any("/".join(steps[:end]) in places for end in range(len(steps) + 1))

    return {path for path in leaves(value) if not has_place(path)}  # type: ignore[arg-type]


events = st.builds(
    lambda extra, attributes, info, tags: {
        **{key: value for key, value in extra.items() if key not in event()},
        **event(info=info, Attribute=attributes, Tag=[tag("tlp:green"), *map(tag, tags)], distribution="1"),
    },
    st.dictionaries(TEXTS, JSON, max_size=3),
    st.lists(
        st.builds(
            lambda type_, value, extra: {**extra, **attribute(type_, value)},
            st.sampled_from(["sha256", "domain", "ip-dst|port", "text", "link", "email", "new-type"]),
            TEXTS | st.just(HASH) | st.just("192.0.2.7|443") | st.just("a@mail.example"),
            st.dictionaries(TEXTS, JSON, max_size=2),
        ),
        max_size=4,
    ),
    TEXTS,
    st.lists(
        TEXTS.filter(lambda name: not name.strip().lower().startswith(("tlp:", "exercise:"))), max_size=2
    ),
)


@given(events)
@settings(max_examples=40, deadline=None)
def test_nothing_is_silently_lost(value: dict[str, Any]) -> None:
    """Of each element it is said where it went; what is not listed as lost comes out as it came in."""
    file = {"Event": value}
    imported = brought(file, unlabelled="TLP:GREEN")
    after, listed = exported(imported)

    assert unaccounted(file, imported) == set()
    assert imported.no_place == ()
    excused = {path.removeprefix(value["uuid"]) for path in listed}
    gone = [path for path in lost(value, after) if path not in excused]
    assert [path for path in gone if not path.startswith("/Tag/0/")] == []


@given(st.binary(max_size=300) | JSON.map(file_of) | st.dictionaries(st.just("Event"), JSON).map(file_of))
@settings(deadline=None)
def test_anything_else_is_refused(data: bytes) -> None:
    """Whatever is no MISP event is refused, by name."""
    with pytest.raises(Refusal):
        read_misp(data, into())


def test_a_story() -> None:
    """Summary, day, fingerprints and sources of an event are those of the report."""
    report = brought({"Event": event()}).opening

    assert (report.summary, report.lang, report.tlp) == (
        "Cloned voices ask clerks for payments",
        "und",
        "TLP:AMBER",
    )
    assert report.fingerprints == (
        Fingerprint(kind="domain", value="voices.example"),
        Fingerprint(kind="sha256", value=HASH),
    )
    assert [source.locator for source in report.sources] == ["https://news.example/voices"]
    assert report.moments is not None
    assert [(one.clock, one.name, one.precision) for one in report.moments] == [("occurred", "Larch", "day")]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: {"Event": one},
        lambda one: {"response": [{"Event": one}]},
        lambda one: [{"Event": one}],
    ],
    ids=["bare", "Event", "response", "list"],
)
def test_wrappings(wrap: Any) -> None:  # noqa: ANN401 - a function
    """An event is read alone, under `Event`, and in a list of the server's answers."""
    assert brought(wrap(event())).opening.summary == event()["info"]


def test_several_events() -> None:
    """Each event is a case of its own, and what stands beside them is listed."""
    file = {"response": [{"Event": event()}, {"Event": event(uuid=uuid("two"))}], "total": 2}
    one, two = read_misp(file_of(file), into())

    assert [placed.path for placed in one.no_place + two.no_place] == ["/total"]


def test_a_case_comes_back() -> None:
    """What a case says in an object of ours comes back as it was said; the label no wider."""
    desks = Desks()
    desks.reports("alder", url("one"), **ACCOUNT)
    desks.reports("birch", url("two"), harms=("economic", "rights"), relation="direct-cause")
    file = write_misp(desks.view(), out())
    (imported,) = read_misp(file.data, into())
    first = imported.opening
    (second,) = imported.following(desks.case)

    assert file.no_place == ()
    assert {field: getattr(first, field) for field in ACCOUNT} == ACCOUNT
    assert isinstance(second, type(first))
    assert (second.harms, second.relation) == (("economic", "rights"), "direct-cause")
    assert [one.sources[0].locator for one in (first, second)] == [url("one").locator, url("two").locator]
    assert tlp_at_most("TLP:GREEN", first.tlp)


def test_the_same_file_twice() -> None:
    """The same case gives the same bytes, also after it went out and came in again."""
    view = pictured(brought({"Event": event()}))
    once = write_misp(view, out()).data
    again = write_misp(pictured(brought(json.loads(once))), out())

    assert write_misp(view, out()).data == once
    assert lost(json.loads(once), json.loads(again.data)) == []


def test_large_events() -> None:
    """An event that one record cannot carry takes several, each of which can be written."""
    many = [attribute("domain", f"host-{at}.example") for at in range(400)]
    value = event(Attribute=many, EventReport=[{"uuid": uuid("r"), "content": "x" * 30_000}])
    imported = brought({"Event": value})
    after, _ = exported(imported)

    assert imported.no_place == ()
    assert lost(value["Attribute"], after["Attribute"]) == []
    assert after["EventReport"] == value["EventReport"]


def test_what_no_record_carries_is_listed() -> None:
    """A single value larger than a record has no place, and says so."""
    value = event(Attribute=[attribute("malware-sample", "a.zip|" + "0" * 32, data="A" * 90_000)])
    imported = brought({"Event": value})

    assert [one.path for one in imported.no_place] == ["/Event/Attribute/0/data"]


@pytest.mark.parametrize("distribution", ["0", "1", "2", "3"])
@pytest.mark.parametrize("label", [None, "red", "amber+strict", "amber", "green", "clear", "white", "ex:chr"])
def test_never_wider(distribution: str, label: str | None) -> None:
    """In and out again, an event reaches nobody whom its label keeps out, and no server it was not for."""
    value = event(distribution=distribution, Tag=[tag(f"tlp:{label}")] if label else [])
    imported = brought({"Event": value})
    after, _ = exported(imported)

    if label in {"red", "ex:chr"} or (label is None and distribution == "0"):
        assert imported.opening.tlp == "TLP:RED"
    if label:
        assert imported.opening.tlp == label_named(label)
    assert after["distribution"] <= distribution
    assert after["distribution"] <= DISTRIBUTIONS[imported.opening.tlp]
    assert [label_named(one["name"]) for one in after["Tag"]] == [imported.opening.tlp]


def test_a_stricter_part() -> None:
    """One attribute that fewer may see makes all of the event so."""
    value = event(distribution="3", Tag=[tag("tlp:clear")])
    value["Object"][0]["Attribute"][0]["Tag"] = [tag("tlp:amber")]

    assert brought({"Event": value}).opening.tlp == "TLP:AMBER"


def test_tags_of_a_dump() -> None:
    """A tag counts as well where a server's dump has it, in an object of its own."""
    value = event(distribution="3", EventTag=[{"tag_id": "7", "Tag": tag("tlp:red")}])

    assert brought({"Event": value}).opening.tlp == "TLP:RED"
    value = event(EventTag=[{"tag_id": "7", "local": False, "Tag": tag("tlp:amber")}], Tag=[])
    assert brought({"Event": value}).opening.tlp == "TLP:AMBER"


def test_no_label() -> None:
    """An event that says nothing of who may see it is refused, unless the officer says so for it."""
    value = event(Tag=[])
    del value["distribution"]

    with pytest.raises(NoLabel):
        brought({"Event": value})
    assert brought({"Event": value}, unlabelled="TLP:GREEN").opening.tlp == "TLP:GREEN"


def test_above_the_charter() -> None:
    """An event above what the circle takes is refused, and what made it so is named."""
    hidden = event(distribution="1")
    hidden["Attribute"][2]["distribution"] = "0"
    for value, why in [
        (event(Tag=[tag("tlp:red")]), "tag 'tlp:red'"),
        (event(Tag=[]), "distribution 0 without a TLP tag"),
        (hidden, "distribution 0 of '/Attribute/2' without a TLP tag"),
    ]:
        with pytest.raises(HandlingExceeded, match=re.escape(f"found TLP:RED ({why})")):
            brought({"Event": value}, handling="TLP:AMBER")


@pytest.mark.parametrize("label", get_args(Tlp))
def test_at_another_desk(label: Tlp) -> None:
    """A case leaves at its label and comes in at another desk at the same, where that may be."""
    desks = Desks()
    desks.reports("alder", url("one"), tlp=label)
    file = write_misp(desks.view(), out())
    (imported,) = read_misp(file.data, into(author="night", handling=label))

    assert imported.opening.tlp == label
    assert written(imported, "birch").view().corroboration.independent_sources == 1


@given(
    st.sampled_from([None, "0", "1", "2", "3", "5"]),
    st.lists(st.sampled_from(["tlp:clear", "tlp:green", "tlp:amber+strict", "tlp:x"]), max_size=2),
    st.booleans(),
    st.sampled_from(["0", "1", "2", "3", "5"]),
    st.sampled_from([[], ["tlp:green"], ["tlp:amber"]]),
)
@settings(max_examples=60, deadline=None)
def test_labels_stay(
    distribution: str | None, tags: list[str], local: bool, of_part: str, tags_of_part: list[str]
) -> None:
    """Whatever its label was made of, an event that left comes in at the same label, and never wider."""
    value = event(Tag=[tag(name) | {"local": local} for name in tags])
    del value["distribution"]
    value |= {"distribution": distribution} if distribution else {}
    value["Attribute"][0] |= {"distribution": of_part, "Tag": [tag(name) for name in tags_of_part]}
    imported = brought({"Event": value}, unlabelled="TLP:GREEN")
    after, _ = exported(imported)

    assert brought({"Event": after}).opening.tlp == imported.opening.tlp
    for name in (*tags, *tags_of_part):
        assert tlp_at_most(label_named(name), imported.opening.tlp)


def test_a_part_kept_narrower() -> None:
    """What an author keeps narrower than the event counts by its own tag, or by its distribution."""
    value = event(distribution="2", Tag=[tag("tlp:clear")])
    part = value["Object"][0]["Attribute"][0]
    for distribution, label in [("0", "TLP:RED"), ("1", "TLP:AMBER"), ("2", "TLP:CLEAR"), ("5", "TLP:CLEAR")]:
        part["distribution"] = distribution
        assert brought({"Event": value}).opening.tlp == label
    part |= {"distribution": "0", "Tag": [tag("tlp:green")]}
    assert brought({"Event": value}).opening.tlp == "TLP:GREEN"


def test_local_tags() -> None:
    """A tag that was put on at one server alone makes narrower, never wider, and does not leave."""
    local = [tag("tlp:green") | {"local": True}]
    assert brought({"Event": event(Tag=local)}).opening.tlp == "TLP:RED"
    imported = brought({"Event": event(distribution="3", Tag=[tag("tlp:amber") | {"local": 1}])})
    after, _ = exported(imported)

    assert imported.opening.tlp == "TLP:AMBER"
    assert after["Tag"] == [{"name": "tlp:amber"}]


@pytest.mark.parametrize(
    "group",
    [
        None,
        {"uuid": uuid("group"), "SharingGroupOrg": []},
        {"uuid": uuid("unknown"), "SharingGroupOrg": [{"Organisation": {"name": "Larch"}}]},
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_sharing_groups(group: dict[str, Any] | None, whole: bool) -> None:
    """A sharing group that is missing, empty or unknown refuses the event, or the attribute's event."""
    value = event()
    target = value if whole else value["Attribute"][0]
    target |= {"distribution": "4", "sharing_group_id": "9"} | ({"SharingGroup": group} if group else {})

    with pytest.raises(SharingGroup):
        brought({"Event": value}, groups={uuid("group"): "TLP:AMBER"})


def test_a_known_sharing_group() -> None:
    """A known group counts as the officer says; the event leaves without it, which is listed."""
    group = {"uuid": uuid("group"), "SharingGroupOrg": [{"Organisation": {"name": "Larch"}}]}
    value = event(distribution="4", sharing_group_id="9", SharingGroup=group, Tag=[tag("tlp:green")])
    imported = brought({"Event": value}, groups={uuid("group"): "TLP:AMBER"})
    after, listed = exported(imported)

    assert imported.opening.tlp == "TLP:AMBER"
    assert (after["distribution"], "SharingGroup" in after) == ("0", False)
    assert f"{value['uuid']}/SharingGroup" in listed


@pytest.mark.parametrize("drill", [True, False])
def test_exercises(drill: bool) -> None:
    """What has the mark of an exercise comes into a drill alone, and nothing else does."""
    value = event()
    value["Attribute"][0]["Tag"] = [tag('exercise:cyber-europe="2024"')] if not drill else []

    with pytest.raises(ExerciseMark):
        brought({"Event": value}, drill=drill)


def test_a_drill_leaves_marked() -> None:
    """What leaves a drill has a tag of the exercise taxonomy, and comes into no live circle."""
    desks = Desks()
    desks.reports("alder", url("one"))
    file = write_misp(desks.view(), out(drill=True))

    assert "exercise:generic" in [one["name"] for one in json.loads(file.data)["Event"]["Tag"]]
    with pytest.raises(ExerciseMark):
        read_misp(file.data, into())


def test_nothing_else_leaves_marked() -> None:
    """No member can have what is real leave as an exercise, whatever its records carry."""
    value = event()
    value["Tag"] = [tag("exercise:generic"), tag("ours")]
    value["Attribute"][0]["Tag"] = [tag('Exercise:cyber-europe="2024"')]
    found, left = exported(brought({"Event": value}, drill=True))

    assert [one["name"] for one in found["Tag"]] == ["ours", "tlp:red"]
    assert found["Attribute"][0]["Tag"] == []
    assert sum("exercise:" in path.lower() for path in left) == 2
    read_misp(file_of({"Event": found}), into())


def test_sightings_answer() -> None:
    """With an ask, sightings are its answer: how often, and one source for each."""
    desks = Desks()
    desks.reports("birch", url("one"))
    ask = desks.asks("birch")
    imported = brought({"Event": event()}, case=desks.case, ask=ask)
    *_, answer = imported.following(desks.case)

    assert isinstance(answer, Answer)
    assert (answer.ask, answer.seen, answer.count) == (ask, "seen", "1")
    assert [one.locator for one in answer.sources or ()] == [f"urn:uuid:{uuid('sighting first')}"]


def test_false_positives_answer() -> None:
    """Where all sightings say that it was a false positive, the answer is *not seen*."""
    desks = Desks()
    desks.reports("birch", url("one"))
    value = event(Attribute=[attribute("domain", "a.example", Sighting=[sighting("1"), sighting("2")])])
    imported = brought({"Event": value}, case=desks.case, ask=desks.asks("birch"))
    *_, answer = imported.following(desks.case)

    assert isinstance(answer, Answer)
    assert (answer.seen, answer.sources) == ("not-seen", None)


def test_answers_leave_as_sightings() -> None:
    """Answers leave as sightings, named only where they may be; what MISP has no word for is listed."""
    desks = Desks()
    desks.reports("alder", url("one"))
    ask = desks.asks("alder")
    desks.answers("birch", ask, url("two"))
    desks.answers("cedar", ask)
    desks.answers("dogwood", ask, seen="cannot-tell")
    file = write_misp(desks.view(), out(named=frozenset({"birch"})))
    said = json.loads(file.data)["Event"]["Object"][0]["Attribute"][0]["Sighting"]

    assert [(one["type"], one["source"]) for one in said] == [("0", "Birch"), ("1", "member 1")]
    assert b"edar" not in file.data
    assert sorted(one.to for one in file.no_place) == ["answer", "ask", "sources"]
    assert len({one["Organisation"]["uuid"] for one in said}) == 2


def test_corrections() -> None:
    """What was corrected leaves as it was corrected, and the attribute that was wrong does not."""
    imported = brought({"Event": event()})
    desks = written(imported)
    right = (Fingerprint(kind="domain", value="voices.example"),)
    desks.says("alder", desks.made(Correction, of=desks.case, fingerprints=right))
    file = write_misp(desks.view(), out())

    assert HASH.encode() not in file.data
    assert b"voices.example" in file.data
    assert "a correction took it back" in [one.why for one in file.no_place]


def test_what_may_not_leave() -> None:
    """A record above the label that the officer allows stays, as does a withdrawn one; both are listed."""
    desks = Desks()
    desks.reports("alder", url("one"))
    desks.reports("birch", url("two"), tlp="TLP:RED")
    gone = desks.reports("cedar", url("three"))
    desks.withdraws("cedar", gone)
    file = write_misp(desks.view(), out(up_to="TLP:GREEN"))

    assert [one.why for one in file.no_place[:2]] == ["TLP:RED is above TLP:GREEN", "withdrawn"]
    assert b"news.example/two" not in file.data
    with pytest.raises(NothingLeaves):
        write_misp(desks.view(), out(up_to="TLP:CLEAR"))


def test_the_label_of_what_leaves() -> None:
    """The label is the strictest of what is in the file, and not of what stays."""
    desks = Desks()
    desks.reports("alder", url("one"))
    ask = desks.says("birch", desks.made(Ask, questions=("seen",), tlp="TLP:RED"))
    before = json.loads(write_misp(desks.view(), out()).data)["Event"]
    desks.answers("cedar", ask, url("two"), tlp="TLP:AMBER")
    after = json.loads(write_misp(desks.view(), out()).data)["Event"]

    assert [one["Tag"] for one in (before, after)] == [[{"name": "tlp:green"}], [{"name": "tlp:amber"}]]


def test_a_hostile_carrier() -> None:
    """What a member says that it carries is checked like a file: it widens nothing and publishes nothing."""
    value = {"uuid": uuid("x"), "info": "x", "published": True, "distribution": "3"}
    pairs = json.dumps([["", value], ["/Tag/9999999999", 1], [1]])
    desks = Desks()
    desks.reports("birch", url("one"), tlp="TLP:AMBER", more={"misp": {"id": uuid("x"), "pairs": pairs}})
    after = json.loads(write_misp(desks.view(), out()).data)["Event"]

    assert (after["uuid"], after["published"], after["distribution"]) == (uuid("x"), False, "0")


@given(st.dictionaries(st.sampled_from(["Tag", "Object", "Attribute", "uuid", "info", "distribution"]), JSON))
@settings(max_examples=40, deadline=None)
def test_hostile_carriers(value: dict[str, Any]) -> None:
    """Whatever a member says that it carries, the case leaves, and comes in again with all of its reports."""
    pairs = json.dumps([["", event() | value]])
    desks = Desks()
    desks.reports("birch", url("one"), more={"misp": {"id": uuid("event"), "pairs": pairs}})
    desks.reports("alder", url("two"))
    file = write_misp(desks.view(), out())
    (imported,) = read_misp(file.data, into())

    assert len(imported.following(desks.case)) == 1


def test_too_large() -> None:
    """A file above the cap is refused before it is parsed."""
    with pytest.raises(FileTooLarge):
        read_misp(b" " * (MAX_FILE_BYTES + 1), into())


@pytest.mark.parametrize(
    "data",
    [
        b'{"Event": {"uuid": "a", "uuid": "b"}}',
        b"[" * 100_000,
        b'{"Event": {"info": "\\u0000"}}',
        b'{"Event": {"info": "\\ud800"}}',
        b'{"Event": NaN}',
        b'{"Event": 1e999}',
        b'{"response": []}',
        b"\xff",
    ],
)
def test_malformed(data: bytes) -> None:
    """A key twice, depth, U+0000, lone surrogates and numbers that nobody can hold are refused."""
    with pytest.raises(MalformedFile):
        read_misp(data, into())


@given(st.lists(TEXTS, min_size=1))
def test_parts_of_a_text(parts: list[str]) -> None:
    """Parts that were joined come apart as they were."""
    assert part(join(parts)) == parts


def test_script_is_text() -> None:
    """Script in any text stays text, in and out."""
    script = "<script>alert(1)</script>"
    after, _ = exported(brought({"Event": event(info=script)}))

    assert after["info"] == script
    assert msgspec.json.decode(file_of(after))["info"] == script
    assert account_in([("severity", script)]) is None
