"""The routes of the machine API for what this organisation observed itself (docs/api.md), for it alone.

Nothing of it leaves by being asked here: what fits an ask is proposed, and an officer answers.
"""

import asyncio
from typing import Annotated

from msgspec import Meta, Struct

from tocsin.cases.matching import Match, Observation, Probe, Proposal
from tocsin.core.errors import Refusal, quoted
from tocsin.core.records.common import Slug
from tocsin.node.api.hosting import Hosting, line_of
from tocsin.node.api.operations import Call, operation

_MAX_AT_ONCE = 1_000
_READ_AT_ONCE = 200
_Limit = Annotated[int, Meta(ge=1, le=200)]


class UnknownObservation(Refusal):
    """There is no observation of that id."""

    code = "unknown-observation"


class AddObservations(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was observed. One of an id that is there takes its place."""

    observations: Annotated[tuple[Observation, ...], Meta(min_length=1, max_length=_MAX_AT_ONCE)]


class ObservationsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Those whose ids come `after` this one, of one `feed` or of all."""

    feed: Slug | None = None
    after: Annotated[str, Meta(max_length=128)] = ""
    limit: _Limit = 50


class Observations(Struct, frozen=True, kw_only=True):
    """Observations by their ids; how many there are. `whole`: all that is kept can be found by now."""

    observations: tuple[Observation, ...]
    count: int
    whole: bool


class MatchQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is looked for, in any language."""

    text: Annotated[str, Meta(min_length=1, max_length=16_384)]
    limit: _Limit = 10


class Matches(Struct, frozen=True, kw_only=True):
    """Observations that fit, the best first; `score_permille` says how well."""

    matches: tuple[Match, ...]
    whole: bool


class ProposalsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For the officer of this role; at most so many observations for each ask."""

    author: Slug
    limit: _Limit = 10


class Proposals(Struct, frozen=True, kw_only=True):
    """Of each open ask: what fits it, and an answer that an officer may give, as it is or changed."""

    proposals: tuple[Proposal, ...]
    whole: bool


class Probes(Struct, frozen=True, kw_only=True):
    """Every ask that a machine was let judge, and what became of it."""

    probes: tuple[Probe, ...]


class OwnObservations:
    """The operations for the observations of one node."""

    _node: Hosting

    @operation("POST", "/v1/observations")
    async def observe(self, call: Call[None, AddObservations]) -> Observations:
        """Keep observations of our own, durably, to be matched with what others ask."""
        await self._node.desk.observing.add(call.body.observations)
        return self._observations(call.body.observations)

    @operation("GET", "/v1/observations")
    async def observations(self, call: Call[ObservationsQuery, None]) -> Observations:
        """List our observations by their ids."""
        query, observing = call.query, self._node.desk.observing
        found: list[Observation] = []
        after = query.after
        while len(found) < query.limit and (page := observing.page(after, _READ_AT_ONCE)):
            found += [one for one in page if query.feed in (None, one.feed)]
            after = page[-1].id
            await asyncio.sleep(0)
        return self._observations(tuple(found[: query.limit]))

    @operation("GET", "/v1/observations/{id:path}")
    async def observation(self, call: Call[None, None]) -> Observation:
        """Give an observation."""
        found = self._node.desk.observing.get(call.path["id"])
        if found is None:
            raise UnknownObservation(f"Expected the id of an observation, found {quoted(call.path['id'])}.")
        return found

    @operation("DELETE", "/v1/observations/{id:path}")
    async def forget(self, call: Call[None, None]) -> Observations:
        """Forget an observation."""
        if not await self._node.desk.observing.remove(call.path["id"]):
            raise UnknownObservation(f"Expected the id of an observation, found {quoted(call.path['id'])}.")
        return self._observations(())

    @operation("GET", "/v1/matches")
    async def match(self, call: Call[MatchQuery, None]) -> Matches:
        """Say which of our observations fit a text."""
        observing = self._node.desk.observing
        found = await observing.match(call.query.text, call.query.limit)
        return Matches(matches=found, whole=observing.whole)

    @operation("GET", "/v1/circles/{circle}/proposals")
    async def proposals(self, call: Call[ProposalsQuery, None]) -> Proposals:
        """Say which of our observations fit what others ask, each ask with an answer ready to be given."""
        line, observing = line_of(self._node, call.path["circle"]), self._node.desk.observing
        found = await observing.proposals(line.circle.id, call.query.author, call.query.limit)
        return Proposals(proposals=tuple(found), whole=observing.whole)

    @operation("GET", "/v1/circles/{circle}/probes")
    async def probes(self, call: Call[None, None]) -> Probes:
        """Say what a machine was let judge: who asked, what it cost, and what became of it."""
        line = line_of(self._node, call.path["circle"])
        return Probes(probes=tuple(self._node.desk.observing.probes(line.circle.id)))

    def _observations(self, observations: tuple[Observation, ...]) -> Observations:
        observing = self._node.desk.observing
        return Observations(observations=observations, count=len(observing), whole=observing.whole)
