"""The commands of docs/cli.md and of the README, typed by two organisations into a shell."""

import re
import subprocess
from pathlib import Path

import pytest
from tests.cli.desks import TOCSIN
from tests.cli.reference import PATH
from tests.node.nodes import free_port

pytestmark = [pytest.mark.process, pytest.mark.slow]

_STUCK_S = 300
_ENVIRONMENT = {"PATH": f"{Path(TOCSIN).parent}:/usr/bin:/bin", "COLUMNS": "100"}
_README = Path(__file__).parents[2] / "README.md"
_UNTIL_THEY_ANSWER = """
for config in apricot/tocsin.toml birch/tocsin.toml; do
  until tocsin status --config $config >/dev/null 2>&1; do sleep 0.05; done
done
"""


def _commands() -> str:
    """What stands in the document, between the first fence and its end."""
    return PATH.read_text(encoding="utf-8").split("```\n")[1]


def _of_the_readme() -> str:
    """What the README says of running a node, but for the installation."""
    text = _README.read_text(encoding="utf-8").partition("## Run a node")[2].partition("\n## ")[0]
    _, *blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    commands = "".join(blocks)
    for port in ("8440", "8441"):
        commands = commands.replace(port, str(free_port()))
    up, report, rest = commands.partition("tocsin case report")
    said, rest = rest.split("--config apricot/tocsin.toml\n", 1)
    id_of = "$(tocsin status --config apricot/tocsin.toml --json | grep -oE '[0-9a-f]{64}' | head -n 1)"
    return (
        "set -eu\ntrap 'kill $(jobs -p); wait' EXIT\n"
        f"{up}{_UNTIL_THEY_ANSWER}{report}{said}--config apricot/tocsin.toml | tee said\n"
        "name=$(grep -oE 'apricot\\.1\\.[0-9]+' said | head -n 1)\n"
        f"{rest.replace('apricot.1.3', '$name').replace('CIRCLE_ID', id_of)}"
    )


def _typed(commands: str) -> str:
    """As two people would: each says yes to signing, and nobody is faster than the nodes."""
    for port in ("8441", "8442"):
        commands = commands.replace(port, str(free_port()))
    commands = commands.replace("tocsin circle sign", "echo y | tocsin circle sign")
    up, note, rest = commands.partition("tocsin note")
    said, proven = (f"{note}{rest}").split("\n", 1)
    return (
        "set -eu\ntrap 'kill $(jobs -p); wait' EXIT\n"
        f"{up}{_UNTIL_THEY_ANSWER}{said} | tee said\n"
        "number=$(sed -n 's/.*no\\. \\([0-9]*\\) .*/\\1/p' said)\n"
        f"{proven.replace('prove 3', 'prove $number')}"
    )


def _told(commands: str, folder: Path) -> str:
    """What they print there, all of which succeed."""
    story = subprocess.run(
        ["bash", "-c", commands],
        check=False,
        cwd=folder,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=_STUCK_S,
    )
    assert story.returncode == 0, story.stdout + story.stderr
    return story.stdout


def test_the_commands_of_the_readme_lead_from_nothing_to_a_case(tmp_path: Path) -> None:
    """Word for word, in a shell: a report, a question, its answer, and a proof that is verified."""
    told = _told(_of_the_readme(), tmp_path)
    assert re.search(r"birch +not seen", told)
    assert "VERIFIED" in told


def test_the_documented_commands_lead_from_nothing_to_a_proof(tmp_path: Path) -> None:
    """Word for word, in a shell; and the command that `prove` prints verifies it in an empty folder."""
    told = _told(_typed(_commands()), tmp_path)
    assert "received and confirmed by birch" in told
    assert "We cannot confirm it." in told
    (verify,) = re.findall(r"tocsin verify (\S+) --circle ([0-9a-f]{64})", told)
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / verify[0]).rename(empty / verify[0])
    checked = subprocess.run(
        [TOCSIN, "verify", verify[0], "--circle", verify[1]],
        check=True,
        cwd=empty,
        env=_ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    assert "VERIFIED" in checked.stdout
    assert "We cannot confirm it." in checked.stdout
