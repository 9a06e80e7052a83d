"""English."""

from typing import Final

PHRASES: Final = {
    "audit": "Audit",
    "cases": "Cases",
    "circles": "Circles",
    "drill": "Drill: nothing here is real.",
    "foot": "Times are in UTC, and in your zone where it differs. "
    "Nothing on this page was loaded from anywhere else.",
    "log": "Log",
    "more": "More",
    "new_case": "New case",
    "not_done": "Not done",
    "not_shown": "Something that belongs here cannot be shown. The node's messages say why.",
    "people": "People",
    "phone": "Phone call",
    "room": "Situation room",
    "search": "Search",
    "skip": "To the content",
    "to_room": "To the situation room",
    "ways": "Main ways",
}
