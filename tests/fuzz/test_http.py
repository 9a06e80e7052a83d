"""Whatever comes over HTTP, a real node answers it or drops it: no fault, no growth, its work goes on."""

import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.fuzz.effort import SECONDS, SEED
from tests.fuzz.strangers import Stranger
from tests.node.nodes import Place, found, free_port
from tests.process.members import ORDERED, Members, Plain
from tests.process.processes import Process

from tocsin.node.api.cases.types import Cited, SayReport
from tocsin.node.caseclient import CaseClient
from tocsin.node.folder import Folder

TOKEN = "0123456789abcdef" * 2
GROWTH_BYTES = 24 * 2**20
FAULTS = {"failed", "call-failed"}
# What its schema cannot say (lengths in bytes, records that must be readable) an operation refuses.
CHECKS_LEFT_OUT = "positive_data_acceptance"
# As schemathesis has them, and 431: what is far too long for its schema is too long for a request.
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "415", "422", "428", "429", "431", "5xx"]

pytestmark = [pytest.mark.process, pytest.mark.slow]


@pytest.fixture
def members(tmp_path: Path) -> Iterator[Members]:
    """East, which is attacked and has a machine API on TCP, north, and south, whose keys the attacker has."""
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    token.chmod(0o600)
    api = f'[api]\nlisten = "127.0.0.1:{free_port()}"\ntoken_file = "{token}"'
    places: list[Place] = [
        Plain(slug, tmp_path / slug, free_port(), more=api if slug == "east" else "")
        for slug in ("east", "north", "south")
    ]
    members = Members(found(tmp_path, places=places))
    try:
        yield members
    finally:
        members.end_all()


def test_the_wire(members: Members) -> None:
    """A member's calls, nearly right, and anyone's."""
    north = members.start("north")
    members.start("east", ORDERED)
    keys = Folder.of(members.config("south")).keys(members.id, epoch=1).member
    resident_bytes, made = [], 0

    with closing(Stranger(members["north"], members["south"], keys, random.Random(SEED))) as stranger:
        for _ in range(2):
            end_s = time.monotonic() + SECONDS / 2
            while time.monotonic() < end_s:
                stranger.attack()
                made += 1
            resident_bytes.append(resident(north))

    print(f"{made} requests; resident bytes at half time and at the end: {resident_bytes}")  # noqa: T201
    assert resident_bytes[1] - resident_bytes[0] < GROWTH_BYTES
    check_no_fault(north)
    for author in ("east", "north"):
        members.write(author, "After.")
        members.until_confirmed(author)


@pytest.mark.skipif(not importlib.util.find_spec("schemathesis"), reason="schemathesis is not installed")
@pytest.mark.parametrize("known", [True, False], ids=["of-its-circle", "of-any"])
def test_the_machine_api(members: Members, tmp_path: Path, known: bool) -> None:
    """Calls made from the OpenAPI document, those that it allows and others."""
    members.start("north")
    east = members.start("east")
    members.write("east", "Before.")
    case = opened(members) if known else ""
    names = {"circle": members.id, "log": str(members["east"].log), "case": case, "record": case}
    parameters = names if known else {}
    settings = tmp_path / "schemathesis.toml"
    lines = [f'{name} = "{value}"' for name, value in parameters.items()]
    refused = f"[checks.negative_data_rejection]\nexpected-statuses = {REFUSED}"
    settings.write_text("\n".join(["[parameters]", *lines, refused, ""]))

    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", settings, "--no-color", "run"),
            f"http://{members.config('east').api.listen}/v1/openapi.json",
            *("--header", f"Authorization: Bearer {TOKEN}", "--max-time", str(round(SECONDS / 2))),
            # It never ends; what it says while it goes on is tested elsewhere.
            *("--exclude-path", "/v1/follow", "--exclude-checks", CHECKS_LEFT_OUT, "--seed", str(SEED)),
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout
    # Whether it still writes is another matter: it may have been told not to.
    check_no_fault(east)
    assert members.state("east").size > 0


def opened(members: Members) -> str:
    """A case that east has opened, by its name."""
    source = Cited(kind="website", locator="https://news.example/1", obtained="published")
    say = SayReport(author="duty", author_kind="officer", sources=(source,))
    written = CaseClient(members.config("east").api_socket).write(members.id, say)
    return f"east.1.{written.index}"


def resident(process: Process) -> int:
    """How much memory a process has, in bytes."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def check_no_fault(attacked: Process) -> None:
    """The node still runs, and told of no fault of its own."""
    events = [json.loads(line) for line in attacked.told.copy()]
    assert not attacked.over
    assert [event for event in events if event["event"] in FAULTS or "exception" in event] == []
