import hashlib
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.party import DOMAIN, PLACES, Seeded, charter_members, party, places

from tocsin.circles.errors import (
    CharterSignatures,
    KeyReused,
    MalformedCharter,
    MemberRepeated,
    WrongMode,
    WrongOrganisationKey,
    WrongQuorum,
)
from tocsin.circles.founding.charter import (
    MAX_CHARTER_BYTES,
    AuthenticText,
    SignedCharter,
    circle_id,
    open_charter,
    parse_charter,
    sign_charter,
)
from tocsin.circles.founding.draft import draft_charter
from tocsin.core.errors import BadSignature, Refusal, UnknownSigner
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.note import Signature

TEXT = party().text
plain_words = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs"],
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ),
    min_size=1,
    max_size=60,
).map(lambda text: unicodedata.normalize("NFC", text))


@given(title=plain_words, purpose=plain_words, lines=plain_words, quorum=st.integers(2, 3))
def test_a_draft_says_what_it_was_given(title: str, purpose: str, lines: str, quorum: int) -> None:
    """Whatever plain words go into a draft come out of it, whatever TOML thinks of their characters."""
    organisations = places(DOMAIN, PLACES, Seeded(1))
    text = draft_charter(
        domain=DOMAIN,
        title=title,
        purpose=f"{purpose}\n{lines}",
        members=charter_members(PLACES, organisations),
        nonce=bytes(32),
        quorum=quorum,
    )

    charter = parse_charter(text)

    assert (title, f"{purpose}\n{lines}", quorum) == (charter.title, charter.purpose, charter.quorum)
    assert [slug for slug, _, _ in PLACES] == [member.slug for member in charter.members]


def test_a_draft_names_its_authentic_texts() -> None:
    """The texts in other languages stand in the draft by their hashes."""
    texts = (AuthenticText(lang="ko", sha256="ab" * 32), AuthenticText(lang="ja", sha256="cd" * 32))
    text = draft_charter(
        domain=DOMAIN,
        title="Harbour",
        purpose="To tell each other.",
        members=charter_members(PLACES, places(DOMAIN, PLACES, Seeded(1))),
        nonce=bytes(32),
        texts=texts,
    )

    assert texts == parse_charter(text).texts
    assert parse_charter(TEXT).texts == ()


def test_a_draft_for_a_drill_says_that_it_is_one() -> None:
    """The mode is the domain's, and the words around it say what it means."""
    drill = draft_charter(
        domain="drill.example",
        title="Exercise",
        purpose="To practise.",
        members=charter_members(PLACES, places("drill.example", PLACES, Seeded(1))),
        nonce=bytes(32),
    )

    assert parse_charter(drill).mode == "drill"
    assert "DRILL" in drill
    assert "DRILL" not in TEXT


def test_the_id_is_the_hash_of_the_text() -> None:
    """The circle's id is the SHA-256 of the charter's text, comments and all."""
    assert hashlib.sha256(TEXT.encode()).hexdigest() == circle_id(TEXT)
    assert circle_id(TEXT) != circle_id(TEXT.replace("# ", "#  ", 1))


def swapped(old: str, new: str) -> str:
    """The good charter with one thing changed."""
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def with_key(slug: str, key: SigningKey) -> str:
    """The good charter with another organisation key for a member."""
    return swapped(party().organisations[slug].verifying.encode(), key.verifying.encode())


def organisation_key(name: str, kind: SignatureType = SignatureType.ED25519) -> SigningKey:
    """A new key of this name."""
    return SigningKey.generate(name, kind, Seeded(name))


ASH = party().organisations["ash"].verifying.encode()
BAD = {
    "a tab": (swapped('title = "', 'title =\t"'), MalformedCharter),
    "a carriage return": (TEXT.replace("\n", "\r\n"), MalformedCharter),
    "a C1 control in a comment": (swapped("# ", "# \x9b"), MalformedCharter),
    "words that run backwards": (swapped("# ", "# \u202e"), MalformedCharter),
    "an escaped control in a label": (swapped("Ash Desk", "Ash \\u001b[2J"), MalformedCharter),
    "a newline in a title": (swapped('title = "Harbour"', 'title = "Har\\nbour"'), MalformedCharter),
    "not NFC": (swapped("Ash Desk", "Ashe\u0301 Desk"), MalformedCharter),
    "a surrogate": (swapped("Ash Desk", "Ash \ud800"), MalformedCharter),
    "no newline at the end": (TEXT.rstrip("\n"), MalformedCharter),
    "two newlines at the end": (TEXT + "\n", MalformedCharter),
    "too large": (TEXT + "#" * MAX_CHARTER_BYTES + "\n", MalformedCharter),
    "empty": ("", MalformedCharter),
    "a line too long": (
        swapped("To tell each other.", "To tell each other. " + "And so on. " * 190),
        MalformedCharter,
    ),
    "not TOML": ("title\n", MalformedCharter),
    "a key twice": (swapped("version = 1", "version = 1\nversion = 1"), MalformedCharter),
    "TOML nested too deep": ("x = " + "[\n" * 30_000, MalformedCharter),
    "an unknown key": (swapped("version = 1", 'version = 1\nmotto = "none"'), MalformedCharter),
    "an unknown key in a table": (swapped("[clocks]", "[clocks]\nhours = 1"), MalformedCharter),
    "a missing key": (swapped('title = "Harbour"\n', ""), MalformedCharter),
    "another format": (swapped("tocsin-charter/v1", "tocsin-charter/v2"), MalformedCharter),
    "another version": (swapped("version = 1", "version = 2"), MalformedCharter),
    "a float": (swapped("version = 1", "version = 1.0"), MalformedCharter),
    "a string for a number": (swapped("quorum = 2", 'quorum = "2"'), MalformedCharter),
    "a boolean for a number": (
        swapped("independent_sources = 2", "independent_sources = true"),
        MalformedCharter,
    ),
    "no source needed": (swapped("independent_sources = 2", "independent_sources = 0"), MalformedCharter),
    "a limit beyond numbers": (
        swapped("records_per_second = 1000", f"records_per_second = {2**53}"),
        MalformedCharter,
    ),
    "a nonce in capitals": (swapped(parse_charter(TEXT).nonce, "A" * 64), MalformedCharter),
    "an unknown marking": (swapped("TLP:AMBER", "TLP:BLACK"), MalformedCharter),
    "a bad domain": (TEXT.replace("harbour.example", "Harbour.example"), MalformedCharter),
    "a bad slug": (swapped('slug = "ash"', 'slug = "Ash"'), MalformedCharter),
    "a bad economy": (swapped('economy = "KR"', 'economy = "kr"'), MalformedCharter),
    "an economy with a newline": (swapped('economy = "KR"', 'economy = "KR\\n"'), MalformedCharter),
    "no key": (swapped(ASH, "none"), MalformedCharter),
    "one member": (TEXT[: TEXT.index('\n[[members]]\nslug = "birch"')], MalformedCharter),
    "a drill's mode at a live domain": (swapped('mode = "live"', 'mode = "drill"'), WrongMode),
    "a live mode at a drill's domain": (TEXT.replace("harbour.example", "drill.example"), WrongMode),
    "half is no quorum": (swapped("quorum = 2", "quorum = 1"), WrongQuorum),
    "more than all": (swapped("quorum = 2", "quorum = 4"), WrongQuorum),
    "a quorum beyond numbers": (swapped("quorum = 2", "quorum = " + "9" * 2_000), WrongQuorum),
    "a negative quorum": (swapped("quorum = 2", "quorum = -2"), WrongQuorum),
    "a key of another name": (with_key("ash", organisation_key(f"{DOMAIN}/elm")), WrongOrganisationKey),
    "a key for cosignatures": (
        with_key("ash", organisation_key(f"{DOMAIN}/ash", SignatureType.COSIGNATURE)),
        WrongOrganisationKey,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_charter_is_refused(name: str) -> None:
    """Each rule of section 8.1, broken alone, gives its own error."""
    text, error = BAD[name]

    with pytest.raises(error):
        parse_charter(text)


def test_a_member_stands_there_once() -> None:
    """Two places under one slug are one member twice."""
    second = organisation_key(f"{DOMAIN}/ash")
    text = swapped('slug = "birch"', 'slug = "ash"').replace(
        party().organisations["birch"].verifying.encode(), second.verifying.encode()
    )

    with pytest.raises(MemberRepeated):
        parse_charter(text)


def test_two_members_cannot_share_a_key() -> None:
    """One public key under two names is one key in two places."""
    public = party().organisations["ash"].encode_unsafe()
    seed = SigningKey.parse(public)._secret[:32]
    shared = SigningKey.from_seed(f"{DOMAIN}/birch", SignatureType.ED25519, seed)

    with pytest.raises(KeyReused):
        parse_charter(with_key("birch", shared))


@pytest.mark.parametrize("members", [2, 64])
def test_a_circle_has_2_to_64_members(members: int) -> None:
    """The smallest and the largest circle are drafted, signed and opened."""
    chosen = tuple((f"m{index}", f"Member {index}", "KR") for index in range(members))
    founded = party(chosen=chosen)
    signatures = [sign_charter(founded.text, key) for key in founded.organisations.values()]

    signed = SignedCharter.of(founded.text, signatures)

    assert members == len(open_charter(signed.encode()).charter.members)


def test_65_members_are_too_many() -> None:
    """A circle with more than 64 members is refused."""
    chosen = tuple((f"m{index}", f"Member {index}", "KR") for index in range(65))

    with pytest.raises(MalformedCharter):
        party(chosen=chosen)


SIGNATURES = [sign_charter(TEXT, party().organisations[slug]) for slug, _, _ in PLACES]
STRANGER = replace(SIGNATURES[0], name=f"{DOMAIN}/stranger")


@pytest.mark.parametrize(
    "signatures",
    [
        SIGNATURES[:-1],
        SIGNATURES[::-1],
        [*SIGNATURES, STRANGER],
        [STRANGER, *SIGNATURES[1:]],
        [replace(SIGNATURES[0], key_id=bytes(4)), *SIGNATURES[1:]],
    ],
    ids=["one missing", "another order", "one more", "a stranger's", "another key id"],
)
def test_a_charter_has_exactly_its_members_signatures(signatures: list[Signature]) -> None:
    """Every listed member's signature, in their order, and nobody else's."""
    with pytest.raises(CharterSignatures):
        SignedCharter.of(TEXT, signatures)


def test_every_signature_on_a_charter_verifies() -> None:
    """One bad signature makes the charter refused, and a good one is none on another text."""
    with pytest.raises(BadSignature):
        SignedCharter.of(TEXT, [replace(SIGNATURES[0], data=bytes(64)), *SIGNATURES[1:]])
    with pytest.raises(BadSignature):
        SignedCharter.of(swapped("# ", "#  "), SIGNATURES)


def test_a_signed_charter_is_read_as_it_was_written() -> None:
    """Encoded and opened, it is the same text, id and signatures."""
    signed = SignedCharter.of(TEXT, SIGNATURES)

    assert signed == open_charter(signed.encode())
    assert (TEXT, circle_id(TEXT)) == (signed.text, signed.id)


def test_only_a_member_signs() -> None:
    """A key that the charter does not list signs nothing, even under a member's name."""
    with pytest.raises(UnknownSigner):
        sign_charter(TEXT, organisation_key(f"{DOMAIN}/ash"))


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
def test_bytes_that_are_no_charter_are_refused(data: bytes) -> None:
    """Whatever comes in, nothing but a Refusal comes out."""
    with pytest.raises(Refusal):
        open_charter(data)


@given(st.data())
def test_a_damaged_charter_is_refused(data: st.DataObject) -> None:
    """A signed charter with any one byte changed is another text, or has a signature that does not verify."""
    signed = bytearray(SignedCharter.of(TEXT, SIGNATURES).encode())
    at = data.draw(st.integers(0, len(signed) - 1))
    signed[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Refusal):
        open_charter(bytes(signed))
