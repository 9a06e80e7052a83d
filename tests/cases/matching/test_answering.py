from dataclasses import replace
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.matching.made import ASK, CASE, TITLES, ask, fingerprint, grant, observations, report, seen
from tests.core.record_parts import CIRCLE

from tocsin.cases.matching import (
    Asked,
    Bucket,
    Grant,
    Match,
    Observation,
    Policy,
    Shelves,
    asked,
    asked_of,
    judge,
    machine_answer,
    propose,
    said_by,
)
from tocsin.cases.matching.answering.budget import drawn, filled
from tocsin.cases.matching.answering.specificity import cost, specificity
from tocsin.cases.matching.asked import MAX_READ
from tocsin.cases.matching.canonical import Key
from tocsin.core.records import Answer, Source, Tlp, encode_record

HOUR_MS = 3_600_000
SHA = Key("sha256", "a" * 64)
OPEN = grant(classes=("general",), feeds=("own",), least_permille=1)


def shelves(observed: list[Observation], *grants: Grant) -> Shelves:
    """Those observations on the shelves of a node that made these grants."""
    made = Shelves(Policy(grants=grants))
    for observation in observed:
        made.add(observation)
    return made


def answered(
    observed: list[Observation], about: Asked, *, tlp: Tlp = "TLP:AMBER", by: Grant = OPEN, now_ms: int = 0
) -> Answer | None:
    """What a machine answers, as a node does it."""
    verdict = judge(Policy(grants=(by,)), about, circle=CIRCLE, bucket=None, now_ms=now_ms)
    matches: tuple[Match, ...] = ()
    if verdict.outcome == "allowed":
        matches = shelves(observed, by).open_match(by, tlp, about)
    return machine_answer(
        verdict, matches, ASK, CASE, circle=CIRCLE, tlp=tlp, at_ms=now_ms, author="matching"
    )


asks = st.builds(
    lambda words, shas: asked(
        [" ".join(words)] if words else [], [], [Key("sha256", sha * 64) for sha in shas]
    ),
    st.lists(st.sampled_from([*" ".join(TITLES).split(), "AI", "the", "chatbot"]), max_size=12),
    st.lists(st.sampled_from("abcdef"), max_size=3, unique=True),
)


@given(st.lists(observations, max_size=8), asks)
def test_by_default_nothing_is_answered_by_machine(observed: list[Observation], about: Asked) -> None:
    """Where nobody opted in for a circle, there is no answer by machine, whatever fits."""
    for policy in (Policy(), Policy(grants=(grant(circle="0" * 64),))):
        verdict = judge(policy, about, circle=CIRCLE, bucket=None, now_ms=0)
        assert (verdict.outcome, verdict.reason) == ("to-officer", "not-opted-in")
        matches = shelves(observed, *policy.grants).match(about)
        common: Any = {"circle": CIRCLE, "tlp": "TLP:AMBER", "at_ms": 0, "author": "matching"}
        assert machine_answer(verdict, matches, ASK, CASE, **common) is None


@given(st.lists(observations, max_size=8), st.lists(observations, max_size=8), asks)
def test_a_refusal_is_the_same_whatever_was_observed(
    one: list[Observation], other: list[Observation], about: Asked
) -> None:
    """What is refused is refused byte for byte alike, with any observations and with none."""
    by = grant(least_specificity=15, least_permille=1)
    verdict = judge(Policy(grants=(by,)), about, circle=CIRCLE, bucket=None, now_ms=0)
    if verdict.outcome == "refused":
        answers = [answered(observed, about, by=by) for observed in (one, other, [])]
        first = answers[0]
        assert first is not None
        assert first.seen == "may-not-say"
        assert answers == [first] * 3


@given(st.lists(observations, max_size=10), asks, st.sampled_from(["TLP:GREEN", "TLP:AMBER"]))
def test_an_answer_depends_on_what_is_open_alone(observed: list[Observation], about: Asked, tlp: Tlp) -> None:
    """Observations of other classes, feeds and handling change nothing of what a machine answers."""
    last = {observation.id: observation for observation in observed}
    opened = [one for one in last.values() if one.class_ == "general" and one.handling in ("TLP:GREEN", tlp)]
    assert answered(list(last.values()), about, tlp=tlp) == answered(opened, about, tlp=tlp)


@given(st.lists(observations, max_size=10), asks)
def test_a_machine_never_says_not_seen(observed: list[Observation], about: Asked) -> None:
    """It has seen it, cannot tell, or may not say; and an officer answers for it."""
    answer = answered(observed, about)
    assert answer is not None
    assert answer.seen in ("seen", "cannot-tell", "may-not-say")
    assert (answer.author_kind, answer.answerable) == ("machine", "duty")


@given(st.lists(observations, max_size=10), asks)
def test_nothing_said_names_what_is_private(observed: list[Observation], about: Asked) -> None:
    """Neither an answer nor a ready one holds a text, name, fingerprint or id of an observation."""
    marked = [
        seen(
            f"private-id-{place}",
            *(f"{text.text} private-text" for text in one.texts),
            systems=one.systems,
            operators=("private-operator",),
            fingerprints=one.fingerprints,
            class_=one.class_,
            handling=one.handling,
            source=Source(kind="website", locator=f"https://cited.example/{place}", obtained="published"),
        )
        for place, one in enumerate(observed)
    ]
    machine = answered(marked, about)
    matches = shelves(marked).match(about)
    proposal = propose(ASK, CASE, matches, circle=CIRCLE, tlp="TLP:AMBER", at_ms=0, author="duty")
    for answer in (machine, proposal.answer if proposal else None):
        if answer is not None:
            said = encode_record(answer)
            for private in (b"private-", b"a" * 64, b"b" * 64, b"GPT", b"Sora"):
                assert private not in said


@given(st.lists(observations, min_size=1, max_size=10))
def test_what_is_ready_is_an_answer_that_can_be_given(observed: list[Observation]) -> None:
    """A proposal's answer is a record as it stands: an officer's, of that ask, citing what may be cited."""
    matches = shelves(observed).match(asked(["robot jet lawyer"], [("GPT-4", None)], [SHA]))
    proposal = propose(ASK, CASE, matches, circle=CIRCLE, tlp="TLP:GREEN", at_ms=0, author="duty")
    if proposal is None:
        assert not matches
        return
    answer = proposal.answer
    encode_record(answer)
    assert (answer.ask, answer.case, answer.author_kind) == (ASK, CASE, "officer")
    open_ = [match for match in matches if match.observation.handling == "TLP:GREEN"]
    assert answer.seen == ("seen" if open_ else "may-not-say")
    assert set(answer.sources or ()) == {match.observation.source for match in open_}


@pytest.mark.parametrize(
    ("count", "band"),
    [(1, "1"), (2, "2-10"), (10, "2-10"), (11, "11-100"), (101, "101-1000"), (1001, "more")],
)
def test_how_often_is_said_in_bands(count: int, band: str) -> None:
    """An answer says how many observations there are in bands, and cites at most what a record holds."""
    observed = [
        seen(f"o{number}", fingerprints=(fingerprint("sha256", "a" * 64),)) for number in range(count)
    ]
    matches = shelves(observed, OPEN).open_match(OPEN, "TLP:AMBER", asked((), (), [SHA]), limit=1_001)
    proposal = propose(ASK, CASE, matches, circle=CIRCLE, tlp="TLP:AMBER", at_ms=0, author="duty")
    assert proposal is not None
    assert proposal.answer.count == band
    assert len(proposal.answer.sources or ()) == min(count, 32)
    assert len(encode_record(proposal.answer)) < 65_536


def test_what_is_for_persons_alone_is_never_answered_by_machine() -> None:
    """An observation marked TLP:RED is on no shelf that a machine can open, under any label."""
    observed = [seen("red", handling="TLP:RED", fingerprints=(fingerprint("sha256", "a" * 64),))]
    answer = answered(observed, asked((), (), [SHA]), tlp="TLP:RED")
    assert answer is not None
    assert answer.seen == "cannot-tell"


@given(
    st.integers(1, 1_000),
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(-5_000_000, 5_000_000), st.integers(1, 60)), max_size=60),
)
def test_the_budget_is_never_exceeded(per_hour: int, burst: int, asking: list[tuple[int, int]]) -> None:
    """Over any stretch, no more is drawn than the height and what flowed in, whatever the clock does."""
    bucket: Bucket | None = None
    now_ms, latest_ms = 10_000_000, 0
    spent: list[tuple[int, int]] = []
    for later_ms, questions in asking:
        now_ms += later_ms
        latest_ms = max(latest_ms, now_ms)
        bucket = filled(bucket, per_hour, burst, now_ms)
        if left := drawn(bucket, questions):
            bucket = left
            spent.append((latest_ms, questions))
    for at, (first_ms, _) in enumerate(spent):
        for upto in range(at, len(spent)):
            drawn_in_all = sum(questions for _, questions in spent[at : upto + 1])
            assert drawn_in_all * HOUR_MS <= burst * HOUR_MS + (spent[upto][0] - first_ms) * per_hour


@given(st.lists(st.tuples(st.integers(0, 600_000), asks), max_size=30))
def test_all_that_is_judged_stays_within_the_budget(asking: list[tuple[int, Asked]]) -> None:
    """What is answered or refused costs the asker; when the bucket is empty, a node says nothing at all."""
    policy = Policy(grants=(grant(per_hour=20, burst=5),))
    bucket: Bucket | None = None
    now_ms = records = 0
    for later_ms, about in asking:
        now_ms += later_ms
        verdict = judge(policy, about, circle=CIRCLE, bucket=bucket, now_ms=now_ms)
        bucket = verdict.bucket
        records += verdict.outcome in ("allowed", "refused")
        if verdict.outcome == "silent":
            assert bucket is not None
            assert bucket.parts < HOUR_MS
    assert records <= 5 + 20 * now_ms / HOUR_MS


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (asked(["Are you seeing this too? A chatbot gives bad advice"]), "too-vague"),
        (asked((), [("ChatGPT", None)]), "too-vague"),
        (asked(["AI"] * 9), "too-broad"),
        (asked((), (), [Key("sha256", f"{number:064x}") for number in range(31)]), "over-budget"),
        (asked((), (), [SHA]), None),
        (asked([TITLES[1]]), None),
        (asked((), [("ChatGPT", "4.1"), ("OpenAI", None), ("Bing", None)]), None),
    ],
)
def test_what_is_too_vague_or_a_probe_is_refused(about: Asked, reason: str | None) -> None:
    """An ask that much would fit, or that tries out a list, is refused; a specific one is not."""
    verdict = judge(Policy(grants=(grant(),)), about, circle=CIRCLE, bucket=None, now_ms=0)
    assert verdict.reason == reason
    assert verdict.outcome == ("allowed" if reason is None else "refused")


@given(asks)
def test_what_it_costs_and_how_close_it_is_grows_with_the_ask(about: Asked) -> None:
    """Nothing costs less than one question, and a further hash makes an ask dearer and closer."""
    more = replace(about, keys=(*about.keys, Key("sha256", "0" * 64)))
    assert cost(about) >= 1
    assert cost(more) > cost(about) or not (about.texts or about.keys)
    assert specificity(more) == specificity(about) + 8


def test_common_words_in_any_number_are_not_specific() -> None:
    """A long text of words that every second report has stays vague."""
    assert specificity(asked(["the AI system of a company generated a fake video " * 20])) < 6


def test_one_circle_has_one_grant() -> None:
    """Two grants for one circle would make it unclear what was allowed."""
    with pytest.raises(ValueError, match="one grant"):
        Policy(grants=(grant(), grant(classes=("other",))))


def test_a_case_is_asked_about_by_all_its_reports() -> None:
    """The ask's own text, and what every report of its case says, are looked for, each once."""
    about = asked_of(
        ask("Robot knocks over toddler"), said_by([report("Robot guard"), report("Robot guard")])
    )
    assert about.texts == ("Robot knocks over toddler", "Robot guard")
    assert about.keys == (Key("url", "https://news.example/1"),)


def test_of_a_case_so_much_is_read_as_is_looked_for() -> None:
    """However many reports a member writes, and however alike, few are read; that it was cut is said."""
    tracked = (
        Source(kind="website", locator=f"https://n.example/?utm_x={n}", obtained="other") for n in count()
    )
    reports = (report("the same", sources=tuple(islice(tracked, 32))) for _ in range(10_000))
    said = said_by(reports)
    assert (said.texts, len(said.keys), said.cut) == (("the same",), 1, True)
    assert sum(1 for _ in reports) > 10_000 - MAX_READ // 32 - 2
    assert asked_of(ask(), said).cut


@given(st.lists(st.sampled_from("abcdefghijkl"), max_size=14), st.sampled_from("abz"))
def test_what_is_read_once_for_all_asks_is_what_each_would_read(words: list[str], word: str) -> None:
    """The ask's own text, then what the reports say, cut where it is too much."""
    about = asked_of(ask(word), said_by([report(one) for one in words]))
    whole = list(dict.fromkeys([word, *words]))
    assert (about.texts, about.cut) == (tuple(whole[:8]), len(whole) > 8)
