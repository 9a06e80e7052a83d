"""Whom a node lets its officers ask, and answer."""

import pytest
from tests.cases.charters import charter
from tests.cases.writing.test_checking import ANSWER, ASK, CASE, MINE, known
from tests.core.record_parts import CIRCLE, COMMON

from tocsin.cases.writing import check_asked
from tocsin.cases.writing.asking import NobodyAsked, NotAsked
from tocsin.core.records import Acknowledgement, Answer, Ask
from tocsin.core.views import Party, Terms


def terms(*present: str) -> Terms:
    """A circle of these members, which cedar has left."""
    return charter(CIRCLE, [Party(slug, slug.title(), "KR", slug != "cedar") for slug in (*present, "cedar")])


@pytest.mark.parametrize("to", [None, ("birch",), ("apricot", "birch")])
def test_whoever_is_a_member_can_be_asked(to: tuple[str, ...] | None) -> None:
    """All, some, and oneself among others."""
    ask = Ask(**COMMON, case=CASE, questions=("seen",), to=to)
    check_asked(ask, "apricot", known, terms("apricot", "birch"))


@pytest.mark.parametrize("to", [("apricot",), ("dogwood",), ("birch", "dogwood"), ("cedar",)])
def test_an_ask_that_somebody_cannot_answer_is_refused(to: tuple[str, ...]) -> None:
    """To nobody but oneself, to a stranger, to who has left; and it is said who can be asked."""
    ask = Ask(**COMMON, case=CASE, questions=("seen",), to=to)
    with pytest.raises(NobodyAsked, match="ask some of birch"):
        check_asked(ask, "apricot", known, terms("apricot", "birch"))


def test_who_is_alone_asks_nobody() -> None:
    """There is no member whose answer could come."""
    with pytest.raises(NobodyAsked):
        check_asked(Ask(**COMMON, case=CASE, questions=("seen",)), "apricot", known, terms("apricot"))


def test_nobody_answers_itself() -> None:
    """An answer is to what another member asked; other records are not looked at."""
    answer = Answer(**COMMON, case=CASE, ask=ASK, seen="not-seen")
    check_asked(answer, "apricot", known, terms("apricot", "birch"))
    check_asked(Acknowledgement(**COMMON, case=CASE, of=(MINE, ANSWER)), "apricot", known, terms("apricot"))
    with pytest.raises(NotAsked):
        check_asked(answer, "birch", known, terms("apricot", "birch"))
