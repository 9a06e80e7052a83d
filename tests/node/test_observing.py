import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.node.casebook import Casebook
from tests.node.conftest import Run
from tests.node.nodes import Founded, found, until

from tocsin.cases.matching import MalformedObservation, Observation, Text, Verdict, judge
from tocsin.cases.picture.view import AnswerView
from tocsin.core.records import Fingerprint, Ref, Source, encode_record
from tocsin.node.errors import SensorMissing
from tocsin.node.node import Node
from tocsin.node.observing.files import read_file
from tocsin.node.observing.sensing import load_sensors

SHA = Fingerprint(kind="sha256", value="a" * 64)
OPEN = """
[[observing.grants]]
circle = "{circle}"
classes = ["general"]
feeds = ["own"]
answerable = "duty"
"""


def seen(name: str, text: str = "private words", **more: object) -> Observation:
    """An observation with a hash."""
    source = Source(kind="website", locator=f"https://cited.example/{name}", obtained="published")
    made = Observation(id=name, at_ms=1, source=source, texts=(Text(text=text),), fingerprints=(SHA,))
    return msgspec.structs.replace(made, **more)


async def asks(node: Node, circle: str, book: Casebook, **more: Any) -> tuple[Ref, Ref]:  # noqa: ANN401 - any field of a report
    """That node reports what it has a hash of, and asks all."""
    line = node.lines[circle]
    written = await line.write([encode_record(book.report(**({"fingerprints": (SHA,)} | more)))])
    case = node.desk.casework[circle].ref(f"{line.own.member.slug}.1.{written.first}")
    written = await line.write([encode_record(book.ask(case))])
    return case, node.desk.casework[circle].ref(f"{line.own.member.slug}.1.{written.first}")


async def answers(node: Node, circle: str, case: Ref, *by: str) -> dict[str, AnswerView]:
    """Of the one ask of a case: who answered what, as that node sees it, once these have."""
    while True:
        (ask,) = (await node.desk.casework[circle].view(case)).asks
        given = {answer.member: answer for answer in ask.answers if answer.ref}
        if set(by) <= set(given):
            return given
        await asyncio.sleep(0.01)


def opened(founded: Founded, *slugs: str) -> None:
    """These members opt in."""
    for place in founded.places:
        if place.slug in slugs:
            place.more = OPEN.format(circle=founded.id)


def test_by_default_a_match_is_proposed_and_nothing_leaves(tmp_path: Path, run: Run[object]) -> None:
    """The officer is shown what fits, with an answer to give; the node itself writes nothing."""
    founded = found(tmp_path)

    async def main() -> None:
        async with founded.running() as (east, north):
            await north.desk.observing.add([seen("one"), seen("two", fingerprints=())])
            case, ask = await asks(east, founded.id, Casebook(founded.id))
            await until(lambda: north.desk.casework[founded.id].said(ask) is not None)
            (proposal,) = await north.desk.observing.proposals(founded.id, "duty")
            assert (proposal.case, proposal.ask) == (case, ask)
            assert [match.observation.id for match in proposal.matches] == ["one"]
            assert proposal.answer.seen == "may-not-say"  # what is AMBER may not go under GREEN
            assert north.desk.observing.probes(founded.id) == []
            await north.lines[founded.id].write([encode_record(proposal.answer)])
            assert await north.desk.observing.proposals(founded.id, "duty") == []

    run(main())


def test_where_its_owner_opted_in_a_node_answers(tmp_path: Path, run: Run[object]) -> None:
    """The asker sees what a machine was allowed to say; the owner sees who asked, and what became of it."""
    founded = found(tmp_path, 3)
    opened(founded, "north", "south")

    async def main() -> None:
        async with founded.running() as (east, north, south):
            await north.desk.observing.add([seen("one", handling="TLP:GREEN"), seen("two", class_="secret")])
            case, ask = await asks(east, founded.id, Casebook(founded.id))
            view = await answers(east, founded.id, case, "north", "south")
            assert (view["north"].seen, view["north"].count, view["north"].by_machine) == ("seen", "1", True)
            assert (view["south"].seen, view["south"].by_machine) == ("cannot-tell", True)
            assert view["north"].ref is not None
            said = east.desk.casework[founded.id].said(view["north"].ref)
            assert said is not None
            assert b"private" not in encode_record(said.record)
            (probe,) = north.desk.observing.probes(founded.id)
            assert (probe.ask, probe.asker, probe.outcome, probe.seen) == (ask, "east", "allowed", True)
            assert [one.seen for one in south.desk.observing.probes(founded.id)] == [False]

    run(main())


def test_an_ask_is_judged_once_whenever_the_node_starts(tmp_path: Path, run: Run[object]) -> None:
    """A vague ask is refused without a look at what is there; neither that nor its budget is forgotten."""
    founded = found(tmp_path)
    opened(founded, "north")

    async def main() -> None:
        async with founded.running() as (east, north):
            await north.desk.observing.add([seen("one", "AI chatbot", fingerprints=(), handling="TLP:GREEN")])
            book = Casebook(founded.id)
            source = Source(kind="other", locator="hearsay", obtained="received")
            case, _ = await asks(
                east, founded.id, book, summary="AI chatbot", lang="en", fingerprints=None, sources=(source,)
            )
            view = await answers(east, founded.id, case, "north")
            assert view["north"].seen == "may-not-say"
            (probe,) = north.desk.observing.probes(founded.id)
            assert (probe.outcome, probe.reason, probe.seen) == ("refused", "too-vague", None)
        async with founded.running("north") as (north,):
            await until(lambda: north.desk.observing.whole)
            assert len(north.desk.observing) == 1
            assert north.desk.observing.probes(founded.id) == [probe]

    run(main())


def test_an_ask_that_cannot_be_judged_keeps_nobody_from_the_others(
    tmp_path: Path, run: Run[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever fails because of an ask is told to its owner and passed over; the next ask is answered."""
    founded = found(tmp_path)
    opened(founded, "north")
    first = iter([True])

    def judged(*given: Any, **more: Any) -> Verdict:  # noqa: ANN401 - as judge is given them
        if next(first, False):
            raise ZeroDivisionError
        return judge(*given, **more)

    monkeypatch.setattr("tocsin.node.observing.watching.judge", judged)

    async def main() -> None:
        async with founded.running() as (east, north):
            book = Casebook(founded.id)
            await asks(east, founded.id, book)
            await until(lambda: len(north.desk.observing.probes(founded.id)) == 1)
            case, _ = await asks(east, founded.id, book)
            await answers(east, founded.id, case, "north")
            told = [(one.outcome, one.reason) for one in north.desk.observing.probes(founded.id)]
            assert told == [("to-officer", "not-judged"), ("allowed", None)]

    run(main())


def test_an_answer_that_could_not_be_written_is_the_officers(
    tmp_path: Path, run: Run[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner is not told that a machine answered, and is still proposed the answer."""
    founded = found(tmp_path)
    opened(founded, "north")

    async def refused(*_: object) -> None:
        raise MalformedObservation

    monkeypatch.setattr("tocsin.node.observing.observing._write", refused)

    async def main() -> None:
        async with founded.running() as (east, north):
            await north.desk.observing.add([seen("one", handling="TLP:GREEN")])
            _, ask = await asks(east, founded.id, Casebook(founded.id))
            probes = north.desk.observing.probes
            await until(lambda: [one.reason for one in probes(founded.id)] == ["not-written"])
            assert [(one.outcome, one.seen) for one in probes(founded.id)] == [("to-officer", None)]
            assert [one.ask for one in await north.desk.observing.proposals(founded.id, "duty")] == [ask]

    run(main())


def test_observations_outlive_the_node(tmp_path: Path, run: Run[object]) -> None:
    """What was added is there after a start, what was removed is not."""
    founded = found(tmp_path)

    async def main() -> None:
        async with founded.running("east") as (east,):
            await east.desk.observing.add([seen(f"o{number}", f"robot{number}") for number in range(40)])
            assert await east.desk.observing.remove("o7")
            assert not await east.desk.observing.remove("o7")
        async with founded.running("east") as (east,):
            await until(lambda: east.desk.observing.whole)
            assert len(east.desk.observing) == 39
            assert [one.observation.id for one in await east.desk.observing.match("robot9")][:1] == ["o9"]
            assert east.desk.observing.get("o7") is None
            assert [one.id for one in east.desk.observing.page("o8", 2)] == ["o9"]

    run(main())


LINES = (
    b'{"id":"a","at_ms":1,"source":{"kind":"other","locator":"x","obtained":"other"}}\n\n'
    b'{"id":"b","at_ms":2,"source":{"kind":"other","locator":"y","obtained":"other"},"class":"c"}'
)
TABLE = """id,at,source,obtained,text,lang,system,version,sha256,handling
a,2026-11-22T10:00:00Z,https://x.example,published,"Said, so",en,Sora,2,{sha},TLP:GREEN
b,2026-11-22T12:00:00+02:00,a call,received,,,,,,
"""


def test_observations_come_from_json_lines(tmp_path: Path) -> None:
    """Each line is an observation, of the feed that is given."""
    path = tmp_path / "seen.jsonl"
    path.write_bytes(LINES)
    assert [(one.id, one.feed, one.class_) for one in read_file(path, "desk")] == [
        ("a", "desk", "general"),
        ("b", "desk", "c"),
    ]


def test_observations_come_from_a_table(tmp_path: Path) -> None:
    """Each row is an observation; a moment is one whatever its offset."""
    path = tmp_path / "seen.csv"
    path.write_text(TABLE.format(sha="a" * 64))
    one, other = read_file(path)
    assert one.at_ms == other.at_ms
    assert (one.texts[0].text, one.systems[0].version, one.fingerprints, one.handling) == (
        "Said, so",
        "2",
        (SHA,),
        "TLP:GREEN",
    )
    assert (one.source.kind, other.source.kind, other.texts) == ("website", "other", ())


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.jsonl", "{}\n", "Line 1"),
        ("a.jsonl", LINES.decode() + "\nno\n", "Line 4"),
        ("a.jsonl", "x" * 400_000, "Line 1"),
        ("a.csv", "", "columns"),
        ("a.csv", "id,at,source\n", "obtained"),
        ("a.csv", "id,at,source,obtained,price\n", "price"),
        ("a.csv", "id,at,source,obtained\na,2026-11-22,x,other\n", "`at`"),
        ("a.csv", "id,at,source,obtained\na,2026-11-22T10:00:00Z,x\n", "fields"),
        ("a.csv", "id,at,source,obtained\na,2026-11-22T10:00:00Z,x,stolen\n", "Line 2"),
        ("a.csv", 'id,at,source,obtained\n"a\n', "table"),
        ("a.csv", "id,at,source,obtained\n" + "a" * 200_000, "table"),
    ],
)
def test_a_file_with_a_bad_line_is_refused_by_its_number(
    tmp_path: Path, name: str, text: str, error: str
) -> None:
    """What is no observation is told with its line; there is no other error."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(MalformedObservation, match=error):
        list(read_file(path))


class Doorbell:
    """A sensor that fails once."""

    failed = False

    async def observations(self) -> AsyncIterator[Observation]:
        """One before it fails, one after."""
        if not Doorbell.failed:
            Doorbell.failed = True
            yield seen("before", feed="forged")
            raise OSError("the door is shut")
        yield seen("after")


def test_sensors_are_plug_ins_by_entry_points(
    tmp_path: Path, run: Run[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sensor that an installed package offers runs when it is named, under its name, and may fail."""
    package = tmp_path / "site" / "doorbell-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: doorbell\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[tocsin.sensors]\ndoorbell = doorbell_module:Doorbell\n")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setitem(sys.modules, "doorbell_module", sys.modules[__name__])
    monkeypatch.setattr("tocsin.node.observing.sensing.FIRST_AGAIN_S", 0.01)
    founded = found(tmp_path)
    founded.places[0].more = '[observing]\nsensors = ["doorbell"]'

    async def main() -> None:
        async with founded.running("east") as (east,):
            await until(lambda: len(east.desk.observing) == 2)
            assert [(one.id, one.feed) for one in east.desk.observing.page()] == [
                ("after", "doorbell"),
                ("before", "doorbell"),
            ]

    run(main())


def test_a_sensor_that_nobody_offers_is_said() -> None:
    """A name of no plug-in is refused at the start, with what to do."""
    with pytest.raises(SensorMissing, match=r"observing\.sensors"):
        load_sensors(["no-such-sensor"])
