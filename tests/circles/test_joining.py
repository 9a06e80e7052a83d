from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import AT_MS, DOMAIN, PLACES, Seeded, found, party, places

from tocsin.circles.errors import (
    CharterSignatures,
    DrillAtLive,
    JoinFileElsewhere,
    JoinFileMissing,
    KeyReused,
    LiveAtDrill,
    MalformedCharter,
    MalformedCircle,
    MalformedJoinFile,
    MemberRepeated,
    NonMember,
    OpeningMismatch,
    UnknownName,
)
from tocsin.circles.founding.joinfile import MAX_JOIN_FILE_BYTES, JoinFile, make_join_file
from tocsin.circles.founding.joining import assemble, decode_circle, encode_circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.core.errors import BadSignature, MalformedKey, MalformedName, MalformedNote, Refusal
from tocsin.core.keys import SigningKey
from tocsin.core.names import LogName
from tocsin.core.records import Endpoint
from tocsin.core.records.errors import HandlingExceeded, MalformedRecord
from tocsin.core.strict_json import NotCanonical, UnknownField

P = party()
CIRCLE = P.circle
ASH = P.log("ash")


def with_file(slug: str, data: bytes) -> list[bytes]:
    """The join files of all, with another one of `slug`."""
    return [data if member == slug else file for member, file in P.join_files.items()]


def with_opening(slug: str, opening: bytes) -> list[bytes]:
    """The join files of all, with another opening of `slug`."""
    return with_file(slug, replace_fields(slug, opening=opening.decode()))


def replace_fields(slug: str, **fields: str) -> bytes:
    """A join file with other fields, whoever signs them."""
    file = JoinFile.parse(P.join_files[slug])
    stated = {name: getattr(file, name) for name in file.__struct_fields__}
    return JoinFile(**(stated | fields)).encode()


def opening(slug: str = "ash", **changes: object) -> bytes:
    """An opening of `slug`, signed by its organisation, with other values."""
    arguments: dict[str, object] = {
        "keys": P.keys[slug],
        "organisation_key": P.organisations[slug],
        "endpoint": Endpoint(tls_spki_sha256="ab" * 32, url="https://new.example:8443"),
        "at_ms": AT_MS,
        "tlp": "TLP:GREEN",
    }
    return make_opening(**(arguments | changes))  # type: ignore[arg-type]


def seed_of(key: SigningKey) -> bytes:
    """The 32 bytes that a key is made of."""
    return key._secret[:32]


def fresh_keys(log: LogName) -> MemberKeys:
    """Keys that nobody else has."""
    return MemberKeys.generate(log, Seeded(str(log)))


def keys_of(name: LogName, **shared: SigningKey) -> MemberKeys:
    """New keys for a log, of which some are in use elsewhere under another name."""
    fresh = fresh_keys(name)
    stated = {role: getattr(fresh, role) for role in ("log", "holder", "witness", "request")}
    for role, key in shared.items():
        own = stated[role].verifying
        stated[role] = SigningKey.from_seed(own.name, own.type, seed_of(key))
    return MemberKeys(name, **stated)


def test_a_circle_is_what_charter_and_openings_say() -> None:
    """Members stand in the charter's order, with their own words and the keys of their openings."""
    assert [(member.slug, member.label, member.economy) for member in CIRCLE.members] == list(PLACES)
    assert (CIRCLE.domain, CIRCLE.drill, CIRCLE.title) == (DOMAIN, False, "Harbour")
    for slug, keys in P.keys.items():
        member = CIRCLE.by_slug[slug]
        assert P.openings[slug] == member.opening
        assert member == CIRCLE.member_of_log(str(keys.log_name))
        assert member == CIRCLE.signer_of_request(keys.request.verifying.name)
        for key in (keys.log, keys.holder, keys.witness, keys.request):
            assert member is CIRCLE.by_key[key.verifying.name]
            assert key.verifying in member.online_keys()
        assert keys.log.verifying == CIRCLE.log_keys[str(keys.log_name)]
        assert keys.holder.verifying == CIRCLE.holder_keys[keys.log_name.holder]
        assert keys.witness.verifying == CIRCLE.witness_keys[keys.log_name.witness]
        assert keys.request.verifying == CIRCLE.request_keys[keys.log_name.request]


def test_the_order_of_join_files_does_not_matter() -> None:
    """Whoever sends its file first, the circle is the same."""
    assert assemble(P.text, reversed(P.join_files.values())) == CIRCLE


def test_a_stored_circle_is_read_back() -> None:
    """Encoded and decoded, a circle is the same; damaged, it is refused."""
    assert decode_circle(encode_circle(CIRCLE)) == CIRCLE
    with pytest.raises(MalformedCircle):
        decode_circle(b'{"charter":""}')


def test_names_that_are_not_of_this_circle_are_refused() -> None:
    """A log or a signer from elsewhere is unknown; one from a drill is told apart before that."""
    drill = party(domain="drill.example").circle
    elsewhere = party(seed=2).circle
    live_log, drill_log = str(CIRCLE.members[0].log), str(drill.members[0].log)

    with pytest.raises(UnknownName):
        CIRCLE.member_of_log(str(elsewhere.members[0].log))
    with pytest.raises(DrillAtLive):
        CIRCLE.member_of_log(drill_log)
    with pytest.raises(LiveAtDrill):
        drill.member_of_log(live_log)
    with pytest.raises(NonMember):
        CIRCLE.signer_of_request(f"{live_log}/holder")
    with pytest.raises(DrillAtLive):
        CIRCLE.signer_of_request(f"{drill_log}/request")
    with pytest.raises(LiveAtDrill):
        drill.signer_of_request(f"{live_log}/request")


def drilled() -> list[bytes]:
    """Join files of which one is of a drill with the same members."""
    return with_file("ash", party(domain="drill.example").join_files["ash"])


def foreign_signature() -> bytes:
    """A join file with a member's signature on another charter."""
    return replace_fields(
        "ash", charter_signature=JoinFile.parse(party(seed=2).join_files["ash"]).charter_signature
    )


WRONG: dict[str, tuple[Callable[[], list[bytes]], type[Refusal]]] = {
    "none of cedar": (lambda: list(P.join_files.values())[:-1], JoinFileMissing),
    "none at all": (list, JoinFileMissing),
    "one twice": (lambda: [*P.join_files.values(), P.join_files["ash"]], MemberRepeated),
    "one of a stranger": (lambda: with_file("ash", replace_fields("ash", member="stranger")), NonMember),
    "one for another circle": (lambda: with_file("ash", party(seed=2).join_files["ash"]), JoinFileElsewhere),
    "one of a drill": (drilled, DrillAtLive),
    "two swapped": (
        lambda: [
            replace_fields("ash", member="birch"),
            replace_fields("birch", member="ash"),
            P.join_files["cedar"],
        ],
        CharterSignatures,
    ),
    "a signature on another text": (lambda: with_file("ash", foreign_signature()), CharterSignatures),
    "a signature that is none": (
        lambda: with_file("ash", replace_fields("ash", charter_signature="—")),
        MalformedNote,
    ),
    "no opening": (lambda: with_opening("ash", b"{}"), MalformedRecord),
    "an opening with another key's signature": (
        lambda: with_opening("ash", opening(organisation_key=P.organisations["birch"])),
        BadSignature,
    ),
    "another member's opening": (lambda: with_opening("ash", P.openings["birch"]), OpeningMismatch),
    "an opening of another circle": (
        lambda: with_opening("ash", party(seed=2).openings["ash"]),
        OpeningMismatch,
    ),
    "an opening of a drill": (
        lambda: with_opening("ash", party(domain="drill.example").openings["ash"]),
        DrillAtLive,
    ),
    "an opening above the handling": (lambda: with_opening("ash", opening(tlp="TLP:RED")), HandlingExceeded),
}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_is_wrong_has_its_own_error(name: str) -> None:
    """A circle is assembled from everything that is needed and right, and from nothing else."""
    files, error = WRONG[name]

    with pytest.raises(error):
        assemble(P.text, files())


def test_a_bad_charter_makes_no_circle() -> None:
    """The charter is looked at before any join file."""
    with pytest.raises(MalformedCharter):
        assemble("", [])


def test_a_signature_on_the_charter_has_to_verify() -> None:
    """A signature of the right key's name and id that is not by that key is refused."""
    line = JoinFile.parse(P.join_files["ash"]).charter_signature
    forged = line[:-8] + ("AAAAAA==" if not line.endswith("AAAAAA==") else "BBBBBB==")

    with pytest.raises((BadSignature, MalformedNote)):
        assemble(P.text, with_file("ash", replace_fields("ash", charter_signature=forged)))


def test_a_live_join_file_is_refused_at_a_drill() -> None:
    """A drill takes nothing of a live circle."""
    drill = party(domain="drill.example")

    with pytest.raises(LiveAtDrill):
        assemble(drill.text, P.join_files.values())


REUSED: dict[str, Callable[[], bytes]] = {
    "another member's log key": lambda: opening(keys=keys_of(ASH, log=P.keys["birch"].log)),
    "another member's holder key": lambda: opening(keys=keys_of(ASH, witness=P.keys["birch"].holder)),
    "another member's request key as its log key": lambda: opening(
        keys=keys_of(ASH, log=P.keys["birch"].request)
    ),
    "its own organisation key": lambda: opening(keys=keys_of(ASH, request=P.organisations["ash"])),
    "another's organisation key": lambda: opening(keys=keys_of(ASH, request=P.organisations["cedar"])),
    "another member's TLS key": lambda: opening(endpoint=CIRCLE.by_slug["birch"].endpoint),
}


@pytest.mark.parametrize("name", REUSED)
def test_no_key_serves_twice_in_a_circle(name: str) -> None:
    """One public key in two places of a circle is refused, whatever it is called there."""
    with pytest.raises(KeyReused):
        assemble(P.text, with_opening("ash", REUSED[name]()))


def test_no_key_serves_two_circles() -> None:
    """A key known from another circle is refused; a circle with keys of its own is not."""
    domain = "second.example"
    organisations = places(domain, PLACES, Seeded(5))
    own = found(organisations, fresh_keys, domain=domain)
    reusing = found(organisations, lambda log: keys_of(log, request=P.keys[log.member].log), domain=domain)

    assert assemble(own.text, own.join_files.values(), [CIRCLE]) == own.circle
    assert domain == reusing.circle.domain
    with pytest.raises(KeyReused):
        assemble(reusing.text, reusing.join_files.values(), [CIRCLE])


@pytest.mark.parametrize(("domain", "fits"), [("second.example", True), ("drill.example", False)])
def test_an_organisation_key_is_for_all_circles_of_one_mode(domain: str, fits: bool) -> None:
    """An organisation signs its live circles' charters with one key, and those of drills with another."""
    renamed = {
        slug: SigningKey.from_seed(f"{domain}/{slug}", key.verifying.type, seed_of(key))
        for slug, key in P.organisations.items()
    }
    other = found(renamed, fresh_keys, domain=domain)

    if fits:
        assert other.circle == assemble(other.text, other.join_files.values(), [CIRCLE])
    else:
        with pytest.raises(KeyReused):
            assemble(other.text, other.join_files.values(), [CIRCLE])


def test_join_files_have_one_form() -> None:
    """A join file is one canonical JSON object and one newline, of at most 16,384 bytes."""
    data = P.join_files["ash"]

    assert data == JoinFile.parse(data).encode()
    for bad, error in (
        (data[:-1], MalformedJoinFile),
        (data + b"\n", NotCanonical),
        (b" " + data, NotCanonical),
        (data.replace(b'"format"', b'"from"'), UnknownField),
        (data.replace(b"tocsin-join/v1", b"tocsin-join/v2"), MalformedJoinFile),
        (b"\n", Refusal),
        (b" " * (MAX_JOIN_FILE_BYTES + 1), MalformedJoinFile),
    ):
        with pytest.raises(error):
            JoinFile.parse(bad)


def test_a_join_file_that_would_be_too_large_is_not_made() -> None:
    """What the others would refuse is not written."""
    with pytest.raises(MalformedJoinFile):
        replace_fields("ash", opening="x" * MAX_JOIN_FILE_BYTES)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_join_file_are_refused(data: bytes) -> None:
    """Whatever comes in, nothing but a Refusal comes out."""
    with pytest.raises(Refusal):
        JoinFile.parse(data + b"\n")


@given(st.data())
def test_a_damaged_join_file_makes_no_circle(data: st.DataObject) -> None:
    """Any one byte changed in a join file is found, since all of it is signed or stands in one form."""
    file = bytearray(P.join_files["ash"])
    file[data.draw(st.integers(0, len(file) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Refusal):
        assemble(P.text, with_file("ash", bytes(file)))


def test_only_members_make_join_files() -> None:
    """A key that the charter does not list makes no join file."""
    stranger = MemberKeys.generate(ASH, Seeded("stranger")).request

    with pytest.raises(Refusal):
        make_join_file(P.text, P.openings["ash"], stranger)


def test_member_keys_are_stored_and_read_back() -> None:
    """The four secrets, written out and read, are the same four keys of the same log."""
    keys = P.keys["ash"]
    again = MemberKeys.parse(keys.encode_unsafe())

    assert keys == again
    assert "PRIVATE" not in repr(keys)


def test_member_keys_are_the_four_of_one_log() -> None:
    """Keys of another log, of another kind, too few, or one twice are refused."""
    keys, other = P.keys["ash"], P.keys["birch"]
    lines = keys.encode_unsafe().splitlines(keepends=True)

    with pytest.raises(MalformedKey):
        MemberKeys(ASH, keys.log, keys.witness, keys.holder, keys.request)
    with pytest.raises(MalformedKey):
        MemberKeys(ASH, keys.log, keys.holder, keys.witness, other.request)
    with pytest.raises(MalformedKey):
        MemberKeys.parse("".join(lines[:3]))
    with pytest.raises(MalformedName):
        MemberKeys.parse("".join([lines[1], lines[0], *lines[2:]]))
    with pytest.raises(KeyReused):
        keys_of(ASH, holder=keys.witness, witness=keys.witness)
