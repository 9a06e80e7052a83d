"""From a case to a STIX 2.1 bundle: what came in goes out as it was, and each report as an incident.

- A report that was read from an incident, and says what it says there, is that incident; any other is an
  incident of its author's own, *derived-from* what it was read from. All of a case are *duplicate-of* the
  first, and in one grouping, which is the case.
- Answers *seen* and *not-seen* are sightings of the first incident; other answers, positions of operators and
  closings are notes on it. Fingerprints are indicators.
- Every object has the label of the case; of a drill, it has the label `exercise`.
- The same case gives the same bundle: identifiers follow from the records, times are theirs.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tocsin.cases.formats.account import account_of
from tocsin.cases.formats.bringing import Gist, said_by
from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.ids import name_of, stamp, uuid_of
from tocsin.cases.formats.keeping import restore
from tocsin.cases.formats.leaving import Leaving, Other, Party, Told, leaving, unsaid
from tocsin.cases.formats.stix.extension import EXERCISE_LABEL, EXTENSION, definition, extension_of
from tocsin.cases.formats.stix.markings import TLP2, Markings, contradicts, marking_of
from tocsin.cases.formats.stix.patterns import fingerprints_in, pattern_of
from tocsin.cases.formats.stix.reading import COUNTS, UNNAMED, gist_of, object_in
from tocsin.cases.formats.terms import Exported, Outgoing, Placed, WhyNot, unplaced
from tocsin.cases.formats.trees import Json, Object, compact, write
from tocsin.cases.picture.view import CaseView, Corrected
from tocsin.core.records import Answer, CaseRecord, Closing, OperatorPosition

MEDIA_TYPE: Final = "application/stix+json;version=2.1"
_LAST: Final = "9999-12-31T23:59:59.999Z"
_MAX_NAME: Final = 200
_UNSAID: Final = ("sources", "matched", "dissent", "translations", "more")


def write_stix(view: CaseView, out: Outgoing) -> Exported:
    """The bundle of a case. Raises NothingLeaves."""
    case = leaving(view, out, "stix", _leaves)
    carried = list(_carried(case.told))
    outer: Object = next((one for one in carried if one.get("type") == "bundle"), {})
    restored, lost = _restored(carried)
    lost += [*case.stays, *unsaid(case.others, _UNSAID)]
    made: list[Object] = []
    incidents = []
    for told in case.told:
        incident, links = _incident(told, case, restored)
        incidents.append(incident)
        made += [incident, *links]
    made += _duplicates(incidents, case)
    made += _indicators(case, restored)
    made += [_told_of(one, incidents[0]) for one in case.others]
    made = [*_identities(case), *made]
    made.append(_grouping(made, incidents[0], case))
    lost += _handled([*made, *restored], case)
    there = {one["id"] for one in restored}
    made += [marking_of(case.label), *definition()]
    bundle: Object = {"type": "bundle", "id": f"bundle--{case.case}", **outer}
    bundle["objects"] = [*(one for one in made if one["id"] not in there), *restored]
    return Exported(data=write(bundle), media_type=MEDIA_TYPE, no_place=tuple(lost))


def _carried(told: Sequence[Told]) -> Iterator[Object]:
    """The documents that the reports carry, each once."""
    for identifier in dict.fromkeys(one.id for report in told for one in report.carried):
        document = restore(one for report in told for one in report.carried if one.id == identifier)
        if document:
            yield document


def _restored(carried: Sequence[Object]) -> tuple[list[Object], list[Placed]]:
    """The objects that came in, each version and each difference between two of one; and what is none."""
    restored: dict[str, Object] = {}
    lost: list[Placed] = []
    for document in carried:
        listed = document.get("objects") if document.get("type") == "bundle" else [document]
        for at, one in enumerate(listed if isinstance(listed, list) else ()):
            why = _why_not(one)
            if why is not None:
                code, words = why
                lost.append(unplaced(f"/objects/{at}", code, words, to="more.stix"))
            elif isinstance(one, dict):
                restored.setdefault(compact(one), one)
    return list(restored.values()), lost


def _why_not(one: Json) -> tuple[WhyNot, str] | None:
    """Why what a member says that it carries does not leave: it is no object, or says what others define."""
    try:
        object_in(one, "/objects")
    except MalformedFile as refusal:
        return "unreadable", str(refusal)
    if not isinstance(one, dict) or contradicts(one) or (one["id"] == EXTENSION and one != definition()[0]):
        return "defined-elsewhere", "it defines anew what is defined elsewhere"
    return None


def _incident(told: Told, case: Leaving, restored: Sequence[Object]) -> tuple[Object, list[Object]]:
    """The incident that a report is, and how it is tied to what it was read from."""
    element = told.carried[0].element if told.carried else ""
    origin = next((one for one in restored if one["id"] == element), None)
    if origin is not None and origin.get("type") == "incident" and _still_says(origin, told.report):
        return origin, []
    summary = told.report.summary or ""
    name = (summary.splitlines() or [""])[0][:_MAX_NAME] or UNNAMED
    incident = _new("incident", told.uuid, told.by, told.first_ms, modified_ms=told.at_ms)
    incident["name"] = name
    if summary and summary != name:
        incident["description"] = summary
    references: list[Json] = [
        {"source_name": source.kind, "url": source.locator}
        for source in told.report.sources
        if source.locator is not None and source.locator.startswith(("https://", "http://"))
    ]
    if references:
        incident["external_references"] = references
    incident["extensions"] = {EXTENSION: extension_of(account_of(told.report, drill=case.drill))}
    if origin is None:
        return incident, []
    return incident, [_relationship("derived-from", incident, origin, told.by)]


def _still_says(origin: Object, report: Corrected) -> bool:
    try:
        gist: Gist = gist_of(origin)
    except MalformedFile:
        return False
    said = said_by(gist, officer=True)
    fingerprints = set(said.pop("fingerprints") or ())
    return (
        all(getattr(report, field) == value for field, value in said.items())
        and (report.summary, report.translations or ()) == (gist.summary, gist.translations)
        and report.sources == tuple(gist.sources)
        and fingerprints <= set(report.fingerprints or ())
    )


def _duplicates(incidents: Sequence[Object], case: Leaving) -> Iterator[Object]:
    first = incidents[0]
    for told, incident in zip(case.told[1:], incidents[1:], strict=True):
        if incident["id"] != first["id"]:
            yield _relationship("duplicate-of", incident, first, told.by)


def _indicators(case: Leaving, restored: Sequence[Object]) -> Iterator[Object]:
    """Each fingerprint once, for whoever named it first, and for none that came in as one."""
    known = {
        fingerprint
        for one in restored
        if one.get("type") == "indicator" and isinstance(one.get("pattern"), str)
        for fingerprint in fingerprints_in(str(one["pattern"]))
    }
    named = [(told.by, told.first_ms, told.report.fingerprints) for told in case.told]
    named += [(one.by, answer.at_ms, answer.fingerprints) for one, answer in case.answers]
    for by, at_ms, fingerprints in named:
        for fingerprint in fingerprints or ():
            pattern = pattern_of(fingerprint)
            if fingerprint in known or pattern is None:
                continue
            known.add(fingerprint)
            uuid = uuid_of("indicator", case.case, fingerprint.kind, fingerprint.value)
            indicator = _new("indicator", uuid, by, at_ms)
            indicator |= {"pattern": pattern, "pattern_type": "stix", "valid_from": indicator["created"]}
            yield indicator


def _leaves(record: CaseRecord) -> bool:
    return isinstance(record, Answer | OperatorPosition | Closing)


def _told_of(one: Other, incident: Object) -> Object:
    """A sighting of the first incident, or a note on it."""
    record = one.record
    uuid = uuid_of("record", name_of(one.ref))
    if isinstance(record, Answer) and record.seen in {"seen", "not-seen"}:
        sighting = _new("sighting", uuid, one.by, record.at_ms)
        sighting["sighting_of_ref"] = incident["id"]
        sighting["where_sighted_refs"] = [_identity_id(one.by)]
        if record.text is not None:
            sighting["description"] = record.text
        if record.seen == "not-seen":
            sighting["count"] = 0
        elif record.count == "1":
            sighting["count"] = 1
        elif record.count is not None:
            sighting["labels"] = [f"{COUNTS}{record.count}"]
        return sighting
    note = _new("note", uuid, one.by, record.at_ms)
    note["abstract"], said = _words(record)
    text = getattr(record, "text", None)
    note["content"] = said if text is None else f"{said}\n\n{text}"
    note["object_refs"] = [incident["id"]]
    return note


def _words(record: object) -> tuple[str, str]:
    match record:
        case Answer():
            return "answer", record.seen
        case OperatorPosition():
            return "position of the operator", f"{record.operator} ({record.role}): {record.position}"
        case Closing():
            return "closing", record.outcome
        case _:
            return "", ""


def _grouping(made: Sequence[Object], incident: Object, case: Leaving) -> Object:
    grouping = _new("grouping", case.case, case.own, case.told[0].first_ms, modified_ms=_newest(case))
    grouping["name"] = incident.get("name") or UNNAMED
    grouping["context"] = "unspecified"
    grouping["object_refs"] = list(dict.fromkeys(str(one["id"]) for one in made))
    return grouping


def _identities(case: Leaving) -> Iterator[Object]:
    by = [case.own, *(one.by for one in case.told), *(one.by for one in case.others)]
    for party in dict.fromkeys(by):
        identity = _new("identity", party.uuid, party, case.told[0].first_ms)
        del identity["created_by_ref"]
        identity |= {"name": party.name, "identity_class": "organization"}
        yield identity


def _relationship(how: str, source: Object, target: Object, by: Party) -> Object:
    uuid = uuid_of("relationship", how, str(source["id"]), str(target["id"]))
    relationship = _new("relationship", uuid, by, 0)
    relationship["created"] = relationship["modified"] = source["modified"]
    return relationship | {
        "relationship_type": how,
        "source_ref": source["id"],
        "target_ref": target["id"],
    }


def _handled(objects: Iterable[Object], case: Leaving) -> Iterator[Placed]:
    """Puts the label of the case on all objects, and the mark of an exercise on all of a drill alone."""
    listed = list(objects)
    markings = Markings(listed)
    wanted = TLP2[case.label]
    for one in listed:
        if one.get("type") in {"marking-definition", "extension-definition", "language-content"}:
            continue
        found = one.get("object_marking_refs")
        refs = [str(ref) for ref in found] if isinstance(found, list) else []
        if refs and list(markings.labels(one)) == [case.label]:
            pass
        else:
            for ref in refs:
                if markings.is_tlp(ref) and ref != wanted:
                    yield unplaced(f"{one['id']}", "other-label", f"the label is {case.label}", to=ref)
            one["object_marking_refs"] = [*(ref for ref in refs if not markings.is_tlp(ref)), wanted]
        labels = one.get("labels")
        others = [label for label in labels if label != EXERCISE_LABEL] if isinstance(labels, list) else []
        if case.drill:
            one["labels"] = [*others, EXERCISE_LABEL]
        elif isinstance(labels, list) and len(others) < len(labels):
            # A member can write any into its records.
            yield unplaced(f"{one['id']}", "no-exercise", "it is no exercise", to=EXERCISE_LABEL)
            if others:
                one["labels"] = others
            else:
                del one["labels"]


def _new(type_: str, uuid: str, by: Party, at_ms: int, *, modified_ms: int | None = None) -> Object:
    return {
        "type": type_,
        "spec_version": "2.1",
        "id": f"{type_}--{uuid}",
        "created_by_ref": _identity_id(by),
        "created": stamp(at_ms) or _LAST,
        "modified": stamp(at_ms if modified_ms is None else modified_ms) or _LAST,
    }


def _identity_id(party: Party) -> str:
    return f"identity--{party.uuid}"


def _newest(case: Leaving) -> int:
    return max(one.at_ms for one in case.told)
