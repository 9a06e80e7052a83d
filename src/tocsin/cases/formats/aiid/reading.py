"""From incidents of the AI Incident Database to reports: one case for each (docs/formats.md).

A JSON array of incidents with their press reports, as the database's own API names the fields. Who is alleged
to have deployed a system is an operator; who was harmed, the titles and the authors of press reports have no
field, and are carried. Each press report is a source. The database says nothing of handling: what it holds is
published, so that a file without a label is TLP:CLEAR.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from tocsin.cases.formats.account import Account
from tocsin.cases.formats.bringing import Found, Gist, bring, locator_in, name_in, summary_in
from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.handling import Saying, admitted
from tocsin.cases.formats.ids import parse_day
from tocsin.cases.formats.terms import Imported, Into, Placed
from tocsin.cases.formats.trees import Json, parse
from tocsin.core.errors import problem_of
from tocsin.core.records import Moment, Operator, Source

MAX_INCIDENTS = 4_096
_MAX_OPERATORS = 16
_MAX_TITLE = 200


class _Entity(Struct, frozen=True):
    name: str


class _Report(Struct, frozen=True):
    report_number: int
    title: str | None = None
    url: str | None = None


class _Incident(Struct, frozen=True):
    incident_id: Annotated[int, Meta(ge=1)]
    title: str
    date: str | None = None
    deployers: tuple[_Entity, ...] = field(default=(), name="AllegedDeployerOfAISystem")
    reports: tuple[_Report, ...] = ()


def read_aiid(data: bytes, into: Into) -> tuple[Imported, ...]:
    """What the incidents of a file become, in their order.

    (1) the file: FileTooLarge, MalformedFile; (2) each incident's form: MalformedFile; (3) who may see it:
    HandlingExceeded. A real incident can be an exercise's material, so a drill takes it too.
    """
    # (1) file
    document = parse(data)
    if not isinstance(document, list):
        raise MalformedFile("Expected an array of incidents, found one object.")
    # (2) form
    try:
        incidents = msgspec.convert(document, list[_Incident])
    except msgspec.ValidationError as error:
        raise MalformedFile(f"Expected incidents of the AI Incident Database: {problem_of(error)}") from None
    if len(incidents) > MAX_INCIDENTS:
        raise MalformedFile(f"Expected at most {MAX_INCIDENTS} incidents, found {len(incidents)}.")
    # (3) handling
    published = [] if into.unlabelled else [Saying("TLP:CLEAR", "published")]
    label = admitted(published, [], into, exercise=into.drill)
    return tuple(
        bring(_found(incident, at, document[at]), label, into) for at, incident in enumerate(incidents)
    )


def _found(incident: _Incident, at: int, document: Json) -> Found:
    path = f"/{at}"
    placed = [Placed(f"{path}/title", "mapped", to="summary")]
    sources = []
    for number, report in enumerate(incident.reports):
        locator = locator_in(report.url)
        if locator is not None:
            placed.append(Placed(f"{path}/reports/{number}/url", "mapped", to="sources"))
            sources.append(Source(kind="website", locator=locator, obtained="published"))
        else:
            cited = f"https://incidentdatabase.ai/reports/{report.report_number}"
            sources.append(Source(kind="website", locator=cited, obtained="published"))
            placed.append(Placed(f"{path}/reports/{number}/report_number", "mapped", to="sources"))
    if not sources:
        cited = f"https://incidentdatabase.ai/cite/{incident.incident_id}"
        sources.append(Source(kind="website", locator=cited, obtained="published"))
        placed.append(Placed(f"{path}/incident_id", "mapped", to="sources"))
    operators = []
    for number, entity in enumerate(incident.deployers[:_MAX_OPERATORS]):
        if (name := name_in(entity.name)) is not None:
            operators.append(Operator(name=name, role="deployer"))
            placed.append(Placed(f"{path}/AllegedDeployerOfAISystem/{number}/name", "mapped", to="operators"))
    moments = []
    if incident.date is not None and (at_ms := parse_day(incident.date)) is not None:
        moments.append(Moment(asserted_by="press", at_ms=at_ms, clock="occurred", precision="day"))
        placed.append(Placed(f"{path}/date", "mapped", to="moments"))
    gist = Gist(
        sources=list(dict.fromkeys(sources)),
        placed=placed,
        element="",
        account=Account(operators=tuple(operators)),
        summary=summary_in(incident.title),
        lang="en",
        moments=moments,
    )
    return Found(
        name="aiid",
        identifier=str(incident.incident_id),
        title=incident.title[:_MAX_TITLE],
        document=document,
        gists=[gist],
        path=path,
    )
