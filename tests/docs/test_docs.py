"""Documents lead to what is there, and show commands that work.

The README's story is run from end to end in tests/cli/test_story.py; here, only its words are looked at.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import tocsin
from tocsin.cli import main

ROOT = Path(__file__).parents[2]
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
}

NOT_OURS = {".git", ".venv", ".hypothesis", "node_modules", "__pycache__", "build", "dist"}
FOLDERS_OF_A_PERSON = re.compile(r"(?<![\w.…>})*-])/(?:home|root|Users|work)/\w")
LOCK_FILES = ("requirements.lock", "tests/foreign/node/package-lock.json")


def files() -> Iterator[Path]:
    """Every file that is ours, but this one."""
    folders = [ROOT]
    while folders:
        for path in folders.pop().iterdir():
            if path.name in NOT_OURS or path.name.endswith("_cache") or path == Path(__file__):
                continue
            if path.is_dir():
                folders.append(path)
            else:
                yield path


def fences(text: str) -> Iterator[str]:
    """The blocks of commands that are meant as they stand."""
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if language in {"", "sh"} and not block.startswith("#skip"):
            yield block.replace("\\\n", " ")


def calls(block: str) -> Iterator[list[str]]:
    """The arguments of each call of `tocsin` in a block of commands."""
    for line in block.splitlines():
        if line.strip().startswith("tocsin "):
            lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
            lexer.whitespace_split = True
            _, *words = lexer
            end = next((at for at, word in enumerate(words) if word in {"&", "|", ">", "&&", ";"}), None)
            yield words[:end]


def problem(words: list[str]) -> str | None:
    """What click finds wrong in a call of `tocsin`: it parses all of it before it heeds `--help`."""
    result = CliRunner().invoke(main, [*words, "--help"])
    return None if result.exit_code == 0 else result.output


def test_the_changelog_has_this_version() -> None:
    """CHANGELOG.md says what this version brought."""
    assert f"## [{tocsin.__version__}]" in DOCUMENTS["CHANGELOG.md"]


def test_this_version_is_supported() -> None:
    """SECURITY.md says that the minor version is mended which this is."""
    assert f"| {tocsin.__version__.rpartition('.')[0]} | yes |" in DOCUMENTS["SECURITY.md"]


def test_decisions_are_numbered() -> None:
    """Decisions have their numbers in their names and titles, from 1 on and without a gap."""
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(numbers) + 1))
    assert [path.read_text().partition(". ")[0] for path in DECISIONS] == [
        f"# {number}" for number in numbers
    ]


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_a_page(decision: Path) -> None:
    """A decision has at most 60 lines."""
    assert len(decision.read_text().splitlines()) <= 60


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links(document: str) -> None:
    """Every relative link leads to something that is there."""
    prose = re.sub("`[^`]*`", "", DOCUMENTS[document])
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    relative = [target for target in targets if "://" not in target and not target.startswith("mailto:")]

    assert [target for target in relative if not (ROOT / document).parent.joinpath(target).exists()] == []


def test_documents_that_the_code_names() -> None:
    """Every document that code, tests and the Makefile refer to is there."""
    named = {
        (name, str(path.relative_to(ROOT)))
        for path in (ROOT / "Makefile", *ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/*.py"))
        for name in re.findall(r"docs/[a-z0-9/-]+\.md", path.read_text())
    }

    assert sorted(one for one in named if not (ROOT / one[0]).exists()) == []


def test_nothing_of_this_machine() -> None:
    """No file names a folder of a person or of a machine."""
    found = {
        str(path.relative_to(ROOT)): match[0]
        for path in files()
        if (match := FOLDERS_OF_A_PERSON.search(path.read_text(errors="ignore")))
    }

    assert found == {}


@pytest.mark.parametrize("file", LOCK_FILES)
def test_lock_files_name_no_host(file: str) -> None:
    """What is pinned is pinned by its hash, wherever it comes from."""
    assert "://" not in (ROOT / file).read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands(document: str) -> None:
    """Every call of `tocsin` is one that click takes: the command is there, and its options."""
    all_calls = [words for block in fences(DOCUMENTS[document]) for words in calls(block)]

    assert {shlex.join(words): wrong for words in all_calls if (wrong := problem(words))} == {}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_in_prose(document: str) -> None:
    """Calls that stand in a sentence or a table are such, too, unless something is left out of them."""
    prose = re.sub(r"^```.*?^```", "", DOCUMENTS[document], flags=re.MULTILINE | re.DOTALL)
    typed = {" ".join(one.split()) for one in re.findall(r"`tocsin ([a-z][^`…]*)`", prose)}

    assert {one: wrong for one in sorted(typed) if (wrong := problem(shlex.split(one)))} == {}


@pytest.mark.parametrize("call", ["tocsin nothing", "tocsin circle nothing", "tocsin init x --nothing"])
def test_a_wrong_command_is_found(call: str) -> None:
    """A command or an option that does not exist is found."""
    (block,) = fences(f"```sh\n{call} & # and so on\nmake demo\n```\n")
    (words,) = calls(block)

    assert "nothing" in (problem(words) or "")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_targets(document: str) -> None:
    """Every `make` makes something that the Makefile has."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:`|^)make ([a-z]+)", DOCUMENTS[document], re.MULTILINE)

    assert set(named) <= set(targets)


def test_each_file_of_vectors_is_explained() -> None:
    """Whoever writes a second implementation finds in one table what each file is about, and nothing else."""
    table = DOCUMENTS["docs/conformance.md"].partition("## Against the vectors")[2]

    explained = re.findall(r"`([a-z-]+\.json)`", table)

    assert sorted(explained) == sorted(path.name for path in ROOT.glob("vectors/*.json"))
