"""What becomes of what fits: a proposal to an officer; by machine, what the owner allows beforehand.

- `shelves`: one's observations, apart by who may be answered from them.
- `policy`: whether a machine may answer an ask at all, from the ask alone; `specificity`: what it asks for;
  `budget`: how much more this asker may ask.
- `answers`: the records that are proposed, or written.
"""

from tocsin.cases.matching.answering.answers import Proposal, machine_answer, propose
from tocsin.cases.matching.answering.budget import Bucket
from tocsin.cases.matching.answering.policy import Grant, Outcome, Policy, Probe, Reason, Verdict, judge
from tocsin.cases.matching.answering.shelves import Shelves

__all__ = [
    "Bucket",
    "Grant",
    "Outcome",
    "Policy",
    "Probe",
    "Proposal",
    "Reason",
    "Shelves",
    "Verdict",
    "judge",
    "machine_answer",
    "propose",
]
