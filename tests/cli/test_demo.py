import asyncio
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cli.demos import NOTHING, TIMEOUT_S, TOCSIN, Left, Running, Start, answers, start_demo

from tocsin.cli.demo.script.cast import FIVE, Reported
from tocsin.cli.demo.script.day import REPLAY
from tocsin.cli.demo.script.read import LOOKER, PICTURE, TRUTH
from tocsin.cli.demo.watch import DidNotHappen, Watch
from tocsin.cli.terminal import width
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config
from tocsin.node.node import Node
from tocsin.readings.likelihood import LIKELY_PERMILLE

pytestmark = [pytest.mark.slow, pytest.mark.process]

_WITHOUT_MENDING = """
from tocsin.cli.demo import cables, stage, watch
cables.Cables.mend = lambda self, desk: None
watch.Watch.until.__kwdefaults__["within_s"] = stage.Stage.settle.__kwdefaults__["within_s"] = 3.0
"""
_SLUGS = {organisation.slug for organisation in FIVE}

Scenes = Mapping[str, Mapping[str, Any]]


def _scenes(out: str) -> Scenes:
    scenes = [msgspec.json.decode(line, type=dict[str, Any]) for line in out.splitlines()]
    return {scene["scene"]: scene for scene in scenes}


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts a demo; it is ended with the test."""
    running: list[Running] = []

    def start(*arguments: str, before: str = "") -> Running:
        # Not tmp_path, which is so long that no Unix socket fits below it.
        running.append(start_demo(tmp_path_factory.mktemp("demo"), "--fast", *arguments, before=before))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
            one.end()


@pytest.fixture(scope="module")
def performed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenes, Left]:
    """One whole demo, as programs see it, and what it left behind."""
    running = start_demo(tmp_path_factory.mktemp("demo"), "--fast", "--json")
    exit_code, out, err = running.end()
    assert (exit_code, err) == (0, ""), err
    scenes = _scenes(out)
    return scenes, running.left(list(scenes["founding"]["ports"].values()))


@pytest.fixture(scope="module")
def scenes(performed: tuple[Scenes, Left]) -> Scenes:
    """The facts of each scene."""
    return performed[0]


def test_scenes_come_in_order(scenes: Scenes) -> None:
    """Every scene that is promised is shown, and the summary names all of them."""
    order = ["founding", "replay", "asking", "readings", "impostor", "phone", "cable", "carried", "brief"]
    order += ["two-versions", "stolen-key", "burnt-disk", "ground-truth", "leaving", "proof", "archive"]
    order += ["summary"]
    assert list(scenes) == order
    assert scenes["summary"]["scenes"] == order[:-1]


def test_five_organisations_found_one_circle(scenes: Scenes) -> None:
    """Five organisations in five economies, each with a port of its own, all signed one charter."""
    founding = scenes["founding"]
    assert set(founding["economies"].values()) == {"KR", "JP", "SG", "TW", "TJ"}
    assert len(set(founding["labels"].values())) == len(set(founding["ports"].values())) == 5
    assert founding["signatures"] == 5


def test_statements_are_known_and_confirmed_by_all(scenes: Scenes) -> None:
    """Each statement is confirmed by the four others, at each after it was known there."""
    statements = scenes["replay"]["statements"]
    assert len(statements) == len(REPLAY)
    for statement in statements:
        others = _SLUGS - {statement["author"]}
        known, confirmed = statement["known_ms"], statement["confirmed_ms"]
        assert set(known) == set(confirmed) == others
        assert all(0 < known[slug] < confirmed[slug] <= statement["by_all_ms"] for slug in others)
    assert len({statement["by_all_ms"] for statement in statements}) > 1


def test_reports_say_what_is_not_established() -> None:
    """Each report names its sources and what is open; the minute of the denial is, and stands nowhere."""
    reports = [said for said in REPLAY if isinstance(said, Reported)]
    assert all(report.sources and report.not_established for report in reports)
    denial = reports[-1]
    record = denial.record("0" * 64, 0)
    assert record.summary is not None
    assert "NO explosion" in record.summary
    assert "Not established: the minute" in record.summary
    assert [moment.precision for moment in record.moments or ()] == ["day"]


def test_who_repeats_is_counted_once(scenes: Scenes) -> None:
    """Two cite one feed, a third repeats the asker: one source. Who looked anew is the second."""
    asking = scenes["asking"]
    assert len({*asking["answered"], asking["asked_by"]}) == 4
    first, last = asking["counted"]
    assert (first["replies"], first["independent_sources"], first["corroborated"]) == (3, 1, False)
    assert (last["replies"], last["independent_sources"], last["corroborated"]) == (4, 2, True)
    assert not asking["by_a_person"]


def test_a_desk_asks_in_korean_and_is_read_in_russian(scenes: Scenes) -> None:
    """The question of the closed list is in the reader's words; free text has a translation by somebody."""
    asking = scenes["asking"]
    assert (asking["asked_in"], asking["read_in"]) == ("ko", "ru")
    assert "보고 있습니까" in asking["text"]
    assert asking["question"] == "Наблюдаете ли вы то же самое?"
    assert "Видите ли вы" in asking["translation"]
    assert asking["translated_by"]


def test_three_by_one_source_make_nothing_likely(scenes: Scenes) -> None:
    """Three who read one dispatch come to no more than one; with one who looked elsewhere, it is likely."""
    together = scenes["readings"]
    first, last = together["fused"]
    assert (first["readings"], first["sources"]) == (3, 1)
    assert first["independent_milli"] <= 1_000
    assert (first["what"], first["lacks"]) == ("undetermined", ["class"])
    assert first["permille"] == LIKELY_PERMILLE - 1
    assert (last["readings"], last["sources"], last["lacks"]) == (4, 2, [])
    assert last["what"] == last["likeliest"] == TRUTH
    assert last["least_permille"] < LIKELY_PERMILLE <= last["permille"] <= last["most_permille"]


def test_the_next_question_is_to_whoever_saw_something_else(scenes: Scenes) -> None:
    """Of all that was cited in the case, the node finds the one source that tells most, and its witness."""
    together = scenes["readings"]
    assert together["next_to"] == LOOKER.slug
    assert str(PICTURE.locator) in together["next_about"]
    assert 0 < together["gain_millibits"] < together["open_millibits"]
    assert len(set(together["read_in"].values())) == len(together["read_in"]) == 4


def test_readings_are_scored_by_what_it_was_in_the_end(scenes: Scenes) -> None:
    """Whoever opened the case says what it was; a desk knows how good its own reading was, and all."""
    truth = scenes["ground-truth"]
    assert truth["case"] == scenes["readings"]["case"]
    assert truth["case"].startswith(truth["told_by"])
    assert truth["what"] == TRUTH
    knows_nothing = 0.8
    assert 0 < truth["brier_own"] < knows_nothing
    assert 0 < truth["brier_together"] < knows_nothing


def test_a_call_is_verified_and_an_impostor_is_not(scenes: Scenes) -> None:
    """Each desk reads what the other expects; who has but the voice reads something else."""
    call = scenes["phone"]
    assert call["called_reads"] in call["expected_by_caller"]
    assert call["caller_reads"] == call["expected_by_called"] != call["impostor_reads"]
    assert len({call["called_reads"], call["caller_reads"]}) == 2


def test_the_brief_is_one_page_in_russian(scenes: Scenes) -> None:
    """What was written in Korean stands in it, beside its translation."""
    brief = scenes["brief"]
    assert (brief["case"], brief["lang"]) == (scenes["asking"]["case"], "ru")
    assert (brief["has_original"], brief["has_translation"]) == (True, True)
    assert 20 < brief["lines"] < 120


def test_what_is_said_during_the_cut_waits_and_arrives_once(scenes: Scenes) -> None:
    """Nobody beyond the cut confirms before the mending; after it everybody has, and nothing came twice."""
    cable = scenes["cable"]
    for waited in cable["waited"]:
        during, after = set(waited["confirmed_during_cut"]), set(waited["confirmed_after_mending_ms"])
        assert during | after == _SLUGS - {waited["author"]}
        if waited["author"] == cable["cut_off"]:
            assert not during
        else:
            assert after == {cable["cut_off"]}
        assert all(time_ms > 0 for time_ms in waited["confirmed_after_mending_ms"].values())
    assert {waited["author"] for waited in cable["waited"]} > {cable["cut_off"]}
    # Each entry arrives at four desks; with those that waited, contexts may have come.
    assert cable["arrivals"] >= 4 * (scenes["replay"]["entries_at_each"] + len(cable["waited"]))


def test_impostor_is_refused(scenes: Scenes) -> None:
    """A push in another's name is refused with the protocol's reason, and changes nothing."""
    impostor = scenes["impostor"]
    assert impostor["code"] == "bad-request-signature"
    assert impostor["in_the_name_of"] in impostor["explanation"]
    assert impostor["entries_before"] == impostor["entries_after"] > 0


def test_two_versions_are_caught_by_those_who_were_told(scenes: Scenes) -> None:
    """A sixth member shows two roots of one size: both told find out, and all five stop its log alone."""
    two = scenes["two-versions"]
    assert two["members"] == 6
    assert len(set(two["roots"])) == 2
    assert two["caught_by"] == sorted(two["told"])
    assert set(two["stopped_by"]) == _SLUGS
    assert two["refused_then"] == "log-stopped"
    assert two["others_confirmed_by_all_ms"] > 0


def test_a_file_by_hand_replaces_the_network(scenes: Scenes) -> None:
    """With a file there and one back, a cut-off desk has confirmed; mended, the line brings nothing again."""
    carried = scenes["carried"]
    assert set(carried["confirmed_without_network"]) == _SLUGS - {carried["sender"]}
    assert carried["cut_off"] in carried["confirmed_without_network"]
    assert min(carried["there_bytes"], carried["back_bytes"]) > 0
    assert carried["arrivals"] >= scenes["cable"]["arrivals"] + 2 * 4


def test_a_stolen_key_is_replaced(scenes: Scenes) -> None:
    """The thief is believed, until the owner has new keys: then its entry is void, and it is a stranger."""
    stolen = scenes["stolen-key"]
    assert stolen["believed_by"] in stolen["void_at"]
    assert stolen["member"] not in stolen["void_at"]
    assert (stolen["epoch"], stolen["refused_then"]) == (2, "non-member")


def test_a_burnt_disk_comes_back(scenes: Scenes) -> None:
    """All that the desk had written comes back from the others; it goes on in a new epoch."""
    burnt = scenes["burnt-disk"]
    assert burnt["circles"] == 2
    assert burnt["back_entries"] == burnt["lost_entries"] > 0
    assert burnt["epoch"] == 2
    assert len(burnt["said_meanwhile_confirmed_by"]) == 3


def test_a_member_leaves(scenes: Scenes) -> None:
    """What it wrote stays with the four others, and it gets nothing of what they say then."""
    leaving = scenes["leaving"]
    assert set(leaving["stay_with"]) == _SLUGS - {leaving["member"]}
    assert leaving["entries_stay"] > 0
    assert leaving["entries_it_got"] == 0


def test_proof_holds_and_a_letter_changed_does_not(scenes: Scenes) -> None:
    """`tocsin verify` accepts a proof with the circle's id alone, and refuses it with one letter changed."""
    proof = scenes["proof"]
    assert proof["exit_code"] == 0
    assert proof["said"].startswith("VERIFIED")
    assert "4 members in 4 economies" in proof["said"]
    assert proof["changed_from"] != proof["changed_to"]
    assert proof["exit_code_changed"] == 1
    assert "proof-mismatch" in proof["said_changed"]


def test_archive_holds_and_a_letter_changed_does_not(scenes: Scenes) -> None:
    """`tocsin verify` accepts the case with the circle's id alone, and refuses it well forged."""
    archive = scenes["archive"]
    assert (archive["exit_code"], archive["exit_code_changed"]) == (0, 1)
    assert archive["said"].startswith("VERIFIED")
    assert archive["case"] == scenes["asking"]["case"]
    assert f"{archive['changed_in']}: expected the record that was proven" in " ".join(
        archive["said_changed"].split()
    )
    assert archive["changed_from"] != archive["changed_to"]


def test_nothing_is_left_behind(performed: tuple[Scenes, Left]) -> None:
    """After a demo there is no file, no process and no port of it."""
    assert performed[1] == NOTHING


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nothing_is_left_behind_when_stopped(start: Start, number: signal.Signals, exit_code: int) -> None:
    """Stopped in the middle, a demo takes everything with it, too."""
    running = start("--json")
    ports = list(running.line()["ports"].values())
    assert all(answers(port) for port in ports)
    running.process.send_signal(number)
    assert running.end()[0] == exit_code
    assert running.left(ports) == NOTHING


def test_step_that_does_not_happen_ends_the_demo(start: Start) -> None:
    """Where a cable is not mended, the demo says what it waited for, and fails; nothing is left behind."""
    running = start("--json", before=_WITHOUT_MENDING)
    exit_code, out, err = running.end()
    assert exit_code == 5
    assert list(_scenes(out)) == ["founding", "replay", "asking", "readings", "impostor", "phone"]
    assert msgspec.json.decode(err)["error"] == DidNotHappen.code
    assert running.left() == NOTHING


def test_waiting_has_a_bound() -> None:
    """What does not happen within its time is an error that says what was expected."""
    with pytest.raises(DidNotHappen, match="Expected rain within 0 s"):
        asyncio.run(Watch(SystemClock(), str).until("rain", lambda: False, within_s=0))


def test_kept_demo_can_be_run_again(start: Start, tmp_path_factory: pytest.TempPathFactory) -> None:
    """With --keep, five nodes stay that start again, and proof and evidence that can be checked again."""
    kept = tmp_path_factory.mktemp("kept")
    running = start("--json", "--keep", str(kept))
    exit_code, out, err = running.end()
    assert (exit_code, err) == (0, "")
    scenes = _scenes(out)
    circles = {scenes["founding"]["circle"], scenes["two-versions"]["circle"]}
    for slug in _SLUGS:
        assert asyncio.run(_circles_of(kept / slug / "tocsin.toml")) == circles
    founding = kept / "founding" / scenes["two-versions"]["circle"]
    evidence = [str(kept / scenes["two-versions"]["evidence"]), "--circle", founding.name]
    charter = ["--charter", str(founding / "charter.toml"), *map(str, founding.glob("*.join"))]
    proof = [str(kept / "elsewhere" / scenes["proof"]["file"]), "--circle", scenes["founding"]["circle"]]
    archive = [str(kept / "abroad" / scenes["archive"]["file"]), "--circle", scenes["founding"]["circle"]]
    assert _verify(*evidence, *charter) == _verify(*proof) == _verify(*archive) == 0


async def _circles_of(config: Path) -> set[str]:
    async with Node(load_config(config)) as node:
        return set(node.lines)


def _verify(*arguments: str) -> int:
    command = [sys.executable, "-c", TOCSIN, "verify", *arguments]
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=TIMEOUT_S).returncode


def test_folder_with_files_is_not_taken(start: Start, tmp_path: Path) -> None:
    """--keep takes an empty folder, and touches none with something in it."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "mine").write_text("mine")
    exit_code, _, err = start("--json", "--keep", str(kept)).end()
    assert exit_code == 1
    assert msgspec.json.decode(err)["error"] == "folder-not-empty"
    assert [path.name for path in kept.iterdir()] == ["mine"]


def test_every_line_of_a_file_is_carried(start: Start) -> None:
    """200 lines, some of them equal, from standard input: each of the five writes 40, and all hold all."""
    lines = [f'{{"report": {number // 2}, "title": "위키 {number // 2}"}}\n' for number in range(200)]
    running = start("--json", "--records", "-")
    exit_code, out, err = running.end("".join(lines))
    assert (exit_code, err) == (0, ""), err
    records = _scenes(out)["records"]
    assert records["lines"] == 200
    assert records["written_by"] == dict.fromkeys(_SLUGS, 40)
    assert records["nodes_with_every_line"] == 5
    assert records["entries_at_each"] >= 200
    half, most, every = records["by_all_ms"].values()
    assert 0 < half <= most <= every <= records["took_ms"]
    assert running.left() == NOTHING


@pytest.mark.parametrize("line", ["", "x" * 32_769, "a\0b"])
def test_line_that_cannot_be_carried_is_named(start: Start, line: str) -> None:
    """A line that no note can hold is refused with its number, before anything is started."""
    running = start("--json", "--records", "-")
    exit_code, out, err = running.end(f'{{"a": 1}}\n{line}\n')
    assert (exit_code, out) == (1, "")
    assert "Line 2 " in msgspec.json.decode(err)["message"]
    assert running.left() == NOTHING


@pytest.mark.parametrize("arguments", [(), ("--terminal",)])
def test_text_fits_a_terminal(start: Start, arguments: tuple[str, ...]) -> None:
    """Without a terminal there is no colour, and no line is wider than 80 columns, but for an address."""
    exit_code, out, err = start(*arguments).end()
    assert (exit_code, err) == (0, ""), err
    assert "\x1b" not in out
    assert [line for line in out.splitlines() if width(line) > 80 and "://" not in line] == []


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals(tmp_path: Path, no_color: str, coloured: bool) -> None:
    """A terminal gets colour, unless NO_COLOR is set."""
    lines = tmp_path / "lines"
    lines.write_text("one line\n")
    near, far = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TOCSIN, "demo", "--fast", "--records", str(lines)],
        env=os.environ | {"NO_COLOR": no_color},
        stdout=far,
    )
    os.close(far)
    shown = b"".join(_until_hung_up(near))
    os.close(near)
    assert process.wait(TIMEOUT_S) == 0
    assert b"carried" in shown
    assert (b"\x1b[" in shown) == coloured


def _until_hung_up(terminal: int) -> Iterator[bytes]:
    try:
        while block := os.read(terminal, 4096):
            yield block
    except OSError:  # Linux says that a terminal was closed on its other side as an error of input
        return
