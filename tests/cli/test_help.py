import subprocess
import sys

import click
import pytest
from tests.cli.desks import done, tocsin
from tests.cli.reference import PATH, help_of, leaves, reference

from tocsin.cli import COMMANDS
from tocsin.cli.options import Command

NAMES = dict(leaves())


def test_the_reference_is_what_the_program_says() -> None:
    """docs/cli.md has the help of every command, as it is now: `python -m tests.cli.reference` writes it."""
    assert PATH.read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    """The sentence in `tocsin --help` is the first of the command's own help."""
    _, sentence = COMMANDS[name]
    assert (NAMES[f"tocsin {name}"].help or "").partition("\n")[0] == sentence


@pytest.mark.parametrize(
    "name", [name for name, command in NAMES.items() if not isinstance(command, click.Group)]
)
def test_every_help_has_examples_that_the_program_understands(name: str) -> None:
    """There are examples, and they use only options that there are."""
    command = NAMES[name]
    assert isinstance(command, Command)
    assert command.examples
    text = " ".join(example.removesuffix("\\") for example in command.examples)
    for example in text.split("tocsin ")[1:]:
        words = f"tocsin {example}"
        assert words.startswith(name)
        for word in words.split():
            if word.startswith("--"):
                assert any(word in parameter.opts for parameter in command.params), word


def test_help_is_wrapped_for_narrow_and_wide_terminals() -> None:
    """No line of any help is wider than the terminal that it was made for."""
    for name in NAMES:
        assert max(map(len, help_of(name).splitlines())) <= 100


def test_help_starts_without_what_only_commands_need() -> None:
    """`tocsin --help` and `--version` import no node, no network and no cryptography."""
    program = (
        "import sys, tocsin.cli; print(*{'aiohttp', 'cryptography', 'ssl', 'tocsin.node'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []


def test_the_program_says_its_version() -> None:
    """As a word and a number, for scripts."""
    assert done("--version").split()[0] == "tocsin"


@pytest.mark.parametrize("arguments", [["nonsense"], ["note"], ["status", "--nonsense"], ["circle", "draft"]])
def test_what_is_not_understood_ends_with_two(arguments: list[str]) -> None:
    """A mistake in typing is told from a refusal."""
    assert tocsin(*arguments).exit_code == 2
