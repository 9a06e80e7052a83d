"""What is said in the house before people look: a case as it may happen, with what hostile members write."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.node.casebook import AT_MS, Casebook, source
from tests.web.end_to_end.house import House

from tocsin.core.records import (
    Actor,
    Hypothesis,
    Probability,
    Reading,
    Record,
    Ref,
    Source,
    Translation,
    encode_record,
)

HOSTILE = (
    "</script><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>"
    "\u202e{{ 7 * 7 }} <a href='javascript:window.owned=3'>x</a> \u2066"
)
ENDLESS = "W" * 300 + " " + "أ" * 200 + " " + "가" * 200


@dataclass(frozen=True)
class Told:
    """The names of what was said: the case, and the ask in it."""

    circle: str
    case: Ref
    ask: Ref
    answers: tuple[Ref, ...]


class Teller:
    """Says things at the nodes of a house, as their officers' programs would."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.book = Casebook(house.founded.id)
        any_node = next(iter(house.rooms.values())).node
        self.book.minutes = (any_node.clock.wall_ms() - AT_MS) // 60_000 - 30

    async def say(self, slug: str, record: Record) -> Ref:
        """Write a record at that node. Durable there when this returns."""
        line = self.house[slug].node.lines[self.house.founded.id]
        written = await line.write([encode_record(record)])
        log, index = written.log, written.size - 1
        return Ref.at(log, index, self.house[slug].node.store.entries(log, index, index + 1))


async def tell(house: House) -> Told:
    """East reports, in Korean with a translation, and asks; the others answer with one feed."""
    teller = Teller(house)
    book = teller.book
    others = [slug for slug in house.rooms if slug != "east"]
    case = await teller.say(
        "east",
        book.report(
            "항구에서 연기가 난다는 사진이 퍼지고 있습니다. 진위를 확인하지 못했습니다.",
            lang="ko",
            translations=(
                Translation(
                    by="Aru",
                    by_kind="officer",
                    lang="ru",
                    text="Распространяется снимок дыма в порту. Подлинность не проверена.",
                ),
            ),
            event="incident",
            severity="serious-incident",
        ),
    )
    ask = await teller.say("east", book.ask(case))
    answers = [await teller.say(slug, book.answer(case, ask, sources=(source(0),))) for slug in others]
    await teller.say(others[0], book.report(HOSTILE, case=case, sources=(source(1),)))
    await teller.say(others[0], book.report(ENDLESS, case=case, sources=(source(2),), lang="ar"))
    await teller.say("east", book.acknowledgement(case, answers[0]))
    await judge(teller, case, others)
    return Told(house.founded.id, case, ask, tuple(answers))


async def judge(teller: Teller, case: Ref, others: Sequence[str]) -> None:
    """All say what it was, by sources of their own, and who did it; what they write is hostile, too."""
    for number, slug in enumerate(("east", *others)):
        common = teller.book._common()
        supposed = Hypothesis(
            **common, case=case, under="attack", text=(HOSTILE, ENDLESS)[number % 2], lang="ar"
        )
        ref = await teller.say(slug, supposed)
        reading = Reading(
            **teller.book._common(),
            case=case,
            probabilities=(
                Probability(permille=600, what="attack"),
                Probability(permille=100, what="undetermined"),
                Probability(permille=300, hypothesis=ref),
            ),
            confidence="moderate",
            sources=(Source(kind="person", locator=f"{ENDLESS[:200]} {slug}", obtained="received"),),
            who=(Actor(name=HOSTILE, permille=300),),
            text=HOSTILE,
            lang="en",
        )
        await teller.say(slug, reading)
