"""The libraries of others that an archive's page has: these very bytes, with their licences."""

import hashlib
import re
from importlib.resources import files
from pathlib import Path

TEXT = (files("tocsin.cases.archive") / "page" / "vendored.js").read_text("utf-8")
DECISION = Path(__file__).parents[3] / "docs/decisions/0028-evidence-that-verifies-itself.md"


def test_nobody_changes_them_by_hand() -> None:
    """They change only when they are bundled anew, as decision 28 says."""
    assert (
        hashlib.sha256(TEXT.encode()).hexdigest()
        == "581e1bcb724132afa0d8b1a1b36b166a2afa8f1cd984258509bf401ff3b1f5da"
    )


def test_what_they_are_is_written_down() -> None:
    """Each stands in the head of the file with version, licence and copyright, and in the decision."""
    head, _, _ = TEXT.partition("*/")
    found = re.findall(r"\*   (\S+) +(\d+\.\d+\.\d+) +(MIT|BSD-3-Clause) +Copyright", head)
    decision = DECISION.read_text("utf-8")

    assert [name for name, _, _ in found] == ["@noble/ed25519", "@noble/hashes", "smol-toml"]
    assert all(f"{name}@{version}" in decision for name, version, _ in found)
    assert "MIT: Permission is hereby granted" in head
    assert "BSD-3-Clause: Redistribution and use" in head


def test_they_ask_nobody_for_anything() -> None:
    """Nothing in the page's scripts can send or load anything, or run a text as a program."""
    scripts = "".join(
        (files("tocsin.cases.archive") / "page" / name).read_text("utf-8")
        for name in ("vendored.js", "verifier.js", "page.js")
    )

    assert not re.search(
        r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|eval|innerHTML|outerHTML"
        r"|insertAdjacentHTML|document\.write)\b|\bimport\(|new Function",
        scripts,
    )
    assert "</script" not in scripts
