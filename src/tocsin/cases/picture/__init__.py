"""The picture of a case: a pure function of the records that are here (docs/protocol.md, section 19).

- `view`: what it is made of; `fold`: from records to it; `showing`: what of it stays as it was.
- `places`: what records name; `reckoning`: which count; `findings`: what is wrong with them; `ordering`: when
  they were written.
- `sources`, `citing`, `corroboration`, `repeating`: what all of it rests on; `evidence`: and what its members
  make of that, for whoever puts their readings together (section 23).
- `describing`, `asking`: what is said of the incident; who was asked, answered, is aware, is done.
"""

from tocsin.cases.picture.fold import FOLD_VERSION, Case, evidence, summary, view
from tocsin.cases.picture.places import case_of
from tocsin.cases.picture.view import CaseSummary, CaseView, reports

__all__ = [
    "FOLD_VERSION",
    "Case",
    "CaseSummary",
    "CaseView",
    "case_of",
    "evidence",
    "reports",
    "summary",
    "view",
]
