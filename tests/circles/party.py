"""A founded circle with all its secret keys, from a seed: what the tests of circles stand on."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tocsin.circles.founding.charter import CharterMember, Limits, circle_id
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.draft import DEFAULT_LIMITS, draft_charter
from tocsin.circles.founding.joinfile import make_join_file
from tocsin.circles.founding.joining import assemble
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.core import keys as core_keys
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import Card, Desk, Endpoint, NoteRecord, Officer, encode_record
from tocsin.core.tlog.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from tocsin.core.tlog.entry import entry_of
from tocsin.core.tlog.tiles import Tile
from tocsin.core.tlog.tree import Frontier, ReadTiles, inclusion_proof, leaf_hash

AT_MS = 1_684_764_000_000
DOMAIN = "harbour.example"
PLACES = (("ash", "Ash Desk", "KR"), ("birch", "Birch 研究所", "JP"), ("cedar", "Cedar", "SG"))


class Seeded:
    """A Chance from a seed."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)

    def token(self, size_bytes: int) -> bytes:
        """The next bytes."""
        return self._random.randbytes(size_bytes)

    def uniform(self, low: float, high: float) -> float:
        """The next number."""
        return self._random.uniform(low, high)


@dataclass(frozen=True)
class Party:
    """A circle's charter text, join files and secret keys by member, and the circle that they make."""

    text: str
    organisations: dict[str, SigningKey]
    keys: dict[str, MemberKeys]
    openings: dict[str, bytes]

    @cached_property
    def join_files(self) -> dict[str, bytes]:
        """By member, the bytes of its join file."""
        return {
            slug: make_join_file(self.text, opening, self.organisations[slug]).encode()
            for slug, opening in self.openings.items()
        }

    @cached_property
    def circle(self) -> Circle:
        """The founded circle."""
        return assemble(self.text, self.join_files.values())

    def log(self, slug: str) -> LogName:
        """A member's log."""
        return self.keys[slug].log_name


def places(domain: str, chosen: Sequence[tuple[str, str, str]], chance: Seeded) -> dict[str, SigningKey]:
    """An organisation key for each place."""
    return {
        slug: SigningKey.generate(organisation_name(domain, slug), SignatureType.ED25519, chance)
        for slug, _, _ in chosen
    }


def charter_members(
    chosen: Sequence[tuple[str, str, str]], organisations: dict[str, SigningKey]
) -> list[CharterMember]:
    """What a charter says of each."""
    return [
        CharterMember(
            slug=slug, label=label, economy=economy, organisation_key=organisations[slug].verifying.encode()
        )
        for slug, label, economy in chosen
    ]


def found(
    organisations: dict[str, SigningKey],
    keys_of: Callable[[LogName], MemberKeys],
    *,
    domain: str = DOMAIN,
    chosen: Sequence[tuple[str, str, str]] = PLACES,
    seed: int = 1,
    limits: Limits = DEFAULT_LIMITS,
) -> Party:
    """A circle of these organisations, each with the keys that `keys_of` has for its log."""
    chance = Seeded(f"{seed} {domain}")
    text = draft_charter(
        domain=domain,
        title="Harbour",
        purpose="To tell each other.",
        members=charter_members(chosen, organisations),
        nonce=chance.token(32),
        limits=limits,
    )
    keys = {slug: keys_of(LogName(domain, circle_id(text), slug, 1)) for slug in organisations}
    openings = {
        slug: make_opening(
            keys[slug],
            organisations[slug],
            Endpoint(tls_spki_sha256=chance.token(32).hex(), url=f"https://{slug}.example:8443"),
            at_ms=AT_MS,
            tlp="TLP:GREEN",
        )
        for slug in organisations
    }
    return Party(text, organisations, keys, openings)


@lru_cache
def party(
    seed: int = 1,
    domain: str = DOMAIN,
    chosen: tuple[tuple[str, str, str], ...] = PLACES,
    limits: Limits = DEFAULT_LIMITS,
) -> Party:
    """A circle of these members, with keys of its own."""
    chance = Seeded(f"keys {seed} {domain}")
    return found(
        places(domain, chosen, chance),
        lambda log: MemberKeys.generate(log, chance),
        domain=domain,
        chosen=chosen,
        seed=seed,
        limits=limits,
    )


def note_record(log: LogName, text: str, author: str = "duty") -> NoteRecord:
    """A note for this log."""
    return NoteRecord(
        circle=log.circle,
        at_ms=AT_MS,
        author=author,
        author_kind="officer",
        tlp="TLP:GREEN",
        text=text,
        lang="en",
    )


def note_bytes(log: LogName, text: str) -> bytes:
    """A note's bytes, plain."""
    return encode_record(note_record(log, text))


def officer_key(log: LogName, role: str, seed: int = 1) -> SigningKey:
    """An officer's secret key."""
    return SigningKey.generate(log.officer(role), SignatureType.ED25519, Seeded(f"{log} {role} {seed}"))


def card_of(log: LogName, *officers: SigningKey) -> bytes:
    """A card that lists these officers."""
    return encode_record(
        Card(
            circle=log.circle,
            at_ms=AT_MS,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            lang="en",
            endpoints=(Endpoint(tls_spki_sha256="0" * 64, url="https://desk.example:8443"),),
            desk=Desk(name="Desk"),
            officers=tuple(
                Officer(role=key.verifying.name.rpartition("/")[2], key=key.verifying.encode())
                for key in officers
            ),
        )
    )


class Tree:
    """A log's entries and tree in memory."""

    def __init__(self, log: LogName, records: Sequence[bytes]) -> None:
        self.log = log
        self.records = list(records)
        self.salts = [Seeded(f"{log} {index}").token(32) for index in range(len(records))]
        self.entries = [
            entry_of(log, salt, record) for salt, record in zip(self.salts, self.records, strict=True)
        ]
        self.leaves = [leaf_hash(entry) for entry in self.entries]

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries."""
        return Frontier.EMPTY.append(self.leaves[:size]).root()

    def checkpoint(self, size: int, key: SigningKey) -> SignedCheckpoint:
        """The signed checkpoint of that size."""
        return sign_checkpoint(Checkpoint(str(self.log), size, self.root(size)), key)

    def read(self, tiles: Sequence[Tile]) -> list[bytes]:
        """The tiles asked for; all of level 0, since these trees are small."""
        assert all(tile.level == 0 for tile in tiles)
        return [b"".join(self.leaves[tile.index * 256 :][: tile.width]) for tile in tiles]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The inclusion proof."""
        reader: ReadTiles = self.read
        return inclusion_proof(index, size, reader)


def tree_of(member: Member, *texts: str) -> Tree:
    """A log with its opening and these notes."""
    return Tree(member.log, [member.opening, *(note_bytes(member.log, text) for text in texts)])


@contextmanager
def memoised_signatures() -> Iterator[None]:
    """Verify each signature once: files that differ in one byte share most of theirs."""
    known = lru_cache(maxsize=None)(core_keys.ed25519_verify)

    def verify(public: bytes, message: bytes, signature: bytes) -> bool:
        return known(public, message, signature)

    core_keys.ed25519_verify, real = verify, core_keys.ed25519_verify
    try:
        yield
    finally:
        core_keys.ed25519_verify = real
