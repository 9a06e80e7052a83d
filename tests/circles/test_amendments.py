"""Amendments: what a text has to say, and who has to sign it, to be the charter's next version.

The bad ones stand in vectors/amendment.json too.
"""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.changes import (
    ALL,
    FOUNDED,
    NEW,
    OLD,
    amended,
    changed_member,
    held,
    joining,
    leaving,
    log_of,
    opening,
    organisation,
    removal,
    root_of,
    text_of,
    with_key,
)
from tests.circles.party import party

from tocsin.circles.changing.amendment import open_amendment, sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import MAX_OPENINGS, Doubt, differences, doubts
from tocsin.circles.changing.fold import changed
from tocsin.circles.changing.standing import Chain
from tocsin.circles.errors import (
    CharterSignatures,
    KeyReused,
    MalformedCharter,
    MemberRepeated,
    WideningUnsigned,
    WrongCuts,
    WrongPredecessor,
    WrongQuorum,
    WrongRemoval,
    WrongSponsors,
)
from tocsin.circles.founding.charter import parse_charter, parse_version
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.draft import draft_charter
from tocsin.core.errors import BadSignature, Refusal, UnknownSigner
from tocsin.core.keys import SigningKey, encode_base64
from tocsin.core.note import sign_note
from tocsin.core.records.common import Tlp
from tocsin.core.tlog.checkpoint import Checkpoint

MEMBERS = FOUNDED.charter.members
QUORUM = ALL[:3]
ROOT = Path(__file__).parents[2]
Case: TypeAlias = tuple[Chain, bytes, tuple[str, ...]]


def noted(text: str, signers: Sequence[str | SigningKey], circle: Circle = FOUNDED) -> Case:
    """The text with these signatures, in this order, whatever comes of it."""
    keys = [OLD[signer] if isinstance(signer, str) else signer for signer in signers]
    return circle.chain, sign_note(text, *keys).encode(), ()


def changed_text(old: str, new: str, text: str | None = None) -> str:
    """A draft that changes nothing, with one thing replaced."""
    text = text_of(FOUNDED) if text is None else text
    assert old in text
    return text.replace(old, new, 1)


def swapped(old: str, new: str) -> Case:
    """That, signed by everyone."""
    return noted(changed_text(old, new), ALL)


def observers(*slugs: str) -> list[object]:
    """The members, of whom some are observers from now on."""
    return [changed_member(member, observer=True) if member.slug in slugs else member for member in MEMBERS]


JOINED = changed(
    FOUNDED,
    [amended(FOUNDED, [*QUORUM, NEW["elm"]], members=[*MEMBERS, joining("elm", "ash")])],
)
PROMOTED = [
    changed_member(member, observer=False) if member.slug == "elm" else member
    for member in JOINED.charter.members
]
REPLACED = changed(
    FOUNDED, [amended(FOUNDED, [*ALL[1:], NEW["ash"]], members=with_key(FOUNDED, "ash", NEW["ash"]))]
)
CEDAR_LEFT = changed(FOUNDED, [leaving("cedar")])
REMOVED = changed(FOUNDED, [amended(FOUNDED, QUORUM, removed=[removal("date")])])
SECOND_EPOCH = changed(FOUNDED, [opening("ash", 2)])
CUT_LATER = changed(FOUNDED, [amended(FOUNDED, QUORUM, size=30)])
TEXT = text_of(FOUNDED)
WITH_ELM = text_of(FOUNDED, members=[*MEMBERS, joining("elm", "ash")])
WITHOUT_DATE = text_of(FOUNDED, removed=[removal("date")])
CUTS = [f"\n[[cuts]]{part}" for part in TEXT.split("\n[[cuts]]")[1:]]
WITH_NEW_KEY = text_of(FOUNDED, members=with_key(FOUNDED, "ash", NEW["ash"]))
NEW_TITLE = text_of(FOUNDED, title="Bay")
KEYS_ELSEWHERE = {
    key.verifying.encode(): organisation(slug, domain="port.example") for slug, key in OLD.items()
}
ELSEWHERE = TEXT.replace('domain = "harbour.example"', 'domain = "port.example"')
for vkey, key in KEYS_ELSEWHERE.items():
    ELSEWHERE = ELSEWHERE.replace(vkey, key.verifying.encode())

GOOD: dict[str, Callable[[], Case]] = {
    "nothing but cuts, signed by a quorum": lambda: noted(TEXT, QUORUM),
    "signed by everyone": lambda: noted(TEXT, ALL),
    "an observer joins": lambda: noted(WITH_ELM, [*QUORUM, NEW["elm"]]),
    "a member joins": lambda: noted(
        text_of(FOUNDED, members=[*MEMBERS, joining("elm", "ash", observer=False)]), [*ALL, NEW["elm"]]
    ),
    "an observer becomes a member": lambda: noted(text_of(JOINED, members=PROMOTED), ALL, JOINED),
    "a member becomes an observer": lambda: noted(text_of(FOUNDED, members=observers("date")), ALL[1:]),
    "a stolen key is replaced": lambda: noted(WITH_NEW_KEY, [*ALL[1:], NEW["ash"]]),
    "a key is replaced, and signs once more": lambda: noted(WITH_NEW_KEY, [*ALL, NEW["ash"]]),
    "a member is removed": lambda: noted(WITHOUT_DATE, QUORUM),
    "a member that left is left out": lambda: (
        *noted(text_of(CEDAR_LEFT), ["ash", "birch", "date"], CEDAR_LEFT)[:2],
        ("cedar",),
    ),
    "a member that left is removed": lambda: (
        *noted(text_of(FOUNDED, removed=[removal("cedar")]), ["ash", "birch", "date"])[:2],
        ("cedar",),
    ),
    "another title": lambda: noted(NEW_TITLE, ALL),
    "a stricter handling": lambda: noted(text_of(FOUNDED, handling="TLP:GREEN"), QUORUM),
    "a later epoch": lambda: noted(text_of(SECOND_EPOCH), QUORUM, SECOND_EPOCH),
    "a third version": lambda: noted(text_of(REPLACED), [NEW["ash"], *ALL[1:]], REPLACED),
    "its own words": lambda: noted(
        text_of(FOUNDED, members=[changed_member(MEMBERS[0], label="Ash"), *MEMBERS[1:]]), QUORUM
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_amendment(name: str) -> None:
    """What section 8.4 allows is the next version, and says what its text says."""
    chain, data, left = GOOD[name]()

    amendment = open_amendment(data, chain, left)

    assert (amendment.encode(), amendment.charter) == (data, parse_version(amendment.text))


BAD: dict[str, tuple[Callable[[], Case], type[Refusal]]] = {
    "a first charter's version": (lambda: swapped("version = 2", "version = 1"), MalformedCharter),
    "no predecessor": (
        lambda: noted("".join(line for line in TEXT.splitlines(True) if "previous =" not in line), ALL),
        MalformedCharter,
    ),
    "no cuts": (lambda: noted(TEXT[: TEXT.index("\n# Where the log")], ALL), MalformedCharter),
    "it continues another circle": (
        lambda: swapped("version = 2", f'version = 2\ncontinues = "{"ab" * 32}"'),
        MalformedCharter,
    ),
    "a quorum that counts observers": (
        lambda: noted(changed_text("quorum = 3", "quorum = 5", text_of(JOINED)), ALL, JOINED),
        WrongQuorum,
    ),
    "a version left out": (lambda: swapped("version = 2", "version = 3"), WrongPredecessor),
    "another predecessor": (lambda: swapped(FOUNDED.id, "ab" * 32), WrongPredecessor),
    "another domain": (lambda: noted(ELSEWHERE, [*KEYS_ELSEWHERE.values()]), WrongPredecessor),
    "another nonce": (lambda: swapped(FOUNDED.charter.nonce, "ab" * 32), WrongPredecessor),
    "a cut missing": (lambda: noted(TEXT.replace(CUTS[0], ""), ALL), WrongCuts),
    "a cut twice": (lambda: noted(TEXT + CUTS[-1], ALL), WrongCuts),
    "cuts not sorted": (
        lambda: noted(TEXT.replace(CUTS[0] + CUTS[1], CUTS[1] + CUTS[0]), ALL),
        WrongCuts,
    ),
    "a cut of a stranger's log": (
        lambda: swapped(f'log = "{log_of("ash")}"', f'log = "{log_of("aspen")}"'),
        WrongCuts,
    ),
    "a cut of a log of another circle": (
        lambda: swapped(f'log = "{log_of("ash")}"', f'log = "{log_of("ash", circle="00" * 32)}"'),
        WrongCuts,
    ),
    "a cut of no log": (lambda: swapped(f'log = "{log_of("ash")}"', 'log = "ash"'), WrongCuts),
    "a cut at nothing, with a root": (lambda: swapped("size = 15", "size = 0"), WrongCuts),
    "a cut at nothing of a later epoch": (
        lambda: noted(changed_text("size = 15", "size = 0", text_of(SECOND_EPOCH)), ALL, SECOND_EPOCH),
        WrongCuts,
    ),
    "a cut before the last one": (
        lambda: noted(changed_text("size = 30", "size = 29", text_of(CUT_LATER)), ALL, CUT_LATER),
        WrongCuts,
    ),
    "another root at the last cut": (
        lambda: noted(
            changed_text(
                encode_base64(root_of("ash", 1, 30)), encode_base64(root_of("no")), text_of(CUT_LATER)
            ),
            ALL,
            CUT_LATER,
        ),
        WrongCuts,
    ),
    "openings that are not named": (
        lambda: noted(
            "".join(line for line in text_of(SECOND_EPOCH).splitlines(True) if "openings = " not in line),
            ALL,
            SECOND_EPOCH,
        ),
        WrongCuts,
    ),
    "openings that are named already": (
        lambda: swapped("size = 15\n", f'size = 15\nopenings = ["{"ab" * 32}"]\n'),
        WrongCuts,
    ),
    "a slug that somebody had": (
        lambda: noted(
            text_of(
                REMOVED,
                members=[
                    *REMOVED.charter.members,
                    joining("date", "ash"),
                ],
            ),
            [*QUORUM, NEW["date"]],
            REMOVED,
        ),
        MemberRepeated,
    ),
    "a key that was replaced comes back": (
        lambda: noted(
            text_of(REPLACED, members=with_key(REPLACED, "ash", OLD["ash"])), [*ALL[1:], "ash"], REPLACED
        ),
        KeyReused,
    ),
    "nobody vouches for who joins": (
        lambda: noted(changed_text('sponsors = ["ash"]\n', "", WITH_ELM), [*ALL, NEW["elm"]]),
        WrongSponsors,
    ),
    "a stranger vouches": (
        lambda: noted(changed_text('["ash"]', '["fir"]', WITH_ELM), [*ALL, NEW["elm"]]),
        WrongSponsors,
    ),
    "who joins vouches for itself": (
        lambda: noted(changed_text('["ash"]', '["elm"]', WITH_ELM), [*ALL, NEW["elm"]]),
        WrongSponsors,
    ),
    "one vouches twice": (
        lambda: noted(changed_text('["ash"]', '["ash", "ash"]', WITH_ELM), [*ALL, NEW["elm"]]),
        WrongSponsors,
    ),
    "an observer vouches": (
        lambda: noted(
            text_of(JOINED, members=[*JOINED.charter.members, joining("fir", "elm")]),
            [*ALL, NEW["fir"]],
            JOINED,
        ),
        WrongSponsors,
    ),
    "somebody vouches for a member": (
        lambda: swapped('economy = "KR"\n', 'economy = "KR"\nsponsors = ["birch"]\n'),
        WrongSponsors,
    ),
    "a member is missing": (
        lambda: noted(WITHOUT_DATE[: WITHOUT_DATE.index("\n# Who is removed")], QUORUM),
        WrongRemoval,
    ),
    "a removed member stays": (
        lambda: noted(TEXT + WITHOUT_DATE[WITHOUT_DATE.index("\n# Who is removed") :], ALL),
        WrongRemoval,
    ),
    "a member is removed twice": (
        lambda: noted(WITHOUT_DATE + WITHOUT_DATE[WITHOUT_DATE.index("\n[[removed]]") :], QUORUM),
        WrongRemoval,
    ),
    "the notice is by the removed member": (
        lambda: noted(text_of(FOUNDED, removed=[removal("date", by="date")]), QUORUM),
        WrongRemoval,
    ),
    "the notice is in no log": (
        lambda: noted(
            changed_text(f'log = "{log_of("birch")}", index', 'log = "birch", index', WITHOUT_DATE), QUORUM
        ),
        WrongRemoval,
    ),
    "fewer than a quorum": (lambda: noted(TEXT, ALL[:2]), CharterSignatures),
    "signatures in another order": (lambda: noted(TEXT, QUORUM[::-1]), CharterSignatures),
    "a stranger signs too": (lambda: noted(TEXT, [*ALL, NEW["elm"]]), CharterSignatures),
    "who joins does not sign": (lambda: noted(WITH_ELM, ALL), CharterSignatures),
    "the new key does not sign": (lambda: noted(WITH_NEW_KEY, ALL), CharterSignatures),
    "a new key counts for no quorum": (
        lambda: noted(WITH_NEW_KEY, ["birch", "cedar", NEW["ash"]]),
        CharterSignatures,
    ),
    "who vouches does not sign": (
        lambda: noted(WITH_ELM, [*ALL[1:], NEW["elm"]]),
        CharterSignatures,
    ),
    "an observer signs": (
        lambda: noted(text_of(JOINED), [*ALL, NEW["elm"]], JOINED),
        CharterSignatures,
    ),
    "the removed member signs": (lambda: noted(WITHOUT_DATE, ALL), CharterSignatures),
    "a title that one did not sign": (lambda: noted(NEW_TITLE, QUORUM), WideningUnsigned),
    "a higher handling that one did not sign": (
        lambda: noted(text_of(FOUNDED, handling="TLP:RED"), QUORUM),
        WideningUnsigned,
    ),
    "limits that one did not sign": (
        lambda: noted(
            text_of(FOUNDED, limits=msgspec.structs.replace(FOUNDED.charter.limits, records_per_second=5)),
            QUORUM,
        ),
        WideningUnsigned,
    ),
    "an observer becomes a member, and one did not sign": (
        lambda: noted(text_of(JOINED, members=PROMOTED), QUORUM, JOINED),
        WideningUnsigned,
    ),
    "a member is called otherwise, and did not sign": (
        lambda: noted(
            text_of(FOUNDED, members=[*MEMBERS[:3], changed_member(MEMBERS[3], label="D")]), QUORUM
        ),
        WideningUnsigned,
    ),
    "a member becomes an observer, and did not sign": (
        lambda: noted(text_of(FOUNDED, members=observers("date")), QUORUM),
        WideningUnsigned,
    ),
    "a signature that does not verify": (
        lambda: (
            FOUNDED.chain,
            noted(TEXT, QUORUM)[1].replace(b"# This is version 2", b"# This is Version 2"),
            (),
        ),
        BadSignature,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_amendment_is_refused(name: str) -> None:
    """Each rule of section 8.4, broken alone, gives its own error."""
    make, error = BAD[name]
    chain, data, left = make()

    with pytest.raises(error):
        open_amendment(data, chain, left)


def test_every_error_has_a_vector() -> None:
    """Each error of the protocol's table has a named bad vector."""
    section = (ROOT / "docs/protocol.md").read_text("utf-8").partition("### 8.4")[2].partition("\n## ")[0]
    cases = json.loads((ROOT / "vectors/amendment.json").read_text("utf-8"))["cases"]

    table = set(re.findall(r"^\| `([a-z-]+)` \|", section.partition("| error |")[2], re.MULTILINE))

    assert table
    assert table <= {case["error"] for case in cases if "error" in case}


def test_a_first_charter_has_no_key_of_an_amendment() -> None:
    """Nor is an amendment a first charter, whoever signs it."""
    text = changed_text("version = 2", "version = 1")

    with pytest.raises(MalformedCharter):
        parse_charter(text)
    with pytest.raises(MalformedCharter):
        parse_charter(TEXT)
    with pytest.raises(WrongPredecessor):
        sign_amendment(FOUNDED.signed.text, OLD["ash"])


def test_a_circle_goes_on_in_another() -> None:
    """A first charter may say which circle it takes the place of."""
    text = draft_charter(
        domain=FOUNDED.domain,
        title="Harbour",
        purpose="To go on.",
        members=MEMBERS[:2],
        nonce=bytes(32),
        continues=FOUNDED.id,
    )

    assert parse_charter(text).continues == FOUNDED.id
    assert FOUNDED.charter.continues is None


def test_signatures_find_their_places() -> None:
    """Signed one by one, in whatever order, by old keys and new; what does not belong there is left out."""
    keys = [NEW["ash"], *(OLD[slug] for slug in reversed(ALL))]
    signatures = [sign_amendment(WITH_NEW_KEY, key, FOUNDED.charter) for key in keys]
    stray = sign_note(WITH_NEW_KEY, organisation("fir")).signatures[0]

    amendment = sealed_amendment(WITH_NEW_KEY, [stray, *signatures], FOUNDED.chain)

    assert [signature.name for signature in amendment.note.signatures] == [
        *(OLD[slug].verifying.name for slug in ALL),
        NEW["ash"].verifying.name,
    ]
    with pytest.raises(CharterSignatures):
        sealed_amendment(WITH_NEW_KEY, [stray], FOUNDED.chain)


def test_only_members_sign() -> None:
    """A replaced key signs only beside the version that lists it; a stranger's never."""
    with pytest.raises(UnknownSigner):
        sign_amendment(WITH_NEW_KEY, OLD["ash"])
    with pytest.raises(UnknownSigner):
        sign_amendment(WITH_NEW_KEY, organisation("fir"), FOUNDED.charter)


def test_what_is_different_is_said_in_words() -> None:
    """A person reads what changes before signing; the draft says it at its top, in the same words."""
    text = text_of(
        CEDAR_LEFT,
        members=[
            changed_member(MEMBERS[0], organisation_key=NEW["ash"].verifying.encode()),
            changed_member(MEMBERS[1], label="Birch", observer=True),
            joining("elm", "ash", "cedar"),
        ],
        removed=[removal("date")],
        title="Bay",
        quorum=1,
    )

    assert differences(FOUNDED.charter, parse_version(text)) == (
        "cedar has left",
        "date is removed",
        "ash has another organisation key: the one before signs nothing any more",
        "birch becomes an observer: it neither counts nor signs",
        "birch is called Birch, JP",
        "elm joins as an observer: Elm, vouched for by ash, cedar",
        "the title is another",
        "how many members must agree is another",
    )
    for line in differences(FOUNDED.charter, parse_version(text)):
        assert f"# - {line}\n" in text
    assert differences(FOUNDED.charter, FOUNDED.charter) == ()
    assert differences(JOINED.charter, parse_version(text_of(JOINED, members=PROMOTED))) == (
        "elm is no longer an observer: it counts and signs",
    )


def test_a_draft_cuts_at_the_stated_end_of_who_left() -> None:
    """And at the end of the epoch before, where nothing of the newest is held."""
    (cedar,) = (cut for cut in parse_version(text_of(CEDAR_LEFT)).cuts if "/cedar/" in cut.log)
    (ash,) = (cut for cut in parse_version(text_of(SECOND_EPOCH, size=0)).cuts if "/ash/" in cut.log)

    assert (cedar.size, cedar.root) == (20, encode_base64(root_of("cedar", 1, 20)))
    assert (ash.log, ash.size) == (str(log_of("ash", 1)), 10)


def test_nobody_opens_so_many_epochs_that_nothing_can_be_amended() -> None:
    """A text has room for so many openings; with more, the cut is in an earlier epoch."""
    events = [opening("ash", epoch) for epoch in range(2, 101)]
    circle = changed(FOUNDED, events)

    goes_on = changed(FOUNDED, [*events, amended(circle, QUORUM, size=3)])
    removed = changed(FOUNDED, [*events, amended(circle, ALL[1:], removed=[removal("ash")])])

    most = MAX_OPENINGS // len(MEMBERS)
    (cut,) = (cut for cut in goes_on.charter.cuts if "/ash/" in cut.log)
    assert (cut.log, cut.size, len(cut.openings)) == (str(log_of("ash", 1 + most)), 10, most)
    assert goes_on.by_slug["ash"].log == log_of("ash", 100)
    assert [member.log.epoch for member in removed.past] == list(range(1, 2 + most))
    settled = changed(FOUNDED, [*events, amended(circle, QUORUM, size=3), amended(goes_on, QUORUM, size=3)])
    assert [len(cut.openings) for cut in settled.charter.cuts if "/ash/" in cut.log] == [99 - most]


def test_who_signs_learns_what_is_otherwise_here() -> None:
    """A cut holds for good: more entries than are here, others, or openings that are not those that count."""

    def told(found: tuple[Doubt, ...]) -> tuple[str, ...]:
        return tuple(map(str, found))

    twice = changed(FOUNDED, [opening("ash", 2, seed=2)])
    text = parse_version(text_of(twice))

    assert doubts(twice, held(twice), text) == ()
    assert doubts(twice, held(twice, size=16), text) == ()
    assert told(doubts(SECOND_EPOCH, held(SECOND_EPOCH, size=14)[:3], text)) == (
        "of ash, another epoch 2 is settled than the one that counts here",
        "of ash, 15 entries are cut, of which 14 are here",
        "of birch, 15 entries are cut, of which 14 are here",
        "of cedar, 15 entries are cut, of which 14 are here",
        "of date, 15 entries are cut, of which 0 are here",
    )
    others = [Checkpoint(one.origin, one.size, bytes(32)) for one in held(FOUNDED)[1:]]
    assert told(doubts(FOUNDED, others, text)) == (
        "of ash, epoch 2 is settled, which is not known here",
        "of ash, 15 entries are cut, of which 0 are here",
        "of birch, other entries are cut than those that are here",
        "of cedar, other entries are cut than those that are here",
        "of date, other entries are cut than those that are here",
    )


tlps = st.sampled_from(["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])


@given(tlps, st.integers(3, 4), st.sampled_from(["Harbour", "Bay"]), st.sets(st.sampled_from(ALL)))
def test_nobody_is_bound_to_more_unsigned(handling: Tlp, quorum: int, title: str, signers: set[str]) -> None:
    """Whatever changes: fewer than a quorum change nothing, and more is asked of nobody who did not sign."""
    text = text_of(FOUNDED, handling=handling, quorum=quorum, title=title)
    more = handling in ("TLP:AMBER+STRICT", "TLP:RED") or quorum != 3 or title != "Harbour"
    signatures = [sign_amendment(text, OLD[slug]) for slug in sorted(signers)]

    if len(signers) < (4 if more else 3):
        with pytest.raises((CharterSignatures, WideningUnsigned)):
            sealed_amendment(text, signatures, FOUNDED.chain)
    else:
        assert sealed_amendment(text, signatures, FOUNDED.chain).charter.title == title


@given(st.data())
def test_a_damaged_amendment_is_refused(data: st.DataObject) -> None:
    """Any one byte changed makes it another text, or has a signature that does not verify."""
    chain, good, _ = noted(TEXT, QUORUM)
    note = bytearray(good)
    note[data.draw(st.integers(0, len(note) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Refusal):
        open_amendment(bytes(note), chain)


def test_an_amendment_of_another_circle_is_refused() -> None:
    """It follows another charter."""
    other = party(seed=2).circle

    with pytest.raises(WrongPredecessor):
        open_amendment(noted(TEXT, ALL)[1], other.chain)
