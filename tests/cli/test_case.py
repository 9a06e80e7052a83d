"""What an officer types about cases, at two running desks."""

import json
import re
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from tests.cli.desks import Desk, done, flat, tocsin
from tests.cli.reference import PATH

from tocsin.core.records import (
    Answer,
    Ask,
    Closing,
    Correction,
    GroundTruth,
    Hypothesis,
    Link,
    OperatorPosition,
    Reading,
    Record,
    Report,
)
from tocsin.node.api.types import ShownRecord

pytestmark = pytest.mark.process

_SOURCE = "website https://news.example/1 published 2026-11-22T09:30Z"
_STUCK_S = "30"
WRITING = (
    *("report", "ask", "ack", "answer", "correct", "position", "withdraw", "close"),
    *("hypothesis", "reading", "truth"),
)


def said(desk: Desk, *arguments: str) -> str:
    """The name of what a command wrote, which the other desk has confirmed."""
    told = json.loads(desk.done("case", *arguments, "--wait", _STUCK_S, "--json"))
    assert len(told["confirmed_by"]) == 1
    name: str = told["record"]
    return name


def read(desk: Desk, name: str) -> Record:
    """The record of that name, as a desk reads it."""
    member, _, number = name.split(".")
    lines = desk.done("records", "--json", "--member", member, "--from", number, "--limit", "1").splitlines()
    record = msgspec.json.decode(lines[0], type=ShownRecord).record
    assert record is not None
    return record


def refused(desk: Desk, *arguments: str) -> str:
    """The code with which a command is refused."""
    result = desk.tocsin("case", *arguments, "--json")
    assert result.exit_code == 1, result.output
    code: str = json.loads(result.stderr)["error"]
    return code


def until(words: str, desk: Desk, *arguments: str) -> str:
    """What a command writes once these words are in it: some things are worked out in the background."""
    told = ""
    for _ in range(400):
        if words in (told := desk.done(*arguments)):
            return told
    raise AssertionError(f"{words!r} is not in {told!r}")


@pytest.fixture
def case(line: tuple[Desk, Desk]) -> str:
    """A case that apricot has opened."""
    return said(line[0], "report", "A picture of an explosion circulates.", "--source", _SOURCE)


def test_a_report_arrives_as_it_was_typed(line: tuple[Desk, Desk]) -> None:
    """With all that can be said without a word of free text, sets in their order."""
    apricot, birch = line
    name = said(
        apricot,
        "report",
        *("--source", _SOURCE, "--source", "sensor crawler 7 automatic sha256:" + "ab" * 32),
        *("--event", "near-miss", "--severity", "serious-hazard", "--relation", "intentional-misuse"),
        *("--harm", "rights", "--harm", "economic", "--task", "content-generation"),
        *("--economy", "TW", "--economy", "KR", "--fingerprint", "domain news.example"),
        *("--system", "Harbour Pilot; version 4.1; certificate 44-100 by TÜV Nord"),
        *("--operator", "deployer Harbour Authority", "--moment", "occurred 2026-11-22T09"),
        *("--moment", "aware 2026-11-22T10:03:05+09:00 author"),
    )
    report = read(birch, name)
    assert isinstance(report, Report)
    assert (report.harms, report.economies, report.severity) == (
        ("economic", "rights"),
        ("KR", "TW"),
        "serious-hazard",
    )
    assert [source.locator for source in report.sources] == ["https://news.example/1", "crawler 7"]
    assert [source.obtained for source in report.sources] == ["published", "automatic"]
    assert [(one.clock, one.precision) for one in report.moments or ()] == [
        ("aware", "second"),
        ("occurred", "hour"),
    ]
    assert (report.summary, report.lang, report.case) == (None, None, None)


def test_asking_and_answering(line: tuple[Desk, Desk], case: str) -> None:
    """The other desk answers what it was asked, by the name of the ask; a case is never typed twice."""
    apricot, birch = line
    asked = said(
        apricot, "ask", case, "--question", "times", "--question", "seen", "--to", "birch", "--by", "2h"
    )
    known = said(birch, "ack", case, asked)
    answered = said(birch, "answer", asked, "seen", "--source", f"record {case}", "--count", "2-10")
    ask, answer = read(birch, asked), read(apricot, answered)
    assert isinstance(ask, Ask)
    assert isinstance(answer, Answer)
    assert (ask.questions, ask.to, str(ask.case)) == (("seen", "times"), ("birch",), case)
    assert ask.wanted_by_ms is not None
    assert ask.wanted_by_ms - ask.at_ms == pytest.approx(2 * 3_600_000, abs=60_000)
    assert (str(answer.ask), str(answer.case), str(answer.sources[0].record if answer.sources else "")) == (
        asked,
        case,
        case,
    )
    assert known.startswith("birch.1.")


def test_the_course_of_a_case(line: tuple[Desk, Desk], case: str) -> None:
    """Linked, corrected, commented on by its operator, closed and taken back."""
    apricot, birch = line
    other = said(birch, "report", "The same picture.", "--source", _SOURCE, "--lang", "en")
    link = read(apricot, said(birch, "link", case, "same-case", other))
    assert isinstance(link, Link)
    assert (str(link.other), link.link) == (other, "same-case")
    correction = read(
        birch, said(apricot, "correct", case, "It is false.", "--severity", "hazard", "--clear", "event")
    )
    assert isinstance(correction, Correction)
    assert (str(correction.of), correction.summary, correction.cleared) == (case, "It is false.", ("event",))
    position = read(birch, said(apricot, "position", case, "Acme", "disputes", "--role", "provider"))
    assert isinstance(position, OperatorPosition)
    closed = said(apricot, "close", case, "false-alarm", "--text", "거짓이다.", "--lang", "ko")
    closing = read(birch, closed)
    assert isinstance(closing, Closing)
    assert (closing.outcome, closing.text, closing.lang) == ("false-alarm", "거짓이다.", "ko")
    said(apricot, "withdraw", closed, "--reason", "mistaken")


def test_what_it_was(line: tuple[Desk, Desk], case: str) -> None:
    """A hypothesis of one desk is held to be likely by the other, which says in the end what it was."""
    apricot, birch = line
    named = said(birch, "hypothesis", case, "attack", "훔친 열쇠였다.", "--lang", "ko")
    hypothesis = read(apricot, named)
    assert isinstance(hypothesis, Hypothesis)
    assert (hypothesis.under, hypothesis.text, hypothesis.lang) == ("attack", "훔친 열쇠였다.", "ko")
    likely = ("undetermined=10%", f"{named}=62.5", "accident=27.5")
    rests = ("--confidence", "moderate", "--source", f"record {case}", "--source", _SOURCE)
    read_so = said(apricot, "reading", case, *likely, *rests, "--who", "Thieves=30", "--who", "A clerk=5.5")
    reading = read(birch, read_so)
    assert isinstance(reading, Reading)
    assert [(one.what, one.permille) for one in reading.probabilities] == [
        ("accident", 275),
        ("undetermined", 100),
        (None, 625),
    ]
    assert str(reading.probabilities[2].hypothesis) == named
    assert reading.confidence == "moderate"
    assert [str(one.record or one.locator) for one in reading.sources or ()] == [
        case,
        "https://news.example/1",
    ]
    assert [(one.name, one.permille) for one in reading.who or ()] == [("A clerk", 55), ("Thieves", 300)]
    said(apricot, "close", case, "incident")
    truth = read(birch, said(apricot, "truth", case, "attack", "--hypothesis", named, "--source", _SOURCE))
    assert isinstance(truth, GroundTruth)
    assert (truth.what, str(truth.hypothesis)) == ("attack", named)


def next_of(desk: Desk, *arguments: str) -> str:
    """What a command tells a person to type next, or nothing."""
    return flat(desk.done("case", *arguments, "--wait", "0").partition("Next:")[2]).partition(": ")[2]


def test_each_step_of_what_it_was_leads_to_the_next(line: tuple[Desk, Desk], case: str) -> None:
    """From a hypothesis to scores, and no likelihood is proposed: it would be taken for an answer."""
    apricot, birch = line
    likely = next_of(birch, "hypothesis", case, "attack", "A stolen key.")
    named = likely.split()[4].partition("=")[0]
    assert isinstance(read(birch, named), Hypothesis)
    assert likely == (
        f'tocsin case reading {case} {named}=PERCENT undetermined=REST --confidence CONFIDENCE --source "…"'
    )
    assert next_of(apricot, "reading", case, "attack=100", "--confidence", "low", "--source", _SOURCE) == (
        f"tocsin readings show {case}"
    )
    assert next_of(apricot, "close", case, "incident") == f"tocsin case truth {case} WHAT"
    assert next_of(apricot, "truth", case, "attack") == "tocsin readings scores"
    assert "tocsin" not in next_of(birch, "close", case, "incident")
    assert next_of(birch, "truth", case, "attack") == ""


def test_who_holds_everything_open_needs_no_ground(line: tuple[Desk, Desk], case: str) -> None:
    """Whoever says anything else does."""
    reading = read(line[1], said(line[0], "reading", case, "undetermined=100", "--confidence", "low"))
    assert isinstance(reading, Reading)
    assert reading.sources is None
    assert refused(line[0], "reading", case, "attack=100", "--confidence", "high") == "no-source"


@pytest.mark.parametrize(
    ("likely", "found", "step"),
    [
        (("attack=70", "accident=20"), "found 90.", "what is open is undetermined, here 10 more of it."),
        (("attack=70.5", "accident=30"), "found 100.5.", "take 0.5 away from them."),
        (("undetermined=100", "--who", "A=60", "--who", "B=60"), "found 120.", "what nobody can say"),
    ],
)
def test_a_reading_that_does_not_make_100_says_what_it_makes(
    line: tuple[Desk, Desk], likely: tuple[str, ...], found: str, step: str
) -> None:
    """And what to do; nothing is written."""
    result = line[0].tocsin("case", "reading", "apricot.1.1", *likely, "--confidence", "low", "--json")
    error = json.loads(result.stderr)
    assert (result.exit_code, error["error"]) == (1, "not-a-distribution")
    assert error["message"].endswith(found)
    assert error["next"].startswith(step)


def test_what_stands_twice_in_a_reading_is_a_mistake(line: tuple[Desk, Desk]) -> None:
    """Of two numbers for one thing, nobody knows which was meant."""
    typed = ("apricot.1.1", "attack=50", "attack=50", "--confidence", "low")
    result = line[0].tocsin("case", "reading", *typed)
    assert result.exit_code == 2
    assert "attack several times" in result.stderr


REFUSED: dict[str, Callable[[str], tuple[str, ...]]] = {
    "no-source": lambda _: ("report", "A rumour."),
    "unknown-case": lambda _: ("ask", "apricot.1.1"),
    "unknown-record": lambda _: ("ask", "apricot.1.99999"),
    "not-yours": lambda case: ("withdraw", case, "--reason", "mistaken"),
    "which-ask": lambda case: ("answer", case, "not-seen"),
    "nobody-asked": lambda case: ("ask", case, "--to", "apricot", "--to", "dogwood"),
    "no-case": lambda _: ("ack", "apricot.1.1"),
    "malformed-record": lambda case: ("close", case, "no-ai", "--author-kind", "machine"),
    "handling-exceeded": lambda case: ("close", case, "no-ai", "--tlp", "TLP:RED"),
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_would_count_for_nothing_is_refused(line: tuple[Desk, Desk], case: str, code: str) -> None:
    """Each with its code, at the desk that would have written it."""
    assert refused(line[1], *REFUSED[code](case)) == code


def test_who_names_a_record_is_told_its_case(line: tuple[Desk, Desk], case: str) -> None:
    """With the case to name instead; and what is to be typed next is for the circle that was named."""
    apricot, birch = line
    asked = said(apricot, "ask", case)
    result = birch.tocsin("case", "show", asked)
    assert f"found {asked}, a record of {case}. next: name {case}." in flat(result.stderr)
    (circle,) = (one["id"] for one in json.loads(birch.done("status", "--json"))["circles"])
    told = birch.done("case", "show", case, "--circle", circle[:8])
    assert f"tocsin case ack {case} {asked} --circle {circle[:8]}\n" in told
    told = apricot.done("case", "ask", case, "--wait", "0", "--circle", circle[:8])
    assert f"tocsin case show {case} --circle {circle[:8]}\n" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report", "--source", "web https://x.example published"), "Expected a kind of source"),
        (("report", "--source", "website https://x.example"), "way in which it was obtained"),
        (("report", "--source", "website published"), "Expected where it is"),
        (("report", "--source", "record nowhere"), "Expected the name of a record"),
        (("report", "--source", ""), "Expected a kind of source"),
        (("report", "--moment", "occurred yesterday"), "Expected a time"),
        (("report", "--moment", "occurred 2026-02-31"), "Expected a time that there is"),
        (("report", "--system", "X; made by Y"), "Expected a version or a certificate"),
        (("report", "--operator", "owner X"), "Expected a role"),
        (("report", "--fingerprint", "ip 300.1.1.1"), "Expected a fingerprint as ip writes it"),
        (("report", "--translation", "ko X: y"), "Expected a kind of translator"),
        (("report", "--lang", "ko"), "need a text"),
        (("report", "--author", "Duty"), "Expected the role of an officer, found 'Duty'"),
        (("handover", "Night shift"), "Expected the role of an officer"),
        (("match", "--author", "Duty"), "Expected the role of an officer"),
        (("report", " ", "--source", _SOURCE), "Leave it out, or write what happened"),
        (("ask", "birch/12"), "such as birch.1.12"),
        (("ask", "birch.1.12", "--by", "soon"), "how long from now"),
        (("ask", "birch.1.12", "--by", "2020-01-01"), "Expected a time to come"),
        (("answer", "birch.1.12", "not-seen", "--source", _SOURCE), "go with the answer seen alone"),
        (("withdraw", "birch.1.12", "--reason", "legal", "--erase"), "go together"),
    ],
)
def test_a_mistake_in_typing_says_how_it_is_written(
    line: tuple[Desk, Desk], arguments: tuple[str, ...], words: str
) -> None:
    """With exit code 2, as any command has it that was not understood."""
    result = line[0].tocsin("case", *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_a_case_is_shown_with_its_answers(line: tuple[Desk, Desk], case: str) -> None:
    """At both desks the same picture; what the node has received, and who is aware of it, beside it."""
    apricot, birch = line
    asked = said(apricot, "ask", case)
    said(birch, "ack", case)
    answered = said(birch, "answer", asked, "seen", "--source", _SOURCE)
    for desk in line:
        words = desk.done("case", "show", case)
        assert f"Case {case} · open" in words
        assert "1 reply, 1 independent source, on the word of 1 organisation in 1 economy" in words
        assert re.search(rf"birch +seen · [0-9:]+ UTC · {re.escape(answered)}", words)
        assert "an officer is aware: birch (duty-officer, unsigned)" in words
    view, delivery = (
        json.loads(apricot.done("case", "show", case, "--json"))[one] for one in ("case", "delivery")
    )
    assert view["corroboration"]["independent_sources"] == 1
    assert [one["held_by"] for one in delivery["records"]][:2] == [1, 1]


def test_a_desk_is_told_what_to_do_next(line: tuple[Desk, Desk], case: str) -> None:
    """Who has reported can ask; who was asked can answer by the case; who did not open it cannot end it."""
    apricot, birch = line
    told = apricot.done("case", "report", "Smoke.", "--source", _SOURCE, "--wait", "0")
    (opened,) = re.findall(r"tocsin case ask (\S+)", told)
    assert opened in told.splitlines()[0]
    assert refused(birch, "answer", case, "not-seen") == "which-ask"
    asked = said(apricot, "ask", case)
    assert f"tocsin case answer {asked} seen|not-seen|" in birch.done("case", "show", case)
    assert "your answer is awaited" in birch.done("case", "list")
    assert "your answer is awaited" not in apricot.done("case", "list")
    assert refused(apricot, "answer", asked, "not-seen") == "not-asked"
    answer = read(apricot, said(birch, "answer", case, "not-seen"))
    assert isinstance(answer, Answer)
    assert str(answer.ask) == asked
    assert f"tocsin case answer {asked}" not in birch.done("case", "show", case)
    told = birch.done("case", "close", case, "no-ai", "--wait", _STUCK_S)
    assert f"case {case} closed" not in told
    assert "only when apricot closes it, it is closed" in flat(told)
    until("apricot opened it and decides", apricot, "case", "show", case)


def test_a_handover_that_nobody_signed_is_not_said_to_be_done(line: tuple[Desk, Desk], case: str) -> None:
    """It is written, and never complete."""
    told = line[0].done("case", "handover", "night", "--case", case, "--wait", "0")
    assert "a handover of 1 open case to night, unsigned: so it is never complete" in flat(told)
    assert "takeover" not in told


def test_records_have_their_names_in_json_too(line: tuple[Desk, Desk], case: str) -> None:
    """In each reference, beside log, index and entry, as commands take them."""
    told = json.loads(line[0].done("case", "show", case, "--json"))
    assert told["case"]["case"]["name"] == case
    assert told["case"]["timeline"][0]["ref"]["name"] == case
    assert told["delivery"]["records"][0]["ref"]["name"] == case
    listed = json.loads(line[0].done("case", "list", "--json"))["cases"]
    assert case in [one["ref"]["name"] for one in listed]


def test_open_cases_are_listed_the_gravest_first(line: tuple[Desk, Desk]) -> None:
    """What was closed is not among them, unless it is asked for."""
    apricot, birch = line
    grave = said(birch, "report", "Grave.", "--source", _SOURCE, "--severity", "disaster")
    slight = said(birch, "report", "Slight.", "--source", _SOURCE, "--severity", "hazard")
    over = said(birch, "report", "Over.", "--source", _SOURCE, "--severity", "disaster")
    said(birch, "close", over, "false-alarm")

    def listed(*arguments: str) -> list[str]:
        cases = json.loads(apricot.done("case", "list", "--json", *arguments))["cases"]
        return [".".join((*one["ref"]["log"].split("/")[2:], str(one["ref"]["index"]))) for one in cases]

    assert listed()[0] == grave
    assert listed().index(grave) < listed().index(slight)
    assert over not in listed()
    assert over in listed("--state", "closed")
    assert "Grave." in apricot.done("case", "list")


def test_a_closed_case_into_which_something_came_is_listed(line: tuple[Desk, Desk]) -> None:
    """With how much; until who closed it closes it again, and has that by then."""
    apricot, birch = line
    case = said(birch, "report", "Over.", "--source", _SOURCE, "--severity", "disaster")
    said(birch, "ask", case)
    said(birch, "close", case, "false-alarm")
    late = said(apricot, "report", "--case", case, "--source", _SOURCE)
    for desk in line:
        words = flat(until("; 1 since", desk, "case", "list"))
        entry = words.partition(f"{case} · closed: false alarm; 1 since")[2].partition("│")[0]
        assert "1 open question" in entry
        assert "your answer is awaited" not in entry
    (listed,) = (
        one for one in json.loads(birch.done("case", "list", "--json"))["cases"] if one["ref"]["name"] == case
    )
    assert (listed["state"], listed["since_closing"]) == ("closed", 1)
    assert case not in birch.done("case", "list", "--state", "open")
    assert f"came in since birch closed it: {late}" in birch.done("case", "show", case)
    assert f"tocsin case ack {late}" in birch.done("case", "show", case)
    said(birch, "close", case, "false-alarm")
    assert case not in birch.done("case", "list")


def test_what_was_said_is_found_by_its_words(line: tuple[Desk, Desk], case: str) -> None:
    """Of a member, of a kind, of a case; and that there is nothing is said."""
    apricot, birch = line
    said(birch, "close", case, "no-ai", "--text", "Nothing but a kettle.")
    until("Nothing but a kettle.", apricot, "case", "search", "kettle", "--case", case)
    assert "kettle" in apricot.done("case", "search", '"but a kettle"', "--kind", "closing", "--since", "1h")
    assert "Nothing was found." in apricot.done("case", "search", "kettle", "--member", "apricot")
    corrected = said(apricot, "correct", case, "It is false.")
    found = until("It is false.", birch, "case", "search", "explosion", "--case", case)
    assert f"{case} · report by" in found
    assert f"corrected by {corrected}\n          it says now:\n          │ It is false.\n" in found


def test_a_brief_and_an_archive_are_handed_on(line: tuple[Desk, Desk], case: str, tmp_path: Path) -> None:
    """A page in the language of whoever decides; and one file that verifies with the circle's id alone."""
    apricot, _ = line
    assert f"사건 {case}" in apricot.done("case", "brief", case, "--lang", "ko")
    apricot.done("case", "brief", case, "--lang", "en", "--output", tmp_path / "brief.md")
    assert case in (tmp_path / "brief.md").read_text(encoding="utf-8")
    apricot.done("case", "evidence", case, "--lang", "en", "--output", tmp_path / "case.zip")
    assert stat.S_IMODE((tmp_path / "case.zip").stat().st_mode) == 0o600
    (circle,) = json.loads(apricot.done("status", "--json"))["circles"]
    assert "VERIFIED" in done("verify", tmp_path / "case.zip", "--circle", circle["id"])
    assert (
        case
        in json.loads(done("verify", tmp_path / "case.zip", "--circle", circle["id"], "--json"))["proven"]
    )
    assert tocsin("verify", tmp_path / "case.zip", "--circle", "0" * 64).exit_code == 1


def test_attachments_are_fetched_by_the_other_desk(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Under a name that does no harm, byte for byte; of what is illegal nothing but the hash travels."""
    apricot, birch = line
    (tmp_path / "picture.png").write_bytes(b"\x89PNG not a picture")
    (tmp_path / "awful.bin").write_bytes(b"awful")
    name = said(apricot, "report", "--source", _SOURCE, "--attach", str(tmp_path / "picture.png"))
    corrected = said(apricot, "attach", name, str(tmp_path / "awful.bin"), "--illegal")
    (tmp_path / "later.png").write_bytes(b"\x89PNG later")
    more = said(apricot, "report", "--source", _SOURCE)
    said(apricot, "attach", more, str(tmp_path / "later.png"))
    birch.done("case", "fetch", more, "--output", tmp_path / "later")
    assert [one.read_bytes() for one in (tmp_path / "later").iterdir()] == [b"\x89PNG later"]
    birch.done("case", "fetch", name, "--output", tmp_path / "fetched")
    (path,) = (tmp_path / "fetched").iterdir()
    assert path.name.endswith("-picture.png")
    assert path.read_bytes() == b"\x89PNG not a picture"
    result = birch.tocsin("case", "fetch", corrected, "--output", tmp_path / "more")
    assert "to have it may be an offence" in result.stderr
    assert [one.name for one in (tmp_path / "more").iterdir()] == [path.name]
    correction = read(birch, corrected)
    assert isinstance(correction, Correction)
    assert [one.illegal for one in sorted(correction.attachments or (), key=lambda one: one.illegal)] == [
        False,
        True,
    ]


def test_a_case_leaves_and_comes_back_as_a_file(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """In others' formats; what has no place is listed, and a file that is none is refused."""
    apricot, birch = line
    case = said(apricot, "report", "A false picture.", "--source", _SOURCE, "--tlp", "TLP:GREEN")
    for form in ("misp", "stix"):
        path = tmp_path / f"{form}.json"
        apricot.done("case", "export", case, "--format", form, "--up-to", "TLP:GREEN", "--output", path)
        dry = birch.done("case", "import", path, "--format", form, "--tlp", "TLP:GREEN", "--dry-run")
        assert "nothing written" in dry
        told = json.loads(
            birch.done("case", "import", path, "--format", form, "--tlp", "TLP:GREEN", "--json")
        )
        assert told["cases"][0]["case"].startswith("birch.1.")
    assert "|" in apricot.done(
        "case", "export", case, "--format", "oecd-table", "--up-to", "TLP:GREEN", "-o", "-"
    )
    nothing = apricot.tocsin("case", "export", case, "--format", "oecd", "--up-to", "TLP:CLEAR")
    assert (nothing.exit_code, "(nothing-leaves)" in nothing.stderr) == (1, True)
    (tmp_path / "none").write_text("{")
    assert refused(birch, "import", str(tmp_path / "none"), "--format", "misp") == "malformed-file"


def test_what_fits_an_ask_is_proposed_with_a_ready_answer(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """To the desk that observed it alone; the command that is shown answers, as it stands."""
    apricot, birch = line
    table = tmp_path / "seen.csv"
    table.write_text(
        "id,at,source,obtained,domain,text\n"
        "1,2026-11-22T09:00:00Z,https://watch.example/7,first-hand,fake-harbour.example,False picture\n"
    )
    assert "Kept:" in birch.done("case", "observe", table)
    case = said(apricot, "report", "--source", _SOURCE, "--fingerprint", "domain fake-harbour.example")
    asked = said(apricot, "ask", case)
    proposed = until(asked, birch, "case", "match")
    (ready,) = (one for one in proposed.splitlines() if f"case answer {asked}" in one)
    assert f"{ready} --author night" in birch.done("case", "match", "--author", "night")
    answer = read(apricot, said(birch, *shlex.split(ready)[4:]))
    assert isinstance(answer, Answer)
    assert [one.locator for one in answer.sources or ()] == ["https://watch.example/7"]
    assert "https://watch.example/7" in birch.done("case", "match", "--text", "false picture")
    assert asked not in apricot.done("case", "match")
    table.write_text("id,at\n1,yesterday\n")
    assert refused(birch, "observe", str(table)) == "malformed-observation"


@pytest.mark.slow
def test_a_shift_is_handed_over_by_two_signatures(three_desks: list[Desk], tmp_path: Path) -> None:
    """Each officer signs with a key that the node's card names; others see who did."""
    desk = three_desks[0]
    with desk.running():
        (circle,) = json.loads(desk.done("status", "--json"))["circles"]
        vkeys = []
        for role in ("day", "night"):
            told = desk.done("case", "key", role, "--output", tmp_path / f"{role}.key")
            assert stat.S_IMODE((tmp_path / f"{role}.key").stat().st_mode) == 0o600
            (vkey,) = (line.strip() for line in told.splitlines() if f"{circle['log']}/{role}+" in line)
            vkeys.append(vkey)
    config = desk.config.read_text(encoding="utf-8")
    desk.config.write_text(
        config.replace("[desk]", f"[desk]\nofficers = [{', '.join(vkeys)}]"), encoding="utf-8"
    )
    with desk.running():
        options = ("--wait", "0", "--json")
        case = json.loads(desk.done("case", "report", "--source", _SOURCE, *options))["record"]
        signed = ("--sign-with", tmp_path / "day.key")
        over = json.loads(desk.done("case", "handover", "night", *signed, *options))
        assert over["cases"] == [case]
        over = over["record"]
        again = desk.tocsin("case", "key", "day", "--output", tmp_path / "day.key")
        assert (again.exit_code, "(key-exists)" in again.stderr) == (1, True)
        wrong = desk.tocsin("case", "takeover", over, *signed, *options)
        assert (wrong.exit_code, json.loads(wrong.stderr)["error"]) == (1, "not-yours")
        assert json.loads(wrong.stderr)["next"] == "let night take it over, with a key of their own."
        lost = desk.tocsin("case", "takeover", over, "--sign-with", tmp_path / "nigth.key")
        assert "next: name the file of yours; `tocsin case key` makes one." in flat(lost.stderr)
        signed = ("--sign-with", tmp_path / "night.key")
        taken = json.loads(desk.done("case", "takeover", over, *signed, *options))["record"]
        for name, role in ((over, "day"), (taken, "night")):
            number = name.rpartition(".")[2]
            shown = desk.done("records", "--member", desk.slug, "--from", number, "--limit", "1", "--json")
            assert msgspec.json.decode(shown, type=ShownRecord).officer == role


@pytest.mark.slow
def test_the_documented_commands_do_what_they_say(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Those of docs/cli.md, word for word, with the numbers that the records have here."""
    desks = {desk.slug: desk for desk in line}
    fence = PATH.read_text(encoding="utf-8").partition("## Cases")[2].split("```\n")[1].replace("\\\n", " ")
    names: dict[str, str] = {}
    told = ""
    for typed in filter(None, fence.splitlines()):
        *words, _, config = shlex.split(typed)[1:]
        for documented, name in names.items():
            words = [re.sub(rf"\b{re.escape(documented)}\b", name, word) for word in words]
        words = [str(tmp_path / word) if word.startswith("case.") else word for word in words]
        desk = desks[config.partition("/")[0]]
        # Whoever types the next command does so once the other desk has this.
        wait = ("--wait", _STUCK_S) if words[1] in WRITING else ()
        told += (wrote := desk.done(*words, *wait))
        for name in re.findall(rf"Durable here as ({desk.slug}\S+),", wrote):
            number = 4 + sum(one.startswith(desk.slug) for one in names)
            names[f"{desk.slug}.1.{number}"] = name
    assert "2 independent sources" in told
    assert "VERIFIED" in done("verify", tmp_path / "case.zip", "--circle", _circle(line[0]))
    closed = line[1].done("case", "show", names["apricot.1.4"])
    assert "closed: false alarm" in closed
    assert "withdrawn by" in closed


def _circle(desk: Desk) -> str:
    (circle,) = json.loads(desk.done("status", "--json"))["circles"]
    return str(circle["id"])
