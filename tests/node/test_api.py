import asyncio
import base64
import http.client
import json
import random
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.node.conftest import Run
from tests.node.nodes import Founded, confirmed, found, free_port, until

from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.prooffile import verify_proof
from tocsin.core.errors import TocsinError
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName
from tocsin.core.records import NoteRecord, Report, parse_record, sign_record
from tocsin.core.tlog.checkpoint import Checkpoint, sign_checkpoint
from tocsin.node.api.cases.types import Cited, SayReport
from tocsin.node.api.operations import MAX_BODY_BYTES, openapi, operations_of
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import Problem, SayNote, SayRecord, ShownRecord
from tocsin.node.client import Client, NoAnswer, _Connection
from tocsin.node.clock import SystemChance
from tocsin.node.errors import UnsafeFile
from tocsin.node.folder import Folder
from tocsin.node.node import Node

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
T = TypeVar("T")


def client_of(node: Node) -> Client:
    """A client of that node. It blocks: call it in a thread, since the node runs in this one."""
    return Client(node.config.api_socket)


def say(text: str) -> SayNote:
    """A note."""
    return SayNote(author="duty", author_kind="officer", lang="en", text=text)


def exchange(node: Node, method: str, target: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Status and body of a call that no client would make."""
    connection = _Connection(node.config.api_socket)
    try:
        connection.request(method, target, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def in_thread(call: Callable[..., T], *arguments: object) -> "asyncio.Future[T]":
    """Call it in a thread."""
    return asyncio.ensure_future(asyncio.to_thread(call, *arguments))


def document() -> dict[str, object]:
    """The OpenAPI document."""
    return openapi(operations_of(Calls(None)))  # type: ignore[arg-type]


def test_the_docs_have_every_route() -> None:
    """docs/api.md, the OpenAPI document and the routes are one list."""
    routes = {f"{one.method} {one.path}" for one in operations_of(Calls(None))}  # type: ignore[arg-type]
    paths: dict[str, dict[str, object]] = document()["paths"]  # type: ignore[assignment]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    documented = {
        line.split("`")[1]
        for line in DOCS.read_text().splitlines()
        if line.startswith(("| `GET", "| `POST", "| `DELETE"))
    }

    assert documented == described == routes


def references(value: object) -> Iterator[str]:
    """Every type that a part of the document refers to."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_openapi_document_is_whole() -> None:
    """Every type that the document refers to is in it, and every type and operation has words."""
    whole = document()
    schemas: dict[str, dict[str, str]] = whole["components"]["schemas"]  # type: ignore[index]

    assert {name.removeprefix("#/components/schemas/") for name in references(whole)} <= set(schemas)
    assert all(schema["description"] for schema in schemas.values())
    operations = [one for methods in whole["paths"].values() for one in methods.values()]  # type: ignore[attr-defined]
    assert all(one["summary"].endswith((".", "offline.")) for one in operations)


def test_what_is_written_is_read_at_both_ends(run: Run[None], tmp_path: Path) -> None:
    """A note and a report come out of both nodes as they went in; the author's says who confirmed them."""
    circle = found(tmp_path)
    report = SayReport(
        author="watch",
        author_kind="machine",
        answerable="duty",
        lang="en",
        tlp="TLP:GREEN",
        summary="A picture of an explosion.",
        sources=(Cited(kind="post", locator="https://social.example/1", obtained="automatic"),),
    )

    async def scenario() -> None:
        async with circle.running() as (east, north):
            noted = await in_thread(client_of(east).write, circle.id, say("Smoke."))
            reported = await in_thread(client_of(east).write, circle.id, report)
            await confirmed(east.lines[circle.id], reported.index + 1)

            for node, confirmed_by in ((east, ("north",)), (north, None)):
                records = await in_thread(client_of(node).records, circle.id, noted.log)
                shown = {record.index: record for record in records.records}
                assert [record.index for record in records.records] == list(range(len(shown)))
                assert records.sizes[noted.log] == len(shown)
                assert shown[noted.index].confirmed_by == confirmed_by
                note, told = shown[noted.index].record, shown[reported.index].record
                assert isinstance(note, NoteRecord)
                assert (note.text, note.circle, note.tlp) == ("Smoke.", circle.id, "TLP:AMBER")
                assert isinstance(told, Report)
                (source,) = told.sources
                assert (source.locator, source.obtained, told.tlp) == (
                    "https://social.example/1",
                    "automatic",
                    "TLP:GREEN",
                )

    run(scenario())


def test_a_signed_record_shows_its_officer(run: Run[None], tmp_path: Path) -> None:
    """A record signed by a key on the card is written byte for byte, and shown with the officer's role."""
    circle = found(tmp_path)
    log = LogName("loopback.example", circle.id, "east", 1)
    officer = SigningKey.generate(log.officer("duty"), SignatureType.ED25519, SystemChance())
    circle.places[0].more = f'officers = ["{officer.verifying.encode()}"]'
    record = NoteRecord(
        circle=circle.id,
        at_ms=1,
        author="duty",
        author_kind="officer",
        tlp="TLP:GREEN",
        text="Signed by hand.",
        lang="en",
    )
    signed = sign_record(record, officer)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await until(lambda: not east.cards.publishing)
            written = await in_thread(client_of(east).write, circle.id, SayRecord(record=signed))
            await confirmed(east.lines[circle.id], written.index + 1)

            for node in (east, north):
                shown = (
                    await in_thread(client_of(node).records, circle.id, written.log, written.index)
                ).records
                assert [one.officer for one in shown] == ["duty"]
                assert node.store.record(written.log, written.index)[2] == signed

    run(scenario())


REFUSED: tuple[tuple[str, str, bytes | msgspec.Struct | None, int, str], ...] = (
    ("POST", "/v1/circles/{circle}/records", b"", 400, "malformed-json"),
    ("POST", "/v1/circles/{circle}/records", b'{"kind": "note', 400, "malformed-json"),
    ("POST", "/v1/circles/{circle}/records", b"\xff", 400, "malformed-json"),
    ("POST", "/v1/circles/{circle}/records", b"[]", 422, "malformed-call"),
    ("POST", "/v1/circles/{circle}/records", b'{"kind": "rumour"}', 422, "malformed-call"),
    ("POST", "/v1/circles/{circle}/records", b"{}", 422, "malformed-call"),
    ("POST", "/v1/circles/{circle}/records?loud=1", b"{}", 422, "malformed-call"),
    ("POST", "/v1/circles/{circle}/records", bytes(MAX_BODY_BYTES + 1), 413, "body-too-large"),
    ("POST", f"/v1/circles/{'0' * 64}/records", say("x"), 404, "no-such-circle"),
    ("POST", "/v1/circles/{circle}/records", SayRecord(record=b'{"a":1.5}'), 422, "float"),
    ("POST", "/v1/circles/{circle}/records", SayRecord(record=b'{"a":1,"a":1}'), 422, "duplicate-key"),
    ("POST", "/v1/circles/{circle}/records", SayRecord(record=b" {}"), 422, "not-canonical"),
    ("POST", "/v1/circles/{circle}/records", SayRecord(record=bytes(65_537)), 422, "record-too-large"),
    (
        "POST",
        "/v1/circles/{circle}/records",
        SayNote(author="duty", author_kind="officer", lang="en", text="x", tlp="TLP:RED"),
        422,
        "handling-exceeded",
    ),
    ("POST", "/v1/circles/{circle}/records", say("x" * 40_000), 422, "malformed-record"),
    ("POST", "/v1/circles", b'{"charter": "x", "join_files": []}', 422, "malformed-charter"),
    ("GET", "/v1/circles/{circle}/records?log=nonsense", None, 404, "unknown-name"),
    ("GET", "/v1/circles/{circle}/records?first=-1", None, 422, "malformed-call"),
    ("GET", "/v1/circles/{circle}/records?limit=1001", None, 422, "malformed-call"),
    ("GET", "/v1/circles/{circle}/proof", None, 422, "malformed-call"),
    ("GET", "/v1/circles/{circle}/proof?log=nonsense&index=0", None, 404, "unknown-name"),
    ("GET", "/v1/circles/{circle}/proof?log={log}&index=1000", None, 422, "not-provable"),
    ("GET", "/v1/circles/{circle}/entry?log={log}&index=1000", None, 404, "unknown-name"),
    ("GET", f"/v1/circles/{'0' * 64}/evidence", None, 404, "no-such-circle"),
    ("GET", "/v1/follow?circle=x", None, 422, "malformed-call"),
    ("GET", "/v2/status", None, 404, "no-such-route"),
    ("DELETE", "/v1/status", None, 405, "no-such-route"),
    ("POST", "/tocsin/v1/push", b"", 404, "no-such-route"),
)


def test_a_wrong_method_is_told_the_right_ones(run: Run[None], tmp_path: Path) -> None:
    """With 405 comes `Allow`, as HTTP wants it."""
    circle = found(tmp_path)

    def allowed(node: Node) -> str | None:
        connection = _Connection(node.config.api_socket)
        try:
            connection.request("DELETE", f"/v1/circles/{circle.id}/proof")
            return connection.getresponse().getheader("allow")
        finally:
            connection.close()

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            assert set((await in_thread(allowed, east) or "").split(", ")) == {"GET", "HEAD"}

    run(scenario())


def test_every_refusal_is_a_problem_with_a_code(run: Run[None], tmp_path: Path) -> None:
    """What a program did wrong is a problem document with the code and status that belong to it."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            log = east.lines[circle.id].own.name
            for method, target, body, status, code in REFUSED:
                data = msgspec.json.encode(body) if isinstance(body, msgspec.Struct) else body
                path = target.replace("{circle}", circle.id).replace("{log}", log)

                found_status, answer = await in_thread(exchange, east, method, path, data)

                problem = msgspec.json.decode(answer, type=Problem)
                assert (found_status, problem.status, problem.code) == (status, status, code)
                assert problem.detail

    run(scenario())


def test_each_parameter_stands_once(run: Run[None], tmp_path: Path) -> None:
    """Twice, also with one value or written in two ways, it is refused: nobody guesses which was meant."""
    circle = found(tmp_path)
    taking = [one for one in operations_of(Calls(None)) if one.takes_query]  # type: ignore[arg-type]
    calls = [
        (one.method, f"{one.path}?{again}".replace("{circle}", circle.id))
        for one in taking
        for name in msgspec.structs.fields(one.takes_query or Problem)
        for again in (
            f"{name.name}=1&{name.name}=2",
            f"{name.name}=1&%{ord(name.name[0]):x}{name.name[1:]}=1",
        )
    ]

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            for method, target in calls:
                status, answer = await in_thread(exchange, east, method, target, b"{}")
                problem = msgspec.json.decode(answer, type=Problem)
                assert (status, problem.code) == (422, "malformed-call"), target
                assert problem.detail == "Expected each parameter once."

    assert {one.path for one in taking} >= {"/v1/follow", "/v1/circles/{circle}/records"}
    run(scenario())


def test_nothing_that_is_sent_is_our_fault(run: Run[None], tmp_path: Path) -> None:
    """Whatever a body is made into, the answer is below 500, and nothing is reported as a fault."""
    circle = found(tmp_path)
    chance = random.Random(1)
    whole = msgspec.json.encode(say("Smoke."))

    def spoilt() -> bytes:
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
        return bytes(data)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            for _ in range(200):
                status, _ = await in_thread(
                    exchange, east, "POST", f"/v1/circles/{circle.id}/records", spoilt()
                )
                assert status < 500
        assert "fail" not in circle.places[0].printed.getvalue()

    run(scenario())


def test_followers_see_records_as_they_come(run: Run[None], tmp_path: Path) -> None:
    """A follower gets the newest, then what each member writes, without contexts; it ends with the node."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await until(lambda: not east.cards.publishing and not north.cards.publishing)
            first = await in_thread(client_of(east).write, circle.id, say("Before."))
            await confirmed(east.lines[circle.id], first.index + 1)
            shown: list[ShownRecord] = []

            def follow() -> None:
                shown.extend(client_of(north).follow(newest=1))

            following = in_thread(follow)
            await until(lambda: bool(north.news._waiting))
            await in_thread(client_of(north).write, circle.id, say("North."))
            last = await in_thread(client_of(east).write, circle.id, say("East."))
            await confirmed(east.lines[circle.id], last.index + 1)
            await north.stop()
            await following

            said = [(one.member, one.record.text) for one in shown if isinstance(one.record, NoteRecord)]
            assert said == [("east", "Before."), ("north", "North."), ("east", "East.")]
            assert len(said) == len(shown)

    run(scenario())


def test_what_is_not_understood_is_shown_as_that(run: Run[None], tmp_path: Path) -> None:
    """A record of an unknown kind is listed with its place and the reason, and the next one is readable."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line = east.lines[circle.id]
            await until(lambda: not east.cards.publishing)
            await line.own._append([b'{"kind":"novelty"}'])
            written = await line.write([circle.note("Readable.")])
            await confirmed(line, written.size)

            shown = (await in_thread(client_of(north).records, circle.id, line.own.name)).records

            unread = [one.code for one in shown if one.state == "not-understood"]
            assert unread == ["unknown-kind"]
            assert isinstance(shown[-1].record, NoteRecord)

    run(scenario())


def test_a_proof_file_names_its_holders(run: Run[None], tmp_path: Path) -> None:
    """The proof of a record verifies with the circle's id alone, at the author and at a follower."""
    circle = found(tmp_path, 3)

    async def scenario() -> None:
        async with circle.running() as (east, north, _):
            line = east.lines[circle.id]
            written = await in_thread(client_of(east).write, circle.id, say("Provable."))
            await confirmed(line, written.index + 1)

            for node, holders in ((east, {"north", "south"}), (north, {"north"})):
                data = await in_thread(client_of(node).proof, circle.id, written.log, written.index)
                facts = verify_proof(data, circle.id)
                record = parse_record(facts.body).record
                assert isinstance(record, NoteRecord)
                assert (facts.author.slug, record.text) == ("east", "Provable.")
                assert {holder.member.slug for holder in facts.holders} == holders

    run(scenario())


def test_evidence_is_handed_out(run: Run[None], tmp_path: Path) -> None:
    """A stopped log's evidence comes out as it was kept, and the health says so."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            assert (await in_thread(client_of(east).evidence, circle.id)).evidence == ()
            north = east.lines[circle.id].circle.by_slug["north"]
            key = Folder.of(circle.places[1].config).keys(circle.id, 1).member.log
            first, second = (
                sign_checkpoint(Checkpoint(str(north.log), 2, bytes([n]) * 32), key) for n in range(2)
            )
            fork = Fork(first, second).encode(circle.id, north.opening)
            log = str(north.log)
            with east.store.transaction():
                east.store.stop(log, fork)
            followed = east.lines[circle.id].following.log(log)
            assert followed is not None
            followed.stopped = True

            (evidence,) = (await in_thread(client_of(east).evidence, circle.id)).evidence
            assert (evidence.member, bytes(evidence.evidence)) == ("north", fork.removesuffix(b"\n"))
            health = await in_thread(client_of(east).health)
            assert "two-versions" in {trouble.code for trouble in health.troubles}

    run(scenario())


def test_status_says_who_holds_what(run: Run[None], tmp_path: Path) -> None:
    """The status has for each member how much is held in either direction, and how long confirming took."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            written = await in_thread(client_of(east).write, circle.id, say("Smoke."))
            line = east.lines[circle.id]
            await confirmed(line, written.index + 1)
            await until(lambda: east.latency_ms(circle.id, "north") is not None)

            (state,) = (await in_thread(client_of(east).status)).circles
            (north,) = state.members
            assert (state.id, state.member, state.size) == (circle.id, "east", line.own.size)
            assert north.confirmed is not None
            assert north.confirmed.size >= written.index + 1
            assert (north.trouble, north.stopped, north.held) == (None, False, north.known)
            assert (await in_thread(client_of(east).health)).status == "ok"

    run(scenario())


def test_metrics_are_what_prometheus_reads(run: Run[None], tmp_path: Path) -> None:
    """The metrics parse, each has words, and their numbers are those of the node."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            written = await in_thread(client_of(east).write, circle.id, say("Smoke."))
            line = east.lines[circle.id]
            await confirmed(line, written.index + 1)

            text = (await in_thread(client_of(east).metrics)).decode()

            families = {family.name: family for family in text_string_to_metric_families(text)}
            assert all(family.documentation for family in families.values())
            sizes = {one.labels["member"]: one.value for one in families["tocsin_log_entries"].samples}
            assert sizes["east"] == line.own.size
            assert families["tocsin_disk_free_bytes"].samples[0].value > 0
            counts = {one.name: one.value for one in families["tocsin_commit_seconds"].samples}
            assert counts["tocsin_commit_seconds_count"] > 0

    run(scenario())


def call_tcp(port: int, token: str | None) -> int:
    """The status of a call over TCP."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        connection.request("GET", "/v1/status", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def with_token(circle: Founded, tmp_path: Path, token: str, mode: int = 0o600) -> int:
    """Give the first place a TCP socket for its API; returns the port."""
    path, port = tmp_path / "token", free_port()
    path.write_text(f"{token}\n")
    path.chmod(mode)
    circle.places[0].more = f'[api]\nlisten = "127.0.0.1:{port}"\ntoken_file = "{path}"'
    return port


def test_over_tcp_a_token_is_needed(run: Run[None], tmp_path: Path) -> None:
    """With no token, or one that differs in one letter, nothing is answered; the Unix socket needs none."""
    circle = found(tmp_path)
    token = "0123456789abcdef" * 2
    port = with_token(circle, tmp_path, token)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            wrong = [None, "", token[:-1], token[:-1] + "0", token + "0", token.upper()]
            assert [await in_thread(call_tcp, port, one) for one in wrong] == [401] * len(wrong)
            assert await in_thread(call_tcp, port, token) == 200
            assert (await in_thread(client_of(east).status)).circles

    run(scenario())


@pytest.mark.parametrize(("token", "mode"), [("0123456789abcdef" * 2, 0o644), ("short", 0o600)])
def test_a_weak_token_stops_the_start(run: Run[None], tmp_path: Path, token: str, mode: int) -> None:
    """A token that others can read, or that is short, keeps the node from starting."""
    circle = found(tmp_path)
    with_token(circle, tmp_path, token, mode)

    async def scenario() -> None:
        with pytest.raises(UnsafeFile, match="Next: "):
            await circle.places[0].node().start()

    run(scenario())


def test_only_the_owner_may_call_the_socket(run: Run[None], tmp_path: Path) -> None:
    """The Unix socket is 0600 from the moment that it can be connected to, and gone when the node is."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            path = east.config.api_socket
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            client = client_of(east)
        assert not path.exists()
        with pytest.raises(NoAnswer, match="Next: `tocsin run`"):
            await in_thread(client.status)

    run(scenario())


def test_a_client_raises_what_the_node_refused(run: Run[None], tmp_path: Path) -> None:
    """A problem comes out of the client as an error with its code, its words and its next step."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            east.lines[circle.id].own.halt("Expected this, found that. Next: do something.")
            with pytest.raises(TocsinError, match="Next: do something") as caught:
                await in_thread(client_of(east).write, circle.id, say("x"))
            assert caught.value.code == "writes-halted"

    run(scenario())


def test_base64_of_a_record_is_what_the_api_takes() -> None:
    """`record` is plain base64, which every language has."""
    assert (
        json.loads(msgspec.json.encode(SayRecord(record=b"{}")))["record"] == base64.b64encode(b"{}").decode()
    )
