"""Records of those who read cases, for tests of what nodes make of them."""

from typing import Any

from tests.node.casebook import Casebook, source
from tests.node.nodes import Founded
from tests.node.test_casework import say

from tocsin.core.records import GroundTruth, Hypothesis, Probability, Reading, Ref, Source
from tocsin.core.records.cases.vocabulary import What
from tocsin.node.node import Node

SENSOR = Source(kind="sensor", locator="camera 7", obtained="automatic", sha256="ab" * 32)


def cites(ref: Ref) -> Source:
    """Another record, as a source."""
    return Source(kind="record", record=ref)


class Readers(Casebook):
    """Says what cases were, too."""

    def reading(self, case: Ref, what: What = "attack", permille: int = 800, **more: Any) -> Reading:  # noqa: ANN401
        """It was that, with so many permille; the rest is undetermined."""
        probabilities: list[Probability] = [Probability(permille=permille, what=what)]
        if permille < 1_000:
            probabilities.append(Probability(permille=1_000 - permille, what="undetermined"))
        said = {
            "probabilities": tuple(sorted(probabilities, key=lambda one: one.key)),
            "confidence": "moderate",
            "sources": (cites(case),),
        }
        return Reading(**self._common(), case=case, **said | more)

    def hypothesis(self, case: Ref, text: str, under: What = "attack") -> Hypothesis:
        """One thing that it may have been."""
        return Hypothesis(**self._common(), case=case, under=under, text=text, lang="en")

    def truth(self, case: Ref, what: What = "attack") -> GroundTruth:
        """What it was in the end."""
        return GroundTruth(**self._common(), case=case, what=what)


async def ended(nodes: list[Node], circle: Founded, book: Readers, number: int, **read: What) -> Ref:
    """A case that the first node opens and closes, and which was an attack; the others read it so before."""
    first = nodes[0]
    case = await say(first, circle, book.report(f"Case {number}.", sources=(source(number),)))
    for node in nodes:
        slug = node.lines[circle.id].own.member.slug
        if slug in read:
            await say(node, circle, book.reading(case, read[slug], 900))
    await say(first, circle, book.closing(case))
    await say(first, circle, book.truth(case))
    return case
