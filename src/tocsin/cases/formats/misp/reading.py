"""From a file of MISP events to reports: one case for each event (docs/formats.md).

All of an event is carried. Besides, its fields say: `info`, the summary; `date`, when it occurred, by whoever
made the event; attributes that are fingerprints; links of external analysis, the sources, or else the event
itself; sightings, the answer to an ask; an object `ai-incident`, a whole report.
"""

from collections.abc import Iterator, Sequence

from tocsin.cases.formats.account import source_in
from tocsin.cases.formats.bringing import (
    Found,
    Gist,
    Sighted,
    bring,
    locator_in,
    name_in,
    summary_in,
)
from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.handling import admitted
from tocsin.cases.formats.ids import parse_day
from tocsin.cases.formats.misp.handling import is_exercise, labels_of_event, labels_of_parts
from tocsin.cases.formats.misp.object import NAME, TEMPLATE_UUID, account_in
from tocsin.cases.formats.misp.shapes import Attribute, Event, Sighting, event_in
from tocsin.cases.formats.misp.types import fingerprints_in
from tocsin.cases.formats.terms import Imported, Into, Placed, unplaced
from tocsin.cases.formats.trees import Json, Object, children, parse, step
from tocsin.core.records import Fingerprint, Moment, Source
from tocsin.core.records.cases.vocabulary import band

MAX_EVENTS = 256
_MAX_TITLE = 200
_ONE, _MANY = "Event", "response"


def read_misp(data: bytes, into: Into) -> tuple[Imported, ...]:
    """What the events of a file become, in their order.

    (1) the file: FileTooLarge, MalformedFile; of each event (2) its form: MalformedFile; (3) its sharing
    groups: SharingGroup; (4) who may see it: ExerciseMark, NoLabel, HandlingExceeded. One that is refused
    refuses the file.
    """
    # (1) file
    document = parse(data)
    outside: list[Placed] = []
    events = list(_events(document, "", outside))
    if not 1 <= len(events) <= MAX_EVENTS:
        raise MalformedFile(f"Expected from 1 to {MAX_EVENTS} MISP events, found {len(events)}.")
    imported = []
    for path, value in events:
        # (2) form
        event = event_in(value, path)
        # (3) sharing groups, (4) handling
        label = admitted(
            labels_of_event(value, into.groups),
            labels_of_parts(value, into.groups),
            into,
            exercise=is_exercise(value),
        )
        found = _found(event, value, path, outside, into)
        imported.append(bring(found, label, into))
        outside = []
    return tuple(imported)


def _events(value: Json, path: str, outside: list[Placed]) -> Iterator[tuple[str, Object]]:
    """The events in a file, whichever way they are wrapped; what stands beside them is outside."""
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _events(inner, step(path, at), outside)
    elif isinstance(value, dict):
        wrapped = next((key for key in (_ONE, _MANY) if isinstance(value.get(key), dict | list)), None)
        if wrapped is None:
            yield path, value
            return
        for key, inner in children(value):
            if key != wrapped:
                outside.append(unplaced(step(path, key), "outside", "stands outside of the event"))
            elif wrapped == _ONE and isinstance(inner, dict):
                yield step(path, key), inner
            else:
                yield from _events(inner, step(path, key), outside)
    else:
        raise MalformedFile(f"Expected a MISP event at {path or '/'}, found a value.")


def _found(event: Event, value: Object, path: str, outside: Sequence[Placed], into: Into) -> Found:
    placed = list(outside)
    gists = list(_objects(event, path)) or [_event(event, path)]
    fingerprints: list[Fingerprint] = []
    for at, attribute in _attributes(event, path):
        found = list(fingerprints_in(attribute.type, attribute.text))
        fingerprints += found
        placed += [Placed(step(at, "value"), "mapped", to="fingerprints")] if found else []
    sighted = None
    if into.ask is not None:
        sighted, answered = _sighted(event, path)
        placed += answered
    return Found(
        name="misp",
        identifier=event.uuid.lower(),
        title=event.info[:_MAX_TITLE],
        document=value,
        gists=gists,
        path=path,
        fingerprints=fingerprints,
        placed=placed,
        sighted=sighted,
    )


def _event(event: Event, path: str) -> Gist:
    """What an event says that has no object `ai-incident`."""
    placed, sources, moments = [], [], []
    summary = summary_in(event.info)
    if summary is not None:
        placed.append(Placed(f"{path}/info", "mapped", to="summary"))
    for at, attribute in _attributes(event, path):
        locator = locator_in(attribute.text)
        if (attribute.type, attribute.category) == ("link", "External analysis") and locator:
            sources.append(Source(kind="website", locator=locator, obtained="received"))
            placed.append(Placed(step(at, "value"), "mapped", to="sources"))
    if not sources:
        sources.append(_itself(event))
        placed.append(Placed(f"{path}/uuid", "mapped", to="sources"))
    if event.date is not None and (at_ms := parse_day(event.date)) is not None:
        name = name_in(event.organisation.name) if event.organisation else None
        moments.append(Moment(asserted_by="other", at_ms=at_ms, clock="occurred", precision="day", name=name))
        placed.append(Placed(f"{path}/date", "mapped", to="moments"))
    return Gist(
        sources=list(dict.fromkeys(sources)), placed=placed, element="", summary=summary, moments=moments
    )


def _objects(event: Event, path: str) -> Iterator[Gist]:
    """What the objects `ai-incident` of an event say."""
    for at, value in enumerate(event.objects or ()):
        if (value.name, value.template) != (NAME, TEMPLATE_UUID) or value.deleted in {True, "1"}:
            continue
        said = [(n, one.relation, one.text) for n, one in enumerate(value.attributes or ())]
        values = [(n, relation, text) for n, relation, text in said if relation and text]
        found = account_in((relation, text) for _, relation, text in values)
        if found is None:
            continue
        account, summary = found[0], summary_in(found[1])
        yield Gist(
            sources=[source_in(one) for one in account.sources] or [_itself(event)],
            placed=[
                Placed(f"{path}/Object/{at}/Attribute/{n}/value", "mapped", to=relation)
                for n, relation, _ in values
            ],
            element=value.uuid or "",
            account=account,
            summary=summary,
            lang=account.lang or "und",
        )


def _attributes(event: Event, path: str, *, of_ours: bool = False) -> Iterator[tuple[str, Attribute]]:
    """All attributes of an event and of its objects; of our own, which are read as a whole, if `of_ours`."""
    for at, attribute in enumerate(event.attributes or ()):
        yield f"{path}/Attribute/{at}", attribute
    for number, value in enumerate(event.objects or ()):
        if of_ours or value.template != TEMPLATE_UUID:
            for at, attribute in enumerate(value.attributes or ()):
                yield f"{path}/Object/{number}/Attribute/{at}", attribute


def _sighted(event: Event, path: str) -> tuple[Sighted | None, list[Placed]]:
    """*Seen*, if any sighting says so; *not seen*, if all say that it was a false positive."""
    places: list[tuple[str, Sighting]] = [
        (f"{path}/Sighting/{at}", one) for at, one in enumerate(event.sightings or ())
    ]
    for at, attribute in _attributes(event, path, of_ours=True):
        places += [(f"{at}/Sighting/{n}", one) for n, one in enumerate(attribute.sightings or ())]
    told = [(at, one) for at, one in places if str(one.type) in {"0", "1"}]
    if not told:
        return None, []
    seen = [one for _, one in told if str(one.type) == "0"]
    sources = dict.fromkeys(
        Source(kind="other", locator=f"urn:uuid:{one.uuid or event.uuid}", obtained="received")
        for one in seen
    )
    return (
        Sighted(
            seen="seen" if seen else "not-seen",
            sources=list(sources),
            count=band(len(seen)) if seen else None,
        ),
        [Placed(f"{at}/type", "mapped", to="answer.seen") for at, _ in told],
    )


def _itself(event: Event) -> Source:
    return Source(kind="document", locator=f"urn:uuid:{event.uuid.lower()}", obtained="received")
