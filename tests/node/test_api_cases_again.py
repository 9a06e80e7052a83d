"""What was brought in before is not brought in twice: files of others' formats at a real node."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cases.formats.files import bundle, event, file_of, incident, stix, uuid
from tests.node.conftest import Run
from tests.node.nodes import confirmed, found
from tests.node.test_api import in_thread
from tests.node.test_api_cases import client_of, name_of, report

from tocsin.core.records import Report
from tocsin.node.api.cases.exchangetypes import ImportedCase, ImportFormat, ImportQuery
from tocsin.node.api.cases.types import SayAsk
from tocsin.node.api.types import SayErasure
from tocsin.node.caseclient import CaseClient
from tocsin.node.node import Node

FILES: dict[ImportFormat, Callable[[str], object]] = {
    "misp": lambda title: {"Event": event(info=title)},
    "stix": lambda title: bundle(stix("incident", name=title)),
    "aiid": lambda title: [incident(title=title)],
}


async def bring(
    node: Node, circle: str, form: ImportFormat, value: object, *, again: bool = False, dry: bool = False
) -> ImportedCase:
    """What a file with one case becomes."""
    query = ImportQuery(format=form, author="duty", again=again, dry=dry)
    told = await in_thread(client_of(node).import_cases, circle, query, file_of(value))
    (one,) = told.cases
    return one


def reports_of(client: CaseClient, circle: str) -> list[str]:
    """The reports that there are."""
    newest = client.newest(circle, 500).records
    return sorted(f"{one.member}.{one.index}" for one in newest if isinstance(one.record, Report))


@pytest.mark.parametrize("form", FILES)
def test_a_file_comes_in_once(run: Run[None], tmp_path: Path, form: ImportFormat) -> None:
    """By the identifier it gives, also after a restart, and when it has changed; again only when told to."""
    circle, make = found(tmp_path), FILES[form]

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            await in_thread(client_of(east).write, circle.id, report(summary=uuid("event"), lang="en"))
            first = await bring(east, circle.id, form, make("Smoke"))
            assert (first.already, first.case) == (False, first.records[0])
            there = await in_thread(reports_of, client_of(east), circle.id)
            for dry in (False, True):
                told = await bring(east, circle.id, form, make("Smoke"), dry=dry)
                assert (told.already, told.case, told.records) == (True, first.case, first.records)
                assert (told.lacking, told.differs, told.placed) == (0, False, first.placed)
        async with circle.running("east") as (east,):
            changed = await bring(east, circle.id, form, make("More smoke"))
            assert (changed.already, changed.differs, changed.case) == (True, True, first.case)
            assert await in_thread(reports_of, client_of(east), circle.id) == there
            again = await bring(east, circle.id, form, make("Smoke"), again=True)
            assert not again.already
            assert again.case not in (None, first.case)
            known = await bring(east, circle.id, form, make("Smoke"))
            assert (known.case, known.records) == (first.case, first.records)

    run(scenario())


def test_what_is_missing_of_it_is_said(run: Run[None], tmp_path: Path) -> None:
    """Of a file of several reports, one of which is gone by now: nothing comes back by itself."""
    circle = found(tmp_path)
    reports = [{"report_number": at, "url": f"https://news.example/{at}"} for at in range(100)]

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            value = [incident(reports=reports)]
            first = await bring(east, circle.id, "aiid", value)
            assert len(first.records) > 1
            last = int(first.records[-1].rpartition(".")[2])
            order = SayErasure(
                author="duty",
                author_kind="officer",
                lang="en",
                ordered_by="The court",
                reason="The law.",
                indices=(last,),
            )
            await in_thread(client_of(east).write, circle.id, order)
            told = await bring(east, circle.id, "aiid", value)
            assert (told.already, told.records, told.lacking) == (True, first.records[:-1], 1)
            assert told.differs

    run(scenario())


def test_who_tries_again_too_early_waits(run: Run[None], tmp_path: Path) -> None:
    """Of two that bring the same file in at once, one does; and an event that stands there twice is one."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running("east") as (east,):
            value = {"response": [{"Event": event()}, {"Event": event()}]}
            query = ImportQuery(format="misp", author="duty")
            both = await asyncio.gather(
                *(in_thread(client_of(east).import_cases, circle.id, query, file_of(value)) for _ in range(2))
            )
            cases = [one for told in both for one in told.cases]
            assert sorted(one.already for one in cases) == [False, True, True, True]
            assert not any(one.differs for one in cases)
            assert len({one.case for one in cases}) == 1

    run(scenario())


def test_an_answer_is_no_report_of_it(run: Run[None], tmp_path: Path) -> None:
    """Of an event that stands there twice, the second is named as it is when the file comes again."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            client = client_of(east)
            case = name_of(await in_thread(client_of(north).write, circle.id, report()))
            ask = SayAsk(author="duty", author_kind="officer", case=case, questions=("seen",))
            asked = await in_thread(client_of(north).write, circle.id, ask)
            await confirmed(north.lines[circle.id], asked.index + 1)
            query = ImportQuery(format="misp", author="duty", case=case, ask=name_of(asked))
            value = file_of({"response": [{"Event": event()}, {"Event": event()}]})
            first, second = (await in_thread(client.import_cases, circle.id, query, value)).cases
            again, _ = (await in_thread(client.import_cases, circle.id, query, value)).cases
            assert len(first.records) > len(second.records)
            assert (second.already, second.records) == (True, again.records)

    run(scenario())


def test_what_another_member_brought_in_is_its_own(run: Run[None], tmp_path: Path) -> None:
    """It counts what each organisation says: only our own imports are known again."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            first = await bring(east, circle.id, "misp", FILES["misp"]("Smoke"))
            await confirmed(east.lines[circle.id], int(first.records[-1].rpartition(".")[2]) + 1)
            other = await bring(north, circle.id, "misp", FILES["misp"]("Smoke"))
            assert not other.already

    run(scenario())
