"""Whether a machine may answer an ask: decided from the ask and its asker, before anything is looked up.

(1) Nobody opted in for this circle: the officer decides. That is how a node is made.
(2) The ask is cut short: it looks for more than is looked for; *too-broad*.
(3) It is less specific than the owner wants; *too-vague*.
(4) Its asker has asked too much; *over-budget*.
(5) Else a machine may answer it, from what the grant names.

What is refused by (2) to (4) is answered *may-not-say*, and the index is not asked: neither the answer nor
its moment can depend on what is in it. A refusal draws one question from the bucket; from an empty one, there
is no answer by machine at all (*silent*), so that nobody can make a node write without end. Whatever it is,
the owner is shown it, as a probe; also what could not be judged (*not-judged*), or the answer to which could
not be written (*not-written*): both are the officer's.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.cases.matching.answering.budget import Bucket, drawn, filled
from tocsin.cases.matching.answering.specificity import cost, specificity
from tocsin.cases.matching.asked import Asked
from tocsin.cases.matching.observation import Observation
from tocsin.core.records import Ref
from tocsin.core.records.common import CircleId, Slug, tlp_at_most

Outcome = Literal["to-officer", "refused", "silent", "allowed"]
Reason = Literal["not-opted-in", "too-broad", "too-vague", "over-budget", "not-judged", "not-written"]


class Grant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a machine may answer a circle from observations of these classes and feeds; nobody else's.

    `answerable`: the officer who answers for it. `per_hour` and `burst`: of questions, by each asker. Only
    what fits at least so well is answered with.
    """

    circle: CircleId
    classes: Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=64)]
    feeds: Annotated[tuple[Slug, ...], Meta(min_length=1, max_length=64)]
    answerable: Slug
    per_hour: Annotated[int, Meta(ge=1, le=100_000)] = 60
    burst: Annotated[int, Meta(ge=1, le=100_000)] = 30
    least_specificity: Annotated[int, Meta(ge=1, le=1_000)] = 6
    least_permille: Annotated[int, Meta(ge=1, le=1_000)] = 700

    def covers(self, observation: Observation) -> bool:
        """Whether it may be answered from; never from what is for the eyes of persons alone."""
        return (
            observation.class_ in self.classes
            and observation.feed in self.feeds
            and tlp_at_most(observation.handling, "TLP:AMBER+STRICT")
        )


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a machine may answer: for each circle at most one grant, and none as it comes."""

    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        if len({grant.circle for grant in self.grants}) < len(self.grants):
            raise ValueError("Expected one grant for a circle, found two.")

    def grant(self, circle: str) -> Grant | None:
        """What is granted to a circle."""
        return next((grant for grant in self.grants if grant.circle == circle), None)


class Verdict(Struct, frozen=True, kw_only=True):
    """What is to become of an ask. `bucket` is to be kept for this asker in this circle."""

    outcome: Outcome
    cost: int
    specificity: int
    reason: Reason | None = None
    bucket: Bucket | None = None
    grant: Grant | None = None


class Probe(Struct, frozen=True, kw_only=True):
    """What the owner is shown of an ask that a machine may have answered: who asked, and what became of it.

    `seen`: whether the answer was *seen*; None where the index was not asked.
    """

    ask: Ref
    asker: Slug
    at_ms: int
    outcome: Outcome
    cost: int
    specificity: int
    reason: Reason | None = None
    seen: bool | None = None


def judge(policy: Policy, asked: Asked, *, circle: str, bucket: Bucket | None, now_ms: int) -> Verdict:
    """What is to become of an ask; `bucket` is what was kept of its asker in this circle, if anything was."""
    price, points = cost(asked), specificity(asked)
    # (1) nobody opted in
    if (grant := policy.grant(circle)) is None:
        return Verdict(outcome="to-officer", cost=price, specificity=points, reason="not-opted-in")
    full = filled(bucket, grant.per_hour, grant.burst, now_ms)
    reason: Reason
    # (2) to (4)
    if asked.cut:
        reason = "too-broad"
    elif points < grant.least_specificity:
        reason = "too-vague"
    elif (left := drawn(full, price)) is None:
        reason = "over-budget"
    else:
        # (5) allowed
        return Verdict(outcome="allowed", cost=price, specificity=points, bucket=left, grant=grant)
    left = drawn(full, 1)
    return Verdict(
        outcome="silent" if left is None else "refused",
        cost=price,
        specificity=points,
        reason=reason,
        bucket=left or full,
        grant=grant,
    )
