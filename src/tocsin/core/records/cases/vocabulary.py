"""The closed lists of what is said about incidents (docs/protocol.md, section 7.3).

Each word is a code: what people are shown for it, in which language, is not said here. Where a public list
exists, it is that one's, and the word that it has comes with it:

- `Severity`, `Relation`, `Harm`: the OECD's common reporting framework (OECD AI Papers No. 34, 2025,
  criteria 10, 3 and 11). `Task` (criterion 25): its framework for the classification of AI systems (2022),
  and *content-generation*, which its monitor of incidents has besides.
- `Event`: OECD, "Defining AI incidents and related terms" (2024): an incident harmed, a hazard could have; a
  near miss is a hazard that almost became one.
- `Precision`: with *month* and *year*, as MITRE ATLAS has it for case studies.
- `Clock`: the moments from which laws count their periods, under one name each; `Asserter`: who says so.
"""

from typing import Final, Literal, get_args

Event = Literal["incident", "near-miss", "hazard"]
Severity = Literal["hazard", "serious-hazard", "incident", "serious-incident", "disaster"]
Relation = Literal[
    "direct-cause",
    "contributing-factor",
    "failure-to-act",
    "overreliance",
    "intentional-misuse",
    "human-error",
    "failure-to-comply",
    "other",
    "unknown",
]
Harm = Literal[
    "physical",
    "psychological",
    "reputational",
    "economic",
    "environmental",
    "public-interest",
    "rights",
    "other",
]

Task = Literal[
    "recognition",
    "event-detection",
    "forecasting",
    "personalisation",
    "interaction-support",
    "goal-driven-optimisation",
    "reasoning-with-knowledge-structures",
    "content-generation",
    "other",
]

Precision = Literal["year", "month", "day", "hour", "minute", "second", "unknown"]
Clock = Literal["occurred", "detected", "aware", "confirmed", "classified", "determined"]
Asserter = Literal["author", "operator", "authority", "affected", "press", "other"]
"""*author*: the organisation whose record it is. *affected*: whoever was harmed, or could have been."""

SourceKind = Literal["document", "person", "post", "record", "sensor", "website", "other"]
Obtained = Literal["first-hand", "received", "published", "automatic", "confidential", "other"]
"""How evidence was obtained: seen by the organisation itself; given to it; read where anyone can; collected
by a machine of its own; in a way that it does not say; otherwise."""

FingerprintKind = Literal["sha256", "sha1", "md5", "pdq", "tlsh", "ssdeep", "url", "domain", "ip", "email"]
OperatorRole = Literal["developer", "provider", "deployer", "user", "other"]

Seen = Literal["seen", "not-seen", "cannot-tell", "may-not-say"]
Count = Literal["1", "2-10", "11-100", "101-1000", "more"]
Question = Literal["seen", "affected", "sources", "times", "systems", "contact", "other"]
Matched = Literal["exact", "name", "text", "meaning"]
"""By what a machine found an observation to fit: a fingerprint; a system or name; similar text; meaning."""

LinkKind = Literal["same-case", "related", "caused-by"]
Reason = Literal["mistaken", "duplicate", "unfounded", "superseded", "not-ours", "legal", "personal-data"]
Position = Literal["confirms", "disputes", "investigates", "acts", "no-comment"]
Outcome = Literal["incident", "near-miss", "hazard", "false-alarm", "no-ai", "duplicate", "undetermined"]
Due = Literal["acknowledgement", "answer"]
What = Literal["accident", "attack", "cascade", "misuse", "no-ai"]
"""What it was. *accident*: nobody meant harm. *attack*: somebody acted against the system. *misuse*: somebody
used it to do harm. *cascade*: another system's failure came through. *no-ai*: no AI had a part in it."""
Undetermined = Literal["undetermined"]
"""Between all of those, it is open."""
Confidence = Literal["low", "moderate", "high"]
"""How good the ground of a judgement is, apart from how likely it says something is (ICD 203, D.6.e.2.a)."""
Step = Literal["reminder", "deputy"]

_SEVERITIES: Final = get_args(Severity)
_COUNTS: tuple[tuple[int, Count], ...] = ((1, "1"), (10, "2-10"), (100, "11-100"), (1_000, "101-1000"))


def gravity(severity: str | None) -> int:
    """How grave a severity is: the larger, the graver; what is none is least."""
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else -1


def band(times: int) -> Count:
    """How often, as records say it. `times` is at least one."""
    return next((count for most, count in _COUNTS if times <= most), "more")
