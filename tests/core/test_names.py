"""Names: one way to write each, and a drill is never taken for anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import MalformedName
from tocsin.core.names import (
    MAX_EPOCH,
    MAX_LOG_NAME_BYTES,
    LogName,
    check_role,
    is_drill,
    organisation_name,
)

CIRCLE = "0123456789abcdef" * 4
LOG = LogName("line.example.org", CIRCLE, "kr-desk", 1)

BAD_DOMAINS = [
    "",
    ".",
    "example.",
    ".example",
    "a..b",
    "-a.example",
    "a-.example",
    "Example.org",
    "exam_ple.org",
    "example.org/x",
    "example.org\n",
    "exa mple.org",
    "bücher.example",
    "٣.example",
    "a" * 101,
]
BAD_CIRCLES = ["", CIRCLE[1:], CIRCLE + "0", CIRCLE.upper(), "g" + CIRCLE[1:], CIRCLE[1:] + "\n", "٣" * 64]
BAD_SLUGS = ["", "a" * 33, "KR", "kr_desk", "kr/desk", "kr desk", "kr\n", "ñ", "٣"]
BAD_EPOCHS = ["", "0", "01", "+1", "-1", "1.0", "1 ", "1\n", "٣", "x", str(MAX_EPOCH + 1), "9" * 5000]

domains = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?(\.[a-z0-9]{1,9}){0,3}", fullmatch=True)
slugs = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
logs = st.builds(
    LogName, domains, st.from_regex("[0-9a-f]{64}", fullmatch=True), slugs, st.integers(1, MAX_EPOCH)
)


@given(logs)
def test_one_way_to_write_a_log(log: LogName) -> None:
    """A log's name, parsed, is the log."""
    assert log == LogName.parse(str(log))


@given(st.text() | st.from_regex(r"[a-z.]{1,5}/[0-9a-f]{64}/[a-z-]{1,5}/[0-9]{1,11}"))
def test_nothing_else_is_a_log(text: str) -> None:
    """Whatever parses as a log's name is written again as the same text; everything else is refused."""
    try:
        log = LogName.parse(text)
    except MalformedName:
        return
    assert text == str(log)


@pytest.mark.parametrize(
    "text",
    [
        *(f"{domain}/{CIRCLE}/kr/1" for domain in BAD_DOMAINS),
        *(f"example.org/{circle}/kr/1" for circle in BAD_CIRCLES),
        *(f"example.org/{CIRCLE}/{member}/1" for member in BAD_SLUGS),
        *(f"example.org/{CIRCLE}/kr/{epoch}" for epoch in BAD_EPOCHS),
        f"example.org/{CIRCLE}/kr",
        f"example.org/{CIRCLE}/kr/1/holder",
        f"example.org/{CIRCLE}/kr/1\x00",
        f" example.org/{CIRCLE}/kr/1",
    ],
)
def test_hostile_log_names(text: str) -> None:
    """A name with one part out of its rule is refused."""
    with pytest.raises(MalformedName):
        LogName.parse(text)


def test_limits() -> None:
    """The longest name there can be is read, and is as long as the stated limit."""
    longest = LogName("a" * 100, CIRCLE, "m" * 32, MAX_EPOCH)

    assert len(str(longest)) == MAX_LOG_NAME_BYTES
    assert longest == LogName.parse(str(longest))


def test_made_by_hand() -> None:
    """A log name made from parts is held to the same rules."""
    with pytest.raises(MalformedName):
        LogName("Example.org", CIRCLE, "kr", 1)
    with pytest.raises(MalformedName):
        LogName("example.org", CIRCLE, "kr", 0)


def test_key_names() -> None:
    """The names of a member's keys start with the name of its log."""
    name = f"line.example.org/{CIRCLE}/kr-desk/1"

    assert name == str(LOG)
    assert f"{name}/holder" == LOG.holder
    assert f"{name}/witness" == LOG.witness
    assert f"{name}/request" == LOG.request
    assert f"{name}/duty-officer" == LOG.officer("duty-officer")
    assert organisation_name("line.example.org", "kr-desk") == "line.example.org/kr-desk"


@pytest.mark.parametrize("role", [*BAD_SLUGS, "holder", "witness", "request"])
def test_roles(role: str) -> None:
    """An officer's role is a slug, and never the name of one of the node's keys."""
    with pytest.raises(MalformedName):
        check_role(role)
    with pytest.raises(MalformedName):
        LOG.officer(role)


@pytest.mark.parametrize(
    ("domain", "drill"),
    [
        ("drill", True),
        ("drill.example.org", True),
        ("example.org", False),
        ("drills.example.org", False),
        ("drill-2.example.org", False),
        ("a.drill.example.org", False),
    ],
)
def test_drills(domain: str, *, drill: bool) -> None:
    """A drill's domain has `drill` as its first label: not as a part of it, and not later."""
    assert drill is is_drill(domain)
