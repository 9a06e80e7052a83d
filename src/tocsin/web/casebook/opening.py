"""A case that is not in memory: a frame that says how far it is read, until what was asked for can be made.

The frame asks again by itself, and each time some more is read. Without scripts the page does.
"""

from collections.abc import Mapping

from starlette.responses import Response

from tocsin.web.casebook.reading import Opening, Reading
from tocsin.web.casebook.shown.looking import Look
from tocsin.web.serving.visit import Visit

_FRAME = "#case-opening"


async def while_unread(visit: Visit, reading: Reading, path: Mapping[str, str]) -> Response | None:
    """The frame in place of a page, while the case that `path` names is not read; None: go on.

    A part of a page gets none. Raises what `Reading.opening` raises.
    """
    in_frame = visit.partial and visit.request.headers.get("hx-target", "").endswith(_FRAME)
    if visit.partial and not in_frame:
        return None
    if opening := await reading.opening(path):
        return frame(visit, opening, name=_FRAME[1:], inner=in_frame)
    # What was asked for is a page of its own, with all that stands around it.
    return Response(headers={"HX-Refresh": "true", "cache-control": "no-store"}) if in_frame else None


def frame(
    visit: Visit,
    opening: Opening,
    *,
    name: str,
    inner: bool,
    beside: bool = False,
    look: Look | None = None,
    topics: tuple[str, ...] = (),
) -> Response:
    """The frame, as an element with that id; with a page around it unless it is an `inner` one.

    `look`: at the case itself, for which one may wait as well; `beside` another page; `topics`: what it
    listens to.
    """
    query = visit.request.url.query
    return visit.render(
        "casebook/opening.html" if inner else "casebook/opening_page.html",
        case=opening,
        name=name,
        asked=f"{visit.url_path}?{query}" if query else visit.url_path,
        drill=opening.terms.drill,
        beside=beside,
        look=look,
        topics=topics,
    )
