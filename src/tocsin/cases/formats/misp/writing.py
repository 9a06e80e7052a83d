"""From a case to MISP events: what came in goes out as it was, with what records say laid over it.

- Each event that a report carries comes out under its own UUID; what carries none goes into the event of the
  case, which is that of its first report. Further events extend it.
- Each report is an object `ai-incident`; an answer *seen* or *not-seen* is a sighting of that of the case.
- Nothing leaves as published; `narrowed` keeps it no wider than its label.
- The same case gives the same file: identifiers follow from the records, times are theirs.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from tocsin.cases.formats.account import account_of
from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.handling import label_named
from tocsin.cases.formats.ids import day, is_uuid, name_of, uuid_of
from tocsin.cases.formats.keeping import restore
from tocsin.cases.formats.leaving import Leaving, Party, Told, leaving, unsaid
from tocsin.cases.formats.misp.handling import (
    DISTRIBUTIONS,
    EXERCISE_TAG,
    all_tag_names,
    is_exercise_tag,
    is_local,
    is_tlp,
    narrowed,
    tag_names,
)
from tocsin.cases.formats.misp.object import (
    CASE,
    CORRECTED,
    NAME,
    TEMPLATE_UUID,
    TEMPLATE_VERSION,
    as_read,
    type_of,
    values_of,
)
from tocsin.cases.formats.misp.shapes import event_in
from tocsin.cases.formats.misp.types import fingerprints_in
from tocsin.cases.formats.terms import Exported, Outgoing, Placed, WhyNot, unplaced
from tocsin.cases.formats.trees import Json, Object, walk, write
from tocsin.cases.picture.view import CaseView
from tocsin.core.records import Answer, CaseRecord, Fingerprint

_MAX_INFO: Final = 200
_UNSAID: Final = ("count", "sources", "matched", "text", "translations", "more")
_CLOSED: Final = {"closed", "contested"}
_TAKEN_BACK: Final = "a correction took it back"
_SIGHTING: Final = {"seen": "0", "not-seen": "1"}


def write_misp(view: CaseView, out: Outgoing) -> Exported:
    """The file of a case: an event, or several. Raises NothingLeaves."""
    case = leaving(view, out, "misp", _is_sighting)
    groups: dict[str, list[Told]] = {}
    main = _identifier(case.told[0]) or case.case
    for told in case.told:
        groups.setdefault(_identifier(told) or main, []).append(told)
    lost = [*case.stays, *unsaid(case.others, _UNSAID)]
    events: list[Json] = []
    for identifier, group in groups.items():
        event, malformed = _restored(identifier, group)
        lost += malformed
        _fill(event, identifier, group, case, closed=view.state in _CLOSED)
        lost += _drop_corrected(event, group)
        used: set[str] = set()
        for told in group:
            lost += _lay_over(event, told, case, used)
        if identifier == main:
            _sightings(event, case)
        else:
            event["extends_uuid"] = event.get("extends_uuid") or main
        lost += _finish(event, case)
        events.append({"Event": event})
    document: Json = events[0] if len(events) == 1 else {"response": events}
    return Exported(data=write(document), media_type="application/json", no_place=tuple(lost))


def _identifier(told: Told) -> str | None:
    return next((one.id for one in told.carried if is_uuid(one.id)), None)


def _restored(identifier: str, group: Sequence[Told]) -> tuple[Object, list[Placed]]:
    """The event that came in, and what of it is none: a member can write into its records what it likes."""
    code: WhyNot
    event = restore(one for told in group for one in told.carried if one.id == identifier)
    try:
        all_tag_names(event)
        if not event or event_in(event, identifier).uuid.lower() == identifier:
            return event, []
        code, why = "another-event", "it is another event"
    except MalformedFile as refusal:
        code, why = "unreadable", str(refusal)
    return {}, [unplaced(str(group[0].ref), code, why, to="more.misp")]


def _is_sighting(record: CaseRecord) -> bool:
    return isinstance(record, Answer) and record.seen in _SIGHTING


def _fill(event: Object, identifier: str, group: Sequence[Told], case: Leaving, *, closed: bool) -> None:
    """What an event needs that does not have it, and what its reports say."""
    newest_s = str(max(one.at_ms for one in group) // 1000)
    lines = (group[0].report.summary or "").splitlines()
    event.setdefault("uuid", identifier)
    event.setdefault("info", lines[0][:_MAX_INFO] if lines and lines[0] else f"AI incident {identifier}")
    event.setdefault("date", _day(group[0]))
    event.setdefault("threat_level_id", "4")
    event.setdefault("analysis", "2" if closed else "0")
    event.setdefault("distribution", DISTRIBUTIONS[case.label])
    event.setdefault("timestamp", newest_s)
    event.setdefault("Orgc", _organisation(case.own))


def _drop_corrected(event: Object, group: Sequence[Told]) -> Iterator[Placed]:
    """Takes the fingerprints out of an event that its reports do not name any more."""
    named = {one for told in group for one in told.report.fingerprints or ()}
    for holder in (event, *(one for one in _objects(event) if one.get("template_uuid") != TEMPLATE_UUID)):
        kept: list[Json] = []
        for one in _list(holder, "Attribute"):
            found = set(_fingerprints(one))
            if not found or found & named:
                kept.append(one)
            else:
                uuid = one.get("uuid") if isinstance(one, dict) else None
                yield unplaced(f"{event['uuid']}/{uuid}", "taken-back", _TAKEN_BACK)
        holder["Attribute"] = kept


def _lay_over(event: Object, told: Told, case: Leaving, used: set[str]) -> Iterator[Placed]:
    """A report's object, in the place of the one that it came from; what was corrected there goes."""
    element = told.carried[0].element if told.carried else ""
    match = next((one for one in _objects(event) if element not in used and one.get("uuid") == element), None)
    if match is None or match.get("template_uuid") != TEMPLATE_UUID:
        match = _new_object(told)
        _list(event, "Object").append(match)
    used.add(element)
    account = account_of(told.report, drill=case.drill)
    said = dict.fromkeys(values_of(account, told.report.summary, case.case))
    attributes: list[Json] = []
    for one in _list(match, "Attribute"):
        relation, value = _said_by(one)
        # What came in from its author is said by another here, and leaves as its author said it.
        meant = next((text for text in (value, as_read(relation, value)) if (relation, text) in said), None)
        if relation not in CORRECTED or meant is not None:
            attributes.append(one)
            said.pop((relation, meant or value), None)
        else:
            yield unplaced(f"{event['uuid']}/{match['uuid']}/{relation}", "taken-back", _TAKEN_BACK)
    elsewhere = {
        (found.kind, found.value) for one in _list(event, "Attribute") for found in _fingerprints(one)
    }
    attributes += [
        _attribute(str(match["uuid"]), relation, value, told.at_ms)
        for relation, value in said
        if (relation, value) not in elsewhere
    ]
    match["Attribute"] = attributes


def _said_by(attribute: Json) -> tuple[str, str]:
    """An attribute's relation and value; nothing of one that was deleted, or is none."""
    if not isinstance(attribute, dict) or attribute.get("deleted") in {True, "1"}:
        return "", ""
    return str(attribute.get("object_relation")), str(attribute.get("value"))


def _new_object(told: Told) -> Object:
    return {
        "uuid": told.uuid,
        "name": NAME,
        "meta-category": "misc",
        "template_uuid": TEMPLATE_UUID,
        "template_version": TEMPLATE_VERSION,
        "timestamp": str(told.at_ms // 1000),
        "distribution": "5",
        "comment": told.by.name,
    }


def _attribute(object_uuid: str, relation: str, value: str, at_ms: int) -> Object:
    type_, category = type_of(relation)
    return {
        "uuid": uuid_of("attribute", object_uuid, relation, value),
        "type": type_,
        "category": category,
        "object_relation": relation,
        "value": value,
        "to_ids": False,
        "disable_correlation": type_ == "text" and relation not in {"system", "operator"},
        "distribution": "5",
        "timestamp": str(at_ms // 1000),
        "comment": "",
        "deleted": False,
    }


def _sightings(event: Object, case: Leaving) -> None:
    """The answers, as sightings of the attribute that names the case, and what they saw."""
    target = next(
        one
        for value in _objects(event)
        for one in _list(value, "Attribute")
        if isinstance(one, dict) and (one.get("object_relation"), one.get("value")) == (CASE, case.case)
    )
    there = {one.get("uuid") for one in _list(target, "Sighting") if isinstance(one, dict)}
    known = {fingerprint for one in _list(event, "Attribute") for fingerprint in _fingerprints(one)}
    for one, answer in case.answers:
        uuid = uuid_of("sighting", name_of(one.ref))
        if uuid in there:
            continue
        sighting: Object = {
            "uuid": uuid,
            "type": _SIGHTING[answer.seen],
            "date_sighting": str(answer.at_ms // 1000),
            "source": one.by.name,
            "attribute_uuid": target["uuid"],
            "Organisation": _organisation(one.by),
        }
        _list(target, "Sighting").append(sighting)
        for fingerprint in answer.fingerprints or ():
            if fingerprint not in known:
                known.add(fingerprint)
                attribute = _attribute(str(event["uuid"]), fingerprint.kind, fingerprint.value, answer.at_ms)
                del attribute["object_relation"]
                _list(event, "Attribute").append(attribute)


def _fingerprints(attribute: Json) -> Iterator[Fingerprint]:
    if isinstance(attribute, dict):
        yield from fingerprints_in(str(attribute.get("type")), str(attribute.get("value")))


def _objects(event: Object) -> Iterator[Object]:
    for one in _list(event, "Object"):
        if isinstance(one, dict):
            yield one


def _finish(event: Object, case: Leaving) -> Iterator[Placed]:
    """Tags and distribution; what of the event had to be made narrower."""
    if event.get("published"):
        yield unplaced(f"{event['uuid']}/published", "publishing", "whoever takes it in publishes it")
    event["published"] = False
    kept: list[Json] = []
    names = set()
    for tag in _list(event, "Tag"):
        name = str(tag.get("name")) if isinstance(tag, dict) else ""
        if is_tlp(name) and (label_named(name) != case.label or is_local(tag)):
            yield unplaced(f"{event['uuid']}/Tag/{name}", "other-label", f"the label is {case.label}")
        else:
            kept.append(tag)
            names.add(name.lower())
    kept += [] if any(map(is_tlp, names)) else [{"name": case.label.lower()}]
    if case.drill and not any(map(is_exercise_tag, names)):
        kept.append({"name": EXERCISE_TAG})
    event["Tag"] = kept
    if not case.drill:
        yield from _unmarked(event)
    for path in narrowed(event, case.label):
        yield unplaced(f"{event['uuid']}{path}", "too-wide", f"wider than {case.label} lets it be")


def _unmarked(event: Object) -> Iterator[Placed]:
    """Takes every mark of an exercise out of what is real: a member can write any into its records."""
    for path, value in walk(event):
        if not isinstance(value, dict) or not isinstance(value.get("Tag"), list | dict):
            continue
        marks = [name for name in tag_names(value) if is_exercise_tag(name)]
        if marks:
            tags = value["Tag"]
            listed = tags if isinstance(tags, list) else [tags]
            value["Tag"] = [tag for tag in listed if not set(tag_names({"Tag": [tag]})) & set(marks)]
        for name in marks:
            yield unplaced(f"{event['uuid']}{path}/Tag/{name}", "no-exercise", "it is no exercise")


def _organisation(party: Party) -> Json:
    return {"name": party.name, "uuid": party.uuid}


def _day(told: Told) -> str | None:
    occurred = [one.at_ms for one in told.report.moments or () if one.clock == "occurred"]
    return day(min(occurred)) if occurred else day(told.first_ms)


def _list(value: Object, key: str) -> list[Json]:
    """The list in an object at a key, made if it is not there, or something else is."""
    found = value.get(key)
    if not isinstance(found, list):
        found = value[key] = []
    return found
