"""Observations and asks for the tests of matching."""

from typing import Any

from hypothesis import strategies as st
from tests.core.record_parts import CIRCLE

from tocsin.cases.matching import Grant, Observation, Text
from tocsin.core.names import LogName
from tocsin.core.records import Ask, Fingerprint, Ref, Report, Source, System

LOG = str(LogName("line.example.org", CIRCLE, "jp-desk", 1))
CASE = Ref.at(LOG, 1, bytes(32))
ASK = Ref.at(LOG, 2, bytes(31) + b"\1")
COMMON: dict[str, Any] = {"circle": CIRCLE, "at_ms": 5, "author": "duty", "author_kind": "officer"}

TITLES = (
    "Robot security guard knocks over toddler at shopping centre",
    "Deepfake scammer walks off with $25 million in first-of-its-kind AI heist",
    "Lawyer 'was unaware' ChatGPT could generate fake legal research, now faces sanctions",
    "Eating disorder chatbot disabled after giving out weight-loss advice",
    "Home Office drops 'racist' algorithm from visa decisions",
    "Tesla on autopilot slams into £2.7million private jet before pushing it across tarmac",
    "Fatal crash in Texas: what we know and what we don't",
    "Amazon ditches recruitment tool that turned out to be against women",
)


def seen(name: str, *texts: str, **more: Any) -> Observation:  # noqa: ANN401
    """An observation of that id."""
    source = Source(kind="website", locator=f"https://cited.example/{name}", obtained="published")
    fields: dict[str, Any] = {"source": source, "at_ms": 1} | more
    return Observation(id=name, texts=tuple(Text(text=text) for text in texts), **fields)


def ask(text: str | None = None, **more: Any) -> Ask:  # noqa: ANN401
    """An ask, to all."""
    lang = None if text is None else "en"
    fields: dict[str, Any] = {"tlp": "TLP:AMBER", "questions": ("seen",), "case": CASE} | more
    return Ask(**COMMON, text=text, lang=lang, **fields)


def report(summary: str | None = None, **more: Any) -> Report:  # noqa: ANN401
    """A report that opens a case."""
    fields: dict[str, Any] = {
        "tlp": "TLP:AMBER",
        "sources": (Source(kind="website", locator="https://news.example/1", obtained="published"),),
    } | more
    if summary is not None:
        fields = {"lang": "en"} | fields
    return Report(**COMMON, summary=summary, **fields)


def fingerprint(kind: Any, value: str) -> Fingerprint:  # noqa: ANN401
    """A fingerprint."""
    return Fingerprint(kind=kind, value=value)


def grant(**more: Any) -> Grant:  # noqa: ANN401
    """A grant for the circle of these tests."""
    fields: dict[str, Any] = {
        "circle": CIRCLE,
        "classes": ("general",),
        "feeds": ("own",),
        "answerable": "duty",
    } | more
    return Grant(**fields)


words = st.lists(
    st.sampled_from(["robot", "jet", "lawyer", "bank", "heist", "visa", "crash", "Texas", "東京", "서울"])
)
observations = st.builds(
    lambda number, texts, system, sha, class_, handling: seen(
        f"o{number}",
        *(" ".join(text) for text in texts if text),
        systems=(System(name=system),) if system else (),
        fingerprints=(fingerprint("sha256", sha),) if sha else (),
        class_=class_,
        handling=handling,
    ),
    st.integers(0, 30),
    st.lists(words, max_size=2),
    st.sampled_from(["", "GPT-4", "Sora", "ＧＰＴ-4"]),
    st.sampled_from(["", "a" * 64, "b" * 64]),
    st.sampled_from(["general", "secret"]),
    st.sampled_from(["TLP:GREEN", "TLP:AMBER", "TLP:RED"]),
)
