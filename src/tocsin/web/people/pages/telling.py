"""The audit in words: what each thing that is noted is called, and names in the place of ids.

What there is no word for is shown as it is noted, so that nothing is ever hidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tocsin.cases.telling import Language

NAMES: Final = {
    "account": "people.name",
    "act": "people.fact_act",
    "again": "people.code",
    "case": "logs.case",
    "circle": "logs.circle",
    "device": "people.fact_device",
    "epoch": "circles.epoch",
    "index": "logs.entry_hash",
    "invited": "people.fact_invited",
    "invited_by": "people.invited_by",
    "key": "circles.key",
    "kind": "logs.kind",
    "member": "logs.member",
    "number": "people.fact_number",
    "of": "people.fact_of",
    "outcome": "people.fact_outcome",
    "page": "people.fact_page",
    "record": "people.fact_record",
    "role_name": "people.role_name",
    "roles": "people.roles",
    "rows": "calls.sheet_rows",
    "sessions": "people.fact_sessions",
    "sheet": "calls.sheet_number",
    "side": "common.phone",
    "suspended": "people.door",
    "why": "logs.reason",
}
"""What is noted, and the phrase for that. A hash, and the rest of a log's name, need none."""

VALUES: Final = {
    "again": {"true": "people.begin_anew"},
    "of": {"*": "people.fact_everyone"},
    "outcome": {"matched": "calls.matched", "differed": "calls.differed"},
    "side": {"called": "calls.called", "calling": "calls.calling"},
    "suspended": {"true": "people.suspended", "false": "people.reinstate"},
    "act": {
        act: f"people.act_{act}"
        for act in (
            "amend",
            "draft-leaving",
            "join",
            "key-forgotten",
            "key-put-on",
            "key-taken-off",
            "leave",
            "purge",
            "resume",
            "sign",
            "stay",
            "suspend",
        )
    },
    "page": {
        "account": "people.account",
        "all_keys": "acting.card",
        "amending": "circles.way_amend",
        "archive_file": "casebook.archive",
        "attachment": "circles.title_attachments",
        "attachment_file": "circles.title_attachments",
        "audit": "people.audit",
        "audit_file": "people.audit_file",
        "brief": "casebook.brief",
        "brief_file": "casebook.brief",
        "bundle": "circles.bundle",
        "call": "common.phone",
        "carry": "logs.carry_all",
        "case": "logs.case",
        "charter": "circles.charter",
        "charter_text": "circles.charter",
        "check": "logs.verify_here",
        "checks": "circles.way_checks",
        "circle": "logs.circle",
        "circles": "circles.circles",
        "clocks": "overview.clocks",
        "drafting": "circles.step_draft",
        "entry": "people.fact_record",
        "erasures": "logs.way_erasures",
        "everybody": "people.everybody",
        "evidence": "logs.way_evidence",
        "evidence_file": "logs.way_evidence",
        "expelling": "circles.expel",
        "export": "casebook.export",
        "export_file": "casebook.export",
        "founding": "circles.new",
        "founding_draft": "circles.step_sign",
        "introducing": "circles.step_introduce",
        "leaving": "circles.way_leave",
        "log": "common.log",
        "log_entry": "logs.entry_hash",
        "log_proof": "logs.proof",
        "logs": "logs.logs",
        "member": "logs.member",
        "new_circle": "circles.new",
        "own_keys": "acting.keys_own",
        "phone": "common.phone",
        "proof_file": "logs.proof",
        "proposals": "acting.proposals",
        "refusals": "logs.way_refusals",
        "replying": "circles.reply",
        "room": "common.room",
        "say": "people.fact_form",
        "scores": "assessing.scores",
        "search": "common.search",
        "settings": "live.siren",
        "sheet_form": "calls.sheet",
        "signing": "circles.step_sign",
        "somebody": "people.everybody",
        "verifying": "logs.way_verify",
    },
}
"""What is noted of a closed list, by name and code: the phrase for it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is noted of what happened. `raw`: it is what was noted, not a word of ours or a name."""

    name: str
    value: str
    raw: bool


def facts(
    about: Mapping[str, str], language: Language, called: Callable[[str, str], str | None]
) -> list[Fact]:
    """All of them. `called` gives the name of an account or a circle by its id, if there is one."""
    told = []
    for name, noted in about.items():
        value = _value(name, noted, language) or called(name, noted)
        label = language.phrases.get(NAMES.get(name, ""), name)
        told.append(Fact(label, value or noted, raw=value is None))
    return told


def _value(name: str, noted: str, language: Language) -> str | None:
    if name == "why":
        told = language.word("Refusal", noted)
        return told if told != noted else None
    if name == "roles":
        return language.listed(language.say(f"people.role_{role}") for role in noted.split())
    if name == "kind":
        return language.phrases.get(f"acting.form_{noted}")
    return language.phrases.get(VALUES.get(name, {}).get(noted, ""))
