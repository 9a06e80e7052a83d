"""What a capability is shown of a circle: frozen values, made by the node from logs and charter.

Capabilities fold over these, and never see each other: `said` is what stands in the logs and can be read,
`terms` is what the charter says about it, `held` what the others' cosignatures say, `evidence` what a case
rests on and what its members make of it. `bells` is what people are called for, the same for all of them.
"""

from tocsin.core.views.bells import Audience, Bell
from tocsin.core.views.evidence import CaseSource, Evidence, ReadOn
from tocsin.core.views.held import Cosigned, Holdings
from tocsin.core.views.said import Knowledge, Said
from tocsin.core.views.terms import Party, Terms

__all__ = [
    "Audience",
    "Bell",
    "CaseSource",
    "Cosigned",
    "Evidence",
    "Holdings",
    "Knowledge",
    "Party",
    "ReadOn",
    "Said",
    "Terms",
]
