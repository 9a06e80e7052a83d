"""Calling a node about cases: see `client`."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import msgspec

from tocsin.cases.delivery import Delivery
from tocsin.cases.matching import Observation
from tocsin.cases.picture import CaseView
from tocsin.core.records import Attachment
from tocsin.node.api.cases.attaching import AttachQuery, Fetched, FetchQuery
from tocsin.node.api.cases.exchangetypes import (
    ExportedFile,
    ExportQuery,
    ImportedFile,
    ImportQuery,
    PassedOn,
    PassOn,
)
from tocsin.node.api.cases.found import (
    ArchiveQuery,
    BriefQuery,
    CaseList,
    CasesQuery,
    Hits,
    SearchQuery,
)
from tocsin.node.api.cases.observing import (
    AddObservations,
    Matches,
    MatchQuery,
    Observations,
    ObservationsQuery,
    Probes,
    Proposals,
    ProposalsQuery,
)
from tocsin.node.api.cases.types import Drafted, SayOfCase
from tocsin.node.api.checks.types import SayOfCheck
from tocsin.node.api.readings.types import CaseReadings, NextQuestions
from tocsin.node.casework.assessing.learning import Scored
from tocsin.node.client import Client


class CaseClient(Client):
    """Calls about cases. A case or a record is named as people name it, `birch.1.12`."""

    def draft(self, circle: str, say: SayOfCase | SayOfCheck) -> bytes:
        """A record as it would be written, for an officer to sign."""
        return self._call("POST", f"/v1/circles/{circle}/drafts", body=say, gives=Drafted).record

    def cases(self, circle: str, query: CasesQuery) -> CaseList:
        """Cases, those that something was last said of first."""
        return self._call("GET", f"/v1/circles/{circle}/cases{_query(query)}", gives=CaseList)

    def case(self, circle: str, case: str) -> CaseView:
        """The picture of a case."""
        return self._call("GET", f"/v1/circles/{circle}/cases/{case}", gives=CaseView)

    def delivery(self, circle: str, case: str) -> Delivery:
        """Who has received what of a case, who is aware of it, and what is overdue."""
        return self._call("GET", f"/v1/circles/{circle}/cases/{case}/delivery", gives=Delivery)

    def brief(self, circle: str, case: str, query: BriefQuery) -> str:
        """One page about a case."""
        return self._exchange("GET", f"/v1/circles/{circle}/cases/{case}/brief{_query(query)}").decode()

    def archive(self, circle: str, case: str, query: ArchiveQuery) -> bytes:
        """A case with all that shows it, in one file."""
        return self._exchange("GET", f"/v1/circles/{circle}/cases/{case}/evidence{_query(query)}")

    def readings(self, circle: str, case: str) -> CaseReadings:
        """What a case was, by all that its members make of it, and by what this node learned of them."""
        return self._call("GET", f"/v1/circles/{circle}/cases/{case}/readings", gives=CaseReadings)

    def questions(self, circle: str, case: str) -> NextQuestions:
        """What to ask next about a case."""
        target = f"/v1/circles/{circle}/cases/{case}/readings/questions"
        return self._call("GET", target, gives=NextQuestions)

    def scores(self, circle: str) -> Scored:
        """How good our own readings were, and the common views."""
        return self._call("GET", f"/v1/circles/{circle}/scores", gives=Scored)

    def search(self, circle: str, query: SearchQuery) -> Hits:
        """What was said, by words and other things."""
        return self._call("GET", f"/v1/circles/{circle}/search{_query(query)}", gives=Hits)

    def import_cases(self, circle: str, query: ImportQuery, data: bytes) -> ImportedFile:
        """Take a file of another format into cases."""
        target = f"/v1/circles/{circle}/import{_query(query)}"
        return self._call("POST", target, body=data, gives=ImportedFile)

    def export_case(self, circle: str, case: str, query: ExportQuery) -> ExportedFile:
        """A case in a format of others."""
        target = f"/v1/circles/{circle}/cases/{case}/export{_query(query)}"
        return self._call("GET", target, gives=ExportedFile)

    def pass_on(self, circle: str, case: str, wish: PassOn) -> PassedOn:
        """Pass reports of a case on to another circle."""
        return self._call("POST", f"/v1/circles/{circle}/cases/{case}/passing", body=wish, gives=PassedOn)

    def attach(self, circle: str, query: AttachQuery, content: bytes) -> Attachment:
        """Keep content; what a record says of it."""
        return self._call(
            "POST", f"/v1/circles/{circle}/attachments{_query(query)}", body=content, gives=Attachment
        )

    def fetch(self, circle: str, sha256: str, record: str) -> Fetched:
        """Get content that a record names from whichever member has it."""
        target = f"/v1/circles/{circle}/attachments/{sha256}{_query(FetchQuery(record=record))}"
        return self._call("POST", target, gives=Fetched)

    def content(self, circle: str, sha256: str) -> bytes:
        """Content that is here."""
        return self._exchange("GET", f"/v1/circles/{circle}/attachments/{sha256}")

    def observe(self, observations: Sequence[Observation]) -> Observations:
        """Keep observations of our own."""
        body = AddObservations(observations=tuple(observations))
        return self._call("POST", "/v1/observations", body=body, gives=Observations)

    def observations(self, query: ObservationsQuery) -> Observations:
        """Our observations, by their ids."""
        return self._call("GET", f"/v1/observations{_query(query)}", gives=Observations)

    def observation(self, observation_id: str) -> Observation:
        """An observation."""
        return self._call("GET", f"/v1/observations/{quote(observation_id, safe='')}", gives=Observation)

    def forget(self, observation_id: str) -> Observations:
        """Forget an observation; how many there are then."""
        target = f"/v1/observations/{quote(observation_id, safe='')}"
        return self._call("DELETE", target, gives=Observations)

    def match(self, query: MatchQuery) -> Matches:
        """Which of our observations fit a text."""
        return self._call("GET", f"/v1/matches{_query(query)}", gives=Matches)

    def proposals(self, circle: str, query: ProposalsQuery) -> Proposals:
        """Which of our observations fit what others ask."""
        return self._call("GET", f"/v1/circles/{circle}/proposals{_query(query)}", gives=Proposals)

    def probes(self, circle: str) -> Probes:
        """What a machine was let judge."""
        return self._call("GET", f"/v1/circles/{circle}/probes", gives=Probes)


def _query(query: msgspec.Struct) -> str:
    given = msgspec.structs.asdict(query)
    plain = msgspec.to_builtins({name: value for name, value in given.items() if value is not None})
    # As the API reads them: true and false.
    told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in plain.items()}
    return f"?{urlencode(told)}"
