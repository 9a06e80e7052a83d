"""What changes a circle in tests: openings, leavings and amendments, signed by whoever a test wants."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tests.circles.party import AT_MS, DOMAIN, Party, Seeded, party

from tocsin.circles.changing.amendment import sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.changing.leaving import make_leaving
from tocsin.circles.founding.charter import CharterMember, NoticePlace, Removal
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import make_opening
from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import Endpoint, Previous
from tocsin.core.tlog.checkpoint import Checkpoint

FOUR = (
    ("ash", "Ash Desk", "KR"),
    ("birch", "Birch 研究所", "JP"),
    ("cedar", "Cedar", "SG"),
    ("date", "Date Palm", "AE"),
)
P: Party = party(chosen=FOUR)
FOUNDED: Circle = P.circle
OLD = P.organisations
ALL = tuple(OLD)


def root_of(*about: object) -> bytes:
    """A root; the same for the same log and size."""
    return hashlib.sha256(repr(about).encode()).digest()


@lru_cache
def organisation(slug: str, seed: int = 1, domain: str = DOMAIN) -> SigningKey:
    """An organisation key that is not one of the founders'."""
    name = organisation_name(domain, slug)
    return SigningKey.generate(name, SignatureType.ED25519, Seeded(f"{name} {seed}"))


NEW = {slug: organisation(slug) for slug in (*ALL, "elm", "fir")}


def log_of(slug: str, epoch: int = 1, circle: str = FOUNDED.id) -> LogName:
    """A member's log."""
    return LogName(DOMAIN, circle, slug, epoch)


@lru_cache
def keys_of(slug: str, epoch: int, seed: int = 1) -> MemberKeys:
    """Keys for an epoch."""
    return MemberKeys.generate(log_of(slug, epoch), Seeded(f"{slug} {epoch} {seed}"))


def opening(
    slug: str, epoch: int, key: SigningKey | None = None, *, size: int = 10, seed: int = 1, **changes: object
) -> bytes:
    """An opening of that epoch; the epoch before ended at that size."""
    stated: dict[str, object] = {
        "at_ms": AT_MS,
        "tlp": "TLP:GREEN",
        "endpoint": Endpoint(tls_spki_sha256="ab" * 32, url=f"https://{slug}.example:8443"),
        "keys": keys_of(slug, epoch, seed),
    }
    if epoch > 1:
        root = encode_base64(root_of(slug, epoch - 1, size))
        stated |= {"previous": Previous(root=root, size=size), "reason": "scheduled"}
    return make_opening(organisation_key=key or OLD[slug], **(stated | changes))  # type: ignore[arg-type]


def leaving(slug: str, epoch: int = 1, size: int = 20, key: SigningKey | None = None, at: int = 0) -> bytes:
    """A leaving that ends that log at that size."""
    root = root_of(slug, epoch, size)
    return make_leaving(log_of(slug, epoch), size, root, key or OLD[slug], at_ms=AT_MS + at, tlp="TLP:GREEN")


def held(circle: Circle, size: int = 15) -> list[Checkpoint]:
    """What somebody holds of every log: so many entries."""
    return [
        Checkpoint(str(member.log), size, root_of(member.slug, member.log.epoch, size))
        for member in circle.members
    ]


def with_key(circle: Circle, slug: str, key: SigningKey) -> list[CharterMember]:
    """The members, one of them with another organisation key."""
    return [
        changed_member(member, organisation_key=key.verifying.encode()) if member.slug == slug else member
        for member in circle.charter.members
    ]


def changed_member(member: CharterMember, **changes: object) -> CharterMember:
    """A member with other values."""
    stated = {name: getattr(member, name) for name in member.__struct_fields__}
    return CharterMember(**(stated | {"sponsors": ()} | changes))


def joining(slug: str, *sponsors: str, observer: bool = True) -> CharterMember:
    """A member that joins."""
    return CharterMember(
        slug=slug,
        label=slug.title(),
        economy="NZ",
        organisation_key=NEW[slug].verifying.encode(),
        observer=observer,
        sponsors=sponsors,
    )


def removal(slug: str, by: str = "birch") -> Removal:
    """A removal, on notice given by another."""
    notice = NoticePlace(log=str(log_of(by)), index=7, entry=encode_base64(root_of(slug)))
    return Removal(slug=slug, reason="It wrote two versions of its log.", notice=notice)


def text_of(circle: Circle, size: int = 15, **changes: object) -> str:
    """The text of an amendment."""
    return draft_amendment(circle, held(circle, size), **changes)  # type: ignore[arg-type]


def amended(
    circle: Circle,
    signers: Iterable[str | SigningKey],
    size: int = 15,
    left: Sequence[str] = (),
    **changes: object,
) -> bytes:
    """An amendment of the circle's newest charter, signed by these: by slug with the founders' keys."""
    text = text_of(circle, size, **changes)
    keys = [OLD[signer] if isinstance(signer, str) else signer for signer in signers]
    signatures = [sign_amendment(text, key, circle.charter) for key in keys]
    return sealed_amendment(text, signatures, circle.chain, left).encode()
