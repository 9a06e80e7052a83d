"""The 29 criteria of the OECD's common reporting framework, and what a case says of each.

OECD AI Papers No. 34 (2025); `mandatory` as it has them. How a criterion is met:

- *direct*: a field of records has the criterion's own list or meaning; *partial*: it says a part of it;
  *approximate*: something near to it; *cross-reference-only*: records lead to where it may be found;
  *unmapped*: no record says it, and nothing is made up.
"""

from dataclasses import dataclass
from typing import Final, Literal

Mapping = Literal["direct", "partial", "approximate", "cross-reference-only", "unmapped"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: its number and name, how it is met, and by which field of a case."""

    number: int
    name: str
    mapping: Mapping
    by: str = ""
    mandatory: bool = False


CRITERIA: Final = (
    Criterion(1, "Title", "approximate", "first line of the opening report's summary", mandatory=True),
    Criterion(2, "Description of incident", "direct", "summaries of reports", mandatory=True),
    Criterion(3, "How AI system relates to incident", "direct", "relation", mandatory=True),
    Criterion(4, "Submitter information", "partial", "members that report", mandatory=True),
    Criterion(5, "Date of first known occurrence", "direct", "earliest moment of clock occurred"),
    Criterion(6, "Country(ies) where incident occurred", "approximate", "economies"),
    Criterion(7, "Supporting materials", "direct", "sources", mandatory=True),
    Criterion(8, "AI system/product name and version", "direct", "systems"),
    Criterion(9, "Developer / deployer organisations", "direct", "operators"),
    Criterion(10, "Severity", "direct", "severity", mandatory=True),
    Criterion(11, "Harm type", "direct", "harms", mandatory=True),
    Criterion(12, "Quantification of harm", "unmapped"),
    Criterion(13, "Unintended / wrongful use", "partial", "relation intentional-misuse"),
    Criterion(14, "Affected stakeholders", "unmapped"),
    Criterion(15, "Human / fundamental-rights impacts", "partial", "harm rights"),
    Criterion(16, "Associated AI Principles", "unmapped"),
    Criterion(17, "Industries (ISIC)", "unmapped"),
    Criterion(18, "Business functions", "unmapped"),
    Criterion(19, "Critical functions / infrastructure", "partial", "harm public-interest"),
    Criterion(20, "Breadth of deployment", "unmapped"),
    Criterion(21, "Link to training data", "unmapped"),
    Criterion(22, "Link to AI model", "cross-reference-only", "certificates of systems"),
    Criterion(23, "Usage rights", "unmapped"),
    Criterion(24, "Multiple-AI-system interaction", "partial", "more than one system"),
    Criterion(25, "AI system tasks", "direct", "tasks"),
    Criterion(26, "Maximum autonomy level", "unmapped"),
    Criterion(27, "Actions taken", "partial", "closings, positions of operators"),
    Criterion(28, "Steps to reproduce", "unmapped"),
    Criterion(29, "Additional information", "cross-reference-only", "fingerprints, attachments"),
)
