"""From a STIX 2.1 bundle to reports: one case for the incidents of a bundle that are one (docs/formats.md).

All of a bundle is carried, by the first of its cases. Besides, its objects say: an incident, what its
AI-incident extension says, and its description; without an incident, a report or grouping is read in its
place; indicators, fingerprints; external references, the sources, or else the object itself; sightings, the
answer to an ask. Two incidents are one if a relationship *duplicate-of* says so.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, get_args

import msgspec
from msgspec import Meta, Struct

from tocsin.cases.formats.account import Account, source_in
from tocsin.cases.formats.bringing import Found, Gist, Sighted, bring, locator_in, summary_in
from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.handling import Saying, admitted
from tocsin.cases.formats.ids import uuid_of
from tocsin.cases.formats.stix.extension import EXERCISE_LABEL, account_in
from tocsin.cases.formats.stix.markings import Markings
from tocsin.cases.formats.stix.patterns import fingerprints_in
from tocsin.cases.formats.terms import Imported, Into, Placed
from tocsin.cases.formats.trees import Json, Object, compact, parse
from tocsin.core.errors import problem_of, quoted
from tocsin.core.records import Fingerprint, Source
from tocsin.core.records.cases.vocabulary import Count, band

_Id = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,250}--[0-9a-f-]{36}\Z")]
UNNAMED: Final = "AI incident"
"""The name of an incident of ours that has no summary: STIX has none without a name."""
COUNTS: Final = "count:"
"""Before the band of a sighting's count, among its labels."""
_LANG = re.compile(r"[A-Za-z0-9-]{1,35}")
_MAX_TITLE = 200
MAX_INCIDENTS: Final = 256


class _Object(Struct, frozen=True):
    """What every object has, and what is looked into of some."""

    type: str
    id: _Id
    name: str | None = None
    description: str | None = None
    lang: str | None = None
    labels: tuple[str, ...] = ()
    external_references: tuple[dict[str, object], ...] = ()
    pattern: str | None = None
    pattern_type: str | None = None
    relationship_type: str | None = None
    source_ref: str | None = None
    target_ref: str | None = None
    sighting_of_ref: str | None = None
    count: int | None = None


def read_stix(data: bytes, into: Into) -> tuple[Imported, ...]:
    """What the incidents of a bundle become, in their order.

    (1) the file: FileTooLarge, MalformedFile; (2) the form of bundle and objects: MalformedFile; (3) who may
    see them: ExerciseMark, NoLabel, HandlingExceeded. One that is refused refuses the file.
    """
    # (1) file
    document = parse(data)
    # (2) form
    if not isinstance(document, dict) or document.get("type") != "bundle":
        raise MalformedFile("Expected a STIX bundle, found something else.")
    if document.get("spec_version") not in {None, "2.1"}:
        raise MalformedFile("Expected a bundle of STIX 2.1, found one of another version.")
    listed = document.get("objects")
    values = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not isinstance(listed, list) or not values or len(values) < len(listed):
        raise MalformedFile("Expected a bundle of objects, found none, or something else among them.")
    objects = [object_in(value, f"/objects/{at}") for at, value in enumerate(values)]
    # (3) handling
    markings = Markings(listed)
    exercise = any(_is_exercise(one, value) for one, value in zip(objects, values, strict=True))
    imported = []
    for number, subjects in enumerate(_subjects(objects)):
        own = [values[at] for at in subjects] or values
        everything = values if number == 0 else own
        label = admitted(
            _sayings(own, markings),
            _sayings(everything, markings),
            into,
            exercise=exercise,
        )
        found = _found(document, objects, values, subjects, first=number == 0, into=into)
        imported.append(bring(found, label, into))
    return tuple(imported)


def _sayings(values: Sequence[Object], markings: Markings) -> Iterator[Saying]:
    for value in values:
        for label in markings.labels(value):
            yield Saying(label, f"marking of {quoted(str(value.get('id')))}")


def gist_of(one: Object, path: str = "") -> Gist:
    """What an object says as the subject of a case."""
    known = object_in(one, path)
    account = account_in(one)
    placed = []
    text = "description" if summary_in(known.description) else "name"
    summary = summary_in(getattr(known, text))
    if account is not None and summary == UNNAMED:
        summary = None
    if summary is not None:
        placed.append(Placed(f"{path}/{text}", "mapped", to="summary"))
    if account is not None:
        placed.append(Placed(f"{path}/extensions", "mapped", to="report"))
    sources = [source_in(source) for source in account.sources] if account else []
    for at, reference in enumerate(known.external_references if not sources else ()):
        locator = locator_in(reference.get("url"))
        if locator is not None:
            sources.append(Source(kind="website", locator=locator, obtained="received"))
            placed.append(Placed(f"{path}/external_references/{at}/url", "mapped", to="sources"))
    if not sources:
        sources.append(Source(kind="document", locator=known.id, obtained="received"))
        placed.append(Placed(f"{path}/id", "mapped", to="sources"))
    lang = (account or Account()).lang or known.lang or "und"
    return Gist(
        sources=list(dict.fromkeys(sources)),
        placed=placed,
        element=known.id,
        account=account,
        summary=summary,
        lang=lang if _LANG.fullmatch(lang) else "und",
    )


def _found(
    document: Object,
    objects: Sequence[_Object],
    values: Sequence[Object],
    subjects: Sequence[int],
    *,
    first: bool,
    into: Into,
) -> Found:
    gists = [gist_of(values[at], f"/objects/{at}") for at in subjects]
    identifier = objects[subjects[0]].id if subjects else _id_of(document)
    gists = gists or [_itself(identifier)]
    placed: list[Placed] = []
    fingerprints: list[Fingerprint] = []
    for at, one in enumerate(objects if first else ()):
        if one.type == "indicator" and one.pattern_type == "stix":
            found = fingerprints_in(one.pattern or "")
            fingerprints += found
            placed += [Placed(f"/objects/{at}/pattern", "mapped", to="fingerprints")] if found else []
    sighted = None
    if into.ask is not None:
        sighted, told = _sighted(objects, {objects[at].id for at in subjects})
        placed += told
    return Found(
        name="stix",
        identifier=identifier,
        title=next((gist.summary for gist in gists if gist.summary), identifier)[:_MAX_TITLE],
        document=document if first else values[subjects[0]],
        gists=gists,
        path="" if first else f"/objects/{subjects[0]}",
        fingerprints=fingerprints,
        placed=placed,
        sighted=sighted,
    )


def _id_of(bundle: Object) -> str:
    """A bundle's own identifier, or one that follows from what is in it."""
    return str(bundle.get("id") or f"bundle--{uuid_of('bundle', compact(bundle))}")


def _subjects(objects: Sequence[_Object]) -> list[list[int]]:
    """The places of the incidents of each case; without any, that of a report or grouping, if there is."""
    incidents = {one.id: at for at, one in reversed(list(enumerate(objects))) if one.type == "incident"}
    if not incidents:
        instead = [at for at, one in enumerate(objects) if one.type in {"report", "grouping"}]
        return [instead[:1]]
    if len(incidents) > MAX_INCIDENTS:
        raise MalformedFile(f"Expected at most {MAX_INCIDENTS} incidents, found {len(incidents)}.")
    group = {id_: {id_} for id_ in incidents}
    for one in objects:
        tied = (one.source_ref, one.target_ref)
        if one.relationship_type == "duplicate-of" and incidents.keys() >= set(tied):
            source, target = group[str(one.source_ref)], group[str(one.target_ref)]
            if source is not target:
                target |= source
                group |= dict.fromkeys(source, target)
    found: dict[int, list[int]] = {}
    for id_, at in sorted(incidents.items(), key=lambda item: item[1]):
        found.setdefault(id(group[id_]), []).append(at)
    return list(found.values())


def _sighted(objects: Sequence[_Object], subjects: set[str]) -> tuple[Sighted | None, list[Placed]]:
    """*Seen*, if any sighting of a subject or an indicator says so; *not seen*, if each counts none."""
    subjects = subjects | {one.id for one in objects if one.type == "indicator"}
    told = [
        (at, one)
        for at, one in enumerate(objects)
        if one.type == "sighting" and one.sighting_of_ref in subjects
    ]
    if not told:
        return None, []
    seen = [one for _, one in told if one.count != 0]
    sources = [Source(kind="other", locator=one.id, obtained="received") for one in seen]
    return (
        Sighted(
            seen="seen" if seen else "not-seen",
            sources=list(dict.fromkeys(sources)),
            count=_count(seen),
        ),
        [Placed(f"/objects/{at}/sighting_of_ref", "mapped", to="answer.seen") for at, _ in told],
    )


def _count(seen: Sequence[_Object]) -> Count | None:
    """How often it was seen: by the one band that says so, or the sum, if each says how often."""
    bands = [label.removeprefix(COUNTS) for one in seen for label in one.labels if label.startswith(COUNTS)]
    if len(seen) == 1 and len(bands) == 1:
        return next((known for known in get_args(Count) if known == bands[0]), None)
    counts = [one.count for one in seen if one.count is not None]
    return band(sum(counts)) if counts and len(counts) == len(seen) else None


def object_in(value: Json, path: str) -> _Object:
    """The object that stands at `path`. Raises MalformedFile."""
    try:
        one = msgspec.convert(value, _Object)
    except msgspec.ValidationError as error:
        raise MalformedFile(f"Expected an object of STIX 2.1 at {path}: {problem_of(error)}") from None
    if not one.id.startswith(f"{one.type}--"):
        raise MalformedFile(f"Expected an identifier of its type at {path}, found another.")
    return one


def _is_exercise(one: _Object, value: Object) -> bool:
    account = account_in(value)
    return EXERCISE_LABEL in one.labels or (account is not None and account.exercise)


def _itself(identifier: str) -> Gist:
    return Gist(
        sources=[Source(kind="document", locator=identifier, obtained="received")],
        placed=[Placed("/id", "mapped", to="sources")],
        element="",
    )
