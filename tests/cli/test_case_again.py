"""Typing a command about cases twice does no harm, and nothing is destroyed unasked; at two running desks."""

import json
import re
from pathlib import Path

import pytest
from tests.cli.desks import Desk, flat, tocsin
from tests.cli.test_case import read, refused, said, until

from tocsin.core.records import Acknowledgement, Answer

pytestmark = pytest.mark.process

_SOURCE = "website https://news.example/1 published 2026-11-22T09:30Z"


@pytest.fixture
def case(line: tuple[Desk, Desk]) -> str:
    """A case that apricot has opened."""
    return said(line[0], "report", "Smoke.", "--source", _SOURCE, "--tlp", "TLP:GREEN")


def acknowledged(desk: Desk, *arguments: str) -> list[str]:
    """What `case ack` has acknowledged; without any, it wrote nothing."""
    told = json.loads(desk.done("case", "ack", *arguments, "--wait", "0", "--json"))
    assert (told["record"] is None) is not bool(told["of"])
    of: list[str] = told["of"]
    return of


def test_what_waits_in_a_case_is_acknowledged_at_once(line: tuple[Desk, Desk], case: str) -> None:
    """Report, asks and what was added, in one record; the second time nothing waits or is written."""
    apricot, birch = line
    asked, added = said(apricot, "ask", case), said(apricot, "report", "--case", case, "--source", _SOURCE)
    told = birch.done("case", "ack", case, "--wait", "0")
    assert f"an acknowledgement of {case}, {asked}, {added}" in flat(told)
    (name,) = re.findall(r"Durable here as (\S+),", told)
    record = read(birch, name)
    assert isinstance(record, Acknowledgement)
    assert [str(one) for one in record.of] == [case, asked, added]
    assert f"Nothing of {case} waits for your acknowledgement." in birch.done("case", "ack", case)
    assert acknowledged(birch, case) == []
    assert acknowledged(apricot, case) == []


def test_whoever_is_aware_of_all_is_shown_it(line: tuple[Desk, Desk], case: str) -> None:
    """What came after an officer last looked is not acknowledged unread; what is named, they have read."""
    apricot, birch = line
    birch.done("case", "show", case)
    late = said(apricot, "report", "Flames by now.", "--case", case, "--source", _SOURCE)
    told = birch.done("case", "ack", case, "--wait", "0")
    assert told.index(late) < told.index("Flames by now.") < told.index("Durable here")
    named = birch.done("case", "ack", late, "--author", "night", "--wait", "0")
    assert "Flames" not in named


def test_an_officer_says_once_of_a_record_to_be_aware(line: tuple[Desk, Desk], case: str) -> None:
    """Of two records, of that which is left; another officer says so for themselves."""
    apricot, birch = line
    asked, more = said(apricot, "ask", case), said(apricot, "report", "--case", case, "--source", _SOURCE)
    assert acknowledged(birch, asked) == [asked]
    assert acknowledged(birch, asked, more) == [more]
    assert acknowledged(birch, asked, more) == []
    assert acknowledged(birch, asked, "--author", "night") == [asked]
    assert acknowledged(birch, asked, "--author", "night") == []


def test_what_an_officer_answered_an_officer_has_read(line: tuple[Desk, Desk], case: str) -> None:
    """And the report that opened the case; what a machine answered still waits, and then for one of us."""
    apricot, birch = line
    asked = said(apricot, "ask", case)
    machine = ("--author-kind", "machine", "--answerable", "night", "--author", "duty-officer")
    said(birch, "answer", asked, "not-seen", *machine)
    assert acknowledged(birch, case) == [case, asked]
    assert acknowledged(birch, case, "--author", "night") == []

    other = said(apricot, "report", "--source", _SOURCE)
    asked = said(apricot, "ask", other)
    said(birch, "answer", asked, "not-seen")
    assert acknowledged(birch, other, asked) == []


def test_a_case_without_its_first_report_is_answered_and_acknowledged(line: tuple[Desk, Desk]) -> None:
    """It was erased; what was asked there still waits, and what takes a case by its name goes on."""
    apricot, birch = line
    case = said(apricot, "report", "A name.", "--source", _SOURCE)
    asked = said(apricot, "ask", case)
    number = case.rpartition(".")[2]
    apricot.done("record", "erase", number, "--reason", "Personal.", "--ordered-by", "Court", "--yes")
    until("was erased", birch, "case", "show", case)
    assert acknowledged(birch, case) == [asked]
    answer = read(birch, said(birch, "answer", case, "not-seen"))
    assert isinstance(answer, Answer)
    assert (str(answer.case), str(answer.ask)) == (case, asked)
    assert refused(birch, "ack", "apricot.1.99999") == "no-case"
    assert refused(birch, "fetch", asked) == "no-attachments"


def test_a_file_is_brought_in_once(line: tuple[Desk, Desk], case: str, tmp_path: Path) -> None:
    """The second time it is said where it is, without a record more; with --again it comes in anew."""
    apricot, birch = line
    path = tmp_path / "case.json"
    apricot.done("case", "export", case, "--format", "misp", "--up-to", "TLP:GREEN", "--output", path)
    bring = ("case", "import", path, "--format", "misp")
    (first,) = json.loads(birch.done(*bring, "--json"))["cases"]
    for more in ((), ("--dry-run",)):
        told = flat(birch.done(*bring, *more))
        assert f"is here already as {first['case']}; nothing was written: Smoke." in told
        assert "add --again" in told
        assert "not in it then" not in told
    path.write_text(path.read_text().replace("Smoke.", "Flames."))
    told = flat(birch.done(*bring))
    assert (
        f"nothing was written: Flames. it says now what was not in it then; compare it with {first['case']}"
        in told
    )
    (known,) = json.loads(birch.done(*bring, "--json"))["cases"]
    assert (known["already"], known["records"]) == (True, first["records"])
    (again,) = json.loads(birch.done(*bring, "--again", "--json"))["cases"]
    assert (again["already"], again["case"] == first["case"]) == (False, False)


@pytest.mark.parametrize(
    "arguments",
    [("brief",), ("evidence",), ("export", "--format", "misp", "--up-to", "TLP:GREEN")],
    ids=lambda arguments: arguments[0],
)
def test_a_file_that_is_there_is_overwritten_by_force_alone(
    line: tuple[Desk, Desk], case: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Without, it stays as it was; with --json, where it is and how large is said."""
    apricot, _ = line
    path = tmp_path / "there"
    path.write_text("mine")
    command, *options = arguments
    typed = (command, case, *options, "--output", str(path))
    assert refused(apricot, *typed) == "file-exists"
    assert path.read_text() == "mine"
    told = json.loads(apricot.done("case", *typed, "--force", "--json"))
    assert (told["case"], told["path"], told["bytes"]) == (case, str(path), path.stat().st_size)


def test_what_is_shown_or_made_is_json_for_a_program(
    line: tuple[Desk, Desk], case: str, tmp_path: Path
) -> None:
    """A brief as it stands, and what of an officer's key is public."""
    apricot, _ = line
    brief = json.loads(apricot.done("case", "brief", case, "--lang", "ko", "--json"))
    assert (brief["case"], brief["lang"]) == (case, "ko")
    assert brief["markdown"].startswith("# ")
    path = tmp_path / "day.key"
    key = json.loads(apricot.done("case", "key", "day", "--output", path, "--json"))
    assert (key["role"], key["path"]) == ("day", str(path))
    assert "/day+" in key["vkey"]
    assert key["vkey"] not in path.read_text()
    mixed = apricot.tocsin(
        "case", "export", case, "--format", "oecd", "--up-to", "TLP:GREEN", "-o", "-", "--json"
    )
    assert mixed.exit_code == 2


def test_observations_are_listed_and_forgotten(line: tuple[Desk, Desk], tmp_path: Path) -> None:
    """By feed, and page by page; what is to be forgotten is shown, and asked about."""
    _, birch = line
    table = tmp_path / "seen.csv"
    ids = ("https://a.example/x?y=1#z", "8 ü", "9")
    rows = "".join(f'"{one}",2026-11-22T09:00:00Z,https://w.example,published,Kettle\n' for one in ids)
    table.write_text(f"id,at,source,obtained,text\n{rows}")
    birch.done("case", "observe", table, "--feed", "kettles")

    def listed(*arguments: str) -> list[str]:
        found = json.loads(birch.done("case", "observed", "--feed", "kettles", "--json", *arguments))
        return [one["id"] for one in found["observations"]]

    assert listed() == sorted(ids)
    assert listed("--after", "8 ü", "--limit", "1") == ["9"]
    kept = json.loads(birch.done("case", "observed", "--feed", "kettles", "--json"))["observations"]
    lines = tmp_path / "seen.jsonl"
    lines.write_text("\n".join(map(json.dumps, kept)))
    assert json.loads(birch.done("case", "observe", lines, "--json")) == {"kept": 3}
    assert json.loads(birch.done("case", "observed", "--feed", "kettles", "--json"))["observations"] == kept
    assert json.loads(birch.done("case", "observed", "--feed", "pans", "--json"))["observations"] == []
    assert "│ Kettle" in birch.done("case", "observed", "--feed", "kettles")
    asked = birch.tocsin("case", "forget", *ids[:2], stdin="n\n")
    assert (asked.exit_code, "This cannot be undone." in asked.stderr) == (1, True)
    assert ids[0] in asked.stderr
    assert len(listed()) == len(ids)
    birch.done("case", "forget", *ids[:2], stdin="y\n")
    assert listed() == ["9"]
    assert refused(birch, "forget", "8 ü", "--yes") == "unknown-observation"
    assert json.loads(birch.done("case", "forget", "9", "--yes", "--json")) == {"forgotten": ["9"]}


def test_a_case_is_listed_in_the_language_of_the_desk(line: tuple[Desk, Desk]) -> None:
    """Where somebody translated it; what is cut ends in a sign, and a long word keeps to the margin."""
    apricot, birch = line
    words = "Rauch " + "x" * 300
    translation = "en officer duty: Smoke over the harbour"
    said(apricot, "report", words, "--lang", "de", "--translation", translation, "--source", _SOURCE)
    case = said(
        apricot, "report", words, "--lang", "de", "--source", f"website https://{'y' * 200}.example published"
    )
    listed = until("│ Rauch", birch, "case", "list", "--limit", "1000")
    assert "in en, translated by duty (officer):\n  │ Smoke over the harbour" in listed
    assert "x…" in listed
    shown, brief = birch.done("case", "show", case), birch.done("case", "brief", case, "--lang", "en")
    lines = [one for one in listed.splitlines() if "│" in one] + shown.splitlines() + brief.splitlines()
    assert max(map(len, lines)) <= 80


def test_where_no_node_runs_that_is_said(founded: Path, tmp_path: Path) -> None:
    """Without a number of the operating system's, and with what to do."""
    told = tocsin("case", "list", "--config", founded / "apricot" / "tocsin.toml")
    assert (told.exit_code, "none runs here" in flat(told.stderr)) == (4, True)
    assert "next: `tocsin run`" in flat(told.stderr)
    missing = tocsin("case", "list", "--config", tmp_path / "none.toml")
    assert (missing.exit_code, "found no such file" in flat(missing.stderr)) == (3, True)
    assert "Errno" not in told.stderr + missing.stderr


@pytest.mark.slow
def test_who_signs_says_so_for_themselves(three_desks: list[Desk], tmp_path: Path) -> None:
    """What the desk said without a signature, an officer says once more with one, and then no more."""
    birch, cedar = three_desks[1:]
    key = tmp_path / "day.key"
    with birch.running():
        vkey = json.loads(birch.done("case", "key", "day", "--output", key, "--json"))["vkey"]
    config = birch.config.read_text(encoding="utf-8")
    birch.config.write_text(config.replace("[desk]", f'[desk]\nofficers = ["{vkey}"]'), encoding="utf-8")
    with birch.running(), cedar.running():
        case = json.loads(cedar.done("case", "report", "--source", _SOURCE, "--wait", "0", "--json"))[
            "record"
        ]
        until(case, birch, "case", "list")
        other = cedar.tocsin("case", "ack", case, "--sign-with", key)
        assert "an officer of cedar, epoch 1, circle" in flat(other.stderr)
        assert "found that of one of birch, epoch 1, circle" in flat(other.stderr)
        other = birch.tocsin("case", "ack", case, "--sign-with", key, "--author", "night")
        assert (other.exit_code, "signs as day: leave --author out" in flat(other.stderr)) == (2, True)
        assert acknowledged(birch, case) == [case]
        assert acknowledged(birch, case) == []
        assert acknowledged(birch, case, "--sign-with", str(key)) == [case]
        assert acknowledged(birch, case, "--sign-with", str(key)) == []
