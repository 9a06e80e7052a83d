"""A real node of an earlier version and nodes of this one, in one circle."""

import json
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest
from tests.conform.test_conform import trial
from tests.process.members import RUN, Members
from tests.process.processes import ROOT, until
from tests.upgrades.conftest import Program
from tests.upgrades.older import VERSIONS

import tocsin
from tocsin.core.errors import TocsinError
from tocsin.core.phone import Sets
from tocsin.node.folder import Folder

pytestmark = [pytest.mark.process, pytest.mark.slow]

EARLIER = [version for version in VERSIONS if version != tocsin.__version__]
each_earlier = pytest.mark.parametrize("release", EARLIER, indirect=True)
neighbours = pytest.mark.parametrize("release", EARLIER[-2:], indirect=True)
"""The last two: all releases exchange logs and cases with this one, and these are tried with all the rest."""


def state(members: Members, slug: str) -> dict[str, Any]:
    """The circle as a node of any version sees it."""
    (circle,) = json.loads(members.client(slug)._exchange("GET", "/v1/status"))["circles"]
    found: dict[str, Any] = circle
    return found


def confirmed(members: Members, slug: str) -> Iterator[bool]:
    """Whether each of the others that run has confirmed all that is in this log."""
    own = state(members, slug)
    for other in own["members"]:
        if other["slug"] in members.running:
            yield (other["confirmed"] or {"size": 0})["size"] >= own["size"]


def say(members: Members, *slugs: str) -> None:
    """Each writes a note, and all that run confirm it."""
    for slug in slugs:
        members.write(slug, f"a word from {slug}")
    for slug in slugs:
        until(lambda slug=slug: all(confirmed(members, slug)))  # type: ignore[misc]


def held(members: Members, slug: str, of: str) -> int:
    """How much of another's log a node holds."""
    (size,) = (other["held"] for other in state(members, slug)["members"] if other["slug"] == of)
    return int(size)


def check(members: Members, *slugs: str) -> None:
    """Each of these keeps each of their logs, whole and the same."""
    for author in slugs:
        kept = [members.kept(slug, of=author) for slug in slugs]
        for one in kept:
            one.check()
            assert (one.entries, one.records) == (kept[0].entries, kept[0].records)


@each_earlier
def test_in_both_directions(members: Members, release: Program) -> None:
    """Each confirms what the other writes, also what was written while it was away."""
    members.start("east", release)
    members.start("north")
    say(members, "east", "north", "east", "north")
    for away, writer, program in (("east", "north", release), ("north", "east", RUN)):
        members.end(away, SIGKILL)
        for number in range(40):
            members.write(writer, f"no. {number} to who is away")
        members.start(away, program)
        say(members, writer, away)

    check(members, "east", "north")
    assert not [line for process in members.started for line in process.told if '"error"' in line]


@pytest.mark.parametrize("older", ["north", "south"])
@neighbours
def test_filled_by_a_third(members: Members, release: Program, older: str) -> None:
    """What a member missed, it gets from another than its author, of whichever version each is."""
    program = {slug: release if slug == older else RUN for slug in ("east", "north", "south")}
    for slug in ("east", "north"):
        members.start(slug, program[slug])
    say(members, "east", "north")
    members.end("east", SIGTERM)
    members.start("south", program["south"])
    until(lambda: held(members, "south", "east") == held(members, "north", "east"))
    members.start("east", program["east"])
    say(members, "east", "north", "south")

    check(members, "east", "north", "south")


@each_earlier
def test_upgraded_in_place(members: Members, release: Program) -> None:
    """This version, started on the folder of an earlier one, goes on in its log."""
    for slug in ("east", "north"):
        members.start(slug, release)
    say(members, "east", "north")
    members.end("east", SIGTERM)
    members.start("east")
    say(members, "east", "north")
    assert not state(members, "east")["halted"]
    members.end("north", SIGTERM)
    members.start("north")
    say(members, "north", "east")

    check(members, "east", "north")
    folder = Folder.of(members.config("east")).database.parent
    assert not list(folder.glob("*.before-*"))


def speak(members: Members, slug: str, **said: object) -> str:
    """A node of any version writes this, and all that run confirm it; where it stands, as people write it."""
    body = json.dumps({"author": "duty", "author_kind": "officer"} | said).encode()
    answer = members.client(slug)._exchange("POST", f"/v1/circles/{members.id}/records", body)
    until(lambda: all(confirmed(members, slug)))
    return f"{slug}.1.{json.loads(answer)['index']}"


def shown(members: Members, slug: str, of: str) -> list[dict[str, Any]]:
    """What a node of any version shows of another's log."""
    (log,) = (other["log"] for other in state(members, slug)["members"] if other["slug"] == of)
    path = f"/v1/circles/{members.id}/records?log={log}"
    found: list[dict[str, Any]] = json.loads(members.client(slug)._exchange("GET", path))["records"]
    return found


def is_before(request: pytest.FixtureRequest, version: str) -> bool:
    """Whether the release that runs beside this version came before another."""
    released, other = (one.split(".") for one in (request.node.callspec.params["release"], version))
    return [int(number) for number in released] < [int(number) for number in other]


@each_earlier
def test_cases(members: Members, release: Program, request: pytest.FixtureRequest) -> None:
    """An earlier version opens a case by what it reports; what is asked about it, it keeps for others.

    One from before cases does so by a report of its form, and shows neither what is asked nor what is added.
    """
    knows_cases = not is_before(request, "0.3.0")
    members.start("east", release)
    members.start("north")
    say(members, "east", "north")
    source = {"kind": "post", "locator": "https://social.example/1", "obtained": "published"}
    first = source if knows_cases else {key: value for key, value in source.items() if key != "obtained"}
    case = speak(members, "east", kind="report", summary="A picture.", lang="en", sources=[first])
    speak(members, "north", kind="ask", case=case, questions=["seen"])
    speak(members, "north", kind="report", case=case, sources=[source])
    say(members, "east", "north")

    assert shown(members, "north", of="east")[int(case.rpartition(".")[2])]["record"]["kind"] == "report"
    told = [entry for entry in shown(members, "east", of="north") if entry["state"] == "not-understood"]
    assert [entry["code"] for entry in told] == ([] if knows_cases else ["unknown-kind", "unknown-field"])
    check(members, "east", "north")


def knows_check(members: Members, slug: str) -> bool:
    """Whether a node shows a check, once its index is made anew."""
    try:
        return bool(members.client(slug).checks(members.id).checks)
    except TocsinError as error:
        if error.code != "rebuilding":
            raise
        return False


@neighbours
def test_checks(members: Members, release: Program, request: pytest.FixtureRequest) -> None:
    """An earlier version keeps a check that it does not understand, and answers it once it is upgraded."""
    members.start("east", release)
    members.start("north")
    say(members, "east", "north")
    asked = speak(members, "north", kind="check", within_minutes=15)
    told = [entry for entry in shown(members, "east", of="north") if entry["state"] == "not-understood"]
    assert [entry["code"] for entry in told] == (["unknown-kind"] if is_before(request, "0.4.0") else [])

    members.end("east", SIGTERM)
    members.start("east")
    until(lambda: knows_check(members, "east"))
    answer = speak(members, "east", kind="check-answer", check=asked)
    # Its card is written once more after the upgrade, before the answer or behind it.
    answered = shown(members, "north", of="east")[int(answer.rpartition(".")[2])]
    assert answered["record"]["kind"] == "check-answer"
    assert answered["record"]["check"]["index"] == int(asked.rpartition(".")[2])
    check(members, "east", "north")


def readings(members: Members, slug: str, case: str) -> dict[str, Any] | None:
    """What a node makes of the readings of a case, once its index is made anew."""
    try:
        path = f"/v1/circles/{members.id}/cases/{case}/readings"
        found: dict[str, Any] = json.loads(members.client(slug)._exchange("GET", path))["common"]
    except TocsinError as error:
        if error.code not in {"rebuilding", "unknown-case"}:
            raise
        return None
    return found


@neighbours
def test_readings(members: Members, release: Program, request: pytest.FixtureRequest) -> None:
    """An earlier version keeps a reading that it does not understand; upgraded, it makes the same of it."""
    members.start("east", release)
    members.start("north")
    say(members, "east", "north")
    source = {"kind": "sensor", "locator": "camera-7", "obtained": "automatic"}
    case = speak(members, "north", kind="report", summary="Smoke.", lang="en", sources=[source])
    likely = [{"permille": 900, "what": "attack"}, {"permille": 100, "what": "undetermined"}]
    judged = {"case": case, "probabilities": likely, "confidence": "low", "sources": [source]}
    speak(members, "north", kind="reading", **judged)
    told = [entry for entry in shown(members, "east", of="north") if entry["state"] == "not-understood"]
    assert [entry["code"] for entry in told][-1:] == (["unknown-kind"] if is_before(request, "0.5.0") else [])

    members.end("east", SIGTERM)
    members.start("east")
    made = readings(members, "north", case)
    assert made
    assert [one["member"] for one in made["readings"]] == ["north"]
    until(lambda: readings(members, "east", case) == made)
    say(members, "east", "north")
    check(members, "east", "north")


@neighbours
def test_asked_in_vain_once(members: Members, release: Program) -> None:
    """What an earlier version does not know is asked of it once at most, and is no trouble."""
    members.start("east", release)
    members.start("north")
    say(members, "east", "north")

    told = [line for process in members.started for line in process.told if "unknown-path" in line]
    assert len(told) <= 1
    assert state(members, "north")["members"][0]["trouble"] is None


_MENDED = {"What is no request: no old size, no checkpoint, too long"}
"""Where 0.1.0 did not keep to the protocol, and no member ever saw it."""


@neighbours
def test_an_earlier_version_conforms(release: Program, tmp_path: Path) -> None:
    """By what a released version did, this runner is held to the protocol as it was."""
    with trial(tmp_path / "trial", release, attached=False) as subject:
        # Charters over time, limits and erasure came with 0.2.0.
        only = ("8.3", "9.2", "9.3", "9.4", "9.5", "9.6", "10", "11")
        asked = [word for section in only for word in ("--only", section)]
        cases = subject.run(*asked, "--vectors", ROOT / "vectors")

    differs = {case["name"] for case in cases.values() if not case["holds"]} - _MENDED
    # `events` came with 0.2.0, `content` with 0.3.0: who does not know a call answers none of its vectors.
    assert not {name for name in differs if not name.startswith(("events, ", "content, "))}


def cards(members: Members, slug: str, of: str) -> list[dict[str, Any]]:
    """The cards of another's log, as a node of any version shows them."""
    records = [one.get("record") or {} for one in shown(members, slug, of)]
    return [record for record in records if record.get("kind") == "card"]


@neighbours
def test_calls(members: Members, release: Program, request: pytest.FixtureRequest) -> None:
    """To an earlier version a card with a key for calls is what it was; upgraded, it says its own, once."""
    members.start("east", release)
    members.start("north")
    say(members, "east", "north")
    assert cards(members, "east", of="north")[-1]["more"]["phone"]
    before = cards(members, "north", of="east")
    if is_before(request, "0.4.0"):
        with pytest.raises(TocsinError) as refused:
            members.client("north").phone(members.id, "east")
        assert refused.value.code == "no-phone-key"

    for _ in range(2):
        members.end("east", SIGTERM)
        members.start("east")
        say(members, "east", "north")
    assert len(cards(members, "north", of="east")) == len(before) + is_before(request, "0.4.0")
    read = members.client("east").phone(members.id, "north").called.sets
    expected = [minute.sets for minute in members.client("north").phone(members.id, "east").calling]
    assert Sets(ours=read.theirs, theirs=read.ours) in expected
