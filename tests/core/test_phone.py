"""The phone call: both sides read what the other expects, and whoever is somebody else does not.

The named bad keys stand in vectors/phone.json; here are the rules that hold for all.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import MalformedKey, Refusal
from tocsin.core.names import LogName
from tocsin.core.phone import SPOKEN, Pair, PhoneKey, PhoneSecret, Sets, grouped, spoken
from tocsin.core.records import Card, parse_record

CASES = json.loads((Path(__file__).parents[2] / "vectors" / "phone.json").read_text("utf-8"))["cases"]
CIRCLE = "0db88fe787dc50e3a3192ad7e44716ebd55b76f3ee22a28a65076d5a35d98902"
EAST, NORTH, SOUTH = (LogName("line.example.org", CIRCLE, slug, 1) for slug in ("east", "north", "south"))

secrets = st.binary(min_size=32, max_size=32)
minutes = st.integers(0, 2**40)

Case = dict[str, Any]


def pair_of(case: Case) -> Pair:
    """The two members of a case."""
    ours = PhoneSecret.of(LogName.parse(case["log"]), bytes.fromhex(case["secret"]))
    return Pair.of(ours, PhoneKey.parse(LogName.parse(case["their_log"]), case["their_key"]))


def result(case: Case) -> object:
    """What the case's operation gives."""
    if case["operation"] == "key":
        return PhoneKey.parse(LogName.parse(case["log"]), case["key"]).public.hex()
    if case["operation"] == "secret":
        secret = PhoneSecret.of(LogName.parse(case["log"]), bytes.fromhex(case["secret"]))
        return {"key": secret.key.encode(), "file": secret.encode_unsafe()}
    if case["operation"] == "card":
        card = parse_record(case["record"].encode()).record
        assert isinstance(card, Card)
        return card.phone
    pair = pair_of(case)
    if case["operation"] == "call":
        return {side: asdict(pair.at(case["minute"], called=side == "called")) for side in case["expect"]}
    sides = {side: pair.row(case["sheet"], case["row"], called=side == "called") for side in case["expect"]}
    return {side: asdict(sets) for side, sets in sides.items()}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_vector(case: Case) -> None:
    """A case gives what it expects, or is refused with the error it names."""
    if "error" in case:
        with pytest.raises(Refusal) as refused:
            pair_of(case) if "their_key" in case else result(case)
        assert case["error"] == refused.value.code
    else:
        assert case["expect"] == result(case)


def pairs(one: bytes, other: bytes) -> tuple[Pair, Pair]:
    """East and north, each as seen from itself."""
    east, north = PhoneSecret.of(EAST, one), PhoneSecret.of(NORTH, other)
    return Pair.of(east, north.key), Pair.of(north, east.key)


@given(secrets, secrets, minutes)
def test_each_reads_what_the_other_expects(one: bytes, other: bytes, minute: int) -> None:
    """Whoever of the two is called, and in a call as well as by a sheet."""
    east, north = pairs(one, other)
    for called in (True, False):
        for ours, theirs in (
            (east.at(minute, called=called), north.at(minute, called=not called)),
            (east.row(1, 1 + minute, called=called), north.row(1, 1 + minute, called=not called)),
        ):
            assert (ours.ours, ours.theirs) == (theirs.theirs, theirs.ours)
            assert len(ours.ours) == len(ours.theirs) == 6
            assert (ours.ours + ours.theirs).isdecimal()


def everything(pair: Pair, minute: int) -> list[str]:
    """All that may be read in a minute, and one row's."""
    read: list[Sets] = []
    for called in (True, False):
        read += [pair.at(minute, called=called), pair.row(1, 1, called=called)]
    return [digits for sets in read for digits in (sets.ours, sets.theirs)]


def test_no_two_sets_are_the_same() -> None:
    """Sides, roles, minutes, rows and sheets: of 2,600 sets, hardly two are equal by chance.

    With role or side left out, half of them would be.
    """
    east, _ = pairs(bytes([1]) * 32, bytes([2]) * 32)
    both = (True, False)
    sets = [east.at(minute, called=called) for minute in range(250) for called in both]
    sets += [east.row(1 + n // 20, 1 + n % 20, called=called) for n in range(400) for called in both]
    read = [digits for one in sets for digits in (one.ours, one.theirs)]
    assert len(read) - len(set(read)) < 15


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (LogName("line.example.org", CIRCLE, "east", 2), NORTH),
        (EAST, LogName("line.example.org", CIRCLE, "north", 2)),
        (EAST, SOUTH),
        (SOUTH, NORTH),
        (NORTH, EAST),
        *[
            tuple(LogName(domain, circle, slug, 1) for slug in ("east", "north"))
            for domain, circle in (("drill.line.example.org", CIRCLE), ("line.example.org", "f" * 64))
        ],
    ],
    ids=["our epoch", "their epoch", "their member", "our member", "exchanged", "drill", "circle"],
)
def test_the_names_are_in_it(ours: LogName, theirs: LogName) -> None:
    """With the same keys, another member, epoch, circle or mode reads nothing that would pass."""
    one, other = bytes([1]) * 32, bytes([2]) * 32
    east, _ = pairs(one, other)
    changed = Pair.of(PhoneSecret.of(ours, one), PhoneKey(theirs, PhoneSecret.of(theirs, other).key.public))
    assert not set(everything(east, 7)) & set(everything(changed, 7))


def test_who_calls_both_gets_nothing_that_passes() -> None:
    """Both were called then, and both read what is read by who was called: neither expects that."""
    east, north = pairs(bytes([1]) * 32, bytes([2]) * 32)
    for minute in range(100):
        read = {east.at(minute, called=True).ours, north.at(minute, called=True).ours}
        expected = {east.at(minute, called=True).theirs, north.at(minute, called=True).theirs}
        assert not read & expected


@pytest.mark.parametrize(
    "other", [EAST, LogName("line.example.org", CIRCLE, "east", 2), LogName("x.example", CIRCLE, "north", 1)]
)
def test_a_key_meets_another_of_its_circle_alone(other: LogName) -> None:
    """Not one of our own, and none of another circle."""
    with pytest.raises(MalformedKey):
        PhoneSecret.of(EAST, bytes([1]) * 32).shared_with(PhoneSecret.of(other, bytes([2]) * 32).key)


@given(st.binary(max_size=40))
def test_a_key_is_read_back_or_refused(public: bytes) -> None:
    """Whatever it is: a key that may be used is written again as it was."""
    try:
        key = PhoneKey(EAST, public)
    except MalformedKey:
        return
    assert PhoneKey.parse(EAST, key.encode()) == key


@given(secrets)
def test_a_secret_is_kept_and_never_shown(secret: bytes) -> None:
    """What is written is read back; neither a key nor a pair shows anything of it."""
    own = PhoneSecret.of(EAST, secret)
    text = own.encode_unsafe()
    assert PhoneSecret.parse(text).encode_unsafe() == text
    pair = Pair.of(own, PhoneSecret.of(NORTH, bytes([9]) * 32).key)
    for shown in (repr(own), repr(pair)):
        assert text.rpartition(" ")[2] not in shown
        assert repr(secret) not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x y z",
        "tocsin-phone-key/v1 {log}",
        "tocsin-phone-key/v2 {log} {key}",
        "tocsin-phone-key/v1 {key} {log}",
    ]
    + [
        f"tocsin-phone-key/v1 {{log}}{more}"
        for more in ("  {key}", " {key} ", " {key}x", " {short}", "/phone {key}")
    ],
)
def test_a_spoilt_secret_is_refused_without_being_shown(text: str) -> None:
    """Whatever is wrong with the file, the error does not hold the secret."""
    key = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="
    spoilt = text.format(log=EAST, key=key, short=key[:-8] + "AA==")
    with pytest.raises(MalformedKey) as caught:
        PhoneSecret.parse(spoilt)
    assert key[:20] not in str(caught.value)


@pytest.mark.parametrize("lang", SPOKEN)
def test_ten_words_in_each_language(lang: str) -> None:
    """Each digit has a word of its own, and a set is spoken in two groups of three."""
    assert len(set(SPOKEN[lang])) == 10
    first, second = spoken("471902", lang).split(", ")
    assert [SPOKEN[lang].index(word) for word in (*first.split(" "), *second.split(" "))] == [
        4,
        7,
        1,
        9,
        0,
        2,
    ]
    assert grouped("471902") == "471 902"
