"""A line whose own organisation the circle does not list (any more): it goes on, and says why it halts."""

import pytest
from tests.circles.lines import Desk, Lines
from tests.circles.party import AT_MS, Seeded, note_bytes
from tests.circles.test_line_changes import joined, keys_of, log_of, opening, tell

from tocsin.circles.changing.amendment import sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.fold import event_id
from tocsin.circles.errors import NoKeysHere, WritesHalted
from tocsin.circles.events import CircleChanged
from tocsin.circles.founding.charter import Cut
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.opening import make_opening
from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.names import organisation_name
from tocsin.core.records import Endpoint, Previous
from tocsin.core.tlog.tree import EMPTY_ROOT, tree_root


def elm_key(lines: Lines) -> SigningKey:
    """The organisation key of elm, that joins."""
    return SigningKey.generate(
        organisation_name(lines.circle.domain, "elm"), SignatureType.ED25519, Seeded("elm")
    )


def rival(lines: Lines, seed: int = 2) -> bytes:
    """Another opening of elm's first epoch, by the right key."""
    endpoint = Endpoint(tls_spki_sha256="ee" * 32, url="https://elm.example:8443")
    return make_opening(
        keys_of(lines, "elm", 1, seed), elm_key(lines), endpoint, at_ms=AT_MS, tlp="TLP:GREEN"
    )


def amended(lines: Lines, circle: Circle, cut: Cut | None = None) -> bytes:
    """The next version of that circle's charter, signed by all it lists; a cut of elm's log, if any."""
    text = draft_amendment(circle, (), cuts=[cut] if cut else [], purpose="New.")
    keys = [*lines.party.organisations.values(), elm_key(lines)]
    listed = {member.organisation_key for member in circle.charter.members}
    signatures = [sign_amendment(text, key) for key in keys if key.verifying.encode() in listed]
    return sealed_amendment(text, signatures, circle.chain).encode()


def settling(lines: Lines, desk: Desk, first: bytes) -> bytes:
    """The amendment by which that opening of elm's is the one that counts, and what is here of its log."""
    log, size = desk.log, desk.line.own.size
    root = tree_root(size, desk.store.read_tiles(log)) if size else EMPTY_ROOT
    cut = Cut(log=log, size=size, root=encode_base64(root), openings=(event_id(first).hex(),))
    return amended(lines, desk.line.circle, cut)


def check_goes_on(desk: Desk, why: str, size: int) -> None:
    """It takes no part, writes nothing, says why, and has what it held; also after a start."""
    for _ in range(2):
        own = desk.line.own
        assert own.halted is not None
        assert (own.name, own.size) == (desk.log, size)
        assert why in own.halted.explanation
        assert "Next: " in own.halted.explanation
        assert not desk.line.standing.takes_part
        with pytest.raises(WritesHalted):
            desk.lines.run(desk.line.write([note_bytes(own.member.log, "?")]))
        assert desk.line.circle.by_log[desk.log] == own.member
        assert desk.line.circle.left == frozenset()
        assert desk.store.record(desk.log, 0)[2] == own.member.opening
        assert {status.member.slug for status in desk.line.status().members} == {"ash", "birch", "cedar"}
        desk.restart()


def test_a_disputed_first_opening_stops_nothing(lines: Lines) -> None:
    """Its own opening counts no more: the node goes on with what it holds; it writes when it counts again."""
    ash = lines.puppet("ash")
    amendment, first, keys = joined(lines)
    elm = lines.join(keys, amendment, first)
    elm.write()
    size = elm.line.own.size
    tell(ash, "elm", rival(lines))
    assert elm.heard(CircleChanged)
    assert elm.line.circle.by_slug.get("elm") is None
    check_goes_on(elm, "no opening of its first epoch counts", size)
    tell(ash, "elm", settling(lines, elm, first))
    assert elm.line.own.halted is None
    elm.write()
    assert elm.line.own.size > size


def test_a_rival_of_the_amendment_by_which_one_joined_stops_nothing(lines: Lines) -> None:
    """The charter ends before that amendment: its members go on without who joined, whose node says so."""
    ash = lines.puppet("ash")
    amendment, first, keys = joined(lines)
    elm = lines.join(keys, amendment, first)
    elm.write()
    size = elm.line.own.size
    tell(ash, "elm", amended(lines, lines.circle))
    assert elm.line.circle.frozen
    check_goes_on(elm, "two versions 2 of the charter", size)


def test_both_epochs_of_who_is_not_listed_stay(lines: Lines) -> None:
    """It had gone on to a second epoch: both logs are here, and known by their names."""
    ash = lines.puppet("ash")
    amendment, first, keys = joined(lines)
    elm = lines.join(keys, amendment, first)
    head = elm.line.own.checkpoint
    assert head is not None
    second = make_opening(
        keys_of(lines, "elm", 2),
        elm_key(lines),
        Endpoint(tls_spki_sha256="ee" * 32, url="https://elm.example:8443"),
        at_ms=AT_MS,
        tlp="TLP:GREEN",
        previous=Previous(root=encode_base64(head.checkpoint.root), size=head.checkpoint.size),
        reason="scheduled",
    )
    elm.keys[log_of(lines, "elm", 2)] = keys_of(lines, "elm", 2)
    lines.run(elm.line.take([second]))
    elm.write()
    tell(ash, "elm", rival(lines))
    for _ in range(2):
        assert [member.log.epoch for member in elm.line.circle.unlisted] == [1, 2]
        assert elm.line.own.name == str(log_of(lines, "elm", 2))
        assert elm.line.own.size > 1
        elm.restart()


def test_keys_that_go_stop_nothing(lines: Lines) -> None:
    """Secret keys are taken away while it runs: at the next change the node halts, and says which."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    ash.keys.clear()
    tell(birch, "ash", opening(lines, "birch", 1, birch.history.checkpoint(1).checkpoint.root))
    assert ash.line.own.halted is not None
    assert "keys of epoch 1 are not here" in ash.line.own.halted.explanation


def test_who_has_the_keys_of_a_disputed_epoch_alone_goes_on(lines: Lines) -> None:
    """A burnt node came back with its second epoch alone, which is disputed: it is who it was."""
    ash, birch = lines.start("ash"), lines.puppet("birch")
    head = ash.line.own.checkpoint
    assert head is not None
    two = [opening(lines, "ash", 1, head.checkpoint.root, seed=seed) for seed in (1, 2)]
    lines.run(ash.line.take(two[:1]))
    ash.keys = {log_of(lines, "ash", 2): keys_of(lines, "ash", 2)}
    ash.restart()
    tell(birch, "ash", two[1])
    for _ in range(2):
        assert ash.line.own.halted is not None
        assert "two openings of epoch 2" in ash.line.own.halted.explanation
        ash.restart()


def test_who_never_was_a_member_has_no_line(lines: Lines) -> None:
    """Nothing in the circle says who that is."""
    ash = lines.start("ash")
    ash.slug = "elm"
    with pytest.raises(NoKeysHere, match="elm"):
        lines.run(ash._run(ash.line._environment, lines.outlet("elm")))
