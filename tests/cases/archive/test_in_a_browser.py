"""The verifier that an archive carries, as it runs elsewhere: in Node, and in a browser if there is one."""

import json
import random
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterable
from copy import deepcopy
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, cast

import pytest
from tests.cases.archive.made import archive_of, evidence, files, story
from tests.circles.changes import FOUNDED
from tests.circles.test_prooffile_changed import EVENTS, LATER_FILE

from tocsin.cases.archive.document import evidence_in
from tocsin.cases.archive.proofs import parts
from tocsin.cases.archive.shown import shown_by
from tocsin.cases.archive.zipping import read_zip
from tocsin.cases.telling import LANGUAGES

pytestmark = pytest.mark.foreign

HERE = Path(__file__).parent
PAGE = Path(str(resources("tocsin.cases.archive"))) / "page"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def node() -> str:
    """Node, which runs the script of the page."""
    found = shutil.which("node")
    if not found:
        pytest.skip("needs Node 20 or newer")
    return found


@pytest.fixture(scope="module")
def browser() -> str:
    """A browser without a window."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.skip("needs Chromium: `apt-get install chromium`, as root")
    return found


def ask(node: str, evidences: Iterable[object]) -> list[list[dict[str, Any]]]:
    """What the verifier says of each piece of evidence."""
    lines = "".join(json.dumps(one) + "\n" for one in evidences)
    command = [node, str(HERE / "verify.js"), str(PAGE)]
    ended = subprocess.run(command, input=lines.encode(), capture_output=True, check=True, timeout=240)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def failed(results: list[dict[str, Any]]) -> set[str]:
    """The records that are not proven."""
    return {result["name"] for result in results if result["failure"]}


def changed_letter(text: str, chance: random.Random) -> str:
    """One letter of a text in base64, changed."""
    data = bytearray(b64decode(text))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return b64encode(data).decode()


def test_it_proves_what_is_true(node: str) -> None:
    """Every record is proven, with its holders, and shown as the page shows it."""
    known, _ = story()
    (results,) = ask(node, [evidence()])
    page = files()["index.html"].decode()

    assert failed(results) == set()
    assert len(results) == len(known.said)
    assert all(
        set(result["holders"]) == set(known.party.keys) - {result["name"].split(".")[0]} for result in results
    )
    assert len(re.findall(r'<pre id="record-', page)) == len(results)


def test_one_letter_of_any_record(node: str) -> None:
    """One letter of one record is changed: that record fails, is named, and no other fails."""
    chance, right = random.Random(1), cast(dict[str, Any], evidence())
    changed = []
    for place, proof in enumerate(right["proofs"]):
        for field in ("record", "salt"):
            wrong = deepcopy(right)
            wrong["proofs"][place][field] = changed_letter(proof[field], chance)
            changed.append((proof["name"], wrong))
    results = ask(node, [wrong for _, wrong in changed])

    assert [failed(result) for result in results] == [{name} for name, _ in changed]


def test_one_letter_of_anything_signed(node: str) -> None:
    """Charter, openings, checkpoints, cosignatures and hashes: a changed letter fails what rests on it."""
    chance, right = random.Random(2), cast(dict[str, Any], evidence())
    changed: list[dict[str, Any]] = []
    for place, text in enumerate(right["texts"]):
        for at in chance.sample(range(len(text)), 6):
            wrong = deepcopy(right)
            wrong["texts"][place] = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
            changed.append(wrong)
    for place, proof in enumerate(right["proofs"][:4]):
        for at in chance.sample(range(len(proof["checkpoint"])), 12):
            note, wrong = proof["checkpoint"], deepcopy(right)
            wrong["proofs"][place]["checkpoint"] = note[:at] + chr(ord(note[at]) ^ 1) + note[at + 1 :]
            changed.append(wrong)
        for at in range(len(proof["hashes"])):
            wrong = deepcopy(right)
            wrong["proofs"][place]["hashes"][at] = changed_letter(proof["hashes"][at], chance)
            changed.append(wrong)
        for index in (proof["index"] + 1, 0, -1, 2**53):
            wrong = deepcopy(right)
            wrong["proofs"][place]["index"] = index
            changed.append(wrong)

    assert [place for place, result in enumerate(ask(node, changed)) if not failed(result)] == []


def test_another_circle(node: str) -> None:
    """Under the id of another circle, nothing is proven."""
    right = cast(dict[str, Any], evidence())
    (results,) = ask(node, [right | {"circle": "0" * 64}])

    assert len(failed(results)) == len(right["proofs"])


def evidence_of(proof: bytes, name: str) -> dict[str, Any]:
    """A page's evidence of one proof file."""
    texts, (parted,) = parts({name: proof})
    fields = {field: getattr(parted, field) for field in parted.__struct_fields__}
    return {"circle": FOUNDED.id, "texts": list(texts), "proofs": [fields]}


def test_a_circle_that_changed(node: str) -> None:
    """By the charter's versions: a replaced key opens no more epochs, the new one does, a quorum agreed."""
    right = evidence_of(LATER_FILE, "ash.2.1")
    first, second = (right["texts"][place] for place in right["proofs"][0]["charters"])
    unsigned = second[: second.rindex("\n— ") + 1]
    assert second.encode() == EVENTS[0]

    results = ask(
        node,
        [
            right,
            evidence_of(LATER_FILE, "ash.2.2"),
            right | {"proofs": [right["proofs"][0] | {"charters": [0]}]},
            right | {"texts": [unsigned if text == second else text for text in right["texts"]]},
            right | {"texts": [first if text == second else text for text in right["texts"]]},
        ],
    )

    assert [failed(result) for result in results] == [set(), {"ash.2.2"}, *({"ash.2.1"} for _ in range(3))]


def outcome(browser: str, page: Path) -> tuple[str, str]:
    """What the page says in a browser, once its script has run, and the whole of it."""
    command = [
        browser,
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *(
            f"--user-data-dir={page.parent}/profile",
            "--virtual-time-budget=60000",
            "--dump-dom",
            page.as_uri(),
        ),
    ]
    ended = subprocess.run(command, capture_output=True, check=True, timeout=120)
    text = ended.stdout.decode()
    found = re.search(r'<section id="verdict" data-outcome="(\w+)">', text)
    return found[1] if found else "", text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_browser_proves_it_from_the_page_alone(browser: str, tmp_path: Path, lang: str) -> None:
    """Opened as a file, without anything beside it, the page proves every record in its language."""
    page = tmp_path / "index.html"
    page.write_bytes(read_zip(archive_of(lang))["index.html"])
    found, text = outcome(browser, page)
    _, case = story()

    assert found == "proven"
    assert first_line(text) == LANGUAGES[lang].say("all_proven", count=len(story()[0].said))
    assert text.count(f"{case}") > 3
    assert "alert(1)" in text
    assert "<script>alert(1)" not in text


def test_a_browser_finds_one_letter(browser: str, tmp_path: Path) -> None:
    """One letter of a record is changed, in what is verified or in what is shown: the page says which."""
    right = files()["index.html"]
    proof = cast(dict[str, Any], evidence())["proofs"][3]
    wrong = changed_letter(proof["record"], random.Random(3))
    shown = re.search(rb'<pre id="record-dune\.1\.1">[^<]*TLP:GREEN', right)
    assert shown
    for number, (page_bytes, name) in enumerate(
        (
            (right.replace(proof["record"].encode(), wrong.encode()), proof["name"]),
            (right.replace(shown[0], shown[0].replace(b"TLP:GREEN", b"TLP:CLEAR")), "dune.1.1"),
        )
    ):
        page = tmp_path / str(number) / "index.html"
        page.parent.mkdir()
        page.write_bytes(page_bytes)
        found, text = outcome(browser, page)

        assert found == "failed"
        assert f"NOT proven: {name}. " in text
        assert LANGUAGES["en"].say("some_failed", failed=1, count=len(story()[0].said)) in text


def told(right: bytes) -> Iterable[tuple[str, bytes, bytes]]:
    """Of each part of a page that people read, a letter of it, and the same changed."""
    for part, pattern in (
        ("title", rb"<title>[^<]*[a-z]"),
        ("caveat", rb'<section id="verdict">.*?<p>[^<]*?[a-z]'),
        ("heading", rb"<main>.*?<h2>[^<]*?[a-z]"),
        ("quote", rb"<blockquote[^>]*>[^<]*?[a-z]"),
        ("item", rb"<li>[^<]*?[a-z]"),
        ("timeline", rb"<h3>[^<]*?[a-z]"),
        ("label", rb"<label>[^<]*?[a-z]"),
    ):
        found = re.search(pattern, right, re.DOTALL)
        assert found, part
        yield part, found[0], found[0][:-1] + (b"x" if found[0][-1:] != b"x" else b"y")
    yield "added", b"<main>\n", b"<main>\n<p>Everybody agrees.</p>"
    yield "outside", b"</main>", b"</main>Everybody agrees."
    yield "at the end", b"</html>", b"</html>Everybody agrees."
    yield "hidden", b"<li>", b"<li hidden>"
    yield "taken out", b"</blockquote>", b"</blockquote></main><main>"


def first_line(text: str) -> str:
    """What the page says before everything else."""
    found = re.search(r'<section id="verdict"[^>]*>\s*<p[^>]*>([^<]*)<', text)
    assert found
    return found[1]


def test_a_page_that_was_changed_says_so_first(browser: str, tmp_path: Path) -> None:
    """One letter of anything that people read is changed: the page says so first, and where."""
    right, phrases = files()["index.html"], LANGUAGES["en"]
    for number, (part, before, after) in enumerate(told(right)):
        page = tmp_path / str(number) / "index.html"
        page.parent.mkdir()
        page.write_bytes(right.replace(before, after, 1))
        found, text = outcome(browser, page)

        assert found == "failed", part
        assert first_line(text).startswith("Do NOT rely on this page"), part
        assert f"{phrases.phrases['place_differs']}</strong>" in text, part


def test_a_page_with_a_record_without_proof_says_that_first(browser: str, tmp_path: Path) -> None:
    """Where a record has no proof, the page does not say that all is proven, and marks the quotes of it."""
    _, case = story()
    page = tmp_path / "index.html"
    page.write_bytes(read_zip(archive_of(without={case: "not-provable"}))["index.html"])
    found, text = outcome(browser, page)

    assert found == "proven"
    assert first_line(text) == LANGUAGES["en"].say("some_failed", failed=1, count=len(story()[0].said))
    assert f"{LANGUAGES['en'].phrases['quote_differs']}</strong></blockquote>" in text


def test_a_quote_that_nobody_wrote_is_marked(browser: str, tmp_path: Path) -> None:
    """Who changes a quote, and what the page compares it with, still quotes what no proven record says."""
    right = files()["index.html"].decode()
    forged = re.sub(r"(<blockquote[^>]*>“[^<]*?)[a-z]", r"\1xyz", right, count=1)
    old, new = evidence_in(forged.encode()), cast(dict[str, Any], evidence())
    assert old
    new["shown"] = shown_by(forged)
    page = tmp_path / "index.html"
    page.write_text(forged.replace(old, json.dumps(new).replace("<", "\\u003c")))
    found, text = outcome(browser, page)

    assert found == "failed"
    assert first_line(text) == LANGUAGES["en"].say("page_differs", count=1)
    assert f"{LANGUAGES['en'].phrases['quote_differs']}</strong></blockquote>" in text
