"""Cases through the machine API, at real nodes."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found
from tests.node.test_api import exchange, in_thread

from tocsin.cases.formats import Imported, Into
from tocsin.core.errors import Refusal
from tocsin.core.records import (
    Actor,
    GroundTruth,
    Passing,
    Reading,
    Report,
    Source,
    Translation,
    parse_record,
)
from tocsin.node.api.cases import exchange as exchanging
from tocsin.node.api.cases import reading
from tocsin.node.api.cases.attaching import AttachQuery
from tocsin.node.api.cases.exchangetypes import PassOn
from tocsin.node.api.cases.found import ArchiveQuery, BriefQuery, CasesQuery, SearchQuery
from tocsin.node.api.cases.types import (
    Cited,
    Likely,
    SayAnswer,
    SayAsk,
    SayClosing,
    SayCorrection,
    SayGroundTruth,
    SayHypothesis,
    SayReading,
    SayReport,
    SayWithdrawal,
)
from tocsin.node.api.types import Problem, SayErasure, SayRecord, Written
from tocsin.node.caseclient import CaseClient
from tocsin.node.node import Node

SOURCES = (
    Cited(kind="website", locator="https://news.example/1", obtained="published"),
    Cited(kind="sensor", locator="camera 7", obtained="automatic", sha256="ab" * 32),
)


def client_of(node: Node) -> CaseClient:
    """A client of that node. It blocks: call it in a thread."""
    return CaseClient(node.config.api_socket)


def report(**fields: Any) -> SayReport:  # noqa: ANN401 - whatever a report can have
    """A report."""
    given = {"author": "duty", "author_kind": "officer", "tlp": "TLP:GREEN", "sources": SOURCES}
    return SayReport(**given | fields)


def name_of(written: Written) -> str:
    """How people name it."""
    _, _, member, epoch = written.log.split("/")
    return f"{member}.{epoch}.{written.index}"


def test_sets_may_stand_in_any_order(run: Run[None], tmp_path: Path) -> None:
    """And twice: the record has them in their one order, each once; what names records, names versions."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            client = client_of(east)
            opened = await in_thread(client.write, circle.id, report(economies=("TW", "KR", "TW")))
            case = name_of(opened)
            ask = SayAsk(
                author="duty",
                author_kind="officer",
                case=case,
                questions=("times", "seen", "seen"),
                to=("north", "east"),
            )
            asked = await in_thread(client.write, circle.id, ask)
            await confirmed(east.lines[circle.id], asked.index + 1)

            view = await in_thread(client_of(north).case, circle.id, case)
            first, second = (entry.record for entry in view.timeline)
            assert isinstance(first, Report)
            assert first.economies == ("KR", "TW")
            assert list(msgspec.to_builtins(second)["questions"]) == ["seen", "times"]
            assert (
                view.case.entry
                == base64.b64encode(east.store.entries(opened.log, opened.index, opened.index + 1)).decode()
            )
            assert view == await in_thread(client.case, circle.id, case)

    run(scenario())


def test_what_it_was_is_said_by_names(run: Run[None], tmp_path: Path) -> None:
    """A hypothesis is named as every record; sets may stand in any order; what makes no whole is refused."""
    circle = found(tmp_path)
    common: dict[str, Any] = {"author": "duty", "author_kind": "officer"}

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            client = client_of(east)
            case = name_of(await in_thread(client.write, circle.id, report()))
            common["case"] = case
            supposed = SayHypothesis(**common, under="attack", text="A stolen key.", lang="en")
            named = name_of(await in_thread(client.write, circle.id, supposed))
            say = SayReading(
                **common,
                probabilities=(
                    Likely(hypothesis=named, permille=300),
                    Likely(what="undetermined", permille=200),
                    Likely(what="attack", permille=500),
                ),
                confidence="moderate",
                sources=(Cited(kind="website", locator="https://news.example/2", obtained="published"),),
                who=(Actor(name="Thieves", permille=300), Actor(name="A clerk", permille=1)),
            )
            await in_thread(client.write, circle.id, say)
            reading = (await in_thread(client.case, circle.id, case)).timeline[-1].record
            assert isinstance(reading, Reading)
            assert [one.permille for one in reading.probabilities] == [500, 200, 300]
            assert str(reading.probabilities[2].hypothesis) == named
            assert [one.name for one in reading.who or ()] == ["A clerk", "Thieves"]

            for wrong, code in (
                (replace(say, probabilities=(Likely(what="attack", permille=999),)), "not-a-distribution"),
                (replace(say, probabilities=(Likely(permille=1_000),)), "malformed-record"),
                (replace(say, sources=None), "malformed-record"),
                (
                    replace(say, who=(Actor(name="A", permille=600), Actor(name="B", permille=600))),
                    "not-a-distribution",
                ),
                (
                    replace(say, probabilities=(Likely(hypothesis=case, permille=1_000),)),
                    "unknown-hypothesis",
                ),
                (SayGroundTruth(**common, what="attack", hypothesis="east.1.999"), "unknown-record"),
                (SayGroundTruth(**common, what="attack"), "case-open"),
            ):
                with pytest.raises(Refusal) as caught:
                    await in_thread(client.write, circle.id, wrong)
                assert caught.value.code == code

            mistaken = name_of(await in_thread(client.write, circle.id, supposed))
            await in_thread(
                client.write, circle.id, SayWithdrawal(**common, of=(mistaken,), reason="mistaken")
            )
            gone = (Likely(hypothesis=mistaken, permille=1_000),)
            with pytest.raises(Refusal, match="withdrawn") as caught:
                await in_thread(client.write, circle.id, replace(say, probabilities=gone))
            assert caught.value.code == "unknown-hypothesis"

            await in_thread(client.write, circle.id, SayClosing(**common, outcome="incident"))
            truth = SayGroundTruth(**common, what="attack", hypothesis=named)
            with pytest.raises(Refusal) as caught:
                await in_thread(client.write, circle.id, replace(truth, what="cascade"))
            assert caught.value.code == "wrong-kind"
            await in_thread(client.write, circle.id, truth)
            found_out = (await in_thread(client.case, circle.id, case)).timeline[-1].record
            assert isinstance(found_out, GroundTruth)
            assert str(found_out.hypothesis) == named
            for wish in (say, supposed):
                for command in (client.write, client.draft):
                    with pytest.raises(Refusal) as caught:
                        await in_thread(command, circle.id, wish)
                    assert caught.value.code == "case-closed"

    run(scenario())


def test_a_draft_is_not_written(run: Run[None], tmp_path: Path) -> None:
    """It is the record as it would be, and can be written as it is."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            client = client_of(east)
            drafted = await in_thread(client.draft, circle.id, report(summary="Smoke.", lang="en"))
            newest = (await in_thread(client.newest, circle.id)).records
            assert not [one for one in newest if isinstance(one.record, Report)]
            record = parse_record(drafted).record
            assert isinstance(record, Report)
            assert (record.summary, record.circle) == ("Smoke.", circle.id)
            written = await in_thread(client.write, circle.id, SayRecord(record=drafted))
            assert east.store.record(written.log, written.index)[2] == drafted

    run(scenario())


def test_passing_on_says_nothing_of_where_it_comes_from(run: Run[None], tmp_path: Path) -> None:
    """First it is said here; then it stands there, with the same sources, as a case of its own."""
    here = found(tmp_path)
    there = found(tmp_path, places=here.places)

    async def scenario() -> None:
        async with here.running("east") as (east,):
            await east.join(there.text, there.join_files)
            client = client_of(east)
            case = name_of(await in_thread(client.write, here.id, report(summary="Smoke.", lang="en")))
            more = name_of(await in_thread(client.write, here.id, report(case=case)))
            wish = PassOn(circle=there.id, of=(more, case), author="duty", to="another circle")

            passed = await in_thread(client.pass_on, here.id, case, wish)

            view = await in_thread(client.case, there.id, passed.records[0])
            assert [str(entry.ref) for entry in view.timeline] == list(passed.records)
            assert view.corroboration.independent_sources == len(SOURCES)
            assert here.id not in json.dumps(msgspec.to_builtins(view))
            said = await in_thread(client.case, here.id, case)
            assert isinstance(said.timeline[-1].record, Passing)
            assert str(said.timeline[-1].ref) == passed.passing

    run(scenario())


def test_what_may_not_be_passed_on_is_not(run: Run[None], tmp_path: Path) -> None:
    """Above the label, to where it is, into a drill, to no case there: nothing is written, here or there."""
    here = found(tmp_path)
    there = found(tmp_path, places=here.places)
    drill = found(tmp_path, 2, "drill.loopback.example", here.places)

    async def scenario() -> None:
        async with here.running("east") as (east,):
            await east.join(there.text, there.join_files)
            await east.join(drill.text, drill.join_files)
            client = client_of(east)
            case = name_of(await in_thread(client.write, here.id, report(tlp="TLP:AMBER")))
            open_case = name_of(await in_thread(client.write, here.id, report()))
            for circle, of, into, refused in (
                (there.id, case, None, (422, "passing-refused")),
                (here.id, open_case, None, (422, "passing-refused")),
                (drill.id, open_case, None, (422, "passing-refused")),
                (there.id, open_case, "east.1.9999", (404, "unknown-record")),
                (there.id, open_case, "east.1.1", (404, "unknown-case")),
                ("0" * 64, open_case, None, (404, "no-such-circle")),
            ):
                body = PassOn(circle=circle, of=(of,), author="duty", into=into)
                target = f"/v1/circles/{here.id}/cases/{of}/passing"
                status, answer = await in_thread(exchange, east, "POST", target, msgspec.json.encode(body))
                assert (status, msgspec.json.decode(answer, type=Problem).code) == refused
            for circle, reports in ((here.id, 2), (there.id, 0), (drill.id, 0)):
                newest = (await in_thread(client.newest, circle)).records
                kinds = [one.record.kind for one in newest if one.record is not None]
                assert (kinds.count("report"), kinds.count("passing")) == (reports, 0)

    run(scenario())


BY = "author=duty"
REFUSED: tuple[tuple[str, str, bytes, int, str], ...] = (
    ("GET", "cases/east.1.9999", b"", 404, "unknown-record"),
    ("GET", "cases/nobody.1.1", b"", 404, "unknown-record"),
    ("GET", "cases/east.1.1", b"", 404, "unknown-case"),
    ("GET", "cases/..", b"", 404, "unknown-record"),
    ("GET", "cases/east.1.1/delivery", b"", 404, "unknown-case"),
    ("GET", "cases/east.1.1/brief?lang=tlh", b"", 422, "unknown-language"),
    ("GET", "cases?limit=0", b"", 422, "malformed-call"),
    ("GET", "cases?after=nonsense", b"", 422, "malformed-page"),
    ("GET", "search?q=%22%22", b"", 422, "nothing-asked"),
    ("GET", "search?case=x", b"", 422, "malformed-call"),
    ("GET", "cases/{case}/export?format=misp", b"", 422, "malformed-call"),
    ("GET", "cases/{case}/export?format=misp&up_to=TLP:CLEAR", b"", 422, "nothing-leaves"),
    ("POST", f"import?format=misp&{BY}", b"{", 422, "malformed-file"),
    ("POST", f"import?format=misp&{BY}&groups=x", b"{}", 422, "malformed-groups"),
    ("POST", f"import?format=pdf&{BY}", b"{}", 422, "malformed-call"),
    ("POST", f"import?format=stix&{BY}&case=east.1.9999", b"{}", 404, "unknown-record"),
    ("GET", "attachments/00", b"", 404, "no-content"),
    ("GET", f"attachments/{'0' * 64}", b"", 404, "no-content"),
    ("POST", f"attachments/{'0' * 64}?record={{case}}", b"", 404, "no-content"),
    ("POST", "attachments", b"", 422, "malformed-call"),
    (
        "POST",
        "drafts",
        b'{"kind": "report", "author": "duty", "author_kind": "officer"}',
        422,
        "malformed-call",
    ),
    (
        "POST",
        "drafts",
        b'{"kind": "note", "author": "duty", "author_kind": "officer"}',
        422,
        "malformed-call",
    ),
    (
        "POST",
        "drafts",
        b'{"kind":"ask","author":"duty","author_kind":"officer","case":"east.1.1","questions":["seen"]}',
        404,
        "unknown-case",
    ),
    (
        "POST",
        "drafts",
        b'{"kind":"ask","author":"duty","author_kind":"machine","case":"{case}","questions":["seen"]}',
        422,
        "malformed-record",
    ),
    (
        "POST",
        "drafts",
        b'{"kind":"report","author":"duty","author_kind":"officer","sources":[{"kind":"record","record":"{case}"}]}',
        422,
        "not-in-case",
    ),
    (
        "POST",
        "drafts",
        b'{"kind":"report","author":"duty","author_kind":"officer","case":"{case}","sources":[{"kind":"record","record":"{case}"}]}',
        422,
        "self-citation",
    ),
    (
        "POST",
        "drafts",
        b'{"kind":"ask","author":"duty","author_kind":"officer","case":"{case}","questions":["seen"],"to":["dogwood"]}',
        422,
        "nobody-asked",
    ),
    (
        "POST",
        "drafts",
        b'{"kind":"report","author":"duty","author_kind":"officer","sources":[]}',
        422,
        "malformed-record",
    ),
)


def test_every_refusal_about_cases_has_its_code(run: Run[None], tmp_path: Path) -> None:
    """A problem document with the code and status that belong to it, and nothing is written."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            case = name_of(await in_thread(client_of(east).write, circle.id, report()))
            for method, rest, body, status, code in REFUSED:
                target = f"/v1/circles/{circle.id}/{rest.replace('{case}', case)}"
                data = body.replace(b"{case}", case.encode())
                found_status, answer = await in_thread(exchange, east, method, target, data)
                problem = msgspec.json.decode(answer, type=Problem)
                assert (found_status, problem.status, problem.code) == (status, status, code), (rest, body)
                assert problem.detail
            newest = (await in_thread(client_of(east).newest, circle.id)).records
            kinds = {one.record.kind for one in newest if one.record is not None}
            assert kinds <= {"opening", "card", "report"}

    run(scenario())


def test_what_was_observed_is_seen_and_forgotten(run: Run[None], tmp_path: Path) -> None:
    """By the node's own programs alone; of an id that is not there, that is said."""
    circle = found(tmp_path)
    observation = {
        "id": "crawler/7",
        "at_ms": 0,
        "source": {"kind": "website", "locator": "https://watch.example/7", "obtained": "first-hand"},
        "texts": [{"text": "A false picture of smoke."}],
    }

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            body = json.dumps({"observations": [observation]}).encode()
            assert (await in_thread(exchange, east, "POST", "/v1/observations", body))[0] == 200
            status, listed = await in_thread(exchange, east, "GET", "/v1/observations")
            assert (status, json.loads(listed)["observations"][0]["id"]) == (200, "crawler/7")
            for feed, ids in (("own", ["crawler/7"]), ("other", [])):
                _, listed = await in_thread(exchange, east, "GET", f"/v1/observations?feed={feed}")
                assert [one["id"] for one in json.loads(listed)["observations"]] == ids
            status, one = await in_thread(exchange, east, "GET", "/v1/observations/crawler/7")
            assert (status, json.loads(one)["texts"]) == (200, observation["texts"])
            assert (await in_thread(exchange, east, "DELETE", "/v1/observations/crawler%2F7"))[0] == 200
            for method in ("GET", "DELETE"):
                status, answer = await in_thread(exchange, east, method, "/v1/observations/crawler/7")
                code = msgspec.json.decode(answer, type=Problem).code
                assert (status, code) == (404, "unknown-observation")
            status, answer = await in_thread(
                exchange, east, "POST", "/v1/observations", b'{"observations": []}'
            )
            assert (status, msgspec.json.decode(answer, type=Problem).code) == (422, "malformed-call")

    run(scenario())


def test_a_case_goes_on_without_the_report_that_opened_it(run: Run[None], tmp_path: Path) -> None:
    """Erased, it takes nobody's words with it: what others said is shown, told, answered and found."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            client, other = client_of(east), client_of(north)
            opened = await in_thread(client.write, circle.id, report())
            case = name_of(opened)
            await confirmed(east.lines[circle.id], opened.index + 1)
            ask = SayAsk(author="duty", author_kind="officer", case=case, questions=("seen",))
            asked = await in_thread(other.write, circle.id, ask)
            await confirmed(north.lines[circle.id], asked.index + 1)
            order = SayErasure(
                author="duty",
                author_kind="officer",
                lang="en",
                ordered_by="The court",
                reason="The law.",
                indices=(opened.index,),
            )
            ordered = await in_thread(client.write, circle.id, order)
            await confirmed(east.lines[circle.id], ordered.index + 1)
            for one in (client, other):
                view = await in_thread(one.case, circle.id, case)
                while view.state != "unknown":
                    view = await in_thread(one.case, circle.id, case)
                assert [str(entry.ref) for entry in view.timeline] == [name_of(asked)]
                listed = (await in_thread(one.cases, circle.id, CasesQuery())).cases
                assert [(str(shown.ref), shown.state) for shown in listed] == [(case, "unknown")]
                await in_thread(one.delivery, circle.id, case)
                await in_thread(one.brief, circle.id, case, BriefQuery())
                await in_thread(one.archive, circle.id, case, ArchiveQuery())
            answer = SayAnswer(
                author="duty", author_kind="officer", case=case, ask=name_of(asked), seen="not-seen"
            )
            answered = await in_thread(client.write, circle.id, answer)
            hits = await in_thread(client.search, circle.id, SearchQuery(case=case, kind="answer"))
            assert [hit.name for hit in hits.records] == [name_of(answered)]
            target = f"/v1/circles/{circle.id}/import?format=misp&{BY}&case={case}"
            _, told = await in_thread(exchange, east, "POST", target, b"{")
            assert msgspec.json.decode(told, type=Problem).code == "malformed-file"

    run(scenario())


def test_a_hit_says_what_became_of_it(run: Run[None], tmp_path: Path) -> None:
    """Corrected, with what stands there now; withdrawn; or nothing of that, where it is of no case."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            client = client_of(east)
            by: dict[str, Any] = {"author": "duty", "author_kind": "officer"}
            case = name_of(await in_thread(client.write, circle.id, report(summary="Smoke.", lang="en")))
            say = SayCorrection(**by, case=case, of=case, summary="It is false.", lang="en")
            corrected = name_of(await in_thread(client.write, circle.id, say))
            more = name_of(await in_thread(client.write, circle.id, report(case=case)))
            gone = SayWithdrawal(**by, case=case, of=(more,), reason="mistaken")
            withdrawn = name_of(await in_thread(client.write, circle.id, gone))
            hits = await in_thread(client.search, circle.id, SearchQuery(case=case, kind="report"))
            found_here = {hit.name: hit for hit in hits.records}
            assert found_here[case].standing == "corrected"
            assert found_here[case].corrected_by == (corrected,)
            assert found_here[case].summary_now == "It is false."
            assert (found_here[more].standing, found_here[more].withdrawn_by) == ("withdrawn", withdrawn)

    run(scenario())


def test_of_an_import_that_is_refused_nothing_is_left(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the report that would open the case, if one that follows cannot be written."""
    circle = found(tmp_path)

    def read(data: bytes, into: Into) -> tuple[Imported, ...]:
        del data
        fields: dict[str, Any] = {"circle": into.circle, "at_ms": into.at_ms, "author": into.author}
        fields |= {"author_kind": "officer", "tlp": "TLP:GREEN"}
        source = Source(kind="website", locator="https://news.example/1", obtained="published")
        texts = tuple(
            Translation(lang=lang, by="duty", by_kind="officer", text="x" * 16_000)
            for lang in ("ja", "ko", "ru", "tg", "zh")
        )
        opening = Report(**fields, sources=(source,))
        large = Report(**fields, sources=(source,), summary="x", lang="en", translations=texts)
        return (
            Imported(
                title="", opening=opening, following=lambda case: (replace(large, case=case),), placed=()
            ),
        )

    monkeypatch.setitem(exchanging._READERS, "misp", read)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            target = f"/v1/circles/{circle.id}/import?format=misp&{BY}"
            status, answer = await in_thread(exchange, east, "POST", target, b"{}")
            assert (status, msgspec.json.decode(answer, type=Problem).code) == (422, "record-too-large")
            newest = (await in_thread(client_of(east).newest, circle.id)).records
            assert not [one for one in newest if isinstance(one.record, Report)]

    run(scenario())


def test_an_archive_takes_as_many_attachments_as_it_has_room_for(
    run: Run[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small ones first; the others stay with the members that have them."""
    monkeypatch.setattr(reading, "_MAX_CONTENT_BYTES", 8)
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            client = client_of(east)
            attached = [
                await in_thread(client.attach, circle.id, AttachQuery(), content)
                for content in (b"large attachment", b"small")
            ]
            both = tuple(sorted(attached, key=lambda one: one.sha256))
            case = name_of(await in_thread(client.write, circle.id, report(attachments=both)))
            archive = await in_thread(client.archive, circle.id, case, ArchiveQuery())
            names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
            assert [name.rpartition("/")[2] for name in names if "attachments/" in name] == [
                attached[1].sha256
            ]

    run(scenario())
