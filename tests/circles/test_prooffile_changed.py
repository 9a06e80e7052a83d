"""Proof files of a circle that changed: of any epoch, by the charter's versions that name its keys."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.changes import (
    FOUNDED,
    NEW,
    P,
    amended,
    keys_of,
    leaving,
    log_of,
    opening,
    removal,
    with_key,
)
from tests.circles.party import tree_of

from tocsin.circles.changing.fold import changed
from tocsin.circles.errors import OpeningMismatch, ProofParts, VoidEntry
from tocsin.circles.evidence.prooffile import make_proof, verify_proof
from tocsin.circles.founding.charter import Authority, Cut
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.opening import read_opening
from tocsin.circles.reading import Readable
from tocsin.core import strict_json
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.keys import SigningKey, encode_base64
from tocsin.core.note import Note, parse_note
from tocsin.core.records import Previous
from tocsin.core.tlog.checkpoint import cosign
from tocsin.core.tlog.proof import TlogProof

TIME_S = 1_684_764_000
REPLACED = amended(
    FOUNDED, ["birch", "cedar", "date", NEW["ash"]], members=with_key(FOUNDED, "ash", NEW["ash"])
)
EVENTS = [REPLACED, opening("ash", 2, NEW["ash"]), opening("birch", 2, reason="lost"), leaving("cedar")]
LATER = changed(FOUNDED, EVENTS)
ASH_2 = LATER.by_slug["ash"]
LATER_TREE = tree_of(ASH_2, "Since we have new keys.", "Another.")


def later_proof(circle: Circle = LATER, index: int = 1, size: int = 3) -> bytes:
    """A record of ash's second epoch, held by birch in both of its epochs, and by cedar before it left."""
    checkpoint = LATER_TREE.checkpoint(size, keys_of("ash", 2).log)
    holders = [keys_of("birch", 2), P.keys["birch"], P.keys["cedar"]]
    return make_proof(
        circle,
        checkpoint,
        [cosign(checkpoint.checkpoint, keys.holder, TIME_S) for keys in holders],
        index=index,
        salt=LATER_TREE.salts[index],
        record=LATER_TREE.records[index],
        hashes=LATER_TREE.inclusion(index, size),
    )


LATER_FILE = later_proof()


def test_a_record_of_a_later_epoch_is_proved() -> None:
    """By the charter's versions, the keys that these name, and the openings that those signed."""
    facts = verify_proof(LATER_FILE, FOUNDED.id)

    assert (facts.author.log, facts.body) == (ASH_2.log, LATER_TREE.records[1])
    assert [version.id for version in facts.chain] == [version.id for version in LATER.chain]
    assert facts.signed == FOUNDED.signed
    assert [held.member.log for held in facts.holders] == [log_of("birch", 2), log_of("cedar")]
    assert isinstance(facts.reading, Readable)


def test_a_record_of_an_ended_epoch_is_proved_up_to_its_end() -> None:
    """What lies beyond the end that its organisation stated is void, and no file is made of it."""
    ended = changed(FOUNDED, [*EVENTS, opening("ash", 3, NEW["ash"], size=2)])
    unsure = changed(FOUNDED, [*EVENTS, opening("ash", 3, NEW["ash"], size=2, reason="lost")])
    root = encode_base64(LATER_TREE.root(3))
    right = opening("ash", 3, NEW["ash"], previous=Previous(root=root, size=3), reason="scheduled")

    for circle in (unsure, changed(FOUNDED, [*EVENTS, right])):
        assert verify_proof(later_proof(circle), FOUNDED.id).author.log == ASH_2.log
    for size in (2, 3):
        with pytest.raises(VoidEntry):
            later_proof(ended, size=size)


def test_a_member_counts_once_in_whatever_epochs_it_cosigned() -> None:
    """Else a member could pass for as many holders as it opened epochs: no such file is made, or verified."""
    proof = TlogProof.parse(LATER_FILE)
    signed = parse_note(proof.checkpoint_note)
    extra = json.loads(proof.extra or b"")
    openings = sorted(
        [*extra["key_events"], P.circle.by_slug["birch"].opening.decode()],
        key=lambda text: str(read_opening(text.encode()).log_name),
    )
    form = strict_json.encode(extra | {"key_events": openings})

    def with_birch_once_more(keys: SigningKey) -> bytes:
        own, *others = signed.signatures
        more = cosign(LATER_TREE.checkpoint(3, keys_of("ash", 2).log).checkpoint, keys, TIME_S)
        cosigned = sorted([*others, more], key=lambda signature: signature.name)
        note = Note(signed.text, (own, *cosigned)).encode()
        return replace(proof, extra=form, checkpoint_note=note).encode()

    with pytest.raises(ProofParts):
        verify_proof(with_birch_once_more(P.keys["birch"].holder), FOUNDED.id)
    facts = verify_proof(with_birch_once_more(P.keys["birch"].witness), FOUNDED.id)
    assert [held.member.slug for held in facts.holders] == ["birch", "cedar"]
    assert [seen.member.slug for seen in facts.witnesses] == ["birch"]


def test_what_a_removed_member_wrote_is_proved_up_to_the_cut() -> None:
    """Whoever makes the file: the cut stands in the charter."""
    tree = tree_of(FOUNDED.by_slug["date"], *map(str, range(20)))
    cut = Cut(log=str(log_of("date")), size=15, root=encode_base64(tree.root(15)))
    removed = amended(FOUNDED, ["ash", "birch", "cedar"], removed=[removal("date")], cuts=[cut])
    circle = changed(FOUNDED, [removed])

    def proved(circle: Circle, size: int) -> bytes:
        return make_proof(
            circle,
            tree.checkpoint(size, P.keys["date"].log),
            [],
            index=1,
            salt=tree.salts[1],
            record=tree.records[1],
            hashes=tree.inclusion(1, size),
        )

    assert verify_proof(proved(circle, 15), FOUNDED.id).author.slug == "date"
    stays = changed(FOUNDED, [amended(FOUNDED, ["ash", "birch", "cedar"], cuts=[cut])])
    assert verify_proof(proved(stays, 16), FOUNDED.id).size == 16
    whole = Previous(root=encode_base64(tree.root(16)), size=16)
    second = opening("date", 2, previous=whole, reason="scheduled")
    in_second = changed(FOUNDED, [second])
    gone = amended(in_second, ["ash", "birch", "cedar"], size=3, removed=[removal("date")])
    assert verify_proof(proved(changed(FOUNDED, [second, gone]), 16), FOUNDED.id).size == 16
    with pytest.raises(VoidEntry):
        proved(circle, 16)
    beyond = TlogProof.parse(proved(FOUNDED, 16))
    extra = json.loads(beyond.extra or b"") | {
        "charters": [version.encode().decode() for version in circle.chain]
    }
    with pytest.raises(VoidEntry):
        verify_proof(replace(beyond, extra=strict_json.encode(extra)).encode(), FOUNDED.id)


def test_a_circle_of_many_versions_is_proved() -> None:
    """Twenty charters, each about as large as one may be: proofs do not end when a circle has grown old."""
    circle, events = FOUNDED, list[bytes]()
    for version in range(20):
        authority = Authority(statement=f"{version}\n" + ("x" * 1_999 + "\n") * 29)
        events.append(amended(circle, ["ash", "birch", "cedar", "date"], authority=authority))
        circle = changed(FOUNDED, events)
    assert len(circle.chain) == 21

    tree = tree_of(circle.by_slug["ash"], "Still here.")
    data = make_proof(
        circle,
        tree.checkpoint(2, P.keys["ash"].log),
        [],
        index=1,
        salt=tree.salts[1],
        record=tree.records[1],
        hashes=tree.inclusion(1, 2),
    )

    assert verify_proof(data, FOUNDED.id).chain == circle.chain


def test_an_opening_that_the_charter_does_not_name_proves_nothing() -> None:
    """A thief's opening of the epoch, signed with the key that was replaced."""
    thief = changed(FOUNDED, [opening("ash", 2, seed=3)])
    extra = json.loads(TlogProof.parse(LATER_FILE).extra or b"")
    events = [thief.by_slug["ash"].opening.decode(), *extra["key_events"][1:]]
    form = strict_json.encode(extra | {"key_events": events})

    with pytest.raises(BadSignature):
        verify_proof(replace(TlogProof.parse(LATER_FILE), extra=form).encode(), FOUNDED.id)

    before = changed(FOUNDED, [opening("ash", 2)])
    settled = amended(before, ["birch", "cedar", "date"])
    circle = changed(FOUNDED, [opening("ash", 2), settled])
    other = changed(FOUNDED, [opening("ash", 2, seed=2)]).by_slug["ash"]
    tree = tree_of(other, "text")
    with pytest.raises(OpeningMismatch):
        make_proof(
            replace(circle, members=(other, *circle.members[1:])),
            tree.checkpoint(2, keys_of("ash", 2, 2).log),
            [],
            index=1,
            salt=tree.salts[1],
            record=tree.records[1],
            hashes=tree.inclusion(1, 2),
        )


@given(st.integers(0, len(LATER_FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_found_in_a_changed_circle(at: int, change: int) -> None:
    """There is nothing in a file that is not checked, however many charters it has."""
    with pytest.raises(Refusal):
        verify_proof(LATER_FILE[:at] + bytes([LATER_FILE[at] ^ change]) + LATER_FILE[at + 1 :], FOUNDED.id)
