"""docs/protocol.md and docs/errors.md have what the code has: errors, records, calls, answers; and no other.

(Settings and routes, against docs/configuration.md and docs/api.md: tests/node.)
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

import msgspec
import pytest

import tocsin
from tocsin.cases.picture.view import FindingCode, Standing, State
from tocsin.circles.founding.charter import Charter
from tocsin.circles.wire import answers, http
from tocsin.circles.wire.protocol import Path as Call
from tocsin.core import records
from tocsin.core.errors import TocsinError
from tocsin.core.records.cases import vocabulary

ROOT = Path(__file__).parents[2]
PROTOCOL = (ROOT / "docs/protocol.md").read_text()
ERRORS = (ROOT / "docs/errors.md").read_text()

CLOSED_LISTS = {
    name: list(get_args(words)) for name, words in vars(vocabulary).items() if get_origin(words) is Literal
}
NO_ERRORS = {
    *("signed-note", "tlog-checkpoint", "tlog-cosignature", "tlog-tiles", "tlog-witness", "tlog-proof"),
    *(http.RECEIVER, http.SIGNER, http.NONCE, http.SIGNATURE),
    *("add-checkpoint", "like-this"),
    *(word for words in CLOSED_LISTS.values() for word in words),
    *get_args(FindingCode),
}
"""What looks like an error's code in docs/protocol.md: C2SP's words, headers, an example, lists, findings."""


def error_codes() -> set[str]:
    """The code of every error there is."""
    for module in pkgutil.walk_packages(tocsin.__path__, "tocsin."):
        importlib.import_module(module.name)

    def below(kind: type[TocsinError]) -> Iterator[type[TocsinError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    ours = (kind for kind in below(TocsinError) if kind.__module__.startswith("tocsin."))
    return {kind.code for kind in ours} | {"no-such-route"}


def section(number: str) -> str:
    """A section of the protocol, with those below it."""
    level = "#" * (2 + number.count("."))
    _, _, text = PROTOCOL.partition(f"\n{level} {number}")
    assert text, f"section {number}"
    return re.split(rf"\n#{{2,{len(level)}}} ", text)[0]


def codes_in_tables(text: str) -> set[str]:
    """What stands in the first column of the tables of errors."""
    tables = re.findall(r"^\| (?:error|code) \|.*\n\|[-|]+\n((?:\|.*\n?)+)", text, re.MULTILINE)
    first = [row.split("|")[1] for table in tables for row in table.splitlines()]
    return {code for cell in first for code in re.findall(r"`([^`]+)`", cell)}


def test_every_error_is_documented() -> None:
    """Each error's code stands in docs/protocol.md, or else in a table of docs/errors.md."""
    in_protocol = set(re.findall(r"`([a-z0-9-]+)`", PROTOCOL))

    assert error_codes() - in_protocol == codes_in_tables(ERRORS)


def test_every_documented_error_exists() -> None:
    """docs/protocol.md has no error, in a table or within its text, that the code does not have."""
    in_text = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", PROTOCOL))

    assert codes_in_tables(PROTOCOL) | (in_text - NO_ERRORS) <= error_codes()


def test_every_kind_of_record() -> None:
    """Section 7.3 has the kinds of records that the code has."""
    assert sorted(re.findall(r"^\*\*([\w-]+)\*\*", section("7.3"), re.MULTILINE)) == sorted(records.KINDS)


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in map(vars(records).get, records.__all__)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind is not records.Parsed
    ],
)
def test_every_field_of_a_record(kind: type[msgspec.Struct]) -> None:
    """Section 7 has each field of each record, and of what is in it."""
    text = section("7")

    assert [name for name in kind.__struct_fields__ if not re.search(rf'[`"]{name}["`]', text)] == []


def test_every_closed_list() -> None:
    """Section 7.3 has the closed lists that the code has, word for word."""
    rows = re.findall(r"^\| \*(\w+)\* \| (.*) \|$", section("7.3"), re.MULTILINE)

    assert {name: re.findall("`([^`]+)`", row) for name, row in rows} == CLOSED_LISTS


def test_every_finding() -> None:
    """Section 19.2 has what can be found wrong with a record, and its standings; 19.6 a case's states."""
    rows = re.findall(r"^\| `([a-z-]+)` \|", section("19.2"), re.MULTILINE)

    assert sorted(rows) == sorted(get_args(FindingCode))
    assert {standing for standing in get_args(Standing) if f"**{standing}**" not in section("19.2")} == set()
    assert {state for state in get_args(State) if f"**{state}**" not in section("19.6")} == set()


def test_every_key_of_a_charter() -> None:
    """Section 8.1 has the keys that a charter has, and section 8.4 those that only an amendment has."""
    text = "".join(section(number).partition("| error |")[0] for number in ("8.1", "8.4"))
    rows = re.findall(r"^\| (`.*`) \| ", text, re.MULTILINE)

    assert set(re.findall(r"\w+", " ".join(rows))) == set(Charter.__struct_fields__)


def test_every_call() -> None:
    """Section 10.2 has the paths that are served; section 11 has the witness's."""
    paths = set(re.findall(r"^\| `(/\S+)` \|", section("10.2"), re.MULTILINE))

    assert paths == set(Call) - {Call.ADD_CHECKPOINT}
    assert f"POST {Call.ADD_CHECKPOINT}" in section("11")


def test_every_answer() -> None:
    """Section 9.4 has the kinds of answers by their numbers."""
    numbers = re.findall(r"^    (\d+) [a-z]", section("9.4"), re.MULTILINE)

    assert [int(number) for number in numbers] == [kind.kind for kind in get_args(answers.Answer)]


def test_every_status() -> None:
    """Section 10.2 has the HTTP status of each error that has one of its own."""
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", section("10.2"), re.MULTILINE)
    documented = {code: int(status) for status, row in rows for code in re.findall(r"`([a-z-]+)`", row)}

    assert documented == answers._STATUS_OF_CODE


def test_sections_that_the_code_names() -> None:
    """Every section of docs/protocol.md that the code refers to is there."""
    headings = set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)", PROTOCOL, re.MULTILINE))
    named = {
        number
        for path in ROOT.glob("src/**/*.py")
        for text in re.findall(r"protocol\.md,\s+(?:sections? )?([0-9., and]+)", path.read_text())
        for number in re.findall(r"\d+(?:\.\d+)?", text)
    }

    assert named
    assert named <= headings
