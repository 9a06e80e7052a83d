"""Who may see a MISP event: its distribution and TLP tags, to a label and back; never wider.

- In: a TLP tag of the author's says how the event may be shared; a distribution, how far MISP's servers
  spread it by themselves, and counts only where there is no such tag. Distribution 3 alone says TLP:GREEN,
  since those who get it are communities, not the public. A tag that somebody put on at one server alone
  (`local`) makes narrower, never wider. A sharing group counts besides any tag, as the officer says, if it is
  known and somebody is in it.
- A part that is stricter makes all of it so: by its tag, or, without one of its own, by a distribution
  narrower than the event's.
- Out: the distribution that no label lets anybody see who it does not; and no wider than the event had.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tocsin.cases.formats.errors import MalformedFile, SharingGroup
from tocsin.cases.formats.handling import Saying, label_named
from tocsin.cases.formats.trees import Json, Object, walk
from tocsin.core.errors import quoted
from tocsin.core.records import Tlp

WIDEST: Final[Mapping[str, Tlp]] = {
    "0": "TLP:RED",
    "1": "TLP:AMBER",
    "2": "TLP:GREEN",
    "3": "TLP:CLEAR",
}
"""Of each distribution, the widest label that what has it can have without a tag."""

DISTRIBUTIONS: Final[Mapping[Tlp, str]] = {
    "TLP:RED": "0",
    "TLP:AMBER+STRICT": "0",
    "TLP:AMBER": "0",
    "TLP:GREEN": "1",
    "TLP:CLEAR": "3",
}
"""Of each label, the distribution with which it leaves."""

EXERCISE_TAG: Final = "exercise:generic"
_GROUP, _INHERITED = "4", "5"


def labels_of_event(event: Object, groups: Mapping[str, Tlp]) -> list[Saying]:
    """What the event says of all of it; nothing if it says nothing. Raises MalformedFile, SharingGroup."""
    said = list(_sayings(event, event, groups, ""))
    # Communities are not the public.
    return [Saying("TLP:GREEN", one.by) if one == _EVERYWHERE else one for one in said]


def labels_of_parts(event: Object, groups: Mapping[str, Tlp]) -> Iterator[Saying]:
    """What is said of single parts of it. Raises MalformedFile, SharingGroup."""
    whole = _distribution(event)
    for path, value in walk(event):
        if isinstance(value, dict) and path:
            own = _distribution(value)
            limits = not (own in WIDEST and whole in WIDEST and str(own) >= str(whole))
            yield from _sayings(value, event, groups, path, limits=limits)


def is_exercise(event: Object) -> bool:
    """Whether any tag in it is one of the exercise taxonomy. Raises MalformedFile."""
    return any(map(is_exercise_tag, all_tag_names(event)))


def is_exercise_tag(name: str) -> bool:
    """Whether a tag is one of the exercise taxonomy."""
    return name.strip().lower().startswith("exercise:")


def all_tag_names(event: Object) -> list[str]:
    """The tags of an event and of all that is in it. Raises MalformedFile."""
    return [name for _, value in walk(event) if isinstance(value, dict) for name in tag_names(value)]


def is_tlp(name: str) -> bool:
    """Whether a tag is one of the Traffic Light Protocol."""
    return name.strip().lower().startswith("tlp:")


def tag_names(value: Object) -> Iterator[str]:
    """The tags of an event, attribute or object. Raises MalformedFile."""
    yield from (name for name, _ in _tags(value))


def is_local(tag: Json) -> bool:
    """Whether a tag was put on at one server alone, not by the author for all."""
    return isinstance(tag, dict) and tag.get("local") not in (None, "", "0", 0)


def narrowed(event: Object, label: Tlp) -> Iterator[str]:
    """Makes an event that leaves no wider than its label; gives the pointers to what was changed."""
    widest = DISTRIBUTIONS[label]
    for path, value in walk(event):
        if not isinstance(value, dict):
            continue
        if "SharingGroup" in value:
            del value["SharingGroup"]
            yield f"{path}/SharingGroup"
        if "distribution" not in value:
            continue
        found = str(value["distribution"])
        keeps = found in WIDEST and found <= widest
        if not (keeps or (path and found == _INHERITED)):
            value["distribution"] = widest
            yield f"{path}/distribution"
        if str(value.get("sharing_group_id") or "0") != "0":
            value["sharing_group_id"] = "0"
            yield f"{path}/sharing_group_id"


def _sayings(
    value: Object, event: Object, groups: Mapping[str, Tlp], path: str, *, limits: bool = True
) -> Iterator[Saying]:
    """What tags say, and the distribution where no tag of the author's does and it `limits` at all."""
    tagged = False
    for name, local in (*_tags(value), *_linked_tags(value)):
        if is_tlp(name):
            tagged = tagged or not local
            yield Saying(label_named(name), f"tag {quoted(name)}{_of(path)}")
    match _distribution(value):
        case None | "5":
            pass
        case "4":
            yield Saying(_group(value, event, groups), f"sharing group{_of(path)}")
        case found if found in WIDEST:
            if limits and not tagged:
                yield Saying(WIDEST[found], _untagged(found, path))
        case found:
            raise MalformedFile(f"Expected a distribution from 0 to 5, found {quoted(found)}.")


def _untagged(distribution: str, path: str) -> str:
    return f"distribution {distribution}{_of(path)} without a TLP tag"


def _of(path: str) -> str:
    return f" of {quoted(path)}" if path else ""


_EVERYWHERE: Final = Saying(WIDEST["3"], _untagged("3", ""))


def _tags(value: Object) -> Iterator[tuple[str, bool]]:
    """The names of tags, and whether each is local. Raises MalformedFile."""
    tags = value.get("Tag")
    for tag in tags if isinstance(tags, list) else [tags] if isinstance(tags, dict) else []:
        name = tag.get("name") if isinstance(tag, dict) else None
        if not isinstance(name, str):
            raise MalformedFile("Expected a tag to have a name, found one without.")
        yield name, is_local(tag)


def _linked_tags(value: Object) -> Iterator[tuple[str, bool]]:
    """The tags in a server's own dumps, which have each within an object that ties it to what it is of."""
    for links in (value.get("EventTag"), value.get("AttributeTag")):
        for link in links if isinstance(links, list) else []:
            if isinstance(link, dict):
                yield from ((name, local or is_local(link)) for name, local in _tags(link))


def _distribution(value: Object) -> str | None:
    found = value.get("distribution")
    return None if found is None or found == "" else str(found)


def _group(value: Object, event: Object, groups: Mapping[str, Tlp]) -> Tlp:
    group: Json = value.get("SharingGroup")
    if group is None and value.get("sharing_group_id") == event.get("sharing_group_id"):
        group = event.get("SharingGroup")
    if not isinstance(group, dict):
        number = quoted(str(value.get("sharing_group_id")))
        raise SharingGroup(
            f"Expected the sharing group that the file is meant for, found its number {number}."
        )
    if not group.get("SharingGroupOrg"):
        raise SharingGroup("Expected organisations in the sharing group, found none.")
    label = groups.get(str(group.get("uuid")))
    if label is None:
        raise SharingGroup(f"Expected a sharing group that is known, found {quoted(str(group.get('uuid')))}.")
    return label
