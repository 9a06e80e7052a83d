"""Records of communication checks, with any fields that may stand together."""

from hypothesis import strategies as st
from tests.core.case_records import free_texts, optional, refs
from tests.core.record_parts import common

from tocsin.core.records import Check, CheckAnswer
from tocsin.core.records.check import MAX_WITHIN_MINUTES

_by_officers = common | {"author_kind": st.just("officer")}


@st.composite
def checks(draw: st.DrawFn) -> Check:
    """A check, perhaps with a text."""
    fields = {name: draw(values) for name, values in _by_officers.items()}
    minutes = draw(st.integers(1, MAX_WITHIN_MINUTES))
    return Check(**fields, **draw(free_texts("text")), within_minutes=minutes)


@st.composite
def check_answers(draw: st.DrawFn) -> CheckAnswer:
    """An answer, which knows when the check came or not."""
    fields = {name: draw(values) for name, values in _by_officers.items()}
    came_ms = draw(optional(st.integers(0, fields["at_ms"])))
    return CheckAnswer(**fields, check=draw(refs), received_at_ms=came_ms)


check_records: st.SearchStrategy[Check | CheckAnswer] = checks() | check_answers()
