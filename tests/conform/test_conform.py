"""The conformance runner: it passes our own node, and finds what one does wrong that is broken."""

import asyncio
import json
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Any, cast

import pytest
from click.testing import CliRunner
from tests.circles.party import party
from tests.conform.proxy import Answered, Change, proxy
from tests.node.nodes import free_port
from tests.process.members import RUN
from tests.process.processes import ROOT, Process, until

from tocsin.circles.changing.events import event_id
from tocsin.circles.wire.answers import (
    Bodies,
    Content,
    Events,
    Hashes,
    Held,
    Later,
    Refused,
    SizeHeld,
    decode_answer,
    encode_answer,
)
from tocsin.circles.wire.http import HttpWire
from tocsin.circles.wire.messages import ContentRequest, EventsRequest, ProofRequest
from tocsin.circles.wire.protocol import Endpoint
from tocsin.circles.wire.protocol import Path as Call
from tocsin.cli import main
from tocsin.cli.conform.cases import ALL, attachments, tls
from tocsin.cli.conform.judging import Differs
from tocsin.cli.conform.player import Player
from tocsin.cli.conform.stage import ATTACHMENT, PLAYERS, SUBJECT, load
from tocsin.cli.conform.subject import Subject
from tocsin.core.certificate import make_tls_key
from tocsin.core.errors import Refusal
from tocsin.node.client import Client, NoAnswer
from tocsin.node.clock import SystemChance
from tocsin.node.config import load_config

pytestmark = pytest.mark.process


def tocsin(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and output of a command."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout


@dataclass(frozen=True)
class Trial:
    """A drill, and a node of ours that runs in it."""

    folder: Path
    port: int

    def run(self, *arguments: str | Path) -> dict[str, dict[str, Any]]:
        """What the runner says of each case, by its name."""
        code, output = tocsin("conform", "run", self.folder, "--json", *arguments)
        said = json.loads(output)
        assert (code == 0) is (said["failed"] == 0)
        assert said["held"] + said["failed"] == len(said["cases"])
        return {case["name"]: case for case in said["cases"]}


@contextmanager
def trial(
    folder: Path, program: Iterable[str | Path] = RUN, *, scheme: str = "https", attached: bool = True
) -> Iterator[Trial]:
    """A drill for a node that runs on loopback; `attached`: with a case that has an attachment."""
    port = free_port()
    code, output = tocsin("conform", "prepare", folder, "--endpoint", f"{scheme}://127.0.0.1:{port}")
    assert code == 0, output
    config = folder / SUBJECT / "tocsin.toml"
    with Process(*program, config) as process:
        client = Client(load_config(config).api_socket)
        until(lambda: process.over or _answers(client))
        joins = sorted((folder / "subject").glob("*.join"))
        charter = folder / "subject" / "charter.toml"
        client.join(charter.read_text("utf-8"), [path.read_text("utf-8") for path in joins])
        if attached:
            code, output = tocsin(
                *("case", "report", "--source", "person runner first-hand", "--wait", "0"),
                *("--attach", folder / SUBJECT / ATTACHMENT, "--config", config),
            )
            assert code == 0, output
        yield Trial(folder, port)
        assert not [line for line in process.told if "failed" in json.loads(line)["event"]]
        assert process.end(SIGTERM) == 0


def _answers(client: Client) -> bool:
    try:
        client.health()
    except NoAnswer:
        return False
    return True


@pytest.mark.slow
def test_our_own_node(tmp_path: Path) -> None:
    """Our node does in every case as the protocol says, and as the vectors do."""
    with trial(tmp_path / "trial") as subject:
        cases = subject.run("--vectors", ROOT / "vectors")

    assert {name: case for name, case in cases.items() if not case["holds"]} == {}
    assert {case["good"] for case in cases.values()} == {True, False}
    assert len(cases) > len(ALL) > 60


def refuse_nothing(path: str, _: bytes, answered: Answered) -> Answered:
    """Two versions of a log are no matter."""
    answer = decoded(path, answered)
    if isinstance(answer, Refused) and answer.code in {"fork", "log-stopped"}:
        return answered._replace(status=200, body=encode_answer(SizeHeld(0)))
    return answered


def confirm_in_another_name(path: str, _: bytes, answered: Answered) -> Answered:
    """The cosignature is damaged."""
    answer = decoded(path, answered)
    if isinstance(answer, Held):
        broken = bytearray(answered.body)
        broken[-6] ^= 1
        return answered._replace(body=bytes(broken))
    return answered


def another_code(path: str, _: bytes, answered: Answered) -> Answered:
    """A rollback goes by another name."""
    answer = decoded(path, answered)
    if isinstance(answer, Refused) and answer.code == "rollback":
        return answered._replace(body=encode_answer(Refused("wrong-root", 0, "")))
    return answered


def refusals_with_200(path: str, _: bytes, answered: Answered) -> Answered:
    """Whatever is refused has status 200, but for nonces."""
    return answered._replace(status=200) if path != Call.NONCE and answered.status == 403 else answered


def no_nonces(path: str, _: bytes, answered: Answered) -> Answered:
    """An answer brings no nonce, unless it is asked for one."""
    return answered if path == Call.NONCE else answered._replace(nonce="")


def witness_anything(path: str, _: bytes, answered: Answered) -> Answered:
    """The witness answers 200, whatever it was asked."""
    return answered._replace(status=200) if path == Call.ADD_CHECKPOINT else answered


def out_of_order(path: str, _: bytes, answered: Answered) -> Answered:
    """It says that it is at fault."""
    return Answered(500, b"", "") if path == Call.PROOF else answered


def forgetful(path: str, _: bytes, answered: Answered) -> Answered:
    """It knows no events."""
    if path == Call.EVENTS and isinstance(decoded(path, answered), Events):
        return answered._replace(body=encode_answer(Events(())))
    return answered


def never_later(path: str, _: bytes, answered: Answered) -> Answered:
    """It is not held up by anybody's limit."""
    if path == Call.PUSH and isinstance(decoded(path, answered), Later):
        return answered._replace(status=200, body=encode_answer(SizeHeld(0)))
    return answered


class RemembersBodies:
    """What it gave once, it gives again."""

    def __init__(self) -> None:
        self._given: dict[bytes, bytes] = {}

    def __call__(self, path: str, body: bytes, answered: Answered) -> Answered:
        """The first answer to the same call."""
        if path != Call.BODIES or not isinstance(decoded(path, answered), Bodies):
            return answered
        return answered._replace(body=self._given.setdefault(body, answered.body))


class BelievesEvents:
    """Whatever event it is brought, it shows to everybody."""

    def __init__(self) -> None:
        self._brought: list[bytes] = []

    def __call__(self, path: str, body: bytes, answered: Answered) -> Answered:
        """With the last that it was brought."""
        answer = decoded(path, answered)
        if path != Call.EVENTS or not isinstance(answer, Events):
            return answered
        request = EventsRequest.decode(body)
        self._brought += [event for event in request.events if event not in self._brought]
        last = [
            event
            for event in self._brought[-1:]
            if event not in answer.events and event_id(event) not in request.known
        ]
        return answered._replace(body=encode_answer(Events((*answer.events, *last))))


def no_amendments(path: str, _: bytes, answered: Answered) -> Answered:
    """Charters do not change."""
    answer = decoded(path, answered)
    if path != Call.EVENTS or not isinstance(answer, Events):
        return answered
    kept = tuple(event for event in answer.events if event.startswith(b"{"))
    return answered._replace(body=encode_answer(Events(kept)))


def plain_proofs(path: str, body: bytes, answered: Answered) -> Answered:
    """Of two versions it gives a plain consistency proof, without the root that RFC 6962 leaves out."""
    answer = decoded(path, answered)
    if path == Call.PROOF and ProofRequest.decode(body).old == 4 and isinstance(answer, Hashes):
        return answered._replace(body=encode_answer(Hashes(answer.hashes[1:])))
    return answered


def of_another_place(path: str, body: bytes, answered: Answered) -> Answered:
    """Of content it gives other bytes than those from where a part is to begin."""
    answer = decoded(path, answered)
    if path == Call.CONTENT and isinstance(answer, Content) and ContentRequest.decode(body).first:
        changed = Content(answer.size_bytes, bytes(byte ^ 1 for byte in answer.data))
        return answered._replace(body=encode_answer(changed))
    return answered


def half(path: str, _: bytes, answered: Answered) -> Answered:
    """Of content it gives less than was asked for."""
    answer = decoded(path, answered)
    if isinstance(answer, Content) and len(answer.data) > 1:
        data = answer.data[: len(answer.data) // 2]
        return answered._replace(body=encode_answer(Content(answer.size_bytes, data)))
    return answered


class GivesToAnybody:
    """What it has, it gives to whoever knows its hash."""

    def __init__(self) -> None:
        self._given: dict[bytes, bytes] = {}

    def __call__(self, path: str, body: bytes, answered: Answered) -> Answered:
        """Whatever record is named."""
        if path != Call.CONTENT:
            return answered
        answer, sha256 = decoded(path, answered), body[-44:-12]
        if isinstance(answer, Content):
            self._given[sha256] = answered.body
        if isinstance(answer, Refused) and answer.code == "no-content" and sha256 in self._given:
            return answered._replace(status=200, body=self._given[sha256])
        return answered


def refused_as(before: str, after: str) -> Change:
    """Of the call for content, one refusal goes by another name."""

    def change(path: str, _: bytes, answered: Answered) -> Answered:
        answer = decoded(path, answered)
        if path == Call.CONTENT and isinstance(answer, Refused) and answer.code == before:
            return answered._replace(body=encode_answer(Refused(after, 0, "")))
        return answered

    return change


def of_any_size(path: str, _: bytes, answered: Answered) -> Answered:
    """However much content is asked for, it is no error."""
    answer = decoded(path, answered)
    if path == Call.CONTENT and isinstance(answer, Refused) and answer.code == "malformed-message":
        return answered._replace(status=200, body=encode_answer(Content(1, b"x")))
    return answered


def knows_no_such_call(path: str, _: bytes, answered: Answered) -> Answered:
    """It is of a version before 0.3.0."""
    if path != Call.CONTENT:
        return answered
    return answered._replace(status=404, body=encode_answer(Refused("unknown-path", 0, "")))


def decoded(path: str, answered: Answered) -> object:
    """The answer, if it is one."""
    try:
        return None if path == Call.ADD_CHECKPOINT else decode_answer(answered.body)
    except Refusal:
        return None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "only", "fails", "holds"),
    [
        (refuse_nothing, "9.2", {"9.2 (7)", "9.2 (11)", "9.2 (12)", "9.2 (13)"}, {"9.2 (9)", "9.2 (10)"}),
        (confirm_in_another_name, "9.2", {"9.2"}, {"9.2 (5)", "9.2 (7)"}),
        (another_code, "9.2", {"9.2 (9)"}, {"9.2", "9.2 (11)"}),
        (refusals_with_200, "10.2", {"10.2"}, {"10.2"}),
        (no_nonces, "10", {"10.1", "10.2"}, {"10.1"}),
        (witness_anything, "11", {"11 (2)", "11 (3)", "11 (4)", "11 (5)", "11 (6)"}, {"11"}),
        (out_of_order, "10.2", {"10.2"}, {"10.2"}),
        (forgetful, "16", {"16"}, {"16"}),
        (never_later, "9.7", {"9.7"}, set()),
        pytest.param(RemembersBodies(), "18", {"18"}, {"18"}, id="remembers bodies"),
        pytest.param(BelievesEvents(), "8.4", {"8.4"}, {"8.4"}, id="believes events"),
        (no_amendments, "8.4", {"8.4"}, {"8.4"}),
        (plain_proofs, "12.1", {"12.1"}, set()),
    ],
)
def test_a_broken_endpoint(
    tmp_path: Path,
    change: Change,
    only: str,
    fails: set[str],
    holds: set[str],
) -> None:
    """What a node does otherwise is found, in the cases that are about it; the others hold."""
    # Without encryption, so that a proxy may stand between.
    with trial(tmp_path / "trial", scheme="http") as subject, proxy(subject.port, change) as address:
        cases = subject.run("--endpoint", address, "--only", only)

    failed = {case["section"] for case in cases.values() if not case["holds"]}
    assert fails <= failed
    assert holds <= {case["section"] for case in cases.values() if case["holds"]}
    assert all(case["expected"] and case["found"] for case in cases.values() if not case["holds"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "fails"),
    [
        pytest.param(of_another_place, {"whole", "resumed"}, id="of another place"),
        pytest.param(half, {"whole", "resumed", "by_a_record"}, id="half"),
        pytest.param(GivesToAnybody(), {"not_named", "by_a_record", "named_as_illegal"}, id="to anybody"),
        pytest.param(
            refused_as("no-content", "not-yours"),
            {"not_named", "by_a_record", "not_here", "erased", "named_as_illegal"},
            id="another name",
        ),
        pytest.param(
            refused_as("wrong-size", "no-content"), {"beyond", "not_here", "erased"}, id="nothing beyond"
        ),
        pytest.param(of_any_size, {"malformed"}, id="of any size"),
        pytest.param(
            knows_no_such_call, {case.run.__name__ for case in attachments.CASES.all}, id="older version"
        ),
    ],
)
def test_content_that_is_given_otherwise(tmp_path: Path, change: Change, fails: set[str]) -> None:
    """What an endpoint does otherwise with content is found by the cases that are about it, and no other."""
    with trial(tmp_path / "trial", scheme="http") as subject, proxy(subject.port, change) as address:
        cases = subject.run("--endpoint", address, "--only", "20")

    failed = {case.run.__name__ for case in attachments.CASES.all if not cases[case.name]["holds"]}
    assert failed == fails


def test_an_endpoint_that_shows_its_key_to_everybody(tmp_path: Path) -> None:
    """Whatever name it is asked for, and in TLS 1.2: both are found; with another key, that is found too."""
    key = make_tls_key(SystemChance())
    secret, certificate = tmp_path / "tls.key", tmp_path / "tls.crt"
    secret.write_bytes(key.secret_pem)
    certificate.write_bytes(key.certificate_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)

    async def differing(pin: str) -> list[str]:
        async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context) as server:
            url = "https://127.0.0.1:{}".format(*server.sockets[0].getsockname()[1:])
            member, one = party().circle.members[0], cast(Player, None)
            subject = Subject(
                party().circle,
                member,
                Endpoint(url=url, tls_spki_sha256=pin),
                cast(HttpWire, None),
                (one, one),
                content=b"",
            )
            found = []
            for case in tls.CASES.all:
                try:
                    await case.run(subject)
                except Differs:
                    found.append(case.name.partition(":")[0])
            return found

    wrong = ["Another pin, a name that is none, or no name", "TLS 1.2"]
    assert asyncio.run(differing(key.pin)) == wrong
    assert len(asyncio.run(differing("0" * 64))) == 3


def test_nothing_answers(tmp_path: Path) -> None:
    """Where nobody listens every case fails, and says why."""
    tocsin("conform", "prepare", tmp_path / "trial", "--endpoint", f"http://127.0.0.1:{free_port()}")

    cases = Trial(tmp_path / "trial", 0).run("--only", "10.1")

    assert {case["found"] for case in cases.values()} != {None}
    assert not any(case["holds"] for case in cases.values())


def test_a_drill_is_made_once(tmp_path: Path) -> None:
    """What is there is not overwritten; what is not there is not tested."""
    arguments = ("conform", "prepare", tmp_path / "trial", "--endpoint", "https://127.0.0.1:8440")
    assert tocsin(*arguments)[0] == 0
    before = (tmp_path / "trial" / "played.json").read_bytes()

    assert tocsin(*arguments)[0] == 1
    assert (tmp_path / "trial" / "played.json").read_bytes() == before
    assert tocsin("conform", "run", tmp_path)[0] == 3


def test_a_drill_is_a_drill(tmp_path: Path) -> None:
    """The circle is marked as one, has a member for each that the cases play, and secrets are kept so."""
    tocsin("conform", "prepare", tmp_path / "trial", "--endpoint", "https://127.0.0.1:8440")

    circle, players, _ = load(tmp_path / "trial", SystemChance())

    assert circle.drill
    assert len(players) == PLAYERS
    assert sum(case.players for case in ALL) + 2 <= PLAYERS
    assert (tmp_path / "trial" / "played.json").stat().st_mode & 0o077 == 0


def test_every_case_has_a_name_of_its_own() -> None:
    """Cases are told apart by their names, and each says which section it is about."""
    assert len({case.name for case in ALL}) == len(ALL)
    sections = {case.section.partition(" ")[0] for case in ALL}
    assert sections == {
        "8.3",
        "8.4",
        "9.2",
        "9.3",
        "9.4",
        "9.5",
        "9.6",
        "9.7",
        "10.1",
        "10.2",
        "11",
        "12.1",
        "16",
        "18",
        "20",
    }
