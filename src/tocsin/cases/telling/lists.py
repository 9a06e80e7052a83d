"""Every closed list whose codes people are shown a word for, by its name.

The lists themselves are types, each where it is used; here is only which there are.
"""

from collections.abc import Mapping
from typing import Final, get_args

from tocsin.cases.picture.view import FindingCode, Standing, State
from tocsin.cases.telling.words.tongues import TONGUES
from tocsin.core.records import CaseRecord
from tocsin.core.records.cases import report, vocabulary
from tocsin.core.records.common import AuthorKind

_VOCABULARY = (
    *("Event", "Severity", "Relation", "Harm", "Task", "Clock", "Asserter", "SourceKind", "Obtained"),
    *("FingerprintKind", "OperatorRole", "Seen", "Count", "Question", "Matched", "LinkKind", "Reason"),
    *("Position", "Outcome", "What", "Undetermined", "Confidence", "Due", "Step"),
)

LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Kind": tuple(str(kind.__struct_config__.tag) for kind in get_args(CaseRecord)),
    "State": get_args(State),
    "Standing": get_args(Standing),
    "Finding": get_args(FindingCode),
    "Described": get_args(report.Described),
    "AuthorKind": get_args(AuthorKind),
    "Tongue": tuple(TONGUES["en"]),
} | {name: get_args(getattr(vocabulary, name)) for name in _VOCABULARY}
"""The codes of each list, by its type's name: *Kind* is a record's, *State* a case's, *Tongue* a person's."""
