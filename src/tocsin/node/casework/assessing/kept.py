"""What was made of the pictures of cases, and takes long to make."""

import asyncio
from asyncio import Lock
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from tocsin.cases.picture import CaseView
from tocsin.core.records import Ref

_MOST_KEPT: Final = 8
_Rest = TypeVar("_Rest")
_Made = TypeVar("_Made")


class Kept(Generic[_Rest, _Made]):
    """What was made of the cases that were asked for last: it holds as long as what it rests on does.

    That is the picture of the case, and the `rest`. `lock`: it is made once at a time, and of the picture as
    it is then.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self._kept: OrderedDict[Ref, tuple[CaseView, _Rest, _Made]] = OrderedDict()

    async def made(self, picture: CaseView, rest: _Rest, make: Callable[[], _Made]) -> _Made:
        """What was made when both were the same; what `make` gives, in a thread, if they were not."""
        kept = self._kept.get(picture.case)
        if kept is None or kept[0] is not picture or kept[1] != rest:
            kept = self._kept[picture.case] = picture, rest, await asyncio.to_thread(make)
        self._kept.move_to_end(picture.case)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return kept[2]
