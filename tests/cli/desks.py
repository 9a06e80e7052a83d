"""Organisations that use the command line: each with a folder, a port, and `tocsin` typed in it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result
from tests.node.nodes import free_port

from tocsin.cli import main
from tocsin.node.client import Client, NoAnswer
from tocsin.node.config import load_config

TOCSIN = str(Path(sys.executable).with_name("tocsin"))
DOMAIN = "line.example"
_STUCK_S = 30


def tocsin(*arguments: str | Path, stdin: str | bytes | None = None) -> Result:
    """One command, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


def done(*arguments: str | Path, stdin: str | bytes | None = None) -> str:
    """What a command wrote that must end well."""
    result = tocsin(*arguments, stdin=stdin)
    assert result.exit_code == 0, (arguments, result.output, result.exception)
    return result.stdout


def flat(text: str) -> str:
    """What was written, wherever lines were wrapped."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Desk:
    """One organisation, after `tocsin init`."""

    slug: str
    folder: Path
    label: str = "Apricot AI Safety Institute"

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "tocsin.toml"

    @property
    def data(self) -> Path:
        """Its node's own folder."""
        return self.folder / "data"

    @property
    def key(self) -> Path:
        """Its organisation key, not yet in the safe."""
        return self.folder / "organisation-live.key"

    @property
    def member_file(self) -> Path:
        """How it introduced itself."""
        return self.folder / f"{self.slug}.toml"

    @property
    def join_file(self) -> Path:
        """What it gives to the others."""
        return self.folder / f"{self.slug}.join"

    def tocsin(self, *arguments: str | Path, stdin: str | bytes | None = None) -> Result:
        """One command at this desk."""
        return tocsin(*arguments, "--config", self.config, stdin=stdin)

    def done(self, *arguments: str | Path, stdin: str | bytes | None = None) -> str:
        """What a command at this desk wrote that must end well."""
        return done(*arguments, "--config", self.config, stdin=stdin)

    def introduce(self, domain: str = DOMAIN) -> None:
        """Write the member file."""
        name = ("--domain", domain, "--member", self.slug, "--label", self.label, "--economy", "KR")
        self.done("circle", "introduce", *name, "--output", self.member_file)

    def sign(self, charter: Path) -> None:
        """Write the join file."""
        self.done(
            "circle", "sign", charter, "--organisation-key", self.key, "--yes", "--output", self.join_file
        )

    @contextmanager
    def running(self) -> Iterator[Client]:
        """Its node, as a process of its own, from the moment that it answers."""
        with subprocess.Popen(
            [TOCSIN, "run", "--config", str(self.config)],
            stderr=subprocess.PIPE,
            env=os.environ | {"COLUMNS": "100"},
        ) as process:
            try:
                yield _answering(Client(load_config(self.config).api_socket), process)
            finally:
                process.terminate()
                process.communicate(timeout=_STUCK_S)


def desk(folder: Path, slug: str, label: str = "Apricot AI Safety Institute") -> Desk:
    """An organisation with a folder and keys."""
    done(
        "init",
        folder / slug,
        "--no-passphrase",
        "--endpoint",
        f"https://127.0.0.1:{free_port()}",
        "--desk",
        f"Desk {slug}",
    )
    return Desk(slug, folder / slug, label)


def drafted(folder: Path, *desks: Desk, domain: str = DOMAIN) -> Path:
    """A charter for these organisations, which nobody has signed."""
    for one in desks:
        one.introduce(domain)
    charter = folder / "charter.toml"
    words = ("--title", "Two desks", "--purpose", "To warn each other.")
    done("circle", "draft", *(one.member_file for one in desks), *words, "--output", charter)
    return charter


def joined(folder: Path, *desks: Desk) -> Path:
    """The charter of a circle that these organisations have signed and joined."""
    charter = drafted(folder, *desks)
    for one in desks:
        one.sign(charter)
    for one in desks:
        one.done("circle", "join", charter, *(other.join_file for other in desks if other is not one))
    return charter


def _answering(client: Client, process: subprocess.Popen[bytes]) -> Client:
    for _ in range(1_000):
        try:
            client.health()
        except NoAnswer:
            try:
                process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            break
        return client
    raise AssertionError("the node does not answer", process.communicate()[1])
